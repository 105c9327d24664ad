"""Who rates against everybody's experience is found out, and nobody is judged by their own word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from chengxin.detection.opinions.rating_graph import exact_sum
from chengxin.detection.opinions.reliability import USUAL, Reliability, rate

MONTH = 30 * 86_400


def graph(seed: int = 1, fair: int = 150, smear: int = 8, boost: int = 8) -> pl.DataFrame:
    """Sixty shops, each fifth bad; fair raters over two years, smearing and boosting ones in a week."""
    chance = np.random.default_rng(seed)
    rows: list[tuple[Any, ...]] = []
    for rater in range(fair):
        for shop in chance.choice(60, int(chance.integers(2, 12)), replace=False):
            good = (shop % 5 != 0) == (chance.random() < 0.93)
            score = chance.choice([0.6, 0.8, 1.0]) if good else chance.choice([-1.0, -0.8, -0.4])
            rows.append((f"fair{rater}", f"shop{shop}", score, int(chance.integers(0, 24 * MONTH))))
    for kind, many, wanted, score in (("smear", smear, False, -1.0), ("boost", boost, True, 1.0)):
        for rater in range(many):
            shops = [shop for shop in range(60) if (shop % 5 == 0) == wanted]
            start = int(chance.integers(0, 24 * MONTH))
            rows += [
                (f"{kind}{rater}", f"shop{shop}", score, start + place * 86_400)
                for place, shop in enumerate(chance.choice(shops, 6, replace=False))
            ]
    return pl.DataFrame(rows, schema=["rater", "ratee", "score", "at"], orient="row")


def edges(*rows: tuple[str, str, float, int]) -> pl.DataFrame:
    """Ratings as given."""
    return pl.DataFrame(rows, schema=["rater", "ratee", "score", "at"], orient="row")


def reliability(found: Reliability) -> dict[str, float]:
    """The reliability of each rater."""
    return dict(found.raters.select("rater", "reliability").iter_rows())


def test_smearing_and_boosting_raters_come_last() -> None:
    found = rate(graph())
    assert found.settled
    worst = found.raters.sort("reliability")["rater"][:16]
    assert sum(name.startswith(("smear", "boost")) for name in worst) >= 15
    assert found.raters["reliability"].is_between(0, 1).all()
    assert found.raters["fairness"].is_between(0, 1).all()


def test_a_bad_shop_stays_bad_whoever_praises_it() -> None:
    found = rate(graph(boost=25)).ratees
    raised = found.filter(pl.col("ratee") == "shop0").row(0, named=True)
    assert raised["goodness"] < raised["mean"]
    good = found.filter(pl.col("ratee").is_in([f"shop{shop}" for shop in range(60) if shop % 5]))
    assert raised["goodness"] < good["goodness"].min()


def test_the_order_of_rows_and_the_spelling_of_ids_decide_nothing() -> None:
    given = graph(2)
    found = rate(given)
    names = {name: f"z{len(set(name))}-{name[::-1]}" for name in {*given["rater"], *given["ratee"]}}
    turned = rate(
        given.sample(fraction=1.0, shuffle=True, seed=7).with_columns(
            pl.col("rater", "ratee").replace_strict(names)
        )
    )
    renamed = found.raters.with_columns(pl.col("rater").replace_strict(names))
    assert renamed.sort("rater").equals(turned.raters.sort("rater"))
    renamed = found.ratees.with_columns(pl.col("ratee").replace_strict(names))
    assert renamed.sort("ratee").equals(turned.ratees.sort("ratee"))
    assert (found.rounds, found.newcomer) == (turned.rounds, turned.newcomer)


def test_a_rating_is_held_against_the_others_alone() -> None:
    given = graph(3)
    other = given.with_columns(
        score=pl.when(pl.col("rater") == "fair1").then(-pl.col("score")).otherwise(pl.col("score"))
    )
    one, two = (
        rate(rows, replace(USUAL, check=0)).ratings.filter(pl.col("rater") == "fair1")
        for rows in (given, other)
    )
    # the others' opinion moves only by the little that their own fairness learns from the changed ratings
    assert (one["expected"] - two["expected"]).abs().max() < 0.05  # type: ignore[operator]
    assert one["fair"].mean() > 0.8  # type: ignore[operator]
    assert two["fair"].mean() < 0.2  # type: ignore[operator]


def test_repeating_a_pair_is_no_further_opinion() -> None:
    given = graph(4)
    spam = pl.concat([given, *[given.filter(pl.col("rater") == "boost0")] * 20])
    once, often = rate(given).ratees, rate(spam).ratees
    joined = once.join(often, on="ratee", suffix="_often")
    assert (joined["goodness"] - joined["goodness_often"]).abs().max() < 0.02  # type: ignore[operator]
    assert joined["raters"].to_list() == joined["raters_often"].to_list()
    repeated = rate(spam).raters.filter(pl.col("rater") == "boost0")
    assert repeated["concentration"][0] == pytest.approx(20 / 21, abs=1e-6)


def test_agreement_in_one_burst_earns_less_than_over_months_but_disagreement_is_not_excused() -> None:
    given = graph(5).filter(~pl.col("rater").is_in(["new", "old"]))
    shops = [f"shop{shop}" for shop in (1, 2, 3, 4, 6, 7)]

    def with_rater(score: float, apart: int) -> float:
        rows = edges(*[("judge", shop, score, place * apart) for place, shop in enumerate(shops)])
        return reliability(rate(pl.concat([given, rows])))["judge"]

    assert with_rater(0.8, MONTH) > with_rater(0.8, 60) + 0.1
    assert with_rater(-1.0, 60) == pytest.approx(with_rater(-1.0, MONTH), abs=0.02)
    assert with_rater(-1.0, 60) < with_rater(0.8, 60)


def test_coming_back_under_a_new_name_gains_nothing_over_a_fair_record() -> None:
    found = rate(graph(6))
    fair = found.raters.filter(pl.col("rater").str.starts_with("fair"), pl.col("agreement") > 0.9)
    assert fair["reliability"].min() > found.unknown  # type: ignore[operator]


def test_what_nobody_else_rated_proves_nothing() -> None:
    given = graph(7)
    alone = edges(*[("hermit", f"own{place}", 0.8, place * MONTH) for place in range(12)])
    found = rate(pl.concat([given, alone]))
    hermit = found.raters.filter(pl.col("rater") == "hermit").row(0, named=True)
    assert hermit["evidence"] == 0
    assert hermit["reliability"] == pytest.approx(found.unknown, abs=0.05)


def test_who_is_called_bad_by_the_fair_starts_lower() -> None:
    given = graph(8)
    person = edges(("cheat", "shop1", 0.8, 0), ("honest", "shop1", 0.8, 0))
    word = edges(
        *[(f"fair{rater}", "cheat", -1.0, rater) for rater in range(12)],
        *[(f"fair{rater}", "honest", 1.0, rater) for rater in range(12)],
    )
    found = rate(pl.concat([given, person, word]))
    assert reliability(found)["cheat"] < reliability(found)["honest"]
    cheat = found.raters.filter(pl.col("rater") == "cheat").row(0, named=True)
    assert cheat["standing"] < -0.5


def test_an_answer_is_seen_as_one() -> None:
    found = rate(edges(("a", "b", 1.0, 10), ("b", "a", 1.0, 20), ("a", "c", 0.5, 30))).raters
    assert dict(found.select("rater", "answers").iter_rows()) == {"a": 0.0, "b": 1.0}


def test_times_may_be_times() -> None:
    given = graph(9)
    timed = given.with_columns(pl.from_epoch("at", time_unit="s").dt.replace_time_zone("UTC"))
    assert rate(given).raters.equals(rate(timed).raters)


def test_a_graph_without_edges_or_of_one_edge_is_no_error() -> None:
    empty = rate(graph().clear())
    assert (empty.raters.height, empty.ratees.height, empty.settled) == (0, 0, True)
    one = rate(edges(("a", "b", 1.0, 0)))
    assert one.ratees["raters"].to_list() == [1]
    assert one.raters["reliability"][0] == pytest.approx(one.unknown)


def test_a_score_off_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match=r"-3\.0"):
        rate(edges(("a", "b", -3.0, 0)))


def test_sums_are_the_same_in_any_order() -> None:
    chance = np.random.default_rng(1)
    index, values = chance.integers(0, 5, 1000), chance.random(1000)
    order = chance.permutation(1000)
    assert (exact_sum(index, values, 5) == exact_sum(index[order], values[order], 5)).all()
