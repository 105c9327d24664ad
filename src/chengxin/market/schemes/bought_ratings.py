"""Inflated ratings without brushing: real customers are paid for fives, and told what to write."""

from __future__ import annotations

import numpy as np

from chengxin.market.conducts import Conduct
from chengxin.market.drafts import Drafts, size_of
from chengxin.market.numbers import Generator, spread
from chengxin.market.phrases import palette
from chengxin.market.plan import DAY
from chengxin.market.schemes.scene import Scene


def bought_ratings(scene: Scene, level: int) -> int:
    """A shop pays its customers for fives for a while; how many shops it made guilty."""
    random, plan = scene.random, scene.world.plan
    shop = int(scene.free_shops(1, sales=(0.35, 0.985))[0])
    number, scheme = scene.scheme("paid praise", level, ratings=("inflated_ratings",))
    templates = (int(random.integers(1, 6)), int(random.integers(4, 20)), int(random.integers(20, 60)))[
        level - 1
    ]
    own = (random.uniform(0, 0.05), random.uniform(0.1, 0.35), random.uniform(0.5, 0.9))[level - 1]
    chosen = scene.palette(palette(random, templates), own)
    bursts = (int(random.integers(1, 3)), int(random.integers(1, 4)), 1)[level - 1]
    share = float((random.uniform(0.5, 0.9), random.uniform(0.35, 0.7), random.uniform(0.25, 0.5))[level - 1])
    hasty = float((0.9, 0.5, 0.2)[level - 1])

    def soon(source: Generator, some: Drafts) -> np.ndarray:
        size = size_of(some)
        quick = spread(source, size, 200.0, 0.8).astype(np.int64)
        return np.where(source.random(size) < hasty, quick, -1)

    for _ in range(bursts):
        days = float(random.uniform(6, 25) if level < 3 else random.uniform(40, 100))
        start = int(random.integers(plan.start, max(plan.start + 1, plan.end - round((days + 12) * DAY))))
        scene.conducts.append(
            Conduct(
                shop,
                start,
                start + round(days * DAY),
                share,
                {
                    "rate": lambda _, some: np.ones(size_of(some), dtype=np.int64),
                    "stars": lambda source, some: np.where(source.random(size_of(some)) < 0.96, 5, 4),
                    "palette": lambda source, some: np.where(source.random(size_of(some)) < 0.88, chosen, -1),
                    "rate_delay": soon,
                    "confirm_delay": lambda source, some: np.where(
                        source.random(size_of(some)) < hasty * 0.6,
                        spread(source, size_of(some), 20_000.0, 1.0).astype(np.int64),
                        -1,
                    ),
                    "cancel": lambda _, some: np.zeros(size_of(some), dtype=np.int64),
                },
                number,
                reward=(2.0, float(random.uniform(3, 13))),
            )
        )
    if level == 1:
        scene.world.shops.quality[shop] = min(scene.world.shops.quality[shop], -0.6)
    scene.blame_sellers("inflated_ratings", np.array([shop]), scheme)
    return 1
