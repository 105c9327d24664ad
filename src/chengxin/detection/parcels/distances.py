"""Where regions lie, learnt from the scans themselves, and how far it is between them."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import numpy as np
import polars as pl
from ibis.expr import types as ir

from chengxin.lake.reading import Lake

TENTHS = 20
"""Parts of a degree in which positions are counted: 5 km, finer than a county."""

EARTH_KM = 6371.0

AROUND = 0.9
"""A region reaches as far from its middle as nine in ten of its scans."""

LEAST_KM = 5.0

STOPS = 1 << 21
"""Stops are numbered below this; of more, the last go without a number."""


def places(lake: Lake) -> ir.Table:
    """The middle and reach of every region: region, latitude, longitude (degrees), reach_km.

    The middle is the median in each direction: a few scans with a wrong position don't move it.
    """

    def made() -> ir.Table:
        scans = lake.table("scans")
        known = scans.filter(scans.region.notnull() & scans.lat.notnull() & scans.lon.notnull())
        counts = known.group_by(
            region=known.region,
            north=(known.lat * TENTHS).floor().cast("int64"),
            east=(known.lon * TENTHS).floor().cast("int64"),
        ).aggregate(rows=known.count())
        return lake.given(middles(lake.rows(counts)), "places")

    return lake.kept("places", made)


def stops(lake: Lake) -> ir.Table:
    """Every region in which a carrier scans, with a number of its own (`stop`, from 1): carrier, region, and
    of the region reach_km and its place in space (`x`, `y`, `z`, kilometres from the middle of the Earth),
    empty where no scan has a position.

    Numbers follow the position: they don't depend on how ids are spelt, unless two lie at the same place.
    """

    def made() -> ir.Table:
        scans = lake.table("scans")
        known = scans.filter(scans.carrier.notnull() & scans.region.notnull())
        found = lake.rows(known.select("carrier", "region").distinct())
        numbered = (
            found.join(lake.rows(places(lake)), on="region", how="left")
            .sort("latitude", "longitude", "region", "carrier")
            .with_columns(stop=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
            .filter(pl.col("stop") < STOPS)
        )
        north, east = pl.col("latitude").radians(), pl.col("longitude").radians()
        placed = numbered.select(
            "stop",
            "carrier",
            "region",
            "reach_km",
            x=(EARTH_KM * north.cos() * east.cos()).round(3),
            y=(EARTH_KM * north.cos() * east.sin()).round(3),
            z=(EARTH_KM * north.sin()).round(3),
        )
        return lake.given(placed, "stops")

    return lake.kept("stops", made)


def middles(counts: pl.DataFrame) -> pl.DataFrame:
    """The middle and reach of each region from its numbers of scans (`rows`) by cell (`north`, `east`)."""

    def median(name: str) -> pl.DataFrame:
        ordered = counts.group_by("region", name).agg(pl.col("rows").sum()).sort("region", name)
        half = pl.col("rows").cum_sum().over("region") * 2 >= pl.col("rows").sum().over("region")
        return ordered.filter(half).group_by("region", maintain_order=True).agg(pl.col(name).first())

    found = median("north").join(median("east"), on="region", suffix="_middle")
    middle = found.select(
        "region",
        latitude=((pl.col("north") + 0.5) / TENTHS).round(4),
        longitude=((pl.col("east") + 0.5) / TENTHS).round(4),
    )
    around = counts.join(middle, on="region")
    away = km_between(
        (around["north"].to_numpy() + 0.5) / TENTHS,
        (around["east"].to_numpy() + 0.5) / TENTHS,
        around["latitude"].to_numpy(),
        around["longitude"].to_numpy(),
    )
    reach = (
        around.select("region", "rows", away=pl.Series(np.round(away, 3)))
        .sort("region", "away", "rows")
        .filter(
            pl.col("rows").cum_sum().over("region") >= AROUND * pl.col("rows").sum().over("region") - 1e-9
        )
        .group_by("region", maintain_order=True)
        .agg(reach_km=pl.col("away").first().clip(lower_bound=LEAST_KM))
    )
    return middle.join(reach, on="region").sort("region")


def km_between(
    north: np.ndarray, east: np.ndarray, other_north: np.ndarray, other_east: np.ndarray
) -> np.ndarray:
    """Kilometres along the great circle between positions in degrees (haversine)."""
    one, other = np.radians(north), np.radians(other_north)
    across = np.radians(other_east - east)
    square = np.sin((other - one) / 2) ** 2 + np.cos(one) * np.cos(other) * np.sin(across / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(square, 0, 1))))


def km(north: ir.Value, east: ir.Value, other_north: ir.Value, other_east: ir.Value) -> ir.NumericValue:
    """The same in the rows of the lake; empty where a position is."""
    one, other = north.radians(), other_north.radians()
    up, across = ((other - one) / 2).sin(), ((other_east - east).radians() / 2).sin()
    square = up * up + one.cos() * other.cos() * across * across
    return 2 * EARTH_KM * square.clip(lower=0.0, upper=1.0).sqrt().asin()


def km_in_space(one: Sequence[ir.NumericValue], other: Sequence[ir.NumericValue]) -> ir.NumericValue:
    """The same of places in space (x, y, z): a third of the reckoning, where there are very many."""
    square = sum(((a - b) * (a - b) for a, b in zip(one, other, strict=True)), ibis.literal(0.0))
    half = (square.sqrt() / (2 * EARTH_KM)).clip(upper=1.0)
    return 2 * EARTH_KM * half.asin()
