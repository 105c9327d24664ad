"""Where a lead stands follows from its sealed acts: compared by `ledger verify`."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from chengxin.ledger.faults import Fault, projection
from chengxin.ledger.projections import projected

_WRONG = """
SELECT a.id, l.id IS NULL OR l.state <> a.to_state, l.id IS NULL OR l.acts <> a.number
FROM triage_act a LEFT JOIN triage_lead l ON l.id = a.lead_id
WHERE a.id >= %(first)s AND a.id < %(end)s
    AND NOT EXISTS (SELECT FROM triage_act later WHERE later.lead_id = a.lead_id AND later.number > a.number)
    AND (l.id IS NULL OR l.state <> a.to_state OR l.acts <> a.number)
ORDER BY a.id"""


def check_leads(cursor: Cursor[Any], first: int, end: int) -> list[Fault]:
    """Faults in where leads stand whose last act is a leaf from `first` to before `end`."""
    found: list[Fault] = []
    for leaf, state, acts in cursor.execute(_WRONG, {"first": first, "end": end}):
        found += [
            projection(leaf, "triage_lead", name) for name, bad in (("state", state), ("acts", acts)) if bad
        ]
    return found


projected("triage_lead", check_leads)
