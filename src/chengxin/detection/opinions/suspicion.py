"""From the odd shares of shops to a case for each, and from a shop's case to the ratings that make it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
import numpy as np
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.declaring import EVIDENCE, Lead, Signal
from chengxin.detection.opinions.rows import RATEE
from chengxin.detection.statistics.shares import surprises
from chengxin.detection.statistics.surprise import together
from chengxin.lake.reading import Lake

NOISE = 1.5
"""A dozen tests of a shop give a surprise of so much now and then; only what lies above counts."""

FAINT = 0.5
"""Of a rater there are few rows, and each test says little by itself: from here on it is a hint, and only
what all of them say together must be more than noise."""

ENOUGH = 6.0
"""A witness is worth no more than this (one in 10^6): a second one of another kind is worth more than
certainty."""

GROWING = frozenset({"linked", "networked", "repeated", "pooled", "hired", "foreign", "silent"})
"""Marks that become more usual, or less, the more raters a shop has."""

HALF = 7.0
"""Evidence at which a case is as likely as not: more than one witness can give."""

WORTH = 2.0
"""The most that one mark is worth to a rating, as log10 of how much more frequent than usual it is at the
shop."""


ORDERED = 0.98
"""The share of full marks among ratings that were ordered: a slip now and then."""

THIN = 10
"""So many ratings of the whole market stand behind what is usual at a shop of few."""


@dataclass(frozen=True)
class Case:
    """What of the rows is about a detector's question: the detector, its rows (marked), the mark of each
    signal."""

    detector: str
    rows: ir.Table
    marks: Mapping[str, str]
    by: tuple[str, str] = ("platform", "ratee_id")
    """Whom the cases are about: the rated, or the raters."""
    least: float = NOISE
    """The surprise below which a signal tells nothing of a row."""


def likelihood(evidence: pl.Expr, half: float = HALF) -> pl.Expr:
    """Evidence as a score: one half at `half`, nine tenths at a good three times that."""
    found: pl.Expr = 1 - (evidence.clip(0) * (-np.log(2.0) / half)).exp()
    return found


def beside(counts: pl.DataFrame, marks: Mapping[str, str]) -> pl.DataFrame:
    """The surprises of shops (as `shares.surprises`): ties between raters beside shops of their size, the
    rest beside their category.

    `counts` as of `shares.counted`, with category and size; `marks` the mark of each test.
    """
    tied = [name for name, mark in marks.items() if mark in GROWING]
    rest = [name for name, mark in marks.items() if mark not in GROWING]
    one = surprises(counts, entity=RATEE, cell=["size"], tests=tied)
    other = surprises(counts, entity=RATEE, cell=["category"], tests=rest)
    return one.join(other, on=RATEE, how="left", maintain_order="left")


def of_one_mind(found: pl.DataFrame, counts: pl.DataFrame, ties: Sequence[str]) -> pl.DataFrame:
    """`found` with each of these signals of ties less what speaks for honest people: neighbours and regulars
    give full marks as often as the shop's other raters do, those who were ordered to nearly always.

    `counts` as of `shares.counted`, with `<signal>` among the full marks and `<signal>_else` among the rest.
    """
    for name in ties:
        columns = [f"{name}_hit", f"{name}_of", f"{name}_else_hit", f"{name}_else_of"]
        known = counts.group_by(RATEE).agg(pl.col(columns).sum())
        full, top, less, rest = (known[column].cast(pl.Float64).to_numpy() for column in columns)
        market = (top.sum() - full.sum() + 1) / (top.sum() + rest.sum() - full.sum() - less.sum() + 2)
        usual = (top - full + THIN * market) / (top - full + rest - less + THIN)
        usual = np.clip(usual, 1 - ORDERED, ORDERED)
        # How much better an order than honest customers explain what these people said (log10).
        better = full * np.log10(ORDERED / usual) + less * np.log10((1 - ORDERED) / (1 - usual))
        doubt = known.select(*RATEE, doubt=pl.Series(np.minimum(better, 0.0)))
        found = found.join(doubt, on=RATEE, how="left", maintain_order="left")
        kept = (pl.col(name) + pl.col("doubt").fill_null(0.0)).clip(0)
        found = found.with_columns(kept.alias(name)).drop("doubt")
    return found


def cases(
    found: pl.DataFrame,
    signals: Sequence[Signal],
    *,
    supporting: Sequence[str] = (),
    noise: tuple[float, float] = (NOISE, 0.0),
) -> pl.DataFrame:
    """`found` (surprises a shop) with `evidence` and `score`.

    What stands in `supporting` has many honest reasons and counts at most as much as the rest of the case.
    `noise`: what is taken off each signal, and off the sum of them.
    """
    each, whole = noise
    names = [one.name for one in signals if one.name in found.columns]
    weights = {one.name: one.weight for one in signals}
    kinds = {one.name: one.kind for one in signals}
    beyond = found.with_columns((pl.col(names).fill_null(0.0) - each).clip(0, ENOUGH))
    main, side = (
        together(beyond.select(some), {name: kinds[name] for name in some}, weights)
        if some
        else pl.repeat(0.0, beyond.height, eager=True)
        for some in (
            [name for name in names if name not in supporting],
            [name for name in names if name in supporting],
        )
    )
    evidence = pl.select((main + pl.min_horizontal(main, side) - whole).clip(0)).to_series()
    return found.with_columns(evidence=evidence).with_columns(score=likelihood(pl.col("evidence")))


def suspects(lake: Lake, found: pl.DataFrame, case: Case, signals: Sequence[Signal]) -> pl.DataFrame:
    """The marked rows of shops with a case, and how likely each is part of it.

    Columns of the rows and of the shop (`<signal>` and so on), `worth_<signal>` (what the mark is worth
    here, 0 without it), `own` (those of different kinds added up), `rating_score`.
    """
    odd = found.filter(pl.col("score").round(6) > 0)
    named = [one for one in signals if one.name in case.marks and one.name in found.columns]
    by = list(case.by)
    columns = [*RATEE, "rating_id", "rater_id", "order_id", "created_at", "pool"]
    keys = lake.given(odd.select(by), f"{case.detector}_{case.by[1]}")
    rows = case.rows.semi_join(keys, by)
    marks = [case.marks[one.name] for one in named]
    rows = rows.filter(ibis.or_(*(rows[mark] for mark in marks)) if marks else ibis.literal(value=False))
    # A mark may have the name of its signal: the one is of the row, the other of the case.
    seen_in = rows.select(*columns, **{f"marked_{mark}": rows[mark] for mark in marks})
    found = lake.rows(seen_in).join(odd, on=by, how="inner")
    worth = []
    for one in named:
        lift = pl.col(f"{one.name}_value") / pl.col(f"{one.name}_baseline").clip(1e-4)
        seen = pl.col(f"marked_{case.marks[one.name]}") & (pl.col(one.name) > case.least)
        worth.append(
            pl.when(seen)
            .then(lift.log10().clip(0, WORTH) * one.weight)
            .otherwise(0.0)
            .alias(f"worth_{one.name}")
        )
    found = found.with_columns(worth)
    by_kind: dict[str, list[str]] = {}
    for one in named:
        by_kind.setdefault(one.kind, []).append(f"worth_{one.name}")
    own = [pl.max_horizontal(some) for _, some in sorted(by_kind.items())]
    found = found.with_columns(own=pl.sum_horizontal(own) if own else pl.lit(0.0))
    return found.with_columns(rating_score=pl.col("score") * pl.col("own") / (pl.col("own") + 1)).sort(
        "rating_score", "own", "created_at", "rating_id", descending=[True, True, False, False]
    )


def ring_of(row: Mapping[str, Any]) -> str:
    """The scheme to which a shop and its ratings belong: the pool of its raters, or the shop's own."""
    pool = row.get("pool")
    return f"{row['platform']}/{row['ratee_id']}" if pool is None else f"pool/{pool}"


def shop_leads(
    detector: str, shops: pl.DataFrame, rows: pl.DataFrame, signals: Sequence[Signal]
) -> list[Lead]:
    """One lead a shop with a case; `rows` are its suspects, best first."""
    grouped = {
        (str(platform), str(ratee)): part
        for (platform, ratee), part in rows.filter(pl.col("own") > 0).group_by(RATEE, maintain_order=True)
    }
    leads = []
    for shop in shops.filter(pl.col("score").round(6) > 0).iter_rows(named=True):
        mine = grouped.get((shop["platform"], shop["ratee_id"]))
        if mine is None:
            continue
        seen = [
            (one.weight * shop[one.name], one.seen(shop[f"{one.name}_value"], shop[f"{one.name}_baseline"]))
            for one in signals
            if shop.get(one.name) is not None and shop[one.name] > NOISE
        ]
        pooled = mine["pool"].drop_nulls()
        leads.append(
            Lead(
                detector,
                "seller",
                shop["ratee_id"],
                shop["platform"],
                shop["score"],
                _window(mine),
                tuple(one for _, one in sorted(seen, key=lambda both: (-both[0], both[1].signal.name))),
                orders=first_of(mine["order_id"]),
                accounts=first_of(mine["rater_id"]),
                ring=ring_of({**shop, "pool": pooled.min()}),
            )
        )
    return leads


def rating_leads(
    detector: str, rows: pl.DataFrame, signals: Sequence[Signal], *, ring: bool = True
) -> list[Lead]:
    """One lead a suspect rating: its own marks with what they are at its shop (or of its rater)."""
    named = [one for one in signals if f"worth_{one.name}" in rows.columns]
    leads = []
    for row in rows.filter(pl.col("rating_score").round(6) > 0).iter_rows(named=True):
        marks = [(row[f"worth_{one.name}"], one) for one in named if row[f"worth_{one.name}"] > 0]
        leads.append(
            Lead(
                detector,
                "rating",
                row["rating_id"],
                row["platform"],
                row["rating_score"],
                (row["created_at"], row["created_at"]),
                tuple(
                    one.seen(row[f"{one.name}_value"], row[f"{one.name}_baseline"])
                    for _, one in sorted(marks, key=lambda both: (-both[0], both[1].name))
                ),
                orders=[row["order_id"]] if row["order_id"] else (),
                accounts=[row["rater_id"], row["ratee_id"]],
                ring=ring_of(row) if ring else None,
            )
        )
    return leads


def rater_leads(
    detector: str, rows: pl.DataFrame, signals: Sequence[Signal], score: str, *, least: float = NOISE
) -> list[Lead]:
    """One lead a rater of suspect ratings, as a buyer; `score` names the column of which the greatest
    counts; signals of a surprise below `least` aren't shown."""
    leads = []
    known = rows.filter((pl.col(score).round(6) > 0) & (pl.col("own") > 0)).sort(
        score, "own", "created_at", "rating_id", descending=[True, True, False, False]
    )
    for (platform, rater), mine in known.group_by(["platform", "rater_id"], maintain_order=True):
        best = mine.row(0, named=True)
        seen = [
            (best[one.name] * one.weight, one.seen(best[f"{one.name}_value"], best[f"{one.name}_baseline"]))
            for one in signals
            if best.get(one.name) is not None
            and best[one.name] > least
            and (f"worth_{one.name}" not in mine.columns or bool((mine[f"worth_{one.name}"] > 0).any()))
        ]
        leads.append(
            Lead(
                detector,
                "buyer",
                str(rater),
                str(platform),
                float(best[score]),
                _window(mine),
                tuple(one for _, one in sorted(seen, key=lambda both: (-both[0], both[1].signal.name))),
                orders=first_of(mine["order_id"]),
                accounts=first_of(mine["ratee_id"]),
                ring=ring_of(best) if score == "rating_score" else None,
            )
        )
    return leads


def merged(leads: Sequence[Lead]) -> list[Lead]:
    """Leads about the same entity as one: either may be right, and what either saw and shows stands."""
    by: dict[tuple[str, str, str], Lead] = {}
    for one in sorted(leads, key=lambda lead: (-round(lead.score, 9), lead.ring or "")):
        key = (one.entity, one.platform, one.entity_id)
        first = by.get(key)
        if first is None:
            by[key] = one
            continue
        known = {seen.signal.name for seen in first.signals}
        by[key] = replace(
            first,
            score=1 - (1 - first.score) * (1 - one.score),
            window=(min(first.window[0], one.window[0]), max(first.window[1], one.window[1])),
            signals=(*first.signals, *(seen for seen in one.signals if seen.signal.name not in known)),
            orders=list(dict.fromkeys([*first.orders, *one.orders])),
            accounts=list(dict.fromkeys([*first.accounts, *one.accounts])),
            ring=first.ring or one.ring,
        )
    return list(by.values())


def first_of(ids: pl.Series) -> list[str]:
    """The first different ids, as many as a lead carries."""
    return [str(one) for one in ids.drop_nulls().unique(maintain_order=True).head(EVIDENCE)]


def _window(rows: pl.DataFrame) -> tuple[int, int]:
    first, last = rows["created_at"].min(), rows["created_at"].max()
    assert isinstance(first, int) and isinstance(last, int)  # noqa: S101 # there are rows, all with times
    return first, last
