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

OTHERS = 20.0
"""Goods' worth of belief that a difference goes one way as often as the other."""

_SLOT = [*PRODUCT, "quantity", "slot"]


def uneven_orders(lake: Lake) -> ir.Table:
    """The orders of one product, in the same number of pieces and in the same half hour, that had different
    prices: platform, product_id, quantity, slot, order_id, unit (fen a piece), old (the buyer had bought
    from the seller before).

    Only the half hours with a difference are looked at more closely: they are few.
    """

    def made() -> ir.Table:
        orders = sold(lake).filter(lambda rows: rows.buyer_id.notnull() & rows.seller_id.notnull())
        orders = orders.mutate(slot=(orders.created_at / MOMENT).floor().cast("int64"))
        keys = [
            *(orders[name].fill_null("") for name in PRODUCT),
            *(orders[name].cast("string") for name in _SLOT[2:]),
        ]
        orders = orders.mutate(mark=lake.engine.hashed(keys))
        slots = orders.group_by("mark").aggregate(low=orders.unit.min(), high=orders.unit.max())
        uneven = lake.meanwhile(slots.filter(slots.high > slots.low * DEARER).select("mark"))
        buyer = ["platform", "seller_id", "buyer_id"]
        rows = lake.meanwhile(orders.semi_join(uneven, "mark").select(*_SLOT, *buyer[1:], "order_id", "unit"))
        before = orders.semi_join(rows.select(*buyer).distinct(), buyer)
        first = before.group_by(buyer).aggregate(since=before.created_at.min())
        rows = rows.inner_join(first, buyer)
        return rows.select(*_SLOT, "order_id", "unit", old=rows.since < rows.slot * MOMENT)

    return lake.kept("uneven_orders", made)


def meetings(lake: Lake) -> ir.Table:
    """The half hours in which both kinds of buyers ordered, at different prices on average: platform,
    product_id, quantity, slot, dearer and cheaper (0 or 1, for who comes back)."""
    rows = uneven_orders(lake)
    both = rows.group_by(_SLOT).aggregate(
        old_sum=rows.unit.sum(where=rows.old), old_count=rows.count(where=rows.old),
        new_sum=rows.unit.sum(where=~rows.old), new_count=rows.count(where=~rows.old),
    )  # fmt: skip
    both = both.filter(both.old_count > 0, both.new_count > 0)
    old, new = both.old_sum * both.new_count, both.new_sum * both.old_count
    met = both.mutate(dearer=(old > new * DEARER).cast("int64"), cheaper=(new > old * DEARER).cast("int64"))
    return met.filter(met.dearer + met.cheaper > 0).select(*_SLOT, "dearer", "cheaper")


def by_product(lake: Lake) -> pl.DataFrame:
    """platform, product_id, differed (half hours in which prices differed), dearer (those in which who came
    back paid more), usual (the share of them that goods have on average, as each of them has one voice)."""
    met = meetings(lake)
    found = lake.rows(met.group_by(PRODUCT).aggregate(dearer=met.dearer.sum(), differed=met.count()))
    each = (pl.col("dearer") + 0.5) / (pl.col("differed") + 1)
    usual = ((each * 2**20).floor().cast(pl.Int64).sum() / 2**20 + OTHERS / 2) / (pl.len() + OTHERS)
    return found.with_columns(usual=pl.max_horizontal(usual, pl.lit(0.5)))


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
