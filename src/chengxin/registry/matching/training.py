"""Learning the weights: how often each level is reached by pairs of one subject and by pairs of two."""

from __future__ import annotations

import polars as pl

from chengxin.registry.matching.comparisons import COMPARISONS
from chengxin.registry.matching.parameters import Parameters, levels_by_number
from chengxin.registry.matching.scoring import candidates, compared

_RANDOM_PAIRS = 3  # for each left row
_ROUNDS = 50  # of expectation and maximisation, at most
_STILL = 1e-5  # the prior has settled when it moves by less
_SMOOTHING = 1.0  # pairs added to each level, so that what wasn't seen isn't impossible


def train(
    left: pl.DataFrame,
    right: pl.DataFrame,
    labels: pl.DataFrame | None = None,
    *,
    pairs: pl.DataFrame | None = None,
    start: Parameters | None = None,
    note: str = "",
) -> Parameters:
    """Learn prior, m and u from the pairs that blocking brings together, and from pairs drawn at random.

    The random pairs show what disagreement looks like: without them a level that blocking seldom lets through
    (another name, but the same telephone) would look like agreement.

    left, right, pairs: as for `score_pairs`. labels: the true pairs (`left_id, right_id`); every other
    candidate pair is then one of two subjects, and the parameters are shares counted once. Without labels
    they are estimated by expectation–maximisation (Fellegi–Sunter with conditional independence), starting
    from `start` or from a guess in which agreement speaks for one subject.
    """
    pairs = candidates(left, right) if pairs is None else pairs
    pairs = pl.concat([pairs, _at_random(left, right)]).unique(maintain_order=True)
    model = start or even_start()
    gammas = [f"gamma_{comparison.id}" for comparison in COMPARISONS]
    reached = compared(left, right, pairs, model=model)
    if labels is not None:
        truth = labels.select("left_id", "right_id", belief=pl.lit(1.0)).unique()
        reached = reached.join(truth, on=["left_id", "right_id"], how="left").with_columns(
            pl.col("belief").fill_null(0.0)
        )
        patterns = reached.group_by(*gammas).agg(pl.len().alias("count"), pl.col("belief").mean())
        return _counted(patterns, note)
    patterns = reached.group_by(*gammas).agg(pl.len().alias("count"))
    for _ in range(_ROUNDS):
        before = model.prior
        model = _counted(patterns.with_columns(belief=_belief(model)), note)
        if abs(model.prior - before) < _STILL:
            break
    return model


def _at_random(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    drawn = [
        left.select(left_id="id").with_columns(
            right_id=right["id"].sample(len(left), with_replacement=True, seed=seed)
        )
        for seed in range(_RANDOM_PAIRS)
    ]
    return pl.concat(drawn)


def even_start() -> Parameters:
    """A guess to start from: a level above the middle speaks for one subject, one below for two."""
    m: dict[str, dict[str, float]] = {}
    u: dict[str, dict[str, float]] = {}
    for comparison in COMPARISONS:
        ids = [level.id for level in comparison.levels]
        falling = [2.0**-i for i in range(len(ids))]
        total = sum(falling)
        m[comparison.id] = {level: share / total for level, share in zip(ids, falling, strict=True)}
        u[comparison.id] = {level: share / total for level, share in zip(ids, reversed(falling), strict=True)}
    return Parameters(prior=0.2, m=m, u=u, note="start")


def _belief(model: Parameters) -> pl.Expr:
    """How probable one subject is for each pattern of levels under a model (the expectation step)."""
    weight = pl.lit(model.prior_weight())
    for comparison in COMPARISONS:
        weights = {-1: 0.0} | {
            number: model.weight(comparison, level) for number, level in levels_by_number(comparison).items()
        }
        weight = weight + pl.col(f"gamma_{comparison.id}").replace_strict(weights, return_dtype=pl.Float64)
    return 1 / (1 + pl.lit(2.0).pow(-weight))


def _counted(patterns: pl.DataFrame, note: str) -> Parameters:
    """Prior, m and u as shares of what was counted, each pattern for one subject by its belief."""
    ones = patterns.select((pl.col("count") * pl.col("belief")).sum()).item()
    prior = ones / patterns["count"].sum()
    m: dict[str, dict[str, float]] = {}
    u: dict[str, dict[str, float]] = {}
    for comparison in COMPARISONS:
        number = pl.col(f"gamma_{comparison.id}")
        counts = (
            patterns.filter(number >= 0)
            .group_by(number.alias("number"))
            .agg(
                one=(pl.col("count") * pl.col("belief")).sum(),
                two=(pl.col("count") * (1 - pl.col("belief"))).sum(),
            )
        )
        one, two = dict(counts.select("number", "one").rows()), dict(counts.select("number", "two").rows())
        by_number = {n: level.id for n, level in sorted(levels_by_number(comparison).items(), reverse=True)}
        m[comparison.id] = _shares({level: one.get(n, 0.0) for n, level in by_number.items()})
        u[comparison.id] = _shares({level: two.get(n, 0.0) for n, level in by_number.items()})
    return Parameters(prior=min(max(prior, 1e-6), 1 - 1e-6), m=m, u=u, note=note)


def _shares(counts: dict[str, float]) -> dict[str, float]:
    total = sum(counts.values()) + _SMOOTHING * len(counts)
    return {level: (count + _SMOOTHING) / total for level, count in counts.items()}
