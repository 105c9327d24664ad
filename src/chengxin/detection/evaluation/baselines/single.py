"""Ranking by one signal alone: what the model must add to."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from chengxin.detection.evaluation.baselines import signals


@dataclass(frozen=True)
class Single:
    """Ranks by one signal; `rising` when more is worse. An entity without the signal comes last."""

    signal: str
    rising: bool = True

    @property
    def name(self) -> str:
        """What the tables call it."""
        return f"{self.signal} {'↑' if self.rising else '↓'}"

    def score(self, features: pl.DataFrame, graph: pl.DataFrame) -> pl.Series:
        """The signal, turned so that higher is worse; those without it stand one step below the lowest."""
        values = features[self.signal].cast(pl.Float64).fill_nan(None) * (1 if self.rising else -1)
        lowest = values.min()
        return values.fill_null((float(lowest) if isinstance(lowest, float) else 0.0) - 1).alias("score")


def singles(features: pl.DataFrame) -> tuple[Single, ...]:
    """Every signal of a frame, both ways round: the better of the two is the harder thing to beat."""
    return tuple(Single(name, rising) for name in signals(features) for rising in (True, False))
