"""Parcels and their way: weights, scans through depots at speeds that lorries and planes reach, couriers
who sign off."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chengxin.market.carriers import FLIES, ROAD_KMH
from chengxin.market.columns import time
from chengxin.market.drafts import Drafts
from chengxin.market.numbers import Flags, Floats, Generator, Ints, spread, texts
from chengxin.market.orders import GROWTH_OF_WAYBILLS, waybills
from chengxin.market.plan import CHINA, DAY
from chengxin.market.world import World

# How a parcel really goes, or is said to have gone.
ROUTES = (
    "as it goes",
    "no depots",
    "too fast",
    "signed elsewhere",
    "before the order",
    "few depots",
    "too fast in part",
)
EVENTS = ("collected", "departed", "arrived", "departed", "arrived", "departed", "out_for_delivery", "signed")
COLLECTED, SIGNED, DELIVERY = 0, 7, 6
AIR_KMH = 560.0
FLIGHT_FROM_KM = 700.0
REROUTED = 0.004
STATIONS = 0.35  # of the addresses have their parcels signed at a village station or a locker


def sent(world: World, random: Generator, made: Drafts, first_waybill: int) -> tuple[Drafts, NDArray[Any]]:
    """The drafts with waybill, parcel and time of signing, and each parcel's times at eight points (−1: not
    there).

    Points are those of EVENTS: collected, through the depots of the sender's city, the provinces and the
    receiver's city, out for delivery, signed.
    """
    size, out = len(made["shop"]), dict(made)
    origin = np.where(made["origin"] < 0, world.shops.origin[made["shop"]], made["origin"])
    destination = np.where(made["destination"] < 0, made["region"], made["destination"])
    out["origin"], out["destination"] = origin, destination
    out["sender"] = np.where(made["sender"] < 0, world.shops.sender[made["shop"]], made["sender"])
    out["addressed"] = np.where(made["route"] == 3, made["region"], destination)
    _rerouted(world, random, out)
    out["receiver"] = np.where(made["receiver"] < 0, made["address"], made["receiver"])
    goods = world.products.weight[made["product"]] * made["quantity"] * spread(random, size, 1.06, 0.09)
    weight = np.where(made["weight"] < 0, goods + random.uniform(8, 60, size), made["weight"])
    out["weight"] = np.maximum(np.round(weight / 10) * 10, 10)
    out["courier"] = np.where(made["courier"] < 0, _courier(world, random, out), made["courier"])
    seldom = world.carriers.visit_days[out["courier"]] > 1
    out["at_station"] = seldom | (world.words("station", out["receiver"]) % np.uint64(1000) < STATIONS * 1000)
    out["waybill"] = _numbers(random, out, first_waybill)
    _false_signings(world, random, out)
    times = _times(world, random, out)
    out["signed_at"] = np.where(made["sent"], times[:, SIGNED], -1)
    return out, times


def _rerouted(world: World, random: Generator, out: Drafts) -> None:
    """Some have a parcel sent after them to a neighbouring county."""
    rows = np.flatnonzero((random.random(len(out["shop"])) < REROUTED) & (out["route"] == 0))
    others = (out["destination"][rows] + random.integers(1, 4, len(rows))) % world.places.count
    near = world.places.province[others] == world.places.province[out["destination"][rows]]
    out["destination"][rows] = np.where(near, others, out["destination"][rows])


def _courier(world: World, random: Generator, out: Drafts) -> Ints:
    """The courier of a round: an address mostly has the same one."""
    count = world.carriers.couriers[out["carrier"], out["destination"]]
    usual = (world.words("round", out["receiver"]) % np.uint64(1 << 20)).astype(np.int64)
    other = random.integers(0, 1 << 20, len(usual))
    turn = np.where(random.random(len(usual)) < 0.88, usual, other) % count
    return world.carriers.first[out["carrier"], out["destination"]] + turn


def _numbers(random: Generator, out: Drafts, first: int) -> Ints:
    """Waybill numbers upwards in time of collection, with gaps."""
    rank = np.empty(len(out["shop"]), dtype=np.int64)
    rank[np.lexsort((out["sender"], out["shipped"]))] = np.arange(len(rank))
    return (
        73_0000_0000_0000
        + (first + rank) * GROWTH_OF_WAYBILLS
        + random.integers(0, GROWTH_OF_WAYBILLS, len(rank))
    )


def _times(world: World, random: Generator, out: Drafts) -> NDArray[Any]:
    """Epoch seconds of the eight points, −1 where a parcel does not pass."""
    size = len(out["shop"])
    places, origin, destination, carrier = world.places, out["origin"], out["destination"], out["carrier"]
    near = places.city[origin] == places.city[destination]
    same = places.province[origin] == places.province[destination]
    stops = points(world, origin, destination)
    times = np.full((size, 8), -1, dtype=np.int64)
    at = out["shipped"].copy()
    times[:, COLLECTED] = at
    flies = random.random(size) < np.array(FLIES)[carrier]
    road = np.array(ROAD_KMH)[carrier]
    place = origin
    for point in range(1, 6):
        there = stops[:, point]
        used = np.ones(size, dtype=bool) if point in {1, 4} else ~near if point == 5 else ~same
        used = used & ~(near & (point == 1))
        distance = places.distance_km(place, there)
        speed = np.where(flies & (distance > FLIGHT_FROM_KM), AIR_KMH, road)
        drive = (distance * 1.25 / speed * 3600 * random.uniform(1.0, 1.25, size)).astype(np.int64)
        halt = spread(random, size, 5400.0 if point in {1, 3, 5} else 1500.0, 0.7).astype(np.int64)
        at = np.where(used, at + drive + halt, at)
        times[:, point] = np.where(used, at, -1)
        place = np.where(used, there, place)
    drive = (places.distance_km(place, destination) * 1.3 / road * 3600).astype(np.int64)
    at = at + drive + random.integers(900, 7200, size)
    times[:, DELIVERY] = _wave(random, at)
    signed = times[:, DELIVERY] + np.clip(spread(random, size, 7200.0, 0.7), 300, 9 * 3600).astype(np.int64)
    times[:, SIGNED] = np.where(out["at_station"], _station(world, random, out, times[:, DELIVERY]), signed)
    _forge(world, random, out, times)
    _sign_falsely(world, random, out, times)
    times[~out["sent"]] = -1
    return times


def _false_signings(world: World, random: Generator, out: Drafts) -> None:
    """Picks the parcels that forging couriers sign without handing them over; many who wait for one are let
    down."""
    number = world.carriers.forger[out["courier"]]
    falsely = (number >= 0) & (random.random(len(number)) < world.carriers.forged[out["courier"]])
    falsely &= (out["forged"] < 0) & (out["scheme"] < 0) & out["sent"]
    out["forged"] = np.where(falsely, number, out["forged"])
    out["let_down"] = out["let_down"] | (falsely & (random.random(len(number)) < 0.25))
    out["falsely"] = falsely


def _sign_falsely(world: World, random: Generator, out: Drafts, times: NDArray[Any]) -> None:
    """Clumsy couriers sign all of a day in seconds before they set out; better ones in small batches, some
    hours early."""
    rows = np.flatnonzero(out["falsely"])
    courier, ready = out["courier"][rows], times[rows, DELIVERY]
    way = world.carriers.sign_way[courier]
    day = (ready + CHINA) // DAY
    batch = (world.words("batch", courier * 100_003 + day) % np.uint64(3600)).astype(np.int64)
    start = day * DAY - CHINA + 8 * 3600 + batch
    early = np.maximum(ready - random.integers(0, 1800, len(rows)), times[rows, COLLECTED] + 3600)
    at_once = np.maximum(start + random.integers(0, 180, len(rows)), early)
    small = ready // 5400 * 5400 + batch % 1200 + random.integers(0, 90, len(rows))
    signed = np.where(
        way == 1, at_once, np.where(way == 2, np.maximum(small, early), ready + 60 + batch // 4)
    )
    times[rows, SIGNED] = signed
    unseen = (way == 1) & (random.random(len(rows)) < 0.6)
    times[rows, DELIVERY] = np.where(unseen, -1, np.minimum(ready, signed - 30))


def _wave(random: Generator, ready: Ints) -> Ints:
    """The next round that leaves the station: in the morning or after noon, China time."""
    local = ready + CHINA
    day, second = local // DAY * DAY, local % DAY
    early = second < 8 * 3600
    noon = second < 14 * 3600
    start = np.where(early, day + 8 * 3600, np.where(noon, day + 14 * 3600, day + DAY + 8 * 3600))
    return np.asarray(start + random.integers(-1800, 3600, len(ready)), dtype=np.int64).clip(ready) - CHINA


def _station(world: World, random: Generator, out: Drafts, delivery: Ints) -> Ints:
    """When a courier signs off what he leaves at a station: everything of a round within a few minutes."""
    day = (delivery + CHINA) // DAY
    pause = world.carriers.visit_days[out["courier"]]
    day = day + (-day) % pause
    visit = world.words("visit", out["courier"] * 100_003 + day * 7) % np.uint64(4 * 3600)
    afternoon = (delivery + CHINA) % DAY > 12 * 3600
    at = day * DAY + np.where(afternoon, 15.5, 10.2) * 3600 + visit.astype(np.int64) - CHINA
    signed = at.astype(np.int64) + random.integers(0, 240, len(day))
    return np.asarray(np.maximum(signed, delivery + 120), dtype=np.int64)


def _forge(world: World, random: Generator, out: Drafts, times: NDArray[Any]) -> None:
    """Scans that never were: what the routes of schemes leave out or invent."""
    route = out["route"]
    bare = (route == 1) | ((route == 5) & (random.random(len(route)) < 0.5))
    times[bare, 1:6] = -1
    for kind, least, most in ((2, 0.03, 0.25), (6, 0.2, 0.5)):
        rows = np.flatnonzero(route == kind)
        start = times[rows, COLLECTED][:, None]
        factor = random.uniform(least, most, len(rows))[:, None]
        passed = times[rows] >= 0
        times[rows] = np.where(passed, start + ((times[rows] - start) * factor).astype(np.int64), -1)
    rows = np.flatnonzero(route == 4)
    early = random.integers(3600, 2 * DAY, len(rows)) + (out["shipped"] - out["created"])[rows]
    times[rows] = np.where(times[rows] >= 0, times[rows] - early[:, None], -1)
    decided = out["signed"] >= 0
    times[decided, SIGNED] = np.maximum(out["signed"][decided], times[decided, COLLECTED] + 600)


def points(world: World, origin: Ints, destination: Ints) -> NDArray[Any]:
    """The counties in which the eight points of a parcel's way lie."""
    places = world.places
    city = np.unique(places.city, return_index=True)[1]
    province = np.unique(places.province, return_index=True)[1]
    home, away = city[places.city[origin]], city[places.city[destination]]
    far = province[places.province[destination]]
    near = province[places.province[origin]]
    return np.stack([origin, home, near, far, away, away, destination, destination], axis=1)


def parcels(world: World, random: Generator, made: Drafts) -> pl.DataFrame:
    """The lake's table of parcels."""
    size = len(made["shop"])
    senders = world.words("sender", made["sender"])
    return pl.DataFrame(
        {
            "waybill_no": waybills(made),
            "carrier": world.carrier_names.gather(made["carrier"]),
            "order_id": texts(world.words("order", made["number"]), random.random(size) < 0.01),
            "sender_id": texts(senders, random.random(size) < 0.01),
            "sender_region": world.places.codes.gather(made["origin"]),
            "sender_address_hash": texts(world.words("sender address", made["sender"])),
            "receiver_region": world.places.codes.gather(made["addressed"]),
            "receiver_address_hash": texts(world.words("address", made["receiver"])),
            "weight_g": pl.Series(made["weight"]).set(pl.Series(random.random(size) < 0.02), None),
            "created_at": time(np.maximum(made["shipped"] - random.integers(60, 5400, size), made["paid"])),
        }
    )


def scans(world: World, random: Generator, made: Drafts, times: NDArray[Any]) -> pl.DataFrame:
    """The lake's table of scans: what the depots and couriers recorded before the market's last second."""
    stops = points(world, made["origin"], made["destination"])
    happened = (times >= 0) & (times < world.plan.end)
    missed = (
        random.random(times.shape)
        < world.carriers.skipped[made["carrier"][:, None], world.places.city[stops]]
    )
    missed[:, [COLLECTED, SIGNED]] = False
    row, point = np.nonzero(happened & ~missed)
    stop, carrier = stops[row, point], made["carrier"][row]
    city = world.places.city[stop]
    depot = (point >= 1) & (point <= 5)
    facility = np.where(depot, 1_000_000 + city, stop) * 10 + carrier
    courier = np.where(point >= DELIVERY, made["courier"][row], _collector(world, made, row))
    unknown: Flags = random.random(len(row)) < 0.02
    latitude, longitude = _positions(world, random, made, row=row, point=point, stop=stop)
    return pl.DataFrame(
        {
            "waybill_no": waybills(made).gather(row),
            "carrier": world.carrier_names.gather(carrier),
            "event": pl.Series(EVENTS).gather(point),
            "facility": texts(world.words("facility", facility), random.random(len(row)) < 0.01),
            "region": world.places.codes.gather(stop),
            "at": time(
                np.maximum(times[row, point] + np.where(depot, world.carriers.clock[carrier, city], 0), 0)
            ),
            "courier_id": texts(world.words("courier", courier), depot),
            "lat": pl.Series(np.round(latitude, 5)).set(pl.Series(unknown), None),
            "lon": pl.Series(np.round(longitude, 5)).set(pl.Series(unknown), None),
        }
    )


def _collector(world: World, made: Drafts, row: Ints) -> Ints:
    """The courier who fetches parcels from a sender."""
    origin, carrier = made["origin"][row], made["carrier"][row]
    count = world.carriers.couriers[carrier, origin]
    turn = (world.words("round", made["sender"][row]) % np.uint64(1 << 20)).astype(np.int64) % count
    return world.carriers.first[carrier, origin] + turn


def _positions(
    world: World, random: Generator, made: Drafts, *, row: Ints, point: Ints, stop: Ints
) -> tuple[Floats, Floats]:
    """Positions in degrees: depots stand still, doors lie around the county's centre."""
    who = np.where(point == COLLECTED, made["sender"][row] + 7, made["receiver"][row])
    at_station = (point == SIGNED) & made["at_station"][row]
    door = world.words("door", np.where(at_station, -1 - made["courier"][row] % 5, who))
    at_depot = made["falsely"][row] & (world.carriers.sign_way[made["courier"][row]] < 3)
    near = (point == COLLECTED) | ((point == SIGNED) & ~at_depot)
    north = ((door % np.uint64(2001)).astype(np.float64) / 1000 - 1) * 0.06 * near
    east = (((door >> np.uint64(20)) % np.uint64(2001)).astype(np.float64) / 1000 - 1) * 0.06 * near
    blur = random.normal(0, 0.0008, (2, len(row)))
    return world.places.latitude[stop] + north + blur[0], world.places.longitude[stop] + east + blur[1]
