"""What the age of a shop says of its being an imitation."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

import polars as pl

YEAR = 365 * 86400
SHORT_LIVED = 0.8
"""The share of imitations that are less than a year old: they are found and closed (a guess of ours)."""


@dataclass(frozen=True)
class Youth:
    """When the last shop opened, and how many shops had opened within the year before."""

    last: int
    share: float

    def bits(self, opened: int | None) -> float:
        """What the age of a shop says of its being an imitation; 0 where it isn't known."""
        if opened is None:
            return 0.0
        young = opened > self.last - YEAR
        said = log2(SHORT_LIVED / self.share) if young else log2((1 - SHORT_LIVED) / (1 - self.share))
        return max(min(said, 2.0), -2.0)


def youth(shops: pl.DataFrame) -> Youth:
    """How young the shops are; `shops` has `opened_at` (epoch seconds)."""
    opened = shops["opened_at"].drop_nulls()
    last = int(opened.max() or 0)  # type: ignore[arg-type] # whole seconds
    # A few shops aren't all young or all old: one of each is thought of besides.
    share = (int((opened > last - YEAR).sum()) + 1) / (len(opened) + 2)
    return Youth(last, share)
