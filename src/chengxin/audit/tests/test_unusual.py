"""Patterns of looking that deserve a question: each with a day that has it and one that just hasn't."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chengxin.audit.queries import Look
from chengxin.audit.unusual import rules, unusual

MORNING = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""10 o'clock in China on a Wednesday."""


def look(number: int, subject: int, *, minutes: float = 0, **given: object) -> Look:
    """A look of one official, `minutes` after 10 o'clock."""
    made = Look(
        number, MORNING + timedelta(minutes=minutes), 7, "林知远", "credit_office", "福建省发展和改革委员会",
        "350000", subject, "subject", "supervision", f"事由{number}", "ecl", "6", "案1", "",
    )  # fmt: skip
    return replace(made, **given)  # type: ignore[arg-type]


def flags(day: Iterable[Look], *, working_day: bool = True, usual: float = 1_000.0) -> list[str]:
    found = unusual(list(day), working_day=working_day, usual={7: usual})
    return [one.rule.id for one in found]


def limit(rule: str, name: str) -> int:
    return rules()[rule].limits[name]


@pytest.mark.obligation("13d")
def test_many_subjects_within_an_hour() -> None:
    most = limit("many", "most")
    assert flags(look(n, n, minutes=n * 59 / (most + 1)) for n in range(most + 1)) == ["many"]
    assert flags(look(n, n, minutes=n * 59 / most) for n in range(most)) == []
    spread = [look(n, n, minutes=n * 61 / most) for n in range(most + 1)]
    assert flags(spread) == [], "as many, but over more than an hour"
    assert flags(look(n, n % 3, minutes=n / 10) for n in range(most * 3)) == [], "three subjects, often"


@pytest.mark.obligation("13d")
def test_far_more_than_usual() -> None:
    least, times = limit("more_than_usual", "least"), limit("more_than_usual", "times")
    day = [look(n, n, minutes=n * 5) for n in range(least)]
    assert flags(day, usual=least / times - 0.1) == ["more_than_usual"]
    assert flags(day, usual=least / times) == [], "exactly as many times as the rule allows"
    assert flags(day[:-1], usual=0) == [], "too few to ask about, however new the person"


@pytest.mark.obligation("13d")
@pytest.mark.parametrize(("hour", "night"), [(6, True), (7, False), (20, False), (21, True), (23, True)])
def test_outside_working_hours(hour: int, night: bool) -> None:
    least = limit("off_hours", "least")
    day = [look(n, n, minutes=(hour - 10) * 60 + n) for n in range(least)]
    assert flags(day) == (["off_hours"] if night else [])
    assert flags(day[:-1]) == []
    assert flags(day, working_day=False) == ["off_hours"], "on a day off every hour is"


@pytest.mark.obligation("13d")
def test_one_subject_again_and_again_without_a_case() -> None:
    most, apart = limit("again", "most"), limit("again", "minutes") + 1
    day = [look(n, 5, minutes=n * apart, case="") for n in range(most + 1)]
    assert flags(day) == ["again"]
    assert flags(day[:-1]) == []
    assert flags(replace(one, case="榕市监〔2026〕8号") for one in day) == [], "the case explains it"
    assert flags(look(n, 5, minutes=n, case="") for n in range(most * 3)) == [], "leafing through it once"


@pytest.mark.obligation("13d")
def test_one_reason_for_very_many_subjects() -> None:
    most = limit("one_reason", "most")
    day = [look(n, n, minutes=n * 4, words="工作需要") for n in range(most + 1)]
    assert flags(day) == ["one_reason"]
    assert flags(day[:-1]) == []
    assert flags(replace(one, words=f"{one.words}{one.subject % 2}") for one in day) == []


@pytest.mark.obligation("13d")
def test_many_numbers_unmasked() -> None:
    most = limit("unmasking", "most")
    day = [look(n, 5, minutes=n, what="unmask") for n in range(most + 1)]
    assert flags(day) == ["unmasking"]
    assert flags(day[:-1]) == []
    assert flags([*day[:-1], look(99, 5, minutes=99)]) == [], "looking isn't unmasking"


def test_each_persons_looks_are_counted_apart() -> None:
    most = limit("unmasking", "most")
    rows = [look(n, 5, what="unmask", user=n % 2, person=f"甲{n % 2}") for n in range(most * 2)]
    assert unusual(rows, working_day=True, usual={}) == []


def test_a_flag_names_its_rows_in_the_order_of_the_log_and_the_limit_of_the_file() -> None:
    most = limit("unmasking", "most")
    rows = [look(n, n % 3, minutes=n, what="unmask") for n in range(most + 5)]
    flag = unusual(list(reversed(rows)), working_day=True, usual={7: 1_000.0})[0]
    assert list(flag.rows) == rows
    assert str(most) in flag.rule.reason_zh
    assert str(most) in flag.rule.reason_en


def test_reasons_say_each_limit_and_leave_no_gap() -> None:
    for rule in rules().values():
        for number in rule.limits.values():
            assert str(number) in rule.reason_zh, rule.id
            assert str(number) in rule.reason_en, rule.id
        assert "{" not in rule.reason_zh + rule.reason_en


def test_nothing_is_unusual_in_a_day_without_looks() -> None:
    assert unusual([], working_day=False, usual={}) == []


@given(
    seen=some.lists(some.tuples(some.integers(1, 90), some.integers(0, 600)), min_size=1, max_size=200),
    more=some.tuples(some.integers(1, 200), some.integers(0, 600)),
)
def test_a_look_more_never_takes_the_flag_of_many_away(
    seen: list[tuple[int, int]], more: tuple[int, int]
) -> None:
    def day(looks: list[tuple[int, int]]) -> list[Look]:
        ordered = sorted(looks, key=lambda one: one[1])
        return [look(n, subject, minutes=minute) for n, (subject, minute) in enumerate(ordered)]

    if "many" in flags(day(seen)):
        assert "many" in flags(day([*seen, more]))


@given(some.lists(some.tuples(some.integers(1, 80), some.integers(0, 180)), max_size=150))
def test_many_is_what_counting_each_hour_by_hand_finds(seen: list[tuple[int, int]]) -> None:
    ordered = sorted(seen, key=lambda one: one[1])
    rows = [look(n, subject, minutes=minute) for n, (subject, minute) in enumerate(ordered)]
    fullest = max(
        (len({one for one, at in ordered if start <= at <= start + 60}) for _, start in ordered), default=0
    )
    assert ("many" in flags(rows)) == (fullest > limit("many", "most"))
