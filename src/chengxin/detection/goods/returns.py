"""How often goods come back and what is said of them, by product and season, beside their category."""

from __future__ import annotations

import numpy as np
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.goods import sales
from chengxin.detection.opinions.complaints import voices
from chengxin.detection.statistics.settled import against_settled
from chengxin.detection.statistics.shares import period
from chengxin.detection.statistics.surprise import learnt, tail
from chengxin.detection.views import PRODUCT, SELLER, product_categories, seller_categories
from chengxin.lake.reading import Lake

CELL = ["category", "period"]
WEEK = 7 * 86400

SPELL = 2
"""Weeks that a bad lot takes to be sold: it seldom begins and ends with the week."""

_KEYS = ["platform", "seller_id", "product_id", "period"]
_SAID = ("low", "worded", "described", "specific", "fake", "returned_fake", "later")
_COUNTS = ("orders", "sent", "refunds", "raters", *_SAID)


def counts(lake: Lake) -> pl.DataFrame:
    """A row for each seller, product (empty where a rating names no order) and season.

    platform, seller_id, product_id, category, period; whole numbers orders, sent, refunds (of what was
    sent), and raters with what they say (`complaints.voices`).
    """
    return lake.reckoned("counts_of_goods", lambda: _counts(lake))


def _counts(lake: Lake) -> pl.DataFrame:
    keys = {**dict.fromkeys(_KEYS, pl.String), "period": pl.Int64}
    parts = [pl.DataFrame(schema={**keys, **dict.fromkeys(_COUNTS, pl.Int64)})]
    if lake.has("orders"):
        rows = sales.ordered(lake)
        parts.append(
            lake.rows(rows.filter(rows.seller_id.notnull()).select(*_KEYS, "orders", "sent", "refunds"))
        )
    if lake.has("ratings"):
        said = voices(lake)
        said = said.mutate(period=period(said.ordered_at))
        sums = {name: said[name].sum() for name in _SAID}
        parts.append(lake.rows(said.group_by(_KEYS).aggregate(raters=said.count(), **sums)))
    whole = pl.concat(parts, how="diagonal_relaxed").group_by(_KEYS).agg(pl.col(_COUNTS).sum())
    of_seller = seller_categories(lake).rename({"category": "main"})
    return (
        whole.join(lake.rows(product_categories(lake)), on=PRODUCT, how="left")
        .join(of_seller, on=SELLER, how="left")
        .with_columns(category=pl.coalesce("category", "main", pl.lit("")))
        .drop("main")
        .with_columns(pl.col(_COUNTS).cast(pl.Int64))
        .sort(_KEYS, nulls_last=True)
    )


def odd(found: pl.DataFrame, entity: list[str], name: str, hit: str, of: str) -> pl.DataFrame:
    """The surprise of a share for each entity against its category and season.

    The entity's columns, `<name>` (surprise), `<name>_value`, `<name>_baseline` and `<name>_count`.
    """
    known = found.drop_nulls(entity).with_columns(pl.min_horizontal(hit, of).alias(hit))
    one = against_settled(known, entity=entity, cell=CELL, hit=hit, of=of)
    return one.select(
        *entity,
        pl.col("surprise").alias(name),
        *(pl.col(kind).alias(f"{name}_{kind}") for kind in ("value", "baseline", "count")),
    )


def odd_of_others(found: pl.DataFrame, name: str, hit: str, of: str) -> pl.DataFrame:
    """The surprise of a share among the other goods of each product's shop: what they say of a shop is no
    echo of the product itself.

    platform, product_id, `<name>` (surprise), `<name>_count` and `<name>_others` (the share).
    """
    known = found.filter(pl.col("seller_id").is_not_null()).with_columns(
        pl.min_horizontal(hit, of).alias(hit)
    )
    usual = learnt(_by(known, [*SELLER, *CELL], hit, of), cell=CELL, hit=hit, of=of)
    rows = known.filter(pl.col(of) > 0).join(usual.cells, on=CELL, how="left", nulls_equal=True)
    share = pl.col("usual").fill_null(0.0)
    rows = rows.select(
        *SELLER, "product_id", hit=hit, of=of, mean=pl.col(of) * share, even=pl.col(of) * share * (1 - share)
    )
    sums = [pl.col("hit", "of").sum(), *(pl.col(part).sort().sum() for part in ("mean", "even"))]
    whole = rows.group_by(SELLER).agg(sums)
    goods = known.drop_nulls(PRODUCT).select(*SELLER, "product_id").unique()
    own = rows.drop_nulls(PRODUCT).group_by(*SELLER, "product_id").agg(sums)
    both = goods.join(whole, on=SELLER, how="left").join(
        own, on=[*SELLER, "product_id"], how="left", suffix="_own"
    )
    rest = both.select(
        *PRODUCT,
        *(
            (pl.col(part) - pl.col(f"{part}_own").fill_null(0)).clip(lower_bound=0).fill_null(0).alias(part)
            for part in ("hit", "of", "mean", "even")
        ),
    )
    hits, of_all, mean, even = (
        rest[part].cast(pl.Float64).to_numpy() for part in ("hit", "of", "mean", "even")
    )
    surprise = tail(hits, mean, even * (1 + np.maximum(of_all - 1, 0) * usual.spread))
    return rest.select(
        *PRODUCT,
        pl.Series(name, surprise),
        pl.col("hit").cast(pl.Float64).alias(f"{name}_count"),
        (pl.col("hit") / pl.col("of")).fill_nan(None).alias(f"{name}_others"),
    ).unique(PRODUCT, keep="any")


def _by(found: pl.DataFrame, keys: list[str], hit: str, of: str) -> pl.DataFrame:
    return found.group_by(keys).agg(pl.col(hit, of).sum())


def lasting(lake: Lake, among: pl.DataFrame, entity: list[str], said: list[str]) -> pl.DataFrame:
    """How likely it is that complaints (any of `said`) last: the entity's columns and `lasting`, 0–1.

    Those who bought in the worst `SPELL` weeks are left aside. If what remains complains hardly more than
    usual, it was a bad lot, or a wave; if it complains nearly as much, it lasts. 0.5 where nothing remains
    to say so. `among` holds the entities that are asked about, with `usual`: the share of raters who
    complain where nothing is wrong.
    """
    known = among.select(*entity, "usual").unique(entity, keep="any").drop_nulls(entity)
    if known.is_empty():
        return known.select(*entity, lasting=pl.lit(1.0))
    rows = voices(lake).semi_join(lake.given(known.select(entity), "lasting_" + "_".join(entity)), entity)
    hits = (sum((rows[name] for name in said[1:]), start=rows[said[0]]) > 0).cast("int64")
    rows = rows.mutate(hits=hits, week=_week(rows.ordered_at))
    weeks = lake.rows(rows.group_by([*entity, "week"]).aggregate(hits=rows.hits.sum(), raters=rows.count()))
    # Each week begins a spell of its own with the weeks that follow: the worst of them is left aside.
    spells = (
        pl.concat([weeks.with_columns(week=pl.col("week") - back) for back in range(SPELL)])
        .group_by(*entity, "week")
        .agg(pl.col("hits", "raters").sum())
    )
    worst = (
        spells.sort("hits", "raters", descending=[True, False]).group_by(entity, maintain_order=True).first()
    )
    sums = weeks.group_by(entity).agg(all_hits=pl.col("hits").sum(), all_raters=pl.col("raters").sum())
    both = known.join(sums, on=entity, how="left").join(worst.drop("week"), on=entity, how="left")
    usual = pl.col("usual").fill_null(0.0).clip(0.01, 0.99)
    share = ((pl.col("all_hits") + usual) / (pl.col("all_raters") + 1) + usual) / 2
    share = pl.max_horizontal(share, usual).clip(0.01, 0.99)
    left_hits, left = pl.col("all_hits") - pl.col("hits"), pl.col("all_raters") - pl.col("raters")
    odds = left_hits * (share / usual).log() + (left - left_hits) * ((1 - share) / (1 - usual)).log()
    return both.select(*entity, lasting=(1 / (1 + (-odds.clip(-30, 30)).exp())).fill_nan(1.0).fill_null(1.0))


def _week(at: ir.IntegerValue) -> ir.IntegerValue:
    return (at / WEEK).floor().cast("int64")
