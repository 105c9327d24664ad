"""From scores to probabilities, by what became of earlier leads: pure, monotone, careful with few labels.

A detector begins with a prior: a straight line over its scores, worth a few decided leads. Decided leads are
put beside it, and isotonic regression (pool adjacent violators; Ayer et al. 1955, Zadrozny and Elkan 2002)
finds the nearest curve that never falls. Without labels the prior stands, with many it is outvoted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

_GRID = 10
"""Steps in which the prior is laid over the scores."""

_LEAST, _MOST = 0.005, 0.995
"""Nothing is certain: a lead is a question."""


@dataclass(frozen=True)
class Prior:
    """What is believed before anybody decided: probability at score 0 and 1, worth so many decided leads."""

    low: float
    high: float
    strength: float

    def at(self, score: float) -> float:
        """The prior probability at a score."""
        return self.low + (self.high - self.low) * score


@dataclass(frozen=True)
class Label:
    """A decided lead: its score in [0, 1], and whether it was what it looked like."""

    score: float
    hit: bool


@dataclass(frozen=True)
class Curve:
    """A probability for each score: straight between knots (score, probability), level beyond them."""

    knots: tuple[tuple[float, float], ...]

    def probability(self, score: float) -> float:
        """The probability that a lead of this score is what it looks like, never 0 or 1."""
        at = bisect_left(self.knots, (score, -1.0))
        if at == 0:
            return self.knots[0][1]
        if at == len(self.knots):
            return self.knots[-1][1]
        (x0, y0), (x1, y1) = self.knots[at - 1], self.knots[at]
        return round(y0 + (y1 - y0) * (score - x0) / (x1 - x0), 6)


def curve(prior: Prior, labels: Iterable[Label]) -> Curve:
    """The curve that a prior and decided leads come to; the order of the leads doesn't matter."""
    weights: dict[float, float] = defaultdict(float)
    hits: dict[float, float] = defaultdict(float)
    for step in range(_GRID + 1):
        score = step / _GRID
        weights[score] += prior.strength / (_GRID + 1)
        hits[score] += prior.strength / (_GRID + 1) * prior.at(score)
    for one in sorted(labels, key=lambda one: (one.score, one.hit)):
        weights[one.score] += 1.0
        hits[one.score] += float(one.hit)
    scores = sorted(weights)
    fitted = _never_falling([weights[one] for one in scores], [hits[one] for one in scores])
    return Curve(
        tuple(
            (score, round(min(max(value, _LEAST), _MOST), 6))
            for score, value in zip(scores, fitted, strict=True)
        )
    )


def _never_falling(weights: Sequence[float], hits: Sequence[float]) -> list[float]:
    """Weighted means of neighbours, pooled until none is below the one before."""
    pools: list[tuple[float, float, int]] = []
    for weight, hit in zip(weights, hits, strict=True):
        pool = (weight, hit, 1)
        while pools and pools[-1][1] * pool[0] >= pool[1] * pools[-1][0]:
            before = pools.pop()
            pool = (before[0] + pool[0], before[1] + pool[1], before[2] + pool[2])
        pools.append(pool)
    return [hit / weight for weight, hit, count in pools for _ in range(count)]


@dataclass(frozen=True)
class Interval:
    """A share with the range in which it lies with 95 % confidence."""

    share: float
    low: float
    high: float


def wilson(hits: int, all_: int, z: float = 1.959964) -> Interval | None:
    """The share of hits with its Wilson interval (1927); None where nothing was decided."""
    if all_ <= 0:
        return None
    share, square = hits / all_, z * z
    middle = (share + square / (2 * all_)) / (1 + square / all_)
    half = z * sqrt(share * (1 - share) / all_ + square / (4 * all_ * all_)) / (1 + square / all_)
    # at 0 and 1 the bounds are exact; rounding must not leave the share outside
    return Interval(share, min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half)))
