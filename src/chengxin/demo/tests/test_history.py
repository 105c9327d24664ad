"""What the demonstration's people did is planned from data alone: each life goes through its procedure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from chengxin.demo.history import Life, lives
from chengxin.demo.told import notices
from chengxin.kernel.calendar import is_working_day
from chengxin.rulebook.procedures import Procedure, procedure

TODAY = date(2026, 11, 29)
OPENED_WITH = {"reason", "records"}
"""What an opening is told by the rule of the list, where the system or an officer proposes it."""


@pytest.fixture(scope="module")
def plan() -> list[Life]:
    """The lives of a province of scale 1."""
    return lives(1.0, TODAY)


def test_the_same_province_has_the_same_history(plan: list[Life]) -> None:
    assert lives(1.0, TODAY) == plan
    assert lives(1.0, date(2026, 11, 30)) != plan
    assert [(one.opens, one.number) for one in plan] == sorted((one.opens, one.number) for one in plan)
    assert len(lives(0.1, TODAY)) < len(plan) / 5
    assert len(lives(9.0, TODAY)) == len(lives(4.0, TODAY)), "a province of any size shows no more than that"


def test_people_act_on_working_days_and_never_tomorrow(plan: list[Life]) -> None:
    for life in plan:
        days = [move.day for move in life.moves]
        assert days == sorted(days) and days[-1] <= TODAY
        assert all(map(is_working_day, days))


def _reachable(declared: Procedure, state: str) -> Iterator[str]:
    """Where a case may have come by the system's nights alone."""
    yield state
    for step in declared.from_state(state):
        if step.system and step.to and step.id in ("close_notice", "publish"):
            yield from _reachable(declared, step.to)


def test_every_life_is_a_way_through_its_procedure_with_everything_filled_in(plan: list[Life]) -> None:
    walked: set[str] = set()
    for life in plan:
        declared = procedure(life.procedure)
        states: set[str | None] = {None}
        for move in life.moves:
            step = declared.step(move.step)
            assert states & {*step.from_} or (step.opens and states == {None}), (life.name, move.step, states)
            asked = {one.id: one for one in (*step.fields, *step.optional)}
            given = set(move.facts) | (OPENED_WITH & set(asked) if step.opens else set())
            assert set(move.facts) <= set(asked) and {one.id for one in step.fields} <= given, move.step
            for id, text in move.facts.items():
                assert text and "{" not in text and len(text) <= (asked[id].max or 40)
                assert asked[id].type != "choice" or text in asked[id].choices
            stays = {one for one in states if one in step.from_}
            states = {
                further
                for one in ([step.to] if step.to else stays)
                for further in _reachable(declared, one or "")
            }
        walked |= {f"{life.procedure}:{one}" for one in states if one}
    ends = {
        f"{id}:{state.id}"
        for id in ("listing", "red_listing", "objection", "repair")
        for state in procedure(id).states.values()
        if state.final
    }
    # By the calendar, by a repair, and by the last of those who hold a copy: no person's step.
    by_itself = {
        "listing:expired", "listing:removed", "red_listing:expired", "red_listing:annulled",
        "repair:followed",
    }  # fmt: skip
    assert ends - by_itself <= walked


def test_a_notice_is_drafted_before_it_is_signed_and_shown_for_a_while() -> None:
    found = notices(TODAY)
    assert {one.kind for one in found} == {"risk_notice", "typical_case", "major_event"}
    assert {one.ends for one in found} == {"signed", "drafted", "returned", "withdrawn"}
    assert len({one.key for one in found}) == len(found)
    for one in found:
        assert one.drafted < one.signed <= TODAY and one.signed < one.until
        assert ("{name}" in one.body) == bool(one.cites)
