"""Reach and effect of joint measures: who was told what, did it in time, and lifted it again.

Whether something was in time is counted from the days of the steps by the official calendar, not from what
was reminded of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median_low

from chengxin.accounts.permissions import Reach
from chengxin.cases.rules import due_of
from chengxin.database import reading
from chengxin.kernel.calendar import working_days_between
from chengxin.rulebook.measures import attachable, measure

_BY_DAYS = """
WITH task AS MATERIALIZED (
    SELECT c.id, c.rule, c.organisation_id, c.state, c.due_on < %s::date AS overdue
    FROM cases_case c
    WHERE c.procedure = 'measure' AND (%s::boolean OR c.organisation_id = ANY(%s::bigint[]))
),
days AS MATERIALIZED (
    SELECT t.id,
        min(s.day) FILTER (WHERE s.step = 'assign') AS assigned,
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
    count(*)
FROM decisions_entry e JOIN registry_subject s ON s.id = e.subject_id
WHERE e.ended_on IS NULL AND NOT e.suspended AND e.kind <> 'attention'
GROUP BY 1, 2, 3, 4, 5"""


@dataclass
class Figures:
    """What became of tasks. `days`: working days from acceptance to execution, with how often each."""

    assigned: int = 0
    accepted: int = 0
    accepted_in_time: int = 0
    executed: int = 0
    refused: int = 0
    overdue: int = 0
    called_off: int = 0
    lifted: int = 0
    lifted_in_time: int = 0
    states: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)

    @property
    def median_days(self) -> int | None:
        """Median working days from acceptance to execution; None where nothing was carried out yet."""
        return median_low(self.days.elements()) if self.days else None

    def add(self, other: Figures) -> None:
        """Add another's numbers to these."""
        for name in (
            "assigned", "accepted", "accepted_in_time", "executed", "refused", "overdue", "called_off",
            "lifted", "lifted_in_time",
        ):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.states += other.states
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
    one.overdue = number if told.overdue else 0
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
    """For how many entries in force a measure has no actor in this installation, by measure."""
    found: Counter[str] = Counter()
    for list_id, list_kind, kind, roles, told, number in reading.rows(_TOLD):
        for one in attachable(_Listed(list_id, list_kind), kind, roles or (), today):
            if one.id not in (told or ()):
                found[one.id] += number
    return dict(found.most_common())


def measure_names(ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Names of measures, by id."""
    return {id: (measure(id).name_zh, measure(id).name_en) for id in ids}
