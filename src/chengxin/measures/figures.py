"""Reach and effect of joint measures: who was told what, did it in time, and lifted it again.

Whether something was in time is counted from the days of the steps by the official calendar, not from what
was reminded of. A task that was refused and assigned again is accepted in time if it is so after that; one
that waits for the credit office's answer to a refusal is nobody's delay but the office's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median_low

from chengxin.accounts.permissions import Reach
from chengxin.cases.rules import due_of, several
from chengxin.database import reading
from chengxin.kernel.calendar import working_days_between
from chengxin.rulebook.measures import attachable

_BY_DAYS = """
WITH task AS MATERIALIZED (
    SELECT c.id, c.rule, c.organisation_id, c.state,
        c.due_on < %s::date AND c.state IN ('assigned', 'accepted', 'lifting') AS overdue,
        (SELECT min(s.number) FROM cases_step s WHERE s.case_id = c.id AND s.step = 'accept') AS accepted
    FROM cases_case c
    WHERE c.procedure = 'measure' AND (%s::boolean OR c.organisation_id = ANY(%s::bigint[]))
),
days AS MATERIALIZED (
    SELECT t.id,
        max(s.day) FILTER (WHERE s.step IN ('assign', 'insist', 'renew')
            AND (t.accepted IS NULL OR s.number < t.accepted)) AS assigned,
        min(s.day) FILTER (WHERE s.step = 'accept') AS accepted,
        min(s.day) FILTER (WHERE s.step = 'execute') AS executed,
        max(s.day) FILTER (WHERE s.step = 'call_off') AS called,
        max(s.day) FILTER (WHERE s.step = 'confirm_lifted') AS lifted,
        bool_or(s.step = 'refuse') AS refused
    FROM task t JOIN cases_step s ON s.case_id = t.id GROUP BY t.id
)
SELECT t.rule, t.organisation_id, o.name, t.state, coalesce(t.overdue, false), d.assigned, d.accepted,
    d.executed, d.called, d.lifted, d.refused, count(*)
FROM task t JOIN days d ON d.id = t.id JOIN accounts_organisation o ON o.id = t.organisation_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 ORDER BY 1, 2"""
# Entries in force by what decides on their measures, with the measures for which somebody was told.
_TOLD = """
SELECT e.list, e.kind, s.kind,
    (SELECT array_agg(DISTINCT r.role ORDER BY r.role) FROM registry_role r
        WHERE r.subject_id = e.subject_id),
    (SELECT array_agg(DISTINCT c.rule ORDER BY c.rule) FROM cases_case c
        WHERE c.parent_id = e.case_id AND c.procedure = 'measure'),
    (SELECT s.facts::jsonb ->> 'measures' FROM cases_step s
        WHERE s.case_id = e.case_id AND s.step = 'decide_entry' ORDER BY s.number DESC LIMIT 1),
    count(*)
FROM decisions_entry e JOIN registry_subject s ON s.id = e.subject_id
WHERE e.ended_on IS NULL AND NOT e.suspended AND e.kind <> 'attention'
GROUP BY 1, 2, 3, 4, 5, 6"""
_REACH = """
SELECT count(DISTINCT c.subject_id), count(DISTINCT c.organisation_id), count(DISTINCT c.parent_id)
FROM cases_case c WHERE c.procedure = 'measure' AND (%s::boolean OR c.organisation_id = ANY(%s::bigint[]))"""


@dataclass
class Figures:
    """What became of tasks.

    overdue  of those that wait for their actor, by state: how many after the last day
    days     working days from acceptance to execution, with how often each
    """

    assigned: int = 0
    accepted: int = 0
    accepted_in_time: int = 0
    executed: int = 0
    refused: int = 0
    called_off: int = 0
    lifted: int = 0
    lifted_in_time: int = 0
    states: Counter[str] = field(default_factory=Counter)
    overdue_in: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)

    @property
    def overdue(self) -> int:
        """How many wait for their actor after the last day."""
        return self.overdue_in.total()

    @property
    def to_accept(self) -> int:
        """How many should have been accepted by now: those that were, and those whose period is over."""
        return self.accepted + self.overdue_in["assigned"]

    @property
    def to_lift(self) -> int:
        """How many should have been lifted by now: those that were, and those whose period is over."""
        return self.lifted + self.overdue_in["lifting"]

    @property
    def median_days(self) -> int | None:
        """Median working days from acceptance to execution; None where nothing was carried out yet."""
        return median_low(self.days.elements()) if self.days else None

    def add(self, other: Figures) -> None:
        """Add another's numbers to these."""
        for name in (
            "assigned", "accepted", "accepted_in_time", "executed", "refused", "called_off", "lifted",
            "lifted_in_time",
        ):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.states += other.states
        self.overdue_in += other.overdue_in
        self.days += other.days


@dataclass(frozen=True)
class Line:
    """The figures of one measure and one actor."""

    measure: str
    actor: int
    actor_name: str
    figures: Figures


def figures(reach: Reach, today: date) -> list[Line]:
    """Figures of the tasks within reach, by measure and actor."""
    found: dict[tuple[str, int, str], Figures] = {}
    for rule, actor, name, *told, number in reading.rows(
        _BY_DAYS, [today, reach.everything, list(reach.organisations)]
    ):
        one = _figures(_Told(*told), number)
        found.setdefault((rule, actor, name), Figures()).add(one)
    return [Line(*key, one) for key, one in found.items()]


@dataclass(frozen=True)
class _Told:
    """When tasks of a kind took their steps; None: not yet."""

    state: str
    overdue: bool
    assigned: date
    accepted: date | None
    executed: date | None
    called: date | None
    lifted: date | None
    refused: bool


def _figures(told: _Told, number: int) -> Figures:
    one = Figures(assigned=number, states=Counter({told.state: number}))
    if told.overdue:
        one.overdue_in[told.state] = number
    one.refused = number if told.refused else 0
    if told.accepted is not None:
        one.accepted = number
        one.accepted_in_time = number if told.accepted <= due_of("measure.accept", told.assigned).due else 0
    if told.executed is not None and told.accepted is not None:
        one.executed = number
        one.days[working_days_between(told.accepted, told.executed)] += number
    if told.called is not None:
        one.called_off = number
        if told.lifted is not None and told.lifted >= told.called:
            one.lifted = number
            one.lifted_in_time = number if told.lifted <= due_of("measure.lift", told.called).due else 0
    return one


@dataclass(frozen=True)
class Reached:
    """How far measures reach: subjects, actors, decisions that brought tasks."""

    subjects: int
    actors: int
    decisions: int


def reached(reach: Reach) -> Reached:
    """On how many subjects and to how many actors tasks within reach were sent."""
    found = reading.row(_REACH, [reach.everything, list(reach.organisations)])
    return Reached(*(found or (0, 0, 0)))


def total(lines: Iterable[Line]) -> Figures:
    """The figures of all together."""
    found = Figures()
    for one in lines:
        found.add(one.figures)
    return found


def by_measure(lines: Iterable[Line]) -> Mapping[str, Figures]:
    """The figures of each measure, the most often assigned first."""
    found: dict[str, Figures] = {}
    for one in lines:
        found.setdefault(one.measure, Figures()).add(one.figures)
    return dict(sorted(found.items(), key=lambda pair: -pair[1].assigned))


@dataclass(frozen=True)
class _Listed:
    id: str
    kind: str


def nobody_known(today: date) -> Mapping[str, int]:
    """For how many entries in force a measure, ordered ones included, has no actor here, by measure."""
    found: Counter[str] = Counter()
    for list_id, list_kind, kind, roles, told, ordered, number in reading.rows(_TOLD):
        orders = several(ordered or "")
        for one in attachable(_Listed(list_id, list_kind), kind, roles or (), today, ordered=orders):
            if one.id not in (told or ()):
                found[one.id] += number
    return dict(found.most_common())
