"""Ratings as a graph of arrays, and sums over it that don't depend on the order of anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

GRAIN = float(2**30)


@dataclass(frozen=True)
class Graph:
    """The ratings as arrays, one value a rating; people have one number whether they rate or are rated."""

    people: pl.Series
    rater: Whole
    ratee: Whole
    score: Floats
    level: Whole  # of the score, among those that occur
    levels: Floats
    pair: Whole  # number of the pair of rater and ratee
    first: Whole  # where each pair's first rating stands
    once: Floats  # 1 / ratings of the pair
    share_of_occasion: Floats  # 1 / ratings that the rater gave within the window
    answer: NDArray[np.bool_]

    def by_rater(self, values: Floats) -> Floats:
        """The sum of the values over the ratings that each gave."""
        return exact_sum(self.rater, values, len(self.people))

    def by_ratee(self, values: Floats) -> Floats:
        """The sum of the values over the ratings that each received."""
        return exact_sum(self.ratee, values, len(self.people))


def exact_sum(index: Whole, values: Floats, size: int) -> Floats:
    """Sums by index that don't depend on the order: the terms are rounded to multiples of 2⁻³⁰.

    Exact while a sum stays below 2²³, which are eight million ratings of one person.
    """
    found: Floats = np.bincount(index, np.rint(values * GRAIN), minlength=size) / GRAIN
    return found


def read(edges: pl.DataFrame, occasion: int) -> Graph:
    """The graph of ratings (rater, ratee, score, at); `occasion` in seconds, 0 for none."""
    people = pl.concat([edges["rater"].rename("id"), edges["ratee"].rename("id")]).unique().sort()
    rater, ratee = (
        people.search_sorted(edges[side]).to_numpy().astype(np.int64) for side in ("rater", "ratee")
    )
    size = len(people)
    at = _seconds(edges["at"])
    score = edges["score"].cast(pl.Float64).to_numpy()
    levels, level = np.unique(np.rint(score * 10) / 10, return_inverse=True)
    keys, first, pair, repeats = np.unique(
        rater * size + ratee, return_index=True, return_inverse=True, return_counts=True
    )
    once = 1 / repeats[pair]
    together = _together(rater, at, once, occasion) if occasion else np.ones(len(at))
    return Graph(
        people,
        rater,
        ratee,
        score,
        level.astype(np.int64),
        levels,
        pair.astype(np.int64),
        first.astype(np.int64),
        once,
        1 / together,
        _answers(keys, pair, at, ratee * size + rater),
    )


def _together(rater: Whole, at: Whole, once: Floats, length: int) -> Floats:
    """How many opinions the rater gave in the same window, this one included."""
    window = at // length
    span = int(window.max(initial=0) - window.min(initial=0)) + 1
    _, place = np.unique(rater * span + window, return_inverse=True)
    return np.maximum(exact_sum(place.astype(np.int64), once, len(place))[place], 1)


def _answers(keys: Whole, pair: Whole, at: Whole, back: Whole) -> NDArray[np.bool_]:
    """Whether the ratee had rated the rater before."""
    if len(keys) == 0:
        return np.zeros(0, np.bool_)
    first = np.full(len(keys), np.iinfo(np.int64).max)
    np.minimum.at(first, pair, at)
    place = np.minimum(np.searchsorted(keys, back), len(keys) - 1)
    found: NDArray[np.bool_] = (keys[place] == back) & (first[place] < at)
    return found


def _seconds(at: pl.Series) -> Whole:
    if at.dtype.is_temporal():
        at = at.cast(pl.Datetime("ms")).dt.epoch("s")
    seconds: Whole = np.floor(at.cast(pl.Float64).to_numpy()).astype(np.int64)
    return seconds
