"""The buyers: how much they buy, what and where they like to, who lives with whom, on which devices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chengxin.market import categories
from chengxin.market.numbers import Floats, Generator, Ints, Words, generator, opaque, weighted
from chengxin.market.places import Places
from chengxin.market.plan import Plan
from chengxin.market.shops import Shops

ORDERS_PER_BUYER = 7
FAVOURITES = 6
TASTES = 3
NETWORKS = 40  # buyers on the road share the addresses of mobile networks; so many buyers for each one


@dataclass(frozen=True)
class Buyers:
    """One row a buyer. `household` is also the address's number; `device` and `home_ip` are numbers, too."""

    words: Words
    cumulated: Floats
    region: Ints
    household: Ints
    device: Ints
    home_ip: Ints
    road_ip: Ints
    taste: Ints
    favourite: Ints
    faithful: Floats
    rating_habit: Floats
    stars_bias: Floats
    quick_to_confirm: Floats

    @property
    def count(self) -> int:
        """How many buyers there are."""
        return len(self.words)


def buyers(plan: Plan, places: Places, shops: Shops) -> Buyers:
    """The buyers of a market: activity with a heavy tail, persistent tastes and favourite shops,
    households."""
    random = generator(plan.seed, "buyers")
    size = max(200, plan.orders // ORDERS_PER_BUYER)
    household = _households(random, size)
    homes = int(household.max()) + 1
    region = weighted(random, places.cumulated, homes)[household]
    taste = weighted(random, np.cumsum(categories.facts("share")), size * TASTES).reshape(size, TASTES)
    favourite = pick_shops(random, shops, taste[:, random.integers(0, TASTES, FAVOURITES)].ravel()).reshape(
        size, -1
    )
    first_of_home = np.full(homes, -1)
    first_of_home[household[::-1]] = np.arange(size)[::-1]
    shares_device = random.random(size) < 0.12
    device = np.where(shares_device, first_of_home[household], np.arange(size))
    return Buyers(
        words=opaque(plan.seed, "buyer", np.arange(size)),
        cumulated=np.cumsum(np.exp(random.normal(0, 1.1, size))),
        region=region,
        household=household,
        device=device.astype(np.int64),
        home_ip=household,
        road_ip=homes + random.integers(0, max(4, size // NETWORKS), size),
        taste=taste,
        favourite=favourite.astype(np.int32),
        faithful=random.beta(2.0, 3.0, size),
        rating_habit=np.exp(random.normal(-0.3, 0.8, size)),
        stars_bias=random.normal(0, 0.6, size),
        quick_to_confirm=random.beta(0.8, 2.6, size),
    )


def _households(random: Generator, size: int) -> Ints:
    """Number of each buyer's household: one to five buyers live together."""
    sizes = random.choice([1, 2, 3, 4, 5], size, p=[0.5, 0.28, 0.13, 0.07, 0.02])
    return random.permutation(np.repeat(np.arange(size), sizes)[:size]).astype(np.int64)


def pick_shops(random: Generator, shops: Shops, category: Ints) -> Ints:
    """A shop in each of the categories, by its pull."""
    starts = np.concatenate(([0.0], shops.category_ends[:-1]))
    low, high = starts[category], shops.category_ends[category]
    at = low + random.random(len(category)) * (high - low)
    where = np.searchsorted(shops.category_mass, at, side="right")
    return shops.by_category[np.minimum(where, shops.count - 1)]
