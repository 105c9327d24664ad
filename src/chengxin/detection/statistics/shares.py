"""Many yes-or-no signals of many entities in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.statistics.surprise import against_baseline
from chengxin.lake.reading import Lake

PERIOD = 30 * 24 * 3600
"""Seconds of a season: baselines are those of the category within 30 days."""


@dataclass(frozen=True)
class Test:
    """What is odd about a row (`hit`), among the rows of which it can be said (`of`): Ibis expressions of
    the rows.

    An empty value counts as no in both.
    """

    hit: ir.BooleanValue
    of: ir.BooleanValue


def period(at: ir.IntegerValue) -> ir.IntegerValue:
    """The season of a moment (epoch seconds), as a whole number."""
    return (at / PERIOD).floor().cast("int64")


def counted(lake: Lake, rows: ir.Table, by: list[str], tests: Mapping[str, Test]) -> pl.DataFrame:
    """For each combination of `by`, none empty: `rows`, and `<test>_hit` and `<test>_of` of each test."""
    sums = {"rows": rows.count()}
    for name, test in tests.items():
        of = test.of.fill_null(False)
        sums[f"{name}_hit"] = (of & test.hit.fill_null(False)).sum().cast("int64")
        sums[f"{name}_of"] = of.sum().cast("int64")
    return lake.rows(rows.group_by(by).aggregate(**sums)).drop_nulls(by).fill_null(0)


def surprises(
    counts: pl.DataFrame,
    *,
    entity: list[str],
    cell: list[str],
    tests: list[str],
    against: Callable[..., pl.DataFrame] = against_baseline,
) -> pl.DataFrame:
    """The surprise of every test for every entity, side by side, `against` what is usual.

    `counts` comes from `counted`, with what was joined to it for `cell` (the category). Columns: the
    entity's, and for each test `<test>` (surprise), `<test>_value`, `<test>_baseline`, `<test>_count`; 0
    where nothing was said.
    """
    found = counts.select(entity).unique().sort(entity, nulls_last=True)
    for name in tests:
        one = against(counts, entity=entity, cell=cell, hit=f"{name}_hit", of=f"{name}_of")
        found = found.join(
            one.select(
                *entity,
                pl.col("surprise").alias(name),
                *(pl.col(kind).alias(f"{name}_{kind}") for kind in ("value", "baseline", "count")),
            ),
            on=entity,
            how="left",
        )
    return found.with_columns(pl.exclude(entity).fill_null(0.0))
