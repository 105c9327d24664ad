"""Periods: counted by hand around the holidays of 2025 and 2026, and what must hold for every count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.kernel.calendar import (
    FIRST_OFFICIAL,
    LAST_OFFICIAL,
    Period,
    Unit,
    count,
    is_official,
    is_working_day,
    publication_end,
    working_days_between,
)

DAY = timedelta(days=1)
days = st.dates(date(2005, 1, 1), date(2040, 12, 31))
lengths = st.integers(1, 60)
units: st.SearchStrategy[Unit] = st.sampled_from(("working_day", "calendar_day", "month", "year"))
periods = st.builds(Period, lengths, units)


def on(text: str) -> date:
    return date.fromisoformat(text)


# --- the official calendar ---


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-02-14", True),  # Saturday, made up for Spring Festival
        ("2026-02-15", False),  # Spring Festival, 15 to 23 February
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),  # Saturday, made up
        ("2026-03-01", False),  # Sunday
        ("2025-09-28", True),  # Sunday, made up for National Day
        ("2025-10-01", False),  # National Day and Mid-autumn, 1 to 8 October
        ("2025-10-08", False),
        ("2025-10-09", True),
        ("2025-10-11", True),  # Saturday, made up
        ("2025-10-12", False),
    ],
)
def test_holidays_are_off_and_make_up_weekends_are_worked(day: str, worked: bool) -> None:
    assert is_working_day(on(day)) is worked
    assert is_official(on(day))


# --- counted by hand ---


@pytest.mark.parametrize(
    ("start", "length", "unit", "due"),
    [
        # Thursday; 13, 14 (made up), then 24, 25, 26 February
        ("2026-02-12", 5, "working_day", "2026-02-26"),
        # a reason that arises in the middle of the holiday: 24, 25, 26, 27, 28 (made up) February
        ("2026-02-17", 5, "working_day", "2026-02-28"),
        ("2026-02-27", 2, "working_day", "2026-03-02"),
        # Friday; 28 (made up), 29, 30 September, 9, 10, 11 (made up), 13 October
        ("2025-09-26", 7, "working_day", "2025-10-13"),
        ("2025-09-30", 1, "working_day", "2025-10-09"),
        # ordinary weeks
        ("2026-03-05", 1, "working_day", "2026-03-06"),
        ("2026-03-06", 1, "working_day", "2026-03-09"),
        # calendar days: the last one is moved out of the holiday (art. 203), the others count all the same
        ("2026-02-09", 5, "calendar_day", "2026-02-14"),
        ("2026-02-09", 6, "calendar_day", "2026-02-24"),
        ("2026-02-09", 14, "calendar_day", "2026-02-24"),
        ("2026-02-09", 15, "calendar_day", "2026-02-24"),
        ("2025-09-26", 7, "calendar_day", "2025-10-09"),
        ("2025-09-21", 7, "calendar_day", "2025-09-28"),  # a Sunday that is worked
        ("2025-10-31", 1, "calendar_day", "2025-11-03"),
        # months: the same day, or the month's last (art. 202), moved when it is a day off
        ("2026-03-05", 3, "month", "2026-06-05"),
        ("2025-12-31", 2, "month", "2026-02-28"),  # a Saturday that is worked
        ("2025-01-31", 1, "month", "2025-02-28"),
        ("2024-01-31", 1, "month", "2024-02-29"),
        ("2025-08-31", 1, "month", "2025-09-30"),
        ("2025-09-01", 1, "month", "2025-10-09"),
        ("2026-01-28", 1, "month", "2026-02-28"),
        ("2025-08-15", 6, "month", "2026-02-24"),
        # years: leap days
        ("2024-02-29", 1, "year", "2025-02-28"),
        ("2020-02-29", 4, "year", "2024-02-29"),
        ("2023-03-05", 3, "year", "2026-03-05"),
        ("2022-10-01", 3, "year", "2025-10-09"),
    ],
)
def test_counted_by_hand(start: str, length: int, unit: Unit, due: str) -> None:
    counted = count(on(start), Period(length, unit))
    assert counted.due == on(due)
    assert not counted.provisional


def test_the_counted_days_are_told() -> None:
    told = count(on("2026-02-12"), Period(5, "working_day")).counted
    assert told == tuple(on(f"2026-02-{day}") for day in (13, 14, 24, 25, 26))
    assert count(on("2025-12-31"), Period(3, "month")).counted == (
        on("2026-01-31"),
        on("2026-02-28"),
        on("2026-03-31"),
    )


@pytest.mark.parametrize(
    ("start", "length", "unit", "end"),
    [
        ("2025-07-03", 3, "month", "2025-10-03"),  # in the middle of National Day
        ("2022-10-01", 3, "year", "2025-10-01"),
        ("2024-02-29", 3, "year", "2027-02-28"),  # a Sunday
        ("2025-11-30", 3, "month", "2026-02-28"),
        ("2026-02-09", 7, "calendar_day", "2026-02-16"),
    ],
)
def test_a_publication_ends_on_its_day_even_in_a_holiday(
    start: str, length: int, unit: Unit, end: str
) -> None:
    assert publication_end(on(start), Period(length, unit)) == on(end)


# --- years whose calendar is not out ---


def test_a_year_without_calendar_is_counted_by_weekends_and_fixed_holidays_and_says_so() -> None:
    year = LAST_OFFICIAL.year + 1
    # every day of the first week of October: the 1st to the 3rd are off, the others only at a weekend
    for day in range(1, 8):
        october = date(year, 10, day)
        assert is_working_day(october) == (day > 3 and october.weekday() < 5)
    assert not is_working_day(date(year, 1, 1))
    assert not is_working_day(date(year, 5, 1))
    assert not is_working_day(date(year, 5, 2))
    assert count(date(year, 3, 1), Period(5, "working_day")).provisional
    assert count(date(year - 1, 3, 1), Period(1, "year")).provisional


def test_only_the_days_looked_up_make_a_count_provisional() -> None:
    year = LAST_OFFICIAL.year
    assert count(date(year, 12, 24), Period(5, "working_day")).provisional
    assert not count(date(year, 12, 1), Period(5, "working_day")).provisional
    assert not count(FIRST_OFFICIAL - 400 * DAY, Period(2, "year")).provisional


def test_the_last_days_of_the_last_year_wait_for_the_next_notice() -> None:
    assert is_official(LAST_OFFICIAL)
    assert not is_official(LAST_OFFICIAL + DAY)


# --- what holds for every count ---


@given(start=days, period=periods)
def test_a_period_ends_on_a_working_day_after_its_start(start: date, period: Period) -> None:
    counted = count(start, period)
    assert counted.due > start
    assert is_working_day(counted.due)
    assert len(counted.counted) == period.length
    assert list(counted.counted) == sorted(set(counted.counted))
    # between the last counted day and the day due there is no working day (art. 203)
    assert working_days_between(counted.counted[-1], counted.due) == (counted.due != counted.counted[-1])
    assert count(start, period) == counted


@given(start=days, length=lengths)
def test_counting_working_days_and_measuring_them_agree(start: date, length: int) -> None:
    assert working_days_between(start, count(start, Period(length, "working_day")).due) == length


@given(start=days, period=periods)
def test_a_later_start_is_never_due_earlier_and_a_longer_period_neither(start: date, period: Period) -> None:
    due = count(start, period).due
    assert count(start + DAY, period).due >= due
    assert count(start, Period(period.length + 1, period.unit)).due >= due


@given(start=days, period=periods)
def test_a_publication_never_outlasts_the_period_to_act(start: date, period: Period) -> None:
    end = publication_end(start, period)
    assert start < end <= count(start, period).due
    assert publication_end(start + DAY, period) >= end


@given(start=days, length=lengths)
def test_a_year_is_twelve_months(start: date, length: int) -> None:
    assert publication_end(start, Period(length, "year")) == publication_end(
        start, Period(12 * length, "month")
    )


@given(start=days, months=lengths)
def test_a_month_ends_on_the_same_day_or_on_the_last(start: date, months: int) -> None:
    end = publication_end(start, Period(months, "month"))
    assert (end.year - start.year) * 12 + end.month - start.month == months
    assert end.day == start.day or (end.day < start.day and (end + DAY).day == 1)


@given(ends=st.lists(st.dates(date(2020, 1, 1), date(2028, 12, 31)), min_size=3, max_size=3))
def test_working_days_add_up_and_have_a_direction(ends: list[date]) -> None:
    first, middle, last = ends
    whole = working_days_between(first, last)
    assert whole == working_days_between(first, middle) + working_days_between(middle, last)
    assert working_days_between(last, first) == -whole
    assert working_days_between(first, first) == 0


@pytest.mark.parametrize(("length", "unit"), [(0, "month"), (-1, "working_day"), (1, "half_year"), (1, "")])
def test_what_is_no_period_is_refused_in_both_languages(length: int, unit: Unit) -> None:
    with pytest.raises(ValueError, match=r"期间.+ / .+") as refused:
        Period(length, unit)
    assert str(length if unit in ("month", "working_day") else unit) in str(refused.value)
