"""Whether an operator is who the platform says: a report held against what the registers say (plan 4.1).

A platform verifies name, address, contact and licences of its operators, checks them again at least every
six months (电子商务法 art. 27; 网络交易监督管理办法 art. 24) and reports who they are each January and July
(art. 25). Pure: records come in as plain values (`facts`), `today` as an argument; `findings` is the table of
what can be found, `judging` finds it.
"""

from __future__ import annotations

from chengxin.registry.verification.facts import Held, Licence, Listing, Registration, Report
from chengxin.registry.verification.findings import RULES, Effect, Reason, Rule
from chengxin.registry.verification.judging import (
    ENDED,
    RECHECK,
    Outcome,
    State,
    likeness,
    reported_until,
    superseded,
    verify,
)

__all__ = [
    "ENDED",
    "RECHECK",
    "RULES",
    "Effect",
    "Held",
    "Licence",
    "Listing",
    "Outcome",
    "Reason",
    "Registration",
    "Report",
    "Rule",
    "State",
    "likeness",
    "reported_until",
    "superseded",
    "verify",
]
