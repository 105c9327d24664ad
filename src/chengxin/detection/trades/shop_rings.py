"""From odd orders and shared buyers to rings, and from rings to leads about shops and buyers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.statistics.shares import Test, counted
from chengxin.detection.statistics.surprise import MOST, Usual, judged, learnt, tail
from chengxin.detection.trades import shared_buyers
from chengxin.detection.trades.odd_orders import HONEST_TOO, shops_of
from chengxin.detection.views import SELLER, seller_categories
from chengxin.lake.reading import Lake

CELL = ["category", "period"]

RARE = 0.05
"""A test that fewer orders than this fail marks an odd purchase; what is common marks nobody."""

HOLDS = 0.5
"""Decades of chance, all pairs of shops allowed for, from which a link holds a ring together."""


@dataclass(frozen=True)
class Counts:
    """What is usual in this market, and how to hold counts against it."""

    tests: tuple[str, ...]
    usual: Mapping[str, Usual]

    def judge(self, counts: pl.DataFrame, entity: list[str]) -> pl.DataFrame:
        """For every entity: `<test>` (surprise), `<test>_value`, `_baseline` and `_rows`; 0 where nothing
        was said."""
        found = counts.select(entity).unique().sort(entity, nulls_last=True)
        for name in self.tests:
            one = judged(
                counts, self.usual[name], entity=entity, cell=CELL, hit=f"{name}_hit", of=f"{name}_of"
            )
            found = found.join(
                one.select(
                    *entity,
                    pl.col("surprise").alias(name),
                    pl.col("value").alias(f"{name}_value"),
                    pl.col("baseline").alias(f"{name}_baseline"),
                    pl.col("rows").alias(f"{name}_rows"),
                ),
                on=entity,
                how="left",
                nulls_equal=True,
            )
        return found.with_columns(pl.exclude(entity).fill_null(0.0))


@dataclass(frozen=True)
class Rings:
    """The rings of a market and what speaks against whom. A shop that brushes alone is a ring of one.

    Shops and buyers are the numbers of `odd_orders`. `shops`: platform, seller_id, shop, ring, the
    `structure` (surprise of the strongest link, with the people in common as `structure_value` and those
    expected as `structure_baseline`) and the judgement of the orders of `core` buyers. `buyers`: buyer,
    ring, the `structure` (surprise of so many shops of the ring), the judgement of the orders in the
    ring, `share` (the part of the ring's customers that belong to it) and `core` (in several shops).
    `rings`: ring, and the judgement of the core's orders (of all orders for a ring of one).
    """

    shops: pl.DataFrame
    buyers: pl.DataFrame
    rings: pl.DataFrame


def shop_counts(lake: Lake, rows: ir.Table, tests: tuple[str, ...]) -> pl.DataFrame:
    """The counts of every shop and season, with the category."""
    asked = {name: Test(rows[name], rows[name].notnull()) for name in tests}
    by_shop = counted(lake, rows, ["shop", "period"], asked).join(shops_of(lake), on="shop")
    return by_shop.join(seller_categories(lake), on=SELLER, how="left").with_columns(
        pl.col("category").fill_null("")
    )


def learnt_from(by_shop: pl.DataFrame, tests: tuple[str, ...]) -> Counts:
    """What is usual for shops of each category and season."""
    return Counts(
        tests, {name: learnt(by_shop, cell=CELL, hit=f"{name}_hit", of=f"{name}_of") for name in tests}
    )


def found_rings(
    lake: Lake, rows: ir.Table, counts: Counts, by_shop: pl.DataFrame, alone: pl.DataFrame
) -> Rings | None:
    """The rings; None where there are none. `alone`: the shops (platform, seller_id) that stand out by
    themselves."""
    shops = _shops(by_shop)
    purchases = lake.rows(rows.select("shop", "buyer", "person").distinct())
    all_of_them = _links(shops, purchases, "person", fewest=3)
    odd = _links(shops, _odd_purchases(lake, rows, counts, by_shop), "buyer", fewest=2)
    links = pl.concat([all_of_them, odd]).filter(pl.col("surprise") > HOLDS)
    label = shared_buyers.components(shops.height, links["one"].to_numpy(), links["other"].to_numpy())
    linked = shops.with_columns(ring=pl.Series(label))
    lone = linked.join(alone.select(SELLER), on=SELLER, how="semi").filter(pl.col("ring") < 0)
    ringed = pl.concat(
        [
            linked.filter(pl.col("ring") >= 0).with_columns(lone=pl.lit(False)),
            lone.with_columns(ring=shops.height + pl.col("place"), lone=pl.lit(True)),
        ]
    )
    if ringed.is_empty():
        return None
    by_buyer = _by_buyer(lake, rows, counts.tests, ringed)
    buyers = _buyers(ringed, purchases, by_buyer, counts)
    core = by_buyer.join(buyers.filter("core").select("buyer", "ring"), on=["buyer", "ring"])
    own = counts.judge(core, [*SELLER, "ring"])
    members = _closest(ringed, links).join(own, on=[*SELLER, "ring"], how="left")
    return Rings(
        members.with_columns(pl.exclude(*SELLER, "shop", "ring").fill_null(0.0)),
        buyers,
        counts.judge(core, ["ring"]),
    )


def _shops(by_shop: pl.DataFrame) -> pl.DataFrame:
    """Every shop once, with its `place` in this list, its `trade` and its platform (`market`) as
    numbers."""
    return (
        by_shop.select(*SELLER, "shop", "category")
        .unique()
        .sort(*SELLER)
        .with_columns(
            trade=pl.col("category").rank("dense").cast(pl.Int64) - 1,
            market=pl.col("platform").rank("dense").cast(pl.Int64) - 1,
        )
        .with_row_index("place")
        .with_columns(pl.col("place").cast(pl.Int64))
    )


def _links(shops: pl.DataFrame, purchases: pl.DataFrame, person: str, *, fewest: int) -> pl.DataFrame:
    known = purchases.join(shops.select("shop", "place"), on="shop")
    account, who = (np.unique(known[name].to_numpy(), return_inverse=True)[1] for name in ("buyer", person))
    place = known["place"].to_numpy()
    trade, market = shops["trade"].to_numpy(), shops["market"].to_numpy()
    found = shared_buyers.links(place, account, who, trade, market, fewest=fewest)
    return pl.DataFrame({name: getattr(found, name) for name in found.__dataclass_fields__})


def _odd_purchases(lake: Lake, rows: ir.Table, counts: Counts, by_shop: pl.DataFrame) -> pl.DataFrame:
    """Who bought where with an order that fails a rare test: where a ring is dense and its camouflage falls
    away."""
    rare = [
        name
        for name in counts.tests
        if name not in HONEST_TOO
        and by_shop[f"{name}_hit"].sum() < RARE * max(int(by_shop[f"{name}_of"].sum()), 1)
    ]
    if not rare:
        return pl.DataFrame(schema=dict.fromkeys(("shop", "buyer"), pl.Int64))
    failed = rows[rare[0]]
    for name in rare[1:]:
        failed |= rows[name]
    return lake.rows(rows.filter(failed).select("shop", "buyer").distinct())


def _closest(ringed: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """For each shop of a ring its strongest link."""
    both = pl.concat(
        [
            links.select(pl.col(end).alias("place"), "people", "expected", "surprise")
            for end in ("one", "other")
        ]
    )
    best = both.sort("surprise", "people", descending=True).unique("place", keep="first", maintain_order=True)
    return ringed.join(best, on="place", how="left").select(
        *SELLER,
        "shop",
        "ring",
        structure=pl.col("surprise"),
        structure_value=pl.col("people").cast(pl.Float64),
        structure_baseline=pl.col("expected"),
    )


def _by_buyer(lake: Lake, rows: ir.Table, tests: tuple[str, ...], ringed: pl.DataFrame) -> pl.DataFrame:
    """The counts of everybody who bought in a shop of a ring, by shop and season."""
    chosen = lake.given(ringed.select("shop"), "ringed_shops")
    of_rings = rows.semi_join(chosen, "shop")
    asked = {name: Test(of_rings[name], of_rings[name].notnull()) for name in tests}
    by_buyer = counted(lake, of_rings, ["shop", "buyer", "period"], asked)
    return by_buyer.join(ringed.select(*SELLER, "shop", "ring", "lone", "category"), on="shop")


def _buyers(
    ringed: pl.DataFrame, purchases: pl.DataFrame, by_buyer: pl.DataFrame, counts: Counts
) -> pl.DataFrame:
    """Everybody who bought in a ring: in how many of its shops, beside what chance would give, and how
    oddly.

    The core are those in several shops of it, chosen without a look at their orders, so that what is odd
    about these says something; in a ring of one shop everybody is.
    """
    pairs = purchases.select("shop", "buyer").unique()
    visited = pairs.group_by("buyer").agg(visited=pl.len())
    custom = pairs.group_by("shop").agg(customers=pl.len())
    size = (
        ringed.join(custom, on="shop")
        .group_by("ring")
        .agg(size=pl.col("customers").sum() / custom["customers"].sum())
    )
    found = (
        by_buyer.group_by("buyer", "ring", "lone")
        .agg(shops=pl.col("shop").n_unique())
        .join(visited, on="buyer", how="left")
        .join(size, on="ring", how="left")
        .sort("ring", "buyer")
        .with_columns(customers=pl.len().over("ring").cast(pl.Float64))
    )
    mean = (found["visited"].fill_null(1) * found["size"]).to_numpy()
    shops = found["shops"].cast(pl.Float64).to_numpy()
    chance = tail(shops, mean, mean + mean**2) - np.log10(found["customers"].to_numpy())
    structure = np.where(shops >= 2, np.clip(chance, 0, MOST), 0.0)
    return (
        found.with_columns(
            structure=pl.Series(structure),
            structure_value=pl.Series(shops),
            structure_baseline=pl.Series(mean),
        )
        .with_columns(core=(pl.col("structure") > 0) | pl.col("lone"))
        .with_columns(share=((pl.col("structure") > 0).sum().over("ring") / pl.col("customers")))
        .drop("visited", "size", "shops")
        .join(counts.judge(by_buyer, ["buyer", "ring"]), on=["buyer", "ring"], how="left")
    )
