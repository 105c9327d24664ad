"""A small market from end to end: asked, cut in two, and every way of ranking measured on it."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import polars as pl
import pytest

from chengxin.detection.declaring import Lead
from chengxin.detection.detectors import detector
from chengxin.detection.evaluation.features import features
from chengxin.detection.evaluation.graphs import APART
from chengxin.detection.evaluation.machines import lessons, taught
from chengxin.detection.evaluation.markets import Asked, Market, market
from chengxin.detection.evaluation.ways import FOREST, OURS, TREES, UNSEEN, rows_of
from chengxin.market import Truth
from chengxin.market.truth import ENTITIES, TWINS

KEY = ["detector", "entity", "platform", "entity_id"]


def asked(aside: int = 0) -> Asked:
    """Two hundred shops, of which the first twelve brush, those of odd number alone; two of the second level,
    the rest of the first. `aside` of them did so at another time."""
    names = [f"s{number}" for number in range(200)]
    guilty = [
        ("brushing", "seller", "harbour", name, "x", ("ring", "alone")[number % 2], 1 + number // 10)
        for number, name in enumerate(names[:12])
    ]
    truth = pl.DataFrame(guilty, schema=ENTITIES, orient="row")
    signal = next(one for one in detector("brushing").signals if one.name == "money_back")
    leads = tuple(
        Lead("brushing", "seller", name, "harbour", 0.9 - number / 50, (0, 1), (signal.seen(0.6, 0.1),))
        for number, name in enumerate(names[:15])
    )
    entities = pl.DataFrame({"entity": "seller", "platform": "harbour", "entity_id": names})
    chance = np.random.default_rng(3)
    plain = entities.drop("entity").with_columns(orders=chance.integers(5, 90, 200))
    at = f"harbour{APART}"
    pairs = [
        (f"{at}b{buyer}", f"{at}{shop}")
        for buyer in range(300)
        for shop in chance.choice(names, 2, replace=False)
    ]
    graph = pl.DataFrame(pairs, schema=["buyer_id", "seller_id"], orient="row")
    return Asked(
        leads,
        entities,
        {("brushing", "seller"): features(("brushing", "seller"), leads, entities, plain)},
        {"brushing": graph},
        Truth(
            truth[aside:],
            pl.DataFrame([("seller", "harbour", "s12", "live stream")], schema=TWINS, orient="row"),
        ),
        truth[:aside].select(KEY),
        0.0,
    )


def test_every_way_is_measured_on_the_whole_on_the_halves_and_on_what_was_held_out() -> None:
    one = Market(7, asked(), {"before": asked(), "after": asked(aside=3)})
    if find_spec("sklearn") is None:
        with pytest.raises(ImportError, match="bench"):
            rows_of(one, ["brushing"], {})
        return
    trees = taught([lessons(one)] * 4)
    assert set(trees["brushing", "seller"].without) == {
        ("level", 1), ("level", 2), ("kind", "alone"), ("kind", "ring"),
    }  # fmt: skip
    rows = rows_of(one, ["brushing"], trees)
    whole = {row.method for row in rows if not row.period and not row.level and not row.kind}
    assert whole == {OURS, TREES, FOREST, "FRAUDAR", "signal money_back"}
    levels = {row.method for row in rows if row.level}
    assert levels == {OURS, TREES, FOREST, "FRAUDAR", UNSEEN}
    held = {(row.level, row.kind) for row in rows if row.method == UNSEEN}
    assert held == {(1, ""), (2, ""), (0, "alone"), (0, "ring")}
    halves = {(row.period, row.method): (row.sought, row.entities) for row in rows if row.period}
    # Three shops that brushed at another time are neither sought nor honest.
    assert halves == {
        (period, method): (9, 197) if period == "after" else (12, 200)
        for period in ("before", "after")
        for method in (OURS, TREES)
    }
    ours = next(
        row for row in rows if row.method == OURS and not row.period and not row.level and not row.kind
    )
    assert ours.ap == 1.0
    assert ours.twins == {"live stream": 0.0}


def test_a_market_is_asked_as_a_whole_and_in_halves() -> None:
    found = market(7, 20_000, ["data_scraping"], ["before", "after"])
    assert set(found.halves) == {"before", "after"}
    for part in (found.whole, *found.halves.values()):
        for (_, entity), table in part.features.items():
            kinds = part.entities.filter(pl.col("entity") == entity)
            assert table.select("platform", "entity_id").unique().height == table.height == kinds.height
        assert part.truth.entities.join(part.aside, on=KEY, how="semi").is_empty()
        assert set(part.truth.entities["detector"]) <= {"data_scraping"}
    sought = [half.truth.entities.height for half in found.halves.values()]
    assert 0 < max(sought) <= found.whole.truth.entities.height
