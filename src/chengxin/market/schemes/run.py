"""Which schemes are run in a market, and how many of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chengxin.market.schemes.bought_ratings import bought_ratings
from chengxin.market.schemes.brushing import brushing
from chengxin.market.schemes.goods import counterfeit, not_as_described
from chengxin.market.schemes.imitation import look_alike, re_entry
from chengxin.market.schemes.malice import attack, extortion
from chengxin.market.schemes.parcels import false_shipping, forging_courier, mill
from chengxin.market.schemes.prices import price_fraud
from chengxin.market.schemes.scene import Scene
from chengxin.market.schemes.scraping import scraping
from chengxin.market.schemes.visits import fake_traffic

# What part of the share that a plan allows each kind takes: brushing and mills both make brushing sellers
# guilty, and theirs and bought ratings make sellers of inflated ratings.
MOST = 400  # sellers, and as many times what a small market has of others: enough in the largest market
SELLERS = {
    "brushing": 0.6,
    "empty_parcels": 0.2,
    "inflated_ratings": 0.14,
    "fake_traffic": 0.6,
    "not_as_described": 0.5,
    "counterfeit": 0.5,
    "look_alikes": 0.3,
    "re_entry": 0.4,
    "price_fraud": 0.6,
    "forged_logistics": 0.14,
}
BUYERS = {"brushing": 0.65, "empty_parcels": 0.25, "malicious_ratings": 0.14}
PRODUCTS = {"price_fraud": 0.6, "not_as_described": 0.5, "counterfeit": 0.5}


def run(scene: Scene) -> None:
    """Runs the schemes that the plan wants, level by level, until a kind's share of entities is used up."""
    for kind in scene.world.plan.kinds:
        if scene.world.plan.levels:
            _KINDS[kind](scene)


def _levels(scene: Scene) -> Iterator[int]:
    """The plan's levels in turn, from a drawn one on."""
    levels = scene.world.plan.levels
    turn = int(scene.random.integers(0, len(levels)))
    while True:
        yield levels[turn % len(levels)]
        turn += 1


def _some(scene: Scene, count: int, part: float, least: int) -> int:
    """How many entities of so many a kind may make guilty: a part of the plan's share, never very many."""
    return max(least, min(MOST * least, round(count * scene.world.plan.share * part)))


def _sellers(scene: Scene, kind: str) -> int:
    return _some(scene, scene.world.shops.count, SELLERS[kind], 1)


def _buyers(scene: Scene, kind: str) -> int:
    return _some(scene, scene.world.buyers.count, BUYERS[kind], 5)


def _products(scene: Scene, kind: str) -> int:
    return _some(scene, len(scene.world.products.shop), PRODUCTS[kind], 3)


def _brushing(scene: Scene) -> None:
    _rings(scene, "brushing", brushing)


def _mills(scene: Scene) -> None:
    _rings(scene, "empty_parcels", mill)


def _rings(scene: Scene, kind: str, ring: Callable[[Scene, int, int, int], tuple[int, int]]) -> None:
    """Rings at every level, each level with its part of the sellers and buyers."""
    levels = scene.world.plan.levels
    sellers, buyers = _sellers(scene, kind), _buyers(scene, kind)
    for turn, level in zip(range(len(levels)), _levels(scene), strict=False):
        shops = (sellers + turn) // len(levels)
        accounts = max(3, buyers // len(levels))
        while shops >= 1 and accounts >= 3:
            used = ring(scene, level, shops, accounts)
            shops, accounts = shops - used[0], accounts - used[1]


def _praise(scene: Scene) -> None:
    for _, level in zip(range(_sellers(scene, "inflated_ratings")), _levels(scene), strict=False):
        bought_ratings(scene, level)


def _malice(scene: Scene) -> None:
    buyers, ways = _buyers(scene, "malicious_ratings"), (extortion, extortion, extortion, attack)
    for turn, level in enumerate(_levels(scene)):
        if buyers < 3:
            return
        buyers -= ways[turn // len(scene.world.plan.levels) % len(ways)](scene, level, buyers)


def _forgery(scene: Scene) -> None:
    couriers = _some(scene, scene.world.carriers.count, 0.9, 1)
    for _, level in zip(range(couriers), _levels(scene), strict=False):
        forging_courier(scene, level)
    for _, level in zip(range(_sellers(scene, "forged_logistics")), _levels(scene), strict=False):
        false_shipping(scene, level)


def _traffic(scene: Scene) -> None:
    sellers = _sellers(scene, "fake_traffic")
    for level in _levels(scene):
        if sellers < 1:
            return
        sellers -= fake_traffic(scene, level, sellers)


def _prices(scene: Scene) -> None:
    products = _products(scene, "price_fraud")
    for _, level in zip(range(_sellers(scene, "price_fraud")), _levels(scene), strict=False):
        if products < 1:
            return
        products -= price_fraud(scene, level, products)


def _misdescribed(scene: Scene) -> None:
    products = _products(scene, "not_as_described")
    for _, level in zip(range(_sellers(scene, "not_as_described")), _levels(scene), strict=False):
        if products >= 1:
            products -= not_as_described(scene, level, products)[0]


def _counterfeits(scene: Scene) -> None:
    products = _products(scene, "counterfeit")
    for _, level in zip(range(_sellers(scene, "counterfeit")), _levels(scene), strict=False):
        if products >= 1:
            products -= counterfeit(scene, level, products)[0]


def _look_alikes(scene: Scene) -> None:
    for _, level in zip(range(_sellers(scene, "look_alikes")), _levels(scene), strict=False):
        look_alike(scene, level)


def _re_entries(scene: Scene) -> None:
    for _, level in zip(range(_sellers(scene, "re_entry")), _levels(scene), strict=False):
        re_entry(scene, level)


def _scraping(scene: Scene) -> None:
    accounts = _some(scene, scene.query_accounts, 0.9, 1)
    for _, level in zip(range(accounts), _levels(scene), strict=False):
        scraping(scene, level)


_KINDS = {
    "brushing": _brushing,
    "inflated_ratings": _praise,
    "malicious_ratings": _malice,
    "empty_parcels": _mills,
    "forged_logistics": _forgery,
    "fake_traffic": _traffic,
    "price_fraud": _prices,
    "not_as_described": _misdescribed,
    "counterfeit": _counterfeits,
    "look_alikes": _look_alikes,
    "re_entry": _re_entries,
    "data_scraping": _scraping,
}
