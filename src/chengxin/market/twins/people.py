"""Buyers who look like a ring: they live, work or order together, or love the same things."""

from __future__ import annotations

import numpy as np

from chengxin.market.buyers import pick_shops
from chengxin.market.clock import moments
from chengxin.market.drafts import drafts
from chengxin.market.numbers import Ints, spread
from chengxin.market.plan import CHINA, DAY
from chengxin.market.schemes.scene import Scene
from chengxin.market.shops import ENTRIES
from chengxin.market.world import product_of

LINK, DIRECT = ENTRIES.index("link"), ENTRIES.index("direct")


def dormitory(scene: Scene) -> None:
    """Students at one address and in one network, who order some things together in the evening."""
    _together(scene, "dormitory", hour=22, buyers=(12, 60), share=0.8)


def office(scene: Scene) -> None:
    """Colleagues at one address, who order by day, often the same."""
    _together(scene, "office", hour=11, buyers=(8, 40), share=0.6)


def _together(scene: Scene, kind: str, *, hour: int, buyers: tuple[int, int], share: float) -> None:
    random, world = scene.random, scene.world
    people = scene.free_buyers(int(random.integers(*buyers)))
    address, network = scene.numbers(1)[0], scene.numbers(8)[0]
    region = world.buyers.region[people[0]]
    world.buyers.region[people] = region
    world.buyers.household[people] = address
    inside = people[random.random(len(people)) < share]
    world.buyers.home_ip[inside] = network + random.integers(0, 3, len(inside))
    shops = scene.free_shops(int(random.integers(1, 5)), sales=(0.3, 1.0))
    for _ in range(int(random.integers(1, 6))):
        shop = int(random.choice(shops))
        some = random.permutation(people)[: int(random.integers(3, max(4, len(people) // 2)))]
        day = int(random.integers(world.plan.start // DAY + 1, world.plan.end // DAY - 2))
        start = day * DAY + hour * 3600 - CHINA
        same = product_of(world, np.full(1, shop), random.random(1))[0]
        own = product_of(world, np.full(len(some), shop), random.random(len(some)))
        product = np.where(random.random(len(some)) < 0.7, same, own)
        linked = np.where(random.random(len(some)) < 0.6, LINK, -1)
        made = drafts(len(some), shop=shop, buyer=some, product=product, entry=linked)
        made["created"] = start + random.integers(0, 2400, len(some))
        made["looks"] = np.where(linked == LINK, 0, -1)
        scene.order(made)
    scene.twin_buyers(people, np.full(len(people), shops[0]), kind)
    scene.twin_shops(shops, kind)


def household(scene: Scene) -> None:
    """People of a household who order on one device."""
    random, buyers = scene.random, scene.world.buyers
    people = scene.free_buyers(int(random.integers(2, 6)))
    for cells in (buyers.household, buyers.home_ip, buyers.device, buyers.region):
        cells[people] = cells[people[0]]
    favourite = buyers.favourite[people[0]]
    buyers.favourite[people] = favourite
    scene.twin_buyers(people, np.full(len(people), favourite[0]), "household")


def village_agent(scene: Scene) -> None:
    """One person who orders for the old of a village: many accounts, one device, one station as address."""
    random, world = scene.random, scene.world
    people = scene.free_buyers(int(random.integers(8, 45)))
    device, network, address = scene.numbers(1)[0], scene.numbers(8)[0], scene.numbers(1)[0]
    region = int(world.buyers.region[people[0]])
    size = int(len(people) * random.uniform(3, 12))
    buyer = random.choice(people, size)
    shop = pick_shops(random, world.shops, world.buyers.taste[buyer, 0])
    liked = scene.free_shops(int(random.integers(2, 6)), sales=(0.3, 1.0))
    shop = np.where(random.random(size) < 0.4, random.choice(liked, size), shop)
    start = world.plan.start + int(random.integers(0, 20)) * DAY
    days = np.sort(random.choice(np.arange((world.plan.end - start) // DAY), max(2, size // 6)))
    created = start // DAY * DAY + random.choice(days, size) * DAY + 10 * 3600 - CHINA
    made = drafts(
        size, shop=shop, buyer=buyer, product=product_of(world, shop, random.random(size)),
        created=np.maximum(created + random.integers(0, 5400, size), world.plan.start), device=device,
        ip=network, address=address, region=region, entry=np.where(random.random(size) < 0.6, DIRECT, -1),
        dwell=np.round(spread(random, size, 25.0, 0.6), 1), looks=random.integers(0, 2, size),
    )  # fmt: skip
    scene.order(made)
    scene.twin_buyers(people, np.full(len(people), liked[0]), "village agent")
    scene.twin_shops(liked, "village agent")


def brand_fans(scene: Scene) -> None:
    """Fans who buy again and again in the few shops of one brand: as dense a block as a ring's."""
    random, world = scene.random, scene.world
    people = scene.free_buyers(int(random.integers(15, 60)))
    category = int(world.shops.category[random.integers(0, world.shops.count)])
    platform = int(world.shops.platform[random.integers(0, world.shops.count)])
    shops = scene.free_shops(
        int(random.integers(2, 6)), category=category, platform=platform, sales=(0.2, 0.99)
    )
    if not len(shops):
        return
    size = int(len(people) * len(shops) * random.uniform(0.8, 2.5))
    shop = random.choice(shops, size)
    made = drafts(
        size, shop=shop, buyer=random.choice(people, size),
        product=product_of(world, shop, random.random(size)),
        created=moments(random, size, scene.all_open(shops), world.plan.end),
    )  # fmt: skip
    made["stars"] = np.where(random.random(size) < 0.8, 5, -1)
    made["rate"] = np.where(random.random(size) < 0.3, 1, -1)
    scene.order(made)
    scene.twin_buyers(people, np.full(len(people), shops[0]), "brand fans")
    scene.twin_shops(shops, "brand fans")


def neighbourhood(scene: Scene) -> None:
    """Neighbours who order by the link of a group's head within an evening; the goods go to his door."""
    random, world = scene.random, scene.world
    people = scene.free_buyers(int(random.integers(15, 70)))
    shop = int(scene.free_shops(1, sales=(0.3, 0.99))[0])
    address = scene.numbers(1)[0]
    region = int(world.buyers.region[people[0]])
    for _ in range(int(random.integers(2, 7))):
        some = people[random.random(len(people)) < 0.5]
        day = int(random.integers(world.plan.start // DAY + 2, world.plan.end // DAY - 2))
        product = product_of(world, np.full(1, shop), random.random(1) * 0.6)[0]
        late = random.exponential(2500, len(some))
        to_head = random.random(len(some)) < 0.7
        made = drafts(
            len(some), shop=shop, buyer=some, product=product, entry=LINK, looks=0,
            created=day * DAY + 19 * 3600 - CHINA + late.astype(np.int64).clip(0, 4 * 3600),
            dwell=np.round(spread(random, len(some), 6.0, 0.8), 1), address=np.where(to_head, address, -1),
            region=np.where(to_head, region, -1), price_factor=float(random.uniform(0.7, 0.95)),
        )  # fmt: skip
        scene.order(made)
    scene.twin_buyers(people, np.full(len(people), shop), "neighbourhood group")
    scene.twin_shops(np.array([shop]), "neighbourhood group")


def wholesale(scene: Scene) -> None:
    """A trader who buys much in few shops, again and again."""
    random, world = scene.random, scene.world
    buyer = scene.free_buyers(1)
    shops = scene.free_shops(int(random.integers(1, 4)), sales=(0.3, 0.99))
    size = int(random.integers(15, 80))
    shop = random.choice(shops, size)
    made = drafts(
        size, shop=shop, buyer=buyer[0], product=product_of(world, shop, random.random(size) * 0.7),
        created=moments(random, size, scene.all_open(shops), world.plan.end),
        quantity=np.ceil(spread(random, size, 20.0, 0.8)), entry=DIRECT, looks=random.integers(0, 2, size),
        price_factor=np.round(random.uniform(0.6, 0.9, size), 2),
    )  # fmt: skip
    scene.order(made)
    scene.twin_buyers(buyer, shops[:1], "wholesale buyer")
    scene.twin_shops(shops, "wholesale buyer")


def quick_to_confirm(scene: Scene) -> None:
    """Regular customers who confirm as soon as the parcel is there."""
    people = _active(scene, 6)
    scene.world.buyers.quick_to_confirm[people] = 1.6
    scene.twin_buyers(people, scene.world.buyers.favourite[people, 0].astype(np.int64), "quick to confirm")


def exacting(scene: Scene) -> None:
    """Customers who are hard to please, often write so, and praise what they like."""
    people = _active(scene, 6)
    scene.world.buyers.stars_bias[people] = scene.random.uniform(-2.4, -1.4, len(people))
    scene.world.buyers.rating_habit[people] = scene.random.uniform(2.5, 5.0, len(people))
    scene.twin_buyers(people, scene.world.buyers.favourite[people, 0].astype(np.int64), "exacting customer")


def _active(scene: Scene, size: int) -> Ints:
    """Buyers who buy more than most."""
    activity = np.diff(scene.world.buyers.cumulated, prepend=0.0)
    choices = scene.random.permutation(np.flatnonzero(activity > np.quantile(activity, 0.85)))
    free = [int(one) for one in choices[: 20 * size] if int(one) not in scene.taken_buyers][:size]
    scene.taken_buyers.update(free)
    return np.array(free, dtype=np.int64)
