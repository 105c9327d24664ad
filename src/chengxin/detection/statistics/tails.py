"""How far out a measured value lies (a weight, a speed, a ratio), beside others of its kind.

Engines count rows by steps of the logarithm; the few counts come back and give each kind its middle and the
width of its lower and upper half. Middles and halves are quantiles, so that schemes, which sit in the tails,
move them little; and counts add up to the same on every engine.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from ibis.expr import types as ir
from numpy.typing import NDArray
from scipy.stats import t as student

Numbers = NDArray[np.float64]

STEPS = 16
"""Steps of an octave: a step is 4 %, finer than scales and clocks are."""

FEWEST = 50
"""Rows from which on a kind speaks for itself; others are measured by all kinds together."""

MOST = 4.0
"""Evidence of a single value counts no more than this (one in 10,000): tails of real data are heavy."""

_DEGREES = 4
_HALF = 0.3413
"""The share of a normal law between its middle and one standard deviation."""


def step(value: ir.NumericValue) -> ir.IntegerValue:
    """The step of the logarithm in which a positive value lies; what is not positive counts as 2^−20."""
    return (value.clip(lower=2.0**-20).log2() * STEPS).floor().cast("int64")


def measured(counts: pl.DataFrame, cell: list[str], within: list[str] | None = None) -> pl.DataFrame:
    """The middle and the widths of each kind, all in steps.

    `counts` has a row for each `cell`, `step` and its number of `rows`. A thin cell is measured by all that
    are alike `within` those of its columns (all cells, if none). Columns: the cell's, `middle`, `below` and
    `above` (widths of the halves, as standard deviations), `far` (beyond it lie 2 %).
    """
    measures = ["middle", "below", "above", "far"]
    if counts.is_empty():
        kept = {name: counts.schema[name] for name in cell}
        return pl.DataFrame(schema=kept | dict.fromkeys(measures, pl.Float64))
    alike = ["every", *(within or [])]
    whole = counts.with_columns(every=pl.lit(0))
    pooled = _quantiles(whole, alike).select(
        *alike, *(pl.col(name).alias(f"{name}_all") for name in measures)
    )
    own = _quantiles(counts, cell).with_columns(every=pl.lit(0)).join(pooled, on=alike, nulls_equal=True)
    thin = pl.col("cell_rows") < FEWEST
    return own.select(
        *cell, *(pl.when(thin).then(f"{name}_all").otherwise(name).alias(name) for name in measures)
    )


def _quantiles(counts: pl.DataFrame, cell: list[str]) -> pl.DataFrame:
    summed = counts.group_by([*cell, "step"]).agg(pl.col("rows").sum()).sort([*cell, "step"], nulls_last=True)
    running = summed.with_columns(
        upto=pl.col("rows").cum_sum().over(cell), cell_rows=pl.col("rows").sum().over(cell)
    )

    def at(share: float) -> pl.Expr:
        """The place, within its step, where that share of the rows is reached."""
        wanted = pl.col("cell_rows") * share
        place = pl.col("step") + (wanted - (pl.col("upto") - pl.col("rows"))) / pl.col("rows")
        return place.filter(pl.col("upto") >= wanted - 1e-9).first()

    found = running.group_by(cell, maintain_order=True).agg(
        pl.col("cell_rows").first(), middle=at(0.5), low=at(0.5 - _HALF), high=at(0.5 + _HALF), far=at(0.98)
    )
    return found.select(
        *cell,
        "cell_rows",
        "middle",
        below=(pl.col("middle") - pl.col("low")).clip(lower_bound=1.0),
        above=(pl.col("high") - pl.col("middle")).clip(lower_bound=1.0),
        far=pl.col("far"),
    )


def evidence(widths: Numbers) -> Numbers:
    """−log10 of the chance to lie so many widths out, by a law with heavy tails; 0 … `MOST`."""
    chance = student.sf(np.nan_to_num(widths), _DEGREES)
    found: Numbers = np.clip(-np.log10(np.maximum(chance, 10.0**-MOST)), 0, MOST) * (
        np.nan_to_num(widths) > 0
    )
    return found


WIDE = float(student.isf(0.005, _DEGREES))
"""Widths beyond which one value in 200 lies: odd enough to be counted."""
