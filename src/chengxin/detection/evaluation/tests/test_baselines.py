"""What the detectors are compared with does what its papers say."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import combinations
from math import log

import numpy as np
import polars as pl
import pytest

from chengxin.detection.evaluation.baselines.fraudar import CALM, Fraudar, dense_blocks
from chengxin.detection.evaluation.baselines.learned import IsolationForest, trained
from chengxin.detection.evaluation.baselines.rev2 import rev2
from chengxin.detection.evaluation.baselines.single import Single, singles

NOBODY = pl.DataFrame(schema={"buyer_id": pl.String, "seller_id": pl.String})


def market(seed: int, camouflage: int) -> pl.DataFrame:
    """Three hundred buyers at forty shops; twenty who buy at five shops of their own, and elsewhere too."""
    chance = np.random.default_rng(seed)
    rows = [(f"b{buyer}", f"s{shop}") for buyer in range(300) for shop in chance.choice(40, 3, replace=False)]
    rows += [(f"ring{buyer}", f"brusher{shop}") for buyer in range(20) for shop in range(5)]
    for buyer in range(20):
        rows += [(f"ring{buyer}", f"s{shop}") for shop in chance.choice(40, camouflage, replace=False)]
    return pl.DataFrame(rows, schema=["buyer_id", "seller_id"], orient="row")


def density(graph: pl.DataFrame, buyers: set[str], sellers: set[str]) -> float:
    """The weight of the edges inside for each member, as the paper defines it."""
    degree = dict(graph.group_by("seller_id").len().iter_rows())
    inside = graph.filter(pl.col("buyer_id").is_in(buyers), pl.col("seller_id").is_in(sellers))["seller_id"]
    return sum(1 / log(degree[shop] + CALM) for shop in inside) / (len(buyers) + len(sellers))


@pytest.mark.parametrize("camouflage", [0, 3])
def test_fraudar_finds_the_ring_in_spite_of_camouflage(camouflage: int) -> None:
    block = dense_blocks(market(3, camouflage), 1)[0]
    assert {f"brusher{shop}" for shop in range(5)} <= block.sellers
    assert {f"ring{buyer}" for buyer in range(20)} <= block.buyers
    assert len(block.buyers) < 40


def test_the_block_is_as_dense_as_said_and_at_least_half_the_best() -> None:
    chance = np.random.default_rng(9)
    for _ in range(10):
        pairs = [(f"b{b}", f"s{s}") for b in range(5) for s in range(4) if chance.random() < 0.5]
        graph = pl.DataFrame(pairs, schema=["buyer_id", "seller_id"], orient="row")
        block = dense_blocks(graph, 1)[0]
        people, shops = sorted(graph["buyer_id"].unique()), sorted(graph["seller_id"].unique())
        best = max(
            density(graph, set(buyers), set(sellers))
            for many in range(1, len(people) + 1)
            for buyers in combinations(people, many)
            for few in range(1, len(shops) + 1)
            for sellers in combinations(shops, few)
        )
        assert block.density == pytest.approx(density(graph, set(block.buyers), set(block.sellers)), abs=1e-6)
        assert best / 2 <= block.density + 1e-6 <= best + 2e-6


def test_fraudar_ranks_without_looking_at_the_spelling_of_ids() -> None:
    graph = market(5, 2)
    names = {
        name: f"x{place}"
        for place, name in enumerate(sorted(graph["seller_id"].unique(), key=lambda name: name[::-1]))
    }
    renamed = graph.with_columns(pl.col("seller_id").replace(names)).sample(
        fraction=1.0, shuffle=True, seed=1
    )
    features = pl.DataFrame({"entity_id": [*names, "absent"]})
    scores = Fraudar().score(features, graph)
    assert (
        scores.to_list()
        == Fraudar().score(features.select(pl.col("entity_id").replace(names)), renamed).to_list()
    )
    ranked = features.with_columns(score=scores).sort("score", descending=True)
    assert set(ranked["entity_id"][:5]) == {f"brusher{shop}" for shop in range(5)}
    assert ranked["score"][-1] == 0
    assert ranked["entity_id"][-1] == "absent"


def test_fraudar_removes_a_block_before_it_seeks_the_next() -> None:
    blocks = dense_blocks(market(3, 0), 3)
    assert [len(block.sellers & {"brusher0", "brusher1"}) for block in blocks] == [2, 0]
    assert not blocks[0].sellers & blocks[1].sellers
    assert dense_blocks(NOBODY) == []


def test_both_sides_of_a_graph_are_ranked_at_once() -> None:
    graph = market(3, 2)
    sides = Fraudar().sides(graph)
    for side in ("buyer", "seller"):
        names = sides[side].sort("entity_id").select("entity_id")
        assert Fraudar(side).score(names, graph).to_list() == sides[side].sort("entity_id")["score"].to_list()
    assert set(sides["buyer"].sort("score")["entity_id"][-20:]) == {f"ring{buyer}" for buyer in range(20)}


def test_a_single_signal_ranks_both_ways_and_puts_the_unknown_last() -> None:
    features = pl.DataFrame(
        {"entity_id": ["a", "b", "c"], "weight": [3.0, None, 1.0], "flag": [True, False, None]}
    )
    assert Single("weight").score(features, NOBODY).to_list() == [3, 0, 1]
    assert Single("weight", rising=False).score(features, NOBODY).to_list() == [-3, -4, -1]
    assert [one.name for one in singles(features)] == ["weight ↑", "weight ↓", "flag ↑", "flag ↓"]


def test_rev2_calls_the_one_unfair_who_contradicts_everybody() -> None:
    rows = [(f"r{rater}", f"t{target}", 0.8) for rater in range(6) for target in range(5)]
    rows += [("smear", f"t{target}", -1.0) for target in range(5)]
    fairness, prior = rev2(pl.DataFrame(rows, schema=["rater", "ratee", "score"], orient="row"))
    assert fairness.sort("fairness")["rater"][0] == "smear"
    assert fairness["fairness"].min() < prior < fairness["fairness"].max()  # type: ignore[operator]


def test_learning_machines_find_what_is_odd_or_say_that_they_cannot() -> None:
    chance = np.random.default_rng(2)
    odd = np.arange(200) < 10
    features = pl.DataFrame(
        {
            "entity_id": [f"e{place}" for place in range(200)],
            "speed": chance.normal(size=200) + 6 * odd,
            "share": chance.random(200),
        }
    )
    if find_spec("sklearn") is None:
        with pytest.raises(ImportError, match="bench"):
            IsolationForest().score(features, NOBODY)
        return
    apart = IsolationForest(trees=50).score(features, NOBODY)
    assert apart.filter(pl.Series(odd)).mean() > apart.filter(pl.Series(~odd)).mean()  # type: ignore[operator]
    ones = pl.Series(np.ones(200))
    model = trained([(features, pl.Series(odd), ones)] * 2)
    learnt = model.score(features, NOBODY)
    assert model.columns == ("share", "speed")
    assert learnt.filter(pl.Series(odd)).mean() > learnt.filter(pl.Series(~odd)).mean()  # type: ignore[operator]
    turned = features.reverse()
    assert IsolationForest(trees=50).score(turned, NOBODY).reverse().to_list() == pytest.approx(
        apart.to_list()
    )
    with pytest.raises(ValueError, match="honest"):
        trained([(features, pl.Series(np.zeros(200, np.bool_)), ones)])
