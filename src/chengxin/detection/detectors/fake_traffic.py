"""Fake traffic (虚假流量): visits that were bought to look wanted (plan 9.2c; Anti-Unfair Competition Law,
article 8).

People who are sent round leave traces that a crowd does not: the same devices and networks again and again,
accounts that look at a few shops and never buy anywhere, visits on the minute or equally long. These decide.
That many are gone at once and few buy only adds to them: a link that went round, a live stream or a campaign
looks like that, too, but with devices, networks and visitors that have a life elsewhere. Shares are surprises
against the category.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import binom

from chengxin.detection.declaring import EVIDENCE, Detector, Lead, Signal
from chengxin.detection.statistics.settled import against_settled
from chengxin.detection.statistics.shares import surprises
from chengxin.detection.statistics.surprise import MOST, as_score, together
from chengxin.detection.statistics.tails import Numbers
from chengxin.detection.traffic import visitors, visits
from chengxin.detection.traffic.visitors import WHO
from chengxin.detection.traffic.visits import VISITS
from chengxin.detection.views import SELLER, seller_categories
from chengxin.lake.reading import Lake

_ID = ("visits.visitor_id",)

SIGNALS = (
    Signal(
        "idle_visitor", "visitors",
        "{value}的访问来自只看极少几家店铺且从不下单的访客，同类为{baseline}",
        "{value} of the visits come from visitors who see a few shops and never buy; usual: {baseline}",
        (*_ID, "visits.ordered"),
    ),
    Signal(
        "same_shops", "visitors",
        "{value}的访问来自所看店铺完全相同的成批访客，同类为{baseline}",
        "{value} of the visits come from groups with exactly the same set of shops; usual here: {baseline}",
        (*_ID, "visits.ordered"),
    ),
    Signal(
        "idle_device", "devices",
        "{value}的访问来自反复访问极少几家店铺且从不下单的设备，同类为{baseline}",
        "{value} of the visits come from devices that see a few shops and never buy; usual: {baseline}",
        ("visits.device", "visits.ordered"),
    ),
    Signal(
        "crowded_device", "devices",
        "{value}的访问来自三名以上访客共用且从不下单的设备，同类为{baseline}",
        "{value} of the visits come from devices that three visitors share, none buying; usual: {baseline}",
        ("visits.device", *_ID, "visits.ordered"),
    ),
    Signal(
        "idle_network", "networks",
        "{value}的访问来自只访问极少几家店铺且从不下单的网络地址，同类为{baseline}",
        "{value} of the visits come from networks that see a few shops and never buy; usual here: {baseline}",
        ("visits.ip", "visits.ordered"),
    ),
    Signal(
        "idle_subnet", "networks",
        "{value}的访问来自只访问极少几家店铺且从不下单的网段，同类为{baseline}",
        "{value} of the visits come from subnets that see a few shops and never buy; usual: {baseline}",
        ("visits.ip", "visits.ordered"),
    ),
    Signal(
        "lone_visitor", "outcome",
        "{value}的访问来自此前此后从未在平台出现的访客，同类为{baseline}",
        "{value} of the visits come from visitors never seen before or after; usual: {baseline}",
        (*_ID, "visits.ordered"), weight=0.5,
    ),
    Signal(
        "on_the_minute", "clock",
        "{value}的访问发生在整五分钟后的30秒内，同类为{baseline}",
        "{value} of the visits fall within 30 seconds of a full five minutes; usual here: {baseline}",
        ("visits.at",),
    ),
    Signal(
        "same_dwell", "dwell",
        "{value}的访问停留时间几乎相同，同类为{baseline}",
        "{value} of the visits last almost equally long; usual here: {baseline}",
        ("visits.dwell_s",), weight=0.7,
    ),
    Signal(
        "same_dwell_in_silence", "silence",
        "{value}的访问停留时间几乎相同且几乎无人下单，同类为{baseline}",
        "{value} of the visits last almost equally long and end without orders; usual here: {baseline}",
        ("visits.dwell_s", "visits.ordered"), weight=0.7,
    ),
    Signal(
        "glance", "dwell",
        "{value}的访问停留不足3秒，同类为{baseline}",
        "{value} of the visits last less than 3 seconds; usual here: {baseline}",
        ("visits.dwell_s",), weight=0.6,
    ),
    Signal(
        "no_order", "outcome",
        "{value}的访问没有下单，同类为{baseline}",
        "{value} of the visits end without an order; usual here: {baseline}",
        ("visits.ordered",), weight=0.6,
    ),
    Signal(
        "link_without_order", "outcome",
        "{value}的链接（含直播间）访问没有下单，同类为{baseline}",
        "{value} of the visits by link (live rooms among them) end without an order; usual here: {baseline}",
        ("visits.ordered", "visits.entry"), weight=0.5,
    ),
    Signal(
        "at_night", "rhythm",
        "{value}的访问发生在凌晨1至6点，同类为{baseline}",
        "{value} of the visits fall between 1 and 6 in the morning; usual here: {baseline}",
        ("visits.at",), weight=0.5,
    ),
)  # fmt: skip

BY_NAME = {one.name: one for one in SIGNALS}

BESIDE = frozenset({"glance", "no_order", "link_without_order", "lone_visitor", "at_night"})
"""What a real crowd shows, too: counts only as far as the other signals speak."""

HALF = 8.0
"""Evidence that makes a score of 0.5: two strong witnesses."""

ENOUGH = 6.0
"""Evidence of the deciding signals from which on the others count in full."""

MATERIAL = 0.1
"""The share of a shop's visits from which on a signal counts in full: who buys visits buys many."""

ALONE = 0.1
"""The part of the others that counts when the deciding signals are silent."""

FEWEST = 1.0
"""Surprise below which a signal isn't told: one in ten is as odd."""

LISTED = 2.0
"""Evidence below which a shop isn't listed."""


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Sellers, by platform."""
    tests = [name for name in VISITS if name in able]
    counts = visits.by_visit(lake)
    if counts.is_empty():
        return []
    for name, (column, hits) in _of_visitors(lake, able).items():
        counts = counts.join(hits.rename({"hit": f"{name}_hit"}), on="shop", how="left").with_columns(
            pl.col(f"{name}_hit").fill_null(0), pl.col(f"{column}_of").alias(f"{name}_of")
        )
        tests.append(name)
    categories = seller_categories(lake)
    counts = counts.join(categories, on=SELLER, how="left").with_columns(pl.col("category").fill_null(""))
    found = surprises(counts, entity=SELLER, cell=["category"], tests=tests, against=against_settled)
    if "same_dwell" in able:
        found = found.join(_equal_dwell(lake, counts), on=SELLER, how="left").with_columns(
            pl.col("^same_dwell.*$").fill_null(0.0)
        )
        tests.append("same_dwell")
        if "same_dwell_in_silence" in able:
            found = _in_silence(found)
            tests.append("same_dwell_in_silence")
    listed = _scored(found, tests).filter(pl.col("total") >= LISTED)
    listed = listed.join(counts.select(*SELLER, "first", "last"), on=SELLER, how="left")
    idle = listed if "idle_visitor" in able else listed.clear()
    return _leads(listed, visitors.idlers(lake, idle), tests)


def _of_visitors(lake: Lake, able: frozenset[str]) -> dict[str, tuple[str, pl.DataFrame]]:
    """For each signal about who comes: the column it is of, and its hits by shop."""
    named = visitors.by_who(lake, [name for name in WHO if name in able])
    found = {name: (WHO[name].column, hits) for name, hits in named.items()}
    if "crowded_device" in able:
        found["crowded_device"] = "device", visitors.by_crowded_device(lake)
    if "same_shops" in able:
        found["same_shops"] = "visitor_id", visitors.by_company(lake)
    return found


def _equal_dwell(lake: Lake, counts: pl.DataFrame) -> pl.DataFrame:
    """The band of dwell in which a shop has most more visits than its category: columns of the seller,
    `same_dwell` (surprise), `same_dwell_value`, `same_dwell_baseline`, `same_dwell_count`, and of those
    visits `same_dwell_silent` and `same_dwell_told` (see `visits.crowded_bands`)."""
    crowded = visits.crowded_bands(lake)
    found = against_settled(
        crowded.join(counts.select(*SELLER, "rows", "category"), on=SELLER).with_columns(among="band"),
        entity=[*SELLER, "band"],
        cell=["category", "among"],
        hit="here",
        of="rows",
    )
    return (
        found.sort("surprise", "band", descending=[True, False])
        .unique(SELLER, keep="first", maintain_order=True)
        .join(crowded, on=[*SELLER, "band"], how="left", maintain_order="left")
        .select(
            *SELLER,
            same_dwell_silent="silent",
            same_dwell_told="told",
            same_dwell="surprise",
            same_dwell_value="value",
            same_dwell_baseline="baseline",
            same_dwell_count="count",
        )
    )


def _in_silence(found: pl.DataFrame) -> pl.DataFrame:
    """`same_dwell_in_silence`: as odd as it is that visits last equally long, and that so few of them end
    with an order, beside what is usual in the category. Whoever stays listens, and some listeners buy."""
    silent, told = (found[f"same_dwell_{name}"].to_numpy() for name in ("silent", "told"))
    chance = binom.sf(silent - 1, told, found["no_order_baseline"].fill_null(1.0).to_numpy())
    silence = pl.Series(-np.log10(np.maximum(chance, 10.0**-MOST)))
    return found.with_columns(
        same_dwell_in_silence=pl.min_horizontal("same_dwell", silence),
        same_dwell_in_silence_value="same_dwell_value",
        same_dwell_in_silence_baseline="same_dwell_baseline",
    )


def _scored(found: pl.DataFrame, tests: list[str]) -> pl.DataFrame:
    """The shops with the evidence of all signals (`total`): the deciding ones, and as far as they speak the
    others."""
    weights = {name: BY_NAME[name].weight for name in tests}
    beyond = {name: pl.col(f"{name}_value") - pl.col(f"{name}_baseline") for name in tests}
    material = found.with_columns(
        (pl.col(name) * (beyond[name] / MATERIAL).clip(0.0, 1.0)).alias(name) for name in tests
    )

    def summed(names: list[str]) -> Numbers:
        return together(material, {name: BY_NAME[name].kind for name in names}, weights).to_numpy()

    deciding = summed([name for name in tests if name not in BESIDE])
    beside = summed([name for name in tests if name in BESIDE])
    # A faint doubt lends them little: a crowd, too, has something odd about it.
    total = deciding + beside * np.clip((deciding / ENOUGH) ** 2, ALONE, 1.0)
    return found.with_columns(total=pl.Series(total))


def _leads(listed: pl.DataFrame, idlers: pl.DataFrame, tests: list[str]) -> list[Lead]:
    accounts = (
        idlers.sort(["visits", "visitor_id"], descending=[True, False])
        .group_by(SELLER, maintain_order=True)
        .agg(pl.col("visitor_id").head(EVIDENCE))
    )
    listed = listed.join(accounts, on=SELLER, how="left")
    score = np.round(as_score(listed["total"].to_numpy(), HALF), 6)
    return [
        Lead(
            "fake_traffic",
            "seller",
            row["seller_id"],
            row["platform"],
            float(score[number]),
            (row["first"], row["last"]),
            tuple(
                BY_NAME[name].seen(row[f"{name}_value"], row[f"{name}_baseline"])
                for name in sorted(tests, key=lambda name: (-row[name] * BY_NAME[name].weight, name))
                if row[name] >= FEWEST
            ),
            accounts=row["visitor_id"] or [],
        )
        for number, row in enumerate(listed.iter_rows(named=True))
    ]


DETECTOR = Detector(
    name="fake_traffic",
    zh="虚假流量",
    en="Fake traffic",
    obligations=("9.2c",),
    entities=("seller",),
    needs=("visits", "visits.seller_id", "visits.at"),
    signals=SIGNALS,
    find=find,
)
