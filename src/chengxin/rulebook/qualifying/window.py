"""Which days lie within a period back from the day that is asked for."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from chengxin.kernel.calendar import Period, publication_end

_DAY = timedelta(days=1)


@lru_cache(maxsize=4096)
def window_start(on: date, period: Period) -> date:
    """The first day from which the period still reaches the day `on`: 'within 3 years' begins there.

    Counted as a publication's period is (kernel.calendar): a record of that day is the oldest within it.
    """
    months = {"month": period.length, "year": 12 * period.length}.get(period.unit)
    if months is None:
        start = on - _DAY * period.length
    else:
        year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
        start = date(year, month + 1, min(on.day, 28))
    while publication_end(start - _DAY, period) >= on:
        start -= _DAY
    while publication_end(start, period) < on:
        start += _DAY
    return start
