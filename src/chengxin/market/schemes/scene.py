"""What schemes and twins have to work with, and what they leave behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from chengxin.market import queries, traffic
from chengxin.market.conducts import Conduct
from chengxin.market.drafts import Drafts, drafts, size_of
from chengxin.market.money import Transfers
from chengxin.market.numbers import Floats, Generator, Ints, Words, generator, texts
from chengxin.market.phrases import Palettes, palette
from chengxin.market.register import Register
from chengxin.market.truth import Scheme, guilty
from chengxin.market.world import World

FRESH = 1_000_000_000  # devices, addresses and networks of schemes and twins are numbered from here


@dataclass
class Scene:
    """The world with everything that schemes and twins add to it."""

    world: World
    register: Register
    random: Generator
    quantile: Floats
    drafts: list[Drafts] = field(default_factory=list)
    transfers: list[Transfers] = field(default_factory=list)
    visits: list[traffic.Visits] = field(default_factory=list)
    palettes: Palettes = field(default_factory=lambda: Palettes([], []))
    lookups: list[queries.Lookups] = field(default_factory=list)
    conducts: list[Conduct] = field(default_factory=list)
    schemes: list[Scheme] = field(default_factory=list)
    guilty: list[pl.DataFrame] = field(default_factory=list)
    twins: list[pl.DataFrame] = field(default_factory=list)
    counted: dict[tuple[str, int], list[Ints]] = field(default_factory=dict)
    taken_shops: set[int] = field(default_factory=set)
    taken_buyers: set[int] = field(default_factory=set)
    taken_closed: set[int] = field(default_factory=set)
    fresh: int = FRESH
    orders: int = 0

    @property
    def query_accounts(self) -> int:
        """How many accounts look things up."""
        return queries.accounts(self.world)

    def numbers(self, size: int) -> Ints:
        """Fresh numbers for devices, addresses, networks or persons."""
        self.fresh += size
        return np.arange(self.fresh - size, self.fresh)

    def scheme(self, kind: str, level: int, **guilty_rows: Any) -> tuple[int, Scheme]:
        """Opens a scheme: its number for the drafts, and itself."""
        number = len(self.schemes)
        word = texts(self.world.words("scheme", np.array([number])))[0]
        self.schemes.append(Scheme(str(word), kind, level, **guilty_rows))
        return number, self.schemes[number]

    def order(self, made: Drafts) -> Ints:
        """Adds drafts of orders; the numbers that they get."""
        size = size_of(made)
        made.update(drafts(size, **made))
        made["number"] = np.arange(self.orders, self.orders + size)
        self.orders += size
        self.drafts.append(made)
        return made["number"]

    def palette(self, templates: Ints, own: float) -> int:
        """Registers a palette of texts; its number for the drafts."""
        self.palettes.templates.append(templates)
        self.palettes.own.append(own)
        return len(self.palettes.own) - 1

    def count(self, detector: str, scheme: int, shops: Ints) -> None:
        """Remembers the shops behind guilty ratings or parcels."""
        self.counted.setdefault((detector, scheme), []).append(shops)

    def blame_sellers(self, detector: str, shops: Ints, scheme: Scheme) -> None:
        """Writes down guilty shops."""
        platform = self.world.platforms.gather(self.world.shops.platform[shops])
        ids = self.world.shops.ids.gather(shops)
        self.guilty.append(guilty(detector, "seller", platform, ids, scheme))

    def blame_buyers(self, detector: str, buyers: Ints, shops: Ints, scheme: Scheme) -> None:
        """Writes down guilty buyers, on the platform of the shop where each was at work."""
        frame = guilty(
            detector,
            "buyer",
            self.world.platforms.gather(self.world.shops.platform[shops]),
            texts(self.world.buyers.words[buyers]),
            scheme,
        )
        self.guilty.append(frame.unique())

    def blame_courier(self, detector: str, courier: int, scheme: Scheme) -> None:
        """Writes down a guilty courier; the platform of a courier is his carrier."""
        first = self.world.carriers.first
        carrier = int(np.searchsorted(first[:, 0], courier, side="right")) - 1
        ids = texts(self.world.words("courier", np.array([courier])))
        self.guilty.append(guilty(detector, "courier", self.world.plan.carriers[carrier], ids, scheme))

    def closed_ones(self, size: int) -> Ints:
        """Closed shops whose keepers have not come back yet."""
        free = [one for one in range(len(self.register.closed.at)) if one not in self.taken_closed]
        chosen = self.random.permutation(np.array(free, dtype=np.int64))[:size]
        self.taken_closed.update(int(one) for one in chosen)
        return chosen

    def twin(self, entity: str, platform: str | pl.Series, ids: pl.Series, kind: str) -> None:
        """Writes down honest entities that look odd."""
        shown = pl.lit(platform, dtype=pl.String) if isinstance(platform, str) else platform
        self.twins.append(
            pl.DataFrame({"entity_id": ids}).select(
                pl.lit(entity).alias("entity"),
                shown.alias("platform"),
                "entity_id",
                pl.lit(kind).alias("twin"),
            )
        )

    def twin_shops(self, shops: Ints, kind: str) -> None:
        """Writes down honest shops that look odd."""
        platform = self.world.platforms.gather(self.world.shops.platform[shops])
        self.twin("seller", platform, self.world.shops.ids.gather(shops), kind)

    def twin_buyers(self, buyers: Ints, shops: Ints, kind: str) -> None:
        """Writes down honest buyers that look odd, on the platforms of the shops where they do."""
        platform = self.world.platforms.gather(self.world.shops.platform[shops])
        self.twin("buyer", platform, texts(self.world.buyers.words[buyers]), kind)

    def free_shops(
        self,
        size: int,
        *,
        platform: int | None = None,
        category: int | None = None,
        sales: tuple[float, float] = (0.15, 0.97),
    ) -> Ints:
        """Shops that no scheme or twin uses yet, with sales between two quantiles; fewer where there are not
        enough."""
        shops, chosen = self.world.shops, dict[int, None]()
        latest = self.world.plan.end - 40 * 86400
        for _ in range(200):
            for one in self.random.integers(0, shops.count, 8 * size).tolist():
                fits = sales[0] <= self.quantile[one] <= sales[1] and shops.opened[one] < latest
                fits = fits and (platform is None or shops.platform[one] == platform)
                fits = fits and (category is None or shops.category[one] == category)
                if fits and one not in self.taken_shops and len(chosen) < size:
                    chosen[one] = None
            if len(chosen) == size:
                break
        self.taken_shops.update(chosen)
        return np.array(list(chosen), dtype=np.int64)

    def free_buyers(self, size: int) -> Ints:
        """Buyers that no scheme or twin uses yet."""
        count = self.world.buyers.count
        chosen: list[int] = []
        while len(chosen) < size:
            for one in self.random.integers(0, count, 2 * size + 8):
                if int(one) not in self.taken_buyers and len(chosen) < size:
                    self.taken_buyers.add(int(one))
                    chosen.append(int(one))
        return np.array(chosen, dtype=np.int64)

    def all_open(self, shops: Ints) -> int:
        """From when on all these shops are open, not before the market begins."""
        return max(self.world.plan.start, int(self.world.shops.opened[shops].max()) + 86400)

    def accounts(self, size: int) -> Words:
        """Accounts of people who are neither buyers nor sellers."""
        return self.world.words("person", self.numbers(size))


def scene(world: World, register: Register) -> Scene:
    """An empty scene."""
    quantile = np.argsort(np.argsort(world.shops.weight)) / world.shops.count
    made = Scene(world, register, generator(world.plan.seed, "schemes"), quantile)
    made.palette(palette(made.random, 40, 0.9), 0.0)  # texts that honest people paste: see ratings.COPIES
    return made
