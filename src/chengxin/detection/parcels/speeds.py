"""Ways that were covered faster than lorries, planes or this carrier ever cover them."""

from __future__ import annotations

import math

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.joining import joined
from chengxin.detection.parcels.distances import km, places
from chengxin.detection.parcels.journeys import BANDS, LEGS, band_of, speed_step
from chengxin.detection.statistics.tails import STEPS, WIDE, measured
from chengxin.lake.reading import Lake

ROAD_KMH, AIR_KMH = 110, 900
"""What is impossible by road and by air (red flags of investigators; GB 7258 and the roads' limit lie
below)."""

FLOWN_FROM = 300.0
"""Kilometres below which nobody flies parcels: airports, handling and the way there take longer than the
road."""

PART = ["carrier", "part"]


def too_fast(lake: Lake, rows: ir.Table) -> ir.Table:
    """The waybills with a part of the way that was too fast: `key`, `fast` (how many widths the fastest part
    lies above what is usual for the carrier and the distance) and `impossible` (no lorry or plane does it).

    Too fast is beyond what the carrier shows elsewhere, planes included, or beyond what is possible. `rows`
    are those of `with_whole_way`.
    """
    legs = [(rows[name], ibis.literal(band)) for band, name in enumerate(LEGS)]
    parts = ibis.union(
        *(
            rows.filter(step.notnull()).select(
                "key", "carrier", part=part.cast("int64"), step=step.cast("int64")
            )
            for step, part in (*legs, (rows.whole_step, rows.whole_part))
        )
    )
    counts = lake.rows(parts.group_by([*PART, "step"]).aggregate(rows=parts.count()))
    found = joined(parts, lake.given(_limits(counts), "speeds"), PART)
    found = found.filter((found.step > found.usual_most) | (found.step > found.possible))
    return found.group_by("key").aggregate(
        fast=((found.step + 0.5 - found.middle) / found.above).max(),
        impossible=(found.step > found.possible).any(),
    )


def with_whole_way(lake: Lake, rows: ir.Table) -> ir.Table:
    """The rows with the speed of the whole way, door to door: `whole_part` (a number for the band of its
    distance) and `whole_step`, empty where it is short or nothing is known.

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
    rows = rows.mutate(away=away)
    far = rows.away >= BANDS[0]
    rows = rows.mutate(
        whole_part=band_of(rows.away) + len(BANDS),
        whole_step=far.ifelse(speed_step(rows.away, rows.signed_at - rows.collected_at), None),
    )
    made = [f"{end}_{part}" for end in ("sender", "receiver") for part in ("north", "east", "reach")]
    return rows.drop(*made, "away")


def _limits(counts: pl.DataFrame) -> pl.DataFrame:
    """Of each carrier and part of the way: the middle, the width above it, what none but few exceed
    (`usual_most`) and what nobody does (`possible`; all in steps)."""
    possible = {
        band + whole: math.floor(math.log2(ROAD_KMH if least < FLOWN_FROM else AIR_KMH) * STEPS)
        for band, least in enumerate(BANDS)
        for whole in (0, len(BANDS))
    }
    return measured(counts, PART, ["part"]).select(
        *PART,
        middle=pl.col("middle").round(6),
        above=pl.col("above").round(6),
        usual_most=pl.max_horizontal(pl.col("middle") + WIDE * pl.col("above"), "far").round(6),
        possible=pl.col("part").replace_strict(possible, return_dtype=pl.Int64),
    )
