"""Precision, recall and their curve, and the string measures that serve as a baseline."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

_WINKLER_PREFIX = 4  # characters in front that count more
_WINKLER_SCALE = 0.1


@dataclass(frozen=True)
class Accuracy:
    """How right a choice of pairs is: shares from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def curve(scored: pl.DataFrame, true_pairs: int) -> pl.DataFrame:
    """`threshold, precision, recall`: one row each distinct score, highest first.

    scored: `score` and `truth` (bool) of each scored pair; true_pairs: all there are, found by blocking or
    not.
    """
    return (
        scored.group_by("score")
        .agg(right=pl.col("truth").sum(), taken=pl.len())
        .sort("score", descending=True)
        .with_columns(pl.col("right", "taken").cum_sum())
        .select(
            threshold="score",
            precision=pl.col("right") / pl.col("taken"),
            recall=pl.col("right") / true_pairs,
        )
    )


def average_precision(points: pl.DataFrame) -> float:
    """The area under the curve as the mean of precision over the recall gained, from `curve`."""
    gained = points["recall"].diff().fill_null(points["recall"][0])
    return float((gained * points["precision"]).sum())


def at(scored: pl.DataFrame, true_pairs: int, threshold: float) -> Accuracy:
    """Accuracy when every pair that reaches the threshold is taken."""
    taken = scored.filter(pl.col("score") >= threshold)
    right = int(taken["truth"].sum())
    return Accuracy(precision=right / len(taken) if len(taken) else 1.0, recall=right / true_pairs)


def best_threshold(points: pl.DataFrame) -> float:
    """The threshold with the highest F1."""
    f1 = 2 * points["precision"] * points["recall"] / (points["precision"] + points["recall"])
    return float(points["threshold"][f1.fill_nan(0).arg_max() or 0])


def jaro_winkler(one: str, other: str) -> float:
    """Jaro–Winkler similarity of two texts by characters (Winkler 1990), 0 to 1."""
    if not one or not other:
        return float(one == other)
    reach = max(0, max(len(one), len(other)) // 2 - 1)
    taken = [False] * len(other)
    matched: list[str] = []
    for at_one, letter in enumerate(one):
        for at_other in range(max(0, at_one - reach), min(len(other), at_one + reach + 1)):
            if not taken[at_other] and other[at_other] == letter:
                taken[at_other] = True
                matched.append(letter)
                break
    if not matched:
        return 0.0
    in_order = [letter for letter, was_taken in zip(other, taken, strict=True) if was_taken]
    moved = sum(a != b for a, b in zip(matched, in_order, strict=True)) / 2
    count = len(matched)
    jaro = (count / len(one) + count / len(other) + (count - moved) / count) / 3
    prefix = 0
    for a, b in zip(one[:_WINKLER_PREFIX], other[:_WINKLER_PREFIX], strict=False):
        if a != b:
            break
        prefix += 1
    return jaro + prefix * _WINKLER_SCALE * (1 - jaro)
