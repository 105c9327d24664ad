"""Who shows which site and which shop's name: the candidates among which imitations are sought."""

from __future__ import annotations

import polars as pl

from chengxin.detection.names.domains import host_of
from chengxin.lake.reading import Lake

USES = {
    "platform": pl.String, "seller_id": pl.String, "subject_code": pl.String, "shop_name": pl.String,
    "opened_at": pl.Int64, "written": pl.String,
}  # fmt: skip


def sellers(lake: Lake) -> pl.DataFrame:
    """The sellers: platform, seller_id, subject_code, shop_name, opened_at, domain; empty texts are null."""
    table = lake.table("sellers")
    rows = table.filter(table.seller_id.notnull())
    return lake.rows(
        rows.select("platform", "seller_id", "subject_code", "shop_name", "opened_at", "domain")
    ).sort("platform", "seller_id", nulls_last=True)


def uses(lake: Lake, known: pl.DataFrame) -> pl.DataFrame:
    """Each site that somebody shows, with who shows it: the columns of `USES`, one row a seller and site.

    From sellers' own domains, hosts of listings' addresses, and domains of listed subjects. `written` is the
    domain as its reporter writes it.
    """
    own = known.filter(pl.col("domain").is_not_null()).with_columns(written=pl.col("domain"))
    listed = lake.table("listed")
    closed = lake.rows(
        listed.filter(listed.domain.notnull())
        .select("platform", "seller_id", "subject_code", "shop_name", written=listed.domain)
        .distinct()
    ).with_columns(opened_at=pl.lit(None, dtype=pl.Int64))
    shown = _shown(lake).join(known, on=["platform", "seller_id"], how="left", nulls_equal=True)
    own_hosts = own.select(
        "platform", "seller_id", host=pl.col("written").map_elements(_bare, return_dtype=pl.String)
    )
    shown = shown.join(
        own_hosts, left_on=["platform", "seller_id", "written"], right_on=["platform", "seller_id", "host"],
        how="anti", nulls_equal=True,
    )  # fmt: skip
    every = pl.concat(
        [
            frame.select(pl.col(name).cast(kind) for name, kind in USES.items())
            for frame in (own, shown, closed)
        ]
    )
    return every.unique().sort(list(USES), nulls_last=True)


def _bare(written: str) -> str:
    return host_of(written).removeprefix("www.")


def _shown(lake: Lake) -> pl.DataFrame:
    """The hosts in the addresses of a seller's listings; one that many sellers share is a market's, not
    theirs.
    """
    listings = lake.table("listings")
    given = listings.filter(listings.url.notnull() & listings.seller_id.notnull())
    host = given.url.lower().re_extract(r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?([^/?#:@]+)", 1)
    pairs = given.select("platform", "seller_id", written=host).distinct()
    sharing = pairs.group_by("written").aggregate(sharing=pairs.count())
    kept = pairs.join(sharing.filter(sharing.sharing < MARKET), "written")
    return lake.rows(kept.select("platform", "seller_id", "written")).filter(pl.col("written") != "")


MARKET = 20
"""So many sellers under one host are a market's tenants."""
