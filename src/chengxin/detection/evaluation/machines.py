"""Boosted trees for every detector and entity kind, taught on markets whose guilty are known.

For each pair of detector and entity kind several are trained: one with everything, one without each level of
skill and one without each kind of scheme (both left out of the lessons altogether, neither guilty nor
honest), to see what becomes of something never seen; and one on the first half of the months alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from chengxin.detection.evaluation.baselines import signals
from chengxin.detection.evaluation.baselines.learned import GradientBoosting, trained
from chengxin.detection.evaluation.markets import KEY, Asked, Market, Pair

LEARN = range(21, 25)
"""The seeds on which learning machines are trained."""

HONEST = 5_000
"""How many honest entities of a market are learnt from at most, besides those that the detector listed."""


@dataclass(frozen=True)
class Taught:
    """The trees of one detector and entity kind.

    `without` holds those that never saw a level or a kind, by ("level", 3) or ("kind", "parcel mill").
    """

    whole: GradientBoosting
    without: Mapping[tuple[str, int | str], GradientBoosting]
    early: GradientBoosting | None


@dataclass(frozen=True)
class Lessons:
    """What is learnt from one market: for each pair the rows, from the whole market and its first half."""

    whole: Mapping[Pair, pl.DataFrame]
    early: Mapping[Pair, pl.DataFrame]


def lessons(asked: Market) -> Lessons:
    """The rows of a market that trees learn from; the rest of it can be forgotten."""
    early = asked.halves.get("before")
    return Lessons(_rows(asked.whole), {} if early is None else _rows(early))


def _rows(asked: Asked) -> dict[Pair, pl.DataFrame]:
    return {pair: _drawn(_labelled(asked, pair)) for pair in asked.features}


def _labelled(asked: Asked, pair: Pair) -> pl.DataFrame:
    """The features of a pair with the levels and kinds of which each entity is guilty, null when honest."""
    mine = (pl.col("detector") == pair[0]) & (pl.col("entity") == pair[1])
    guilty = asked.truth.entities.filter(mine).group_by(KEY).agg(pl.col("level", "kind").unique())
    rows = asked.features[pair].join(asked.aside.filter(mine), on=KEY, how="anti", nulls_equal=True)
    return rows.join(
        guilty.rename({"level": "guilty_levels", "kind": "guilty_kinds"}),
        on=KEY,
        how="left",
        nulls_equal=True,
    )


def _drawn(rows: pl.DataFrame) -> pl.DataFrame:
    """All guilty, all that the detector listed, and an even draw of the others, by their features: `stands`
    says for how many each row stands."""
    kept = pl.col("guilty_levels").is_not_null() | pl.col("named")
    others = rows.filter(~kept)
    step = max(1, -(-others.height // HONEST))
    some = others.sort(signals(rows)).gather_every(step)
    return pl.concat(
        [
            rows.filter(kept).with_columns(stands=pl.lit(1.0)),
            some.with_columns(stands=pl.lit(others.height / max(1, some.height))),
        ]
    )


def taught(
    markets: Iterable[Lessons], each: Callable[..., Iterable[Taught | None]] = map
) -> dict[Pair, Taught]:
    """Trees for every pair of which there is something to learn; `each` is `map`, or one that does several at
    once."""
    several = list(markets)
    pairs = sorted({pair for one in several for pair in one.whole})
    whole = [[one.whole[pair] for one in several if pair in one.whole] for pair in pairs]
    early = [[one.early[pair] for one in several if pair in one.early] for pair in pairs]
    found = zip(pairs, each(_taught, whole, early), strict=True)
    return {pair: trees for pair, trees in found if trees is not None}


def _taught(whole: Sequence[pl.DataFrame], early: Sequence[pl.DataFrame]) -> Taught | None:
    if (model := _model(whole)) is None:
        return None
    held: dict[tuple[str, int | str], GradientBoosting | None] = {}
    for what in ("level", "kind"):
        column = f"guilty_{what}s"
        values = sorted(set(pl.concat([rows[column].explode().drop_nulls() for rows in whole])))
        for value in values if len(values) > 1 else ():
            seen = ~pl.col(column).list.contains(value).fill_null(value=False)
            held[what, value] = _model([rows.filter(seen) for rows in whole])
    return Taught(model, {key: one for key, one in held.items() if one is not None}, _model(early))


def _model(frames: Sequence[pl.DataFrame]) -> GradientBoosting | None:
    known = [
        (
            rows.drop("guilty_levels", "guilty_kinds", "stands"),
            rows["guilty_levels"].is_not_null(),
            rows["stands"],
        )
        for rows in frames
    ]
    try:
        return trained(known)
    except ValueError:  # nobody guilty of anything else: there is nothing to learn
        return None
