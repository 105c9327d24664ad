"""When the guilty of an invented market were at it: what a time split needs and the truth doesn't say.

Guilty ratings and parcels are dated by themselves. Whoever belongs to a scheme with such rows was at work
when they were written or sent; a query account when it asked; a shop that imitates or comes back from the day
it opened. Bought visits and prices that were raised once are looked up where the market is planned. What
leaves no dated row runs all along: goods that are not what they are said to be, list prices that nobody pays.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from chengxin.detection.evaluation.periods import Period
from chengxin.market import Plan, Truth, brands, register
from chengxin.market.plan import CHINA, DAY
from chengxin.market.quotes import RAISED_BEFORE
from chengxin.market.schemes import run
from chengxin.market.schemes.scene import Scene, scene
from chengxin.market.world import world

KEY = ["detector", "entity", "platform", "entity_id"]
PART = 0.2
"""Whoever did so much of everything within a period is to be found in it."""

OWN_ROWS = {
    "rating": ("ratings", "platform", "rating_id", "created_at"),
    "waybill": ("parcels", "carrier", "waybill_no", "created_at"),
    "account": ("queries", "platform", "account_id", "at"),
}


def moments(lake: Path, truth: Truth, plan: Plan) -> pl.DataFrame:
    """The guilty [detector, entity, platform, entity_id], each with every moment `at` (epoch seconds) at
    which it was at it; what lasts has one moment a day."""
    guilty = truth.entities.select(*KEY, "scheme")
    dated = [
        guilty.filter(pl.col("entity") == entity).join(
            _rows(lake, *columns), on=["platform", "entity_id"], how="inner"
        )
        for entity, columns in OWN_ROWS.items()
    ]
    own = pl.concat(dated)
    others = guilty.join(own.select(KEY).unique(), on=KEY, how="anti")
    by_scheme = others.join(own.select("scheme", "at").unique(), on="scheme", how="inner")
    rest = others.join(own.select("scheme").unique(), on="scheme", how="anti").select(KEY)
    stage = _planned(plan)
    parts = [own.select(*KEY, "at"), by_scheme.select(*KEY, "at")]
    for found in (
        rest.join(_bought_visits(stage), on=KEY, how="inner"),
        rest.join(_raised_once(stage), on=KEY, how="inner"),
    ):
        parts.append(found.select(*KEY, "at"))
        rest = rest.join(found, on=KEY, how="anti")
    opened = _rows(lake, "sellers", "platform", "seller_id", "opened_at").rename({"at": "opened"})
    late = pl.col("detector").is_in(["re_entry", "look_alikes"])
    lasting = rest.join(opened.unique(["platform", "entity_id"]), on=["platform", "entity_id"], how="left")
    since = pl.when(late).then(pl.col("opened")).fill_null(plan.start).clip(lower_bound=plan.start)
    days = pl.int_ranges(since, pl.lit(plan.end), DAY)
    parts.append(lasting.select(*KEY, at=days).explode("at").drop_nulls("at"))
    return pl.concat(parts)


def split(when: pl.DataFrame, period: Period) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Who was at it within a period, and who was at it elsewhen or hardly within: to be left out."""
    inside = (pl.col("at") >= period.since) & (pl.col("at") < period.until)
    counted = when.group_by(KEY).agg(inside=inside.sum(), all=pl.len())
    found = counted.with_columns(found=pl.col("inside") >= PART * pl.col("all"))
    return found.filter("found").select(KEY), found.filter(~pl.col("found")).select(KEY)


def _rows(lake: Path, table: str, platform: str, id: str, clock: str) -> pl.DataFrame:
    rows = pl.scan_parquet(lake / table / "**/*.parquet", hive_partitioning=True)
    return rows.select(platform=platform, entity_id=id, at=pl.col(clock).dt.epoch("s")).collect()


def _planned(plan: Plan) -> Scene:
    """The market up to its schemes, as `build` sets it up: quick, nothing is written."""
    made = world(plan)
    brands.give_codes(made)
    stage = scene(made, register.register(made))
    run.run(stage)
    return stage


def _bought_visits(stage: Scene) -> pl.DataFrame:
    shops = stage.world.shops
    shop = np.concatenate([some["shop"] for some in stage.visits] or [np.zeros(0, np.int64)])
    at = np.concatenate([some["at"] for some in stage.visits] or [np.zeros(0, np.int64)])
    platform = stage.world.platforms.gather(shops.platform[shop])
    return _named("fake_traffic", "seller", platform, shops.ids.gather(shop), {"at": at})


def _raised_once(stage: Scene) -> pl.DataFrame:
    goods = stage.world.products
    some = np.flatnonzero((goods.trick == RAISED_BEFORE) & (goods.trick_period == 0))
    platform = stage.world.platforms.gather(stage.world.shops.platform[goods.shop[some]])
    first = goods.trick_start[some] * DAY - CHINA
    spans = {"first": first, "last": first + (goods.trick_days[some] + 5) * DAY}
    found = _named("price_fraud", "product", platform, goods.ids.gather(some), spans)
    days = pl.int_ranges("first", "last", DAY)
    return found.select(*KEY, at=days).explode("at").drop_nulls("at")


def _named(
    detector: str, entity: str, platform: pl.Series, ids: pl.Series, columns: Mapping[str, np.ndarray]
) -> pl.DataFrame:
    return pl.DataFrame({"entity_id": ids, "platform": platform, **columns}).select(
        pl.lit(detector).alias("detector"), pl.lit(entity).alias("entity"), "platform", "entity_id", *columns
    )
