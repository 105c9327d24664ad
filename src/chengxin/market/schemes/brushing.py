"""Brushing: rings of accounts that buy from rings of shops, and lone shops that buy from themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chengxin.market.clock import moments
from chengxin.market.drafts import Drafts, drafts
from chengxin.market.money import Transfers
from chengxin.market.numbers import Flags, Ints, Words, spread
from chengxin.market.phrases import palette
from chengxin.market.plan import DAY
from chengxin.market.schemes.scene import Scene
from chengxin.market.shops import ENTRIES
from chengxin.market.world import product_of


@dataclass(frozen=True)
class Ring:
    """Who brushes for whom, how well, and from when to when."""

    number: int
    level: int
    shops: Ints
    buyers: Ints
    start: int
    end: int
    orders: int


def brushing(scene: Scene, level: int, sellers_left: int, buyers_left: int) -> tuple[int, int]:
    """Runs one ring or lone shop; how many sellers and buyers it made guilty."""
    random, plan = scene.random, scene.world.plan
    lone = random.random() < 0.3 or sellers_left < 2
    shops = 1 if lone else int(np.clip(np.exp(random.uniform(np.log(2), np.log(12.9))), 2, sellers_left))
    buyers = int(
        np.exp(random.uniform(np.log(3), np.log(14)) if lone else random.uniform(np.log(5), np.log(60.9)))
    )
    buyers = max(3, min(buyers, buyers_left))
    platform = int(scene.world.shops.platform[random.integers(0, scene.world.shops.count)])
    chosen = scene.free_shops(shops, platform=platform)
    number, scheme = scene.scheme(
        "lone brushing" if lone else "brushing ring",
        level,
        ratings=("inflated_ratings",),
        waybills=("empty_parcels",),
    )
    days = int(np.exp(random.uniform(np.log(10), np.log(100))))
    length = min(plan.end - plan.start - 5 * DAY, days * DAY)
    start = plan.start + int(random.integers(0, max(1, plan.end - plan.start - length)))
    start = max(start, int(scene.world.shops.opened[chosen].max()) + DAY)
    volume = scene.world.shops.weight[chosen] / scene.world.shops.weight.sum() * plan.orders
    wanted = np.clip(volume * np.exp(random.normal(-0.7, 0.6, len(chosen))), 12, 40 * buyers)
    ring = Ring(
        number,
        level,
        chosen,
        scene.free_buyers(buyers),
        start,
        min(start + length, plan.end),
        int(wanted.sum()),
    )
    _camouflage(scene, ring)
    made = _orders(scene, ring, wanted)
    numbers = scene.order(made)
    _money_back(scene, ring, made, numbers)
    scene.blame_sellers("brushing", chosen, scheme)
    seen = np.unique(
        np.column_stack([made["buyer"], scene.world.shops.platform[made["shop"]]]), axis=0, return_index=True
    )[1]
    scene.blame_buyers("brushing", made["buyer"][seen], made["shop"][seen], scheme)
    return len(chosen), buyers


def _orders(scene: Scene, ring: Ring, wanted: np.ndarray) -> Drafts:  # type: ignore[type-arg]
    world, random, level = scene.world, scene.random, ring.level
    size = int(wanted.sum())
    shop = random.choice(ring.shops, size, p=wanted / wanted.sum())
    keen = random.gamma(1.5, 1.0, len(ring.buyers))
    buyer = random.choice(ring.buyers, size, p=keen / keen.sum())
    spot = random.random(len(world.shops.words))[shop]
    product = product_of(world, shop, np.where(random.random(size) < 0.7, spot, random.random(size)))
    made = drafts(
        size, shop=shop, buyer=buyer, product=product, created=_when(scene, ring, size), scheme=ring.number
    )
    made["quantity"] = np.where(random.random(size) < 0.85, 1, 2)
    made["cancel"] = np.zeros(size, dtype=np.int64)
    made["refund"] = np.where(random.random(size) < 0.02, 1, 0)
    _devices(scene, ring, made)
    _behaviour(scene, ring, made)
    _parcels(scene, ring, made)
    _ratings(scene, ring, made)
    return made


def _when(scene: Scene, ring: Ring, size: int) -> Ints:
    """Clumsy rings order in a few sittings, in even steps; careful ones spread out; the best are like people."""
    random = scene.random
    usual = moments(random, size, ring.start, ring.end)
    if ring.level == 3:
        return usual
    sittings = moments(random, max(2, size // int(random.integers(6, 30))), ring.start, ring.end)
    pace = float(np.exp(random.uniform(np.log(40), np.log(400)))) * (1 if ring.level == 1 else 4)
    step = random.integers(0, 15, size) * pace * random.uniform(0.8, 1.2, size)
    sat = random.choice(sittings, size) + step.astype(np.int64)
    share = random.uniform(0.7, 1.0) if ring.level == 1 else random.uniform(0.1, 0.5)
    return np.where(random.random(size) < share, sat, usual).clip(ring.start, ring.end - 1)


def _devices(scene: Scene, ring: Ring, made: Drafts) -> None:
    """Clumsy rings share few devices, networks and addresses; careful ones some; the best none."""
    random, size = scene.random, len(made["shop"])
    if ring.level == 3:
        return
    who = np.searchsorted(np.sort(ring.buyers), made["buyer"])
    count = len(ring.buyers)
    few = (
        max(1, int(count * random.uniform(0.08, 0.4)))
        if ring.level == 1
        else max(1, int(count * random.uniform(0.4, 0.8)))
    )
    device, network = scene.numbers(few), scene.numbers(max(1, few // 2))
    place = scene.numbers(max(1, few // 2))
    share = random.uniform(0.7, 1.0) if ring.level == 1 else random.uniform(0.15, 0.5)
    sticks = _mask(scene, size, share)
    made["device"] = np.where(sticks, device[who % few], -1)
    made["ip"] = np.where(_mask(scene, size, share), network[who % len(network)], -1)
    if random.random() < (0.7 if ring.level == 1 else 0.3):
        together = _mask(scene, size, share)
        made["address"] = np.where(together, place[who % len(place)], -1)


def _behaviour(scene: Scene, ring: Ring, made: Drafts) -> None:
    """How the accounts come to the goods, how long they stay and when they confirm."""
    random, size, level = scene.random, len(made["shop"]), ring.level
    if level == 1:
        blind = _mask(scene, size, random.uniform(0.6, 0.95))
        made["looks"] = np.where(blind, 0, -1)
        made["entry"] = np.where(blind, ENTRIES.index("link" if random.random() < 0.6 else "search"), -1)
        made["dwell"] = np.where(blind, np.round(spread(random, size, random.uniform(3, 15), 0.6), 1), -1)
    elif level == 2:
        scripted = _mask(scene, size, random.uniform(0.4, 0.85))
        middle = random.uniform(200, 420)
        made["dwell"] = np.where(scripted, np.round(spread(random, size, middle, 0.22), 1), -1)
        made["looks"] = np.where(scripted, random.integers(1, 5, size), -1)
        made["entry"] = np.where(scripted, ENTRIES.index("search"), -1)
    hasty = _mask(
        scene,
        size,
        (random.uniform(0.5, 0.95), random.uniform(0.2, 0.6), random.uniform(0.0, 0.15))[level - 1],
    )
    made["confirm_delay"] = np.where(hasty, spread(random, size, 500.0 * level, 0.9).astype(np.int64) + 5, -1)


def _parcels(scene: Scene, ring: Ring, made: Drafts) -> None:
    """Empty parcels, gifts in place of the goods, or the goods' like: by level."""
    random, size, level = scene.random, len(made["shop"]), ring.level
    share = (random.uniform(0.5, 1.0), random.uniform(0.2, 0.8), random.uniform(0.0, 0.5))[level - 1]
    hollow = _mask(scene, size, share)
    if level == 1:
        light = np.full(size, float(random.choice([10, 50, 100, 200])))
        light = np.where(random.random(size) < 0.3, spread(random, size, 60.0, 0.5), light)
    else:
        light = spread(random, size, random.uniform(60, 300) * level / 2, 0.5)
    goods = scene.world.products.weight[made["product"]]
    made["weight"] = np.where(hollow & (light < goods * 0.9), light, -1)
    if level < 3 and random.random() < 0.5:
        made["sender"] = np.where(hollow, scene.numbers(1)[0], -1)
    if level == 1 and random.random() < 0.4:
        made["route"] = np.where(hollow & _mask(scene, size, 0.7), 1, 0)


def _ratings(scene: Scene, ring: Ring, made: Drafts) -> None:
    """Fives with texts from the ring's palette."""
    random, size, level = scene.random, len(made["shop"]), ring.level
    rates = _mask(
        scene,
        size,
        (random.uniform(0.5, 0.95), random.uniform(0.3, 0.8), random.uniform(0.2, 0.5))[level - 1],
    )
    made["rate"] = np.where(rates, 1, 0)
    made["stars"] = np.where(random.random(size) < 0.97, 5, 4)
    templates = int(random.integers(1, 7)) if level == 1 else int(random.integers(4, 16)) * level
    own = (random.uniform(0, 0.05), random.uniform(0.1, 0.35), random.uniform(0.35, 0.7))[level - 1]
    chosen = scene.palette(palette(random, templates), own)
    made["palette"] = np.where(rates & _mask(scene, size, 0.9), chosen, -1)
    soon = _mask(scene, size, (0.85, 0.5, 0.25)[level - 1])
    made["rate_delay"] = np.where(soon, spread(random, size, 90.0, 0.8).astype(np.int64) + 3, -1)


def _money_back(scene: Scene, ring: Ring, made: Drafts, numbers: Ints) -> None:
    """The price and a fee return to the accounts: from the shop at once, later, or through an organiser in lumps."""
    world, random, level = scene.world, scene.random, ring.level
    size = len(made["shop"])
    price = world.products.price[made["product"]] * made["quantity"]
    fee = np.round(random.uniform(4, 20, size) * 100 / 50) * 50
    back = np.round((price + fee) / 10).astype(np.int64) * 10
    organiser = scene.account()[0]
    payee = world.buyers.words[made["buyer"]]
    mixed = (0.9, 0.4, 0.0)[level - 1] > random.random()
    payer = world.shops.words[made["shop"]] if mixed else np.full(size, organiser, dtype=np.uint64)
    delay = spread(random, size, (0.2, 3.0, 6.0)[level - 1] * DAY, 0.8).astype(np.int64)
    at = made["created"] + delay + 600
    if level < 3:
        seen = random.random(size) < random.uniform(0.7, 1.0)
        scene.transfers.append(Transfers.of(payer[seen], payee[seen], back[seen], at[seen]))
    else:
        _lumps(scene, ring, payee, back, at, organiser)
    if not mixed:
        _funding(scene, ring, made["shop"], back, at, organiser)


def _lumps(scene: Scene, ring: Ring, payee: Words, back: Ints, at: Ints, organiser: np.uint64) -> None:
    """One transfer for several orders of an account, every so many days, less than all at times."""
    random = scene.random
    period = int(random.integers(5, 15)) * DAY
    turn = (at - ring.start) // period
    key = np.unique(np.column_stack([payee, turn.astype(np.uint64)]), axis=0, return_inverse=True)
    where = key[1].ravel()
    total = np.bincount(where, weights=back).astype(np.int64)
    total = np.round(total * random.uniform(0.9, 1.0, len(total)) / 100).astype(np.int64) * 100
    last = np.zeros(len(total), dtype=np.int64)
    np.maximum.at(last, where, at)
    last = last + random.integers(3600, 2 * DAY, len(last))
    payer = np.full(len(total), organiser, dtype=np.uint64)
    scene.transfers.append(Transfers.of(payer, key[0][:, 0].astype(np.uint64), total, last))


def _funding(scene: Scene, ring: Ring, shop: Ints, back: Ints, at: Ints, organiser: np.uint64) -> None:
    """The shops pay the organiser in round sums before."""
    random = scene.random
    for one in ring.shops:
        total = int(back[shop == one].sum())
        times = int(random.integers(1, 6))
        part = np.full(times, max(10_000, round(total * 1.08 / times / 10_000) * 10_000))
        when = np.sort(random.integers(ring.start - 2 * DAY, ring.end, times))
        payer = np.full(times, scene.world.shops.words[one], dtype=np.uint64)
        scene.transfers.append(Transfers.of(payer, np.full(times, organiser, dtype=np.uint64), part, when))


def _camouflage(scene: Scene, ring: Ring) -> None:
    """Some accounts of clumsy rings were made for it and buy nothing else; the world's activity covers the rest."""


def _mask(scene: Scene, size: int, share: float) -> Flags:
    return np.asarray(scene.random.random(size) < share)
