"""What a case is about, and where it stands, follow from its sealed steps: compared by `ledger verify`."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from psycopg import Cursor

from chengxin.cases.models import ABOUT
from chengxin.ledger.faults import Fault, projection
from chengxin.ledger.projections import projected
from chengxin.rulebook.procedures import procedures

_ABOUT = ", ".join(f"c.{column}" for column in ABOUT)
_WRONG = f"""
    SELECT f.id, f.about, f.day, l.to_state, l.number, l.day, c.state, c.steps, c.opened_on, c.closed_on,
        c.procedure || '.' || l.to_state = ANY(%(final)s), {_ABOUT}
    FROM cases_step f
    LEFT JOIN cases_case c ON c.id = f.case_id
    CROSS JOIN LATERAL (
        SELECT s.to_state, s.number, s.day
        FROM cases_step s WHERE s.case_id = f.case_id ORDER BY s.number DESC LIMIT 1
    ) l
    WHERE f.number = 1 AND f.id >= %(first)s AND f.id < %(end)s
      AND (c.id IS NULL OR c.state <> l.to_state OR c.steps <> l.number OR c.opened_on <> f.day
        OR c.closed_on IS DISTINCT FROM
            CASE WHEN c.procedure || '.' || l.to_state = ANY(%(final)s) THEN l.day END
        OR f.about::jsonb <> jsonb_build_array({_ABOUT}))
    ORDER BY f.id"""


def check_cases(cursor: Cursor[Any], first: int, end: int) -> list[Fault]:
    """Faults in what the cases opened by leaves from `first` to before `end` are about and where they stand.

    Cases opened before openings sealed what they are about are compared in the rest alone.
    """
    final = [
        f"{one.id}.{state.id}"
        for one in procedures().values()
        for state in one.states.values()
        if state.final
    ]
    found: list[Fault] = []
    for id, sealed, opened, state, number, last, *said in cursor.execute(
        _WRONG.encode(), {"first": first, "end": end, "final": final}
    ):
        is_state, is_steps, is_opened, is_closed, ended, *about = said
        due = {
            "state": (is_state, state), "steps": (is_steps, number), "opened_on": (is_opened, opened),
            "closed_on": (is_closed, last if ended else None),
        }  # fmt: skip
        if sealed is not None:
            due |= dict(zip(ABOUT, zip(map(_plain, about), orjson.loads(sealed), strict=True), strict=True))
        found += [
            projection(id, "cases_case", column) for column, (is_, should) in due.items() if is_ != should
        ]
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


projected("cases_case", check_cases)
