"""The invented province before anything is sold: places, shops, goods, buyers, carriers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from chengxin.market.buyers import Buyers, buyers
from chengxin.market.carriers import Carriers, carriers
from chengxin.market.numbers import Floats, Ints, Words, opaque
from chengxin.market.places import Places, places
from chengxin.market.plan import Plan
from chengxin.market.shops import Products, Shops, products, shops


@dataclass(frozen=True)
class World:
    """Everything that lasts through the months of a market."""

    plan: Plan
    places: Places
    shops: Shops
    products: Products
    buyers: Buyers
    carriers: Carriers

    def words(self, kind: str, numbers: Ints) -> Words:
        """The opaque words of numbered things of a kind."""
        return opaque(self.plan.seed, kind, numbers)

    @property
    def platforms(self) -> pl.Series:
        """The platforms' names, by number."""
        return pl.Series(self.plan.platforms)

    @property
    def carrier_names(self) -> pl.Series:
        """The carriers' names, by number."""
        return pl.Series(self.plan.carriers)


def world(plan: Plan) -> World:
    """The world of a plan; the same for the same seed."""
    where = places(plan.seed)
    sellers = shops(plan, where)
    return World(
        plan, where, sellers, products(plan, sellers), buyers(plan, where, sellers), carriers(plan, where)
    )


def product_of(world: World, shop: Ints, chance: Floats) -> Ints:
    """A product of each shop: its first ones sell best."""
    return world.shops.first_product[shop] + np.floor(world.shops.products[shop] * chance**2.4).astype(
        np.int64
    )
