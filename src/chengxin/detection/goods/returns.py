"""How often goods come back and what is said of them, by product and season, beside their category."""

from __future__ import annotations

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.opinions.complaints import voices
from chengxin.detection.statistics.shares import period
from chengxin.detection.statistics.surprise import against_baseline
from chengxin.detection.views import product_categories, seller_categories
from chengxin.lake.reading import Lake

PRODUCT, SELLER = ["platform", "product_id"], ["platform", "seller_id"]
CELL = ["category", "period"]
WEEK = 7 * 86400

_KEYS = ["platform", "seller_id", "product_id", "period"]
_SAID = ("low", "worded", "described", "specific", "fake", "returned_fake")
_COUNTS = ("orders", "sent", "refunds", "raters", *_SAID)


def counts(lake: Lake) -> pl.DataFrame:
    """A row for each seller, product (empty where a rating names no order) and season.

    platform, seller_id, product_id, category, period; whole numbers orders, sent, refunds (of what was
    sent), and raters with what they say (`complaints.voices`).
    """
    keys = {**dict.fromkeys(_KEYS, pl.String), "period": pl.Int64}
    parts = [pl.DataFrame(schema={**keys, **dict.fromkeys(_COUNTS, pl.Int64)})]
    if lake.has("orders"):
        parts.append(lake.rows(_sent(lake).group_by(_KEYS).aggregate(**_sums(_sent(lake)))))
    if lake.has("ratings"):
        said = voices(lake).mutate(period=period(voices(lake).ordered_at))
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


def _sent(lake: Lake) -> ir.Table:
    rows = lake.table("orders")
    rows = rows.filter(rows.seller_id.notnull(), rows.product_id.notnull(), rows.created_at.notnull())
    sent = (rows.status != "cancelled").fill_null(True)
    if lake.has("orders.shipped_at"):
        sent = sent & rows.shipped_at.notnull()
    back = sent & ((rows.refund_amount > 0) | (rows.status == "refunded")).fill_null(False)
    return rows.mutate(period=period(rows.created_at), is_sent=sent, is_back=back)


def _sums(rows: ir.Table) -> dict[str, ir.Value]:
    return {
        "orders": rows.count(),
        "sent": rows.is_sent.cast("int64").sum(),
        "refunds": rows.is_back.cast("int64").sum(),
    }


def odd(found: pl.DataFrame, entity: list[str], name: str, hit: str, of: str) -> pl.DataFrame:
    """The surprise of a share for each entity against its category and season.

    The entity's columns, `<name>` (surprise), `<name>_value`, `<name>_baseline` and `<name>_count`.
    """
    known = found.drop_nulls(entity).with_columns(pl.min_horizontal(hit, of).alias(hit))
    one = against_baseline(known, entity=entity, cell=CELL, hit=hit, of=of)
    return one.select(
        *entity,
        pl.col("surprise").alias(name),
        *(pl.col(kind).alias(f"{name}_{kind}") for kind in ("value", "baseline", "count")),
    )


def lasting(lake: Lake, among: pl.DataFrame, entity: list[str], said: list[str]) -> pl.DataFrame:
    """How far complaints (any of `said`) last: the entity's columns and `lasting`, 0–1.

    0 says that all of them are about the orders of one week, in which hardly more was sold than in others
    (a bad lot, or a wave); 1 that they are as spread as the orders. `among` holds the entities that are
    asked about.
    """
    keys = among.select(entity).unique().drop_nulls()
    if keys.is_empty():
        return keys.with_columns(lasting=pl.lit(1.0))
    chosen = lake.given(keys, "lasting_" + "_".join(entity))
    rows = voices(lake).semi_join(chosen, entity)
    rows = rows.mutate(hits=sum((rows[name] for name in said[1:]), start=rows[said[0]]))
    rows = rows.filter(rows.hits > 0).mutate(week=_week(rows.ordered_at))
    complaints = lake.rows(rows.group_by([*entity, "week"]).aggregate(complaints=rows.count()))
    if lake.has("orders"):
        orders = lake.table("orders").semi_join(chosen, entity)
        orders = orders.filter(orders.created_at.notnull()).mutate(week=_week(orders.created_at))
        sold = lake.rows(orders.group_by([*entity, "week"]).aggregate(orders=orders.count()))
        weeks = sold.join(complaints, on=[*entity, "week"], how="full", coalesce=True).fill_null(0)
    else:
        weeks = complaints.with_columns(orders=pl.lit(1))
    sales = pl.col("orders") / pl.col("orders").sum()
    over = weeks.group_by(entity).agg(
        over=(pl.col("complaints") / pl.col("complaints").sum() - sales).max(),
        most=sales.max(),
        complaints=pl.col("complaints").sum(),
    )
    # One complaint always falls into one week: only several say when.
    several = (pl.col("complaints") - 1) / (pl.col("complaints") + 2)
    crowded = (pl.col("over") / (1 - pl.col("most")).clip(lower_bound=0.2)).clip(0, 1) * several
    return keys.join(over, on=entity, how="left").select(
        *entity, lasting=(1 - crowded).fill_nan(1.0).fill_null(1.0)
    )


def _week(at: ir.IntegerValue) -> ir.IntegerValue:
    return (at / WEEK).floor().cast("int64")
