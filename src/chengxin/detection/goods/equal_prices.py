"""Whether who comes back pays more than who comes for the first time, for the same goods at the same
moment."""

from __future__ import annotations

import ibis
import polars as pl
from ibis import _
from ibis.expr import types as ir

from chengxin.detection.clock import day_number
from chengxin.detection.goods import sales
from chengxin.detection.goods.prices import sold
from chengxin.detection.joining import key_of
from chengxin.detection.views import PRODUCT
from chengxin.lake.reading import Lake

MOMENT = 1800
"""Seconds within which two orders of a product meet the same price, unless somebody makes a difference."""

DEARER = 1.01
"""From this ratio on a price is another one."""

OTHERS = 20.0
"""Goods' worth of belief that a difference goes one way as often as the other."""

_SLOT = ["product", "quantity", "slot"]


def in_slots(lake: Lake, sold: ir.Table) -> ir.Table:
    """The orders of which buyer and seller are known, of those that came to a price (`prices.sold`), with
    `product` (a number that stands for platform and product_id) and `slot` (the half hour)."""
    known = sold.filter(sold.buyer_id.notnull() & sold.seller_id.notnull())
    return known.mutate(
        product=key_of(lake, known.platform, known.product_id),
        slot=(known.created_at / MOMENT).floor().cast("int64"),
    )


def _uneven(lake: Lake) -> ir.Table:
    """The orders of one product, in the same number of pieces and in the same half hour, that had different
    prices: product, quantity, slot, unit (fen a piece), old (the buyer had bought from the seller before).

    Only the half hours with a difference are looked at more closely: they are few.
    """
    orders = in_slots(lake, sold(lake))
    buyer = key_of(lake, orders.platform, orders.seller_id, orders.buyer_id)
    orders = lake.meanwhile(orders.select(*_SLOT, "unit", "created_at", buyer=buyer))
    slots = orders.group_by(_SLOT).aggregate(low=orders.unit.min(), high=orders.unit.max())
    rows = lake.meanwhile(orders.semi_join(slots.filter(slots.high > slots.low * DEARER), _SLOT))
    before = orders.semi_join(rows, "buyer")
    first = before.group_by("buyer").aggregate(since=before.created_at.min())
    rows = rows.inner_join(first, "buyer")
    return rows.select(*_SLOT, "unit", old=rows.since < rows.slot * MOMENT)


def meetings(lake: Lake) -> ir.Table:
    """The half hours in which both kinds of buyers ordered, at different prices on average: product (its
    number), quantity, slot, dearer and cheaper (0 or 1, for who comes back)."""

    def made() -> ir.Table:
        rows = _uneven(lake)
        both = rows.group_by(_SLOT).aggregate(
            old_sum=rows.unit.sum(where=rows.old), old_count=rows.count(where=rows.old),
            new_sum=rows.unit.sum(where=~rows.old), new_count=rows.count(where=~rows.old),
        )  # fmt: skip
        both = both.filter(both.old_count > 0, both.new_count > 0)
        old, new = both.old_sum * both.new_count, both.new_sum * both.old_count
        met = both.mutate(
            dearer=(old > new * DEARER).cast("int64"), cheaper=(new > old * DEARER).cast("int64")
        )
        return met.filter(met.dearer + met.cheaper > 0).select(*_SLOT, "dearer", "cheaper")

    return lake.kept("meetings", made)


def by_product(lake: Lake) -> pl.DataFrame:
    """product (its number), differed (half hours in which prices differed), dearer (those in which who came
    back paid more), usual (the share of them that goods have on average, as each of them has one voice)."""
    met = meetings(lake)
    found = lake.rows(met.group_by("product").aggregate(dearer=met.dearer.sum(), differed=met.count()))
    each = (pl.col("dearer") + 0.5) / (pl.col("differed") + 1)
    usual = ((each * 2**20).floor().cast(pl.Int64).sum() / 2**20 + OTHERS / 2) / (pl.len() + OTHERS)
    return found.with_columns(usual=pl.max_horizontal(usual, pl.lit(0.5)))


def two_at_once(lake: Lake) -> pl.DataFrame:
    """How often a product was quoted at two prices within a minute: product (its number), twice."""
    quotes = lake.table("prices")
    quotes = quotes.filter(quotes.product_id.notnull(), quotes["at"].notnull(), quotes.price > 0)
    # Most goods never had but one price.
    spans = sales.quoted(lake).group_by(PRODUCT).aggregate(low=_.low.min(), high=_.high.max())
    quotes = quotes.semi_join(spans.filter(spans.high > spans.low * DEARER), PRODUCT)
    quotes = lake.meanwhile(
        quotes.select(
            "at",
            "price",
            product=key_of(lake, quotes.platform, quotes.product_id),
            day=day_number(quotes["at"]),
        )
    )
    days = quotes.group_by(["product", "day"]).aggregate(low=quotes.price.min(), high=quotes.price.max())
    quotes = quotes.semi_join(days.filter(days.high > days.low * DEARER), ["product", "day"])
    order = ibis.window(group_by=["product", "day"], order_by=["at", "price"])
    before, then = quotes.price.lag().over(order), quotes["at"].lag().over(order)
    differs = (quotes.price > before * DEARER) | (before > quotes.price * DEARER)
    quotes = quotes.mutate(odd=(differs & (quotes["at"] - then <= 60)).fill_null(False))
    odd = quotes.filter(quotes.odd)
    return lake.rows(odd.group_by("product").aggregate(twice=odd.count()))
