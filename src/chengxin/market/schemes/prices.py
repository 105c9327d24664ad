"""Price fraud: see `quotes` for what each trick does to the quotes."""

from __future__ import annotations

import numpy as np

from chengxin.market.plan import CHINA, DAY
from chengxin.market.quotes import DEARER_FOR_OLD, LAST_DAY, NEVER_CHARGED, RAISED_BEFORE
from chengxin.market.schemes.scene import Scene
from chengxin.market.truth import guilty


def price_fraud(scene: Scene, level: int, products_left: int) -> int:
    """A shop deceives with the prices of some of its goods; how many products it made guilty."""
    random, world = scene.random, scene.world
    shop = int(scene.free_shops(1, sales=(0.3, 0.99))[0])
    _, scheme = scene.scheme("price fraud", level)
    first, count = world.shops.first_product[shop], world.shops.products[shop]
    share = random.uniform(0.15, 0.6) if level > 1 else random.uniform(0.4, 1.0)
    size = int(max(1, min(products_left, round(count * share))))
    chosen = first + random.permutation(count)[:size]
    trick = int(
        random.choice([NEVER_CHARGED, RAISED_BEFORE, LAST_DAY, DEARER_FOR_OLD], p=[0.3, 0.35, 0.2, 0.15])
    )
    goods = world.products
    goods.trick[chosen] = trick
    low, high = {
        NEVER_CHARGED: ((0.9, 3.0), (0.4, 1.2), (0.2, 0.5)),
        RAISED_BEFORE: ((0.4, 1.0), (0.2, 0.5), (0.1, 0.25)),
        LAST_DAY: ((0.5, 1.5), (0.25, 0.7), (0.15, 0.35)),
        DEARER_FOR_OLD: ((0.2, 0.5), (0.1, 0.25), (0.05, 0.12)),
    }[trick][level - 1]
    goods.trick_size[chosen] = np.round(random.uniform(low, high), 2)
    today = (world.plan.start + CHINA) // DAY
    span = (world.plan.end - world.plan.start) // DAY
    goods.trick_start[chosen] = today + 8 + random.integers(0, max(1, span - 24))
    goods.trick_days[chosen] = random.integers(*((1, 4), (3, 7), (5, 8))[level - 1])
    repeats = trick == LAST_DAY or (level < 3 and random.random() < 0.6)
    goods.trick_period[chosen] = random.integers(15, 35) if repeats else 0
    platform = str(world.platforms[int(world.shops.platform[shop])])
    scene.guilty.append(guilty("price_fraud", "product", platform, goods.ids.gather(chosen), scheme))
    return size
