"""Ways that were covered faster than lorries, planes or this carrier ever cover them."""

from __future__ import annotations

import math

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.parcels.carried import joined
from chengxin.detection.parcels.distances import km, places
from chengxin.detection.parcels.journeys import BANDS, band_of, speed_step
from chengxin.detection.statistics.tails import STEPS, WIDE, measured
from chengxin.lake.reading import Lake

ROAD_KMH, AIR_KMH = 110, 900
"""What is impossible by road and by air (red flags of investigators; GB 7258 and the roads' limit lie
below)."""

FLOWN_FROM = 300.0
"""Kilometres below which nobody flies parcels: airports, handling and the way there take longer than the
road."""

LEGS = tuple(f"leg_{band}" for band in range(len(BANDS)))


def judged(lake: Lake, base: ir.Table, rows: ir.Table) -> ir.Table:
    """The rows with `fast`: how many widths the fastest part of the way lies above what is usual for the
    carrier and the distance (empty where nothing is known), `too_fast` (a flag: beyond what the carrier shows
    elsewhere, planes included, or beyond what is possible) and `impossible` (the latter alone).

    `base` (parcels with their journeys and `with_whole_way`) is where the usual is learnt, `rows` are the
    same or more.
    """
    parts = [*LEGS, *(f"whole_{band}" for band in range(len(BANDS)))]
    wide = _side_by_side(pl.concat([_limits(lake, base, part) for part in parts]), parts)
    rows = joined(rows, lake.given(wide, "speeds"), ["carrier"])
    fast, over, beyond = [], [], []
    for part in parts:
        possible = ROAD_KMH if BANDS[int(part[-1])] < FLOWN_FROM else AIR_KMH
        fast.append(((rows[part] + 0.5 - rows[f"{part}_middle"]) / rows[f"{part}_above"]).fill_null(0.0))
        over.append((rows[part] > rows[f"{part}_limit"]).fill_null(False))
        beyond.append((rows[part] > math.floor(math.log2(possible) * STEPS)).fill_null(False))
    impossible = ibis.or_(*beyond)
    said = ibis.or_(*(rows[part].notnull() for part in parts))
    return rows.mutate(
        fast=said.ifelse(ibis.greatest(*fast), ibis.null("float64")),
        too_fast=said.ifelse(ibis.or_(*over) | impossible, ibis.null("boolean")),
        impossible=impossible,
    ).drop(*parts, *(name for name in wide.columns if name != "carrier"))


def with_whole_way(lake: Lake, rows: ir.Table) -> ir.Table:
    """The rows with the speed of the whole way, door to door, in the column of its band (`whole_<n>`).

    Needs collected_at, signed_at, sender_region and receiver_region.
    """
    known = places(lake)
    for end in ("sender", "receiver"):
        ends = known.select(
            **{
                f"{end}_region": known.region,
                f"{end}_north": known.latitude,
                f"{end}_east": known.longitude,
                f"{end}_reach": known.reach_km,
            }
        )
        rows = joined(rows, ends, [f"{end}_region"])
    away = (
        km(rows.sender_north, rows.sender_east, rows.receiver_north, rows.receiver_east)
        - rows.sender_reach
        - rows.receiver_reach
    )
    rows = rows.mutate(away=away, speed=speed_step(away, rows.signed_at - rows.collected_at))
    band = band_of(rows.away)
    rows = rows.mutate(
        **{f"whole_{n}": (band == n).ifelse(rows.speed, ibis.null("int64")) for n in range(len(BANDS))}
    )
    made = [f"{end}_{part}" for end in ("sender", "receiver") for part in ("north", "east", "reach")]
    return rows.drop(*made, "away", "speed")


def _limits(lake: Lake, rows: ir.Table, part: str) -> pl.DataFrame:
    """Of a part of the way and every carrier: the middle, the width above it, and what none but few
    exceed."""
    known = rows.filter(rows[part].notnull()).select("carrier", step=rows[part])
    counts = lake.rows(known.group_by(["carrier", "step"]).aggregate(rows=known.count()))
    found = measured(counts, ["carrier"])
    return found.select(
        pl.lit(part).alias("part"),
        "carrier",
        middle=pl.col("middle").round(6),
        above=pl.col("above").round(6),
        limit=pl.max_horizontal(pl.col("middle") + WIDE * pl.col("above"), "far").round(6),
    )


def _side_by_side(known: pl.DataFrame, parts: list[str]) -> pl.DataFrame:
    """A row for each carrier: `<part>_middle`, `<part>_above` and `<part>_limit` of every part."""
    wide = known.select("carrier").unique().sort("carrier")
    for part in parts:
        one = known.filter(pl.col("part") == part).drop("part")
        wide = wide.join(
            one.rename({name: f"{part}_{name}" for name in ("middle", "above", "limit")}),
            on="carrier",
            how="left",
        )
    return wide
