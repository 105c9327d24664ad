"""What can be odd about the way of one parcel, each with a yes or no, and what explains it for everybody."""

from __future__ import annotations

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.clock import DAY, day_number
from chengxin.detection.parcels import deliveries, speeds
from chengxin.detection.parcels.carried import WAYBILL, carried, joined, shared
from chengxin.detection.parcels.deliveries import CITY
from chengxin.detection.parcels.journeys import CLOCKS, journeys
from chengxin.detection.statistics.shares import period
from chengxin.lake.reading import Lake

EVERYBODY = 0.1
"""What more than this share of a carrier's parcels show says nothing about any of them."""

EXPLAINED = 0.05
"""The share of a depot's, lane's or county's parcels, counted by unrelated senders, from which on an oddity
is the place's and not the parcel's."""

BATCH = 10
"""Signatures of one courier within ten minutes before the receivers are looked at."""

SOON = 600

FLAGS = (
    "too_fast", "no_transit", "signed_elsewhere", "before_order", "signed_first", "reused", "own_place",
    "scattered_batch", "no_round", "in_no_time", "hasty", "at_depot", "not_received",
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
    base = lake.engine.kept(_ways(lake))
    told = shared(lake)
    strangers = told.select(
        *WAYBILL,
        "first_order",
        "last_order",
        strangers=told.buyers_differ & (told.addresses_differ | told.sellers_differ),
    )
    rows = joined(base, strangers)
    rows = deliveries.judged(lake, base, speeds.judged(lake, base, rows))
    rows = _told_apart(base, speeds.judged(lake, base, base), rows)
    again = (rows.collected_last > rows.signed_at + DAY) | (rows.signed_last > rows.signed_at + DAY)
    said = {
        "too_fast": rows.too_fast & (rows.too_fast_share < EXPLAINED),
        "no_transit": rows.bare & (rows.bare_share < EXPLAINED),
        "signed_elsewhere": rows.elsewhere & (rows.elsewhere_share < EXPLAINED),
        "before_order": rows.collected_at < rows.ordered_at - CLOCKS,
        "signed_first": rows.signed_at < rows.collected_at - CLOCKS,
        "reused": rows.strangers.fill_null(False) | (again & ~rows.returned).fill_null(False),
        "own_place": (rows.sender == rows.receiver) & (rows.sender_region == rows.receiver_region),
        "scattered_batch": rows.batch.notnull() & rows.scattered.fill_null(False),
        "no_round": rows.no_round,
        "in_no_time": rows.in_no_time,
        "hasty": rows.hasty,
        "at_depot": rows.at_depot,
        "not_received": rows.not_received,
    }
    return rows.select(
        *WAYBILL, "platform", "seller_id", "order_id", "first_order", "last_order", "sender", "signed_by",
        "fast", "impossible", "at", "season", **{name: said[name] for name in flags},
    )  # fmt: skip


def _ways(lake: Lake) -> ir.Table:
    """The parcels that were scanned, with the order, the journey and what can be said of each by itself."""
    parcels = carried(lake)
    rows = parcels.select(
        *WAYBILL, "platform", "seller_id", "order_id", "ordered_at", "sender", "sender_region", "receiver",
        "receiver_region",
        not_received=parcels.order_id.notnull().ifelse(
            parcels.refund_amount >= parcels.amount, ibis.null("boolean")
        ),
    )  # fmt: skip
    rows = rows.inner_join(journeys(lake), WAYBILL)
    rows = rows.filter(rows.collected_at.notnull() | rows.signed_at.notnull())
    rows = deliveries.with_rounds(lake, speeds.with_whole_way(lake, rows))
    at = ibis.coalesce(rows.signed_at, rows.collected_at)
    rows = rows.mutate(
        at=at,
        season=period(at),
        from_city=rows.sender_region.substr(0, CITY),
        to_city=rows.receiver_region.substr(0, CITY),
        collected_day=day_number(rows.collected_at),
        signed_day=day_number(rows.signed_at),
        minutes=(rows.signed_at / SOON).floor().cast("int64"),
        not_received=rows.not_received & rows.signed_at.notnull(),
        elsewhere=(rows.signed_region != rows.receiver_region) | rows.misplaced,
    )
    far = (rows.from_city != rows.to_city) & rows.signed_at.notnull()
    return rows.mutate(bare=far.ifelse(rows.transits == 0, ibis.null("boolean")))


_CELLS = {
    "bare": (
        (["carrier", "from_city", "collected_day"], []),
        (["carrier", "to_city", "signed_day"], []),
        (["carrier", "from_city", "to_city"], []),
    ),
    "elsewhere": ((["carrier", "receiver_region"], ["signed_region"]),),
    "too_fast": (
        (["carrier", "from_city"], []),
        (["carrier", "to_city"], []),
        (["carrier", "from_city", "collected_day"], []),
        (["carrier", "to_city", "signed_day"], []),
    ),
}
"""Where an oddity may be everybody's: the depot (its clock) or the depot that day, the lane, the county.
What stands behind must be the same for it to be one oddity: a station signs for the next county, not for
one at the other end of the country."""


def _told_apart(base: ir.Table, judged: ir.Table, rows: ir.Table) -> ir.Table:
    """The rows with the shares that explain an oddity by its place, and the batch in which they were
    signed."""
    batches = (
        base.filter(base.signed_by.notnull())
        .group_by(["carrier", "signed_by", "minutes"])
        .aggregate(batch=ibis._.count(), scattered=(ibis._.to_city.min() != ibis._.to_city.max()))
    )
    rows = joined(rows, batches.filter(batches.batch >= BATCH), ["carrier", "signed_by", "minutes"])
    for name, cells in _CELLS.items():
        names = [f"{name}_{number}" for number in range(len(cells))]
        for column, (cell, alike) in zip(names, cells, strict=True):
            shares = _by_others(judged, name, cell, alike).rename({column: "share"})
            rows = joined(rows, shares, [*cell, *alike])
        found = [rows[column].fill_null(0.0) for column in names]
        rows = rows.mutate(**{f"{name}_share": ibis.greatest(*found, 0.0)}).drop(*names)
    return rows


def _by_others(rows: ir.Table, name: str, cell: list[str], alike: list[str]) -> ir.Table:
    """How common (`share`) an oddity that is `alike` is in each cell, as far as several senders' parcels
    show it.

    What counts are the senders: many parcels of one sender explain nothing, so each counts once, and one of
    them (it may be the parcel's own) not at all. Three parcels without the oddity are added, for cells with
    few.
    """
    counts = rows.filter(rows[name].notnull()).group_by(cell).aggregate(parcels=ibis._.count())
    odd = rows.filter(rows[name].fill_null(False))
    others = odd.group_by([*cell, *alike]).aggregate(senders=odd.sender.nunique())
    both = others.inner_join(counts, cell)
    return both.select(*cell, *alike, share=(both.senders - 1) / (both.parcels + 3))
