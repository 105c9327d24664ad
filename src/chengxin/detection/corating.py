"""Shops that the same people rate, beyond what their size and category explain."""

from __future__ import annotations

import numpy as np
import polars as pl
from ibis.expr import types as ir
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from chengxin.detection.texts import surprise_of
from chengxin.lake.reading import Lake

BUSY = 30
"""Who rates more shops than this links none of them: everybody meets everybody there."""

TOGETHER = 3
"""Fewer raters in common are chance."""


def common_raters(lake: Lake, one: ir.Table, other: ir.Table, shops: pl.DataFrame) -> pl.DataFrame:
    """Pairs of shops with at least `TOGETHER` raters who gave a rating of `one` to the first and of `other`
    to the second.

    `one` and `other`: platform, rater_id, ratee_id. `shops`: platform, ratee_id, category. Returns
    platform, ratee_id, with_id, raters, expected (by the two shops' raters and how often the two categories
    meet), surprise (less the log10 of the pairs that were looked at: there are many).
    """
    left, right = (side.select("platform", "rater_id", "ratee_id").distinct() for side in (one, other))
    few = right.group_by(["platform", "rater_id"]).aggregate(shops=right.count())
    right = right.semi_join(few.filter(few.shops <= BUSY), ["platform", "rater_id"])
    right = right.rename(with_id="ratee_id")
    met = left.inner_join(right, ["platform", "rater_id"])
    met = met.filter(met.ratee_id != met.with_id)
    pairs = lake.rows(met.group_by(["platform", "ratee_id", "with_id"]).aggregate(raters=met.count()))
    if pairs.is_empty():
        return pairs.with_columns(expected=pl.lit(0.0), surprise=pl.lit(0.0))
    given = lake.rows(left.group_by(["platform", "ratee_id"]).aggregate(given=left.count()))
    taken = lake.rows(right.group_by(["platform", "with_id"]).aggregate(taken=right.count()))
    kinds = shops.select("platform", "ratee_id", "category")
    given = given.join(kinds, on=["platform", "ratee_id"], how="left")
    taken = taken.join(
        kinds.rename({"ratee_id": "with_id", "category": "with_category"}),
        on=["platform", "with_id"],
        how="left",
    )
    full = pairs.join(given, on=["platform", "ratee_id"]).join(taken, on=["platform", "with_id"])
    cells = ["platform", "category", "with_category"]
    chances = (
        given.group_by("platform", "category").agg(pl.col("given").sum()).join(
            taken.group_by("platform", "with_category").agg(pl.col("taken").sum()), on="platform"
        )
    )  # fmt: skip
    # A pair counts no more than the usual one in the baseline, so that a ring doesn't become its own.
    capped = full.group_by(cells).agg(met=pl.col("raters").clip(upper_bound=2).sum(), pairs=pl.len())
    rate = chances.join(capped, on=cells).select(
        *cells, rate=pl.col("met") / (pl.col("given").cast(pl.Float64) * pl.col("taken"))
    )
    known = full.filter(pl.col("raters") >= TOGETHER).join(rate, on=cells)
    known = known.with_columns(expected=pl.col("given").cast(pl.Float64) * pl.col("taken") * pl.col("rate"))
    odd = surprise_of(known["raters"].to_numpy(), known["expected"].to_numpy()) - np.log10(len(pairs))
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
