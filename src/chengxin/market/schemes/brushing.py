"""Brushing: rings of accounts that buy from rings of shops, and lone shops that buy from themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chengxin.market import traffic
from chengxin.market.clock import moments
from chengxin.market.drafts import Drafts, drafts
from chengxin.market.money import Transfers
from chengxin.market.numbers import Flags, Floats, Ints, Words, spread
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
    few, many = (8.0, 40.0) if lone and level == 3 else (3.0, 14.0) if lone else (5.0, 60.9)
    few = max(few, shops * (1.5, 2, 3)[level - 1])
    buyers = max(3, min(int(np.exp(random.uniform(np.log(few), np.log(many)))), buyers_left))
    platform = int(scene.world.shops.platform[random.integers(0, scene.world.shops.count)])
    chosen = scene.free_shops(shops, platform=platform)
    number, scheme = scene.scheme(
        "lone brushing" if lone else "brushing ring",
        level,
        ratings=("inflated_ratings",),
        waybills=("empty_parcels", "forged_logistics"),
    )
    days = int(np.exp(random.uniform(np.log(10), np.log(100))))
    length = min(plan.end - plan.start - 5 * DAY, days * DAY)
    start = plan.start + int(random.integers(0, max(1, plan.end - plan.start - length)))
    start = max(start, int(scene.world.shops.opened[chosen].max()) + DAY)
    volume = scene.world.shops.weight[chosen] / scene.world.shops.weight.sum() * plan.orders
    wanted = np.clip(volume * np.exp(random.normal(-0.7, 0.6, len(chosen))), 12, None)
    each = (random.uniform(5, 30), random.uniform(4, 12), random.uniform(3, 8))[level - 1]
    wanted = wanted * min(1.0, each * buyers / wanted.sum())
    ring = Ring(
        number,
        level,
        chosen,
        scene.free_buyers(buyers),
        start,
        min(start + length, plan.end),
        int(wanted.sum()),
    )
    made = _orders(scene, ring, wanted)
    scene.order(made)
    money_back(scene, ring, made)
    scene.blame_sellers("brushing", chosen, scheme)
    seen = np.unique(
        np.column_stack([made["buyer"], scene.world.shops.platform[made["shop"]]]), axis=0, return_index=True
    )[1]
    scene.blame_buyers("brushing", made["buyer"][seen], made["shop"][seen], scheme)
    return len(chosen), buyers


def _orders(scene: Scene, ring: Ring, wanted: Floats) -> Drafts:
    world, random = scene.world, scene.random
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
    made["cancel"] = np.where(random.random(size) < (0.0, 0.3, 0.7)[ring.level - 1], -1, 0)
    made["refund"] = np.where(random.random(size) < 0.02, 1, 0)
    _devices(scene, ring, made)
    _behaviour(scene, ring, made)
    _parcels(scene, ring, made)
    rate_as_told(scene, ring, made)
    _browsing(scene, ring, shop)
    return made


def _browsing(scene: Scene, ring: Ring, shop: Ints) -> None:
    """Good rings see to it that their shops are looked at as often as is usual for what they sell."""
    world, random = scene.world, scene.random
    size = int(len(shop) * (0, random.uniform(0, 1.2), random.uniform(0.8, 2.4))[ring.level - 1])
    if not size:
        return
    seen = traffic.browsing(world, random, size, ring.start, ring.end)
    count = len(seen["at"])
    seen["shop"] = random.choice(shop, count)
    seen["product"] = product_of(world, seen["shop"], random.random(count))
    member = random.random(count) < random.uniform(0.2, 0.7)
    who = random.choice(ring.buyers, count)
    seen["visitor"] = np.where(member, world.buyers.words[who], seen["visitor"])
    seen["device"] = np.where(member, world.buyers.device[who], seen["device"])
    seen["ip"] = np.where(member, world.buyers.home_ip[who], seen["ip"])
    scene.visits.append(seen)


def _when(scene: Scene, ring: Ring, size: int) -> Ints:
    """Clumsy rings order in a few sittings, in even steps; careful ones spread out; the best are like
    people."""
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
        made["region"] = np.where(together, scene.world.buyers.region[ring.buyers[0]], -1)


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
        made["origin"] = np.where(hollow, scene.world.shops.origin[ring.shops[0]], -1)
    if level == 1 and random.random() < 0.4:
        made["route"] = np.where(hollow & _mask(scene, size, 0.7), 1, 0)


def rate_as_told(scene: Scene, ring: Ring, made: Drafts) -> None:
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


def money_back(scene: Scene, ring: Ring, made: Drafts) -> None:
    """The price and a fee return to the accounts: from the shop at once, later, or through an organiser in
    lumps."""
    world, random, level = scene.world, scene.random, ring.level
    size = len(made["shop"])
    price = world.products.price[made["product"]] * made["quantity"]
    fee = np.round(random.uniform(4, 20, size) * 100 / 50) * 50
    back = np.round((price + fee) / 10).astype(np.int64) * 10
    payers = scene.accounts((1, int(random.integers(1, 3)), int(random.integers(1, 6)))[level - 1])
    direct = (0.9, 0.4, 0.0)[level - 1] > random.random()
    payer = world.shops.words[made["shop"]] if direct else payers[made["buyer"] % len(payers)]
    delay = spread(random, size, (0.2, 3.0, 6.0)[level - 1] * DAY, 0.8).astype(np.int64)
    seen = np.flatnonzero(random.random(size) < random.uniform(0.7, 1.0))
    at = made["created"] + delay + 600
    owed = Transfers.of(payer[seen], world.buyers.words[made["buyer"][seen]], back[seen], at[seen])
    scene.transfers.append(_lumps(scene, ring, owed) if level == 3 else owed)
    if not direct:
        _funding(scene, ring, np.bincount(made["shop"], weights=back).astype(np.float64), payers)


def _lumps(scene: Scene, ring: Ring, owed: Transfers) -> Transfers:
    """One transfer for several orders of an account, every so many days, less than all at times."""
    random = scene.random
    period = int(random.integers(5, 15)) * DAY
    turn = ((owed.at - ring.start) // period).astype(np.uint64)
    pairs, where = np.unique(np.column_stack([owed.payer, owed.payee, turn]), axis=0, return_inverse=True)
    total = np.bincount(where.ravel(), weights=owed.amount)
    total = np.round(total * random.uniform(0.9, 1.0, len(total)) / 100).astype(np.int64) * 100
    last = np.zeros(len(total), dtype=np.int64)
    np.maximum.at(last, where.ravel(), owed.at)
    last = last + random.integers(3600, 2 * DAY, len(last))
    return Transfers.of(pairs[:, 0], pairs[:, 1], total, last)


def _funding(scene: Scene, ring: Ring, owed: Floats, payers: Words) -> None:
    """The shops pay those who pay the accounts, in round sums."""
    random, words = scene.random, scene.world.shops.words
    for one in ring.shops[ring.shops < len(owed)]:
        times = int(random.integers(1, 6))
        part = np.full(times, max(10_000, round(owed[one] * 1.08 / times / 10_000) * 10_000))
        when = random.integers(ring.start - 2 * DAY, ring.end, times)
        scene.transfers.append(
            Transfers.of(np.full(times, words[one]), random.choice(payers, times), part, when)
        )


def _mask(scene: Scene, size: int, share: float) -> Flags:
    return np.asarray(scene.random.random(size) < share)
