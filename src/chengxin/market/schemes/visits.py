"""Fake traffic: visits bought to look wanted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chengxin.market import categories
from chengxin.market.clock import moments
from chengxin.market.numbers import spread
from chengxin.market.plan import DAY
from chengxin.market.schemes.scene import Scene
from chengxin.market.shops import ENTRIES
from chengxin.market.world import product_of


def fake_traffic(scene: Scene, level: int, sellers_left: int) -> int:
    """A seller of visits serves a few shops; how many sellers it made guilty."""
    random, world, plan = scene.random, scene.world, scene.world.plan
    chosen = scene.free_shops(min(sellers_left, int(random.integers(1, 4))))
    _, scheme = scene.scheme("bought visits", level)
    volume = world.shops.weight[chosen] / world.shops.weight.sum() * plan.orders * 3.4
    wanted = np.clip(volume * spread(random, len(chosen), (2.5, 1.3, 0.6)[level - 1], 0.5), 60, None).astype(
        np.int64
    )
    devices = max(1, int(wanted.sum() / (80, 12, 3)[level - 1] * random.uniform(0.4, 1.6)))
    device, network = scene.numbers(devices), scene.numbers(max(8, devices // (2, 2, 1)[level - 1]))
    visitor = world.words("visitor", scene.numbers(devices * 2))
    for shop, count in zip(chosen, wanted, strict=True):
        size = int(count)
        days = random.uniform(3, 20) if level < 3 else random.uniform(20, 90)
        start = int(random.integers(plan.start, max(plan.start + 1, plan.end - round(days * DAY))))
        start = max(start, int(world.shops.opened[shop]) + 3600)
        end = min(plan.end, start + round(days * DAY))
        who = random.integers(0, devices, size)
        place = np.full(size, shop)
        scene.visits.append(
            {
                "shop": place,
                "product": np.where(
                    random.random(size) < 0.2, -1, product_of(world, place, random.random(size) * 0.7)
                ),
                "visitor": visitor[who * 2 + (random.random(size) < 0.3)],
                "device": device[who],
                "ip": network[(who * 3 + random.integers(0, 3, size)) % len(network)],
                "at": _when(scene, level, size, start, end),
                "dwell": _dwell(scene, level, shop, size),
                "entry": random.choice(len(ENTRIES), size, p=random.dirichlet([1.5, 1, 1.5, 1, 0.5])),
                "ordered": np.zeros(size, dtype=bool),
            }
        )
    scene.blame_sellers("fake_traffic", chosen, scheme)
    return len(chosen)


def _when(scene: Scene, level: int, size: int, start: int, end: int) -> NDArray[Any]:
    """Scripts run at fixed minutes, round the clock, or by people's hours."""
    random = scene.random
    if level == 1:
        every = int(random.choice([300, 600, 900, 1800, 3600]))
        turns = random.integers(start // every, end // every, size)
        return np.asarray(np.clip(turns * every + random.integers(0, 25, size), start, end - 1))
    if level == 2:
        return np.asarray(random.integers(start, end, size))
    people = moments(random, size, start, end)
    return np.asarray(np.where(random.random(size) < 0.7, people, random.integers(start, end, size)))


def _dwell(scene: Scene, level: int, shop: int, size: int) -> NDArray[Any]:
    random = scene.random
    usual = categories.facts("dwell")[scene.world.shops.category[shop]]
    if level == 1:
        return np.round(random.exponential(float(random.uniform(0.3, 2.5)), size), 1)
    if level == 2:
        return np.round(random.normal(random.uniform(8, 40), 2.5, size).clip(0.5), 1)
    return np.round(spread(random, size, usual * random.uniform(0.2, 0.45), 0.8), 1)
