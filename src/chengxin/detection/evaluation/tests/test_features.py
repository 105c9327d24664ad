"""Learning machines are given counts of every entity, and of the listed what the detector saw."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from chengxin.detection.declaring import Lead
from chengxin.detection.detectors import detector
from chengxin.detection.evaluation.features import COUNTED, counts, features
from chengxin.detection.evaluation.graphs import APART, graphs
from chengxin.detection.tests.lakes import opened, written

AT = datetime(2026, 3, 1, tzinfo=UTC)


def lead(shop: str, value: float, ring: str | None = None) -> Lead:
    """A lead of brushing about a shop, with one signal."""
    signal = next(one for one in detector("brushing").signals if one.name == "money_back")
    return Lead("brushing", "seller", shop, "harbour", 0.9, (0, 1), (signal.seen(value, 0.1),), ring=ring)


def test_counts_are_those_of_the_rows(tmp_path: Path) -> None:
    order = {"platform": "harbour", "seller_id": "s1", "created_at": AT, "quantity": 2, "status": "received"}
    written(
        tmp_path,
        orders=[
            {**order, "order_id": "o1", "buyer_id": "b1", "amount": 10},
            {**order, "order_id": "o2", "buyer_id": "b1", "amount": 30, "status": "refunded"},
        ],
        sellers=[{"seller_id": "s2", "platform": "harbour", "opened_at": AT}],
        ratings=[
            {
                "rating_id": "r1",
                "platform": "harbour",
                "ratee_id": "s1",
                "rater_id": "b1",
                "score": 0.5,
                "text": "很好",
            }
        ],
    )
    with opened(tmp_path) as lake:
        shops = {row["entity_id"]: row for row in counts(lake, "seller").iter_rows(named=True)}
        assert {entity: counts(lake, entity).width > 2 for entity in COUNTED} == dict.fromkeys(COUNTED, True)
    assert (shops["s1"]["orders"], shops["s1"]["buyers"], shops["s1"]["goods"]) == (2, 1, 4)
    assert shops["s1"]["refunded"] == pytest.approx(0.5)
    assert shops["s1"]["score"] == pytest.approx(0.5)
    assert shops["s2"]["orders"] is None


def test_signals_stand_beside_the_counts_and_are_nought_for_the_unlisted() -> None:
    everybody = pl.DataFrame({"platform": ["harbour"] * 3, "entity_id": ["s1", "s2", "s3"]})
    plain = everybody.with_columns(orders=pl.Series([5, 6, 7]))
    table = features(("brushing", "seller"), [lead("s1", 0.6, "r"), lead("s2", 0.3, "r")], everybody, plain)
    rows = {row["entity_id"]: row for row in table.iter_rows(named=True)}
    assert rows["s1"]["money_back"] == pytest.approx(0.6)
    assert rows["s1"]["money_back_beyond"] == pytest.approx(0.5)
    assert (rows["s2"]["members"], rows["s2"]["named"]) == (2, True)
    assert (rows["s3"]["money_back"], rows["s3"]["members"], rows["s3"]["named"]) == (0, 0, False)
    assert rows["s3"]["orders"] == 7
    assert "score" not in table.columns


def test_a_graph_has_each_pair_once_with_the_platform_before_the_id(tmp_path: Path) -> None:
    bought = {"platform": "harbour", "seller_id": "s1", "buyer_id": "b1", "created_at": AT}
    rated = {
        "platform": "harbour",
        "direction": "buyer_to_seller",
        "ratee_id": "s1",
        "rater_id": "b1",
        "created_at": AT,
    }
    written(
        tmp_path,
        orders=[{**bought, "order_id": name} for name in ("o1", "o2")],
        ratings=[
            {**rated, "rating_id": "r1", "score": 1.0},
            {**rated, "rating_id": "r2", "rater_id": "b2", "score": -1.0},
        ],
    )
    with opened(tmp_path) as lake:
        found = graphs(lake, ["brushing", "inflated_ratings", "malicious_ratings", "price_fraud"])
    assert found["brushing"].rows() == [(f"harbour{APART}b1", f"harbour{APART}s1")]
    assert found["inflated_ratings"]["buyer_id"].to_list() == [f"harbour{APART}b1"]
    assert found["malicious_ratings"]["buyer_id"].to_list() == [f"harbour{APART}b2"]
    assert "price_fraud" not in found
