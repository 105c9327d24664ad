"""What can be odd about the way of one parcel, each with a yes or no, and what explains it for everybody."""

from __future__ import annotations

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.clock import DAY, day_number
from chengxin.detection.joining import joined
from chengxin.detection.parcels import deliveries, speeds
from chengxin.detection.parcels.carried import carried, shared
from chengxin.detection.parcels.deliveries import CITY
from chengxin.detection.parcels.distances import km, places
from chengxin.detection.parcels.explaining import unexplained
from chengxin.detection.parcels.journeys import CLOCKS, LEGS, journeys
from chengxin.detection.statistics.shares import period
from chengxin.lake.reading import Lake

EVERYBODY = 0.1
"""What more than this share of a carrier's parcels show says nothing about any of them."""

BATCH = 10
"""Signatures of one courier within ten minutes before the receivers are looked at."""

SOON = 600

OUTSIDE = 4.0
"""Times as far as a region reaches."""

FLAGS = (
    "too_fast", "no_transit", "signed_elsewhere", "before_order", "signed_first", "reused", "own_place",
    "scattered_batch", "no_round", "in_no_time", "hasty", "at_depot", "at_night", "not_received",
)  # fmt: skip


def odd_journeys(lake: Lake, flags: list[str]) -> ir.Table:
    """Parcels that were scanned: whose they are, and yes, no or nothing (cannot be said) for each flag."""
    rows = lake.kept("odd_journeys", lambda: _judged(lake, flags))
    shares = lake.rows(rows.group_by("carrier").aggregate(**{name: rows[name].mean() for name in flags}))
    says = shares.select(
        "carrier", *((pl.col(name) <= EVERYBODY).fill_null(False).alias(f"{name}_says") for name in flags)
    )
    rows = joined(rows, lake.given(says, "journeys_said"), ["carrier"])
    return rows.mutate(
        **{name: rows[f"{name}_says"].ifelse(rows[name], ibis.null("boolean")) for name in flags}
    ).drop(*(f"{name}_says" for name in flags))


def _judged(lake: Lake, flags: list[str]) -> ir.Table:
    base = lake.kept("ways", lambda: _ways(lake))
    told = shared(lake)
    strangers = told.select(
        "key", strangers=told.buyers_differ & (told.addresses_differ | told.sellers_differ)
    )
    rows = joined(deliveries.judged(lake, base), unexplained(lake, base, "too_fast" in flags), ["key"])
    batches = lake.kept("batches_scattered", lambda: _batches(base))
    rows = joined(joined(rows, strangers, ["key"]), batches, ["carrier", "signed_by", "minutes"])
    none = ibis.null("boolean")
    said = {
        "too_fast": ibis.coalesce(rows.too_fast, rows.whole_step.notnull().ifelse(False, none)),
        "no_transit": rows.bare & rows.no_transit.fill_null(False),
        "signed_elsewhere": rows.elsewhere & rows.signed_elsewhere.fill_null(False),
        "before_order": rows.before_order,
        "signed_first": rows.signed_first,
        "reused": rows.strangers.fill_null(False) | rows.again,
        "own_place": rows.own_place,
        "scattered_batch": rows.scattered.fill_null(False),
        "no_round": rows.no_round,
        "in_no_time": rows.in_no_time,
        "hasty": rows.hasty,
        "at_depot": rows.at_depot,
        "at_night": rows.at_night,
        "not_received": rows.not_received,
    }
    return rows.select(
        "key", "carrier", "sender", "signed_by", "fast", "impossible", "at", "season",
        **{name: said[name] for name in flags},
    )  # fmt: skip


def _ways(lake: Lake) -> ir.Table:
    """The parcels that were scanned, with what can be said of the way of each by itself: few and short
    columns, as there may be hundreds of millions."""
    parcels = carried(lake).select(
        "key", "carrier", "sender", "sender_region", "receiver_region", "ordered_at", "own_place", "refunded"
    )
    rows = parcels.inner_join(journeys(lake), "key")
    rows = rows.filter(rows.collected_at.notnull() | rows.signed_at.notnull())
    rows = deliveries.with_rounds(lake, speeds.with_whole_way(lake, _misplaced(lake, rows)))
    at = ibis.coalesce(rows.signed_at, rows.collected_at)
    from_city, to_city = rows.sender_region.substr(0, CITY), rows.receiver_region.substr(0, CITY)
    again = (rows.collected_last > rows.signed_at + DAY) | (rows.signed_last > rows.signed_at + DAY)
    far = (from_city != to_city) & rows.signed_at.notnull()
    return rows.select(
        "key", "carrier", "sender", "own_place", "receiver_region", "signed_region", "signed_by",
        "whole_part", "whole_step", "pace", "pace_arrived", "signed_hour", "no_round", "no_depot", "at_depot",
        *LEGS,
        at=at,
        season=period(at),
        from_city=from_city,
        to_city=to_city,
        collected_day=day_number(rows.collected_at),
        signed_day=day_number(rows.signed_at),
        minutes=(rows.signed_at / SOON).floor().cast("int64"),
        before_order=rows.collected_at < rows.ordered_at - CLOCKS,
        signed_first=rows.signed_at < rows.collected_at - CLOCKS,
        again=(again & ~rows.returned).fill_null(False),
        not_received=rows.refunded & rows.signed_at.notnull(),
        elsewhere=(rows.signed_region != rows.receiver_region) | rows.misplaced,
        bare=far.ifelse(rows.transits == 0, ibis.null("boolean")),
    )  # fmt: skip


def _misplaced(lake: Lake, rows: ir.Table) -> ir.Table:
    """The rows with `misplaced`: signed at a position far outside the region that the scan names."""
    if not lake.has("scans.lat", "scans.lon"):
        return rows.mutate(misplaced=ibis.literal(False))
    known = places(lake)
    rows = joined(rows, known.rename(signed_region="region"), ["signed_region"])
    off = km(rows.signed_north, rows.signed_east, rows.latitude, rows.longitude)
    misplaced = (off > OUTSIDE * rows.reach_km).fill_null(False)
    return rows.mutate(misplaced=misplaced).drop("latitude", "longitude", "reach_km")


def _batches(base: ir.Table) -> ir.Table:
    """Where (carrier, signed_by) and when (minutes) a courier signed many parcels of several cities."""
    known = base.filter(base.signed_by.notnull())
    batches = known.group_by(["carrier", "signed_by", "minutes"]).aggregate(
        batch=known.count(), first=known.to_city.min(), last=known.to_city.max()
    )
    batches = batches.filter((batches.batch >= BATCH) & (batches["first"] != batches["last"]))
    return batches.select("carrier", "signed_by", "minutes", scattered=ibis.literal(True))
