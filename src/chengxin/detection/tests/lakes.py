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


def opinions(shops: int = 40, each: int = 30) -> Shipments:
    """Honest orders with ratings: shops of two categories, buyers who buy here and there, words of their own
    or a stock phrase, mostly fives, days after receipt. No payments.

    Row n of `ratings` is about row n of `orders`.
    """
    chance = np.random.default_rng(11)
    made: Shipments = {"orders": [], "ratings": [], "listings": [], "payments": []}
    for shop in range(shops):
        category = "茶叶" if shop % 2 else "酒水"
        made["listings"].append(
            {"product_id": f"p{shop}", "seller_id": f"s{shop}", "platform": "harbour", "title": "茶",
             "category": category, "at": moment(SPRING)}
        )  # fmt: skip
        for number in range(each):
            opinion(
                made, f"{shop}-{number}", seller=f"s{shop}",
                buyer=f"b{int(chance.integers(0, shops * each))}",
                at=SPRING + int(chance.integers(0, 60 * 86400)),
                waited=int(chance.integers(4 * 3600, 9 * 86400)),
                score=float(chance.choice([1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.0, -0.5, -1.0])),
                text=wording(chance), images=f"pic{shop}-{number}" if number % 9 == 0 else None,
            )  # fmt: skip
    return made


def opinion(
    made: Shipments, name: str, *, seller: str, buyer: str, at: int, waited: int = 86400, score: float = 1.0,
    text: str | None = None, images: str | None = None, **of_order: Any,
) -> None:  # fmt: skip
    """Adds an order placed at `at`, received three days later, and a rating `waited` seconds after that."""
    made["orders"].append(
        {"order_id": f"o{name}", "platform": "harbour", "seller_id": seller, "buyer_id": buyer,
         "product_id": f"p{seller[1:]}", "quantity": 1, "amount": 50.0, "created_at": moment(at),
         "received_at": moment(at + 3 * 86400), "status": "received", "refund_amount": 0.0,
         "buyer_device": f"device of {buyer}", "buyer_ip": f"net of {buyer}",
         "address_hash": f"home of {buyer}", "dwell_s": 90.0, **of_order}
    )  # fmt: skip
    made["ratings"].append(
        {"rating_id": f"r{name}", "order_id": f"o{name}", "platform": "harbour", "rater_id": buyer,
         "ratee_id": seller, "direction": "buyer_to_seller", "score": score, "text": text, "images": images,
         "created_at": moment(at + 3 * 86400 + waited), "is_followup": False, "replaces": None}
    )  # fmt: skip


def transfer(made: Shipments, name: str, payer: str, payee: str, at: int, *, amount: float = 8.0) -> None:
    """Adds money that somebody sends somebody beside the orders."""
    made["payments"].append(
        {"payment_id": f"t{name}", "order_id": None, "institution": "reed", "payer_id": payer,
         "payee_id": payee, "amount": amount, "paid_at": moment(at), "kind": "transfer"}
    )  # fmt: skip


_SAID = (
    (
        "昨天收到的",
        "周末取的件",
        "等了三天",
        "早上送来的",
        "第二次来买",
        "朋友介绍来的",
        "囤了两份",
        "给家里老人买的",
    ),
    ("味道比想的好", "包装很严实", "颜色正", "跟图上一样", "回甘明显", "杯子没有磕碰", "日期新鲜", "分量足"),
    (
        "客服回得快",
        "快递小哥送上楼",
        "冲了三泡还有香",
        "同事也想要",
        "孩子爱喝",
        "送礼有面子",
        "下次还来",
        "过阵子再囤",
    ),
    ("价钱公道", "比超市便宜", "用着放心", "没有异味", "很合心意", "细节不错", "值得推荐", "没得挑"),
)


def wording(chance: np.random.Generator) -> str | None:
    """What a customer writes: nothing, a stock phrase, or a sentence put together by himself."""
    kind = chance.random()
    if kind < 0.3:
        return None
    if kind < 0.5:
        return str(chance.choice(["好评", "不错", "很满意", "物流快"]))
    return "，".join(str(chance.choice(part)) for part in _SAID) + "。"
