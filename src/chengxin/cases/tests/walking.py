"""Leading a case to any state by lawful steps, for tests that try everything from there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from chengxin.accounts.models import GivenRole, Organisation
from chengxin.accounts.permissions import Actor, Grant, actions
from chengxin.cases import actions as engine
from chengxin.cases import queries
from chengxin.cases.actions import Opening, open_case, take
from chengxin.cases.effects import Made
from chengxin.cases.rules import SYSTEM
from chengxin.rulebook.procedures import Asked, Procedure, Step
from chengxin.testing.signed import actor, person

SELF = ("merchant", "carrier", "courier", "code_holder")
FIRST_DAY = date(2026, 5, 6)
_numbers = count(1)


class _Anything(dict[str, Any]):
    """A register in which everything is found."""

    def __init__(self, found: Any) -> None:
        super().__init__()
        self.found = found

    def __missing__(self, name: str) -> Any:
        return self.found


@contextmanager
def nothing_follows() -> Iterator[None]:
    """Conditions hold, effects do nothing and documents are blank: the engine by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "CONDITIONS", _Anything(lambda case, facts, today: None))
        patch.setattr(engine, "EFFECTS", _Anything(lambda log, turns: None))
        patch.setattr(engine, "DOCUMENTS", _Anything(lambda turn: Made(f"文号{next(_numbers)}", {})))
        yield


def paths(procedure: Procedure) -> Mapping[str, tuple[Step, ...]]:
    """The shortest way to each state."""
    opening = procedure.opening
    found: dict[str, tuple[Step, ...]] = {str(opening.to): (opening,)}
    reached = [str(opening.to)]
    for state in reached:
        for step in procedure.from_state(state):
            if step.to is not None and step.to not in found:
                found[step.to] = (*found[state], step)
                reached.append(step.to)
    return found


def value(asked: Asked, today: date) -> str:
    """Something good to fill in."""
    match asked.type:
        case "date":
            return (today + timedelta(days=30) if asked.id == "show_until" else today).isoformat()
        case "choice":
            return next(iter(asked.choices))
        case "records":
            return "1"
        case "consent":
            return "on"
        case _:
            return f"{asked.zh}：已办理"


def facts(step: Step, today: date) -> dict[str, str]:
    """A step filled in well."""
    return {asked.id: value(asked, today) for asked in step.fields}


@dataclass
class Cast:
    """Who acts: people are made as they are asked for; each has one role, for the case's side."""

    subject: int
    organisation: Organisation
    people: dict[tuple[str, int], Actor] = field(default_factory=dict)

    def someone(self, role: str, number: int = 0) -> Actor:
        """A person with the role; another one for another number."""
        if (role, number) not in self.people:
            self.people[role, number] = self._new(role)
        return self.people[role, number]

    def _new(self, role: str) -> Actor:
        if role == "code_holder":
            return Actor(None, "持查询码人", (Grant("code_holder", subject=self.subject),))
        if role in SELF:
            user = person(role, subject=self.subject)
            if role == "carrier":  # a firm that is a source itself, too
                GivenRole.objects.filter(user=user).update(organisation=self.organisation)
            return actor(user)
        return actor(person(role, organisation=self.organisation))

    def whoever_may(self, step: Step, number: int) -> Actor:
        """Somebody whose role takes the step; the system where none does."""
        if step.permission is None:
            return SYSTEM
        return self.someone(next(iter(actions()[step.permission].roles)), number)

    def opening(self, procedure: Procedure) -> Opening:
        """A new case of the procedure."""
        number = next(_numbers)
        return Opening(
            procedure.id, f"test:{number}", self.subject, FIRST_DAY, rule="test", region="350102",
            organisation=self.organisation.pk, facts=facts(procedure.opening, FIRST_DAY),
        )  # fmt: skip

    def lead(self, procedure: Procedure, way: tuple[Step, ...], **by: Actor) -> tuple[int, date]:
        """Lead a new case along the way, each step by another person; returns it and the day of the last.

        by: who takes a step instead, by its name.
        """
        today = FIRST_DAY
        who = by.get(way[0].id) or self.whoever_may(way[0], 100)
        case = open_case(self.opening(procedure), who, today, by_system=who is SYSTEM)
        for at, step in enumerate(way[1:]):
            due = queries.case(case).due_on  # type: ignore[union-attr]
            if step.after_due and due is not None:
                today = due + timedelta(days=1)
            who = by.get(step.id) or self.whoever_may(step, 101 + at)
            take(case, step.id, who, today, facts(step, today), by_system=who is SYSTEM)
        return case, today
