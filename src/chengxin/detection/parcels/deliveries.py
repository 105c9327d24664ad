"""The last stretch: whether a parcel that was signed for was out for delivery at all, and when it was signed.

Who signs parcels off without handing them over saves the round: no scan that they went out, a signature
within moments of it or of the parcel's arrival, at the depot instead of a door, at hours when nobody is at
work. Places where that is usual (a shelf at the depot, a station that reports no rounds) show it in the
parcels of their other couriers, too.
"""

from __future__ import annotations

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.joining import joined, number_of
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

QUIET = 0.2
"""An hour is quiet in which a carrier's couriers sign less than this part of what they would if all hours
were alike."""

MOSTLY = 0.5
"""The part of what a courier signs that makes an hour his usual one."""

HOUR, HOURS = 3600, 24

ODDITIES = ("no_round", "in_no_time", "hasty", "at_depot")
PLACE = ["carrier", "signed_region"]


def with_rounds(lake: Lake, rows: ir.Table) -> ir.Table:
    """The rows (parcels with their journeys) with `pace` (`tails.step` of rounds an hour, from going out to
    the signature), `pace_arrived` (the same from the arrival), `signed_hour` (of the day, UTC) and yes, no
    or nothing for `no_round` and `at_depot`."""
    if lake.has("scans.lat", "scans.lon"):
        rows = _at_depot(lake, rows)
    else:
        rows = rows.mutate(at_depot=ibis.null("boolean"))
    return rows.mutate(
        pace=_pace(rows.signed_at - rows.out_at),
        pace_arrived=_pace(rows.signed_at - rows.arrived_at),
        signed_hour=(rows.signed_at / HOUR).floor().cast("int64") % HOURS,
        no_round=rows.signed_at.notnull().ifelse(rows.out_at.isnull(), ibis.null("boolean")),
        no_depot=rows.out_at.isnull()
        & (rows.last_region.substr(0, CITY) != rows.signed_region.substr(0, CITY)),
    )


def _at_depot(lake: Lake, rows: ir.Table) -> ir.Table:
    # Kept, so that the engine knows how few they are and doesn't turn the join round.
    rows = joined(rows, lake.kept("depots", lambda: _depots(lake)), ["carrier", "signed_facility"])
    away = km(
        ibis.coalesce(rows.out_north, rows.depot_north),
        ibis.coalesce(rows.out_east, rows.depot_east),
        rows.signed_north,
        rows.signed_east,
    )
    return rows.mutate(at_depot=away < AT_DEPOT_KM).drop("depot_north", "depot_east")


def _depots(lake: Lake) -> ir.Table:
    """Where the facilities stand from which parcels go out."""
    scans = lake.table("scans")
    out = scans.filter(
        (scans.event == "out_for_delivery") & scans.facility.notnull() & scans.carrier.notnull()
    )
    return out.group_by(carrier=out.carrier, signed_facility=number_of(lake, out.facility)).aggregate(
        depot_north=out.lat.quantile(0.5), depot_east=out.lon.quantile(0.5)
    )


def _pace(seconds: ir.IntegerValue) -> ir.IntegerValue:
    return (seconds >= 0).ifelse(step(3600.0 / (seconds + MOMENT)), ibis.null("int64"))


def judged(lake: Lake, base: ir.Table) -> ir.Table:
    """The rows of `with_rounds` with a yes, no or nothing for each of the `ODDITIES`, where other couriers of
    the place don't show it, and for `at_night`."""
    rows = joined(base, lake.given(_limits(lake, base), "rounds"), ["carrier"])
    rows = joined(rows, lake.given(_quiet(lake, base), "hours"), ["carrier", "signed_by", "signed_hour"])
    # Of a parcel that went out the round counts, of one that didn't the time since it arrived.
    rows = rows.mutate(
        in_no_time=ibis.coalesce(rows.pace > rows.pace_limit, rows.pace_arrived > rows.pace_arrived_limit),
        hasty=ibis.coalesce(rows.pace > rows.pace_quick, rows.pace_arrived > rows.pace_arrived_quick),
        at_night=(rows.signed_hour.notnull() & rows.signed_by.notnull()).ifelse(
            rows.at_night.fill_null(False), None
        ),
    )
    rows = rows.drop(*(name for name in rows.columns if name.startswith("pace")), "signed_hour")
    signed = rows.filter(rows.signed_by.notnull() & rows.signed_region.notnull())
    sums = {f"{name}_hit": signed[name].fill_null(False).sum().cast("int64") for name in ODDITIES}
    sums["no_depot_hit"] = signed.no_depot.fill_null(False).sum().cast("int64")
    sums |= {f"{name}_of": signed[name].count() for name in ODDITIES}
    couriers = lake.rows(signed.group_by([*PLACE, "signed_by"]).aggregate(**sums))
    rows = joined(rows, lake.given(others(couriers), "couriers_beside"), [*PLACE, "signed_by"])
    return rows.mutate(
        **{name: rows[name] & (rows[f"{name}_beside"].fill_null(0.0) < USUAL_HERE) for name in ODDITIES}
    ).drop(*(f"{name}_beside" for name in ODDITIES), "no_depot")


def _limits(lake: Lake, base: ir.Table) -> pl.DataFrame:
    """Of each carrier: the paces that are among the quickest few in a hundred and beyond what is usual."""
    found = None
    for name in ("pace", "pace_arrived"):
        known = base.filter(base[name].notnull()).select("carrier", step=base[name])
        counts = lake.rows(known.group_by(["carrier", "step"]).aggregate(rows=known.count()))
        limits = measured(counts, ["carrier"]).select(
            "carrier",
            (pl.col("middle") + QUICK * pl.col("above")).round(6).alias(f"{name}_quick"),
            pl.max_horizontal(pl.col("middle") + WIDE * pl.col("above"), "far")
            .round(6)
            .alias(f"{name}_limit"),
        )
        found = limits if found is None else found.join(limits, on="carrier", how="full", coalesce=True)
    assert found is not None  # noqa: S101 # there are two names
    return found


def _quiet(lake: Lake, base: ir.Table) -> pl.DataFrame:
    """The quiet hours in which couriers signed all the same: carrier, signed_by, signed_hour, at_night."""
    known = base.filter(base.signed_hour.notnull() & base.signed_by.notnull())
    return quiet(
        lake.rows(known.group_by(["carrier", "signed_by", "signed_hour"]).aggregate(rows=known.count()))
    )


def quiet(counts: pl.DataFrame) -> pl.DataFrame:
    """The hours of the day in which a courier signs (`rows` parcels) and the carrier's others hardly ever do:
    carrier, signed_by, signed_hour, at_night.

    Each courier counts the same: one who signs heaps at night doesn't make the night an hour of work. An hour
    beside those of work in which somebody signs most of what he ever does is when his station opens.
    """
    part = pl.col("rows") / pl.col("rows").sum().over("carrier", "signed_by")
    others = pl.struct("carrier", "signed_by").n_unique().over("carrier") - 1
    parts = counts.sort("carrier", "signed_hour", "rows").with_columns(part=part, others=others)
    whole = parts.group_by("carrier", "signed_hour", maintain_order=True).agg(whole=pl.col("part").sum())
    whole = whole.rename({"signed_hour": "near"})
    own = parts.select("carrier", "signed_by", near="signed_hour", own="part")
    beside = (pl.col("whole").fill_null(0.0) - pl.col("own").fill_null(0.0)) / pl.col("others")

    def still(by: int) -> pl.Expr:
        """Whether the others hardly sign in the hour so many hours later."""
        hours = parts.select("carrier", "signed_by", "others", near=(pl.col("signed_hour") + by) % HOURS)
        hours = hours.join(whole, on=["carrier", "near"], how="left", maintain_order="left")
        hours = hours.join(own, on=["carrier", "signed_by", "near"], how="left", maintain_order="left")
        return pl.lit(hours.select(beside.round(6) < QUIET / HOURS).to_series())

    opening = (pl.col("part") > MOSTLY) & ~(still(-1) & still(1))
    return parts.filter((pl.col("others") > 0) & still(0) & ~opening).select(
        "carrier", "signed_by", "signed_hour", at_night=pl.lit(True)
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
