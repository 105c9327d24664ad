"""Learning machines on the same signals: an isolation forest without labels, gradient boosting with them.

They need scikit-learn, which comes with the extra `bench`.
"""

from __future__ import annotations

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
    trees: int = 200

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
        order = np.lexsort(
            values.T
        )  # the trees draw rows by place: by value, the place says nothing of the id
        forest = (
            _ensemble().IsolationForest(n_estimators=self.trees, random_state=self.seed).fit(values[order])
        )
        return pl.Series("score", -np.asarray(forest.score_samples(values), np.float64))


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
    markets: Sequence[tuple[pl.DataFrame, pl.Series]], *, until: str | None = None, seed: int = 1
) -> GradientBoosting:
    """Learn from markets of other seeds: each its features and whether each entity is guilty, row by row.

    `until` splits the time: only rows whose `month` (`2026-03`) is not later are learnt from, so that a model
    can be asked about months that it never saw. Only signals that every market has are used. Raises
    ValueError when there are not both guilty and honest rows to learn from.
    """
    kept = []
    for features, guilty in markets:
        rows = features.with_columns(guilty_=guilty.cast(pl.Boolean))
        kept.append(rows.filter(pl.col("month") <= until) if until is not None else rows)
    shared = [set(signals(rows.drop("guilty_"))) for rows in kept]
    columns = tuple(sorted(set.intersection(*shared))) if shared else ()
    values = np.concatenate([_matrix(rows, columns) for rows in kept]) if kept else np.zeros((0, 0))
    truth = np.concatenate([rows["guilty_"].to_numpy() for rows in kept]) if kept else np.zeros(0, np.bool_)
    if not columns or truth.all() or not truth.any():
        raise ValueError("没有可供学习的真值两类；there are not both guilty and honest rows to learn from")
    order = np.lexsort((*values.T, truth))
    model = _ensemble().HistGradientBoostingClassifier(
        random_state=seed, early_stopping=False, class_weight="balanced"
    )
    return GradientBoosting(model.fit(values[order], truth[order]), columns)


def _matrix(features: pl.DataFrame, columns: Sequence[str]) -> Floats:
    found: Floats = features.select(pl.col(columns).cast(pl.Float64)).to_numpy()
    return found


def _ensemble() -> Any:
    try:
        return import_module("sklearn.ensemble")
    except ImportError as missing:
        raise ImportError(
            "需要 scikit-learn：请安装 chengxin[bench]；scikit-learn is needed: install chengxin[bench]"
        ) from missing
