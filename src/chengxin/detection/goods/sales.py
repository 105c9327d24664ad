"""What was quoted for goods and sold of them in each season: one look at the orders and one at the quotes."""

from __future__ import annotations

import ibis
from ibis.expr import types as ir

from chengxin.detection.statistics.shares import period
from chengxin.detection.views import GOODS, PRODUCT
from chengxin.lake.reading import Lake

ASKED_BY = GOODS | {"price_fraud"}


def ordered(lake: Lake) -> ir.Table:
    """A row for each seller, product and season in which it was ordered.

    platform, seller_id (may be empty), product_id, period; whole numbers orders, sent, refunds (of what was
    sent), total (fen) and pieces of the orders that came to a price; start and end, the seconds of the first
    and the last order.
    """

    def made() -> ir.Table:
        rows = lake.table("orders")
        rows = rows.filter(rows.product_id.notnull(), rows.created_at.notnull())
        sent = _stands(rows)
        if lake.has("orders.shipped_at"):
            sent = sent & rows.shipped_at.notnull()
        back = sent & ((rows.refund_amount > 0) | (rows.status == "refunded")).fill_null(False)
        priced = came_to_a_price(rows)
        return rows.group_by([*PRODUCT, "seller_id"], period=period(rows.created_at)).aggregate(
            orders=rows.count(),
            sent=sent.sum().cast("int64"),
            refunds=back.sum().cast("int64"),
            total=_sum(rows.amount, priced),
            pieces=_sum(rows.quantity, priced),
            start=rows.created_at.min(),
            end=rows.created_at.max(),
        )

    return lake.kept("goods_ordered", made, asked_by=ASKED_BY)


def quoted(lake: Lake) -> ir.Table:
    """A row for each product and season in which a price was quoted.

    platform, product_id, period, seller_id (the greatest, should there be several); total (fen),
    count, low and high of the prices above zero; start and end, the seconds of the first and the last quote.
    """

    def made() -> ir.Table:
        rows = lake.table("prices")
        rows = rows.filter(rows.product_id.notnull(), rows["at"].notnull())
        priced = (rows.price > 0).fill_null(False)
        return rows.group_by(PRODUCT, period=period(rows["at"])).aggregate(
            seller_id=rows.seller_id.max(),
            total=_sum(rows.price, priced),
            count=priced.sum().cast("int64"),
            low=rows.price.min(where=priced),
            high=rows.price.max(where=priced),
            start=rows["at"].min(),
            end=rows["at"].max(),
        )

    return lake.kept("goods_quoted", made, asked_by=ASKED_BY)


def came_to_a_price(orders: ir.Table) -> ir.BooleanValue:
    """Whether an order says what its goods cost."""
    return ((orders.quantity > 0) & (orders.amount > 0)).fill_null(False) & _stands(orders)


def _stands(orders: ir.Table) -> ir.BooleanValue:
    return (orders.status != "cancelled").fill_null(True)


def _sum(values: ir.IntegerColumn, where: ir.BooleanValue) -> ir.IntegerScalar:
    return where.ifelse(values, ibis.literal(0, "int64")).sum().cast("int64")
