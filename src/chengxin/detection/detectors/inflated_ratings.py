"""Praise that was ordered: ratings which raise a shop above what its goods earn (对店铺评价的虚假抬高).

Clauses 5.2 (credit speculation), 9.2 and 17 of the plan. The ratings of a shop are held against those of
its category and size: copied words, shared pictures, words written at once, accounts that hang together. A
rating is listed by its own marks, each worth what it is worth at that shop (how much more often than usual
it occurs there), and by the shop's case. A wave alone, quick raters alone or a household alone make none:
they are usual somewhere.

Sources: Jindal and Liu (WSDM 2008) for copied reviews; Mukherjee et al. (WWW 2012) for groups of raters;
Xie et al. (KDD 2012) for bursts; the statistics are our own.
"""

from __future__ import annotations

import math

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.clock import day_number
from chengxin.detection.declaring import Detector, Lead, Signal
from chengxin.detection.opinions.rows import RATEE, marked
from chengxin.detection.opinions.suspicion import (
    NOISE,
    Case,
    beside,
    cases,
    of_one_mind,
    rating_leads,
    shop_leads,
    suspects,
)
from chengxin.detection.statistics.bursts import waves
from chengxin.detection.statistics.shares import Test, counted, period
from chengxin.lake.reading import Lake

SIGNALS = (
    Signal(
        "template_text", "text",
        "{value}的评语与本店其他评价人的评语雷同，同类店铺通常为{baseline}",
        "{value} of the texts resemble those of the shop's other raters; usual in the category: {baseline}",
        ("ratings.text",),
    ),
    Signal(
        "copied_text", "text",
        "{value}的评语是别处其他账号写过的长文，同类店铺通常为{baseline}",
        "{value} of the texts are long ones that other accounts wrote elsewhere; usual: {baseline}",
        ("ratings.text",), weight=0.7,
    ),
    Signal(
        "reused_pictures", "picture",
        "{value}的好评晒图曾被其他账号使用，同类店铺通常为{baseline}",
        "{value} of the praise shows pictures that other accounts showed, too; usual: {baseline}",
        ("ratings.images",),
    ),
    Signal(
        "rated_before_arrival", "arrival",
        "{value}的好评写在包裹签收之前，同类店铺通常为{baseline}",
        "{value} of the praise was given before the parcel was signed for; usual: {baseline}",
        ("ratings.order_id", "orders.waybill_no", "scans"),
    ),
    Signal(
        "written_at_once", "time",
        "{value}的好评在确认收货后半小时内写成长文，同类店铺通常为{baseline}",
        "{value} of the praise was written at length within half an hour of receipt; usual: {baseline}",
        ("orders.received_at", "ratings.order_id", "ratings.text"), weight=0.7,
    ),
    Signal(
        "same_raters", "group",
        "{value}的好评来自一同给另一些店铺好评的同一批账号，同类店铺通常为{baseline}",
        "{value} of the praise comes from accounts that also praise other shops together; usual: {baseline}",
        weight=0.8,
    ),
    Signal(
        "linked_accounts", "link",
        "{value}的好评来自共用设备或收货地址的账号，同等规模店铺通常为{baseline}",
        "{value} of the praise comes from accounts on shared devices or addresses; usual: {baseline}",
        ("orders", "ratings.order_id"), weight=0.7,
    ),
    Signal(
        "shared_network", "link",
        "{value}的好评来自同一网络地址的账号，同等规模店铺通常为{baseline}",
        "{value} of the praise comes from accounts on one network address; usual at this size: {baseline}",
        ("orders.buyer_ip", "ratings.order_id"), weight=0.7,
    ),
    Signal(
        "silent_accounts", "rater",
        "{value}的好评来自只在本店交易过的账号，同等规模店铺通常为{baseline}",
        "{value} of the praise comes from accounts that traded nowhere else; usual at this size: {baseline}",
        weight=0.7,
    ),
    Signal(
        "repeated_praise", "group",
        "{value}的好评来自反复给本店好评的账号，同等规模店铺通常为{baseline}",
        "{value} of the praise comes from accounts that praised this shop over and over; usual: {baseline}",
        ("ratings.order_id",), weight=0.6,
    ),
    Signal(
        "without_order", "order",
        "{value}的好评没有对应的成交订单，同类店铺通常为{baseline}",
        "{value} of the praise has no order that was fulfilled; usual: {baseline}",
        ("orders", "ratings.order_id"),
    ),
    Signal(
        "rewarded", "money",
        "{value}的好评前后半月内评价人收到转账，同类店铺通常为{baseline}",
        "{value} of those who praise were sent money within half a month; usual: {baseline}",
        ("payments",), weight=0.8,
    ),
    Signal(
        "paid_by_one", "money",
        "{value}的好评人收到同一付款人的转账，同等规模店铺通常为{baseline}",
        "{value} of those who praise were sent money by one payer; usual at this size: {baseline}",
        ("payments",),
    ),
    Signal(
        "others_disagree", "outcome",
        "其余评价中{value}不是满分，同类店铺通常为{baseline}",
        "{value} of the other ratings aren't full marks; usual in the category: {baseline}",
        weight=0.5,
    ),
    Signal(
        "wave", "burst",
        "两周之内最多有{value}条好评，按本店以往和类目节奏应为{baseline}条",
        "Two weeks or less have {value} full marks; the shop's past and the season make {baseline}",
        shown="number", weight=0.4,
    ),
)  # fmt: skip

MARKS = {
    "template_text": "template", "copied_text": "copied", "reused_pictures": "pictured",
    "rated_before_arrival": "early", "written_at_once": "at_once", "same_raters": "pooled",
    "linked_accounts": "linked", "shared_network": "networked", "silent_accounts": "silent",
    "repeated_praise": "repeated", "without_order": "orderless", "rewarded": "paid", "paid_by_one": "hired",
}  # fmt: skip
"""The mark of a row that each signal counts."""

STRONG = (
    "template_text",
    "copied_text",
    "reused_pictures",
    "rated_before_arrival",
    "same_raters",
    "linked_accounts",
    "without_order",
)
"""What makes a rating one of the suspects against which the others are held."""


_BY_CHANCE = 50
"""So many shops may be looked at before chance alone shows more than is taken off each signal."""

TIES = ("same_raters", "linked_accounts", "shared_network", "repeated_praise")
"""What neighbours and regulars have, too: but they don't all give full marks."""


def praise(lake: Lake) -> ir.Table:
    """The marked ratings with their season and whether they lack an order, but for those that a stranger to
    the shop paid for: they are done to it (`malicious_ratings`)."""
    rows = marked(lake)
    rows = rows.filter(~rows.foreign)
    return rows.mutate(season=period(rows["created_at"]), orderless=(~rows.bought).fill_null(False))


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Shops whose praise was ordered, and the ratings that were."""
    rows = praise(lake)
    top = rows.side == "top"
    of = {
        "template_text": top & rows.worded,
        "copied_text": top & rows.worded,
        "written_at_once": top & rows.received_at.notnull(),
        "without_order": top & rows.bought.notnull(),
    }
    tests = {name: Test(rows[mark], of.get(name, top)) for name, mark in MARKS.items() if name in able}
    suspect = top & (sum((rows[MARKS[name]].cast("int8") for name in STRONG if name in able), 0) > 0)
    if "others_disagree" in able:
        tests["others_disagree"] = Test(~top, ~suspect)
    names = list(tests)
    ties = [name for name in TIES if name in tests]
    tests |= {f"{name}_else": Test(rows[MARKS[name]], ~top) for name in ties}
    counts = counted(lake, rows, [*RATEE, "category", "size", "season"], tests)
    found = beside(counts, {name: MARKS.get(name, name) for name in names})
    found = of_one_mind(found, counts, ties)
    if "wave" in able:
        found = found.join(_waves(lake, rows), on=RATEE, how="left")
    signals = [one for one in SIGNALS if one.name in able]
    # The oddest of many shops are odd by chance.
    chance = max(0.0, math.log10(max(found.height, 1) / _BY_CHANCE) - NOISE)
    shops = cases(found, signals, supporting=("others_disagree", "wave"), noise=(NOISE, chance))
    case = Case("inflated_ratings", rows.filter(top), {name: MARKS[name] for name in MARKS if name in able})
    odd = suspects(lake, shops, case, signals)
    return [*shop_leads(case.detector, shops, odd, signals), *rating_leads(case.detector, odd, signals)]


def _waves(lake: Lake, rows: ir.Table) -> pl.DataFrame:
    """Each shop's oddest stretch of praise, beside the category's on the same days."""
    known = rows.mutate(day=day_number(rows["created_at"]))
    top = (known.side == "top").cast("int64")
    daily = lake.rows(
        known.group_by([*RATEE, "category", "day"]).aggregate(hits=top.sum(), rows=known.count())
    )
    rhythm = daily.group_by("category", "day").agg(exposure=pl.col("hits").sum() + 1)
    wide = waves(daily.join(rhythm, on=["category", "day"]).drop("rows"), RATEE)
    return wide.select(
        *RATEE, wave="surprise", wave_value="count", wave_baseline="expected", wave_count="count"
    )


DETECTOR = Detector(
    name="inflated_ratings",
    zh="虚假好评",
    en="Praise that was ordered",
    obligations=("5.2b", "9.2c", "17b"),
    entities=("seller", "rating"),
    needs=("ratings",),
    signals=SIGNALS,
    find=find,
)
