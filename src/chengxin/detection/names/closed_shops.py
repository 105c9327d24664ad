"""Shops that were listed or closed, and what a new shop may have in common with them."""

from __future__ import annotations

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.views import SELLER
from chengxin.lake.reading import Lake

HASHES = ("legal_person_hash", "phone_hash", "address_hash")

CROWD = 200
"""Shops that share a value up to which pairs are made of it; what more share is nobody's mark."""


def shops(lake: Lake) -> pl.DataFrame:
    """The sellers, one row each: platform, seller_id, subject_code, shop_name, domain, opened_at, the hashes.

    `shop` numbers them; `owner` is the subject, or the seller where it isn't known.
    """
    table = lake.table("sellers")
    rows = lake.rows(
        table.filter(table.seller_id.notnull()).select(
            *SELLER, "subject_code", "shop_name", "domain", "opened_at", *HASHES
        )
    )
    own = pl.concat_str(pl.col("platform").fill_null(""), pl.lit("/"), pl.col("seller_id"))
    return (
        rows.sort(rows.columns, nulls_last=True)
        .with_columns(owner=pl.coalesce("subject_code", own))
        .with_row_index("shop")
    )


def closed(lake: Lake, known: pl.DataFrame) -> pl.DataFrame:
    """The listed, one row each, numbered by `closed`; what the list doesn't say is taken from their shops.

    A listed seller is known by platform and id (by id alone where the list names no platform and only one
    seller has that id).
    """
    table = lake.table("listed")
    columns = ["subject_code", "seller_id", "platform", "listed_at", *HASHES, "shop_name", "domain"]
    rows = lake.rows(table.filter(table.listed_at.notnull()).select(*columns).distinct())
    rows = rows.sort(columns, nulls_last=True).with_row_index("closed")
    own = rows.select("closed", *SELLER).join(_named(known), on="seller_id", how="inner", suffix="_shop")
    own = own.filter(
        (pl.col("platform") == pl.col("platform_shop"))
        | (pl.col("platform").is_null() & (pl.col("platforms") == 1))
    ).unique("closed", keep="any")
    details = [*HASHES, "subject_code", "shop_name", "domain"]
    filled = rows.join(
        own.select("closed", "shop", *(pl.col(name).alias(f"its_{name}") for name in details)),
        on="closed",
        how="left",
    )
    return filled.with_columns(pl.coalesce(name, f"its_{name}").alias(name) for name in details).select(
        "closed", "shop", *columns
    )


def _named(known: pl.DataFrame) -> pl.DataFrame:
    return known.with_columns(platforms=pl.len().over("seller_id"))


def own_shops(known: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """Which shops are a listed subject's own: closed, shop; by seller id and by subject code."""
    named = listed.filter(pl.col("shop").is_not_null()).select("closed", "shop")
    coded = listed.filter(pl.col("subject_code").is_not_null()).join(
        known.select("subject_code", pl.col("shop").alias("own")), on="subject_code"
    )
    return pl.concat([named, coded.select("closed", shop="own")]).unique().sort("closed", "shop")


def shared(of_closed: pl.DataFrame, of_shops: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Which shops share a value with which closed ones: closed, shop, value, others.

    The frames hold (closed | shop, value); `own` are the closed ones' own shops. `others` are the shops
    that have the value, too, beside this one and any that was closed: how common it is.
    """
    old = of_closed.filter(pl.col("value").is_not_null()).unique()
    ended = pl.col("shop").is_in(own["shop"].unique().to_list())
    new = of_shops.filter(pl.col("value").is_not_null()).unique().with_columns(open=(~ended).cast(pl.Int64))
    holders = new.group_by("value").agg(all=pl.len(), holders=pl.col("open").sum())
    found = old.join(new, on="value").join(holders, on="value").filter(pl.col("all") <= CROWD)
    return found.select("closed", "shop", "value", others=pl.col("holders") - pl.col("open"))


def goods(
    lake: Lake, own: pl.DataFrame, known: pl.DataFrame, column: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pictures (`image_hash`) or titles (`title`, figures left out) of closed shops, and the shops that
    show them.

    Returns (closed, value) and (shop, value), the second for values of closed shops only.
    """
    listings = lake.table("listings")
    rows = listings.filter(listings[column].notnull() & listings.seller_id.notnull())
    value = rows[column]
    if column == "title":
        value = value.re_replace(r"[0-9\s]+", "").lower()
    shown = rows.select(*SELLER, value=value).distinct()
    theirs = own.join(known.select("shop", *SELLER), on="shop")
    first = lake.rows(_of(lake, shown, theirs.select(SELLER).unique(), f"closed_{column}"))
    old = theirs.join(first, on=SELLER, nulls_equal=True).select("closed", "value").unique()
    if old.is_empty():
        return old, pl.DataFrame(schema={"shop": known.schema["shop"], "value": pl.String})
    sought = lake.given(old.select("value").unique(), f"sought_{column}")
    new = lake.rows(shown.semi_join(sought, "value"))
    return old, new.join(known.select("shop", *SELLER), on=SELLER, nulls_equal=True).select("shop", "value")


def _of(lake: Lake, rows: ir.Table, some: pl.DataFrame, name: str) -> ir.Table:
    sellers = lake.given(some.cast(pl.String), name)
    return rows.semi_join(sellers, SELLER)


def payees(lake: Lake, own: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Accounts to which buyers of closed shops paid, and the shops whose buyers paid to them, too.

    Payments name an order but no platform: where two platforms number alike, a few payments of one seem those
    of another. So an account counts as a shop's only when a fair share of its orders was paid to it.
    """
    orders, payments = lake.table("orders"), lake.table("payments")
    theirs = own.join(known.select("shop", *SELLER), on="shop")
    sold = orders.filter(orders.order_id.notnull()).select("order_id", *SELLER)
    paid = payments.filter(
        (payments.kind == "pay") & payments.order_id.notnull() & payments.payee_id.notnull()
    )
    paid = paid.select("order_id", value=paid.payee_id)
    first = _paid_to(lake, _of(lake, sold, theirs.select(SELLER).unique(), "closed_payees"), paid)
    old = theirs.join(first, on=SELLER).select("closed", "value").unique()
    if old.is_empty():
        return old, pl.DataFrame(schema={"shop": known.schema["shop"], "value": pl.String})
    sought = lake.given(old.select("value").unique(), "sought_payees")
    new = _paid_to(lake, sold, paid.semi_join(sought, "value"))
    return old, new.join(known.select("shop", *SELLER), on=SELLER).select("shop", "value")


FAIR_SHARE = 0.2
"""The part of a shop's orders that must have been paid to an account for it to be the shop's."""


FEWEST_PAID = 3
"""Orders that must have been paid to an account before it is looked at."""


def _paid_to(lake: Lake, sold: ir.Table, paid: ir.Table) -> pl.DataFrame:
    pairs = sold.join(paid, "order_id")
    counted = lake.rows(pairs.group_by([*SELLER, "value"]).aggregate(paid=pairs.count()))
    if counted.is_empty():
        return counted
    counted = counted.filter(pl.col("paid") >= FEWEST_PAID)
    orders = lake.rows(sold.group_by(SELLER).aggregate(orders=sold.count()))
    return counted.join(orders, on=SELLER).filter(pl.col("paid") >= FAIR_SHARE * pl.col("orders"))
