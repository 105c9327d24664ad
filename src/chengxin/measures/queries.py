"""Tasks of joint measures as pages list them, and the figures of reach and effect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from chengxin.accounts.permissions import Actor, Reach
from chengxin.database import reading
from chengxin.registry.queries import code_of


@dataclass(frozen=True)
class Wanted:
    """Which tasks are asked for; empty: all. `actor`: part of the name of whoever carries them out."""

    state: str = ""
    measure: str = ""
    list: str = ""
    actor: str = ""
    subject: str = ""
    overdue: bool = False


@dataclass(frozen=True)
class Listed:
    """A task in a list. `entry`: the case of the entry that it follows from, in `list`."""

    id: int
    measure: str
    state: str
    assigned_on: date
    due_on: date | None
    actor: int
    actor_name: str
    subject: int
    name: str
    code: str
    list: str
    entry: int
    kind: str


_TASKS = f"""
SELECT c.id, c.rule, c.state, c.opened_on, c.due_on, o.id, o.name, s.id, s.name, {code_of("s")},
    e.list, e.case_id, e.kind
FROM cases_case c
JOIN decisions_entry e ON e.case_id = c.parent_id
JOIN accounts_organisation o ON o.id = c.organisation_id
JOIN registry_subject f ON f.id = c.subject_id
JOIN registry_subject s ON s.id = coalesce(f.merged_into_id, f.id)
WHERE c.procedure = 'measure'"""
_LIST = f"""{_TASKS} AND c.id < %s::bigint
    AND (%s::boolean OR c.organisation_id = ANY(%s::bigint[]))
    AND (%s::text = '' OR c.state = %s::text)
    AND (%s::text = '' OR c.rule = %s::text)
    AND (%s::text = '' OR e.list = %s::text)
    AND (%s::text = '' OR strpos(o.name, %s::text) > 0)
    AND (%s::text = '' OR strpos(s.name, %s::text) > 0)
    AND (NOT %s::boolean OR c.due_on < %s::date)
ORDER BY c.id DESC LIMIT %s::int"""
_FIRST = f"""{_TASKS} AND c.due_on IS NOT NULL
    AND (%s::boolean OR c.organisation_id = ANY(%s::bigint[]))
ORDER BY c.due_on, c.id LIMIT %s::int"""
_WAITS = f"""{_TASKS} AND c.due_on IS NOT NULL AND (
    (c.state IN ('assigned', 'accepted', 'lifting') AND c.organisation_id = ANY(%s::bigint[]))
    OR (c.state = 'refused' AND %s::boolean))
ORDER BY c.due_on, c.id LIMIT %s::int"""
_LAST = 2**63 - 1


def listed(
    reach: Reach, wanted: Wanted, today: date, *, before: int | None = None, limit: int = 50
) -> list[Listed]:
    """Tasks within reach of `measure.read`, the newest first; `before`: only those numbered below."""
    twice = (wanted.state, wanted.measure, wanted.list, wanted.actor, wanted.subject)
    rows = reading.rows(
        _LIST,
        [
            _LAST if before is None else before,
            reach.everything,
            list(reach.organisations),
            *(each for one in twice for each in (one, one)),
            wanted.overdue,
            today,
            limit,
        ],
    )
    return [Listed(*row) for row in rows]


def first_due(reach: Reach, most: int) -> list[Listed]:
    """The tasks within reach whose period ends first; none without a period."""
    return [Listed(*row) for row in reading.rows(_FIRST, [reach.everything, list(reach.organisations), most])]


def waits(actor: Actor, most: int) -> list[Listed]:
    """The tasks that this person can go on with, the one whose period ends first at the head.

    Those of the own organisation that are to be accepted, carried out or lifted; for whoever oversees them
    also refusals that wait for an answer.
    """
    own = list(actor.reach("measure.act").organisations) if actor.may("measure.act") else []
    return [Listed(*row) for row in reading.rows(_WAITS, [own, actor.may("measure.oversee"), most])]


def waiting(organisations: Iterable[int]) -> dict[str, int]:
    """How many tasks of organisations wait to be accepted, by measure."""
    rows = reading.rows(
        "SELECT rule, count(*) FROM cases_case WHERE procedure = 'measure' AND state = 'assigned' "
        "AND organisation_id = ANY(%s::bigint[]) GROUP BY 1 ORDER BY 1",
        [list(organisations)],
    )
    return {str(rule): int(number) for rule, number in rows}


def states(reach: Reach, today: date) -> tuple[dict[str, int], int]:
    """How many tasks within reach are in which state, and how many are overdue."""
    rows = reading.rows(
        "SELECT state, count(*), count(*) FILTER (WHERE due_on < %s::date) FROM cases_case "
        "WHERE procedure = 'measure' AND (%s::boolean OR organisation_id = ANY(%s::bigint[])) GROUP BY 1",
        [today, reach.everything, list(reach.organisations)],
    )
    return {str(state): int(number) for state, number, _ in rows}, sum(int(late) for *_, late in rows)
