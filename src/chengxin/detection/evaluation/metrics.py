"""How good a ranking is, when ties are taken for what they are: any order of the tied is as likely.

Every function takes the scores of what was listed and whether each is truly what is sought. Sought ones that
were never listed (`missed`) come after everything that was listed and count as never found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mean:
    """A mean over runs, with the ends of its 95 % interval (nan when one run tells nothing of it)."""

    mean: float
    low: float
    high: float
    runs: int


def _groups(scores: ArrayLike, sought: ArrayLike) -> tuple[Floats, Floats]:
    """Of each distinct score, best first: how many have it, and how many of them are sought."""
    values, truth = np.asarray(scores, np.float64), np.asarray(sought, np.bool_)
    if values.shape != truth.shape or values.ndim != 1:
        raise ValueError("分数与真值须为同样长度的一列；scores and truth must be columns of one length")
    if np.isnan(values).any():
        raise ValueError("分数不得为空；a score must not be nan")
    if len(values) == 0:
        return np.zeros(0), np.zeros(0)
    _, place = np.unique(-values, return_inverse=True)
    size, found = (np.bincount(place, weights=weights) for weights in (np.ones(len(values)), truth))
    return size.astype(np.float64), found.astype(np.float64)


def average_precision(scores: ArrayLike, sought: ArrayLike, missed: int = 0) -> float:
    """The mean, over everything sought, of the precision at its place; expected over the orders of the tied.

    Within a tie of n with p sought, after N seen of which P sought, the k-th place holds a sought one with
    probability p/n, and then P + 1 + (k−1)(p−1)/(n−1) sought ones stand in N + k places on average: exact.
    nan when nothing is sought.
    """
    size, found = _groups(scores, sought)
    total = float(found.sum()) + missed
    if total == 0:
        return nan
    seen = hits = gathered = 0.0
    for n, p in zip(size, found, strict=True):
        if p:
            k = np.arange(1, n + 1)
            among = (k - 1) * (p - 1) / (n - 1) if n > 1 else 0.0
            gathered += float(np.sum((hits + 1 + among) / (seen + k))) * float(p) / float(n)
        seen, hits = seen + n, hits + p
    return gathered / total


def roc_auc(scores: ArrayLike, sought: ArrayLike, missed: int = 0, passed_over: int = 0) -> float:
    """The probability that something sought comes before something that isn't; a tie counts half.

    `missed` and `passed_over` are the sought and the others that were never listed: tied at the very end.
    nan when there is nothing of one kind.
    """
    size, found = _groups(scores, sought)
    size, found = np.append(size, missed + passed_over), np.append(found, missed)
    other = size - found
    if found.sum() == 0 or other.sum() == 0:
        return nan
    after = other.sum() - np.cumsum(other)
    return float(np.sum(found * (after + other / 2)) / (found.sum() * other.sum()))


def precision_at(scores: ArrayLike, sought: ArrayLike, capacity: int) -> float:
    """The share of what is sought among the first `capacity` places, expected over ties.

    A list shorter than `capacity` is judged by what it holds: nobody is sent to a place that isn't named. nan
    when nothing is listed or nobody can be sent.
    """
    size, found = _groups(scores, sought)
    taken = _taken(size, capacity)
    inspected = float(taken.sum())
    if inspected == 0:
        return nan
    return float(np.sum(found * taken / np.maximum(size, 1))) / inspected


def found_at(scores: ArrayLike, sought: ArrayLike, capacity: int) -> float:
    """How many sought ones stand in the first `capacity` places, expected over ties."""
    size, found = _groups(scores, sought)
    return float(np.sum(found * _taken(size, capacity) / np.maximum(size, 1)))


def _taken(size: Floats, capacity: int) -> Floats:
    if capacity < 0:
        raise ValueError("capacity：须为零或正整数；capacity must be zero or more")
    before = np.cumsum(size) - size
    taken: Floats = np.clip(capacity - before, 0, size)
    return taken


def over_runs(values: Iterable[float], level: float = 0.95) -> Mean:
    """The mean over runs (seeds) with Student's interval; runs that are nan (nothing to find) don't count."""
    kept = np.asarray([value for value in values if not np.isnan(value)], np.float64)
    if len(kept) == 0:
        return Mean(nan, nan, nan, 0)
    mean = float(np.mean(np.sort(kept)))
    if len(kept) == 1:
        return Mean(mean, nan, nan, 1)
    half = (
        float(student.ppf((1 + level) / 2, len(kept) - 1))
        * float(np.std(np.sort(kept), ddof=1))
        / sqrt(len(kept))
    )
    return Mean(mean, mean - half, mean + half, len(kept))


def false_alarms(scores: ArrayLike, twins: Sequence[str | None], capacity: int) -> dict[str, float]:
    """How many honest twins of each kind stand in the first `capacity` places, expected over ties.

    `twins`: the kind of honest twin that each listed entity is, None for none.
    """
    kinds = sorted({kind for kind in twins if kind is not None})
    return {kind: found_at(scores, [twin == kind for twin in twins], capacity) for kind in kinds}


Interval = tuple[float, float]


def bootstrap(
    scores: ArrayLike, sought: ArrayLike, draws: int = 2000, seed: int = 1
) -> tuple[Interval, Interval]:
    """95 % intervals of AUC and AP by drawing the sought and the others anew, each with replacement."""
    values, truth = np.asarray(scores, np.float64), np.asarray(sought, np.bool_)
    order = np.lexsort((values, truth))
    values, truth = values[order], truth[order]
    found = [
        (roc_auc(values[drawn], truth[drawn]), average_precision(values[drawn], truth[drawn]))
        for drawn in _draws(truth, draws, seed)
    ]
    low, high = np.quantile(np.asarray(found), (0.025, 0.975), axis=0)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def paired(
    ours: ArrayLike, theirs: ArrayLike, sought: ArrayLike, draws: int = 2000, seed: int = 1
) -> tuple[float, Interval]:
    """By how much the AUC of one ranking exceeds another's on the same entities, with a 95 % interval."""
    one, two, truth = (
        np.asarray(ours, np.float64),
        np.asarray(theirs, np.float64),
        np.asarray(sought, np.bool_),
    )
    order = np.lexsort((two, one, truth))
    one, two, truth = one[order], two[order], truth[order]
    found = [
        roc_auc(one[drawn], truth[drawn]) - roc_auc(two[drawn], truth[drawn])
        for drawn in _draws(truth, draws, seed)
    ]
    low, high = np.quantile(found, (0.025, 0.975))
    return roc_auc(one, truth) - roc_auc(two, truth), (float(low), float(high))


def _draws(truth: NDArray[np.bool_], draws: int, seed: int) -> Iterable[NDArray[np.int64]]:
    kinds = np.flatnonzero(truth), np.flatnonzero(~truth)
    chance = np.random.default_rng(seed)
    for _ in range(draws):
        yield np.concatenate([chance.choice(kind, len(kind)) for kind in kinds])
