"""What tells an attack on a shop from customers who are of one mind: rivals, goods, who pays for praise."""

from __future__ import annotations

import numpy as np
import polars as pl
from ibis.expr import types as ir
from scipy.stats import binom

from chengxin.detection.clock import DAY, day_number
from chengxin.detection.joining import joined
from chengxin.detection.opinions.corating import common_raters
from chengxin.detection.opinions.rows import RATEE, opinions, shops
from chengxin.detection.statistics.bursts import waves
from chengxin.detection.statistics.surprise import MOST
from chengxin.lake.reading import Lake

CHOSEN, ODD = 2.0, 1.0
"""The surprise of a pair of shops, beyond the number that were looked at, and of what its raters say: one in
a hundred, since it was picked for being odd, and one in ten."""

CRUDE = 3
"""So many kinds of oddness in one rating of praise (copied words and ties, an account for this shop only, no
look, no time to try) aren't an honest buyer's."""

THIN = 2
"""So many ratings of the whole market stand behind what is usual at a shop of few."""

STRETCH = 14
"""Days within which most of such praise comes if it is meant to be seen."""


def with_rivals(lake: Lake, rows: ir.Table) -> ir.Table:
    """`rival`: the rater blames this shop, and praises another that the shop's other blamers praise, too.

    Shops have customers in common for many reasons. It tells only where those in common blame the one far
    more than its other customers do.
    """
    said = opinions(lake)
    low, top = said.filter(said.side == "low"), said.filter(said.side == "top")
    pairs = common_raters(lake, low, top, shops(lake)).filter(pl.col("surprise") > CHOSEN)
    pairs = _of_one_mind(lake, rows, pairs)
    edges = lake.given(pairs.select("platform", "ratee_id", "with_id"), "rival_pairs")
    both = low.select(*RATEE, "rater_id").inner_join(edges, RATEE)
    praised = top.select("platform", "rater_id", with_id=top.ratee_id).distinct()
    both = both.inner_join(praised, ["platform", "rater_id", "with_id"])
    known = both.select(*RATEE, "rater_id").distinct().mutate(praises_rival=True)
    both = joined(rows, known, [*RATEE, "rater_id"])
    return both.mutate(rival=both.praises_rival.fill_null(False) & (both.side == "low"))


def _of_one_mind(lake: Lake, rows: ir.Table, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs whose common raters blame the first shop more than its other raters explain."""
    if pairs.is_empty():
        return pairs
    edges = lake.given(pairs.select("platform", "ratee_id", "with_id"), "pairs_in_common")
    said = rows.select(*RATEE, "rater_id").distinct()
    met = said.inner_join(edges, RATEE).inner_join(
        said.rename(with_id="ratee_id"), ["platform", "with_id", "rater_id"]
    )
    common = lake.rows(met.group_by([*RATEE, "with_id"]).aggregate(common=met.count()))
    asked = rows.semi_join(edges, RATEE)
    low = (asked.side == "low").ifelse(asked.rater_id, None)
    whole = lake.rows(asked.group_by(RATEE).aggregate(all=asked.rater_id.nunique(), low=low.nunique()))
    known = pairs.join(common, on=[*RATEE, "with_id"]).join(whole, on=RATEE)
    blame, common_, every, lows = (
        known[name].cast(pl.Float64).to_numpy() for name in ("raters", "common", "all", "low")
    )
    usual = (np.maximum(lows - blame, 0) + 0.5) / (np.maximum(every - common_, 0) + 1)
    chance = binom.sf(blame - 1, np.maximum(common_, blame), np.clip(usual, 0, 1))
    return known.filter(pl.Series(-np.log10(np.maximum(chance, 10.0**-MOST)) > ODD)).select(pairs.columns)


def with_crude_praise(lake: Lake, rows: ir.Table) -> ir.Table:
    """`crude`: praise so clumsy that it was meant to be seen, for which nobody of the shop paid.

    Who orders praise for himself hides it, pays for it and has more shops served by the same raters; who
    orders it for a rival wants it to be found. Praise by raters whom the shop pays, who praise other shops
    together or have no order is the shop's own, and so is the rest where that is most of the clumsy praise.
    Where hardly any clumsy praise in the market is anybody's, missing money tells nothing.
    """
    kinds = (rows.linked | rows.networked, rows.silent, rows.unseen, rows.at_once)
    odd = (rows.template | rows.copied) & (sum((kind.cast("int8") for kind in kinds), 1) >= CRUDE)
    owned = rows.pooled | rows.hired | ~rows.bought.fill_null(False)
    clumsy = rows.filter((rows.side == "top") & odd)
    clumsy = lake.rows(clumsy.select(*RATEE, "rating_id", "created_at", owned=owned.cast("int64")))
    if clumsy.is_empty() or clumsy["owned"].sum() * 2 < clumsy.height:
        return rows.mutate(crude=False)
    strange = (
        clumsy.with_columns(all=pl.len().over(RATEE), known=pl.col("owned").sum().over(RATEE))
        .filter((pl.col("known") * 2 < pl.col("all")) & (pl.col("owned") == 0))
        .sort("created_at")
    )
    stretches = strange.rolling("created_at", period=f"{STRETCH * DAY}i", group_by=RATEE)
    within = (
        stretches.agg(together=pl.len())
        .group_by(RATEE)
        .agg(pl.col("together").max())
        .join(strange.group_by(RATEE).agg(all=pl.len()), on=RATEE)
        .filter(pl.col("together") * 2 > pl.col("all"))
    )
    found = strange.join(within, on=RATEE).select("platform", "rating_id").unique()
    known = lake.given(found, "crude_praise").mutate(crude=True)
    both = joined(rows, known, ["platform", "rating_id"])
    return both.mutate(crude=both.crude.fill_null(False))


def returned_more(found: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """`found` with `returned_together` no more than what the shop's other praise leaves unexplained: where
    all return much (clothes that don't fit), those who hang together do, too.

    `counts`: `tied_returned` and `others_returned` as of `shares.counted`.
    """
    names = [f"{who}_returned_{what}" for who in ("tied", "others") for what in ("hit", "of")]
    known = counts.group_by(RATEE).agg(pl.col(names).sum())
    hits, of, others_hits, others_of = (known[name].cast(pl.Float64).to_numpy() for name in names)
    market = (others_hits.sum() + 0.5) / (others_of.sum() + 1)
    usual = (others_hits + THIN * market) / (others_of + THIN)
    chance = binom.sf(hits - 1, of, np.clip(usual, 0, 1))
    more = known.select(*RATEE, more=pl.Series(-np.log10(np.maximum(chance, 10.0**-MOST))))
    both = found.join(more, on=RATEE, how="left", maintain_order="left")
    capped = pl.min_horizontal("returned_together", pl.col("more").fill_null(0.0))
    return both.with_columns(returned_together=capped).drop("more")


def same_goods(lake: Lake, rows: ir.Table, found: pl.DataFrame) -> pl.DataFrame:
    """How far a shop's blame is of one of its products, beyond that product's share of its ratings: platform,
    ratee_id, goods (surprise). A bad batch is; who is hired against the shop takes what is cheap.

    `found`: the shops in question.
    """
    asked = rows.semi_join(lake.given(found.select(RATEE), "blamed_shops"), RATEE)
    asked = asked.filter(asked.product_id.notnull())
    low = (asked.side == "low").cast("int64").sum()
    goods = lake.rows(asked.group_by([*RATEE, "product_id"]).aggregate(low=low, all=asked.count()))
    known = goods.with_columns(
        shop_low=pl.col("low").sum().over(RATEE), shop_all=pl.col("all").sum().over(RATEE)
    ).filter(pl.col("low") > 0)
    hits, every, lows, whole = (
        known[name].cast(pl.Float64).to_numpy() for name in ("low", "all", "shop_low", "shop_all")
    )
    # The product's share of what isn't blame: blame itself would be its own explanation.
    usual = (every - hits + 0.5) / (whole - lows + 1)
    chance = binom.sf(hits - 1, lows, np.clip(usual, 0, 1))
    odd = known.select(*RATEE, goods=pl.Series(-np.log10(np.maximum(chance, 10.0**-MOST))))
    return odd.group_by(RATEE).agg(pl.col("goods").max())


def sudden(lake: Lake, rows: ir.Table, side: str) -> pl.DataFrame:
    """Each shop's oddest stretch of such ratings (`sudden_wave`, `_value`, `_baseline`): blame beside all its
    ratings, praise beside its usual pace."""
    known = rows.mutate(day=day_number(rows["created_at"]))
    daily = lake.rows(
        known.group_by([*RATEE, "category", "day"]).aggregate(
            hits=(known.side == side).cast("int64").sum(), rows=known.count()
        )
    )
    if side == "low":
        daily = daily.with_columns(exposure=pl.col("rows"))
    else:
        rhythm = daily.group_by("category", "day").agg(exposure=pl.col("hits").sum() + 1)
        daily = daily.join(rhythm, on=["category", "day"])
    found = waves(daily.drop("rows"), RATEE)
    return found.select(
        *RATEE, sudden_wave="surprise", sudden_wave_value="count", sudden_wave_baseline="expected"
    )
