"""The protocol is kept: nothing that a labelled person received, and no label, reaches the scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from chengxin.detection.evaluation.bitcoin_otc import (
    by_model,
    given_only,
    measured,
    page,
    parts,
    person_by_person,
    read,
)
from chengxin.detection.evaluation.prediction import predictions

YEAR = 365 * 86_400


def people(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A small market of peers, written as the real files are: twenty labelled, half of whom smear."""
    chance = np.random.default_rng(6)
    rows = []
    for rater in range(80):
        smears = rater < 10
        for ratee in chance.choice(80, 9 if rater % 9 else 1, replace=False):
            if ratee != rater:
                fair = (-8 if ratee < 10 else 2) + int(chance.integers(-1, 3))
                at = (
                    float(chance.integers(0, 3 * YEAR))
                    if not smears
                    else 5e7 + float(chance.integers(0, 86_400))
                )
                rows.append((rater, int(ratee), -10 if smears and ratee >= 10 else fair, at + 0.25))
    network = pl.DataFrame(rows, schema=["rater", "ratee", "rating", "at"], orient="row")
    network.write_csv(folder / "network.csv", include_header=False)
    labels = "".join(f"{person},{'-1' if person < 10 else '+1'}\n" for person in (*range(20), 999))
    (folder / "ground_truth.csv").write_text(labels, encoding="utf-8")
    return read(folder)


def test_ratings_and_labels_are_read_as_they_are_published(tmp_path: Path) -> None:
    ratings, labels = people(tmp_path)
    assert ratings.columns == ["rater", "ratee", "score", "at"]
    assert ratings["score"].is_between(-1, 1).all()
    assert labels["fraudulent"].sum() == 10


def test_what_the_labelled_received_reaches_no_score(tmp_path: Path) -> None:
    ratings, labels = people(tmp_path)
    labelled = labels["person"].implode()
    slandered = ratings.with_columns(
        score=pl.when(pl.col("ratee").is_in(labelled)).then(-pl.col("score")).otherwise(pl.col("score"))
    )
    one, two = (by_model("ours", given_only(rows, labels)) for rows in (ratings, slandered))
    assert one == two
    assert by_model("ours", ratings) != by_model("ours", slandered)


def test_which_label_somebody_carries_reaches_no_score(tmp_path: Path) -> None:
    ratings, labels = people(tmp_path)
    turned = labels.with_columns(~pl.col("fraudulent"))
    assert by_model("ours", given_only(ratings, labels)) == by_model("ours", given_only(ratings, turned))
    assert person_by_person(ratings, labels) == person_by_person(ratings, turned)


def test_who_gave_nothing_is_scored_by_the_prior(tmp_path: Path) -> None:
    ratings, labels = people(tmp_path)
    way = by_model("ours", given_only(ratings, labels))
    assert 999 not in way.scores
    result = measured(way, labels, way.scores, draws=50)
    assert result.auc > 0.7
    assert result.auc_interval[0] <= result.auc <= result.auc_interval[1]


def test_each_part_is_measured_alone(tmp_path: Path) -> None:
    ratings, labels = people(tmp_path)
    names = [way.name for way in parts(given_only(ratings, labels))]
    assert {"agreement", "deviation", "opposed", "extreme", "occasions", "mean"} <= set(names)
    assert len(names) == len(set(names))


def test_the_page_holds_every_table(tmp_path: Path) -> None:
    made = page(*people(tmp_path), draws=20)
    assert made.count("| --- |") == 5
    assert "{" not in made
    assert "**reliability (ours)**" in made


def test_reputations_are_judged_by_what_came_later_alone() -> None:
    ratings = pl.DataFrame(
        [
            ("r1", "good", 1.0, 1),
            ("r2", "good", 1.0, 2),
            ("r3", "bad", -1.0, 3),
            ("r4", "bad", -1.0, 4),
            ("r5", "good", 1.0, 5),
            ("r6", "bad", -1.0, 6),
        ],
        schema=["rater", "ratee", "score", "at"],
        orient="row",
    )
    found = {one.name: one for one in predictions(ratings, share=0.67, draws=20)}
    assert found["plain mean"].rmse == pytest.approx(0)
    assert found["plain mean"].auc == 1.0
    assert found["reputation (ours)"].auc == 1.0
    # Beta with two good ratings: 2 · 3/4 − 1 = 0.5, half a point from what came
    assert found["Beta (Jøsang and Ismail 2002, graded)"].rmse == pytest.approx(0.5)
