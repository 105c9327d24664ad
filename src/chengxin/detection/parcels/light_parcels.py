"""Which parcels look empty, and the counts behind it: by parcel, by sender and by seller."""

from __future__ import annotations

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.clock import DAY
from chengxin.detection.joining import joined, key_of
from chengxin.detection.parcels.carried import carried, named
from chengxin.detection.parcels.weights import weighed
from chengxin.detection.statistics.shares import period, surprises
from chengxin.detection.statistics.tails import WIDE
from chengxin.lake.reading import Lake

TOO_NEW = 5 * DAY
"""A parcel handed over less than this before the last scan may simply not have been scanned yet."""

EVERYBODY = 0.1
"""What more than this share of a platform's parcels with a carrier show says nothing about any of them
(hashes salted in two ways, scans that a carrier doesn't report)."""

PILE = 5
"""Light parcels of a sender with exactly one weight before that is a pile."""

SHOPS = 3
"""Shops of one sender that is no shop's own."""

FLAGS = (
    "light_for_goods", "light_for_category", "always_light", "stranger", "never_scanned", "other_order",
)  # fmt: skip
LIGHT = ("light_for_goods", "light_for_category")
SELLER, SENDER = ["platform", "seller_id"], ["carrier", "sender"]
CELL = ["category", "season"]


def flagged(lake: Lake, flags: list[str]) -> ir.Table:
    """Parcels with one seller's order: whose they are, and yes, no or nothing (cannot be said) for each
    flag."""

    def made() -> ir.Table:
        rows = weighed(lake)
        if "never_scanned" in flags:
            rows = joined(rows, lake.meanwhile(_unscanned(lake)), ["key"])
            old = rows.handed_at < _last_scan(lake) - TOO_NEW
            rows = rows.mutate(unscanned=old.ifelse(rows.unscanned.fill_null(False), None))
        else:
            rows = rows.mutate(unscanned=ibis.null("boolean"))
        said = {
            "light_for_goods": rows.below_goods > WIDE,
            "light_for_category": (rows.below_category > WIDE) & ~rows.always,
            "always_light": (rows.below_category > WIDE) & rows.always,
            "stranger": rows.stranger,
            "never_scanned": rows.unscanned,
            "other_order": rows.other_order,
        }
        return rows.select(
            "key", *SELLER, *SENDER, "category", "weight_g", "expected_g", "below_goods", "below_category",
            "handed_at",
            season=period(rows.handed_at),
            **{name: said[name] for name in flags},
        )  # fmt: skip

    rows = lake.kept("parcels_flagged", made)
    plain = [name for name in flags if "light" not in name]
    if not plain:
        return rows
    shares = lake.rows(
        rows.group_by(["platform", "carrier"]).aggregate(
            **{f"{name}_share": rows[name].mean() for name in plain}
        )
    )
    said = shares.select(
        "platform",
        "carrier",
        *((pl.col(f"{name}_share") <= EVERYBODY).fill_null(False).alias(f"{name}_says") for name in plain),
    )
    rows = joined(rows, lake.given(said, "parcels_said"), ["platform", "carrier"])
    rows = rows.mutate(**{name: rows[f"{name}_says"].ifelse(rows[name], None) for name in plain})
    return rows.drop(*(f"{name}_says" for name in plain))


def _unscanned(lake: Lake) -> ir.Table:
    """The parcels that were never scanned: key, unscanned (yes)."""
    scans = lake.table("scans")
    known = scans.filter(scans.waybill_no.notnull() & scans.carrier.notnull())
    scanned = known.select(key=key_of(lake, known.carrier, known.waybill_no))
    left = carried(lake).select("key").anti_join(scanned, "key")
    return left.distinct().mutate(unscanned=ibis.literal(True))


def _last_scan(lake: Lake) -> int:
    scans = lake.table("scans")
    known = scans.filter(scans.waybill_no.notnull())
    return int(lake.rows(known.aggregate(last=known["at"].max()))["last"][0] or 0)


def usual_shares(counts: pl.DataFrame, flags: list[str]) -> dict[str, float]:
    """The share of parcels with each flag, in the whole market."""
    return {
        name: float(counts[f"{name}_hit"].sum()) / max(float(counts[f"{name}_of"].sum()), 1.0)
        for name in flags
    }


def odd(lake: Lake, rows: ir.Table, flags: list[str]) -> pl.DataFrame:
    """The parcels that at least one flag says yes to, with their waybill_no, order_id and buyer_id."""
    found = lake.rows(rows.filter(ibis.or_(*(rows[name].fill_null(False) for name in flags))))
    names = named(lake, found["key"]).select("key", "waybill_no", "orders", "buyer_id")
    return found.join(names.with_columns(order_id=pl.col("orders").list.first()), on="key", how="left")


def of(counts: pl.DataFrame, entity: list[str], tests: list[str]) -> pl.DataFrame:
    """The surprises of every seller or every sender against category and season."""
    sums = [f"{name}_{part}" for name in tests for part in ("hit", "of")]
    whole = counts.group_by([*entity, *CELL]).agg(pl.col(sums).sum())
    return surprises(whole, entity=entity, cell=CELL, tests=tests)


def senders(counts: pl.DataFrame, flags: list[str]) -> pl.DataFrame:
    """Each sender's surprise (`sender_surprise`) and the number of its shops with light parcels (`shops`).

    A shop counts when half of what the sender sends for it is light, or three parcels are.
    """
    light = [name for name in flags if name in LIGHT]
    found = of(counts, SENDER, light or flags)
    surprise = found.select(pl.max_horizontal(light or flags).alias("sender_surprise"))["sender_surprise"]
    hits = pl.max_horizontal(f"{name}_hit" for name in light) if light else pl.lit(0)
    by_shop = counts.group_by([*SENDER, *SELLER]).agg(light=hits.sum(), parcels=pl.col("rows").sum())
    hollow = (pl.col("light") > 0) & (pl.col("light") * 2 >= pl.col("parcels").clip(upper_bound=6))
    shops = by_shop.group_by(SENDER).agg(shops=hollow.sum().cast(pl.Int64))
    return found.select(*SENDER).with_columns(surprise).join(shops, on=SENDER, how="left", nulls_equal=True)


def piled(odd: pl.DataFrame) -> pl.DataFrame:
    """The odd parcels with `light` (0 or 1) and how many light ones of their sender weigh exactly the
    same."""
    known = [pl.col(name).fill_null(False) for name in LIGHT if name in odd.columns]
    light = pl.any_horizontal(known or [pl.lit(False)]).cast(pl.Int64)
    same = pl.col("light").sum().over([*SENDER, "weight_g"])
    return odd.with_columns(light=light).with_columns(
        pile=pl.when(pl.col("light") == 1).then(same).otherwise(0)
    )


SURPRISING = 2.0
"""A sender whose light parcels have less than one chance in a hundred."""


def with_company(counts: pl.DataFrame, odd: pl.DataFrame) -> pl.DataFrame:
    """The counts with two more tests: parcels in a pile, and light ones of a sender that serves several shops
    so."""
    keys = [*SELLER, *SENDER, *CELL]
    piles = odd.group_by(keys).agg(
        piled_weight_hit=(pl.col("pile") >= PILE).sum().cast(pl.Int64),
        shared_sender_hit=in_company().sum().cast(pl.Int64),
    )
    return counts.join(piles, on=keys, how="left", nulls_equal=True).with_columns(
        pl.col("piled_weight_hit", "shared_sender_hit").fill_null(0),
        piled_weight_of=pl.col("rows"),
        shared_sender_of=pl.col("rows"),
    )


def in_company() -> pl.Expr:
    """A light parcel whose sender sends light ones for several shops, and more of them than chance would."""
    several = (pl.col("shops") >= SHOPS) & (pl.col("sender_surprise") >= SURPRISING)
    return (several & (pl.col("light") == 1)).fill_null(False)
