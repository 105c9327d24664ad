"""When things happen: trade has seasons (6.18, 11.11), departments working days, and everything grows."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from chengxin.kernel.calendar import is_working_day

_PEAKS = (
    ((6, 8), (6, 28), 3.0),  # 6.18 and what follows from it
    ((11, 5), (12, 5), 5.0),  # 11.11
    ((12, 10), (12, 20), 2.0),  # 12.12
    ((1, 22), (2, 18), 0.5),  # the Spring Festival
)
_WEIGHT_STEPS = 4


def days(since: date, until: date, *, seasons: bool, working: bool) -> pl.Series:
    """The days from `since` to `until` (both included), each as often as its weight asks; never empty.

    seasons: as trade goes; working: working days of the official calendar only.
    """
    found: list[date] = []
    for offset in range((until - since).days + 1):
        day = since + timedelta(days=offset)
        if working and not is_working_day(day):
            continue
        growth = 1 + (day - since).days / 730
        found += [day] * max(1, round(_WEIGHT_STEPS * growth * (_season(day) if seasons else 1)))
    return pl.Series("day", found or [until], dtype=pl.Date)


def _season(day: date) -> float:
    here = (day.month, day.day)
    return next((weight for first, last, weight in _PEAKS if first <= here <= last), 1.0)


def later(day: pl.Expr, number: pl.Expr | int, today: date) -> pl.Expr:
    """So many days later, but not after today."""
    return pl.min_horizontal(day + pl.duration(days=number), pl.lit(today))
