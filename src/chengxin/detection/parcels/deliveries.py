"""The last stretch: whether a parcel that was signed for was out for delivery at all.

Who signs parcels off without handing them over saves the round: no scan that they went out, a signature
within moments of it, at the depot instead of a door. Places where that is usual (a shelf at the depot, a
station that reports no rounds) show it in the parcels of their other couriers, too.
"""

from __future__ import annotations

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.parcels.carried import joined
from chengxin.detection.parcels.distances import km
from chengxin.detection.statistics.tails import WIDE, measured, step
from chengxin.lake.reading import Lake

AT_DEPOT_KM = 0.3
"""As near to the depot as positions are exact: a street or two."""

USUAL_HERE = 0.05
"""The share of what other couriers of the place sign that shows an oddity, from which on it is the
place's."""

SILENT = 0.25
"""The part of a place's parcels without a round that weren't scanned anywhere in its city, from which on
the depot is silent and not the courier."""

CITY = 4
"""Digits of a code of GB/T 2260 that name the city."""

MOMENT = 30
"""Seconds added to every round, so that clocks that show whole minutes don't make them endlessly quick."""

QUICK = 2.0
"""Widths above the usual pace from which on a round is among the quickest few in a hundred."""

ODDITIES = ("no_round", "in_no_time", "hasty", "at_depot")
PLACE = ["carrier", "signed_region"]


def with_rounds(lake: Lake, rows: ir.Table) -> ir.Table:
    """The rows (parcels with their journeys) with `pace` (`tails.step` of rounds an hour, from going out to
    the signature) and yes, no or nothing for `no_round` and `at_depot`."""
    scans = lake.table("scans")
    out = scans.filter(
        (scans.event == "out_for_delivery") & scans.facility.notnull() & scans.carrier.notnull()
    )
    depots = out.group_by(carrier=out.carrier, signed_facility=out.facility).aggregate(
        depot_north=out.lat.quantile(0.5), depot_east=out.lon.quantile(0.5)
    )
    rows = joined(rows, depots, ["carrier", "signed_facility"])
    away = km(
        ibis.coalesce(rows.out_north, rows.depot_north),
        ibis.coalesce(rows.out_east, rows.depot_east),
        rows.signed_north,
        rows.signed_east,
    )
    seconds = rows.signed_at - rows.out_at
    return rows.mutate(
        pace=(seconds >= 0).ifelse(step(3600.0 / (seconds + MOMENT)), ibis.null("int64")),
        no_round=rows.signed_at.notnull().ifelse(rows.out_at.isnull(), ibis.null("boolean")),
        no_depot=rows.out_at.isnull()
        & (rows.signed_after.substr(0, CITY) != rows.signed_region.substr(0, CITY)),
        at_depot=away < AT_DEPOT_KM,
    ).drop("depot_north", "depot_east")


def judged(lake: Lake, base: ir.Table, rows: ir.Table) -> ir.Table:
    """The rows with a yes, no or nothing for each of the `ODDITIES`, where other couriers of the place don't
    show it.

    `base` (`with_rounds`) is where the usual is learnt, `rows` are the same or more.
    """
    known = base.filter(base.pace.notnull()).select("carrier", step=base.pace)
    counts = lake.rows(known.group_by(["carrier", "step"]).aggregate(rows=known.count()))
    limits = measured(counts, ["carrier"]).select(
        "carrier",
        pace_quick=(pl.col("middle") + QUICK * pl.col("above")).round(6),
        pace_limit=pl.max_horizontal(pl.col("middle") + WIDE * pl.col("above"), "far").round(6),
    )
    rounds = lake.given(limits, "rounds")
    signed = base.filter(base.signed_by.notnull() & base.signed_region.notnull())
    signed = _told(signed.select(*PLACE, "signed_by", "pace", "no_round", "no_depot", "at_depot"), rounds)
    sums = {f"{name}_hit": signed[name].fill_null(False).sum().cast("int64") for name in ODDITIES}
    sums["no_depot_hit"] = signed.no_depot.fill_null(False).sum().cast("int64")
    sums |= {f"{name}_of": signed[name].count() for name in ODDITIES}
    couriers = lake.rows(signed.group_by([*PLACE, "signed_by"]).aggregate(**sums))
    rows = joined(_told(rows, rounds), lake.given(others(couriers), "couriers_beside"), [*PLACE, "signed_by"])
    return rows.mutate(
        **{name: rows[name] & (rows[f"{name}_beside"].fill_null(0.0) < USUAL_HERE) for name in ODDITIES}
    ).drop(*(f"{name}_beside" for name in ODDITIES))


def _told(rows: ir.Table, rounds: ir.Table) -> ir.Table:
    rows = joined(rows, rounds, ["carrier"])
    return rows.mutate(in_no_time=rows.pace > rows.pace_limit, hasty=rows.pace > rows.pace_quick).drop(
        "pace", "pace_limit", "pace_quick"
    )


def others(counts: pl.DataFrame) -> pl.DataFrame:
    """For each courier of a place, the share of the other couriers' parcels there with each oddity.

    `no_round` counts as everybody's where the depot itself, which no courier answers for, is missing as well.
    """

    def beside(name: str) -> pl.Expr:
        hit, of = pl.col(f"{name}_hit"), pl.col(f"{name}_of")
        rest = of.sum().over(PLACE) - of
        return pl.when(rest > 0).then((hit.sum().over(PLACE) - hit) / rest)

    silent = pl.col("no_depot_hit").sum().over(PLACE) >= SILENT * pl.col("no_round_hit").sum().over(PLACE)
    found = {name: beside(name) for name in ODDITIES}
    found["no_round"] = pl.when(silent).then(1.0).otherwise(found["no_round"])
    return counts.select(*PLACE, "signed_by", *(one.alias(f"{name}_beside") for name, one in found.items()))
