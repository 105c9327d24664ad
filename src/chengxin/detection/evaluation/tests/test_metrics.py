"""The figures are those that one would count by hand, whatever is tied."""

from __future__ import annotations

from itertools import pairwise, permutations
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.detection.evaluation.metrics import (
    average_precision,
    bootstrap,
    false_alarms,
    found_at,
    over_runs,
    precision_at,
    roc_auc,
)

LISTS = st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=6)


def orders(rows: list[tuple[int, bool]]) -> list[list[bool]]:
    """The truth in every order that the scores allow."""
    return [
        [rows[place][1] for place in order]
        for order in permutations(range(len(rows)))
        if all(rows[a][0] >= rows[b][0] for a, b in pairwise(order))
    ]


def plain_precision(truth: list[bool], missed: int) -> float:
    """Average precision of a list without ties, as the textbook has it."""
    gathered = sum(sum(truth[: place + 1]) / (place + 1) for place, one in enumerate(truth) if one)
    return gathered / (sum(truth) + missed)


def test_average_precision_of_a_list_worked_by_hand() -> None:
    # sought at places 1, 3 and 4 of 5: (1/1 + 2/3 + 3/4) / 3
    assert average_precision([5, 4, 3, 2, 1], [1, 0, 1, 1, 0]) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)


def test_two_tied_of_which_one_is_sought_give_three_quarters() -> None:
    assert average_precision([1, 1], [1, 0]) == pytest.approx(0.75)
    assert roc_auc([1, 1], [1, 0]) == pytest.approx(0.5)
    assert precision_at([1, 1], [1, 0], 1) == pytest.approx(0.5)


def test_what_was_never_listed_counts_as_missed() -> None:
    assert average_precision([2, 1], [1, 0], missed=3) == pytest.approx(0.25)
    # one sought is listed before one other; one sought and two others are tied at the end:
    # the first beats all three others, the second loses to one and halves two: (3 + 1) / 6
    assert roc_auc([2, 1], [1, 0], missed=1, passed_over=2) == pytest.approx(4 / 6)


@given(LISTS, st.integers(0, 2))
def test_average_precision_is_the_mean_over_every_order_of_the_tied(
    rows: list[tuple[int, bool]], missed: int
) -> None:
    scores, truth = zip(*rows, strict=True)
    if sum(truth) + missed == 0:
        assert isnan(average_precision(scores, truth, missed))
    else:
        expected = np.mean([plain_precision(order, missed) for order in orders(rows)])
        assert average_precision(scores, truth, missed) == pytest.approx(expected)


@given(LISTS, st.integers(0, 7))
def test_what_is_found_at_capacity_is_the_mean_over_every_order_of_the_tied(
    rows: list[tuple[int, bool]], capacity: int
) -> None:
    scores, truth = zip(*rows, strict=True)
    expected = float(np.mean([sum(order[:capacity]) for order in orders(rows)]))
    assert found_at(scores, truth, capacity) == pytest.approx(expected)
    if capacity:
        assert precision_at(scores, truth, capacity) == pytest.approx(expected / min(capacity, len(rows)))
    else:
        assert isnan(precision_at(scores, truth, capacity))


@given(LISTS, st.integers(0, 2), st.integers(0, 2))
def test_auc_is_the_share_of_pairs_in_the_right_order(
    rows: list[tuple[int, bool]], missed: int, passed_over: int
) -> None:
    scores, truth = zip(*rows, strict=True)
    sought = [score for score, one in rows if one] + [-1] * missed
    other = [score for score, one in rows if not one] + [-1] * passed_over
    found = roc_auc(scores, truth, missed, passed_over)
    if sought and other:
        wins = sum((a > b) + (a == b) / 2 for a in sought for b in other)
        assert found == pytest.approx(wins / (len(sought) * len(other)))
    else:
        assert isnan(found)


def test_students_interval_of_three_runs_worked_by_hand() -> None:
    mean = over_runs([0.7, 0.8, 0.9, float("nan")])
    # standard error 0.1 / √3, t of 2 degrees of freedom at 97.5 % is 4.302653
    assert mean.mean == pytest.approx(0.8)
    assert mean.runs == 3
    assert mean.high - mean.mean == pytest.approx(4.302653 * 0.1 / 3**0.5, rel=1e-6)
    assert mean.mean - mean.low == pytest.approx(mean.high - mean.mean)
    assert isnan(over_runs([0.7]).low)
    assert over_runs([]).runs == 0


def test_honest_twins_in_the_places_are_counted_by_kind() -> None:
    alarms = false_alarms([3, 2, 2, 1], [None, "family", "dormitory", "family"], 2)
    assert alarms == {"family": 0.5, "dormitory": 0.5}


def test_a_bootstrapped_interval_holds_its_figure_and_tells_nothing_of_the_order() -> None:
    chance = np.random.default_rng(4)
    truth = chance.random(120) < 0.4
    scores = truth + chance.normal(size=120)
    auc, ap = bootstrap(scores, truth, draws=200)
    assert auc[0] < roc_auc(scores, truth) < auc[1]
    assert ap[0] < average_precision(scores, truth) < ap[1]
    turned = chance.permutation(120)
    assert bootstrap(scores[turned], truth[turned], draws=200) == (auc, ap)


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="nan"):
        roc_auc([float("nan"), 1], [1, 0])
