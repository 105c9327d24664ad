"""Empty parcels from a mill that serves shops which do not know each other, and forged ways of parcels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chengxin.market.clock import moments
from chengxin.market.conducts import Conduct
from chengxin.market.drafts import Drafts, drafts, size_of
from chengxin.market.numbers import Generator, spread
from chengxin.market.plan import DAY
from chengxin.market.schemes.brushing import Ring, money_back, rate_as_told
from chengxin.market.schemes.scene import Scene
from chengxin.market.world import product_of


def mill(scene: Scene, level: int, sellers_left: int, buyers_left: int) -> tuple[int, int]:
    """Shops buy fake trades whose parcels one sender makes up; how many sellers and buyers it made guilty."""
    random, world = scene.random, scene.world
    chosen = scene.free_shops(max(1, min(sellers_left, int(random.integers(2, 9)))))
    accounts = scene.free_buyers(max(3, min(buyers_left, int(random.integers(10, 70)))))
    number, scheme = scene.scheme(
        "parcel mill", level, ratings=("inflated_ratings",), waybills=("empty_parcels", "forged_logistics")
    )
    plan = world.plan
    start = int(random.integers(plan.start, (plan.start + plan.end) // 2))
    start = max(start, int(world.shops.opened[chosen].max()) + DAY)
    end = min(plan.end, start + int(random.uniform(15, 70)) * DAY)
    volume = world.shops.weight[chosen] / world.shops.weight.sum() * plan.orders
    wanted = np.clip(volume * spread(random, len(chosen), 0.45, 0.6), 10, 20 * len(accounts))
    size = int(wanted.sum())
    shop = random.choice(chosen, size, p=wanted / wanted.sum())
    made = drafts(
        size, shop=shop, buyer=random.choice(accounts, size),
        product=product_of(world, shop, random.random(size)),
        created=moments(random, size, start, end), cancel=0, refund=0, scheme=number,
        quantity=random.choice([1, 2, 3], size, p=[0.84, 0.12, 0.04]),
    )  # fmt: skip
    hollow = (
        random.random(size)
        < (random.uniform(0.85, 1), random.uniform(0.6, 1), random.uniform(0.5, 0.9))[level - 1]
    )
    goods = world.products.weight[made["product"]] * made["quantity"]
    _hollow(scene, made, hollow, goods, level)
    _forged(scene, made, hollow, level)
    ring = Ring(number, level, chosen, accounts, start, end, size)
    rate_as_told(scene, ring, made)
    scene.order(made)
    money_back(scene, ring, made)
    scene.blame_sellers("empty_parcels", chosen, scheme)
    scene.blame_sellers("brushing", chosen, scheme)
    pairs = np.unique(
        np.column_stack([made["buyer"], world.shops.platform[shop]]), axis=0, return_index=True
    )[1]
    scene.blame_buyers("brushing", made["buyer"][pairs], shop[pairs], scheme)
    return len(chosen), len(accounts)


def _hollow(scene: Scene, made: Drafts, hollow: np.ndarray, goods: np.ndarray, level: int) -> None:
    """Light parcels: at one round weight, around a small gift's, or a fraction of the goods'."""
    random, size = scene.random, size_of(made)
    if level == 1:
        light = random.choice([10.0, 20.0, 100.0, 200.0], size, p=random.dirichlet([0.5] * 4))
    elif level == 2:
        light = spread(random, size, float(random.uniform(40, 250)), 0.35)
    else:
        light = goods * random.uniform(0.12, 0.42, size)
    made["weight"] = np.where(hollow & (light < goods * 0.45), light, -1)
    senders = scene.numbers((1, int(random.integers(1, 3)), int(random.integers(2, 6)))[level - 1])
    shift = random.integers(0, len(senders), size)
    home = int(random.integers(0, scene.world.places.count))
    made["sender"] = np.where(hollow, senders[shift], -1)
    made["origin"] = np.where(hollow, home, -1)
    stranger = hollow & (random.random(size) < (0.9, 0.7, 0.4)[level - 1])
    other = random.integers(0, scene.world.buyers.count, size)
    made["receiver"] = np.where(stranger, scene.world.buyers.household[other], -1)
    made["destination"] = np.where(stranger, scene.world.buyers.region[other], -1)


def _forged(scene: Scene, made: Drafts, hollow: np.ndarray, level: int) -> None:
    """Some mills never hand anything to a carrier: they buy scans."""
    random, size = scene.random, size_of(made)
    if random.random() > (0.5, 0.35, 0.2)[level - 1]:
        return
    share = hollow & (random.random(size) < random.uniform(0.5, 1.0))
    route = random.choice((1, 2, 4), size) if level == 1 else random.choice((5, 6), size)
    made["route"] = np.where(share, route, 0)


def false_shipping(scene: Scene, level: int) -> None:
    """A shop that is late reports made-up waybills for real orders; its waybills are guilty."""
    random, plan = scene.random, scene.world.plan
    shop = int(scene.free_shops(1, sales=(0.55, 0.985))[0])
    number, _ = scene.scheme("false shipping", level, waybills=("forged_logistics",))
    days = random.uniform(10, 60)
    start = int(random.integers(plan.start, max(plan.start + 1, plan.end - round(days * DAY))))
    routes = ((1, 2, 3, 4), (1, 3, 5, 2), (3, 6, 5))[level - 1]
    main = int(random.choice(routes))

    def way(source: Generator, some: Drafts) -> NDArray[Any]:
        other = source.choice(routes, size_of(some))
        return np.where(source.random(size_of(some)) < 0.7, main, other)

    places, origin = scene.world.places, scene.world.shops.origin[shop]
    distance = places.distance_km(np.full(places.count, origin), np.arange(places.count))
    near = np.argsort(distance, kind="stable")[: (places.count, 40, 12)[level - 1]]

    def address(source: Generator, some: Drafts) -> NDArray[Any]:
        elsewhere = (some["route"] == 3) | (source.random(size_of(some)) < 0.3)
        return np.where(elsewhere, source.choice(near[1:], size_of(some)), -1)

    def delay(source: Generator, some: Drafts) -> NDArray[Any]:
        return spread(source, size_of(some), 5000.0, 0.7).astype(np.int64)

    share = float((0.7, 0.4, 0.2)[level - 1] * random.uniform(0.5, 1.3))
    decisions = {"route": way, "ship_delay": delay, "destination": address}
    scene.conducts.append(Conduct(shop, start, start + round(days * DAY), share, decisions, forged=number))


def forging_courier(scene: Scene, level: int) -> None:
    """A courier signs parcels that nobody was handed, alone or to order."""
    random, world = scene.random, scene.world
    busy = world.carriers.forger < 0
    load = np.zeros(world.carriers.count)
    people = np.diff(world.places.cumulated, prepend=0.0)
    for carrier, first in enumerate(world.carriers.first):
        for county, start in enumerate(first):
            count = world.carriers.couriers[carrier, county]
            load[start : start + count] = people[county] / count / (carrier + 1)
    fits = np.flatnonzero(
        busy
        & (load >= np.quantile(load, 0.4))
        & (load <= np.quantile(load, 0.85))
        & (world.carriers.visit_days == 1)
    )
    courier = int(random.choice(fits))
    number, scheme = scene.scheme("false signing", level, waybills=("forged_logistics",))
    world.carriers.forger[courier] = number
    world.carriers.forged[courier] = float(
        (random.uniform(0.4, 0.9), random.uniform(0.2, 0.6), random.uniform(0.1, 0.35))[level - 1]
    )
    world.carriers.sign_way[courier] = level
    scene.blame_courier("forged_logistics", courier, scheme)
