"""What honest people order, and what becomes of every order: paid, sent, signed, confirmed, returned."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chengxin.market import categories
from chengxin.market.buyers import TASTES, pick_shops
from chengxin.market.carriers import PREFIXES, SHARES
from chengxin.market.clock import moments
from chengxin.market.columns import money, network_addresses, time
from chengxin.market.drafts import Drafts, drafts
from chengxin.market.numbers import Flags, Floats, Generator, Ints, spread, texts, weighted
from chengxin.market.plan import CARRIERS, CHINA, DAY
from chengxin.market.quotes import DEARER_FOR_OLD, asked
from chengxin.market.shops import ENTRIES
from chengxin.market.world import World, product_of

LINK = ENTRIES.index("link")
AUTO_CONFIRM_DAYS = (10, 7, 15)
GROWTH_OF_WAYBILLS = 7


def honest(world: World, random: Generator, size: int, start: int, end: int) -> Drafts:
    """Drafts of what people order in a stretch of time by taste, habit and chance."""
    buyer = weighted(random, world.buyers.cumulated, size)
    month = int(np.datetime64(start + CHINA, "s").astype("datetime64[M]").astype(int) % 12) + 1
    season = weighted(random, np.cumsum(categories.season(month)), size)
    taste = world.buyers.taste[buyer, random.integers(0, TASTES, size)]
    shop = pick_shops(random, world.shops, np.where(random.random(size) < 0.6, taste, season))
    favourites = world.buyers.favourite.shape[1]
    liked = np.minimum(random.geometric(0.4, size) - 1, favourites - 1)
    loyal = random.random(size) < world.buyers.faithful[buyer] * 0.75
    shop = np.where(loyal, world.buyers.favourite[buyer, liked], shop).astype(np.int64)
    created = moments(random, size, start, end)
    late = created < world.shops.opened[shop]
    created[late] = np.minimum(
        world.shops.opened[shop][late] + random.integers(0, 10 * DAY, int(late.sum())), end - 1
    )
    again = loyal & (random.random(size) < 0.4)
    chance = np.where(again, ((buyer * 7919 + shop * 104729) % 1009) / 1009, random.random(size))
    kept = created >= world.shops.opened[shop]
    made = drafts(size, shop=shop, buyer=buyer, product=product_of(world, shop, chance), created=created)
    made["looks"][again] = random.integers(0, 2, int(again.sum()))
    return {name: column[kept] for name, column in made.items()}


def decided(world: World, random: Generator, made: Drafts) -> Drafts:
    """The drafts with every open decision of the buyer taken as people take them."""
    size, shop, buyer = len(made["shop"]), made["shop"], made["buyer"]
    category = world.shops.category[shop]
    price = world.products.price[made["product"]]
    out = dict(made)
    many = np.where(price < 6000, 0.55, 0.8)
    out["quantity"] = _open(made["quantity"], np.minimum(random.geometric(many, size), 20))
    entry = (random.random(size)[:, None] > world.shops.entries[shop]).sum(axis=1)
    out["entry"] = _open(made["entry"], np.minimum(entry, 4))
    pace = np.array([1.0, 0.8, 0.45, 0.3, 0.7])[out["entry"]]
    dwell = spread(random, size, categories.facts("dwell")[category] * pace, 0.9)
    dwell = np.where(
        (out["entry"] == LINK) & (random.random(size) < 0.45), random.exponential(3.0, size), dwell
    )
    dwell = np.where(out["looks"] == 0, dwell * 0.35, dwell)
    out["dwell"] = _open(made["dwell"], np.round(np.clip(dwell, 0, 7200), 1))
    looks = random.geometric(0.5, size) - 1 + (categories.facts("price")[category] > 150)
    looks = np.where((out["entry"] == LINK) & (random.random(size) < 0.6), 0, looks)
    out["looks"] = _open(made["looks"], np.minimum(looks, 12))
    second = random.random(size) < 0.1
    own = world.buyers.device[buyer] + np.where(second, world.buyers.count, 0)
    out["device"] = _open(made["device"], own)
    at_home = random.random(size) < 0.62
    out["ip"] = _open(made["ip"], np.where(at_home, world.buyers.home_ip[buyer], world.buyers.road_ip[buyer]))
    other = random.random(size) < 0.05
    elsewhere = random.integers(0, world.buyers.count, size)
    address = world.buyers.household[np.where(other, elsewhere, buyer)]
    region = world.buyers.region[np.where(other, elsewhere, buyer)]
    out["region"] = np.where(made["address"] < 0, _open(made["region"], region), made["region"])
    out["region"] = _open(out["region"], world.buyers.region[buyer])
    out["address"] = _open(made["address"], address)
    return out


def _open(decided: NDArray[Any], otherwise: NDArray[Any]) -> NDArray[Any]:
    return np.where(decided < 0, otherwise, decided).astype(decided.dtype)


def lives(world: World, random: Generator, made: Drafts) -> Drafts:
    """The drafts with their amount in fen, times of payment and shipping, carrier and what is cancelled."""
    size, shop = len(made["shop"]), made["shop"]
    out = dict(made)
    goods, product = world.products, made["product"]
    price = goods.price[product]
    faulty = (made["created"] >= goods.fault_from[product]) & (made["created"] < goods.fault_until[product])
    out["let_down"] = faulty & (random.random(size) < goods.fault[product]) & (made["scheme"] < 0)
    factor = np.where(made["price_factor"] < 0, _asked(world, made), made["price_factor"])
    coupon = np.where(random.random(size) < 0.2, random.choice([200, 300, 500, 1000, 2000], size), 0)
    gross = np.round(price * factor / 10) * 10 * made["quantity"]
    out["amount"] = np.where(gross > coupon * 5, gross - coupon, gross).clip(100).astype(np.int64)
    cancelled = _chance(random, made["cancel"], np.full(size, 0.035))
    unpaid = cancelled & (random.random(size) < 0.6)
    out["paid"] = np.where(
        unpaid, -1, made["created"] + np.ceil(random.exponential(40, size)).astype(np.int64) + 2
    )
    waits = spread(random, size, world.shops.ship_hours[shop], 0.5) * 3600
    ready = out["paid"] + np.where(made["ship_delay"] < 0, waits, made["ship_delay"]).astype(np.int64)
    out["shipped"] = np.where(
        made["ship_delay"] < 0, _collected(random, ready, world.shops.batch_hour[shop]), ready
    )
    out["shipped"][cancelled] = -1
    out["cancelled"] = cancelled
    out["carrier"] = _carrier(world, random, shop)
    out["sent"] = out["shipped"] >= 0
    return out


def _asked(world: World, made: Drafts) -> Floats:
    """What part of the usual price each buyer was asked: some shops take more from those who come again."""
    product = made["product"]
    factor = asked(world, product, made["created"])
    rows = np.flatnonzero(world.products.trick[product] == DEARER_FOR_OLD)
    knows = (world.buyers.favourite[made["buyer"][rows]] == made["shop"][rows][:, None]).any(axis=1)
    factor[rows] *= np.where(knows, 1 + world.products.trick_size[product[rows]], 1.0)
    return factor


def _collected(random: Generator, ready: Ints, batch_hour: Floats) -> Ints:
    """When the courier comes: shops with a batch hand over everything once a day, others when he passes
    by."""
    local = ready + CHINA
    due = local // DAY * DAY + (batch_hour * 3600).astype(np.int64) + random.integers(-900, 900, len(ready))
    batch = np.where(due < local, due + DAY, due)
    hour = local % DAY // 3600
    night = (hour < 8) | (hour >= 21)
    morning = (local - 8 * 3600) // DAY * DAY + DAY + 8 * 3600 + random.integers(0, 5 * 3600, len(ready))
    single = np.where(night, morning, local)
    return np.where(batch_hour >= 0, batch, single).astype(np.int64) - CHINA


def _carrier(world: World, random: Generator, shop: Ints) -> Ints:
    """A shop has one carrier for most parcels."""
    usual = (world.shops.words[shop] % np.uint64(997)).astype(np.float64) / 997
    chance = np.where(random.random(len(shop)) < 0.85, usual, random.random(len(shop)))
    return np.minimum(np.searchsorted(SHARES, chance, side="right"), len(CARRIERS) - 1).astype(np.int64)


def _chance(random: Generator, decided: Ints, share: Floats) -> Flags:
    """Whether it happens: as decided, or by chance."""
    return np.asarray(np.where(decided < 0, random.random(len(decided)) < share, decided == 1))


def ended(world: World, random: Generator, made: Drafts) -> Drafts:
    """The drafts with confirmation, refunds and status, seen from the last second of the market."""
    size, shop, end = len(made["shop"]), made["shop"], world.plan.end
    out = dict(made)
    quick = random.random(size) < world.buyers.quick_to_confirm[made["buyer"]] * 0.6
    never = random.random(size) < 0.5
    wait = spread(random, size, 20.0 * 3600, 1.2)
    wait = np.where(quick, spread(random, size, 900.0, 1.0), wait)
    automatic = np.array(AUTO_CONFIRM_DAYS)[world.shops.platform[shop] % 3] * DAY
    wait = np.where(never & ~quick, automatic, np.minimum(wait, automatic))
    wait = np.where(made["confirm_delay"] < 0, wait, made["confirm_delay"])
    arrived = made["sent"] & (made["signed_at"] >= 0)
    received = np.maximum(made["signed_at"] + wait.astype(np.int64), made["shipped"])
    received = np.where(arrived, received, -1)
    share = categories.facts("returned")[world.shops.category[shop]]
    share = np.clip(share * np.exp(-0.35 * world.shops.quality[shop]), 0.003, 0.5)
    share = share + made["let_down"] * 0.5
    refunded = _chance(random, made["refund"], share) & arrived
    refund_at = made["signed_at"] + spread(random, size, 2.2 * DAY, 0.7).astype(np.int64)
    refund_at = np.where(
        made["cancelled"] & (made["paid"] >= 0),
        made["paid"] + spread(random, size, 3600.0, 1.0).astype(np.int64),
        refund_at,
    )
    partly = random.random(size) < 0.12
    part = np.where(
        partly, np.round(random.uniform(0.1, 0.7, size) * made["amount"] / 100) * 100, made["amount"]
    )
    refund = np.where(refunded, np.maximum(part, 100), 0)
    refund = np.where(made["cancelled"] & (made["paid"] >= 0), made["amount"], refund)
    known = refund_at < end
    out["refund_fen"] = np.where(known, np.minimum(refund, made["amount"]), 0).astype(np.int64)
    out["refund_at"] = np.where(out["refund_fen"] > 0, refund_at, -1)
    whole = out["refund_fen"] == made["amount"]
    out["received"] = np.where(
        (received >= 0) & (received < end) & ~(whole & (refund_at < received)), received, -1
    )
    for name in ("paid", "shipped"):
        out[name] = np.where(made[name] < end, made[name], -1)
    status = np.select(
        [made["cancelled"], out["refund_fen"] == made["amount"], out["received"] >= 0, out["shipped"] >= 0],
        [3, 4, 2, 1],
        0,
    )
    out["status"] = status
    return out


STATUS = ("paid", "shipped", "received", "cancelled", "refunded")


def frame(world: World, random: Generator, made: Drafts) -> pl.DataFrame:
    """The lake's table of orders."""
    size, shop = len(made["shop"]), made["shop"]
    sent = made["shipped"] >= 0
    unknown = random.random(size)
    gtin = world.products.gtin[made["product"]]
    return pl.DataFrame(
        {
            "order_id": texts(world.words("order", made["number"])),
            "platform": world.platforms.gather(world.shops.platform[shop]),
            "seller_id": world.shops.ids.gather(shop),
            "buyer_id": texts(world.buyers.words[made["buyer"]]),
            "product_id": world.products.ids.gather(made["product"]),
            "gtin": texts(gtin, gtin < 0),
            "quantity": made["quantity"],
            "amount": money(made["amount"]),
            "created_at": time(made["created"]),
            "paid_at": time(made["paid"]),
            "shipped_at": time(made["shipped"]),
            "received_at": time(made["received"]),
            "status": pl.Series(STATUS).gather(made["status"]),
            "refund_amount": money(made["refund_fen"]),
            "buyer_device": texts(world.words("device", made["device"]), unknown < 0.02),
            "buyer_ip": network_addresses(world.plan.seed, made["ip"]),
            "address_hash": texts(world.words("address", made["address"])),
            "waybill_no": waybills(made).set(pl.Series(~sent), None),
            "carrier": world.carrier_names.gather(made["carrier"]).set(pl.Series(~sent), None),
            "entry": pl.Series(ENTRIES).gather(made["entry"]),
            "dwell_s": pl.Series(made["dwell"]).set(pl.Series(random.random(size) < 0.04), None),
        }
    )


def waybills(made: Drafts) -> pl.Series:
    """The waybill numbers: carriers hand them out upwards, so what is sent together has neighbouring ones."""
    return pl.select(
        pl.concat_str(pl.Series(PREFIXES).gather(made["carrier"]), pl.Series(made["waybill"]).cast(pl.String))
    ).to_series()
