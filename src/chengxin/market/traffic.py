"""Visits: looking around before an order, and looking without ordering."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chengxin.market import categories
from chengxin.market.buyers import TASTES, pick_shops
from chengxin.market.clock import moments
from chengxin.market.columns import network_addresses, time
from chengxin.market.drafts import Drafts
from chengxin.market.numbers import Generator, spread, texts, weighted
from chengxin.market.plan import DAY
from chengxin.market.shops import ENTRIES
from chengxin.market.world import World, product_of

WITHOUT_ORDER = 1.6  # visits without an order for each order
GUESTS = 0.4  # of these by people who have not bought anything yet
GUEST_NETWORKS = 300_000_000
Visits = dict[str, NDArray[Any]]
COLUMNS = ("shop", "product", "visitor", "device", "ip", "at", "dwell", "entry", "ordered")


def of_orders(world: World, random: Generator, made: Drafts) -> Visits:
    """The visits in which things were ordered and those that led there."""
    size = len(made["shop"])
    looks = np.maximum(made["looks"], 0)
    row = np.repeat(np.arange(size), looks + 1)
    last = np.zeros(len(row), dtype=bool)
    last[np.cumsum(looks + 1) - 1] = True
    near = random.random(len(row)) < 0.6
    ago = np.where(
        near, spread(random, len(row), 900.0, 1.0), spread(random, len(row), 1.5 * DAY, 1.0)
    ).astype(np.int64)
    dwell = np.where(made["dwell"][row] >= 0, made["dwell"][row], 30.0)
    pace = categories.facts("dwell")[world.shops.category[made["shop"][row]]]
    earlier = spread(random, len(row), pace * 0.5, 1.0)
    elsewhere = ~last & (random.random(len(row)) < 0.45)
    shop = made["shop"][row].copy()
    category = world.shops.category[shop[elsewhere]]
    shop[elsewhere] = pick_shops(random, world.shops, category)
    other = ~last & (elsewhere | (random.random(len(row)) < 0.4))
    product = made["product"][row].copy()
    product[other] = product_of(world, shop[other], random.random(int(other.sum())))
    entry = (random.random(len(row))[:, None] > world.shops.entries[shop]).sum(axis=1)
    return {
        "shop": shop,
        "product": np.where(~last & (random.random(len(row)) < 0.12), -1, product),
        "visitor": world.words("buyer", made["buyer"])[row],
        "device": made["device"][row],
        "ip": made["ip"][row],
        "at": made["created"][row] - np.where(last, dwell.astype(np.int64), ago + dwell.astype(np.int64) + 5),
        "dwell": np.round(np.where(last, dwell, np.clip(earlier, 0.3, 5400)), 1),
        "entry": np.where(last, made["entry"][row], np.minimum(entry, 4)),
        "ordered": last,
    }


def browsing(world: World, random: Generator, size: int, start: int, end: int) -> Visits:
    """Visits of people who ordered nothing; some are gone at once."""
    buyer = weighted(random, world.buyers.cumulated, size)
    guest = random.random(size) < GUESTS
    stranger = np.floor(random.random(size) ** 1.6 * world.buyers.count * 2).astype(np.int64)
    liked = random.random(size) < 0.3
    shop = pick_shops(random, world.shops, world.buyers.taste[buyer, random.integers(0, TASTES, size)])
    favourite = world.buyers.favourite[buyer, random.integers(0, world.buyers.favourite.shape[1], size)]
    shop = np.where(liked, favourite, shop).astype(np.int64)
    pace = categories.facts("dwell")[world.shops.category[shop]]
    bounced = random.random(size) < 0.25
    entry = np.minimum((random.random(size)[:, None] > world.shops.entries[shop]).sum(axis=1), 4)
    at_home = random.random(size) < 0.6
    device = world.buyers.device[buyer] + np.where(random.random(size) < 0.1, world.buyers.count, 0)
    network = np.where(at_home, world.buyers.home_ip[buyer], world.buyers.road_ip[buyer])
    theirs = np.where(at_home, GUEST_NETWORKS + stranger // 2, world.buyers.road_ip[buyer])
    at = np.maximum(moments(random, size, start, end), world.shops.opened[shop] + 60)
    visits = {
        "shop": shop,
        "product": np.where(random.random(size) < 0.2, -1, product_of(world, shop, random.random(size))),
        "visitor": np.where(guest, world.words("visitor", stranger), world.buyers.words[buyer]),
        "device": np.where(guest, GUEST_NETWORKS + stranger, device),
        "ip": np.where(guest, theirs, network),
        "at": at,
        "dwell": np.round(
            np.where(bounced, random.exponential(2.0, size), spread(random, size, pace * 0.5, 1.1)).clip(
                0, 7200
            ),
            1,
        ),
        "entry": entry,
        "ordered": np.zeros(size, dtype=bool),
    }
    return {name: column[at < end] for name, column in visits.items()}


def frame(world: World, random: Generator, made: Visits, first: int) -> tuple[pl.DataFrame, int]:
    """The lake's table of visits, numbered from `first`; and the number that comes next."""
    inside = (made["at"] >= world.plan.start) & (made["at"] < world.plan.end)
    kept = {name: column[inside] for name, column in made.items()}
    size = len(kept["shop"])
    shop, product = kept["shop"], kept["product"]
    table = pl.DataFrame(
        {
            "visit_id": texts(world.words("visit number", first + np.arange(size))),
            "platform": world.platforms.gather(world.shops.platform[shop]),
            "seller_id": world.shops.ids.gather(shop),
            "product_id": world.products.ids.gather(np.maximum(product, 0)).set(pl.Series(product < 0), None),
            "visitor_id": texts(kept["visitor"]),
            "device": texts(world.words("device", kept["device"]), random.random(size) < 0.02),
            "ip": network_addresses(world.plan.seed, kept["ip"]),
            "at": time(kept["at"]),
            "dwell_s": kept["dwell"],
            "entry": pl.Series(ENTRIES).gather(kept["entry"]),
            "ordered": kept["ordered"],
        }
    )
    return table, first + size


def joined(parts: list[Visits]) -> Visits:
    """All visits as one."""
    return {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}


def between(made: Visits, start: int, end: int) -> Visits:
    """The visits in a stretch of time."""
    inside = (made["at"] >= start) & (made["at"] < end)
    return {name: column[inside] for name, column in made.items()}
