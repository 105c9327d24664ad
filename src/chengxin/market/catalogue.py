"""What is offered at which price: quotes with honest promotions, and listings with titles, brands and pictures."""

from __future__ import annotations

import numpy as np
import polars as pl

from chengxin.market import categories
from chengxin.market.brands import brand_names, brand_of
from chengxin.market.numbers import Floats, Generator, Ints, Words, texts
from chengxin.market.orders import money, time
from chengxin.market.plan import CHINA, DAY
from chengxin.market.world import World

PROMOTIONS = 0.35  # of the shops run one in a month
REDUCED = np.array([0.95, 0.92, 0.9, 0.88, 0.85, 0.8, 0.75, 0.7])
QUOTE_EVERY = 4  # days, roughly
SPAN = 40  # days of a block in which a shop may run a promotion


def _part(words: Words, parts: int) -> Ints:
    return (words % np.uint64(parts)).astype(np.int64)


def asked(world: World, product: Ints, at: Ints) -> Floats:
    """What part of its usual price a product costs at a time: small steps over the seasons, promotions of its shop."""
    day = (at + CHINA) // DAY
    step = _part(world.words("price step", product * 31 + day // 45), 7)
    usual = np.array([1.0, 1.0, 1.0, 1.0, 0.97, 1.04, 1.08])[step]
    return np.asarray(usual * reduced(world, product, day), dtype=np.float64)


def reduced(world: World, product: Ints, day: Ints) -> Floats:
    """What a promotion leaves of the usual price on a China day, 1 without one."""
    shop = world.products.shop[product]
    block = day // SPAN
    plan = world.words("promotion", shop * 1009 + block)
    runs = _part(plan, 1000) < PROMOTIONS * 1000
    start = _part(plan >> np.uint64(12), SPAN - 8)
    length = 2 + _part(plan >> np.uint64(24), 6)
    inside = runs & (day % SPAN >= start) & (day % SPAN < start + length)
    joins = _part(world.words("joins", product * 13 + block), 10) < 6
    factor = REDUCED[_part(plan >> np.uint64(36), len(REDUCED))]
    return np.where(inside & joins, factor, 1.0)


def prices(world: World, random: Generator, start: int, end: int) -> pl.DataFrame:
    """The lake's table of quotes for a stretch of time: every few days, and whenever a promotion opens or ends."""
    count = len(world.products.shop)
    days = max(1, (end - start) // DAY)
    every = max(1, days // QUOTE_EVERY)
    product = np.repeat(np.arange(count), every)
    day = (
        np.tile(np.arange(every), count) * QUOTE_EVERY + random.integers(0, QUOTE_EVERY, len(product))
    ).clip(0, days - 1)
    shop = world.products.shop
    plan_day = np.unique((start + CHINA) // DAY // SPAN + np.arange(0, days // SPAN + 2))
    more_product, more_day = [], []
    for block in plan_day:
        plan = world.words("promotion", shop * 1009 + block)
        runs = np.flatnonzero(_part(plan, 1000) < PROMOTIONS * 1000)
        opening = block * SPAN + _part(plan[runs] >> np.uint64(12), SPAN - 8) - (start + CHINA) // DAY
        closing = opening + 2 + _part(plan[runs] >> np.uint64(24), 6)
        more_product += [runs, runs]
        more_day += [opening, closing]
    product = np.concatenate([product, *more_product])
    day = np.concatenate([day, *more_day])
    at = ((start + CHINA) // DAY + day) * DAY - CHINA + random.integers(0, 12 * 3600, len(day))
    kept = (at >= np.maximum(start, world.shops.opened[world.products.shop[product]])) & (at < end)
    return quotes(world, random, product[kept], at[kept])


def quotes(world: World, random: Generator, product: Ints, at: Ints) -> pl.DataFrame:
    """Quotes of products at times, as their shops show them."""
    shop = world.products.shop[product]
    day = (at + CHINA) // DAY
    price = np.round(world.products.price[product] * asked(world, product, at) / 10) * 10
    rebate = reduced(world, product, day)
    full = np.round(price / rebate / 10) * 10
    habit = _part(world.words("list price", product), 100)
    suggested = np.round(full * (1.05 + habit / 250) / 100) * 100
    shown = np.where(rebate < 1, full, np.where(habit < 30, full, suggested))
    none = (rebate >= 1) & (habit < 92) & (habit >= 30)
    promotion = world.words("promotion number", shop * 1009 + day // SPAN)
    return pl.DataFrame(
        {
            "product_id": world.products.ids.gather(product),
            "seller_id": world.shops.ids.gather(shop),
            "platform": world.platforms.gather(world.shops.platform[shop]),
            "price": money(price.astype(np.int64)),
            "list_price": money(np.where(habit < 30, full, shown).astype(np.int64)).set(
                pl.Series(none), None
            ),
            "promotion_id": texts(promotion, rebate >= 1),
            "at": time(at),
        }
    )


def listings(world: World, random: Generator) -> pl.DataFrame:
    """The lake's table of listings: one a product, pictures shared by resellers of one supplier."""
    shops, goods = world.shops, world.products
    count = len(goods.shop)
    category = shops.category[goods.shop]
    brand = brand_of(world)
    title = titles(world, random, brand)
    supplier = random.random(count) < 0.16
    pictures = np.where(
        supplier, -1 - (category * 4000 + random.integers(0, max(2, count // 300), count)), np.arange(count)
    )
    licensed = np.isin(
        category, [categories.NAMES.index(one) for one in ("食品", "生鲜", "茶叶", "酒水", "美妆")]
    )
    has_licence = licensed & (random.random(count) < 0.95)
    opened = np.maximum(shops.opened[goods.shop], world.plan.start - random.integers(0, 400 * DAY, count))
    return pl.DataFrame(
        {
            "product_id": goods.ids,
            "seller_id": shops.ids.gather(goods.shop),
            "platform": world.platforms.gather(shops.platform[goods.shop]),
            "title": title,
            "category": pl.Series(categories.NAMES).gather(category),
            "brand": brand_names(world).gather(np.maximum(brand, 0)).set(pl.Series(brand < 0), None),
            "gtin": texts(goods.gtin, goods.gtin < 0),
            "licence_no": texts(world.words("licence", goods.shop), ~has_licence),
            "image_hash": texts(world.words("picture", pictures), random.random(count) < 0.01),
            "url": pl.select(
                pl.concat_str(
                    pl.lit("https://"),
                    world.platforms.gather(shops.platform[goods.shop]),
                    pl.lit(".example/item/"),
                    goods.ids,
                )
            ).to_series(),
            "at": time(opened),
        }
    )


ADJECTIVES = (
    "新款", "加厚", "家用", "便携", "大容量", "轻薄", "复古", "简约", "儿童", "男女同款", "经典", "夏季", "学生", "礼盒装",
    "官方", "升级版", "静音", "防水", "耐磨", "高颜值", "网红", "手工", "有机", "进口料", "多功能", "折叠",
)  # fmt: skip


def titles(world: World, random: Generator, brand: Ints) -> pl.Series:
    """Titles of listings: brand, qualities, goods, a variant."""
    goods, count = world.products, len(world.products.shop)
    category = world.shops.category[goods.shop]
    names = pl.Series([name for one in categories.CATEGORIES for name in one.goods])
    starts = np.cumsum([0, *(len(one.goods) for one in categories.CATEGORIES)])[:-1]
    qualities = pl.Series(ADJECTIVES)
    shown = brand_names(world).gather(np.maximum(brand, 0)).set(pl.Series(brand < 0), "")
    return pl.select(
        pl.concat_str(
            shown,
            qualities.gather(random.integers(0, len(ADJECTIVES), count)),
            qualities.gather(random.integers(0, len(ADJECTIVES), count)),
            names.gather(starts[category] + goods.goods),
            pl.lit(" "),
            pl.Series(random.integers(1, 400, count)).cast(pl.String),
            pl.lit("号"),
        )
    ).to_series()
