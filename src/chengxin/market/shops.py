"""The shops and what they sell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from chengxin.market import categories
from chengxin.market.numbers import Floats, Generator, Ints, Words, generator, opaque, spread, texts, weighted
from chengxin.market.places import Places
from chengxin.market.plan import DAY, Plan

ORDERS_PER_SHOP = 88
OLDEST = 2100 * DAY  # since when there are shops
PRODUCTS = 7.0  # median number of products of a shop
BRANDS = 25  # a category
BRANDS_OF_SHOP = 4
ENTRIES = ("search", "recommend", "direct", "link", "ad")


@dataclass(frozen=True)
class Shops:
    """One row a shop; `origin` is the county of its sender, which may serve others, too; `weight` is its
    pull on buyers, `entries` the running shares of the ways into it."""

    ids: pl.Series
    words: Words
    platform: Ints
    category: Ints
    region: Ints
    weight: Floats
    quality: Floats
    opened: Ints
    ship_hours: Floats
    batch_hour: Floats
    entries: Floats
    sender: Ints
    origin: Ints
    by_category: Ints
    category_mass: Floats
    category_ends: Floats
    first_product: Ints
    products: Ints

    @property
    def count(self) -> int:
        """How many shops there are."""
        return len(self.platform)


@dataclass(frozen=True)
class Products:
    """One row a product, those of a shop beside one another; price in fen, weight in grams.

    Schemes and twins rewrite cells: `fault` is the further share of buyers who are let down from
    `fault_from` to `fault_until`, `complaint` what they then write of (see `phrases`); `trick` is how its
    price deceives (see `quotes`), with a size, a first day and a period in days.
    """

    ids: pl.Series
    shop: Ints
    price: Ints
    weight: Floats
    goods: Ints
    gtin: Ints
    brand: Ints
    picture: Ints
    fault: Floats
    fault_from: Ints
    fault_until: Ints
    complaint: Ints
    trick: Ints
    trick_size: Floats
    trick_start: Ints
    trick_days: Ints
    trick_period: Ints


def shops(plan: Plan, places: Places) -> Shops:
    """The shops of a market: sales by Zipf's law, each with category, quality and habits of its own."""
    random = generator(plan.seed, "shops")
    size = max(60, plan.orders // ORDERS_PER_SHOP)
    weight = random.permutation(np.arange(1, size + 1) ** -0.82) * np.exp(random.normal(0, 0.35, size))
    category = weighted(random, np.cumsum(categories.facts("share")), size)
    order = np.lexsort((random.random(size), category))
    mass = np.cumsum(weight[order])
    ends = mass[np.searchsorted(category[order], np.arange(len(categories.NAMES)), side="right") - 1]
    age = np.where(random.random(size) < 0.06, -random.random(size) * (plan.end - plan.start) * 0.6, 0)
    age = np.where(age == 0, spread(random, size, 700.0 * DAY, 0.9), age)
    age = np.where(age > OLDEST, random.uniform(0.4, 1.0, size) * OLDEST, age)
    shares = random.gamma(np.array([2.4, 1.5, 1.0, 0.5, 0.5]), 1.0, (size, 5))
    live = random.random(size) < 0.05
    shares[live, 3] += 6.0
    words = opaque(plan.seed, "seller", np.arange(size))
    count = np.clip(
        spread(random, size, PRODUCTS, 0.8) * (weight / np.median(weight)) ** 0.25, 1, 300
    ).astype(np.int64)
    sender = _senders(random, size)
    region = weighted(random, places.cumulated, size)
    first, group = np.unique(sender, return_index=True, return_inverse=True)[1:]
    return Shops(
        ids=texts(words),
        words=words,
        platform=weighted(random, np.cumsum(0.6 ** np.arange(len(plan.platforms))), size),
        category=category,
        region=region,
        weight=weight,
        quality=np.clip(random.normal(0.0, 1.0, size), -2.5, 2.5),
        opened=(plan.start - age).astype(np.int64),
        ship_hours=np.clip(spread(random, size, 14.0, 0.6), 1, 96),
        batch_hour=np.where(random.random(size) < 0.6, random.uniform(14, 20, size), -1.0),
        entries=np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1),
        sender=sender,
        origin=region[first][group],
        by_category=order.astype(np.int64),
        category_mass=mass,
        category_ends=ends,
        first_product=np.cumsum(count) - count,
        products=count,
    )


def _senders(random: Generator, size: int) -> Ints:
    """Who sends a shop's parcels: mostly itself; some use a warehouse or a supplier that sends for
    several."""
    sender = np.arange(size)
    shared = random.random(size) < 0.07
    sender[shared] = size + random.integers(0, max(1, int(shared.sum()) // 5), int(shared.sum()))
    return sender.astype(np.int64)


def products(plan: Plan, all_shops: Shops) -> Products:
    """What the shops sell: prices around the category's and the shop's level, weights that go with them."""
    random = generator(plan.seed, "products")
    shop = np.repeat(np.arange(all_shops.count), all_shops.products)
    size = len(shop)
    category = all_shops.category[shop]
    level = np.exp(random.normal(0, 0.4, all_shops.count))[shop]
    dear = level * np.exp(random.normal(0, 0.45, size))
    yuan = np.clip(categories.facts("price")[category] * dear, 3, 20000)
    kinds = np.array([len(one.goods) for one in categories.CATEGORIES])[category]
    goods = (random.random(size) * kinds).astype(np.int64)
    branded = categories.facts("branded")[category]
    gtin = _gtin(random, branded)
    weight = categories.facts("weight")[category] * dear**0.3 * np.exp(random.normal(0, 0.5, size))
    supplied = random.random(size) < 0.16
    supplier = -1 - (category * 100_000 + random.integers(0, max(2, size // 300), size))
    own = random.random(all_shops.count * BRANDS_OF_SHOP) ** 1.8 * BRANDS
    mine = own.astype(np.int64)[shop * BRANDS_OF_SHOP + random.integers(0, BRANDS_OF_SHOP, size)]
    return Products(
        ids=texts(opaque(plan.seed, "product", np.arange(size))),
        shop=shop.astype(np.int64),
        price=charming(random, yuan),
        weight=np.clip(weight, 15, 40000),
        goods=goods,
        gtin=gtin,
        brand=np.where((gtin >= 0) | (random.random(size) < branded * 0.4), category * BRANDS + mine, -1),
        picture=np.where(supplied, supplier, np.arange(size)).astype(np.int64),
        fault=np.zeros(size),
        **{
            name: np.zeros(size, dtype=np.int64)
            for name in ("fault_from", "fault_until", "complaint", "trick")
        },
        trick_size=np.zeros(size),
        **{name: np.zeros(size, dtype=np.int64) for name in ("trick_start", "trick_days", "trick_period")},
    )


def _gtin(random: Generator, branded: Floats) -> Ints:
    """Thirteen digits with China's prefixes and a right check digit (GS1), −1 for goods without."""
    size = len(branded)
    body = (690 + random.integers(0, 10, size)) * 10**9 + random.integers(0, 10**9, size)
    return np.where(random.random(size) < branded * 0.8, with_check_digit(body), -1).astype(np.int64)


def with_check_digit(body: Ints) -> Ints:
    """Twelve digits and their GS1 check digit: weights 3 and 1 from the right, modulo ten."""
    total = np.zeros(len(body), dtype=np.int64)
    rest = body.copy()
    for place in range(12):
        total += rest % 10 * (3 if place % 2 == 0 else 1)
        rest //= 10
    return body * 10 + (10 - total % 10) % 10


def charming(random: Generator, yuan: Floats) -> Ints:
    """Prices as shops set them, in fen: most end in 9 or 8, some in .9, few are odd."""
    way = random.random(len(yuan))
    round_ = np.maximum(np.round(yuan), 3)
    nine = np.maximum(np.round(yuan / 10) * 10 - 1, 2)
    price = np.where(way < 0.35, round_ * 100 - 10, np.where(way < 0.7, nine * 100, round_ * 100))
    return np.maximum(np.where(way > 0.93, np.round(yuan * 100), price), 100).astype(np.int64)
