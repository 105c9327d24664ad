"""How unlikely a count is, beside what is usual for the category and the season.

Counts are compared with an overdispersed expectation: shops differ honestly, and by how much is learnt from
the middle of them, so that a few schemes move neither the baseline nor its spread. Everything is reckoned by
cell (category and month) and added up for an entity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import betainc, gammainc

Numbers = NDArray[np.float64]

MOST = 12.0
"""A surprise counts no more than this (one in 10^12): further digits are the model's, not the world's."""

PRIOR_ROWS = 50.0
"""How many rows of the whole market stand behind the baseline of a thin cell."""

FEWEST_SPREAD = 0.005
"""The least intra-class correlation: no market is so even that shops differ by chance alone."""

_HEAVY = 0.9
_TRIMMED = 0.98


@dataclass(frozen=True)
class Usual:
    """What is usual: the share of odd rows in each cell (`cells`, as `usual`), and how much honest entities
    differ.

    `spread` is the intra-class correlation of the shares.
    """

    cells: pl.DataFrame
    spread: float


def learnt(counts: pl.DataFrame, *, cell: list[str], hit: str, of: str) -> Usual:
    """What is usual; `counts` holds a row for each entity and cell, with whole numbers `hit` ≤ `of`."""
    known = counts.filter(pl.col(of) > 0).select(*cell, hit=pl.col(hit), of=pl.col(of))
    if known.is_empty():
        return Usual(known.select(cell).with_columns(usual=pl.lit(0.0)), FEWEST_SPREAD)
    cells = _baselines(known, cell)
    expected = _expected(known, cells, cell)
    rows, hits = _column(expected, "of"), _column(expected, "hit")
    return Usual(cells, _spread(hits, rows, _column(expected, "expected"), _column(expected, "even")))


def judged(
    counts: pl.DataFrame, usual: Usual, *, entity: list[str], cell: list[str], hit: str, of: str
) -> pl.DataFrame:
    """What of an entity's rows is odd, against what is usual in its cells.

    `counts` holds rows for entities and cells with whole numbers `hit` ≤ `of`. Returns a row for each
    entity that has any: `count` (hits), `rows`, `value` (share), `baseline` (the share expected of it)
    and `surprise`, −log10 of the chance of so many or more (0 … `MOST`).
    """
    known = counts.filter(pl.col(of) > 0).select(*entity, *cell, hit=pl.col(hit), of=pl.col(of))
    if known.is_empty():
        keys = {name: counts.schema[name] for name in entity}
        keys |= dict.fromkeys(("count", "rows", "value", "baseline", "surprise"), pl.Float64())
        return pl.DataFrame(schema=keys)
    whole = (
        _expected(known, usual.cells, cell)
        .sort(*entity, *cell, nulls_last=True)
        .group_by(entity, maintain_order=True)
        .agg(pl.col("hit").sum(), pl.col("of").sum(), pl.col("expected").sum(), pl.col("even").sum())
    )
    rows, even = _column(whole, "of"), _column(whole, "even")
    variance = even * (1 + np.maximum(rows - 1, 0) * usual.spread)
    return whole.select(
        *entity,
        count=pl.col("hit").cast(pl.Float64),
        rows=pl.col("of").cast(pl.Float64),
        value=pl.col("hit") / pl.col("of"),
        baseline=pl.col("expected") / pl.col("of"),
        surprise=pl.Series(tail(_column(whole, "hit"), _column(whole, "expected"), variance)),
    )


def against_baseline(
    counts: pl.DataFrame, *, entity: list[str], cell: list[str], hit: str, of: str
) -> pl.DataFrame:
    """`judged` by what is `learnt` from the same counts."""
    return judged(counts, learnt(counts, cell=cell, hit=hit, of=of), entity=entity, cell=cell, hit=hit, of=of)


def _expected(known: pl.DataFrame, cells: pl.DataFrame, cell: list[str]) -> pl.DataFrame:
    """The rows with the odd ones that are to be expected, and the variance of that if all were alike."""
    found = known.join(cells, on=cell, how="left", nulls_equal=True)
    usual = pl.col("usual").fill_null(cells["usual"].mean() or 0.0)
    return found.with_columns(expected=pl.col("of") * usual, even=pl.col("of") * usual * (1 - usual))


def tail(count: Numbers, mean: Numbers, variance: Numbers, most: float = MOST) -> Numbers:
    """−log10 of the chance of `count` or more (at most `most`): negative binomial, Poisson for little
    variance."""
    mean = np.maximum(mean, 1e-9)
    excess = variance - mean
    size = mean**2 / np.maximum(excess, 1e-9 * mean)
    uneven = betainc(np.maximum(count, 1e-9), size, mean / (size + mean))
    chance = np.where(excess > 1e-6 * mean, uneven, gammainc(np.maximum(count, 1e-9), mean))
    found = -np.log10(np.maximum(chance, 10.0**-most))
    return np.where(count > mean, np.clip(found, 0, most), 0.0)


def _baselines(known: pl.DataFrame, cell: list[str]) -> pl.DataFrame:
    """The usual share of each cell: heavy entities are held down, thin cells lean on the whole market."""
    most = known["of"].quantile(_HEAVY, "higher") or 1
    held = known.with_columns(weight=pl.col("of").clip(upper_bound=most)).with_columns(
        odd=pl.col("weight") * pl.col("hit") / pl.col("of")
    )
    held = held.sort(*cell, "odd", "weight", nulls_last=True)
    whole = float(held["odd"].sum()) / max(float(held["weight"].sum()), 1.0)
    whole = min(max(whole, 1e-6), 1 - 1e-6)
    return held.group_by(cell, maintain_order=True).agg(
        usual=(pl.col("odd").sum() + PRIOR_ROWS * whole) / (pl.col("weight").sum() + PRIOR_ROWS)
    )


def _spread(hits: Numbers, rows: Numbers, mean: Numbers, even: Numbers) -> float:
    """Intra-class correlation of the shares, by moments over all but the oddest entities."""
    several = (rows > 1) & (even > 0)
    if several.sum() < 20:
        return FEWEST_SPREAD
    square = (hits[several] - mean[several]) ** 2 / even[several]
    middle = square <= np.quantile(square, _TRIMMED)
    more = np.sum(square[middle] - 1)
    found = float(more / max(np.sum(rows[several][middle] - 1), 1.0))
    return min(max(found, FEWEST_SPREAD), 0.5)


def _column(frame: pl.DataFrame, name: str) -> Numbers:
    return frame[name].cast(pl.Float64).to_numpy()


def together(surprises: pl.DataFrame, kinds: dict[str, str], weights: dict[str, float]) -> pl.Series:
    """The surprises of an entity as one number: the strongest of each kind, and the kinds added up.

    `surprises` has one column for each signal (0 where it wasn't seen). Signals of one kind see the same
    thing and count once; signals of different kinds are witnesses of their own.
    """
    by_kind: dict[str, list[pl.Expr]] = {}
    for name in sorted(kinds):
        if name in surprises.columns:
            by_kind.setdefault(kinds[name], []).append(pl.col(name).fill_null(0) * weights[name])
    if not by_kind:
        return pl.Series("together", [0.0] * surprises.height)
    strongest = [pl.max_horizontal(some) for _, some in sorted(by_kind.items())]
    return surprises.select(together=pl.sum_horizontal(strongest))["together"]


def as_score(evidence: Numbers, half: float) -> Numbers:
    """Evidence (≥ 0) as a score from 0 to 1; `half` is the evidence that makes 0.5."""
    evidence = np.maximum(evidence, 0)
    return evidence / (evidence + half)
