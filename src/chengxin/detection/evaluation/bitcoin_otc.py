"""Whose ratings can be relied on, measured on people: Bitcoin OTC (`python -m … --data DIR`).

The data are not shipped: `DIR` holds `network.csv` (rater, ratee, rating −10…10, epoch seconds) and
`ground_truth.csv` (person, +1 or −1) of SNAP's `soc-sign-bitcoin-otc` (Kumar et al., ICDM 2016, WSDM 2018).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chengxin.detection.evaluation.baselines.rev2 import rev2
from chengxin.detection.evaluation.metrics import average_precision, bootstrap, paired, roc_auc
from chengxin.detection.evaluation.prediction import predictions
from chengxin.detection.evaluation.reliability_page import TEXT, Result, predicted, signed, table
from chengxin.detection.opinions.reliability import USUAL, Model, rate

Floats = NDArray[np.float64]
Scores = dict[int, float]  # of each rater who gave a rating, higher for worse
GOAL = 0.87  # measured beforehand with a REV2-style iteration on the full graph
PAGE = Path("docs/evaluation/reliability.md")


@dataclass(frozen=True)
class Way:
    """A way of scoring raters: its name, the scores of those who gave ratings, and that of everybody else."""

    name: str
    scores: Scores
    unknown: float


def read(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The ratings (rater, ratee, score −1…1, at) and the labels (person, fraudulent)."""
    ratings = pl.read_csv(
        folder / "network.csv", has_header=False, new_columns=["rater", "ratee", "score", "at"]
    ).with_columns(pl.col("score") / 10)
    labels = pl.read_csv(folder / "ground_truth.csv", has_header=False, new_columns=["person", "label"])
    return ratings, labels.select("person", fraudulent=pl.col("label").cast(pl.Int64) < 0)


def given_only(ratings: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """The graph without any rating that any labelled person received."""
    return ratings.filter(~pl.col("ratee").is_in(labels["person"].implode()))


def by_model(name: str, graph: pl.DataFrame, model: Model = USUAL, column: str = "reliability") -> Way:
    """Our model; who gave nothing has the reliability of the unknown (for a fairness: the middle rater's)."""
    found = rate(graph, model)
    middle = found.raters[column].median()
    unknown = found.unknown if column == "reliability" else middle
    return Way(name, _turned(found.raters, column), -_number(unknown))


def by_rev2(graph: pl.DataFrame) -> Way:
    """REV2's fairness; who gave nothing has the prior."""
    fairness, prior = rev2(graph)
    return Way("REV2 (ours to run, without behaviour term)", _turned(fairness, "fairness"), -prior)


def parts(graph: pl.DataFrame) -> list[Way]:
    """Each part alone, turned so that higher is worse by reasoning; who gave nothing has the middle value."""
    raters = rate(graph).raters
    mean = graph.group_by("rater").agg(mean=pl.col("score").mean())
    raters = raters.join(mean, on="rater")
    worse_when_low = (
        "agreement",
        "fairness",
        "given",
        "occasions",
        "evidence",
        "checkable",
        "leaning",
        "mean",
    )
    worse_when_high = ("deviation", "opposed", "extreme")
    named = [(name, -1) for name in worse_when_low] + [(name, 1) for name in worse_when_high]
    ways = [
        Way(name, _turned(raters, name, sign), sign * _number(raters[name].median())) for name, sign in named
    ]
    ranks = raters.select(
        "rater",
        all=pl.mean_horizontal(*(pl.col(name).cast(pl.Float64).rank() * sign for name, sign in named)),
    )
    ways.append(
        Way("all parts, ranks of equal weight", _turned(ranks, "all", 1), _number(ranks["all"].median()))
    )
    ways.append(Way("gave no rating at all", dict.fromkeys(raters["rater"], 0.0), 1.0))
    return ways


def without(graph: pl.DataFrame) -> list[Way]:
    """The model with one thing taken away each time."""
    changed = {
        "without caution (the posterior's middle)": replace(USUAL, caution=0.5),
        "each rating its own occasion": replace(USUAL, occasion=0),
        "each rating checkable": replace(USUAL, check=0.0),
        "careless raters rate evenly": replace(USUAL, careless=0.0),
        "a start of half a rating": replace(USUAL, prior=0.5),
        "a start of eight ratings": replace(USUAL, prior=8.0),
    }
    ways = [by_model(name, graph, model) for name, model in changed.items()]
    return [*ways, by_model("fairness instead of reliability", graph, column="fairness")]


def person_by_person(ratings: pl.DataFrame, labels: pl.DataFrame) -> Way:
    """Our model once a person, without only the ratings that this person received."""
    scores: Scores = {}
    for person in labels["person"]:
        found = rate(ratings.filter(pl.col("ratee") != person))
        own = found.raters.filter(pl.col("rater") == person)["reliability"]
        scores[person] = -float(own[0]) if len(own) else -found.unknown
    return Way("reliability (ours)", scores, 0.0)


def rev2_person_by_person(ratings: pl.DataFrame, labels: pl.DataFrame) -> Way:
    """REV2 once a person, without only the ratings that this person received."""
    scores: Scores = {}
    for person in labels["person"]:
        fairness, prior = rev2(ratings.filter(pl.col("ratee") != person))
        own = fairness.filter(pl.col("rater") == person)["fairness"]
        scores[person] = -float(own[0]) if len(own) else -prior
    return Way("REV2 (ours to run, without behaviour term)", scores, 0.0)


def measured(way: Way, labels: pl.DataFrame, givers: Iterable[int], draws: int = 2000) -> Result:
    """AUC and AP of finding the fraudulent."""
    scores, truth = _labelled(way, labels)
    gave = labels["person"].is_in(list(givers)).to_numpy()
    auc, ap = bootstrap(scores, truth, draws)
    return Result(
        way.name,
        roc_auc(scores, truth),
        auc,
        average_precision(scores, truth),
        ap,
        roc_auc(scores[gave], truth[gave]),
    )


def _labelled(way: Way, labels: pl.DataFrame) -> tuple[Floats, NDArray[np.bool_]]:
    scores = np.array([way.scores.get(person, way.unknown) for person in labels["person"]])
    return scores, labels["fraudulent"].to_numpy()


def _turned(frame: pl.DataFrame, column: str, sign: int = -1) -> Scores:
    return dict(frame.select("rater", pl.col(column).cast(pl.Float64) * sign).iter_rows())


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def page(ratings: pl.DataFrame, labels: pl.DataFrame, draws: int = 2000) -> str:
    """The page of figures; `draws` of the bootstrap."""
    graph = given_only(ratings, labels)
    givers = set(graph["rater"])
    ours, theirs = by_model("**reliability (ours)**", graph), by_rev2(graph)
    last = Way(f"{theirs.name}, who gave none placed last", theirs.scores, 0.0)
    simple = {way.name: way for way in parts(graph)}
    mean = Way("mean rating given, 0 for who gave none", simple["mean"].scores, 0.0)
    shown = [ours, theirs, last, mean, *(simple[name] for name in ("mean", "deviation", "given"))]
    truth = labels["fraudulent"].to_numpy()
    none = ~labels["person"].is_in(list(givers)).to_numpy()
    gains = {
        way.name: paired(_labelled(ours, labels)[0], _labelled(way, labels)[0], truth, draws)
        for way in (theirs, last)
    }
    everybody = set(ratings["rater"])
    apart = [person_by_person(ratings, labels), rev2_person_by_person(ratings, labels)]
    main = [measured(way, labels, givers, draws) for way in shown]
    low, high = main[0].auc_interval
    place = "above it" if main[0].auc > GOAL else "below it"
    return TEXT.format(
        goal=place
        + (", which our interval holds" if low <= GOAL <= high else ", which our interval excludes"),
        people=len(truth),
        fraudulent=int(truth.sum()),
        removed=len(ratings) - len(graph),
        ratings=len(ratings),
        none=int(none.sum()),
        none_fraudulent=int((none & truth).sum()),
        ceiling=f"{_ceiling(truth, none):.3f}",
        main=table(main),
        gains="; ".join(f"over {name} {signed(*gain)}" for name, gain in gains.items()),
        apart=table(measured(way, labels, everybody, draws) for way in apart),
        parts=table(measured(way, labels, givers, draws) for way in parts(graph)),
        without=table(measured(way, labels, givers, draws) for way in without(graph)),
        predicted=predicted(predictions(ratings, draws=draws // 4)),
    )


def _ceiling(truth: NDArray[np.bool_], none: NDArray[np.bool_]) -> float:
    """The AUC of one who orders everybody that gave ratings rightly, and the rest as one tie between."""
    return roc_auc(np.where(none, 0.5, truth), truth)


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of network.csv and ground_truth.csv")
    parser.add_argument("--out", type=Path, default=PAGE)
    given = parser.parse_args()
    given.out.write_text(page(*read(given.data)), encoding="utf-8")


if __name__ == "__main__":
    main()
