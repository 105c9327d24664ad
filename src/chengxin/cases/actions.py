"""Opening cases and taking their steps: one transaction, one turn at the ledger; whoever is second is told.

Everything that changes a case goes through `take_many`: it looks at the cases as they stand, asks the rules,
seals the steps, brings the cases in line, makes the documents and lets the effects happen: all or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import orjson
from django.utils import timezone
from psycopg.errors import UniqueViolation

from chengxin.accounts.permissions import Actor, Forbidden, Target, permitting
from chengxin.cases import rules
from chengxin.cases.effects import CONDITIONS, DOCUMENTS, EFFECTS, PERIODS, Turn
from chengxin.cases.models import DOCUMENT, STEP, Case, about
from chengxin.cases.queries import COLUMNS, situations, stored
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import Appending, appending
from chengxin.rulebook.procedures import Procedure, Step, procedure


class NotTaken(ValueError):
    """A step that can't be taken; `problems` say why, and nothing was changed."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("；".join(f"{one.zh} / {one.en}" for one in problems))
        self.problems = problems


class Overtaken(NotTaken):
    """Somebody else took a step of the case meanwhile."""


Running = tuple[str | None, date | None]
"""The period that begins with a step (its id) and its last day; nothing where none does."""


@dataclass(frozen=True)
class Opening:
    """What a case is opened with; see `models.Case`. `records`: those on which it rests."""

    procedure: str
    key: str
    subject: int | None
    law_day: date
    rule: str = ""
    region: str | None = None
    organisation: int | None = None
    parent: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    records: tuple[int, ...] = ()


def open_case(opening: Opening, actor: Actor, today: date, *, by_system: bool = False) -> int:
    """Open a case by a person (or the system); returns its number. NotTaken says what keeps it from being."""
    with appending() as log:
        return open_many(log, [opening], actor, today, by_system=by_system)[0]


def open_many(
    log: Appending,
    openings: Sequence[Opening],
    actor: Actor,
    today: date,
    *,
    by_system: bool = False,
    skip: bool = False,
) -> list[int]:
    """Open cases of one procedure in the caller's turn at the ledger; returns their numbers.

    skip: those that can't be opened (one on the same matter is open, a condition fails) are left out instead
    of stopping all.
    """
    if not openings:
        return []
    declared = procedure(openings[0].procedure)
    step = declared.opening
    taken = _open_keys(log, declared, openings)
    ready: list[tuple[Opening, Case, dict[str, str]]] = []
    for one in openings:
        try:
            case = _new(one, declared, step, today)
            if one.key in taken:
                raise NotTaken(_open_already())
            ready.append((one, case, _asked(step, case, one, actor, today, by_system=by_system)))
            taken.add(one.key)
        except NotTaken:
            if not skip:
                raise
    now = timezone.now()
    turns = [
        Turn(case, declared, step, 1, facts, actor, today, log.next_leaf + at)
        for at, (_, case, facts) in enumerate(ready)
    ]
    for turn in turns:
        turn.case.id = turn.leaf
    try:
        _write_cases(log, turns)
    except UniqueViolation:
        raise NotTaken(_open_already()) from None
    _write_steps(log, turns, now)
    with log.cursor.copy("COPY cases_cited (case_id, record) FROM STDIN") as copy:
        for turn, (one, _, facts) in zip(turns, ready, strict=True):
            for record in dict.fromkeys([*one.records, *rules.numbers(facts.get("records", ""))]):
                copy.write_row((turn.case.id, record))
    _follow(log, turns, step)
    return [turn.case.id for turn in turns]


def take(
    case: int,
    step: str,
    actor: Actor,
    today: date,
    facts: Mapping[str, str] | None = None,
    *,
    seen: int | None = None,
    by_system: bool = False,
) -> int:
    """Take a step of a case; returns the number of the step in the ledger.

    seen: how many steps the person saw; Overtaken when another was taken since. NotTaken: what keeps it from
    being taken, or what is wrong with the facts. Forbidden: the person's role doesn't do this.
    """
    with appending() as log:
        return take_many(log, step, [case], actor, today, facts=facts, seen=seen, by_system=by_system)[0]


def take_many(
    log: Appending,
    step_id: str,
    cases: Sequence[int],
    actor: Actor,
    today: date,
    *,
    facts: Mapping[str, str] | None = None,
    seen: int | None = None,
    by_system: bool = False,
    skip: bool = False,
) -> list[int]:
    """Let cases of one procedure take the same step in the caller's turn at the ledger, with the same facts.

    Returns the leaf numbers. skip: cases that can't take it are left out instead of stopping all.
    """
    asked = dict.fromkeys(cases, (actor, facts or {}))
    return take_each(log, step_id, asked, today, seen=seen, by_system=by_system, skip=skip)


def take_each(
    log: Appending,
    step_id: str,
    asked: Mapping[int, tuple[Actor, Mapping[str, str]]],
    today: date,
    *,
    seen: int | None = None,
    by_system: bool = False,
    skip: bool = False,
) -> list[int]:
    """The same where each case has its own person and facts: case → who takes the step, what is filled in."""
    found = stored(log, asked)
    if len(found) < len(asked):
        raise NotTaken(_unknown(sorted(set(asked) - {one.id for one in found})))
    if not found:
        return []
    declared = procedure(found[0].procedure)
    step = declared.step(step_id)
    known = situations(log, found)
    turns: list[Turn] = []
    periods: list[Running] = []
    for case in found:
        situation, (actor, facts) = known[case.id], asked[case.id]
        try:
            if case.procedure != declared.id:
                raise ValueError("cases of one procedure at a time")
            if seen is not None and seen != case.steps:
                raise Overtaken(_overtaken(declared, situation))
            if problem := rules.obstacle(declared, step, situation, actor, today, by_system=by_system):
                _refuse(problem)
            kept, wrong = rules.filled(step, facts, situation, today)
            wrong += _unmet(step, case, kept, today)
            if wrong:
                raise NotTaken(*wrong)
            periods.append(
                (case.due, case.due_on) if step.to is None else _period(declared, step, case, kept, today)
            )
            leaf = log.next_leaf + len(turns)
            turns.append(Turn(case, declared, step, case.steps + 1, kept, actor, today, leaf))
        except NotTaken:
            if not skip:
                raise
    _write_steps(log, turns, timezone.now())
    _move(log, turns, periods)
    _follow(log, turns, step)
    return [turn.leaf for turn in turns]


# --- before -------------------------------------------------------------------------------------------------


def _new(one: Opening, declared: Procedure, step: Step, today: date) -> Case:
    state = declared.states[step.to or ""]
    case = Case(
        procedure=one.procedure, rule=one.rule, key=one.key, subject_id=one.subject, region=one.region,
        organisation_id=one.organisation, parent_id=one.parent, law_day=one.law_day, state=state.id, steps=1,
        opened_on=today, since=today,
    )  # fmt: skip
    case.due, case.due_on = _period(declared, step, case, one.facts, today)
    return case


def _asked(
    step: Step, case: Case, one: Opening, actor: Actor, today: date, *, by_system: bool
) -> dict[str, str]:
    situation = rules.Situation(
        None, Target(region=one.region, organisation=one.organisation, subject=one.subject)
    )
    declared = procedure(case.procedure)
    if problem := rules.obstacle(declared, step, situation, actor, today, by_system=by_system):
        _refuse(problem)
    facts = dict(one.facts)
    if one.records and any(asked.id == "records" for asked in (*step.fields, *step.optional)):
        facts.setdefault("records", " ".join(map(str, one.records)))
    kept, wrong = rules.filled(step, facts, situation, today)
    wrong += _unmet(step, case, kept, today)
    if wrong:
        raise NotTaken(*wrong)
    return kept


def _refuse(problem: Problem) -> None:
    if problem.rule.startswith("permission:"):
        raise Forbidden(problem)
    raise NotTaken(problem)


def _unmet(step: Step, case: Case, facts: Mapping[str, str], today: date) -> list[Problem]:
    """The conditions of the step that don't hold."""
    found = (CONDITIONS[name](case, facts, today) for name in step.conditions)
    return [one for one in found if one is not None]


def _open_keys(log: Appending, declared: Procedure, openings: Iterable[Opening]) -> set[str]:
    rows = log.cursor.execute(
        "SELECT key FROM cases_case WHERE procedure = %s AND key = ANY(%s) AND closed_on IS NULL",
        [declared.id, [one.key for one in openings]],
    ).fetchall()
    return {key for (key,) in rows}


def _open_already() -> Problem:
    return Problem(
        "", None, "case_once",
        "同一事项已有办理中的案件", "a case on the same matter is open",
        "请在该案件中办理", "go on in that case",
    )  # fmt: skip


def _unknown(missing: Sequence[int]) -> Problem:
    named = "、".join(map(str, missing[:5]))
    return Problem(
        "case", named, "case_known",
        f"没有编号为{named}的事项", f"there is no case {named}",
        "请核对编号", "check the number",
    )  # fmt: skip


def _overtaken(declared: Procedure, situation: rules.Situation) -> Problem:
    last = declared.step(situation.taken[-1].step)
    return Problem(
        "", None, "case_overtaken",
        f"他人刚刚已办理“{last.zh}”，您看到的已不是最新情况",
        f"somebody else has just done '{last.en}'; what you saw is no longer how it stands",
        "请查看最新情况后再办理", "look at the case again, then decide",
    )  # fmt: skip


# --- writing ------------------------------------------------------------------------------------------------


def _period(declared: Procedure, step: Step, case: Case, facts: Mapping[str, str], today: date) -> Running:
    """The period that begins with the step and its last day, by the law of its first day.

    NotTaken where no law of that day is known: nothing is begun of which nobody can say how long it runs.
    """
    state = declared.states[step.to or case.state]
    if state.due is None:
        return None, None
    start = date.fromisoformat(facts[state.due_from]) if state.due_from else today
    due = PERIODS[state.due](case) if state.due in PERIODS else state.due
    try:
        return due, rules.due_of(due, start).due
    except LookupError as unknown:
        zh, _, en = str(unknown).partition(" / ")
        raise NotTaken(
            Problem(
                "day", start.isoformat(), "case_period", zh, en,
                f"“{state.zh}”的期限无法计算，请核对日期；规定施行以前的事项不在本程序办理",
                f"the period of '{state.en}' can't be counted: check the day; what lies before it isn't "
                "dealt with here",
            )
        ) from unknown  # fmt: skip


def _role(turn: Turn) -> str:
    if turn.actor is rules.SYSTEM:
        return "system"
    if turn.actor.console:
        return "console"
    case, permission = turn.case, turn.step.permission
    if permission is None:
        return "system"
    target = Target(region=case.region, organisation=case.organisation_id, subject=case.subject_id)
    grant = permitting(turn.actor.grants, permission, target)
    return grant.role if grant else "system"


def _write_steps(log: Appending, turns: Sequence[Turn], now: datetime) -> None:
    if turns:
        log.keep(
            STEP,
            [
                (
                    turn.case.id, turn.number, turn.step.id, "" if turn.number == 1 else turn.case.state,
                    turn.step.to or turn.case.state, now, turn.today, turn.actor.user, turn.actor.name,
                    _role(turn), turn.step.decides, about(turn.case) if turn.number == 1 else None,
                    orjson.dumps(dict(turn.facts), option=orjson.OPT_SORT_KEYS).decode(),
                )
                for turn in turns
            ],
        )  # fmt: skip


def _write_cases(log: Appending, turns: Sequence[Turn]) -> None:
    with log.cursor.copy(f"COPY cases_case ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for turn in turns:
            copy.write_row([getattr(turn.case, column) for column in COLUMNS])


_MOVE = """
    UPDATE cases_case c SET state = n.state, since = n.since, due = n.due, due_on = n.due_on,
        closed_on = n.closed_on, steps = c.steps + 1
    FROM unnest(%s::text[], %s::date[], %s::text[], %s::date[], %s::date[], %s::bigint[])
        n(state, since, due, due_on, closed_on, id)
    WHERE c.id = n.id"""


def _move(log: Appending, turns: Sequence[Turn], periods: Sequence[Running]) -> None:
    """Bring the cases in line with the step; one that stays in its state keeps its period."""
    rows: list[tuple[object, ...]] = []
    for turn, (due, due_on) in zip(turns, periods, strict=True):
        case, step = turn.case, turn.step
        if step.to is None:
            rows.append((case.state, case.since, due, due_on, None, case.id))
        else:
            final = turn.procedure.states[step.to].final
            rows.append((step.to, turn.today, due, due_on, turn.today if final else None, case.id))
    if rows:
        log.cursor.execute(_MOVE.encode(), [list(column) for column in zip(*rows, strict=True)])


def _follow(log: Appending, turns: Sequence[Turn], step: Step) -> None:
    """The documents of the step, then its effect."""
    made = [(turn, kind, DOCUMENTS[kind](turn)) for turn in turns for kind in step.documents]
    if made:
        log.keep(
            DOCUMENT,
            [
                (turn.case.id, turn.number, kind, one.number, turn.today, orjson.dumps(one.body).decode())
                for turn, kind, one in made
            ],
        )
    if step.effect and turns:
        EFFECTS[step.effect](log, turns)
