"""Entries follow from the sealed steps of their cases: compared by `ledger verify`."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from chengxin.decisions.models import ENDINGS
from chengxin.ledger.faults import Fault, projection
from chengxin.ledger.projections import projected

_CASES = """
    SELECT f.id, p.day, d.day, l.to_state, c.rule, c.subject_id,
        e.case_id IS NOT NULL, e.published_on, e.decided_on, e.ended_by, e.suspended, e.list, e.subject_id
    FROM cases_step f
    JOIN cases_case c ON c.id = f.case_id
    CROSS JOIN LATERAL (
        SELECT s.to_state FROM cases_step s WHERE s.case_id = f.case_id ORDER BY s.number DESC LIMIT 1) l
    LEFT JOIN LATERAL (
        SELECT s.day FROM cases_step s WHERE s.case_id = f.case_id AND s.to_state = 'published'
        ORDER BY s.number LIMIT 1) p ON true
    LEFT JOIN LATERAL (
        SELECT s.day FROM cases_step s WHERE s.case_id = f.case_id AND s.step = 'decide_entry'
        ORDER BY s.number DESC LIMIT 1) d ON true
    LEFT JOIN decisions_entry e ON e.case_id = f.case_id
    WHERE f.number = 1 AND f.id >= %s AND f.id < %s
      AND c.procedure IN ('listing', 'red_listing', 'imported')
    ORDER BY f.id"""


def check_entries(cursor: Cursor[Any], first: int, end: int) -> list[Fault]:
    """Faults in the entries of the cases opened by leaves from `first` to before `end`."""
    found: list[Fault] = []
    for (
        id, published, decided, state, rule, subject,
        stands, published_on, decided_on, ended_by, suspended, list_id, listed,
    ) in cursor.execute(_CASES.encode(), [first, end]):  # fmt: skip
        if stands != (published is not None):
            found.append(projection(id, "decisions_entry", "case_id"))
        if not stands or published is None:
            continue
        should = {
            "published_on": (published_on, published),
            "decided_on": (decided_on, decided or decided_on),
            "ended_by": (ended_by, state if state in ENDINGS else None),
            "suspended": (suspended, state == "suspended" if ended_by is None else suspended),
            "list": (list_id, rule),
            "subject_id": (listed, subject),
        }
        found += [
            projection(id, "decisions_entry", column) for column, (is_, due) in should.items() if is_ != due
        ]
    return found


projected("decisions_entry", check_entries)
