"""Whether who comes back pays more than who comes for the first time, for the same goods at the same
moment."""

from __future__ import annotations

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.clock import day_number
from chengxin.detection.goods.prices import PRODUCT, sold
from chengxin.lake.reading import Lake

MOMENT = 1800
"""Seconds within which two orders of a product meet the same price, unless somebody makes a difference."""

DEARER = 1.01
"""From this ratio on a price is another one."""


def meetings(lake: Lake) -> ir.Table:
    """Neighbouring orders of one product, in the same number of pieces within `MOMENT`, of which just one
    buyer had bought from the seller before: platform, product_id, dearer, cheaper, same (for who comes
    back), gap (fen a piece), old_order, new_order, at.

    Only goods of which such orders ever had different prices are looked at: for the others there is nothing
    to see."""

    def made() -> ir.Table:
        orders = sold(lake).filter(lambda rows: rows.buyer_id.notnull() & rows.seller_id.notnull())
        orders = orders.mutate(slot=(orders.created_at / MOMENT).floor())
        slots = orders.group_by([*PRODUCT, "quantity", "slot"]).aggregate(
            low=orders.unit.min(), high=orders.unit.max()
        )
        uneven = slots.filter(slots.high > slots.low * DEARER).select(*PRODUCT).distinct()
        rows = orders.semi_join(lake.engine.kept(uneven), PRODUCT).select(
            *PRODUCT, "seller_id", "buyer_id", "order_id", "quantity", "unit", "created_at"
        )
        rows = lake.engine.kept(rows)
        buyer = ["platform", "seller_id", "buyer_id"]
        known = orders.semi_join(rows.select(*buyer).distinct(), buyer)
        first = known.group_by(buyer).aggregate(since=known.created_at.min())
        rows = rows.inner_join(first, buyer)
        rows = rows.mutate(old=rows.since < rows.created_at - MOMENT)
        order = ibis.window(
            group_by=[*PRODUCT, "quantity"], order_by=["created_at", "old", "unit", "order_id"]
        )
        rows = rows.mutate(
            **{
                f"next_{name}": rows[name].lead().over(order)
                for name in ("old", "unit", "created_at", "order_id", "buyer_id")
            }
        )
        rows = rows.filter(
            rows.next_old != rows.old,
            rows.next_created_at - rows.created_at <= MOMENT,
            rows.next_buyer_id != rows.buyer_id,
        )
        old_pays = rows.old.ifelse(rows.unit, rows.next_unit)
        new_pays = rows.old.ifelse(rows.next_unit, rows.unit)
        return rows.select(
            *PRODUCT,
            dearer=(old_pays > new_pays * DEARER).cast("int64"),
            cheaper=(new_pays > old_pays * DEARER).cast("int64"),
            gap=old_pays - new_pays,
            new_pays=new_pays,
            old_order=rows.old.ifelse(rows.order_id, rows.next_order_id),
            new_order=rows.old.ifelse(rows.next_order_id, rows.order_id),
            at=rows.created_at,
        )

    return lake.kept("price_meetings", made)


def by_product(lake: Lake) -> pl.DataFrame:
    """platform, product_id, met (meetings), net (how many more of them were dearer than cheaper for who
    came back, none below 0: what differs both ways is a coupon or a price that moves), gap (share of the
    price), first and last (epoch seconds)."""
    rows = meetings(lake)
    found = rows.group_by(PRODUCT).aggregate(
        met=rows.count(),
        dearer=rows.dearer.sum(),
        cheaper=rows.cheaper.sum(),
        more=rows.gap.sum(where=rows.dearer == 1),
        of=rows.new_pays.sum(where=rows.dearer == 1),
        first=rows["at"].min(),
        last=rows["at"].max(),
    )
    return lake.rows(found).with_columns(
        net=(pl.col("dearer") - pl.col("cheaper")).clip(lower_bound=0),
        gap=(pl.col("more") / pl.col("of")).fill_null(0.0),
    )


def two_at_once(lake: Lake) -> pl.DataFrame:
    """How often a product was quoted at two prices within a minute: platform, product_id, twice."""
    quotes = lake.table("prices")
    quotes = quotes.filter(quotes.product_id.notnull(), quotes["at"].notnull(), quotes.price > 0)
    days = quotes.group_by(*PRODUCT, day=day_number(quotes["at"])).aggregate(
        low=quotes.price.min(), high=quotes.price.max()
    )
    uneven = days.filter(days.high > days.low * DEARER)
    quotes = quotes.mutate(day=day_number(quotes["at"])).semi_join(uneven, [*PRODUCT, "day"])
    order = ibis.window(group_by=[*PRODUCT, "day"], order_by=["at", "price"])
    before, then = quotes.price.lag().over(order), quotes["at"].lag().over(order)
    differs = (quotes.price > before * DEARER) | (before > quotes.price * DEARER)
    quotes = quotes.mutate(odd=(differs & (quotes["at"] - then <= 60)).fill_null(False))
    odd = quotes.filter(quotes.odd)
    return lake.rows(odd.group_by(PRODUCT).aggregate(twice=odd.count()))
