"""Tasks for everybody who must act on an entry in a list: sent, called off and renewed with the decision.

All in the transaction of the decision's own step (`decisions.entries`): there is no moment at which an entry
has ended and a measure hasn't been called off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from psycopg import Cursor

from chengxin.cases.actions import Opening, open_many, take_many
from chengxin.cases.effects import Turn
from chengxin.cases.rules import SYSTEM, due_of
from chengxin.decisions.lasting import outlives
from chengxin.decisions.models import Entry
from chengxin.desk.actions import notify
from chengxin.ledger.actions import Appending
from chengxin.measures import subjects
from chengxin.measures.actors import Directory, Organisation, actors
from chengxin.measures.conditions import of_lists, ordered
from chengxin.measures.subjects import Known
from chengxin.rulebook.measures import Measure, attachable, measure
from chengxin.rulebook.procedures import procedure

PROCEDURE = "measure"
AT_ONCE = 20_000
"""Tasks that are opened by one statement."""


@dataclass(frozen=True)
class _Listed:
    """The list of an entry, as the catalogue of measures asks for it."""

    id: str
    kind: str


def on_published(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """Entries are published: a task to each actor for each measure that they bring."""
    if entries:
        assign(log, entries, turns[0].today)


def on_ended(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """Entries have ended: their tasks are ended, too, but for measures whose length the law sets."""
    if entries:
        call_off(log, entries, turns[0].today, turns[0].step.zh)


def on_suspended(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """Entries are suspended: so are the measures, whatever they are."""
    if entries:
        call_off(log, entries, turns[0].today, turns[0].step.zh, outlive=False)


def on_resumed(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """Entries have effect again: tasks not yet lifted go on, the others are sent anew."""
    if not entries:
        return
    today = turns[0].today
    waiting = _open(log, entries)
    with of_lists({one.case_id: one.list for one in entries}):
        renewed = [task.id for task in waiting if task.state == "lifting"]
        if renewed:
            taken = take_many(log, "renew", renewed, SYSTEM, today, by_system=True, skip=True)
            if taken:
                _tell(log, renewed, "恢复执行", "have effect again")
    assign(log, entries, today)


# --- sending ------------------------------------------------------------------------------------------------


def assign(log: Appending, entries: Sequence[Entry], today: date) -> list[int]:
    """Open the tasks that entries bring today, of which none is open; returns the numbers of the tasks."""
    openings = _openings(log, entries, today)
    made: list[int] = []
    with of_lists({one.case_id: one.list for one in entries}):
        for start in range(0, len(openings), AT_ONCE):
            made += open_many(
                log, openings[start : start + AT_ONCE], SYSTEM, today, by_system=True, skip=True
            )
    if made:
        due = due_of(procedure(PROCEDURE).states["assigned"].due or "", today).due
        for organisation, number in _by_organisation(log, made).items():
            notify(
                "measure.act",
                organisation=organisation,
                zh=f"收到{number}项联合奖惩措施，请在{due}前签收",
                en=f"{number} joint measures were assigned to you; accept them by {due}",
                url="/work/measures?state=assigned",
                due=due,
            )
    return made


def _openings(log: Appending, entries: Sequence[Entry], today: date) -> list[Opening]:
    known = subjects.known(log.cursor, [one.subject_id for one in entries])
    ordering = orders(log.cursor, [one.case_id for one in entries])
    everybody = directory(log)
    found = []
    for entry in entries:
        subject = known[entry.subject_id]
        for one in brought(entry.list, entry.kind, subject, today, ordering.get(entry.case_id, ())):
            found += [
                Opening(
                    PROCEDURE,
                    f"measure:{one.id}:{actor}:{entry.case_id}",
                    entry.subject_id,
                    today,
                    rule=one.id,
                    region=subject.region,
                    organisation=actor,
                    parent=entry.case_id,
                )
                for actor in actors(one, subject, everybody)
            ]
    excused = _excused(log, [one.key for one in found])
    return [one for one in found if one.key not in excused]


def brought(
    list_id: str, list_kind: str, subject: Known, today: date, orders: Sequence[str] = ()
) -> tuple[Measure, ...]:
    """The measures that an entry in a list brings for the subject by the law in force today."""
    return attachable(_Listed(list_id, list_kind), subject.kind, subject.roles, today, ordered=orders)


def directory(log: Appending) -> Directory:
    """The organisations of this installation."""
    rows = log.cursor.execute("SELECT id, code, name, role FROM accounts_organisation ORDER BY id").fetchall()
    return Directory.of(Organisation(*row) for row in rows)


def orders(cursor: Cursor[Any], cases: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    """The measures that decisions themselves order, by case."""
    rows = cursor.execute(
        "SELECT case_id, facts FROM cases_step WHERE case_id = ANY(%s::bigint[]) AND step = 'decide_entry'",
        [list(cases)],
    ).fetchall()
    return {case: named for case, facts in rows if (named := ordered(orjson.loads(facts)))}


def _excused(log: Appending, keys: Sequence[str]) -> set[str]:
    """Of these tasks, those from which the actor was excused before."""
    rows = log.cursor.execute(
        "SELECT key FROM cases_case WHERE procedure = %s AND parent_id = ANY(%s) AND state = 'excused'",
        [PROCEDURE, sorted({int(key.rpartition(":")[2]) for key in keys})],
    ).fetchall()
    return {key for (key,) in rows}


def _by_organisation(log: Appending, tasks: Sequence[int]) -> Mapping[int, int]:
    rows = log.cursor.execute(
        "SELECT organisation_id, count(*) FROM cases_case WHERE id = ANY(%s) GROUP BY 1 ORDER BY 1",
        [list(tasks)],
    ).fetchall()
    return {organisation: number for organisation, number in rows if organisation is not None}


# --- calling off --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Task:
    """A task that isn't closed."""

    id: int
    state: str
    rule: str
    parent: int


def call_off(
    log: Appending, entries: Sequence[Entry], today: date, reason: str, *, outlive: bool = True
) -> None:
    """Cancel the tasks of entries that nobody has accepted, call off the others.

    outlive  whether a measure whose length the law sets stays when the entry ends early
    """
    by_case = {one.case_id: one for one in entries}
    ending = [
        task for task in _open(log, entries) if not (outlive and _stays(task, by_case[task.parent], today))
    ]
    end_tasks(log, [(one.id, one.state) for one in ending], today, reason)


def end_tasks(log: Appending, tasks: Iterable[tuple[int, str]], today: date, reason: str) -> None:
    """End tasks (number, state): what was never accepted is void, what was is to be lifted and confirmed."""
    steps: dict[str, list[int]] = {"cancel": [], "call_off": []}
    for id, state in tasks:
        if state in ("assigned", "refused"):
            steps["cancel"].append(id)
        elif state in ("accepted", "executed"):
            steps["call_off"].append(id)
    for step, ids in steps.items():
        if ids:
            take_many(log, step, ids, SYSTEM, today, facts={"reason": reason}, by_system=True)


def _stays(task: _Task, entry: Entry, today: date) -> bool:
    return outlives(measure(task.rule), entry.published_on, entry.ended_by, today)


def _open(log: Appending, entries: Sequence[Entry]) -> list[_Task]:
    rows = log.cursor.execute(
        "SELECT id, state, rule, parent_id FROM cases_case "
        "WHERE parent_id = ANY(%s) AND procedure = %s AND closed_on IS NULL ORDER BY id",
        [[one.case_id for one in entries], PROCEDURE],
    ).fetchall()
    return [_Task(*row) for row in rows]


def _tell(log: Appending, tasks: Sequence[int], zh: str, en: str) -> None:
    for organisation, number in _by_organisation(log, tasks).items():
        notify(
            "measure.act",
            organisation=organisation,
            zh=f"{number}项联合奖惩措施{zh}",
            en=f"{number} joint measures {en}",
            url="/work/measures",
        )


def told_by_organisation(turns: Sequence[Turn]) -> Counter[int]:
    """How many of the tasks that took a step together are whose."""
    return Counter(turn.case.organisation_id for turn in turns if turn.case.organisation_id is not None)
