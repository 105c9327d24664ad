"""Goods that are not as described, and counterfeits."""

from __future__ import annotations

import numpy as np

from chengxin.market import categories
from chengxin.market.brands import maker
from chengxin.market.numbers import Ints
from chengxin.market.schemes.scene import Scene
from chengxin.market.shops import BRANDS, with_check_digit
from chengxin.market.truth import Scheme, guilty

NOT_AS_DESCRIBED, NOT_GENUINE, BAD_LOT = 1, 2, 3  # rows of wording.COMPLAINTS, plus one


def not_as_described(scene: Scene, level: int, products_left: int) -> tuple[int, int]:
    """A shop whose goods differ from what it shows; how many products and sellers it made guilty."""
    random, goods = scene.random, scene.world.products
    shop, chosen = _chosen(scene, products_left, level)
    _, scheme = scene.scheme("not as described", level)
    _let_down(
        scene,
        chosen,
        (random.uniform(0.35, 0.8), random.uniform(0.2, 0.4), random.uniform(0.1, 0.22))[level - 1],
        NOT_AS_DESCRIBED,
    )
    if random.random() < 0.6:
        stolen = random.integers(0, len(goods.picture), len(chosen))
        same = scene.world.shops.category[goods.shop[stolen]] == scene.world.shops.category[shop]
        goods.picture[chosen] = np.where(same, goods.picture[stolen], goods.picture[chosen])
    _blame(scene, "not_as_described", shop, chosen, scheme)
    return len(chosen), 1


def counterfeit(scene: Scene, level: int, products_left: int) -> tuple[int, int]:
    """A shop that sells under brands that are not the goods' own; how many products and sellers it made
    guilty."""
    random, goods, world = scene.random, scene.world.products, scene.world
    shop, chosen = _chosen(scene, products_left, level, branded=True)
    _, scheme = scene.scheme("counterfeit", level)
    category = int(world.shops.category[shop])
    brands = category * BRANDS + random.integers(0, 8, (int(random.integers(3, 9)), 2, 1)[level - 1])
    brand = random.choice(brands, len(chosen))
    goods.brand[chosen] = brand
    cheap = (random.uniform(0.12, 0.4), random.uniform(0.35, 0.6), random.uniform(0.55, 0.85))[level - 1]
    level_of = np.array([_usual(scene, int(one)) for one in brand])
    goods.price[chosen] = np.maximum(
        500, np.round(level_of * cheap * random.uniform(0.85, 1.15, len(chosen)) / 100) * 100 - 10
    )
    body = maker(world, brand) * 100_000 + random.integers(0, 100_000, len(chosen))
    code = with_check_digit(body)
    if level == 1:
        code = np.where(
            random.random(len(code)) < 0.6,
            code // 10 * 10 + (code + random.integers(1, 10, len(code))) % 10,
            code,
        )
    elif level == 2:
        other = maker(world, random.integers(0, BRANDS * len(categories.NAMES), len(code)))
        code = np.where(
            random.random(len(code)) < 0.6, with_check_digit(other * 100_000 + body % 100_000), code
        )
    goods.gtin[chosen] = np.where(random.random(len(code)) < 0.85, code, -1)
    genuine = np.flatnonzero(np.isin(goods.brand, brands) & (goods.shop != shop))
    if len(genuine) and random.random() < 0.75:
        goods.picture[chosen] = goods.picture[random.choice(genuine, len(chosen))]
    if level == 1 and random.random() < 0.6:
        goods.picture[chosen] = goods.picture[chosen[0]]
    _let_down(
        scene,
        chosen,
        (random.uniform(0.25, 0.6), random.uniform(0.12, 0.35), random.uniform(0.06, 0.18))[level - 1],
        NOT_GENUINE,
    )
    _blame(scene, "counterfeit", shop, chosen, scheme)
    return len(chosen), 1


def _usual(scene: Scene, brand: int) -> float:
    """The usual price of a brand's goods in fen."""
    prices = scene.world.products.price[scene.world.products.brand == brand]
    return float(np.median(prices)) if len(prices) else 10_000.0


def _chosen(scene: Scene, products_left: int, level: int, *, branded: bool = False) -> tuple[int, Ints]:
    random, shops = scene.random, scene.world.shops
    known = np.array([one.branded for one in categories.CATEGORIES])
    for _ in range(40):
        shop = int(scene.free_shops(1, sales=(0.4, 0.97))[0])
        if not branded or known[shops.category[shop]] >= 0.4:
            break
    share = (random.uniform(0.5, 1.0), random.uniform(0.3, 0.8), random.uniform(0.15, 0.5))[level - 1]
    size = int(max(1, min(products_left, round(shops.products[shop] * share))))
    best = shops.first_product[shop] + np.arange(shops.products[shop])
    return shop, best[random.permutation(min(len(best), size * 2))[:size]]


def _let_down(scene: Scene, chosen: Ints, share: float, complaint: int) -> None:
    goods, plan = scene.world.products, scene.world.plan
    goods.fault[chosen] = share * scene.random.uniform(0.7, 1.2, len(chosen))
    goods.fault_from[chosen], goods.fault_until[chosen] = plan.start, plan.end
    goods.complaint[chosen] = complaint


def _blame(scene: Scene, detector: str, shop: int, chosen: Ints, scheme: Scheme) -> None:
    platform = str(scene.world.platforms[int(scene.world.shops.platform[shop])])
    scene.guilty.append(
        guilty(detector, "product", platform, scene.world.products.ids.gather(chosen), scheme)
    )
    scene.blame_sellers(detector, np.array([shop]), scheme)
