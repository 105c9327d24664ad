"""Every role, every step, every state: allowed where the declaration says so, refused everywhere else."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from chengxin.accounts import permissions
from chengxin.accounts.actions import note_organisation
from chengxin.accounts.permissions import Actor, Forbidden, roles
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.cases import queries
from chengxin.cases.actions import NotTaken, take_many
from chengxin.cases.rules import SYSTEM
from chengxin.cases.tests.walking import Cast, facts, nothing_follows, paths
from chengxin.ledger.actions import appending
from chengxin.rulebook import procedures
from chengxin.rulebook.procedures import FOLDER, Procedure, Step, procedure

PROCEDURES = tuple(procedures.procedures())


def declared(id: str) -> list[dict[str, Any]]:
    """The steps as the file has them, read past the loader."""
    return list(tomllib.loads((FOLDER / f"{id}.toml").read_text(encoding="utf-8"))["step"])


@cache
def roles_of(permission: str | None) -> set[str]:
    """The roles as the file has them, read past the loader."""
    path = Path(permissions.__file__).parent / "permissions.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return set(table["actions"][permission]["roles"]) if permission else set()


@pytest.fixture(scope="module")
def cast(one_database: str) -> Cast:
    """People of one organisation, and of one subject in Fuzhou."""
    bureau = note_organisation(code=None, name="福州市市场监督管理局", role="department", confirmed=True)
    with appending() as log:
        subject = Kept(log).subject("福州刷量电子商务有限公司", new_uscc())
    return Cast(subject, bureau)


def outcome(case: int, step: str, who: Actor, today: date, given: dict[str, str]) -> str:
    """What comes of trying; nothing of it stays."""
    (found,) = outcomes(case, [(step, who, today, given)])
    return found


Try = tuple[str, Actor, date, dict[str, str]]


def outcomes(case: int, tries: Sequence[Try]) -> list[str]:
    """What comes of trying one thing after the other; nothing of it stays.

    Many that are refused share a turn at the ledger, which one that is taken ends and undoes.
    """
    found: list[str] = []
    while len(found) < len(tries):
        with transaction.atomic(), suppress(Undone), appending() as log:
            for step, who, today, given in tries[len(found) :]:
                try:
                    take_many(log, step, [case], who, today, facts=given, by_system=who is SYSTEM)
                except Forbidden:
                    found.append("forbidden")
                except NotTaken as refused:
                    found.append(refused.problems[0].rule)
                else:
                    found.append("taken")
                    raise Undone
    return found


class Undone(Exception):
    """A step was taken and is not to stay."""


def expected(step: dict[str, Any], state: str, role: str) -> str:
    """What the declaration says."""
    if state not in step.get("from", []):
        return "case_state"
    if role == "system":
        return "taken" if step.get("system") else "case_person"
    if step.get("permission") is None:
        return "case_system"
    return "taken" if role in roles_of(step["permission"]) else "forbidden"


@pytest.mark.obligation("16.1a")
@pytest.mark.parametrize("id", PROCEDURES)
def test_each_role_takes_in_each_state_the_steps_declared_for_it_and_no_other(cast: Cast, id: str) -> None:
    found, steps, wrong = procedure(id), declared(id), []
    with nothing_follows():
        for state, way in paths(found).items():
            case, today = cast.lead(found, way)
            due = queries.case(case).due_on  # type: ignore[union-attr]
            tries: list[Try] = []
            meant: list[tuple[str, str, str]] = []
            for role, step in product([*roles(), "system"], steps):
                who = SYSTEM if role == "system" else cast.someone(role)
                day = due + timedelta(days=1) if step.get("after_due") and due else today
                tries.append((step["id"], who, day, facts(found.step(step["id"]), day)))
                meant.append((role, step["id"], expected(step, state, role)))
            for (role, step_id, due_outcome), got in zip(meant, outcomes(case, tries), strict=True):
                if got != due_outcome:
                    wrong.append(f"{state} {role} {step_id}: {got}, not {due_outcome}")
    assert wrong == []


APART = [
    (found.id, step.id, other)
    for found in procedures.procedures().values()
    for step in found.steps
    for other in dict.fromkeys([*step.not_by, *([found.opening.id] if step.decides else [])])
    if step.permission and found.step(other).permission
]
"""A step, and one that another person must have taken."""


@pytest.mark.obligation("16.1a")
@pytest.mark.parametrize(("id", "later", "earlier"), APART)
def test_whoever_took_a_step_is_barred_from_those_that_must_be_anothers(
    cast: Cast, id: str, later: str, earlier: str
) -> None:
    """Also where one person holds every role: who proposed, answered or accepted does not decide."""
    found = procedure(id)
    grants = tuple(grant for role in roles() for grant in cast.someone(role).grants)
    everything = permissions.Actor(10_000_001, "身兼数职", grants)
    with nothing_follows():
        way = _way_through(found, earlier, later)
        case, today = cast.lead(found, way, **{earlier: everything})
        step = found.step(later)
        assert outcome(case, later, everything, today, facts(step, today)) == "case_another_person"
        somebody = cast.whoever_may(step, 900)
        assert outcome(case, later, somebody, today, facts(step, today)) == "taken"


def _way_through(found: Procedure, earlier: str, later: str) -> tuple[Step, ...]:
    """A way that takes one step and ends where the other can be taken."""
    ways = paths(found)
    via = found.step(earlier)
    first: tuple[Step, ...] = () if via.opens else next(ways[state] for state in ways if state in via.from_)
    onward = [((*first, via), via.to)]
    for way, state in onward:
        if state in found.step(later).from_:
            return way
        if len(way) < len(found.states):
            onward += [((*way, step), step.to or state) for step in found.from_state(state) if step.to]
    raise AssertionError(f"{later} never follows {earlier}")


def test_every_state_that_the_public_sees_leaves_the_subject_a_remedy() -> None:
    """Somebody listed can always object, and the listing can always be annulled and end."""
    for found in procedures.procedures().values():
        for state in found.states.values():
            if state.shown and found.id in ("listing", "red_listing", "imported"):
                ends = {one.to for one in found.from_state(state.id) if one.to and found.states[one.to].final}
                assert ends, f"{found.id}: {state.id} never ends"
    objection = procedure("objection")
    assert objection.opening.whose == "subject"
