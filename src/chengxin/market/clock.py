"""When people do things: by hour, weekday and campaign, in China time."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import numpy as np

from chengxin.market.numbers import Floats, Generator, Ints, weighted
from chengxin.market.plan import CHINA, DAY

# Weight of each hour of the day in China: quiet at night, a noon peak and a long evening.
HOURS = np.array(
    [30, 16, 9, 6, 5, 7, 15, 28, 46, 62, 72, 70, 66, 64, 66, 66, 64, 60, 62, 74, 92, 98, 84, 56],
    dtype=np.float64,
)
WEEKDAYS = (1.0, 0.98, 0.97, 0.99, 1.02, 1.08, 1.06)  # Monday first
CAMPAIGN_DAYS = {(6, 18): 4.0, (6, 1): 1.8, (11, 11): 5.0, (12, 12): 2.5, (3, 8): 2.2}
MONTHLY_DAY = 18  # the platforms' day of members, each month
HALF_DAY_BURST = (0, 20)  # campaigns open at midnight and again at eight in the evening


def day_weights(start: int, end: int) -> Floats:
    """How busy each China day from `start` to `end` is; the first is the one in which `start` lies."""
    days = (end - start + DAY - 1) // DAY
    return np.array([_busy(start + CHINA + day * DAY) for day in range(days)], dtype=np.float64)


def _busy(local: int) -> float:
    moment = datetime.fromtimestamp(local, UTC)
    busy = WEEKDAYS[moment.weekday()] * CAMPAIGN_DAYS.get((moment.month, moment.day), 1.0)
    return busy * (1.7 if moment.day == MONTHLY_DAY else 1.0)


@cache
def _minutes() -> Floats:
    """Running weight of the minutes of a day, hours joined smoothly."""
    at = (np.arange(1440) + 0.5) / 60 - 0.5
    return np.asarray(np.cumsum(np.interp(at, np.arange(25) - 0.0, np.append(HOURS, HOURS[0]), period=24)))


def moments(random: Generator, size: int, start: int, end: int) -> Ints:
    """Times at which people order, in [start, end), epoch seconds."""
    weights = day_weights(start, end)
    day = weighted(random, np.cumsum(weights), size)
    minute = weighted(random, _minutes(), size)
    burst = (weights[day] > 1.5) & (random.random(size) < 0.22)
    opening = np.where(random.random(size) < 0.6, HALF_DAY_BURST[0], HALF_DAY_BURST[1]) * 60
    minute = np.where(burst, opening + random.exponential(25, size).astype(np.int64), minute) % 1440
    local = (start + CHINA) // DAY * DAY + day * DAY + minute * 60 + random.integers(0, 60, size)
    at = local - CHINA
    outside = (at < start) | (at >= end)
    at[outside] = start + (at[outside] - start) % (end - start)
    return at.astype(np.int64)


def waking(random: Generator, size: int, day: Ints) -> Ints:
    """Times within the given China days (epoch seconds of any moment in them), by the hours in which people
    are up."""
    minute = weighted(random, _minutes(), size)
    return ((day + CHINA) // DAY * DAY - CHINA + minute * 60 + random.integers(0, 60, size)).astype(np.int64)
