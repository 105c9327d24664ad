"""Whose ratings can be relied on, and how good the rated ones are once that is taken into account.

For a community in which people rate each other (direction `peer`); no detector of shops' ratings asks it. How
far it carries is measured on Bitcoin OTC (`evaluation.bitcoin_otc`).

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
from scipy.special import betaincinv

from chengxin.detection.opinions.rating_graph import Floats, Graph, exact_sum, read

CONDUCT = 1.0  # ratings' worth that conduct as a rater weighs in a reputation
PULL = (0.5, 10.0)  # the common mean weighs at least and at most that many ratings
BANDS = 10  # bands of the others' opinion, as far as the graph can fill them
BAND_NEEDS = 50  # ratings a band
SMOOTHING = 10.0  # ratings' worth of the common distribution in each band
ROUNDS = 100
SETTLED = 1e-4  # mean change of fairness


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
    (ratings' worth), reputation (as below).
    `ratees`: ratee, goodness (−1…1, what fair raters say), raters, weight (fair raters' worth), mean (plain),
    reputation (what the next rater is likely to say: all raters alike, starting from the person's own conduct
    as a rater).
    `ratings`: the edges as given, with expected (what the others say), fair (probability that the rating
    follows the target) and checkable (0–1).
    `settled` says whether the rounds ended because nothing moved any more, not because of their limit.
    """

    raters: pl.DataFrame
    ratees: pl.DataFrame
    ratings: pl.DataFrame
    unknown: float  # the reliability of a rater who gave no rating
    newcomer: float  # the goodness of a target whom nobody rated
    stranger: float  # the reputation of somebody who neither rated nor was rated
    rounds: int
    settled: bool


def rate(edges: pl.DataFrame, model: Model = USUAL) -> Reliability:
    """Whose ratings can be relied on, from ratings alone.

    `edges`: rater, ratee (text or numbers of one type), score (−1…1), at (epoch seconds or a time). A pair
    may rate repeatedly. An empty frame gives empty results.

    Source: B. Hooi et al. (BIRDNEST, SDM 2016) and S. Kumar et al. (REV2, WSDM 2018) for the question;
    A. Dawid and A. Skene (1979) for judging judges by a mixture; the model is our own.
    Raises ValueError for a score outside −1…1.
    """
    _check(edges)
    graph = read(edges, model.occasion)
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
    parts = _parts(graph, likely, others, checkable)
    reputation, stranger = _reputation(graph, parts, mean, pull)
    people = pl.DataFrame(
        {
            "rater": graph.people,
            "reliability": low,
            "fairness": fairness,
            "evidence": gain + loss,
            "standing": pl.Series(np.where(known > 0, standing, np.nan), dtype=pl.Float64).fill_nan(None),
            "reputation": reputation,
        }
    )
    return Reliability(
        _raters(graph, people, parts),
        _ratees(graph, fairness, mean, pull, reputation),
        edges.with_columns(
            expected=pl.Series(others, dtype=pl.Float64).round(6),
            fair=pl.Series(likely, dtype=pl.Float64).round(6),
            checkable=pl.Series(checkable, dtype=pl.Float64).round(6),
        ),
        round(float(betaincinv(1.0, 1.0, model.caution)), 6),
        round(mean, 6),
        round(stranger, 6),
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


def _mean(values: Floats, weight: Floats) -> float:
    nowhere = np.zeros(len(values), np.int64)
    return float(exact_sum(nowhere, values * weight, 1)[0] / exact_sum(nowhere, weight, 1)[0])


def _checkable(weight: Floats, model: Model) -> Floats:
    return weight / (weight + model.check) if model.check else np.ones_like(weight)


def _newcomer(graph: Graph) -> tuple[float, float]:
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


def _weights(graph: Graph, fairness: Floats) -> Floats:
    return fairness[graph.rater] * graph.once


def _others(graph: Graph, fairness: Floats, mean: float, pull: float) -> tuple[Floats, Floats]:
    """What the target's other raters say, drawn to the mean, and their weight; one value a rating."""
    weight = _weights(graph, fairness)
    own, own_said = (
        exact_sum(graph.pair, values, len(weight))[graph.pair] for values in (weight, weight * graph.score)
    )
    rest = np.maximum(graph.by_ratee(weight)[graph.ratee] - own, 0)
    said = graph.by_ratee(weight * graph.score)[graph.ratee] - own_said
    return (pull * mean + said) / (pull + rest), rest


def _prior(graph: Graph, fairness: Floats, mean: float, pull: float, common: float) -> Floats:
    """Where each rater starts: the common fairness, moved by what fair raters say of the rater."""
    return np.clip(common + (_goodness(graph, fairness, mean, pull)[0] - mean) / 2, 0.05, 0.95)


def _goodness(graph: Graph, fairness: Floats, mean: float, pull: float) -> tuple[Floats, Floats]:
    weight = _weights(graph, fairness)
    total = graph.by_ratee(weight)
    return (pull * mean + graph.by_ratee(weight * graph.score)) / (pull + total), total


def _agreement(graph: Graph, others: Floats, weight: Floats, likely: Floats) -> Floats:
    """How often ratings of this value occur where the others say that; one probability a rating."""
    known, opinion = weight > 0, np.round(others, 9)
    pairs = opinion[graph.first][known[graph.first]]  # the others say the same of all ratings of a pair
    bands = int(np.clip(len(pairs) // BAND_NEEDS, 1, BANDS))
    cuts = np.unique(np.quantile(pairs, np.arange(1, bands) / bands)) if len(pairs) else pairs
    band = np.where(known, 1 + np.searchsorted(cuts, opinion, side="right"), 0).astype(np.int64)
    height, width = bands + 1, len(graph.levels)
    table = exact_sum(band * width + graph.level, likely * graph.once, height * width).reshape(height, width)
    common = (table.sum(axis=0) + 1) / (float(table.sum()) + width)
    table = table + SMOOTHING * common
    found: Floats = (table / table.sum(axis=1, keepdims=True))[band, graph.level]
    return found


def _parts(graph: Graph, likely: Floats, others: Floats, checkable: Floats) -> dict[str, Floats]:
    """What made each person's reliability, readable one by one; 0 throughout for who gave nothing."""
    given = graph.by_rater(np.ones(len(graph.score)))
    checked = graph.by_rater(checkable)
    away = graph.score - others
    ends = np.isin(graph.level, (0, len(graph.levels) - 1)).astype(np.float64)

    def share(values: Floats) -> Floats:
        return graph.by_rater(values) / np.maximum(given, 1)

    return {
        "given": given,
        "agreement": share(likely),
        "opposed": graph.by_rater((graph.score * others < 0) * checkable) / np.maximum(checked, 1e-12),
        "deviation": share(np.abs(away)),
        "leaning": share(away),
        "extreme": share(ends),
        "checkable": share(checkable),
        "occasions": np.rint(graph.by_rater(graph.share_of_occasion * graph.once)),
        "concentration": share(1 - graph.once),
        "answers": share(graph.answer.astype(np.float64)),
    }


def _reputation(graph: Graph, parts: dict[str, Floats], mean: float, pull: float) -> tuple[Floats, float]:
    """What the next rater is likely to say of each person, and of a stranger.

    All raters count alike, because the next one is of any kind. The start is what people of like conduct as
    raters are told on average (a straight line in whether they rate at all, how they agree and on how many
    occasions), fitted to the ratings received and weighed by how far those are known.
    """
    received = graph.by_ratee(graph.once)
    said = graph.by_ratee(graph.once * graph.score)
    some = received > 0
    if not some.any():
        return np.zeros(len(received)), 0.0
    silent = (parts["given"] == 0).astype(np.float64)
    conduct = np.column_stack(
        [np.ones(len(silent)), silent, (1 - silent) * parts["agreement"], np.log1p(parts["occasions"])]
    )
    wanted = said[some] / received[some] - mean
    weight = received[some] / (received[some] + pull)
    rows = np.column_stack([conduct[some], wanted, weight])
    rows = rows[np.lexsort(rows.T)]  # sums in an order that no id decides
    known, weighed = rows[:, :4], rows[:, :4] * rows[:, 5:]
    calm = np.diag([1e-6, 1.0, 1.0, 1.0])
    line = np.linalg.solve(known.T @ weighed + calm, weighed.T @ rows[:, 4])
    start = np.clip(mean + conduct @ line, -1, 1)
    stranger = float(np.clip(mean + line[0] + line[1], -1, 1))
    return (CONDUCT * start + said) / (CONDUCT + received), stranger


def _raters(graph: Graph, people: pl.DataFrame, parts: dict[str, Floats]) -> pl.DataFrame:
    whole = [pl.col("given", "occasions").cast(pl.Int64)]
    columns = ("rater", "reliability", "fairness", *parts, "standing", "evidence", "reputation")
    found = people.with_columns(**{name: pl.Series(values) for name, values in parts.items()})
    found = found.filter(pl.col("given") > 0).select(columns).with_columns(*whole)
    return found.with_columns(pl.col(pl.Float64).exclude("rater").round(6))


def _ratees(graph: Graph, fairness: Floats, mean: float, pull: float, reputation: Floats) -> pl.DataFrame:
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
            "reputation": reputation[some],
        }
    ).with_columns(pl.col(pl.Float64).exclude("ratee").round(6))
