"""The evidence of a lead as its page shows it: signals with bars, rows by table, parcels, texts, prices."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, gettext_noop

from chengxin.design.charts import Chart
from chengxin.design.words import say
from chengxin.lake.contract import tables
from chengxin.rulebook import places
from chengxin.triage import texts, tracks
from chengxin.triage.masking import COLUMNS, Names, masked
from chengxin.triage.queries import Found

FEW, MOST = 12, 300
"""Rows of a table that are shown at first, and when it is asked for."""

MOST_SIGNALS = 8

_CHINA = ZoneInfo("Asia/Shanghai")

TABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "orders": (gettext_noop("订单"), (
        "created_at", "seller_id", "buyer_id", "amount", "status", "entry", "dwell_s", "received_at",
        "refund_amount", "buyer_device", "address_hash", "waybill_no")),
    "payments": (gettext_noop("支付"), ("paid_at", "kind", "payer_id", "payee_id", "amount", "order_id")),
    "ratings": (gettext_noop("评价"), ("created_at", "rater_id", "ratee_id", "score", "text", "order_id")),
    "parcels": (gettext_noop("包裹"), (
        "created_at", "waybill_no", "sender_id", "sender_region", "receiver_region", "receiver_address_hash",
        "weight_g")),
    "scans": (gettext_noop("物流扫描"), ("at", "waybill_no", "event", "facility", "region", "courier_id")),
    "prices": (gettext_noop("价格"), ("at", "seller_id", "price", "list_price", "promotion_id")),
    "listings": (gettext_noop("商品信息"), ("at", "seller_id", "title", "category", "brand", "licence_no")),
    "visits": (gettext_noop("访问"), ("at", "seller_id", "visitor_id", "device", "ip", "dwell_s",
    "entry", "ordered")),
    "queries": (gettext_noop("查询记录"), ("at", "account_id", "subject_kind", "purpose", "found")),
}  # fmt: skip
"""The tables in the order of the page, with the columns that it shows."""

TITLES: Mapping[str, str] = {
    "created_at": gettext_noop("时间"), "at": gettext_noop("时间"), "paid_at": gettext_noop("时间"),
    "seller_id": gettext_noop("店铺"), "buyer_id": gettext_noop("买家"), "amount": gettext_noop("金额"),
    "status": gettext_noop("状态"), "entry": gettext_noop("进入方式"), "dwell_s": gettext_noop("停留（秒）"),
    "received_at": gettext_noop("确认收货"), "refund_amount": gettext_noop("退款"),
    "buyer_device": gettext_noop("设备"), "address_hash": gettext_noop("收货地址"),
    "waybill_no": gettext_noop("运单"), "kind": gettext_noop("种类"), "payer_id": gettext_noop("付款人"),
    "payee_id": gettext_noop("收款人"), "order_id": gettext_noop("订单号"),
    "rater_id": gettext_noop("评价人"),
    "ratee_id": gettext_noop("被评价人"), "score": gettext_noop("分值"), "text": gettext_noop("评价文字"),
    "sender_id": gettext_noop("寄件人"), "sender_region": gettext_noop("寄件地区"),
    "receiver_region": gettext_noop("收件地区"), "receiver_address_hash": gettext_noop("收件地址"),
    "weight_g": gettext_noop("重量（克）"), "event": gettext_noop("事件"), "facility": gettext_noop("网点"),
    "region": gettext_noop("地区"), "courier_id": gettext_noop("快递员"), "price": gettext_noop("售价"),
    "list_price": gettext_noop("划线价"), "promotion_id": gettext_noop("促销活动"),
    "title": gettext_noop("标题"),
    "category": gettext_noop("类目"), "brand": gettext_noop("品牌"), "licence_no": gettext_noop("许可证号"),
    "visitor_id": gettext_noop("访客"), "device": gettext_noop("设备"), "ip": gettext_noop("网络地址"),
    "ordered": gettext_noop("下单"), "account_id": gettext_noop("账号"),
    "subject_kind": gettext_noop("被查主体"),
    "purpose": gettext_noop("用途"), "found": gettext_noop("查到"),
}  # fmt: skip

WORDS: Mapping[str, tuple[str, str]] = {
    "paid": ("已付款", "paid"), "shipped": ("已发货", "shipped"), "received": ("已收货", "received"),
    "cancelled": ("已取消", "cancelled"), "refunded": ("已退款", "refunded"), "search": ("搜索", "search"),
    "recommend": ("推荐", "recommended"), "direct": ("直接", "direct"), "link": ("链接", "link"),
    "ad": ("广告", "ad"),
    "pay": ("付款", "payment"), "refund": ("退款", "refund"), "transfer": ("转账", "transfer"),
    "collected": ("揽收", "collected"), "departed": ("发出", "departed"), "arrived": ("到达", "arrived"),
    "out_for_delivery": ("派送", "out for delivery"), "signed": ("签收", "signed"),
    "returned": ("退回", "returned"), "exception": ("异常", "exception"), "ordered": ("下单", "ordered"),
    "confirmed": ("确认收货", "confirmed"), "legal": ("单位", "organisation"), "natural": ("个人", "person"),
}  # fmt: skip
"""Values of the lake in words."""

MARKS = ("ordered", "collected", "arrived", "signed", "confirmed", "exception")
"""What the key of the parcels' lines names; what is between them has one colour."""

_TIMES = ("created_at", "at", "paid_at", "received_at", "shipped_at")
_NUMBERS = ("amount", "refund_amount", "price", "list_price", "dwell_s", "weight_g", "score")


def signals(members: Sequence[Found]) -> list[dict[str, Any]]:
    """What was measured, the farthest from what is usual first: of a scheme each measure by its strongest."""
    best: dict[str, Mapping[str, Any]] = {}
    for member in members:
        for one in member.signals:
            if one["name"] not in best or _far(one) > _far(best[one["name"]]):
                best[one["name"]] = one
    return [
        _signal(one)
        for one in sorted(best.values(), key=lambda one: (-_far(one), one["name"]))[:MOST_SIGNALS]
    ]


def _far(one: Mapping[str, Any]) -> float:
    value, usual = abs(float(one["value"])), abs(float(one["baseline"]))
    return max(value, usual) / (min(value, usual) + 0.01 * max(value, usual) + 1e-9)


def _signal(one: Mapping[str, Any]) -> dict[str, Any]:
    value, usual = float(one["value"]), float(one["baseline"])
    longest = max(abs(value), abs(usual)) or 1.0
    # What the words give in per cent, the figures beside them do, too.
    shown = percent if "%" in one["why_zh"] and 0 <= min(value, usual) <= max(value, usual) <= 1 else number
    return {
        "name": one["name"],
        "words": say((one["why_zh"], one["why_en"])),
        "value": shown(value),
        "usual": shown(usual),
        "width": f"{max(100 * abs(value) / longest, 0.6):.2f}",
        "usual_width": f"{max(100 * abs(usual) / longest, 0.6):.2f}",
    }


def percent(share: float) -> str:
    """A share from 0 to 1 in few digits."""
    return f"{100 * share:.1f}%" if 0 < share < 0.1 else f"{100 * share:.0f}%"


def number(value: float) -> str:
    """A measure in few digits."""
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.3g}"


# --- rows ---------------------------------------------------------------------------------------------------


def row_tables(
    rows: Mapping[str, Sequence[Mapping[str, Any]]], names: Names, whole: str
) -> list[dict[str, Any]]:
    """The tables of the evidence, persons masked; `whole`: the one of which every row is asked for."""
    found = []
    for table, (title, columns) in TABLES.items():
        some = rows.get(table, ())
        if not some:
            continue
        most = MOST if whole == table else FEW
        there = [one for one in columns if any(one in row for row in some)]
        clock = tables()[table].clock or ""
        ordered = sorted(some, key=lambda row: str(row.get(clock, "")))
        found.append({
            "id": table,
            "title": gettext(title),
            "number": len(some),
            "left": max(0, len(some) - most),
            "heads": [(gettext(TITLES[one]), "number" if one in _NUMBERS else "") for one in there],
            "rows": [[cell(one, row.get(one), names) for one in there] for row in ordered[:most]],
        })  # fmt: skip
    return found


def cell(column: str, value: Any, names: Names) -> dict[str, str]:
    """A value of the lake as the page says it."""
    text = "" if value is None else str(value)
    kind = ""
    if value is None:
        pass
    elif column in COLUMNS:
        text = names.name(COLUMNS[column], str(value))
    elif column in _TIMES:
        text = moment(str(value))
    elif column in _NUMBERS:
        text, kind = f"{float(value):,.2f}".removesuffix(".00"), "number"
    elif column in ("waybill_no", "order_id"):
        text = masked(text)
    elif column.endswith("region") and places.is_region(text):
        text = places.full_name(text).removeprefix("福建省")
    elif isinstance(value, bool):
        text = gettext("是") if value else gettext("否")
    elif text in WORDS:
        text = say(WORDS[text])
    return {"text": text, "kind": kind or ("number" if column in _NUMBERS else "")}


def moment(text: str) -> str:
    """A point in time as China has it."""
    try:
        return datetime.fromisoformat(text).astimezone(_CHINA).strftime("%m-%d %H:%M")
    except ValueError:
        return text


# --- pictures -----------------------------------------------------------------------------------------------


def parcels(
    rows: Mapping[str, Sequence[Mapping[str, Any]]], first: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Parcels as lines in time; `first`: waybills that come before others."""
    return [
        {
            "waybill": masked(one.waybill),
            "weight": number(one.weight) if one.weight is not None else "",
            "early": one.early,
            "hours": number(one.hours),
            "end": f"{max((mark.x for mark in one.marks), default=0):.1f}",
            "marks": [
                {"kind": mark.kind, "x": f"{mark.x:.1f}", "words": say(WORDS.get(mark.kind,
                (mark.kind,) * 2)),
                 "at": mark.at.astimezone(_CHINA).strftime("%m-%d %H:%M")}
                for mark in one.marks
            ],
        }
        for one in tracks.tracks(rows, first)
    ]  # fmt: skip


def on_map(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any] | None:
    """The map of the scans, its places named."""
    found = tracks.drawn(rows)
    if found is None:
        return None
    named = [
        {"x": one.x, "y": one.y, "size": one.size, "number": one.number, "left": one.x > found.width * 0.7,
         "name": _place(one.region)}
        for one in found.places
    ]  # fmt: skip
    taken: list[tuple[float, float]] = []
    for (
        one
    ) in named:  # the place with the most scans is named first; a name that would lie on another is left out
        x, y = float(str(one["x"])), float(str(one["y"]))
        free = all(abs(y - other) > NAME_HIGH or abs(x - across) > NAME_WIDE for across, other in taken)
        one["said"] = one["name"] if free else ""
        taken += [(x, y)] if free else []
    return {"map": found, "places": named}


NAME_WIDE, NAME_HIGH = 150.0, 22.0
"""Room that a place's name takes, in units of the map."""


def _place(region: str) -> str:
    """The city of a region; the region's own name where it has none."""
    city = f"{region[:4]}00"
    known = next((one for one in (city, region) if places.is_region(one)), None)
    return places.full_name(known).removeprefix("福建省") if known else region


def prices(rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Price and list price over time; with the lowest deal price of the seven days before."""
    ordered = sorted((one for one in rows if "at" in one and "price" in one), key=lambda one: str(one["at"]))
    if len(ordered) < 2:
        return None
    moments = [datetime.fromisoformat(str(one["at"])) for one in ordered]
    lowest = [
        min(
            (float(other["price"]) for other, then in zip(ordered, moments, strict=True)
             if 0 < (at - then).total_seconds() <= 7 * 86_400),
            default=None,
        )
        for at in moments
    ]  # fmt: skip
    return Chart(
        "prices", gettext("价格的变化"), "line", [at.astimezone(_CHINA).strftime("%m-%d") for at in moments],
        (
            (gettext("售价"), [float(one["price"]) for one in ordered]),
            (gettext("划线价"), [one.get("list_price") for one in ordered]),
            (gettext("此前七日最低售价"), lowest),
        ),
        unit=gettext("元"),
    )  # fmt: skip


def clusters(rows: Sequence[Mapping[str, Any]]) -> list[texts.Cluster]:
    """Ratings in the same words."""
    return texts.clusters(rows)
