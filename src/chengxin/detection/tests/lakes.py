"""Small lakes for tests: rows as dictionaries, written as files, read by the real engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from chengxin.detection.declaring import Lead
from chengxin.detection.detectors import detector
from chengxin.detection.running import Found, run
from chengxin.lake.engines import DuckEngine
from chengxin.lake.reading import Lake, open_lake

Rows = Iterable[Mapping[str, Any]]


def written(folder: Path, **tables: Rows | pl.DataFrame) -> Path:
    """Each table as one plain Parquet file in the folder of its name; returns the lake's folder."""
    for name, rows in tables.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(list(rows), infer_schema_length=None)
        frame.write_parquet(folder / name / "part.parquet")
    return folder


@contextmanager
def opened(folder: Path) -> Iterator[Lake]:
    """The lake on DuckDB."""
    engine = DuckEngine(threads=1)
    try:
        yield open_lake(folder, engine)
    finally:
        engine.close()


def found(folder: Path, *names: str) -> Found:
    """What these detectors find in the lake."""
    with opened(folder) as lake:
        return run(lake, [detector(name) for name in names])


def scores(leads: Iterable[Lead], entity: str) -> dict[str, float]:
    """The score of each entity of that kind, by its id."""
    return {one.entity_id: one.score for one in leads if one.entity == entity}


PLACES = {
    "350102": (26.08, 119.30),
    "350103": (26.05, 119.32),
    "350203": (24.45, 118.08),
    "350206": (24.51, 118.14),
    "350502": (24.91, 118.59),
    "440106": (23.13, 113.33),
}
"""Counties of four cities in two provinces, with rough positions."""

SPRING = 1_772_323_200
"""The first of March 2026, midnight UTC."""

Shipments = dict[str, list[dict[str, Any]]]


def shipments(shops: int = 12, each: int = 60) -> Shipments:
    """Honest orders with parcels and scans: every shop sends goods of three kinds from a place of its own, by
    one carrier, through the depots of both cities; the couriers of the county sign at the door within hours.

    Rows of one order have the same position in `orders` and `parcels`; `scans` name the waybill.
    """
    chance = np.random.default_rng(7)
    made: Shipments = {"orders": [], "parcels": [], "scans": [], "listings": []}
    regions = list(PLACES)
    for shop in range(shops):
        for goods in range(3):
            made["listings"].append(
                {"product_id": f"p{shop}.{goods}", "seller_id": f"s{shop}", "platform": "harbour",
                 "title": "茶", "category": "茶叶" if shop % 2 else "酒水", "at": moment(0)}
            )  # fmt: skip
        for number in range(each):
            at = SPRING + int(chance.integers(0, 25 * 86400))
            _ship(made, chance, (shop, number), at, regions[int(chance.integers(0, len(regions)))])
    return made


def _ship(made: Shipments, chance: np.random.Generator, which: tuple[int, int], at: int, to: str) -> None:
    shop, number = which
    name, goods, home = f"{shop}-{number}", number % 3, list(PLACES)[shop % len(PLACES)]
    order = {
        "order_id": f"o{name}", "platform": "harbour", "seller_id": f"s{shop}", "buyer_id": f"b{name}",
        "product_id": f"p{shop}.{goods}", "quantity": 1, "amount": 50.0, "created_at": moment(at),
        "status": "received", "refund_amount": 0.0, "address_hash": f"home {name}", "carrier": "swift",
        "waybill_no": f"W{shop:02d}{number * 37:06d}",
    }  # fmt: skip
    collected = at + int(chance.integers(2, 20)) * 3600
    made["orders"].append(order)
    made["parcels"].append(
        {
            "waybill_no": order["waybill_no"], "carrier": "swift", "order_id": order["order_id"],
            "sender_id": f"sender {shop}", "sender_region": home, "sender_address_hash": f"store {shop}",
            "receiver_region": to, "receiver_address_hash": order["address_hash"],
            "weight_g": float(round((600 + 500 * goods) * chance.uniform(0.93, 1.07), -1)),
            "created_at": moment(collected - 600),
        }
    )  # fmt: skip
    door = [PLACES[to][0] + chance.uniform(0.01, 0.04), PLACES[to][1] + chance.uniform(0.01, 0.04)]
    hours = 4 + distance_km(PLACES[home], PLACES[to]) / 40 * chance.uniform(1.0, 1.3)
    signed = collected + int((hours + 6 + chance.uniform(0.5, 5)) * 3600)
    courier = f"c{to}.{int(chance.integers(0, 3))}"
    for event, region, moved, who, position in (
        ("collected", home, collected, f"c{home}.9", PLACES[home]),
        ("departed", home, collected + 2 * 3600, None, PLACES[home]),
        ("arrived", to, collected + int(hours * 3600), None, PLACES[to]),
        ("out_for_delivery", to, signed - int(chance.integers(1800, 4 * 3600)), courier, PLACES[to]),
        ("signed", to, signed, courier, door),
    ):
        made["scans"].append(
            {"waybill_no": order["waybill_no"], "carrier": "swift", "event": event,
             "facility": f"depot {region}", "region": region,
             "at": moment(moved), "courier_id": who, "lat": position[0], "lon": position[1]}
        )  # fmt: skip


def moment(seconds: int) -> datetime:
    """Epoch seconds as the lake's time."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def distance_km(one: Sequence[float], other: Sequence[float]) -> float:
    """Roughly, near 25 degrees north."""
    return float(111.2 * np.hypot(one[0] - other[0], (one[1] - other[1]) * 0.906))


def shuffled(tables: Mapping[str, list[dict[str, Any]]]) -> Shipments:
    """The same rows in another order."""
    chance = np.random.default_rng(3)
    return {name: [rows[n] for n in chance.permutation(len(rows))] for name, rows in tables.items()}


def without(tables: Mapping[str, list[dict[str, Any]]], *columns: str) -> Shipments:
    """The same rows without some columns, each named `table.column`."""
    gone = {tuple(name.split(".")) for name in columns}
    return {
        table: [{key: value for key, value in row.items() if (table, key) not in gone} for row in rows]
        for table, rows in tables.items()
    }
