"""What several detectors look at: joined once in a run, kept by name."""

from __future__ import annotations

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.joining import number_of
from chengxin.lake.reading import Lake

SELLER, PRODUCT = ["platform", "seller_id"], ["platform", "product_id"]

RATINGS = frozenset({"inflated_ratings", "malicious_ratings"})
PARCELS = frozenset({"empty_parcels", "forged_logistics"})
GOODS = frozenset({"not_as_described", "counterfeit"})
"""Detectors that share what is worked out of the lake (`Lake.kept`, asked_by)."""


def seller_categories(lake: Lake) -> pl.DataFrame:
    """The category in which a seller lists most: platform, seller_id, category ("" for who lists nothing).

    Sellers are those with orders or listings.
    """
    return lake.reckoned("seller_categories", lambda: _seller_categories(lake))


def _seller_categories(lake: Lake) -> pl.DataFrame:
    listings, orders = lake.table("listings"), lake.table("orders")
    known = listings.filter(listings.seller_id.notnull())
    lists = lake.rows(known.group_by([*SELLER, "category"]).aggregate(lists=known.count()))
    main = (
        lists.filter(pl.col("category").is_not_null())
        .sort(["lists", "category"], descending=[True, False])
        .unique(SELLER, keep="first", maintain_order=True)
        .select(*SELLER, "category")
    )
    sellers = lake.rows(orders.filter(orders.seller_id.notnull()).select(*SELLER).distinct())
    return (
        pl.concat([sellers, lists.select(SELLER).unique()])
        .unique()
        .join(main, on=SELLER, how="left", nulls_equal=True)
        .with_columns(pl.col("category").fill_null(""))
    )


def product_categories(lake: Lake) -> ir.Table:
    """The category of a product: platform, product_id, category (the greatest, should there be several)."""

    def made() -> ir.Table:
        listings = lake.table("listings")
        known = listings.filter(listings.product_id.notnull())
        return known.group_by(PRODUCT).aggregate(category=known.category.max())

    return lake.kept("product_categories", made, asked_by=PARCELS | GOODS)


def signatures(lake: Lake) -> ir.Table:
    """Every signature for a parcel: waybill (a number; which carrier, a waybill number says by itself) and
    signed_at (epoch seconds)."""
    scans = lake.table("scans")
    signed = scans.filter(scans.event == "signed", scans.waybill_no.notnull(), scans["at"].notnull())
    return signed.select(waybill=number_of(lake, signed.waybill_no), signed_at=signed["at"])
