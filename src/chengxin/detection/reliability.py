"""Whose ratings can be relied on, and how good the rated ones are once that is taken into account.

Nobody says beforehand who is fair. The start is the mutual definition of Kumar et al. (REV2, WSDM 2018): a
rater is fair whose ratings agree with the goodness of the rated, and goodness is what fair raters say. What
differs:

1. A rating is held against what the *other* raters of the target say (leave-one-out), never against itself.
2. Agreement is a likelihood, not a distance: how often do ratings of this value occur where the others say
   that (a table learnt from the graph, so any scale will do), against a rater who doesn't look at the target
   (half spread evenly, half at the two ends, where those rate who raise or smear).
3. A rating counts as far as it can be checked: by the weight of the target's other raters.
4. Agreement within thirty days is one occasion, ratings of one pair are one opinion. Disagreement isn't
   discounted: a burst of it is how attacks look.
5. A rater who is rated too starts from what the fair think of them, anybody else from the common start.
6. The reliability that is stated is the low end of what the evidence allows, from a start of not knowing:
   names are cheap (Friedman and Resnick, 2001), so nobody may gain by coming back under a new one, and few
   ratings are no proof.

The constants were set by reasoning and by criteria that need no label: docs/evaluation/reliability.md. Sums
are exact (terms are multiples of 2⁻³⁰), so neither the order of rows nor the spelling of ids matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import betaincinv

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

PULL = (0.5, 10.0)  # the common mean weighs at least and at most that many ratings
BANDS = 10  # bands of the others' opinion, as far as the graph can fill them
BAND_NEEDS = 50  # ratings a band
SMOOTHING = 10.0  # ratings' worth of the common distribution in each band
ROUNDS = 100
SETTLED = 1e-4  # mean change of fairness
GRAIN = float(2**30)


@dataclass(frozen=True)
class Model:
    """What the model takes for given; set without labels, changed only to see what each part does.

    `prior`: ratings' worth that a rater's start weighs; `caution`: share of the posterior that lies below the
    stated reliability; `careless`: of a careless rater's ratings, the share at the scale's two ends;
    `occasion`: seconds within which a rater's agreement is one occasion (0: each rating is one); `check`:
    weight of other raters that makes a rating half checkable (0: each rating is checkable).
    """

    prior: float = 2.0
    caution: float = 0.1
    careless: float = 0.5
    occasion: int = 30 * 86_400
    check: float = 1.0


USUAL = Model()


@dataclass(frozen=True)
class Reliability:
    """What `rate` found.

    `raters`: rater, reliability (0–1), fairness (the posterior's mean), given (ratings), agreement (mean
    probability that a rating follows the target), opposed (share of checkable ratings whose sign is the
    others' opposite), deviation (mean distance from the others), leaning (mean signed distance), extreme
    (share at the ends of the scale), checkable (mean), occasions (windows of thirty days in which ratings
    were given), concentration (share of ratings that repeat a pair), answers (share given to somebody who had
    rated the rater before), standing (what fair raters say of the rater, null when nobody does), evidence
    (ratings' worth).
    `ratees`: ratee, goodness (−1…1, what fair raters say), raters, weight (fair raters' worth), mean (plain),
    reputation (what the next rater is likely to say: all raters alike, drawn a little to a newcomer's).
    `ratings`: the edges as given, with expected (what the others say), fair (probability that the rating
    follows the target) and checkable (0–1).
    `settled` says whether the rounds ended because nothing moved any more, not because of their limit.
    """

    raters: pl.DataFrame
    ratees: pl.DataFrame
    ratings: pl.DataFrame
    unknown: float  # the reliability of a rater who gave no rating
    newcomer: float  # the goodness and reputation of a target whom nobody rated
    rounds: int
    settled: bool


@dataclass(frozen=True)
class _Graph:
    """The edges as arrays; people have one number whether they rate or are rated."""

    people: pl.Series
    rater: Whole
    ratee: Whole
    score: Floats
    level: Whole  # of the score, among those that occur
    levels: Floats
    pair: Whole  # number of the pair of rater and ratee
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


def rate(edges: pl.DataFrame, model: Model = USUAL) -> Reliability:
    """Whose ratings can be relied on, from ratings alone.

    `edges`: rater, ratee (text or numbers of one type), score (−1…1), at (epoch seconds or a time). A pair
    may rate repeatedly. An empty frame gives empty results.

    Source: B. Hooi et al. (BIRDNEST, SDM 2016) and S. Kumar et al. (REV2, WSDM 2018) for the question;
    A. Dawid and A. Skene (1979) for judging judges by a mixture; the model is our own.
    Raises ValueError for a score outside −1…1.
    """
    _check(edges)
    graph = _graph(edges, model.occasion)
    size, count = len(graph.people), len(graph.score)
    mean, pull = _newcomer(graph)
    careless = _careless(len(graph.levels), model.careless)
    fairness = np.ones(size)
    likely = np.ones(count)
    rounds, settled, common = 0, count == 0, 0.95
    others = weight = np.zeros(count)
    gain = loss = prior = np.zeros(size)
    while not settled and rounds < ROUNDS:
        rounds += 1
        others, weight = _others(graph, fairness, mean, pull)
        common = min(max(_mean(likely, graph.once), 0.5), 0.95)
        prior = _prior(graph, fairness, mean, pull, common)
        odds = _agreement(graph, others, weight, likely) / careless[graph.level]
        share = fairness[graph.rater]
        likely = share * odds / (share * odds + 1 - share + 1e-12)
        checkable = _checkable(weight, model)
        opinion = checkable * graph.once
        gain = graph.by_rater(likely * opinion * graph.share_of_occasion)
        loss = graph.by_rater((1 - likely) * opinion)
        found = (model.prior * prior + gain) / (model.prior + gain + loss)
        settled = float(np.mean(np.sort(np.abs(found - fairness)))) < SETTLED
        fairness = (found + fairness) / 2 if rounds > 1 else found
    start = np.clip(0.5 + prior - common, 0.05, 0.95)
    low = betaincinv(2 * start + gain, 2 * (1 - start) + loss, model.caution) if count else fairness
    others, weight = _others(graph, fairness, mean, pull)
    checkable = _checkable(weight, model)
    standing, known = _goodness(graph, fairness, mean, pull)
    people = pl.DataFrame(
        {
            "rater": graph.people,
            "reliability": low,
            "fairness": fairness,
            "evidence": gain + loss,
            "standing": pl.Series(np.where(known > 0, standing, np.nan), dtype=pl.Float64).fill_nan(None),
        }
    )
    return Reliability(
        _raters(graph, people, likely, others, checkable),
        _ratees(graph, fairness, mean, pull),
        edges.with_columns(
            expected=pl.Series(others, dtype=pl.Float64).round(6),
            fair=pl.Series(likely, dtype=pl.Float64).round(6),
            checkable=pl.Series(checkable, dtype=pl.Float64).round(6),
        ),
        round(float(betaincinv(1.0, 1.0, model.caution)), 6),
        round(mean, 6),
        rounds,
        settled,
    )


def _check(edges: pl.DataFrame) -> None:
    wrong = edges.filter(
        ~pl.col("score").is_between(-1, 1) | pl.col("score").is_nan() | pl.col("score").is_null()
    )
    if len(wrong):
        found = wrong["score"][0]
        raise ValueError(
            f"score：{found} 不在 −1 至 1 之间，请先换算为该区间；"
            f"{found} is outside −1 to 1; bring the scale to that range first"
        )


def _graph(edges: pl.DataFrame, length: int) -> _Graph:
    people = pl.concat([edges["rater"].rename("id"), edges["ratee"].rename("id")]).unique().sort()
    rater, ratee = (
        people.search_sorted(edges[side]).to_numpy().astype(np.int64) for side in ("rater", "ratee")
    )
    size = len(people)
    at = _seconds(edges["at"])
    score = edges["score"].cast(pl.Float64).to_numpy()
    levels, level = np.unique(np.rint(score * 10) / 10, return_inverse=True)
    keys, pair, repeats = np.unique(rater * size + ratee, return_inverse=True, return_counts=True)
    once = 1 / repeats[pair]
    together = _together(rater, at, once, length) if length else np.ones(len(at))
    return _Graph(
        people,
        rater,
        ratee,
        score,
        level.astype(np.int64),
        levels,
        pair.astype(np.int64),
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


def _mean(values: Floats, weight: Floats) -> float:
    nowhere = np.zeros(len(values), np.int64)
    return float(exact_sum(nowhere, values * weight, 1)[0] / exact_sum(nowhere, weight, 1)[0])


def _checkable(weight: Floats, model: Model) -> Floats:
    return weight / (weight + model.check) if model.check else np.ones_like(weight)


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


def _newcomer(graph: _Graph) -> tuple[float, float]:
    """The goodness of a target of whom nothing is known, and how many ratings' worth that weighs.

    The mean over targets, not over ratings: most ratings go to those who are already liked. The weight is the
    variance within a target over that between targets (moments, as in empirical Bayes).
    """
    count = graph.by_ratee(graph.once)
    some = count > 0
    rated = np.maximum(np.rint(count[some]), 1)
    means = graph.by_ratee(graph.once * graph.score)[some] / rated
    if len(rated) == 0:
        return 0.0, 1.0
    mean = float(np.mean(np.sort(means)))
    if len(rated) < 2 or rated.sum() <= len(rated):
        return mean, 1.0
    squares = graph.by_ratee(graph.once * graph.score**2)[some] - rated * means**2
    within = float(np.sum(np.sort(squares))) / float(rated.sum() - len(rated))
    between = float(np.var(np.sort(means))) - within * float(np.mean(np.sort(1 / rated)))
    return mean, float(np.clip(within / max(between, 1e-6), *PULL))


def _careless(levels: int, ends: float) -> Floats:
    spread = np.full(levels, (1 - ends) / max(levels, 1))
    if levels:
        spread[0] += ends / 2
        spread[-1] += ends / 2
    return spread


def _weights(graph: _Graph, fairness: Floats) -> Floats:
    return fairness[graph.rater] * graph.once


def _others(graph: _Graph, fairness: Floats, mean: float, pull: float) -> tuple[Floats, Floats]:
    """What the target's other raters say, drawn to the mean, and their weight; one value a rating."""
    weight = _weights(graph, fairness)
    own, own_said = (
        exact_sum(graph.pair, values, len(weight))[graph.pair] for values in (weight, weight * graph.score)
    )
    rest = np.maximum(graph.by_ratee(weight)[graph.ratee] - own, 0)
    said = graph.by_ratee(weight * graph.score)[graph.ratee] - own_said
    return (pull * mean + said) / (pull + rest), rest


def _prior(graph: _Graph, fairness: Floats, mean: float, pull: float, common: float) -> Floats:
    """Where each rater starts: the common fairness, moved by what fair raters say of the rater."""
    return np.clip(common + (_goodness(graph, fairness, mean, pull)[0] - mean) / 2, 0.05, 0.95)


def _goodness(graph: _Graph, fairness: Floats, mean: float, pull: float) -> tuple[Floats, Floats]:
    weight = _weights(graph, fairness)
    total = graph.by_ratee(weight)
    return (pull * mean + graph.by_ratee(weight * graph.score)) / (pull + total), total


def _agreement(graph: _Graph, others: Floats, weight: Floats, likely: Floats) -> Floats:
    """How often ratings of this value occur where the others say that; one probability a rating."""
    known, opinion = weight > 0, np.round(others, 9)
    _, first = np.unique(graph.pair, return_index=True)  # the others say the same of all ratings of a pair
    pairs = opinion[first][known[first]]
    bands = int(np.clip(len(pairs) // BAND_NEEDS, 1, BANDS))
    cuts = np.unique(np.quantile(pairs, np.arange(1, bands) / bands)) if len(pairs) else pairs
    band = np.where(known, 1 + np.searchsorted(cuts, opinion, side="right"), 0).astype(np.int64)
    height, width = bands + 1, len(graph.levels)
    table = exact_sum(band * width + graph.level, likely * graph.once, height * width).reshape(height, width)
    common = (table.sum(axis=0) + 1) / (float(table.sum()) + width)
    table = table + SMOOTHING * common
    found: Floats = (table / table.sum(axis=1, keepdims=True))[band, graph.level]
    return found


def _raters(
    graph: _Graph, people: pl.DataFrame, likely: Floats, others: Floats, checkable: Floats
) -> pl.DataFrame:
    given = graph.by_rater(np.ones(len(graph.score)))
    checked = graph.by_rater(checkable)
    away = graph.score - others
    ends = np.isin(graph.level, (0, len(graph.levels) - 1)).astype(np.float64)

    def share(values: Floats) -> Floats:
        return graph.by_rater(values) / np.maximum(given, 1)

    parts = {
        "given": given.astype(np.int64),
        "agreement": share(likely),
        "opposed": graph.by_rater((graph.score * others < 0) * checkable) / np.maximum(checked, 1e-12),
        "deviation": share(np.abs(away)),
        "leaning": share(away),
        "extreme": share(ends),
        "checkable": share(checkable),
        "occasions": np.rint(graph.by_rater(graph.share_of_occasion)).astype(np.int64),
        "concentration": share(1 - graph.once),
        "answers": share(graph.answer.astype(np.float64)),
    }
    columns = ("rater", "reliability", "fairness", *parts, "standing", "evidence")
    found = people.with_columns(**{name: pl.Series(values) for name, values in parts.items()})
    return (
        found.select(columns)
        .filter(pl.col("given") > 0)
        .with_columns(pl.col(pl.Float64).exclude("rater").round(6))
    )


def _ratees(graph: _Graph, fairness: Floats, mean: float, pull: float) -> pl.DataFrame:
    goodness, weight = _goodness(graph, fairness, mean, pull)
    received = graph.by_ratee(np.ones(len(graph.score)))
    some = received > 0
    pairs = graph.by_ratee(graph.once)[some]
    return pl.DataFrame(
        {
            "ratee": graph.people.filter(pl.Series(some)),
            "goodness": goodness[some],
            "raters": np.rint(pairs).astype(np.int64),
            "weight": weight[some],
            "mean": graph.by_ratee(graph.score)[some] / received[some],
            "reputation": _goodness(graph, np.ones_like(fairness), mean, PULL[0])[0][some],
        }
    ).with_columns(pl.col(pl.Float64).exclude("ratee").round(6))
