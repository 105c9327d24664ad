"""What goods were offered and sold for, day by day, and the promotions in between.

A day of a product has a level: the highest price that somebody paid on it (coupons and rebates for many
pieces only lower what one pays), or else what it was offered for. A promotion is a run of days on which a
reduction was claimed: with a promotion's number, or with a list price above the price.
"""

from __future__ import annotations

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.clock import day_number
from chengxin.detection.goods.sales import came_to_a_price
from chengxin.detection.views import PRODUCT
from chengxin.lake.reading import Lake

BEFORE = 7
"""Days before a promotion whose lowest price is the basis of its reduction (规范促销行为暂行规定, art.
21).
"""

LONG_BEFORE = 45
"""Days before a promotion that show what was usual before a price was raised for it."""

CLAIMED = 1.02
"""From this ratio on a list price claims a reduction: below it is rounding."""

CHARGED = 0.2
"""A price that was asked on this share of the days, or a higher one, was charged."""


def sold(lake: Lake) -> ir.Table:
    """The orders that came to a price: product_id, seller_id, buyer_id, unit (fen a piece), day and the
    rest."""
    orders = lake.table("orders")
    kept = orders.filter(orders.product_id.notnull(), orders.created_at.notnull(), came_to_a_price(orders))
    return kept.mutate(
        unit=(kept.amount / kept.quantity).floor().cast("int64"), day=day_number(kept.created_at)
    )


def price_days(lake: Lake) -> ir.Table:
    """One row for each day with a quote or a sale of a product that ever claimed a reduction.

    platform, product_id, day, level (fen), price (lowest quote), list_price (highest claimed), promotion
    (its id), reduced (a reduction was claimed).
    """

    def made() -> ir.Table:
        quotes = lake.table("prices")
        quotes = quotes.filter(quotes.product_id.notnull(), quotes["at"].notnull(), quotes.price > 0)
        claims = (quotes.list_price > quotes.price * CLAIMED).fill_null(False)
        claiming = quotes.filter(claims | quotes.promotion_id.notnull()).select(*PRODUCT).distinct()
        claiming = lake.meanwhile(claiming)
        quotes = quotes.mutate(claimed=claims.ifelse(quotes.list_price, ibis.null("int64")))
        quotes = quotes.semi_join(claiming, PRODUCT)
        quoted = quotes.group_by(*PRODUCT, day=day_number(quotes["at"])).aggregate(
            price=quotes.price.min(), list_price=quotes.claimed.max(), promotion=quotes.promotion_id.max()
        )
        orders = sold(lake).semi_join(claiming, PRODUCT)
        paid = orders.group_by([*PRODUCT, "day"]).aggregate(paid=orders.unit.max())
        both = quoted.outer_join(paid, [*PRODUCT, "day"])
        return both.select(
            **{name: ibis.coalesce(both[name], both[f"{name}_right"]) for name in (*PRODUCT, "day")},
            level=ibis.coalesce(ibis.greatest(both.paid, both.price), both.paid, both.price),
            price=both.price,
            list_price=both.list_price,
            promotion=both.promotion,
            reduced=both.list_price.notnull() | both.promotion.notnull(),
        )

    return lake.kept("price_days", made)


def promotions(lake: Lake) -> pl.DataFrame:
    """One row for each promotion of a product, in the order of time.

    platform, product_id, first and last day, list_price (highest claimed; empty when only a number says
    so), price (lowest quote), numbered (has a promotion's id), anew (no reduction was claimed when it
    began), basis (lowest quote of the `BEFORE` days before, else the last one), highest (of those days),
    earlier (lowest quote of the `LONG_BEFORE` days before those), after (what was quoted when it was
    over), raised (highest of the days before to which the price rose from a quote before). Promotions
    themselves are no basis; what isn't known is empty.
    """
    days = price_days(lake)
    # A day with sales alone says nothing of claims.
    days = lake.meanwhile(days.filter(days.price.notnull()))
    in_order = ibis.window(group_by=PRODUCT, order_by="day")
    so_far = ibis.window(group_by=PRODUCT, order_by="day", preceding=None, following=0)
    lately = ibis.range_window(group_by=PRODUCT, order_by="day", preceding=(BEFORE, 1))
    long_ago = ibis.range_window(group_by=PRODUCT, order_by="day", preceding=(LONG_BEFORE, BEFORE + 1))
    none = ibis.null("int64")
    plain = days.reduced.ifelse(none, days.price)
    was = days.reduced.lag().over(in_order).fill_null(False)
    another = days.promotion.fill_null("") != days.promotion.lag().over(in_order).fill_null("")
    days = days.mutate(plain=plain)
    risen = days.plain > days.plain.lag().over(in_order) * CLAIMED
    days = days.mutate(risen=risen.ifelse(days.plain, none))
    days = days.mutate(
        begins=(days.reduced & (~was | another)).cast("int64"),
        anew=~was,
        lowest=days.plain.min().over(lately),
        highest=days.plain.max().over(lately),
        raised=days.risen.max().over(lately),
        earlier=days.plain.min().over(long_ago),
        known=days.plain.count().over(so_far),
    )
    days = days.mutate(
        spell=days.begins.sum().over(so_far),
        last_plain=days.plain.max().over(ibis.window(group_by=[*PRODUCT, "known"])),
    )
    start, inside = days.begins == 1, days.reduced
    basis = ibis.coalesce(days.lowest, (days.known > 0).ifelse(days.last_plain, none))
    found = days.filter(days.spell > 0).group_by([*PRODUCT, "spell"])
    spells = lake.rows(
        found.aggregate(
            first=days.day.min(where=inside),
            last=days.day.max(where=inside),
            list_price=days.list_price.max(where=inside),
            price=days.price.min(where=inside),
            numbered=(days.promotion.notnull() & inside).any(),
            anew=(days.anew & start).any(),
            basis=basis.max(where=start),
            highest=days.highest.max(where=start),
            raised=days.raised.max(where=start),
            earlier=days.earlier.max(where=start),
            after=days.plain.argmin(days.day, where=~inside),
        )
    ).sort(*PRODUCT, "first")
    later = pl.col("basis").shift(-1).over(PRODUCT, order_by="first")
    return spells.with_columns(after=pl.coalesce("after", later))


def charged(lake: Lake) -> ir.Table:
    """What each product that claims a reduction was charged: platform, product_id, charged (the level
    reached on `CHARGED` of its days), days, first and last day.

    A level stands until the next one is known, for `LONG_BEFORE` days at most."""
    days = price_days(lake)
    whole = ibis.window(group_by=PRODUCT)
    in_order = ibis.window(group_by=PRODUCT, order_by="day")
    stands = (days.day.lead().over(in_order) - days.day).fill_null(1)
    days = days.mutate(stands=ibis.least(stands, ibis.literal(LONG_BEFORE, "int64")))
    dearest = ibis.window(group_by=PRODUCT, order_by=[ibis.desc("level"), "day"], preceding=None, following=0)
    days = days.mutate(reached=days.stands.sum().over(dearest), days=days.stands.sum().over(whole))
    due = ((days.days - 1) * CHARGED).floor().cast("int64")
    return days.group_by(PRODUCT).aggregate(
        charged=days.level.max(where=days.reached > due),
        days=days.days.max(),
        first=days.day.min(),
        last=days.day.max(),
    )
