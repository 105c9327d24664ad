"""Working days and periods, counted as the Civil Code says (art. 200–204) and by the official calendar.

The calendar is the State Council's yearly notice of holidays and make-up working days, as the package
`chinesecalendar` carries it. Where the notice is not out yet, days are taken provisionally: see
`is_official`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from typing import Literal, get_args

import chinese_calendar

Unit = Literal["working_day", "calendar_day", "month", "year"]

_DAY = timedelta(days=1)
_SATURDAY = 5

_COVERED_YEARS = frozenset(day.year for day in chinese_calendar.constants.holidays)
FIRST_OFFICIAL = date(min(_COVERED_YEARS), 1, 1)
# The last days of a year belong to next year's New Year holiday and its make-up weekends (30 December 2023
# was off and 29 December 2018 was worked by the notices for the years that followed), so they wait for next
# year's notice.
LAST_OFFICIAL = date(max(_COVERED_YEARS), 12, 25)

# Holidays that fall on fixed dates by the Regulation on public holidays (as amended 2024, in force
# 2025-01-01): New Year 1 day, Labour Day 2 days, National Day 3 days. Spring Festival, Tomb-sweeping,
# Dragon Boat and Mid-autumn go by the lunar calendar and the sun, and the longer breaks are made by moving
# weekends: both wait for the notice.
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as laws give it: `length` times `unit`, at least one."""

    length: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse what can't be counted: ValueError names the value and what is allowed."""
        if self.unit not in get_args(Unit):
            raise ValueError(
                f"期间单位“{self.unit}”不能计算，应为 {'、'.join(get_args(Unit))} 之一 / "
                f"unit {self.unit!r} can't be counted; use one of {', '.join(get_args(Unit))}"
            )
        if self.length < 1:
            raise ValueError(
                f"期间长度 {self.length} 无效，至少为 1 / length {self.length} is no period; give 1 or more"
            )


@dataclass(frozen=True, slots=True)
class Counted:
    """A period that was counted, with what shows the count to be right.

    `due` is the last day on which to act. `counted` are the days that were counted: each working or
    calendar day of the period, or the end of each month or year; when its last is a day off, `due` is
    later. `provisional`: a day was looked up for which the official calendar is not known yet, so `due` may
    still change.
    """

    due: date
    counted: tuple[date, ...]
    provisional: bool


def is_official(day: date) -> bool:
    """Whether the notice that decides on `day` is known; otherwise the day is taken provisionally."""
    return FIRST_OFFICIAL <= day <= LAST_OFFICIAL


@lru_cache(maxsize=40_000)  # a hundred years; the package takes 10 to 25 µs a day, a long count asks often
def is_working_day(day: date) -> bool:
    """Whether `day` is worked: by the official calendar, else by weekends and the holidays of fixed date."""
    if day.year in _COVERED_YEARS:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _FIXED_HOLIDAYS


def _days_after(start: date) -> Iterator[date]:
    day = start
    while True:
        day += _DAY
        yield day


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start`, up to and including `end` (Civil Code art. 201).

    Negative when `end` is the earlier: the working days by which it is overdue.
    """
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + _DAY * ahead) for ahead in range(1, (end - start).days + 1))


def _months_after(start: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has none (Civil Code art. 202)."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _working_days(start: date, length: int) -> tuple[date, ...]:
    return tuple(islice(filter(is_working_day, _days_after(start)), length))


def _calendar_days(start: date, length: int) -> tuple[date, ...]:
    return tuple(islice(_days_after(start), length))


def _months(start: date, length: int) -> tuple[date, ...]:
    return tuple(_months_after(start, done) for done in range(1, length + 1))


def _years(start: date, length: int) -> tuple[date, ...]:
    return tuple(_months_after(start, 12 * done) for done in range(1, length + 1))


_COUNTING: dict[Unit, Callable[[date, int], tuple[date, ...]]] = {
    "working_day": _working_days,
    "calendar_day": _calendar_days,
    "month": _months,
    "year": _years,
}


def count(start: date, period: Period) -> Counted:
    """Count a period within which somebody must act.

    The day `start`, on which the reason arose, is not counted (Civil Code art. 201). Months and years end
    on the same day of the month or on its last (art. 202). A period whose last day is a day off ends on the
    first working day after it (art. 203), whatever its unit.
    """
    counted = _COUNTING[period.unit](start, period.length)
    due = end = counted[-1]
    while not is_working_day(due):
        due += _DAY
    # Working days stand on every day passed on the way; the other units look only at the end and what
    # follows it.
    looked_up = start + _DAY if period.unit == "working_day" else end
    return Counted(due, counted, not (is_official(looked_up) and is_official(due)))


def publication_end(start: date, period: Period) -> date:
    """The last day on which something may be shown that was published on `start`.

    Counted like any period, but never moved by a holiday: nobody has to act on that day, and every further
    day on show would be without ground in law.
    """
    return _COUNTING[period.unit](start, period.length)[-1]
