"""Learning machines on the same signals: an isolation forest without labels, gradient boosting with them.

They need scikit-learn, which comes with the extra `bench`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chengxin.detection.evaluation.baselines import signals

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class IsolationForest:
    """How few cuts set an entity apart from the rest of the same market (F. T. Liu et al., ICDM 2008)."""

    seed: int = 1
    trees: int = 100

    @property
    def name(self) -> str:
        """What the tables call it."""
        return "isolation forest"

    def score(self, features: pl.DataFrame, graph: pl.DataFrame) -> pl.Series:
        """Higher for what is set apart sooner; a missing signal is taken for the median."""
        columns = signals(features)
        if features.height == 0 or not columns:
            return pl.Series("score", np.zeros(features.height))
        values = _matrix(features, columns)
        empty = np.isnan(values)
        middle = np.array(
            [
                np.median(column[~np.isnan(column)]) if np.isfinite(column).any() else 0.0
                for column in values.T
            ]
        )
        values = np.where(empty, middle, values)
        # The trees draw rows by place: by value, the place says nothing of the id.
        order = np.lexsort(values.T)
        forest = (
            _ensemble().IsolationForest(n_estimators=self.trees, random_state=self.seed).fit(values[order])
        )
        with warnings.catch_warnings():  # scikit-learn's own, about how it calls joblib
            warnings.simplefilter("ignore", UserWarning)
            scores = forest.score_samples(values)
        return pl.Series("score", -np.asarray(scores, np.float64))


@dataclass(frozen=True)
class GradientBoosting:
    """Boosted trees that learnt from other markets whose guilty are known; use `trained`."""

    model: Any
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the tables call it."""
        return "gradient boosting (trained)"

    def score(self, features: pl.DataFrame, graph: pl.DataFrame) -> pl.Series:
        """The probability of guilt as learnt."""
        if features.height == 0:
            return pl.Series("score", [], dtype=pl.Float64)
        found = self.model.predict_proba(_matrix(features, self.columns))[:, 1]
        return pl.Series("score", np.asarray(found, np.float64))


def trained(
    markets: Sequence[tuple[pl.DataFrame, pl.Series, pl.Series]], *, seed: int = 1
) -> GradientBoosting:
    """Learn from markets: each its features and, row by row, whether the entity is guilty and for how many
    like it the row stands.

    Only signals that every market has are used; the guilty weigh as much as all the honest together. Raises
    ValueError when there are not both guilty and honest rows to learn from.
    """
    shared = [set(signals(features)) for features, _, _ in markets]
    columns = tuple(sorted(set.intersection(*shared))) if shared else ()
    values = np.concatenate(
        [np.zeros((0, len(columns))), *(_matrix(rows, columns) for rows, _, _ in markets)]
    )
    truth = np.concatenate([np.zeros(0, np.bool_), *(guilty.to_numpy() for _, guilty, _ in markets)])
    weight = np.concatenate([np.zeros(0), *(stands.to_numpy() for _, _, stands in markets)]).astype(
        np.float64
    )
    if not columns or truth.all() or not truth.any():
        raise ValueError("没有可供学习的真值两类；there are not both guilty and honest rows to learn from")
    order = np.lexsort((*values.T, weight, truth))
    values, truth, weight = values[order], truth[order], weight[order]
    for one in (truth, ~truth):
        weight[one] *= len(weight) / (2 * weight[one].sum())
    model = _ensemble().HistGradientBoostingClassifier(random_state=seed, early_stopping=False)
    return GradientBoosting(model.fit(values, truth, sample_weight=weight), columns)


def _matrix(features: pl.DataFrame, columns: Sequence[str]) -> Floats:
    found: Floats = features.select(pl.col(columns).cast(pl.Float64)).to_numpy()
    return found


def _ensemble() -> Any:
    # One thread: the trees are small, and threads that wait for one another are slow on a busy machine.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        return import_module("sklearn.ensemble")
    except ImportError as missing:
        raise ImportError(
            "需要 scikit-learn：请安装 chengxin[bench]；scikit-learn is needed: install chengxin[bench]"
        ) from missing
