"""Surprises against what is usual among those that nobody would ask.

Where one shop in eight buys visits, these shops make the baseline and its spread, and none of them surprises.
So what is usual is learnt from the quiet part of each cell first; whoever does not stand out beside it is
taken in, and it is learnt again (a reweighted estimate from a trimmed start: Rousseeuw and Leroy, Robust
Regression and Outlier Detection, 1987). A share of few rows is chance and tells nobody quiet from loud: who
has few is part of the start.
"""

from __future__ import annotations

import polars as pl

from chengxin.detection.statistics.surprise import PRIOR_ROWS, judged, learnt

QUIET = 0.75
"""The part of a cell from which learning starts: a quarter may be schemes and move nothing."""

ROUNDS = 4

CLEAR = 3.0
"""Surprise (one in a thousand) from which on an entity is no part of the baseline."""

FEWEST = 8
"""Entities of a cell that have a quiet part of their own."""

FEW_ROWS = PRIOR_ROWS
"""Rows below which a share says nothing of who is quiet."""


def against_settled(
    counts: pl.DataFrame, *, entity: list[str], cell: list[str], hit: str, of: str
) -> pl.DataFrame:
    """Like `surprise.against_baseline`: count, rows, value, baseline and surprise of each entity, beside what
    is usual among those that do not stand out themselves."""
    known = counts.filter(pl.col(of) > 0)
    share = pl.col(hit) / pl.col(of)
    quiet = (
        pl.when(pl.len().over(cell) >= FEWEST)
        .then(share.quantile(QUIET, "higher").over(cell))
        .otherwise(share.quantile(QUIET, "higher"))
    )
    beginning = known.filter((share <= quiet) | (pl.col(of) < FEW_ROWS))
    found = _beside(beginning, known, entity=entity, cell=cell, hit=hit, of=of)
    aside: int | None = None
    for _ in range(ROUNDS):
        odd = found.filter(pl.col("surprise") >= CLEAR)
        if odd.height == aside:
            break
        aside = odd.height
        rest = known.join(odd, on=entity, how="anti", nulls_equal=True)
        found = _beside(rest, known, entity=entity, cell=cell, hit=hit, of=of)
    return found


def _beside(
    some: pl.DataFrame, known: pl.DataFrame, *, entity: list[str], cell: list[str], hit: str, of: str
) -> pl.DataFrame:
    usual = learnt(some, cell=cell, hit=hit, of=of)
    return judged(known, usual, entity=entity, cell=cell, hit=hit, of=of)
