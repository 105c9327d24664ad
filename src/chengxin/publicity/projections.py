"""What the public was shown follows from sealed events and steps: compared by `ledger verify`."""

from __future__ import annotations

from typing import Any

import orjson
from psycopg import Cursor

from chengxin.ledger.faults import Fault, projection
from chengxin.ledger.projections import projected
from chengxin.publicity.changes import EVENTS

_EVENTS = """
    SELECT e.id, e.kind, e.body,
        ARRAY(SELECT c.case_id || ' ' || c.place || ' ' || c.what || ' ' || c.day FROM publicity_change c
            WHERE c.leaf = e.id ORDER BY 1)
    FROM ledger_event e WHERE e.id >= %s AND e.id < %s AND e.kind = ANY(%s) ORDER BY e.id"""
_INVENTED = """
    SELECT DISTINCT c.leaf FROM publicity_change c
    LEFT JOIN ledger_event e ON e.id = c.leaf AND e.kind = ANY(%s)
    WHERE c.leaf >= %s AND c.leaf < %s AND e.id IS NULL ORDER BY 1"""
_NOTICES = """
    SELECT f.id, k.state, p.day, d.facts, n.case_id IS NOT NULL, n.kind, k.rule, n.title, n.body, n.show_from,
        n.show_until::text, n.ended_on IS NOT NULL
    FROM cases_step f JOIN cases_case k ON k.id = f.case_id
    LEFT JOIN LATERAL (SELECT s.day, s.number FROM cases_step s WHERE s.case_id = f.case_id
        AND s.to_state = 'published' ORDER BY s.number LIMIT 1) p ON true
    LEFT JOIN LATERAL (SELECT s.facts FROM cases_step s WHERE s.case_id = f.case_id
        AND s.step IN ('draft', 'redraft') AND s.number < p.number ORDER BY s.number DESC LIMIT 1) d ON true
    LEFT JOIN publicity_notice n ON n.case_id = f.case_id
    WHERE f.number = 1 AND f.id >= %s AND f.id < %s AND k.procedure = 'notice' ORDER BY f.id"""


def check_changes(cursor: Cursor[Any], first: int, end: int) -> list[Fault]:
    """Faults in what was told of the events from `first` to before `end`."""
    what = {kind: name for name, kind in EVENTS.items()}
    rows = cursor.execute(_EVENTS.encode(), [first, end, list(what)]).fetchall()
    found = []
    for id, kind, body, told in rows:
        said = orjson.loads(body)
        due = sorted(
            f"{case} {place} {what[kind]} {said['on']}"
            for place, cases in said["places"].items()
            for case in cases
        )
        if sorted(told) != due:
            found.append(projection(id, "publicity_change", "case_id"))
    rows = cursor.execute(_INVENTED.encode(), [list(what), first, end]).fetchall()
    return found + [projection(leaf, "publicity_change", "leaf") for (leaf,) in rows]


def check_notices(cursor: Cursor[Any], first: int, end: int) -> list[Fault]:
    """Faults in the notices of cases opened by leaves from `first` to before `end`."""
    found: list[Fault] = []
    for (
        id, state, signed, facts, there, kind, rule, title, body, since, until, ended,
    ) in cursor.execute(_NOTICES.encode(), [first, end]):  # fmt: skip
        if there != (signed is not None):
            found.append(projection(id, "publicity_notice", "case_id"))
        if not there or signed is None:
            continue
        draft = orjson.loads(facts or "{}")
        should = {
            "kind": (kind, rule),
            "title": (title, draft.get("title")),
            "body": (body, draft.get("body")),
            "show_from": (since, signed),
            "show_until": (until, draft.get("show_until")),
            "ended_on": (ended, state != "published"),
        }
        found += [
            projection(id, "publicity_notice", name) for name, (is_, due) in should.items() if is_ != due
        ]
    return found


projected("publicity_change", check_changes)
projected("publicity_notice", check_notices)
