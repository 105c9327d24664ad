"""Raters who blame where others don't, are paid, and take it back."""

from __future__ import annotations

import numpy as np
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.joining import joined
from chengxin.detection.opinions.money import near
from chengxin.detection.opinions.rows import RATEE, RATER, RATING, marked, opinions
from chengxin.detection.statistics.shares import Test, counted
from chengxin.detection.statistics.surprise import tail
from chengxin.lake.reading import Lake

SHORTLY = 15 * 24 * 3600
"""Seconds after a rating within which money or a change of mind answers it: returns without reason take
seven days, their handling some more."""

RAISED = 0.5
"""By so much a later rating must be better (one star of five) to take the first one back."""

_LEAN = 4.0
"""Ratings of the whole market behind a shop's share of blame."""

_HABIT = 0.02
"""The correlation of what happens after one person's blame: some insist on their money more than others."""

_FEW = 6
_STEADY = 0.005
"""The least correlation of one rater's ratings: temper differs between people."""


def blame(lake: Lake) -> ir.Table:
    """The first ratings that blame (low), as marked, with what became of each.

    `others`: how much the shop's other raters blame it (share). Marks: `unlike` (fewer than half the
    market's share of the others do), `refunded` (money back through the order shortly after), `bought_off`
    (a transfer to the rater shortly after), `raised` (a better rating by the same rater about the same
    order, or in place of it), `settled` (raised, and refunded or bought off).
    """

    def made() -> ir.Table:
        rows = marked(lake)
        low = rows.filter(rows.side == "low")
        low = joined(low, _others(rows), RATEE)
        others = (low.shop_low - 1 + _LEAN * low.all_low / low.all_rows) / (low.shop_rows - 1 + _LEAN)
        low = first = lake.meanwhile(low.mutate(others=others))
        for more in (_refunds(lake, first), _transfers(lake, first), _second_thoughts(lake, first)):
            low = joined(low, more, RATING)
        marks = {name: low[name].fill_null(False) for name in ("refunded", "bought_off", "raised")}
        low = low.mutate(**marks)
        return low.mutate(
            settled=low.raised & (low.refunded | low.bought_off),
            unlike=low.others * low.all_rows <= low.all_low / 2,
        )

    return lake.kept("blame", made)


def _others(rows: ir.Table) -> ir.Table:
    """How many of a shop's ratings blame, and of all ratings."""
    low = (rows.side == "low").cast("int64")
    by_shop = rows.group_by(RATEE).aggregate(shop_rows=rows.count(), shop_low=low.sum())
    whole = rows.aggregate(all_rows=rows.count(), all_low=low.sum())
    return by_shop.cross_join(whole)


def _refunds(lake: Lake, low: ir.Table) -> ir.Table:
    """Refunds of the order after it was blamed."""
    payments = lake.table("payments")
    back = payments.filter(payments.kind == "refund", payments.order_id.notnull(), payments.paid_at.notnull())
    both = low.select(*RATING, "order_id", "created_at").inner_join(
        back.select("order_id", "paid_at"), "order_id"
    )
    waited = both.paid_at - both["created_at"]
    return both.filter((waited > 0) & (waited <= SHORTLY)).select(*RATING).distinct().mutate(refunded=True)


def _transfers(lake: Lake, low: ir.Table) -> ir.Table:
    """Transfers to the rater after the blame, but for other shops' to their customers: the shop may have
    others pay."""
    sent = near(lake, low.select(*RATING, "rater_id", "ratee_id", "created_at"))
    return sent.filter(sent.waited > 0).select(*RATING).distinct().mutate(bought_off=True)


def _second_thoughts(lake: Lake, low: ir.Table) -> ir.Table:
    """Ratings that were replaced by, or followed by, a better one."""
    said = opinions(lake)
    first = low.select(*RATING, "rater_id", "ratee_id", "order_id", "score", "created_at")
    later = said.select(
        "platform",
        "rater_id",
        "ratee_id",
        "order_id",
        "replaces",
        said_later=said.score,
        later_at=said["created_at"],
    )
    replaced = first.inner_join(
        later.filter(later.replaces.notnull()).select("platform", "said_later", rating_id=later.replaces),
        RATING,
    )
    replaced = replaced.filter(replaced.said_later >= replaced.score + RAISED).select(*RATING)
    again = first.filter(first.order_id.notnull()).inner_join(
        later.filter(later.order_id.notnull()).drop("replaces"),
        ["platform", "rater_id", "ratee_id", "order_id"],
    )
    again = again.filter(
        (again.later_at > again["created_at"]) & (again.said_later >= again.score + RAISED)
    ).select(*RATING)
    return replaced.union(again).distinct().mutate(raised=True)


def raters(lake: Lake, tests: dict[str, str]) -> pl.DataFrame:
    """How odd the blame of each rater is who gives any: platform, rater_id, and for `blames` and each of
    `tests` (signal → mark of `blame`) the surprise, value, baseline and count as in `shares.surprises`.

    `blames` holds a rater's blame against how much the other raters of the same shops blame them; its value
    and baseline are shares. The tests hold a rater's marks against those of all blame in equal shops.
    """
    low = blame(lake)
    found = _severity(lake)
    if found.is_empty():
        return found
    hits = {name: Test(low[mark], low.rater_id.notnull()) for name, mark in tests.items()}
    counts = counted(lake, low, list(RATER), hits)
    for name in tests:
        found = found.join(_habit(counts, name), on=RATER, how="left")
    return found.with_columns(pl.exclude(RATER).fill_null(0.0))


def _habit(counts: pl.DataFrame, name: str) -> pl.DataFrame:
    """How odd it is that it happens so often to a rater; what is usual is learnt from those who blamed but
    once.

    A few who make a living of it give a tenth of all blame: no mean over the blame would be honest
    people's.
    """
    hits, of = (counts[f"{name}_{kind}"].cast(pl.Float64).to_numpy() for kind in ("hit", "of"))
    once = of == 1
    usual = (float(hits[once].sum()) + 0.5) / (float(once.sum()) + 10)
    mean = of * usual
    odd = tail(hits, mean, mean * (1 - usual) * (1 + np.maximum(of - 1, 0) * _HABIT))
    return counts.select(
        *RATER,
        pl.Series(name, odd),
        pl.Series(f"{name}_value", hits / np.maximum(of, 1)),
        pl.lit(usual).alias(f"{name}_baseline"),
        pl.Series(f"{name}_count", hits),
    )


def _severity(lake: Lake) -> pl.DataFrame:
    """`blames` of each rater: all ratings, of which low, beside what the same shops get from others."""
    rows = marked(lake)
    whole = _others(rows)
    every = rows.select(*RATEE, "rater_id", "side").left_join(whole, RATEE)
    own = (every.side == "low").cast("int64")
    chance = (every.shop_low - own + _LEAN * every.all_low / every.all_rows) / (every.shop_rows - 1 + _LEAN)
    # Thousandths as whole numbers: their sum is the same on every engine and in every order.
    every = every.mutate(own=own, expected=(chance * 1000).round().cast("int64"))
    by = every.group_by(RATER).aggregate(
        ratings=every.count(), low=every.own.sum(), expected=every.expected.sum()
    )
    odd = lake.rows(by.filter(by.low > 0)).sort(RATER)
    few = by.filter((by.ratings > 1) & (by.ratings <= _FEW))
    spread = _spread(lake.rows(few.group_by(["ratings", "low"]).aggregate(n=few.count())))
    count, rows_, mean = (odd[name].cast(pl.Float64).to_numpy() for name in ("low", "ratings", "expected"))
    mean = np.clip(mean / 1000, 1e-3, None)
    even = mean * np.clip(1 - mean / rows_, 0.05, 1)
    surprise = tail(count, mean, even * (1 + (rows_ - 1) * spread))
    return odd.select(
        *RATER,
        blames=pl.Series(surprise),
        blames_value=pl.col("low") / pl.col("ratings"),
        blames_baseline=pl.Series(mean / rows_),
        blames_count=pl.col("low").cast(pl.Float64),
    )


def _spread(counts: pl.DataFrame) -> float:
    """How alike one rater's ratings are (intra-class correlation), from those who rated seldom."""
    if counts.is_empty():
        return _STEADY
    counts = counts.sort("ratings", "low")
    rows, low, n = (counts[name].cast(pl.Float64).to_numpy() for name in ("ratings", "low", "n"))
    share = float((low * n).sum() / (rows * n).sum())
    even = rows * share * (1 - share)
    if not 0 < share < 1:
        return _STEADY
    found = float((n * ((low - rows * share) ** 2 / even - 1)).sum() / (n * (rows - 1)).sum())
    return min(max(found, _STEADY), 0.5)
