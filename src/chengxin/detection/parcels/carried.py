"""Parcels with the orders they carry: joined once in a run, one row for each carrier and waybill number."""

from __future__ import annotations

import ibis
from ibis.expr import types as ir

from chengxin.detection.views import product_categories
from chengxin.lake.reading import Lake

WAYBILL = ["carrier", "waybill_no"]

_OF_ORDERS = (
    "platform", "order_id", "seller_id", "buyer_id", "product_id", "quantity", "amount", "created_at",
    "address_hash", "refund_amount",
)  # fmt: skip


def told(lake: Lake) -> ir.Table:
    """Which order goes under which waybill: by the waybill that the order names, or the order that the parcel
    names.

    One row for each order and waybill; columns of the waybill and those of the order.
    """
    orders, parcels = lake.table("orders"), lake.table("parcels")
    named = orders.waybill_no.notnull() & orders.carrier.notnull()
    by_waybill = orders.filter(named).select(*WAYBILL, *_OF_ORDERS)
    if lake.has("orders.waybill_no") and not lake.has("orders.carrier"):
        carriers = parcels.select("carrier", "waybill_no")
        return orders.drop("carrier").join(carriers, "waybill_no").select(*WAYBILL, *_OF_ORDERS)
    if not lake.has("parcels.order_id"):
        return by_waybill
    silent = orders.filter(~named).select(*_OF_ORDERS)
    stated = parcels.filter(parcels.order_id.notnull()).select(*WAYBILL, "order_id")
    return by_waybill.union(silent.join(stated, "order_id").select(*WAYBILL, *_OF_ORDERS))


def shared(lake: Lake) -> ir.Table:
    """Waybills under which several orders go: how many (`orders`), and whether they go to different buyers at
    different addresses of different sellers (flags `buyers_differ`, `addresses_differ`, `sellers_differ`)."""

    def made() -> ir.Table:
        rows = told(lake)
        several = rows.group_by(WAYBILL).aggregate(orders=rows.count())
        several = several.filter(several.orders > 1)
        found = rows.inner_join(several.select(*WAYBILL), WAYBILL)

        def differ(name: str) -> ir.BooleanValue:
            return (found[name].min() != found[name].max()).fill_null(False)

        return found.group_by(WAYBILL).aggregate(
            orders=found.count(),
            buyers_differ=differ("buyer_id"),
            addresses_differ=differ("address_hash"),
            sellers_differ=differ("seller_id") | differ("platform"),
            first_order=found.order_id.min(),
            last_order=found.order_id.max(),
            ordered_at=found.created_at.min(),
        )

    return lake.kept("waybills_shared", made)


def carried(lake: Lake) -> ir.Table:
    """Every parcel with its order and the category of its goods.

    Columns of the parcel: carrier, waybill_no, stated_order (the order that the carrier names), sender (the
    address; unique with the carrier only), sender_region, receiver, receiver_region, weight_g, handed_at. Of
    the order, empty unless exactly one order goes under the waybill: platform, order_id, seller_id, buyer_id,
    product_id, quantity, amount, refund_amount, ordered_at, address_hash, category ("" when unknown).
    `several`: more than one does.
    """

    def made() -> ir.Table:
        parcels = lake.table("parcels")
        parcels = parcels.filter(parcels.waybill_no.notnull() & parcels.carrier.notnull()).select(
            *WAYBILL,
            stated_order=parcels.order_id,
            sender=parcels.sender_address_hash.fill_null(parcels.sender_id),
            sender_region=parcels.sender_region,
            receiver=parcels.receiver_address_hash,
            receiver_region=parcels.receiver_region,
            weight_g=parcels.weight_g,
            handed_at=parcels.created_at,
        )
        several = shared(lake).select(*WAYBILL, several=ibis.literal(True))
        single = told(lake).anti_join(several, WAYBILL)
        goods = single.left_join(product_categories(lake), ["platform", "product_id"]).select(
            *WAYBILL,
            *(name for name in _OF_ORDERS if name != "created_at"),
            ordered_at=ibis._.created_at,
            category=ibis._.category.fill_null(""),
        )
        whole = joined(joined(parcels, goods), several)
        return whole.mutate(several=whole.several.fill_null(False), category=whole.category.fill_null(""))

    return lake.kept("parcels_carried", made)


def joined(rows: ir.Table, other: ir.Table, on: list[str] | None = None) -> ir.Table:
    """The rows with what `other` says of them (empty where nothing); joined by waybill unless told
    otherwise."""
    whole = rows.left_join(other, on or WAYBILL)
    return whole.drop(*(name for name in whole.columns if name.endswith("_right")))
