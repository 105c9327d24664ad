"""Orders that go under the waybill of another one: the number of a true parcel, shown to a buyer who was
never sent anything.

Several orders may honestly share a parcel: those of one buyer or one address, and those of one shop that were
all placed before it was sent (a neighbourhood that buys together).
"""

from __future__ import annotations

import polars as pl

from chengxin.detection.joining import joined, key_of, number_of
from chengxin.detection.parcels.carried import shared, told
from chengxin.detection.statistics.shares import PERIOD
from chengxin.detection.views import product_categories
from chengxin.lake.reading import Lake


def reused(lake: Lake) -> pl.DataFrame | None:
    """The orders under a waybill that is another order's: the `key`, carrier and waybill_no, the number of
    its `sender` and when it was sent (`handed_at`, and its `season`); of the order platform, seller_id,
    buyer_id, order_id and `category` of the goods; in `rightful` the order that the parcel is for.

    That is the one that the carrier names or, if it names none of them, the first that was placed. Nothing,
    where no waybill is shared by strangers: orders and parcels aren't read again.
    """
    several = shared(lake)
    differ = several.buyers_differ & (several.addresses_differ | several.sellers_differ)
    wanted = lake.meanwhile(several.filter(differ).select("key"))
    if not lake.rows(wanted.aggregate(rows=wanted.count()))["rows"][0]:
        return None
    parcels = lake.table("parcels")
    parcels = parcels.filter(parcels.waybill_no.notnull() & parcels.carrier.notnull())
    address = parcels.sender_address_hash.fill_null(parcels.sender_id)
    parcels = parcels.select(
        "carrier", "waybill_no",
        key=key_of(lake, parcels.carrier, parcels.waybill_no),
        stated=parcels.order_id,
        sender=number_of(lake, address),
        handed_at=parcels.created_at,
    ).semi_join(wanted, "key")  # fmt: skip
    orders = joined(told(lake, wanted), product_categories(lake), ["platform", "product_id"])
    orders = orders.select(
        "key", "platform", "seller_id", "buyer_id", "order_id", "address_hash", "category", "created_at"
    )
    return _apart(lake.rows(orders.inner_join(parcels, "key")))


def _apart(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of orders that aren't the rightful one of their waybill, nor packed with it."""
    rows = rows.sort(
        "key", pl.col("order_id") != pl.col("stated"), "created_at", "platform", "order_id",
        "seller_id", "buyer_id", "address_hash", "handed_at", nulls_last=True,
    ).unique(["key", "platform", "order_id"], keep="first", maintain_order=True)  # fmt: skip
    first = pl.struct("platform", "seller_id", "buyer_id", "address_hash", "order_id", "created_at")
    rows = rows.with_columns(first=first.first().over("key"))

    def same(name: str) -> pl.Expr:
        return (pl.col(name) == pl.col("first").struct.field(name)).fill_null(False)

    shop = same("platform") & same("seller_id")
    before_sent = (pl.col("created_at") <= pl.col("handed_at")).fill_null(True)
    apart = ~same("buyer_id") & ~same("address_hash") & ~(shop & before_sent) & ~same("order_id")
    known = pl.col("seller_id").is_not_null() & pl.col("buyer_id").is_not_null()
    return rows.filter(apart & known).select(
        "key", "carrier", "waybill_no", "sender", "platform", "seller_id", "buyer_id", "order_id",
        "handed_at",
        category=pl.col("category").fill_null(""),
        season=pl.col("handed_at") // PERIOD,
        rightful=pl.col("first").struct.field("order_id"),
    )  # fmt: skip
