"""Parcels with the orders they carry: joined once in a run, one row for each carrier and waybill number.

Waybills, senders and products go by a number of 64 bits (`key_of`): whole numbers are grouped and joined at a
fraction of the cost of texts, and what stands for long is small. Names come back for the few parcels that are
shown (`named`).
"""

from __future__ import annotations

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.joining import joined, key_of, number_of
from chengxin.detection.views import PARCELS
from chengxin.lake.reading import Lake

WAYBILL = ["carrier", "waybill_no"]

_NAMES = ("platform", "order_id", "seller_id", "buyer_id")
_OF_ORDERS = ("product_id", "quantity", "amount", "created_at", "address_hash", "refund_amount")


def told(lake: Lake, wanted: ir.Table | None = None) -> ir.Table:
    """Which order goes under which waybill: by the waybill that the order names, or the order that the parcel
    names.

    One row for each order and waybill (of those `wanted`, by `key`, or of all); `key` of the waybill, and the
    columns of the order.
    """

    def keyed(rows: ir.Table) -> ir.Table:
        rows = _keyed(lake, rows)
        return rows if wanted is None else rows.semi_join(wanted, "key")

    orders, parcels = lake.table("orders"), lake.table("parcels")
    named = orders.waybill_no.notnull() & orders.carrier.notnull()
    columns = [*_NAMES, *_OF_ORDERS]
    by_waybill = keyed(orders.filter(named)).select("key", *columns)
    if lake.has("orders.waybill_no") and not lake.has("orders.carrier"):
        carriers = parcels.select(*WAYBILL)
        return keyed(orders.drop("carrier").join(carriers, "waybill_no")).select("key", *columns)
    if not lake.has("parcels.order_id"):
        return by_waybill
    silent = orders.filter(~named).select(*columns)
    stated = keyed(parcels.filter(parcels.order_id.notnull())).select("key", "order_id")
    return by_waybill.union(silent.join(stated, "order_id").select("key", *columns))


def _keyed(lake: Lake, rows: ir.Table) -> ir.Table:
    return rows.mutate(key=key_of(lake, rows.carrier, rows.waybill_no))


def shared(lake: Lake) -> ir.Table:
    """Waybills under which several orders go (`key`), and whether they go to different buyers at different
    addresses of different sellers (flags `buyers_differ`, `addresses_differ`, `sellers_differ`)."""

    def made() -> ir.Table:
        rows = told(lake)
        several = rows.group_by("key").aggregate(orders=rows.count())
        found = rows.semi_join(several.filter(several.orders > 1), "key")

        def differ(name: str) -> ir.BooleanValue:
            return (found[name].min() != found[name].max()).fill_null(False)

        return found.group_by("key").aggregate(
            buyers_differ=differ("buyer_id"),
            addresses_differ=differ("address_hash"),
            sellers_differ=differ("seller_id") | differ("platform"),
        )

    return lake.kept("waybills_shared", made, asked_by=PARCELS)


def carried(lake: Lake) -> ir.Table:
    """Every parcel with its order.

    Columns of the parcel: key, carrier, sender (a number for the address; unique with the carrier only),
    sender_region, receiver_region, weight_g, handed_at, own_place (flag: it goes to where it comes from). Of
    the order, empty unless exactly one order goes under the waybill: platform, seller_id, product (a number,
    platform included), quantity, amount, ordered_at, and the flags stranger (the parcel goes to another
    address), other_order (the carrier names another) and refunded (in full).
    """

    def made() -> ir.Table:
        parcels = lake.table("parcels")
        parcels = parcels.filter(parcels.waybill_no.notnull() & parcels.carrier.notnull())
        address = parcels.sender_address_hash.fill_null(parcels.sender_id)
        parcels = parcels.select(
            "carrier",
            "sender_region",
            "receiver_region",
            "weight_g",
            key=key_of(lake, parcels.carrier, parcels.waybill_no),
            stated=parcels.order_id,
            sender=number_of(lake, address),
            receiver=parcels.receiver_address_hash,
            handed_at=parcels.created_at,
            own_place=(address == parcels.receiver_address_hash)
            & (parcels.sender_region == parcels.receiver_region),
        )
        single = told(lake).anti_join(shared(lake), "key")
        single = single.select(
            "key",
            "platform",
            "order_id",
            "seller_id",
            "quantity",
            "amount",
            "address_hash",
            product=single.product_id.notnull().ifelse(
                key_of(lake, single.platform, single.product_id), None
            ),
            ordered_at=single.created_at,
            refunded=single.refund_amount >= single.amount,
        )
        whole = joined(parcels, single, ["key"])
        return whole.mutate(
            stranger=whole.receiver != whole.address_hash, other_order=whole.stated != whole.order_id
        ).drop("stated", "receiver", "address_hash", "order_id")

    return lake.kept("parcels_carried", made, asked_by=PARCELS)


def named(lake: Lake, keys: pl.Series) -> pl.DataFrame:
    """The names of some waybills: key, waybill_no, `orders` (ids, sorted) and, where they are the same for
    all of its orders, platform, seller_id and buyer_id."""
    wanted = lake.given(keys.alias("key").unique().sort().to_frame(), "waybills_wanted")
    parcels = lake.table("parcels")
    parcels = parcels.filter(parcels.waybill_no.notnull() & parcels.carrier.notnull())
    numbers = lake.rows(_keyed(lake, parcels).select("key", "waybill_no").semi_join(wanted, "key"))
    rows = lake.rows(told(lake, wanted).select("key", *_NAMES))
    alike = [
        pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).min()).alias(name)
        for name in ("platform", "seller_id", "buyer_id")
    ]
    orders = rows.group_by("key").agg(pl.col("order_id").drop_nulls().unique().sort().alias("orders"), *alike)
    return numbers.join(orders, on="key", how="left")
