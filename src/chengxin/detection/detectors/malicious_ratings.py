"""Ratings meant to harm or to extort (恶意评价), and who gives them.

Clauses 9.2 and 17 of the plan. Three schemes are looked for:

- extortion: a rater who blames far more than the other raters of the same shops do, is sent money or
refunded shortly after, and takes the blame back, again and again; - a hired attack: blame of one shop by
accounts that hang together (devices, networks, words, one payer), came without looking, and praise the same
rival; - harmful praise: full marks in a sudden wave from such accounts, so that the platform punishes the
shop.

A bad batch has the wave but not the ties between the raters, an exacting customer the blame but neither
money nor retraction: each is one witness, which makes no case. Money that an unhappy buyer gets back once
is usual; what counts is how often it happens to the same rater.

Sources: Kumar et al. (REV2, WSDM 2018) for raters held against others; the statistics are our own.
"""

from __future__ import annotations

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.clock import DAY
from chengxin.detection.declaring import Detector, Lead, Signal
from chengxin.detection.opinions.corating import common_raters
from chengxin.detection.opinions.extortion import blame, raters
from chengxin.detection.opinions.rows import RATEE, marked, opinions, shops
from chengxin.detection.opinions.suspicion import (
    Case,
    beside,
    cases,
    merged,
    rater_leads,
    rating_leads,
    suspects,
)
from chengxin.detection.statistics.bursts import waves
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
        "sudden_wave", "burst",
        "两周之内最多有{value}条，按本店以往应为{baseline}条",
        "A stretch of at most two weeks has {value} of them; the shop's past makes {baseline}",
        shown="number", weight=0.5,
    ),
)  # fmt: skip

_TELLS_BLAME = (
    "same_words", "copied_words", "linked_raters", "one_network", "one_payer", "rival_praised",
)  # fmt: skip
_TELLS_PRAISE = ("one_payer", "returned_after")
"""What makes a case; the rest has honest reasons and only supports one."""

SIGNALS = (*_OF_RATER, *_OF_ATTACK)

_RATER_MARKS = {
    "bought_off": "bought_off", "refund_after": "refunded", "taken_back": "raised", "settled": "settled",
    "unlike_others": "unlike", "own_template": "own_words", "cheap_goods": "cheap",
}  # fmt: skip
_ATTACK_MARKS = {
    "same_words": "template", "copied_words": "copied", "linked_raters": "linked", "one_network": "networked",
    "one_payer": "foreign", "one_shop_accounts": "silent", "rival_praised": "rival",
    "without_looking": "unseen", "prompt_words": "at_once", "cheapest_goods": "cheap",
    "returned_after": "returned",
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
    found = cases(found, signals, supporting=supporting)
    rows = blame(lake).mutate(low=True)
    marks = {"blames": "low"} | {name: mark for name, mark in _RATER_MARKS.items() if name in able}
    odd = suspects(lake, found, Case("malicious_ratings", rows, marks, ("platform", "rater_id")), signals)
    return [
        *rater_leads("malicious_ratings", odd, signals, "score"),
        *rating_leads("malicious_ratings", odd, signals, ring=False),
    ]


def _attacks(lake: Lake, able: frozenset[str], side: str) -> list[Lead]:
    signals = [one for one in _OF_ATTACK if one.name in able]
    rows = marked(lake)
    rows = rows.mutate(season=period(rows["created_at"]), returned=(rows.refund > 0).fill_null(False))
    rows = _with_rivals(lake, rows)
    mine = rows.side == side
    marks = {name: mark for name, mark in _ATTACK_MARKS.items() if name in able}
    for name in ("returned_after",) if side == "low" else ("rival_praised",):
        marks.pop(name, None)  # whoever blames sends back; whoever praises praises others, too
    of = {"same_words": rows.words.notnull(), "copied_words": rows.words.notnull()}
    tests = {name: Test(rows[mark], mine & of[name] if name in of else mine) for name, mark in marks.items()}
    counts = counted(lake, rows, [*RATEE, "category", "size", "season"], tests)
    found = beside(counts, marks)
    wave = _waves(lake, rows, side)
    found = found.join(wave, on=RATEE, how="left").with_columns(pl.col("sudden_wave").fill_null(0.0))
    # Praise that a shop orders looks the same, but for who pays for it, and that nobody sends the goods back.
    main = _TELLS_BLAME if side == "low" else _TELLS_PRAISE
    found = cases(found, signals, supporting=[one.name for one in signals if one.name not in main])
    case = Case("malicious_ratings", rows.filter(mine), marks)
    odd = suspects(lake, found, case, signals)
    return [
        *rater_leads("malicious_ratings", odd, signals, "rating_score"),
        *rating_leads("malicious_ratings", odd, signals),
    ]


def _with_rivals(lake: Lake, rows: ir.Table) -> ir.Table:
    """`rival`: the rater blames this shop, and praises another that the shop's other blamers praise, too."""
    said = opinions(lake)
    low, top = said.filter(said.side == "low"), said.filter(said.side == "top")
    pairs = common_raters(lake, low, top, shops(lake)).filter(pl.col("surprise") > 1)
    edges = lake.given(pairs.select("platform", "ratee_id", "with_id"), "rival_pairs")
    both = low.select(*RATEE, "rater_id").inner_join(edges, RATEE)
    praised = top.select("platform", "rater_id", with_id=top.ratee_id).distinct()
    both = both.inner_join(praised, ["platform", "rater_id", "with_id"])
    known = both.select(*RATEE, "rater_id").distinct().mutate(praises_rival=True)
    joined = rows.left_join(known, [*RATEE, "rater_id"])
    joined = joined.drop(*(name for name in joined.columns if name.endswith("_right")))
    return joined.mutate(rival=joined.praises_rival.fill_null(False) & (joined.side == "low"))


def _waves(lake: Lake, rows: ir.Table, side: str) -> pl.DataFrame:
    """Each shop's oddest stretch of such ratings: blame beside all its ratings, praise beside its usual
    pace."""
    known = rows.mutate(day=(rows["created_at"] / DAY).floor().cast("int64"))
    daily = lake.rows(
        known.group_by([*RATEE, "category", "day"]).aggregate(
            hits=(known.side == side).cast("int64").sum(), rows=known.count()
        )
    )
    if side == "low":
        daily = daily.with_columns(exposure=pl.col("rows"))
    else:
        rhythm = daily.group_by("category", "day").agg(exposure=pl.col("hits").sum() + 1)
        daily = daily.join(rhythm, on=["category", "day"])
    found = waves(daily.drop("rows"), RATEE)
    return found.select(
        *RATEE, sudden_wave="surprise", sudden_wave_value="count", sudden_wave_baseline="expected"
    )


DETECTOR = Detector(
    "malicious_ratings",
    "恶意评价",
    "Malicious ratings",
    "这些评价是否为索取钱财、受雇攻击对手或反向刷单而作？",
    "Were these ratings given to extort money, for hire against a rival, or to have a shop punished?",
    ("9.2c", "17a", "17b"),
    ("buyer", "rating"),
    ("ratings",),
    SIGNALS,
    find,
)
