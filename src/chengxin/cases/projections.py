"""Where a case stands follows from its sealed steps: compared by `ledger verify`."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from chengxin.ledger.faults import Fault, projection
from chengxin.ledger.projections import projected

_WRONG = """
    SELECT f.id, c.state, c.steps, l.to_state, l.number
    FROM cases_step f
    LEFT JOIN cases_case c ON c.id = f.case_id
    CROSS JOIN LATERAL (
        SELECT s.to_state, s.number
        FROM cases_step s WHERE s.case_id = f.case_id ORDER BY s.number DESC LIMIT 1
    ) l
    WHERE f.number = 1 AND f.id >= %s AND f.id < %s
      AND (c.id IS NULL OR c.state <> l.to_state OR c.steps <> l.number)
    ORDER BY f.id"""


def check_cases(cursor: Cursor[Any], first: int, end: int) -> list[Fault]:
    """Faults in the state of the cases opened by leaves from `first` to before `end`."""
    found: list[Fault] = []
    for id, state, steps, to_state, number in cursor.execute(_WRONG.encode(), [first, end]):
        if state != to_state:
            found.append(projection(id, "cases_case", "state"))
        if steps != number:
            found.append(projection(id, "cases_case", "steps"))
    return found


projected("cases_case", check_cases)
