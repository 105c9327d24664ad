"""Parcels that look odd for honest reasons."""

from __future__ import annotations

import numpy as np

from chengxin.market.conducts import Conduct
from chengxin.market.drafts import size_of
from chengxin.market.numbers import spread, texts
from chengxin.market.plan import CARRIERS, DAY
from chengxin.market.schemes.scene import Scene


def village_station(scene: Scene) -> None:
    """A courier who goes to a village station every few days and signs all that lies there within minutes."""
    carriers, random = scene.world.carriers, scene.random
    people = np.diff(scene.world.places.cumulated, prepend=0.0)
    carrier = int(random.integers(0, len(CARRIERS)))
    load = people / carriers.couriers[carrier]
    county = int(random.choice(np.argsort(load)[-40:]))
    crew = carriers.first[carrier, county] + np.arange(carriers.couriers[carrier, county])
    honest = crew[carriers.forger[crew] < 0]
    if not len(honest):
        return
    courier = int(random.choice(honest))
    carriers.visit_days[courier] = random.integers(2, 6)
    ids = texts(scene.world.words("courier", np.array([courier])))
    scene.twin("courier", scene.world.plan.carriers[carrier], ids, "village station")


def depot_without_scans(scene: Scene) -> None:
    """A depot whose scanners fail: everybody's parcels pass it unseen."""
    carriers, random = scene.world.carriers, scene.random
    carrier = int(random.integers(0, len(CARRIERS)))
    city = int(random.integers(0, carriers.skipped.shape[1]))
    carriers.skipped[carrier, city] = random.uniform(0.6, 0.97)
    facility = (1_000_000 + np.array([city])) * 10 + carrier
    scene.twin(
        "facility",
        scene.world.plan.carriers[carrier],
        texts(scene.world.words("facility", facility)),
        "depot without scans",
    )


def depot_clock(scene: Scene) -> None:
    """A depot whose clock is wrong: everybody's parcels come and go there at impossible times."""
    carriers, random = scene.world.carriers, scene.random
    carrier = int(random.integers(0, len(CARRIERS)))
    city = int(random.integers(0, carriers.clock.shape[1]))
    carriers.clock[carrier, city] = int(random.choice([-1, 1])) * int(random.integers(3600, 4 * 3600))
    facility = (1_000_000 + np.array([city])) * 10 + carrier
    scene.twin(
        "facility",
        scene.world.plan.carriers[carrier],
        texts(scene.world.words("facility", facility)),
        "depot clock",
    )


def drop_shipping(scene: Scene) -> None:
    """Shops that keep no stock: a supplier sends for all of them."""
    random, shops = scene.random, scene.world.shops
    category = int(shops.category[random.integers(0, shops.count)])
    chosen = scene.free_shops(int(random.integers(3, 10)), category=category)
    shops.sender[chosen] = scene.numbers(1)[0]
    if len(chosen):
        shops.origin[chosen] = shops.origin[chosen[0]]
    scene.twin_shops(chosen, "drop shipping")


def samples(scene: Scene) -> None:
    """A shop that sells samples and sends gifts: parcels far lighter than the goods' usual ones."""
    random, plan = scene.random, scene.world.plan
    shop = int(scene.free_shops(1, sales=(0.4, 0.98))[0])
    start = int(random.integers(plan.start, plan.end - 25 * DAY))
    light = float(random.uniform(40, 120))
    scene.conducts.append(
        Conduct(
            shop,
            start,
            start + int(random.integers(10, 60)) * DAY,
            float(random.uniform(0.2, 0.7)),
            {"weight": lambda source, some: spread(source, size_of(some), light, 0.3)},
        )
    )
    scene.twin_shops(np.array([shop]), "samples")
