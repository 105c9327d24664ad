"""Whether an operator is who the platform says: a report held against what the registers say (plan 4.1).

A platform verifies name, address, contact and licences of its operators, checks them again at least every
six months (电子商务法 art. 27; 网络交易监督管理办法 art. 24) and reports who they are each January and July
(art. 25). Pure: records come in as plain values, `today` as an argument.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from chengxin.kernel.calendar import count, is_working_day
from chengxin.kernel.identifiers import mask
from chengxin.registry.names import normalise_name
from chengxin.rulebook.deadlines import deadline
from chengxin.rulebook.likeness import dice

State = Literal["unverified", "verified", "mismatch", "lapsed"]
Effect = Literal["mismatch", "lapsed", "unverified", "note"]

RECHECK = "platform.recheck"
"""The period of rulebook/data/deadlines.csv within which an operator is checked again."""
