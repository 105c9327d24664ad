"""Goods, shops and accounts that look odd for honest reasons."""

from __future__ import annotations

import numpy as np
import polars as pl

from chengxin.market import queries
from chengxin.market.numbers import texts
from chengxin.market.plan import DAY
from chengxin.market.schemes.goods import BAD_LOT
from chengxin.market.schemes.imitation import similar
from chengxin.market.schemes.scene import Scene


def bad_lot(scene: Scene) -> None:
    """A lot gone bad: for some days many who do not know each other rate a product down."""
    random, world = scene.random, scene.world
    shop = int(scene.free_shops(1, sales=(0.6, 0.995))[0])
    product = int(world.shops.first_product[shop])
    start = int(random.integers(world.plan.start, world.plan.end - 35 * DAY))
    goods = world.products
    goods.fault[product], goods.complaint[product] = random.uniform(0.35, 0.75), BAD_LOT
    goods.fault_from[product] = start
    goods.fault_until[product] = start + int(random.integers(6, 25)) * DAY
    scene.twin_shops(np.array([shop]), "bad lot")
    _twin_products(scene, np.array([product]), "bad lot")


def clearance(scene: Scene) -> None:
    """A shop that clears out genuine branded goods far below their usual price."""
    random, goods, shops = scene.random, scene.world.products, scene.world.shops
    shop = int(scene.free_shops(1, sales=(0.3, 0.98))[0])
    mine = shops.first_product[shop] + np.arange(shops.products[shop])
    branded = mine[goods.brand[mine] >= 0]
    goods.price[branded] = (
        np.maximum(300, goods.price[branded] * random.uniform(0.3, 0.6)).astype(np.int64) // 10 * 10
    )
    scene.twin_shops(np.array([shop]), "clearance")
    _twin_products(scene, branded, "clearance")


def wrong_sizes(scene: Scene) -> None:
    """A shop whose goods often go back because they do not fit, though they are what it says."""
    random, goods, shops = scene.random, scene.world.products, scene.world.shops
    chosen = scene.free_shops(1, category=int(random.integers(0, 2)), sales=(0.3, 0.98))
    if not len(chosen):
        return
    shop = int(chosen[0])
    mine = shops.first_product[shop] + np.arange(shops.products[shop])
    goods.fault[mine] = random.uniform(0.15, 0.4)
    goods.fault_from[mine], goods.fault_until[mine] = scene.world.plan.start, scene.world.plan.end
    shops.quality[shop] = 2.0
    scene.twin_shops(np.array([shop]), "wrong sizes")


def market_hall(scene: Scene) -> None:
    """A shop of another keeper that opens in the market hall where one was closed."""
    _shares_with_closed(scene, 2, "market hall")


def reassigned_phone(scene: Scene) -> None:
    """A shop whose keeper was given the telephone number that a closed shop had."""
    _shares_with_closed(scene, 1, "reassigned phone")


def _shares_with_closed(scene: Scene, trace: int, kind: str) -> None:
    """Opens a shop soon after another was closed, with which it shares one of the keeper's three traces."""
    random, found = scene.random, scene.register
    closed = int(scene.closed_ones(1)[0])
    shop = int(scene.free_shops(1, sales=(0.05, 0.95))[0])
    opened = int(random.integers(scene.world.plan.start - 60 * DAY, scene.world.plan.end - 45 * DAY))
    scene.world.shops.opened[shop] = opened
    found.closed.at[closed] = opened - int(random.uniform(1, 12) * 7 * DAY)
    found.keeper[trace][shop] = found.closed.keeper[trace][closed]
    found.closed.unknown[trace][closed] = False
    found.anonymous[shop] = False
    scene.twin_shops(np.array([shop]), kind)


def similar_name(scene: Scene) -> None:
    """A shop that came by a name like a marked one's, long before it or in another trade."""
    random, found = scene.random, scene.register
    shop = int(scene.free_shops(1, sales=(0.1, 0.95))[0])
    mark = int(random.integers(0, len(found.marked["domain"])))
    domain = similar(random, found.marked["domain"][mark])
    found.domain[shop] = domain
    if random.random() < 0.5:
        found.shop_name[shop] = found.marked["shop_name"][mark][:2] + found.shop_name[shop][-3:]
    scene.twin_shops(np.array([shop]), "similar name")
    platform = str(scene.world.platforms[int(scene.world.shops.platform[shop])])
    scene.twin("domain", platform, pl.Series([domain]), "similar name")


def chain(scene: Scene) -> None:
    """Shops of one legal person."""
    chains = scene.register.chains
    if len(chains):
        scene.twin_shops(scene.random.choice(chains, min(5, len(chains)), replace=False), "chain")


def night_batch(scene: Scene) -> None:
    """An account of a compliance team that checks its firms and their keepers every night, evenly, by
    machine."""
    random, world, plan = scene.random, scene.world, scene.world.plan
    account = world.words("query account", scene.numbers(1))
    watched = random.integers(0, world.shops.count, int(random.integers(30, 200)))
    nights = random.permutation((plan.end - plan.start) // DAY)[: int(random.integers(5, 40))]
    subject = np.tile(watched, len(nights))
    size = len(subject)
    pace = float(random.uniform(3, 30))
    start = plan.start + np.repeat(nights, len(watched)) * DAY + 17 * 3600
    at = (
        start
        + (np.tile(np.arange(len(watched)), len(nights)) * pace).astype(np.int64)
        + random.integers(0, 2, size)
    )
    natural = np.tile(random.random(len(watched)) < random.uniform(0, 0.25), len(nights))
    platform = int(random.integers(0, len(plan.platforms)))
    scene.lookups.append(
        {
            "account": np.repeat(account, size),
            "platform": np.full(size, platform),
            "at": at.clip(plan.start, plan.end - 1),
            "subject": subject,
            "natural": natural,
            "purpose": np.full(size, queries.PURPOSES.index("periodic review")),
            "ip": np.full(size, queries.NETWORK + 400_000_000 + int(scene.numbers(1)[0]) * 8),
            "found": random.random(size) < 0.97,
        }
    )
    scene.twin("account", str(world.platforms[platform]), texts(account), "night batch")


def _twin_products(scene: Scene, products: np.ndarray, kind: str) -> None:
    shop = scene.world.products.shop[products]
    platform = scene.world.platforms.gather(scene.world.shops.platform[shop])
    scene.twin("product", platform, scene.world.products.ids.gather(products), kind)
