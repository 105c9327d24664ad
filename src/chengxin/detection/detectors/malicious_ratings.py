"""Ratings meant to harm or to extort (恶意评价), and who gives them.

Clauses 9.2 and 17 of the plan. Three schemes are looked for:

- extortion: a rater who blames far more than the other raters of the same shops do, is sent money or
refunded shortly after, and takes the blame back, again and again; - a hired attack: blame of one shop by
accounts that hang together (devices, networks, words, one payer who isn't the shop's), in the words of one
who blames shop after shop, or with praise for the same rival; - harmful praise: full marks so clumsy that
they were meant to be seen, in one stretch of days, paid by a stranger or by nobody of the shop, or by
accounts that hang together and have their money back afterwards, so that the platform punishes it.

A bad batch has the wave and the words, but one product and no ties between the raters; an exacting customer
the blame but neither money nor retraction; a household is two. Money that an unhappy buyer gets back once is
usual; what counts is how often it happens to the same rater.

Sources: Kumar et al. (REV2, WSDM 2018) for raters held against others; the statistics are our own.
"""

from __future__ import annotations

import math

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.declaring import Detector, Lead, Signal
from chengxin.detection.opinions.attacks import (
    returned_more,
    same_goods,
    sudden,
    with_crude_praise,
    with_rivals,
)
from chengxin.detection.opinions.extortion import blame, raters
from chengxin.detection.opinions.rows import RATEE, marked
from chengxin.detection.opinions.suspicion import (
    FAINT,
    NOISE,
    Case,
    beside,
    cases,
    merged,
    rater_leads,
    rating_leads,
    suspects,
)
from chengxin.detection.statistics.shares import Test, counted, period
from chengxin.lake.reading import Lake

_OF_RATER = (
    Signal(
        "blames", "severity",
        "该账号{value}的评价为差评，同样店铺的其他评价人为{baseline}",
        "{value} of the account's ratings blame; the same shops get {baseline} from others",
        weight=0.8,
    ),
    Signal(
        "bought_off", "money",
        "{value}的差评后半月内收到转账，所有差评人通常为{baseline}",
        "{value} of the blame was followed by a transfer to the rater within half a month; usual: {baseline}",
        ("payments",),
    ),
    Signal(
        "refund_after", "money",
        "{value}的差评后半月内获得退款，所有差评人通常为{baseline}",
        "{value} of the blame was followed by a refund within half a month; usual: {baseline}",
        ("payments", "payments.order_id", "ratings.order_id"), weight=0.6,
    ),
    Signal(
        "taken_back", "retraction",
        "{value}的差评后来改为较好评价，所有差评人通常为{baseline}",
        "{value} of the blame was changed into something better; usual: {baseline}",
        weight=0.9,
    ),
    Signal(
        "settled", "retraction",
        "{value}的差评在收到钱款的同时被改好，所有差评人通常为{baseline}",
        "{value} of the blame was taken back when money had come; usual: {baseline}",
        ("payments",),
    ),
    Signal(
        "own_template", "text",
        "{value}的差评用语与该账号对其他店铺的评语雷同，所有差评人通常为{baseline}",
        "{value} of the blame is in words that the account used of other shops, too; usual: {baseline}",
        ("ratings.text",),
    ),
    Signal(
        "unlike_others", "others",
        "{value}的差评针对其他评价人很少差评的店铺，所有差评人通常为{baseline}",
        "{value} of the blame hits shops that others hardly blame; usual: {baseline}",
        weight=0.5,
    ),
    Signal(
        "cheap_goods", "goods",
        "{value}的差评订单不到该店通常金额的三分之一，所有差评人通常为{baseline}",
        "{value} of the blamed orders are below a third of the shop's usual amount; usual: {baseline}",
        ("orders", "ratings.order_id"), weight=0.5,
    ),
)  # fmt: skip

_OF_ATTACK = (
    Signal(
        "same_words", "text",
        "{value}的评语与同一店铺其他同向评价雷同，同类店铺通常为{baseline}",
        "{value} of the texts resemble those of others who said the same of the shop; usual: {baseline}",
        ("ratings.text",),
    ),
    Signal(
        "copied_words", "text",
        "{value}的评语是其他账号在别处写过的长文，同类店铺通常为{baseline}",
        "{value} of the texts are long ones that other accounts wrote elsewhere; usual: {baseline}",
        ("ratings.text",), weight=0.7,
    ),
    Signal(
        "known_words", "text",
        "{value}的评语与惯于给多家店铺差评的账号用语相同，同类店铺通常为{baseline}",
        "{value} of the texts are those of accounts that blame shop after shop in them; usual: {baseline}",
        ("ratings.text",),
    ),
    Signal(
        "linked_raters", "link",
        "{value}的评价来自共用设备或收货地址的账号，同等规模店铺通常为{baseline}",
        "{value} of the ratings come from accounts on shared devices or addresses; usual: {baseline}",
        ("orders", "ratings.order_id"),
    ),
    Signal(
        "one_network", "link",
        "{value}的评价来自同一网络地址的账号，同等规模店铺通常为{baseline}",
        "{value} of the ratings come from accounts on one network address; usual at this size: {baseline}",
        ("orders.buyer_ip", "ratings.order_id"), weight=0.7,
    ),
    Signal(
        "one_payer", "money",
        "{value}的评价人收到同一付款人的转账，且该店未向其付款，同等规模店铺通常为{baseline}",
        "{value} of the raters were paid by one payer who had no money from the shop; usual: {baseline}",
        ("payments",),
    ),
    Signal(
        "crude_praise", "crude",
        "{value}的好评多处反常而显眼，既非该店付款，评价人也不为他店好评，同等规模店铺通常为{baseline}",
        "{value} of the praise is glaringly odd, yet neither paid by the shop nor from others' raters; usual"
        " at this size: {baseline}",
        ("orders", "ratings.order_id", "payments"),
    ),
    Signal(
        "one_shop_accounts", "rater",
        "{value}的评价来自只在本店交易过的账号，同等规模店铺通常为{baseline}",
        "{value} of the ratings come from accounts that traded nowhere else; usual at this size: {baseline}",
        weight=0.7,
    ),
    Signal(
        "rival_praised", "group",
        "{value}的差评人一同给另一家店铺好评，同类店铺通常为{baseline}",
        "{value} of those who blame praise the same other shop; usual: {baseline}",
    ),
    Signal(
        "without_looking", "visit",
        "{value}的评价所涉订单未浏览即下单，同类店铺通常为{baseline}",
        "{value} of the ratings are of orders placed without looking; usual: {baseline}",
        ("orders.dwell_s", "ratings.order_id"), weight=0.6,
    ),
    Signal(
        "prompt_words", "time",
        "{value}的评价在确认收货后半小时内写成长文，同类店铺通常为{baseline}",
        "{value} of the ratings were written at length within half an hour of receipt; usual: {baseline}",
        ("orders.received_at", "ratings.order_id", "ratings.text"), weight=0.6,
    ),
    Signal(
        "cheapest_goods", "goods",
        "{value}的评价订单不到该店通常金额的三分之一，同类店铺通常为{baseline}",
        "{value} of the rated orders are below a third of the shop's usual amount; usual: {baseline}",
        ("orders", "ratings.order_id"), weight=0.5,
    ),
    Signal(
        "returned_after", "outcome",
        "{value}的好评订单又退款，同类店铺通常为{baseline}",
        "{value} of the praised orders were refunded all the same; usual: {baseline}",
        ("orders", "ratings.order_id"), weight=0.8,
    ),
    Signal(
        "returned_together", "turned",
        "{value}的好评由相互关联或用语雷同的账号给出后又退款，同类店铺通常为{baseline}",
        "{value} of the praise came from accounts that hang together, and the order was refunded all the"
        " same; usual in the category: {baseline}",
        ("orders", "ratings.order_id"),
    ),
    Signal(
        "in_concert", "concert",
        "{value}的差评用语雷同且集中在一段时间，又不限于同一商品，同类店铺通常为{baseline}",
        "{value} of the blame is in the same words, in one wave, of more than one product; usual: {baseline}",
        ("ratings.text",),
    ),
    Signal(
        "sudden_wave", "burst",
        "两周之内最多有{value}条，按本店以往应为{baseline}条",
        "A stretch of at most two weeks has {value} of them; the shop's past makes {baseline}",
        shown="number", weight=0.5,
    ),
)  # fmt: skip

_TELLS_BLAME = (
    "copied_words",
    "known_words",
    "linked_raters",
    "one_network",
    "one_payer",
    "rival_praised",
    "in_concert",
)
_TELLS_PRAISE = ("one_payer", "crude_praise", "returned_together")
"""What makes a case; the rest has honest reasons and only supports one."""

_BY_CHANCE = 5
"""So many raters may be listed for what chance does among all who blame."""

_FEW = 3
"""Fewer raters who hang together are a household."""

SIGNALS = (*_OF_RATER, *_OF_ATTACK)

_RATER_MARKS = {
    "bought_off": "bought_off", "refund_after": "refunded", "taken_back": "raised", "settled": "settled",
    "unlike_others": "unlike", "own_template": "own_words", "cheap_goods": "cheap",
}  # fmt: skip
_ATTACK_MARKS = {
    "same_words": "template", "copied_words": "copied", "known_words": "borrowed", "linked_raters": "linked",
    "one_network": "networked", "one_payer": "foreign", "one_shop_accounts": "silent",
    "rival_praised": "rival", "without_looking": "unseen", "prompt_words": "at_once",
    "cheapest_goods": "cheap", "returned_after": "returned", "crude_praise": "crude",
    "returned_together": "turned",
}  # fmt: skip


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Extortionists, hired attackers and those who praise to harm, each with the ratings that they gave."""
    return merged([*_extortion(lake, able), *_attacks(lake, able, "low"), *_attacks(lake, able, "top")])


def _extortion(lake: Lake, able: frozenset[str]) -> list[Lead]:
    signals = [one for one in _OF_RATER if one.name in able]
    found = raters(lake, {name: mark for name, mark in _RATER_MARKS.items() if name in able})
    if found.is_empty():
        return []
    told = any(one.kind in ("money", "retraction") for one in signals if one.name in able)
    supporting = ("unlike_others", "cheap_goods", *(["blames"] if told else []))
    # Two or three bad ratings are all there is of most extortionists: no single test can be sure of them, and
    # the oddest of many raters is odd by chance.
    chance = max(NOISE, math.log10(found.height / _BY_CHANCE))
    found = cases(found, signals, supporting=supporting, noise=(0.0, chance))
    rows = blame(lake).mutate(low=True)
    marks = {"blames": "low"} | {name: mark for name, mark in _RATER_MARKS.items() if name in able}
    case = Case("malicious_ratings", rows, marks, ("platform", "rater_id"), least=FAINT)
    odd = suspects(lake, found, case, signals)
    return [
        *rater_leads("malicious_ratings", odd, signals, "score", least=FAINT),
        *rating_leads("malicious_ratings", odd, signals, ring=False),
    ]


def _attacks(lake: Lake, able: frozenset[str], side: str) -> list[Lead]:
    signals = [one for one in _OF_ATTACK if one.name in able]
    rows = marked(lake)
    rows = rows.mutate(season=period(rows["created_at"]), returned=(rows.refund > 0).fill_null(False))
    rows = with_rivals(lake, rows) if side == "low" else with_crude_praise(lake, rows)
    tied = rows.pooled | rows.linked | rows.networked | rows.template
    rows = rows.mutate(tied=tied, turned=rows.returned & tied)
    mine = rows.side == side
    apart = (
        ("returned_after", "crude_praise", "returned_together")
        if side == "low"
        else ("rival_praised", "known_words")
    )
    marks = {name: mark for name, mark in _ATTACK_MARKS.items() if name in able and name not in apart}
    of = dict.fromkeys(("same_words", "copied_words", "known_words"), rows.worded)
    tests = {name: Test(rows[mark], mine & of[name] if name in of else mine) for name, mark in marks.items()}
    tests["tied_returned"] = Test(rows.returned, mine & rows.tied)
    tests["others_returned"] = Test(rows.returned, mine & ~rows.tied)
    counts = counted(lake, rows, [*RATEE, "category", "size", "season"], tests)
    found = beside(counts, marks)
    if "returned_together" in marks:
        found = returned_more(found, counts)
    found = found.join(sudden(lake, rows, side), on=RATEE, how="left")
    found = found.with_columns(pl.col("sudden_wave").fill_null(0.0))
    # Praise that a shop orders looks the same, but for who pays for it.
    main = _TELLS_BLAME if side == "low" else _TELLS_PRAISE
    few = [name for name in main if name in marks]
    found = found.with_columns(
        pl.when(pl.col(f"{name}_count") >= _FEW).then(name).otherwise(0.0) for name in few
    )
    if side == "low" and "same_words" in marks:
        found = _concerted(lake, rows, found)
    found = cases(found, signals, supporting=[one.name for one in signals if one.name not in main])
    case = Case("malicious_ratings", rows.filter(mine), marks)
    odd = suspects(lake, found, case, signals)
    return [
        *rater_leads("malicious_ratings", odd, signals, "rating_score"),
        *rating_leads("malicious_ratings", odd, signals),
    ]


def _concerted(lake: Lake, rows: ir.Table, found: pl.DataFrame) -> pl.DataFrame:
    """`in_concert`: the weaker of the same words and the wave, unless the blame is of one product."""
    both = found.with_columns(in_concert=pl.min_horizontal("same_words", "sudden_wave"))
    goods = same_goods(lake, rows, both.filter(pl.col("in_concert") > NOISE))
    both = both.join(goods, on=RATEE, how="left")
    explained = pl.col("goods").fill_null(0.0) > NOISE
    return both.with_columns(
        pl.when(explained).then(0.0).otherwise("in_concert").alias("in_concert"),
        in_concert_value="same_words_value",
        in_concert_baseline="same_words_baseline",
    )


DETECTOR = Detector(
    name="malicious_ratings",
    zh="恶意评价",
    en="Malicious ratings",
    obligations=("9.2c", "17a", "17b"),
    entities=("buyer", "rating"),
    needs=("ratings",),
    signals=SIGNALS,
    find=find,
)
