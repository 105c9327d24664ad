"""Shops that the same people rate, beyond what their size and category explain."""

from __future__ import annotations

import ibis
import numpy as np
import polars as pl
from ibis.expr import types as ir
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from chengxin.detection.opinions.texts import surprise_of
from chengxin.lake.reading import Lake

BUSY = 30
"""Who rates more shops than this links none of them: everybody meets everybody there."""

USUAL = 2
"""So many raters in common a pair of shops adds to the baseline at most."""

TOGETHER = 3
"""Fewer raters in common are chance."""


def common_raters(lake: Lake, one: ir.Table, other: ir.Table, shops: pl.DataFrame) -> pl.DataFrame:
    """Pairs of shops with at least `TOGETHER` raters who gave a rating of `one` to the first and of `other`
    to the second.

    `one` and `other`: platform, rater_id, ratee_id. `shops`: platform, ratee_id, category. Returns
    platform, ratee_id, with_id, raters, expected (by the two shops' raters and how often the two categories
    meet), surprise (less the log10 of the pairs that were looked at: there are many).
    """
    numbers = shops.sort("platform", "ratee_id").with_row_index("shop").cast({"shop": pl.Int64})
    numbered = lake.given(numbers.select("platform", "ratee_id", "shop", "category"), "numbered_shops")
    left, right = (
        side.select("platform", "rater_id", "ratee_id")
        .distinct()
        .inner_join(numbered, ["platform", "ratee_id"])
        .select("platform", "rater_id", "shop")
        for side in (one, other)
    )
    few = right.group_by(["platform", "rater_id"]).aggregate(rated=right.count())
    right = right.semi_join(few.filter(few.rated <= BUSY), ["platform", "rater_id"]).rename(with_shop="shop")
    met = left.inner_join(right, ["platform", "rater_id"])
    met = met.filter(met.shop != met.with_shop)
    pairs = lake.meanwhile(met.group_by(["shop", "with_shop"]).aggregate(raters=met.count()))
    looked_at = int(lake.rows(pairs.aggregate(n=pairs.count()))["n"][0])
    full = lake.rows(pairs.filter(pairs.raters >= TOGETHER)).sort("shop", "with_shop")
    kinds = numbers.select("shop", "platform", "category")
    given, taken = (
        lake.rows(side.group_by(side[name].name("shop")).aggregate(rows=side.count())).join(kinds, on="shop")
        for side, name in ((left, "shop"), (right, "with_shop"))
    )
    cells = ["platform", "category", "with_category"]
    chances = (
        given.group_by("platform", "category")
        .agg(given=pl.col("rows").sum())
        .join(
            taken.group_by("platform", pl.col("category").alias("with_category")).agg(
                taken=pl.col("rows").sum()
            ),
            on="platform",
        )
    )
    # A pair counts no more than the usual one in the baseline, so that a ring doesn't become its own.
    kind = numbered.select("shop", "platform", "category")
    both = pairs.inner_join(kind, "shop").inner_join(
        numbered.select(with_shop="shop", with_category="category"), "with_shop"
    )
    capped = lake.rows(both.group_by(cells).aggregate(met=ibis.least(both.raters, USUAL).sum()))
    rate = chances.join(capped, on=cells).select(
        *cells, rate=pl.col("met") / (pl.col("given").cast(pl.Float64) * pl.col("taken"))
    )
    names = numbers.select("shop", "platform", "ratee_id", "category")
    known = (
        full.join(names, on="shop")
        .join(names.select(with_shop="shop", with_id="ratee_id", with_category="category"), on="with_shop")
        .join(given.select("shop", given="rows"), on="shop")
        .join(taken.select(with_shop="shop", taken="rows"), on="with_shop")
        .join(rate, on=cells)
        .with_columns(expected=pl.col("given").cast(pl.Float64) * pl.col("taken") * pl.col("rate"))
    )
    odd = surprise_of(known["raters"].to_numpy(), known["expected"].to_numpy()) - np.log10(max(looked_at, 1))
    return known.select(
        "platform", "ratee_id", "with_id", "raters", "expected", surprise=pl.Series(np.maximum(odd, 0.0))
    )


def pools(lake: Lake, rows: ir.Table, shops: pl.DataFrame) -> pl.DataFrame:
    """Raters who rate several shops together with the same others: platform, ratee_id, rater_id, pool (a
    number).

    `rows`: platform, rater_id, ratee_id. A pool is numbered by the place of its first shop in the order of
    ids.
    """
    names = ["platform", "ratee_id"]
    pairs = common_raters(lake, rows, rows, shops).filter(pl.col("surprise") > 1)
    if pairs.is_empty():
        return pl.DataFrame(
            schema={"platform": pl.String, "ratee_id": pl.String, "rater_id": pl.String, "pool": pl.Int64}
        )
    members = pairs.select(names).unique().sort(names).with_row_index("place")
    ends = pairs.join(members, on=names).join(
        members.rename({"ratee_id": "with_id", "place": "with_place"}), on=["platform", "with_id"]
    )
    size = len(members)
    links = coo_array(
        (np.ones(len(ends)), (ends["place"].to_numpy(), ends["with_place"].to_numpy())), (size, size)
    )
    _, label = connected_components(links, directed=False)
    pool = members.select(*names, pool=pl.Series(label.astype(np.int64)))
    edges = lake.given(pairs.select("platform", "ratee_id", "with_id"), "pooled_pairs")
    given = rows.select("platform", "rater_id", "ratee_id").distinct()
    one = given.inner_join(edges, names)
    both = one.inner_join(given.rename(with_id="ratee_id"), ["platform", "rater_id", "with_id"])
    found = lake.rows(both.group_by([*names, "rater_id"]).aggregate(shops=both.count()))
    return found.join(pool, on=names).select(*names, "rater_id", "pool")
