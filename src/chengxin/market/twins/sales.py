"""Shops whose sales and visits come in bursts, and whose money goes back to buyers, for honest reasons."""

from __future__ import annotations

import numpy as np

from chengxin.market.clock import moments
from chengxin.market.drafts import drafts
from chengxin.market.money import Transfers
from chengxin.market.numbers import Ints, spread, weighted
from chengxin.market.plan import CHINA, DAY
from chengxin.market.schemes.scene import Scene
from chengxin.market.shops import ENTRIES
from chengxin.market.traffic import GUEST_NETWORKS
from chengxin.market.world import product_of

LINK, AD = ENTRIES.index("link"), ENTRIES.index("ad")


def live_stream(scene: Scene) -> None:
    """A shop that sells in live streams: many orders by link within minutes, hardly a look at the page."""
    _burst(scene, "live stream", entry=LINK, dwell=2.5, minutes=40, price=(0.7, 0.95))


def flash_sale(scene: Scene) -> None:
    """A shop that sells some goods at half price from a full hour on, until they are gone."""
    _burst(scene, "flash sale", entry=-1, dwell=5.0, minutes=6, price=(0.4, 0.7))


def _burst(
    scene: Scene, kind: str, *, entry: int, dwell: float, minutes: float, price: tuple[float, float]
) -> None:
    random, world = scene.random, scene.world
    shop = int(scene.free_shops(1, sales=(0.4, 0.995))[0])
    volume = world.shops.weight[shop] / world.shops.weight.sum() * world.plan.orders
    for _ in range(int(random.integers(2, 8))):
        size = int(np.clip(volume * random.uniform(0.1, 0.6), 15, 400))
        day = int(random.integers(world.plan.start // DAY + 3, world.plan.end // DAY - 2))
        start = day * DAY + int(random.choice([10, 12, 20, 20, 21])) * 3600 - CHINA
        if start < world.shops.opened[shop]:
            continue
        after = random.exponential(minutes * 20, size).astype(np.int64)
        product = product_of(world, np.full(2, shop), random.random(2) * 0.6)
        made = drafts(
            size, shop=shop, buyer=weighted(random, world.buyers.cumulated, size),
            product=random.choice(product, size),
            created=start + after.clip(0, 7200), entry=entry,
            looks=np.where(random.random(size) < 0.7, 0, -1),
            dwell=np.round(spread(random, size, dwell, 0.8), 1), price_factor=float(random.uniform(*price)),
        )  # fmt: skip
        scene.order(made)
    scene.twin_shops(np.array([shop]), kind)


def declared_trial(scene: Scene) -> None:
    """A trial that the platform declares: people pay, try, write what they think and are paid back in
    full."""
    random, world = scene.random, scene.world
    shops = scene.free_shops(int(random.integers(1, 4)), sales=(0.3, 0.98))
    people = scene.free_buyers(int(random.integers(15, 60)))
    shop = np.repeat(shops, max(4, len(people) // 3))
    size = len(shop)
    start = int(random.integers(world.plan.start + 5 * DAY, world.plan.end - 50 * DAY))
    made = drafts(
        size, shop=shop, buyer=random.choice(people, size),
        product=product_of(world, shop, random.random(size) * 0.3),
        created=moments(random, size, start, start + 8 * DAY), quantity=1, cancel=0, refund=0, rate=1,
        rate_delay=spread(random, size, 3.0 * DAY, 0.6).astype(np.int64),
    )  # fmt: skip
    order = scene.order(made)
    at = made["created"] + spread(random, size, 16.0 * DAY, 0.25).astype(np.int64)
    fen = world.products.price[made["product"]]
    payer = world.shops.words[shop]
    scene.transfers.append(Transfers.of(payer, world.buyers.words[made["buyer"]], fen, at, order))
    scene.twin_shops(shops, "declared trial")
    scene.twin_buyers(people, np.full(len(people), shops[0]), "declared trial")


def gifts(scene: Scene) -> None:
    """A shop that sends its discontented and its regular customers a few yuan."""
    random, world = scene.random, scene.world
    shop = int(scene.free_shops(1, sales=(0.5, 0.99))[0])
    likes = np.flatnonzero((world.buyers.favourite == shop).any(axis=1))
    if not len(likes):
        return
    size = int(random.integers(15, 120))
    to = random.choice(likes, size)
    at = random.integers(world.plan.start, world.plan.end, size)
    fen = random.choice([500, 800, 1000, 1800, 2000, 5000], size).astype(np.int64)
    payer = np.full(size, world.shops.words[shop], dtype=np.uint64)
    scene.transfers.append(Transfers.of(payer, world.buyers.words[to], fen, at))
    scene.twin_shops(np.array([shop]), "gift after sales")


def advertising(scene: Scene) -> None:
    """A shop that advertises for some days: many come, most are gone at once, few order."""
    random, world = scene.random, scene.world
    shop = int(scene.free_shops(1, sales=(0.4, 0.99))[0])
    volume = world.shops.weight[shop] / world.shops.weight.sum() * world.plan.orders
    size = int(np.clip(volume * 3.4 * random.uniform(1, 4), 80, 200_000))
    start = int(random.integers(world.plan.start, world.plan.end - 12 * DAY))
    start = max(start, int(world.shops.opened[shop]) + DAY)
    buyer: Ints = random.integers(0, world.buyers.count, size)
    place = np.full(size, shop)
    guest = random.integers(0, 2 * world.buyers.count, size)
    known = random.random(size) < 0.4
    gone = random.random(size) < 0.65
    scene.visits.append(
        {
            "shop": place,
            "product": product_of(world, place, random.random(size) * 0.5),
            "visitor": np.where(known, world.buyers.words[buyer], world.words("visitor", guest)),
            "device": np.where(known, world.buyers.device[buyer], GUEST_NETWORKS + guest),
            "ip": np.where(known, world.buyers.home_ip[buyer], GUEST_NETWORKS + guest // 2),
            "at": moments(random, size, start, start + int(random.integers(2, 10)) * DAY),
            "dwell": np.round(
                np.where(gone, random.exponential(1.6, size), spread(random, size, 25.0, 1.0)), 1
            ),
            "entry": np.where(random.random(size) < 0.85, AD, 0),
            "ordered": np.zeros(size, dtype=bool),
        }
    )
    scene.twin_shops(np.array([shop]), "advertising")
