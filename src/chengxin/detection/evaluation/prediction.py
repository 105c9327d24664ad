"""What the next rater will say: reputations measured by the ratings that came after them."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chengxin.detection.evaluation.metrics import roc_auc
from chengxin.detection.opinions.reliability import rate

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """How well one reputation foretold the later ratings: `rmse` as it stands, `fitted` after a straight line
    learnt on earlier ratings, `auc` of the sign; `low` and `high` are the 95 % interval of the AUC."""

    name: str
    rmse: float
    fitted: float
    auc: float
    low: float
    high: float


def reputations(ratings: pl.DataFrame) -> dict[str, tuple[pl.DataFrame, float]]:
    """Each reputation of the rated (`ratee`, `value`, −1…1) with what it says of somebody never rated."""
    found = rate(ratings)
    counts = ratings.group_by("ratee").agg(
        n=pl.len(), good=(pl.col("score") > 0).sum(), worth=((1 + pl.col("score")) / 2).sum()
    )
    z = 1.959964
    share = pl.col("good") / pl.col("n")
    spread = (share * (1 - share) / pl.col("n") + z**2 / (4 * pl.col("n") ** 2)).sqrt()
    wilson = (share + z**2 / (2 * pl.col("n")) - z * spread) / (1 + z**2 / pl.col("n"))
    overall = ratings["score"].mean()
    return {
        "reputation (ours)": (
            pl.concat(
                [
                    found.ratees.select("ratee", "reputation"),
                    found.raters.select("reputation", ratee="rater").select("ratee", "reputation"),
                ]
            )
            .unique()
            .rename({"reputation": "value"}),
            found.stranger,
        ),
        "goodness (ours: fair raters alone)": (
            found.ratees.select("ratee", value="goodness"),
            found.newcomer,
        ),
        "plain mean": (
            found.ratees.select("ratee", value="mean"),
            overall if isinstance(overall, float) else 0.0,
        ),
        "Beta (Jøsang and Ismail 2002, graded)": (
            counts.select("ratee", value=2 * (pl.col("worth") + 1) / (pl.col("n") + 2) - 1),
            0.0,
        ),
        "Wilson's lower bound (share of positive)": (counts.select("ratee", value=2 * wilson - 1), -1.0),
    }


def predictions(ratings: pl.DataFrame, share: float = 0.8, draws: int = 500) -> list[Prediction]:
    """Reputations from the first `share` of the ratings by time, against the rest.

    The straight line of `fitted` is learnt inside the first part: reputations from its first three quarters
    against its last quarter. Intervals by drawing the later ratings anew.
    """
    ordered = ratings.sort("at", "rater", "ratee")
    cut = int(len(ordered) * share)
    inner = int(cut * 0.75)
    before, later = reputations(ordered[:cut]), ordered[cut:]
    earlier, between = reputations(ordered[:inner]), ordered[inner:cut]
    truth = later["score"].to_numpy()
    chance = np.random.default_rng(1)
    drawn = [chance.integers(0, len(truth), len(truth)) for _ in range(draws)]
    found = []
    for name, reputation in before.items():
        said = _said(later, *reputation)
        slope, height = _line(_said(between, *earlier[name]), between["score"].to_numpy())
        spread = [roc_auc(said[places], truth[places] > 0) for places in drawn]
        low, high = np.quantile(spread, (0.025, 0.975)) if spread else (float("nan"), float("nan"))
        found.append(
            Prediction(
                name,
                _rmse(said, truth),
                _rmse(slope * said + height, truth),
                roc_auc(said, truth > 0),
                float(low),
                float(high),
            )
        )
    return found


def _said(later: pl.DataFrame, reputation: pl.DataFrame, unknown: float) -> Floats:
    joined = later.select("ratee").join(reputation, on="ratee", how="left", maintain_order="left")
    return joined["value"].fill_null(unknown).to_numpy()


def _line(said: Floats, truth: Floats) -> tuple[float, float]:
    spread = float(np.var(said))
    slope = float(np.mean((said - said.mean()) * (truth - truth.mean()))) / spread if spread else 0.0
    return slope, float(truth.mean() - slope * said.mean())


def _rmse(said: Floats, truth: Floats) -> float:
    return sqrt(float(np.mean((said - truth) ** 2)))
