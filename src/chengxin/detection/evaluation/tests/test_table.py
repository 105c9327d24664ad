"""Leads are held against the truth: what is found, what is missed, and which honest are taken for guilty."""

from __future__ import annotations

from math import isnan

import polars as pl
import pytest

from chengxin.detection.evaluation.table import ALL, evaluate

GUILTY = pl.DataFrame(
    [
        ("brushing", "seller", "harbour", "s1", "ring-1", "dense", 1),
        ("brushing", "seller", "harbour", "s2", "ring-2", "slow", 3),
        ("empty_parcels", "waybill", None, "w1", "ring-1", "empty", 1),
    ],
    schema=["detector", "entity", "platform", "entity_id", "scheme", "kind", "level"],
    orient="row",
)
TWINS = pl.DataFrame(
    [("seller", "harbour", "s3", "flash_sale"), ("seller", "harbour", "s4", "dormitory")],
    schema=["entity", "platform", "entity_id", "twin"],
    orient="row",
)
ENTITIES = pl.DataFrame(
    [("seller", "harbour", f"s{number}") for number in range(1, 11)]
    + [("seller", "market", "s1"), ("waybill", None, "w1"), ("waybill", None, "w2")],
    schema=["entity", "platform", "entity_id"],
    orient="row",
)


def leads(*rows: tuple[str, float]) -> pl.DataFrame:
    """Leads of the brushing detector on one platform."""
    return pl.DataFrame(
        [("brushing", "seller", "harbour", name, score) for name, score in rows],
        schema={
            "detector": pl.String, "entity": pl.String, "platform": pl.String, "entity_id": pl.String,
            "score": pl.Float64,
        },
        orient="row",
    )  # fmt: skip


def test_figures_worked_by_hand() -> None:
    rows = evaluate((GUILTY, TWINS), leads(("s1", 0.9), ("s3", 0.8), ("s1", 0.1)), ENTITIES, 2)
    whole, easy, hard, _, _, parcels, _ = rows
    assert (whole.level, easy.level, hard.level) == (ALL, 1, 3)
    assert (whole.entities, whole.sought) == (11, 2)  # the same id on another platform is another shop
    assert whole.ap == pytest.approx(0.5)  # s1 is first, s2 is missed
    # s1 comes before all nine others; s2 loses to s3 and is tied with eight: (9 + 4) / 18
    assert whole.auc == pytest.approx(13 / 18)
    assert whole.precision_at_capacity == pytest.approx(0.5)
    assert whole.twins == {"dormitory": 0.0, "flash_sale": 1.0}
    assert easy.ap == 1.0  # the guilty of another level are left out
    assert (hard.ap, hard.sought, hard.entities) == (0.0, 1, 10)
    assert (parcels.ap, parcels.auc) == (0.0, 0.5)
    assert isnan(parcels.precision_at_capacity)


def test_neither_the_order_of_rows_nor_the_names_matter() -> None:
    listed = leads(("s1", 0.9), ("s3", 0.9), ("s4", 0.9), ("s2", 0.2))
    rows = evaluate((GUILTY, TWINS), listed, ENTITIES, {"seller": 2, "waybill": 1})
    turned = evaluate(
        (GUILTY.reverse(), TWINS.reverse()), listed.reverse(), ENTITIES.reverse(), {"seller": 2, "waybill": 1}
    )
    assert str(rows) == str(turned)
    assert rows[0].found == pytest.approx(2 / 3)


def test_what_cannot_be_listed_is_an_error_of_the_evaluation() -> None:
    with pytest.raises(ValueError, match="s99"):
        evaluate((GUILTY, TWINS), leads(("s99", 0.5)), ENTITIES, 2)


def test_levels_and_kinds_of_schemes_stand_apart_and_against_the_honest_alone() -> None:
    rows = evaluate((GUILTY, TWINS), leads(("s1", 0.9), ("s3", 0.8), ("s2", 0.7)), ENTITIES, 2)
    shops = {(row.level, row.kind): row for row in rows if row.entity == "seller"}
    assert set(shops) == {(ALL, ""), (1, ""), (3, ""), (ALL, "dense"), (ALL, "slow")}
    assert shops[ALL, "slow"].ap == pytest.approx(0.5)  # behind s3; s1 of the other kind is left out
    assert {row.kind for row in rows if row.entity == "waybill"} == {""}  # one kind needs no row of its own
    whole = evaluate((GUILTY, TWINS), leads(("s1", 0.9)), ENTITIES, 2, apart=False)
    assert {(row.level, row.kind) for row in whole} == {(ALL, "")}
