"""Malicious ratings: extortion with bad ratings, hired attacks on a rival, and praise bought to harm a
rival."""

from __future__ import annotations

import numpy as np

from chengxin.market.clock import moments
from chengxin.market.drafts import Drafts, drafts
from chengxin.market.money import Transfers
from chengxin.market.numbers import Ints, spread, weighted
from chengxin.market.phrases import palette
from chengxin.market.plan import DAY
from chengxin.market.schemes.scene import Scene
from chengxin.market.truth import Scheme
from chengxin.market.world import product_of


def extortion(scene: Scene, level: int, buyers_left: int) -> int:
    """A few raters buy cheap goods, complain, are paid and change their ratings; how many buyers are
    guilty."""
    random, world = scene.random, scene.world
    size = min(buyers_left, int(random.integers(1, 5)))
    raters = scene.free_buyers(size)
    number, scheme = scene.scheme("extortion", level, ratings=("malicious_ratings",))
    each = np.maximum(3, spread(random, size, (14, 9, 6)[level - 1], 0.5)).astype(np.int64)
    buyer = np.repeat(raters, each)
    count = len(buyer)
    shop, product = _cheap(scene, count)
    start = int(random.integers(world.plan.start, (world.plan.start + world.plan.end) // 2))
    length = int(random.uniform(0.3, 1.0) * (world.plan.end - start))
    made = drafts(
        count, shop=shop, buyer=buyer, product=product, quantity=1, cancel=0, rate=1, scheme=number,
        created=moments(random, count, start, max(start + DAY, start + length - 12 * DAY)),
    )  # fmt: skip
    made["stars"] = np.where(random.random(count) < (0.95, 0.85, 0.7)[level - 1], 1, 2)
    made["refund"] = (random.random(count) < (0.6, 0.4, 0.25)[level - 1]).astype(np.int64)
    made["confirm_delay"] = spread(random, count, 3 * 3600.0, 1.0).astype(np.int64)
    made["rate_delay"] = spread(random, count, (300.0, 5000.0, 20000.0)[level - 1], 0.9).astype(np.int64)
    chosen = scene.palette(
        palette(random, int(random.integers(1, 4)) * level),
        (0.03, 0.3, 0.7)[level - 1] * random.uniform(0.6, 1.2),
    )
    made["palette"] = np.where(random.random(count) < 0.85, chosen, -1)
    paid = random.random(count) < random.uniform(0.4, 0.8)
    changes = paid & (random.random(count) < 0.85)
    made["amend_delay"] = np.where(changes, spread(random, count, 1.5 * DAY, 0.7).astype(np.int64), -1)
    made["amend_stars"] = np.where(changes, 5, -1)
    order = scene.order(made)
    at = made["created"] + spread(random, count, 5.0 * DAY, 0.35).astype(np.int64)
    fen = np.round(spread(random, count, 3500.0 if level == 1 else 2200.0, 0.6) / 100).astype(np.int64) * 100
    payer, payee = world.shops.words[shop[paid]], world.buyers.words[buyer[paid]]
    scene.transfers.append(
        Transfers.of(payer, payee, fen[paid], at[paid], np.where(level == 1, order[paid], -1))
    )
    _blame(scene, made, scheme)
    return size


def attack(scene: Scene, level: int, buyers_left: int) -> int:
    """Hired accounts rate a rival down within days, or up, so that the platform punishes him; how many
    accounts."""
    random, world = scene.random, scene.world
    praise = random.random() < 0.35
    number, scheme = scene.scheme(
        "harmful praise" if praise else "hired attack", level, ratings=("malicious_ratings",)
    )
    size = max(3, min(buyers_left, int(np.exp(random.uniform(np.log(6), np.log(40))))))
    raters = scene.free_buyers(size)
    rival = int(scene.free_shops(1, sales=(0.4, 0.97))[0])
    scene.twin_shops(np.array([rival]), "attacked by a rival")
    days = float((random.uniform(1, 3), random.uniform(3, 10), random.uniform(10, 30))[level - 1])
    start = int(random.integers(world.plan.start, world.plan.end - round((days + 16) * DAY)))
    buyer = np.concatenate([raters, random.choice(raters, int(size * random.uniform(0, 0.6)))])
    count = len(buyer)
    shop = np.full(count, rival)
    made = drafts(
        count, shop=shop, buyer=buyer, product=_cheapest(scene, rival, count), quantity=1, cancel=0, rate=1,
        created=moments(random, count, start, start + round(days * DAY)), scheme=number,
    )  # fmt: skip
    made["stars"] = np.where(praise, 5, np.where(random.random(count) < 0.9, 1, 2))
    made["refund"] = np.where(random.random(count) < (0.0 if praise else 0.3), 1, 0)
    made["looks"] = np.where(random.random(count) < (0.8, 0.4, 0.1)[level - 1], 0, -1)
    made["confirm_delay"] = spread(random, count, 3600.0 * level, 0.9).astype(np.int64)
    made["rate_delay"] = spread(random, count, (120.0, 2000.0, 20000.0)[level - 1], 0.9).astype(np.int64)
    chosen = scene.palette(
        palette(random, int(random.integers(1, 6)) * level),
        (0.02, 0.3, 0.7)[level - 1] * random.uniform(0.6, 1.2),
    )
    made["palette"] = np.where(random.random(count) < 0.9, chosen, -1)
    if level == 1:
        device = scene.numbers(max(1, size // int(random.integers(3, 9))))
        made["device"] = device[buyer % len(device)]
        made["ip"] = made["device"]
    scene.order(made)
    client = scene.accounts(1)[0]
    fee = (
        np.round(random.uniform(8, 40, count)).astype(np.int64) * 100 + world.products.price[made["product"]]
    )
    at = made["created"] + spread(random, count, 4.0 * DAY, 0.5).astype(np.int64)
    if level < 3:
        payer = np.full(count, client, dtype=np.uint64)
        scene.transfers.append(Transfers.of(payer, world.buyers.words[buyer], fee, at))
    _blame(scene, made, scheme)
    return size


def _cheap(scene: Scene, count: int) -> tuple[Ints, Ints]:
    """Shops by their sales, and one of the cheaper goods in each."""
    shops = scene.world.shops
    shop = weighted(scene.random, np.cumsum(np.sqrt(shops.weight)), count)
    choices = np.stack([product_of(scene.world, shop, scene.random.random(count)) for _ in range(4)])
    cheapest = np.argmin(scene.world.products.price[choices], axis=0)
    return shop, choices[cheapest, np.arange(count)]


def _cheapest(scene: Scene, shop: int, count: int) -> Ints:
    first = scene.world.shops.first_product[shop]
    mine = np.arange(first, first + scene.world.shops.products[shop])
    few = mine[np.argsort(scene.world.products.price[mine], kind="stable")][:3]
    return scene.random.choice(few, count)


def _blame(scene: Scene, made: Drafts, scheme: Scheme) -> None:
    pairs = np.column_stack([made["buyer"], scene.world.shops.platform[made["shop"]]])
    seen = np.unique(pairs, axis=0, return_index=True)[1]
    scene.blame_buyers("malicious_ratings", made["buyer"][seen], made["shop"][seen], scheme)
