"""Lists of cases within a person's reach, and which of them wait for this person: one statement a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from chengxin.accounts.permissions import PROVINCE, Actor, Reach, Target, action, prefix
from chengxin.database import reading
from chengxin.registry.queries import code_of
from chengxin.rulebook.procedures import Procedure, State, Step, procedures

READ = "case.read"
SOON = timedelta(days=7)
"""What is due within it is due soon."""

Period = Literal["", "overdue", "soon", "running"]


@dataclass(frozen=True)
class Wanted:
    """What narrows a list; '' narrows nothing.

    state   of the procedure, if one is wanted; region: beginning of a GB/T 2260 code
    period  overdue, soon (within a week), running (any)
    open    "open" or "closed"; waiting: only cases in which this person can take a step now

    What waits, and what a period is asked of, goes by the last day, everything else by number.
    """

    procedure: str = ""
    state: str = ""
    rule: str = ""
    region: str = ""
    period: Period = ""
    open: str = ""
    waiting: bool = False
    tasks: bool = True
    """Whether tasks of measures are among the cases: they are many, and each belongs to a decision."""

    @property
    def by_day(self) -> bool:
        """Whether the list goes by the last days of periods."""
        return self.waiting or bool(self.period)


@dataclass(frozen=True)
class Line:
    """A case in a list."""

    id: int
    procedure: str
    rule: str
    state: str
    law_day: date
    since: date
    due_on: date | None
    closed_on: date | None
    subject: int | None
    name: str | None
    code: str | None
    region: str | None
    organisation: str | None


def own_organisations(actor: Actor) -> list[int]:
    """The organisations for which the person may read cases that are theirs to act on."""
    granted = action(READ).roles
    return sorted(
        {one.organisation for one in actor.grants if one.role in granted and one.organisation is not None}
    )


def readable(actor: Actor, target: Target) -> bool:
    """Whether the person may see a case: within the reach of the role, or theirs to act on."""
    return actor.may(READ, target) or (
        target.organisation is not None and target.organisation in own_organisations(actor)
    )


# --- how far: conditions over the case `k` ------------------------------------------------------------------

Part = tuple[str, list[Any]]
NOTHING: Part = ("FALSE", [])


def _any(parts: list[Part]) -> Part:
    if not parts:
        return NOTHING
    return f"({' OR '.join(sql for sql, _ in parts)})", [value for _, values in parts for value in values]


def _regions(reach: Reach) -> list[Part]:
    return [
        (
            f"(starts_with(k.region, %s::text){' OR k.region IS NULL' if one == prefix(PROVINCE) else ''})",
            [one],
        )
        for one in reach.regions
    ]


def _within(reach: Reach) -> Part:
    if reach.everything:
        return "TRUE", []
    parts = _regions(reach)
    if reach.organisations:
        parts.append(("k.organisation_id = ANY(%s::bigint[])", [list(reach.organisations)]))
    if reach.subjects:
        parts.append(("k.subject_id = ANY(%s::bigint[])", [list(reach.subjects)]))
    return _any(parts)


def within(actor: Actor) -> Part:
    """SQL over the case `k` for what the person may see, with its values: as `readable` says for one."""
    sql, values = _within(actor.reach(READ))
    own = own_organisations(actor)
    return (f"({sql} OR k.organisation_id = ANY(%s::bigint[]))", [*values, own]) if own else (sql, values)


# --- what waits ---------------------------------------------------------------------------------------------


def rests(state: State) -> bool:
    """Whether nothing is awaited in a state: what was decided is shown and no period runs, or all is over."""
    return state.final or (state.shown and state.due is None)


def awaited(procedure: Procedure, step: Step) -> tuple[str, ...]:
    """The states in which a step is awaited; none where it can also be taken while the case rests."""
    if any(rests(procedure.states[id]) for id in step.from_):
        return ()
    return step.from_


def _steps(actor: Actor) -> Iterator[tuple[Procedure, Step, tuple[str, ...]]]:
    for procedure in procedures().values():
        for step in procedure.steps:
            states = awaited(procedure, step)
            if states and step.permission is not None and actor.may(step.permission):
                yield procedure, step, states


def waiting(actor: Actor, today: date) -> Part:
    """SQL over the case `k` that holds where the person can take an awaited step today, with its values.

    As `rules.possible` says for one case, conditions of the step apart.
    """
    parts: list[Part] = []
    for procedure, step, states in _steps(actor):
        reach, known = _whose(actor, step)
        sql, values = [f"k.procedure = %s::text AND k.state = ANY(%s::text[]) AND {reach}"], [
            procedure.id, list(states), *known,
        ]  # fmt: skip
        if step.after_due:
            sql.append("k.due_on < %s::date")
            values.append(today)
        if step.until_due:
            sql.append("(k.due_on IS NULL OR k.due_on >= %s::date)")
            values.append(today)
        barred = list(step.not_by)
        if step.decides:
            barred.append(procedure.opening.id)
        if barred and actor.user is not None:
            sql.append(
                'NOT EXISTS (SELECT FROM cases_step b WHERE b.case_id = k.id AND b."user" = %s::bigint '
                "AND b.step = ANY(%s::text[]))"
            )
            values += [actor.user, barred]
        if step.once:
            sql.append("NOT EXISTS (SELECT FROM cases_step b WHERE b.case_id = k.id AND b.step = %s::text)")
            values.append(step.id)
        parts.append((f"({' AND '.join(sql)})", values))
    sql_any, all_values = _any(parts)
    return f"(k.closed_on IS NULL AND {sql_any})", all_values


def _whose(actor: Actor, step: Step) -> Part:
    """How far the person's permission for a step goes: only the side on whose behalf it is taken counts."""
    reach = actor.reach(step.permission or READ)
    match step.whose:
        case "subject":
            return _within(Reach(everything=reach.everything, subjects=reach.subjects))
        case "organisation":
            return _within(Reach(everything=reach.everything, organisations=reach.organisations))
        case _:
            return _within(reach)


# --- lists --------------------------------------------------------------------------------------------------

_LINES = f"""
SELECT k.id, k.procedure, k.rule, k.state, k.law_day, k.since, k.due_on, k.closed_on, s.id, s.name,
    CASE WHEN s.id IS NOT NULL THEN {code_of("s")} END, k.region, g.name
FROM cases_case k
LEFT JOIN registry_subject o ON o.id = k.subject_id
LEFT JOIN registry_subject s ON s.id = coalesce(o.merged_into_id, o.id)
LEFT JOIN accounts_organisation g ON g.id = k.organisation_id
WHERE """


_NEVER = "infinity"
_LAST_DAY = f"coalesce(k.due_on, '{_NEVER}'::date)"


def lines(actor: Actor, wanted: Wanted, today: date, after: str | None, most: int) -> list[Line]:
    """Cases that the person may see, newest first, or by the last day (see `Wanted`), those without one last.

    after  the `place` of the last line of the page before; ValueError where it is none
    """
    parts = [within(actor), *_narrowing(wanted, today)]
    if wanted.waiting:
        parts.append(waiting(actor, today))
    if wanted.by_day:
        order = f"{_LAST_DAY}, k.id"
        if after is not None:
            day, _, number = after.partition(".")
            if day != _NEVER:
                date.fromisoformat(day)
            parts.append((f"({_LAST_DAY}, k.id) > (%s::date, %s::bigint)", [day, _number(number)]))
    else:
        order = "k.id DESC"
        if after is not None:
            parts.append(("k.id < %s::bigint", [_number(after)]))
    statement = f"{_LINES}{' AND '.join(sql for sql, _ in parts)} ORDER BY {order} LIMIT %s::bigint"
    values = [value for _, values in parts for value in values]
    return [Line(*row) for row in reading.rows(statement, [*values, most])]


def place(line: Line, wanted: Wanted) -> str:
    """Where the list goes on after a line."""
    return f"{line.due_on or _NEVER}.{line.id}" if wanted.by_day else str(line.id)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError("no place in the list")
    return int(text)


def _narrowing(wanted: Wanted, today: date) -> Iterator[Part]:
    if wanted.procedure:
        yield "k.procedure = %s::text", [wanted.procedure]
    if not wanted.tasks:
        yield "k.procedure <> 'measure'", []
    if wanted.state:
        yield "k.state = %s::text", [wanted.state]
    if wanted.rule:
        yield "k.rule = %s::text", [wanted.rule]
    if wanted.region:
        yield "starts_with(k.region, %s::text)", [wanted.region]
    match wanted.period:
        case "overdue":
            yield "k.due_on < %s::date", [today]
        case "soon":
            yield "k.due_on BETWEEN %s::date AND %s::date", [today, today + SOON]
        case "running":
            yield "k.due_on IS NOT NULL", []
    match wanted.open:
        case "open":
            yield "k.closed_on IS NULL", []
        case "closed":
            yield "k.closed_on IS NOT NULL", []


def first_due(actor: Actor, today: date, most: int) -> list[Line]:
    """The cases that wait for the person, by the last day of their period; those without one last."""
    (reach, known), (mine, values) = within(actor), waiting(actor, today)
    statement = f"{_LINES}{reach} AND {mine} ORDER BY k.due_on NULLS LAST, k.id LIMIT %s::bigint"
    return [Line(*row) for row in reading.rows(statement, [*known, *values, most])]


@dataclass(frozen=True)
class Pressing:
    """How many cases wait for a person: all of them, those overdue, those due within a week."""

    all: int
    overdue: int
    soon: int


def pressing(actor: Actor, today: date) -> Pressing:
    """How many cases wait for the person, and how they press."""
    (reach, known), (mine, values) = within(actor), waiting(actor, today)
    statement = (
        "SELECT count(*), count(*) FILTER (WHERE k.due_on < %s::date), "
        "count(*) FILTER (WHERE k.due_on BETWEEN %s::date AND %s::date) "
        f"FROM cases_case k WHERE {reach} AND {mine}"
    )
    return Pressing(*reading.row(statement, [today, today, today + SOON, *known, *values]) or (0, 0, 0))


def counts(actor: Actor, today: date) -> list[tuple[str, str, int]]:
    """How many cases wait for the person: (procedure, state, number)."""
    (reach, known), (mine, values) = within(actor), waiting(actor, today)
    statement = (
        f"SELECT k.procedure, k.state, count(*) FROM cases_case k WHERE {reach} AND {mine} "
        "GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return [(one, state, number) for one, state, number in reading.rows(statement, [*known, *values])]


def taken(actor: Actor, most: int) -> list[tuple[int, str, str, date]]:
    """The last steps that a person took, the newest first: (case, procedure, step, day)."""
    statement = """
        SELECT t.case_id, k.procedure, t.step, t.day FROM cases_step t JOIN cases_case k ON k.id = t.case_id
        WHERE t."user" = %s::bigint ORDER BY t.id DESC LIMIT %s::bigint"""
    return [] if actor.user is None else list(reading.rows(statement, [actor.user, most]))
