"""The strangest stretch of days of many entities at once."""

from __future__ import annotations

import numpy as np
import polars as pl

from chengxin.detection.statistics.surprise import MOST, tail

WIDTHS = (1, 3, 7, 14)
FINEST = 200.0
"""To tell the oddest of odd stretches, more digits are needed than count in the end."""

_ORDINARY = 0.95
_FEW = 20


def waves(daily: pl.DataFrame, entity: list[str]) -> pl.DataFrame:
    """For each entity its oddest stretch of 1 to 14 days.

    `daily`: the entity's columns, day (whole number), hits, exposure (what the hits should go with: all
    ratings, or the category's on that day), a row a day with any. Returns the entity's columns, start and
    end (days, inclusive), count, expected (by the entity's days outside the stretch), surprise beyond what
    all but the oddest twentieth of entities show (so that a market full of sales has a higher bar), 0 …
    `MOST`.
    """
    days = daily.sort(*entity, "day").with_columns(number=pl.struct(entity).rank("dense") - 1)
    if days.is_empty():
        return days.select(*entity, start="day", end="day", count="hits", expected=0.0, surprise=0.0)
    number = days["number"].to_numpy().astype(np.int64)
    day = days["day"].to_numpy().astype(np.int64)
    hits = days["hits"].to_numpy().astype(np.float64)
    exposure = days["exposure"].to_numpy().astype(np.float64)
    span = int(day.max() - day.min()) + max(WIDTHS) + 2
    place = number * span + (day - day.min())
    sums = [np.concatenate(([0.0], np.cumsum(part))) for part in (hits, exposure)]
    all_hits = np.bincount(number, hits)[number]
    all_exposure = np.bincount(number, exposure)[number]
    best = {name: np.zeros(len(days)) for name in ("surprise", "count", "expected", "width")}
    first = np.arange(len(days))
    for width in WIDTHS:
        last = np.searchsorted(place, place + width, side="left")
        inside, exposed = (part[last] - part[first] for part in sums)
        rest = np.maximum(all_hits - inside, 0) + 0.5
        rate = rest / np.maximum(all_exposure - exposed + 0.5 * all_exposure / np.maximum(all_hits, 1), 1e-9)
        mean = exposed * rate
        # The rate is itself known only from so many days: its variance belongs to the expectation.
        odd = tail(inside, mean, mean + mean**2 / rest, most=FINEST) * (inside >= 3)
        better = odd > best["surprise"]
        for name, value in (
            ("surprise", odd),
            ("count", inside),
            ("expected", mean),
            ("width", np.full(len(days), width)),
        ):
            best[name] = np.where(better, value, best[name])
    found = days.select(*entity, "day").with_columns(
        **{name: pl.Series(value) for name, value in best.items()}
    )
    found = found.sort("surprise", "width", "day", descending=[True, False, False]).unique(
        entity, keep="first", maintain_order=True
    )
    usual = float(found["surprise"].quantile(_ORDINARY, "lower") or 0.0) if len(found) >= _FEW else 1.0
    return found.select(
        *entity,
        start="day",
        end=pl.col("day") + pl.col("width").cast(pl.Int64) - 1,
        count="count",
        expected="expected",
        surprise=(pl.col("surprise") - usual).clip(0, MOST),
    ).filter(pl.col("surprise") > 0)
