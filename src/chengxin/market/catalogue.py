"""What is offered: listings with titles, brands, bar codes and pictures."""

from __future__ import annotations

import numpy as np
import polars as pl

from chengxin.lake.contract import tables
from chengxin.market import categories
from chengxin.market.brands import brand_names
from chengxin.market.columns import time
from chengxin.market.numbers import Generator, Ints, texts
from chengxin.market.plan import DAY
from chengxin.market.register import Closed
from chengxin.market.world import World

LICENSED = ("食品", "生鲜", "茶叶", "酒水", "美妆")


def listings(world: World, random: Generator) -> pl.DataFrame:
    """The lake's table of listings: one a product, pictures shared by resellers of one supplier."""
    shops, goods = world.shops, world.products
    count = len(goods.shop)
    opened = np.maximum(shops.opened[goods.shop], world.plan.start - random.integers(0, 400 * DAY, count))
    found = _common(world, random, shops.category[goods.shop], goods.goods, goods.brand)
    platform = world.platforms.gather(shops.platform[goods.shop])
    return found.with_columns(
        goods.ids.alias("product_id"),
        shops.ids.gather(goods.shop).alias("seller_id"),
        platform.alias("platform"),
        texts(goods.gtin, goods.gtin < 0).alias("gtin"),
        texts(world.words("picture", goods.picture), random.random(count) < 0.01).alias("image_hash"),
        _addresses(platform, goods.ids).alias("url"),
        time(opened).alias("at"),
    ).select(tables()["listings"].names)


def of_closed(world: World, closed: Closed, random: Generator) -> pl.DataFrame:
    """What closed shops offered while they were open."""
    shop = np.repeat(np.arange(len(closed.at)), [len(one) for one in closed.pictures])
    count = len(shop)
    none = np.full(count, -1)
    found = _common(world, random, closed.category[shop], np.zeros(count, dtype=np.int64), none)
    ids = texts(world.words("closed product", np.arange(count)))
    platform = world.platforms.gather(closed.platform[shop])
    opened = np.minimum(closed.opened, closed.at - DAY)[shop]
    return found.with_columns(
        ids.alias("product_id"),
        texts(closed.words[shop]).alias("seller_id"),
        platform.alias("platform"),
        texts(none, none < 0).alias("gtin"),
        texts(world.words("picture", np.concatenate(closed.pictures))).alias("image_hash"),
        _addresses(platform, ids).alias("url"),
        time(opened + random.integers(0, DAY, count)).alias("at"),
    ).select(tables()["listings"].names)


def _common(world: World, random: Generator, category: Ints, goods: Ints, brand: Ints) -> pl.DataFrame:
    count = len(category)
    licensed = np.isin(category, [categories.NAMES.index(one) for one in LICENSED])
    has_licence = licensed & (random.random(count) < 0.95)
    return pl.DataFrame(
        {
            "title": titles(world, random, category, goods, brand),
            "category": pl.Series(categories.NAMES).gather(category),
            "brand": brand_names(world).gather(np.maximum(brand, 0)).set(pl.Series(brand < 0), None),
            "licence_no": texts(random.integers(10**13, 10**14, count), ~has_licence),
        }
    )


def _addresses(platform: pl.Series, ids: pl.Series) -> pl.Series:
    return pl.select(pl.concat_str(pl.lit("https://"), platform, pl.lit(".example/item/"), ids)).to_series()


ADJECTIVES = (
    "新款", "加厚", "家用", "便携", "大容量", "轻薄", "复古", "简约", "儿童", "男女同款", "经典", "夏季",
    "学生", "礼盒装",
    "官方", "升级版", "静音", "防水", "耐磨", "高颜值", "网红", "手工", "有机", "进口料", "多功能", "折叠",
)  # fmt: skip


def titles(world: World, random: Generator, category: Ints, goods: Ints, brand: Ints) -> pl.Series:
    """Titles of listings: brand, qualities, goods, a variant."""
    count = len(category)
    names = pl.Series([name for one in categories.CATEGORIES for name in one.goods])
    starts = np.cumsum([0, *(len(one.goods) for one in categories.CATEGORIES)])[:-1]
    qualities = pl.Series(ADJECTIVES)
    return pl.select(
        pl.concat_str(
            brand_names(world).gather(np.maximum(brand, 0)).set(pl.Series(brand < 0), ""),
            qualities.gather(random.integers(0, len(ADJECTIVES), count)),
            qualities.gather(random.integers(0, len(ADJECTIVES), count)),
            names.gather(starts[category] + goods),
            pl.lit(" "),
            pl.Series(random.integers(1, 400, count)).cast(pl.String),
            pl.lit("号"),
        )
    ).to_series()
