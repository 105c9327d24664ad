"""How unlikely a count is: by hand-worked chances and by properties that any chance has."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.detection.statistics.settled import against_settled
from chengxin.detection.statistics.surprise import MOST, against_baseline, as_score, learnt, tail


def test_the_chance_of_a_count_is_that_of_poisson_when_nothing_varies_more() -> None:
    mean = np.array([2.0, 2.0, 0.1])
    found = tail(np.array([5.0, 1.0, 3.0]), mean, mean)
    five_or_more = 1 - math.exp(-2) * (1 + 2 + 2 + 4 / 3 + 2 / 3)
    three_or_more = 1 - math.exp(-0.1) * (1 + 0.1 + 0.005)
    assert found[0] == pytest.approx(-math.log10(five_or_more))
    assert found[1] == 0, "fewer than usual is no surprise"
    assert found[2] == pytest.approx(-math.log10(three_or_more), abs=1e-6)


@given(
    st.floats(0.01, 500), st.floats(1.0, 20), st.integers(0, 1000), st.integers(1, 200)
)  # fmt: skip
def test_more_is_never_less_surprising_and_uneven_markets_are_never_more(
    mean: float, uneven: float, count: int, more: int
) -> None:
    counts = np.array([float(count), float(count + more)])
    means = np.array([mean, mean])
    even, spread = tail(counts, means, means), tail(counts, means, means * uneven)
    assert even[1] >= even[0] - 1e-9
    assert 0 <= even[0] <= MOST
    assert even[1] >= spread[1] - 1e-6 or counts[1] <= mean + 3 * math.sqrt(mean * uneven)


def shops(odd: int, of: int, honest: int = 200) -> pl.DataFrame:
    """Shops with 5 odd orders in 100, and one with `odd` in `of`."""
    rows = [{"shop": f"h{n}", "trade": "tea", "hit": 4 + n % 3, "of": 100} for n in range(honest)]
    return pl.DataFrame([*rows, {"shop": "one", "trade": "tea", "hit": odd, "of": of}])


def test_a_shop_is_held_against_its_trade() -> None:
    found = against_baseline(shops(40, 100), entity=["shop"], cell=["trade"], hit="hit", of="of")
    by_shop = {row["shop"]: row for row in found.iter_rows(named=True)}
    assert by_shop["one"]["surprise"] > 6
    assert by_shop["one"]["baseline"] == pytest.approx(0.05, abs=0.003)
    assert max(row["surprise"] for name, row in by_shop.items() if name != "one") < 1.5


def test_a_heavy_scheme_does_not_become_the_baseline() -> None:
    heavy = learnt(shops(90_000, 100_000), cell=["trade"], hit="hit", of="of")
    assert heavy.cells["usual"][0] < 0.06


def test_nothing_said_is_nothing_found() -> None:
    empty = pl.DataFrame({"shop": ["a"], "trade": ["tea"], "hit": [0], "of": [0]})
    assert against_baseline(empty, entity=["shop"], cell=["trade"], hit="hit", of="of").is_empty()


def test_half_the_evidence_makes_half_a_score() -> None:
    assert as_score(np.array([0.0, 9.0, 1e9, -1.0]), 9.0).tolist() == pytest.approx([0.0, 0.5, 1.0, 0.0])


def test_one_shop_in_eight_at_it_neither_makes_the_baseline_nor_hides_behind_its_spread() -> None:
    honest = [{"shop": f"h{n}", "trade": "tea", "hit": 4 + n % 3, "of": 100} for n in range(70)]
    bought = [{"shop": f"b{n}", "trade": "tea", "hit": 40 + n, "of": 100} for n in range(10)]
    counts = pl.DataFrame([*honest, *bought])
    found = against_settled(counts, entity=["shop"], cell=["trade"], hit="hit", of="of")
    by_shop = {row["shop"]: row for row in found.iter_rows(named=True)}
    assert by_shop["b0"]["baseline"] == pytest.approx(0.05, abs=0.005)
    assert min(row["surprise"] for name, row in by_shop.items() if name[0] == "b") > 6
    plain = against_baseline(counts, entity=["shop"], cell=["trade"], hit="hit", of="of")
    assert plain.filter(pl.col("shop") == "b0")["surprise"][0] < by_shop["b0"]["surprise"]


def test_that_most_of_many_small_shops_show_nothing_makes_one_odd_thing_no_surprise() -> None:
    small = [{"shop": f"s{n}", "trade": "tea", "hit": int(n % 5 == 0), "of": 10} for n in range(200)]
    counts = pl.DataFrame([*small, {"shop": "one", "trade": "tea", "hit": 6, "of": 10}])
    found = against_settled(counts, entity=["shop"], cell=["trade"], hit="hit", of="of")
    by_shop = {row["shop"]: row for row in found.iter_rows(named=True)}
    assert by_shop["s0"]["baseline"] == pytest.approx(0.02, abs=0.004)
    assert by_shop["s0"]["surprise"] < 1
    assert by_shop["one"]["surprise"] > 3
