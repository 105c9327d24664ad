"""A small lake and the leads in it, written by hand: a brushing ring, an empty-parcel line, and single leads.

Everything is fictional and the same each time. Money is in yuan, times are UTC, as the lake has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WINDOW = ("2026-03-01", "2026-03-31")
SHOPS = ("s-8801", "s-8802")
BUYERS = tuple(f"b-{4100 + at}" for at in range(9))
TEXTS = ("质量很好，物流很快，下次还来！", "质量很好 物流很快 下次还来", "颜色正，孩子喜欢。")
ROUTE = (
    ("collected", "350102", 26.08, 119.30, 2.0), ("departed", "350102", 26.05, 119.32, 5.0),
    ("arrived", "350203", 24.48, 118.09, 11.0), ("out_for_delivery", "350203", 24.47, 118.11, 24.0),
    ("signed", "350203", 24.45, 118.08, 27.5),
)  # fmt: skip


def _at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def tables(
    platform: str, shop_name: str = "榕味海产旗舰店", code: str | None = None
) -> Mapping[str, list[dict[str, Any]]]:
    """The rows of the lake, table by table; `shop_name` and `code` are those of the first shop."""
    orders, parcels, scans, payments, ratings = [], [], [], [], []
    for at, buyer in enumerate(BUYERS):
        for shop_at, shop in enumerate(SHOPS):
            number, begun = f"o-{at}{shop_at}", 20.0 * at + 3 * shop_at
            amount = 199.0 + 10 * at
            waybill = f"YT7700{at}{shop_at}"
            orders.append({
                "order_id": number, "platform": platform, "seller_id": shop, "buyer_id": buyer,
                "product_id": f"p-{shop_at}", "quantity": 1, "amount": amount, "created_at": _at(begun),
                "paid_at": _at(begun + 0.1), "shipped_at": _at(begun + 1), "received_at": _at(begun + 9),
                "status": "received", "refund_amount": 0.0, "buyer_device": f"dev-{at % 3}",
                "buyer_ip": f"ip-{at % 2}", "address_hash": f"addr-{at // 4}", "waybill_no": waybill,
                "carrier": "闽江速运", "entry": "link", "dwell_s": 3.0,
            })  # fmt: skip
            parcels.append({
                "waybill_no": waybill, "carrier": "闽江速运", "order_id": number, "sender_id": "sender-1",
                "sender_region": "350102", "sender_address_hash": "addr-s", "receiver_region": "350203",
                "receiver_address_hash": f"addr-{at // 4}", "weight_g": 50.0, "created_at": _at(begun + 1),
            })  # fmt: skip
            scans += [
                {
                    "waybill_no": waybill, "carrier": "闽江速运", "event": event,
                    "facility": f"网点{region[-3:]}",
                    "region": region, "at": _at(begun + later), "courier_id": "c-1", "lat": lat, "lon": lon,
                }
                for event, region, lat, lon, later in ROUTE
            ]  # fmt: skip
            for kind, payer, payee, later, sum_ in (
                ("pay", buyer, shop, 0.1, amount), ("transfer", shop, buyer, 30.0, amount + 8),
            ):  # fmt: skip
                payments.append({
                    "payment_id": f"{kind}-{number}", "order_id": number, "institution": "闽付通",
                    "payer_id": payer,
                    "payee_id": payee, "amount": sum_, "paid_at": _at(begun + later), "kind": kind,
                })  # fmt: skip
            ratings.append({
                "rating_id": f"r-{number}", "order_id": number, "platform": platform, "rater_id": buyer,
                "ratee_id": shop, "direction": "buyer_to_seller", "score": 1.0,
                "text": TEXTS[(at + shop_at) % 3],
                "created_at": _at(begun + 9.2), "is_followup": False,
            })  # fmt: skip
    prices = [
        {
            "product_id": "p-9", "seller_id": "s-8803", "platform": platform, "price": price,
            "list_price": listed,
            "at": START + timedelta(days=day),
        }
        for day, price, listed in (
            (0, 99.0, 129.0), (3, 95.0, 129.0), (6, 97.0, 129.0), (9, 159.0, 259.0), (10, 119.0, 299.0),
            (13, 119.0, 299.0),
        )
    ]  # fmt: skip
    sellers = [
        {"seller_id": "s-8801", "platform": platform, "subject_code": code, "shop_name": shop_name},
        {"seller_id": "s-8802", "platform": platform, "subject_code": None, "shop_name": "闽海鲜品专营店"},
        {"seller_id": "s-8803", "platform": platform, "subject_code": None, "shop_name": "武夷茶铺"},
    ]
    opened = [{**one, "opened_at": START - timedelta(days=90), "region": "350102"} for one in sellers]
    return {
        "orders": orders, "parcels": parcels, "scans": scans, "payments": payments, "ratings": ratings,
        "prices": prices, "sellers": opened,
    }  # fmt: skip


def write_lake(folder: Path, platform: str, **given: Any) -> Path:
    """The lake as a folder of plain Parquet files."""
    for name, rows in tables(platform, **given).items():
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(rows, infer_schema_length=None).write_parquet(place / "part.parquet")
    return folder


def _signal(name: str, value: float, baseline: float, zh: str, en: str) -> dict[str, Any]:
    return {"name": name, "value": value, "baseline": baseline, "why_zh": zh, "why_en": en}


SHARED = _signal(
    "shared_devices", 3.0, 1.02, "9个买家共用3部设备，同类店铺平均每部设备1.02个买家",
    "9 buyers share 3 devices; like shops see 1.02 buyers a device",
)  # fmt: skip
BACK = _signal(
    "money_back", 1.0, 0.004, "每笔订单的货款在30小时后连同8元转回买家，同类不到0.5%",
    "the price of every order went back to its buyer with 8 yuan more within 30 hours; below 0.5 % elsewhere",
)  # fmt: skip
QUICK = _signal(
    "dwell_s",
    3.0,
    142.0,
    "下单前平均停留3秒，同类142秒",
    "3 seconds on the page before ordering; 142 in like shops",
)
EARLY = _signal(
    "early_receipts", 0.94, 0.01, "94%的订单在包裹签收以前确认收货，同类1%",
    "94 % of orders were confirmed before the parcel was signed for; 1 % elsewhere",
)  # fmt: skip
LIGHT = _signal(
    "weight_g", 50.0, 820.0, "包裹平均50克，同类商品820克", "parcels weigh 50 g; like goods 820 g"
)
RAISED = _signal(
    "list_price_over_lowest", 2.72, 1.15, "划线价是此前七日最低成交价的2.72倍，同类1.15倍",
    "the list price is 2.72 times the lowest deal price of the 7 days before; 1.15 in like goods",
)  # fmt: skip
ALIKE = _signal(
    "similarity", 0.93, 0.2, "域名与已认证的“rongwei.example.cn”仅差一个易混字符",
    "one confusable character away from the certified 'rongwei.example.cn'",
)  # fmt: skip


def lead(
    detector: str, who: tuple[str, str], platform: str, score: float, signals: Sequence[Mapping[str, Any]],
    *, ring: str | None = None, evidence: Mapping[str, Sequence[str]] | None = None,
    window: tuple[str, str] = WINDOW,
) -> dict[str, Any]:  # fmt: skip
    """One line as the contract has it."""
    found: dict[str, Any] = {
        "detector": detector, "entity": who[0], "entity_id": who[1], "platform": platform, "score": score,
        "window": list(window), "signals": list(signals),
        "evidence": {"orders": [], "waybills": [], "accounts": [], **(evidence or {})},
    }  # fmt: skip
    return found | ({"ring": ring} if ring else {})


def leads(platform: str) -> list[dict[str, Any]]:
    """A file's leads: a ring of two shops and nine buyers, and four single ones."""
    orders = [f"o-{at}{shop}" for at in range(len(BUYERS)) for shop in range(len(SHOPS))]
    ring = [
        lead("brushing", ("seller", shop), platform, 0.97 - 0.02 * at, [BACK, SHARED, EARLY, QUICK],
        ring="ring-1",
             evidence={"orders": [one for one in orders if one.endswith(str(at))], "accounts": list(BUYERS)})
        for at, shop in enumerate(SHOPS)
    ]  # fmt: skip
    ring += [
        lead("brushing", ("buyer", buyer), platform, 0.9 - 0.01 * at, [BACK, SHARED], ring="ring-1",
             evidence={"orders": [f"o-{at}0", f"o-{at}1"]})
        for at, buyer in enumerate(BUYERS)
    ]  # fmt: skip
    return [
        *ring,
        lead(
            "empty_parcels",
            ("waybill", "YT770000"),
            platform,
            0.81,
            [LIGHT],
            evidence={"waybills": ["YT770000"]},
        ),
        lead("price_fraud", ("product", "p-9"), platform, 0.77, [RAISED]),
        lead("look_alikes", ("domain", "rongvvei.example.cn"), platform, 0.88, [ALIKE]),
        lead("brushing", ("seller", "s-7001"), platform, 0.42, [QUICK]),
    ]


def as_file(some: Sequence[Mapping[str, Any]]) -> bytes:
    """Leads as JSON Lines."""
    return b"".join(orjson.dumps(one) + b"\n" for one in some)
