"""Who keeps the shops of a market: operators of the province, first where something is to be found."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from chengxin.demo import words
from chengxin.demo.keepers import GOODS, carriers, keepers, platforms
from chengxin.demo.shops import operators_on
from chengxin.demo.subjects import World, describe

TODAY = date(2026, 9, 30)


def _shops(world: World) -> pl.DataFrame:
    """Forty shops a platform; every fifth is guilty of something, every seventh tells by its name."""
    size = 40 * len(platforms())
    guilty = [
        ["price_fraud"] if one % 10 == 0 else ["brushing"] if one % 5 == 0 else [] for one in range(size)
    ]
    return pl.DataFrame(
        {
            "number": range(size),
            "platform": [platforms()[one % len(platforms())] for one in range(size)],
            "category": [("茶叶", "宠物", "鞋靴", "家居")[one % 4] for one in range(size)],
            "region": [("350102", "440106")[one % 2] for one in range(size)],
            "guilty": guilty,
            "level": [1 + one % 3 if some else None for one, some in enumerate(guilty)],
            "told": [one % 7 == 0 for one in range(size)],
        },
        schema_overrides={"guilty": pl.List(pl.String)},
    )


@pytest.mark.parametrize("scale", [0.1, 1.0])
def test_whoever_something_is_to_be_found_of_is_somebody_of_the_province(scale: float) -> None:
    world = World(2017, scale, TODAY)
    shops = _shops(world)
    kept = shops.join(keepers(world, shops), on="number")
    assert kept.height == kept.select("platform", "shop_name", "subject_code").unique().height, "each once"
    for place, platform in enumerate(platforms()):
        guilty = shops.filter((pl.col("platform") == platform) & (pl.col("guilty").list.len() > 0)).height
        here = kept.filter(pl.col("platform") == platform)
        assert here.filter(pl.col("guilty").list.len() > 0).height == min(
            guilty, operators_on(world, place).len()
        )
        known = describe(world, operators_on(world, place))
        assert set(here["subject_code"].drop_nulls()) <= set(known["uscc"].drop_nulls())
    honest = kept.filter(pl.col("guilty").list.len() == 0)
    assert honest["region_right"].str.starts_with("35").all() and not honest["told"].any()
    assert honest.filter(pl.col("region") == "440106").is_empty(), "of the others only those in the province"


def test_the_same_province_keeps_the_same_shops_in_any_order_of_rows() -> None:
    world = World(2017, 0.2, TODAY)
    shops = _shops(world)
    assert keepers(world, shops).equals(keepers(world, shops.sample(fraction=1.0, shuffle=True, seed=3)))


def test_a_firm_can_be_one_of_those_that_a_detector_should_find() -> None:
    world = World(2017, 1.0, TODAY)
    shops = _shops(world)
    firms = describe(world, operators_on(world, 0)).filter(pl.col("kind") == "legal_person")
    first = firms["uscc"][5]
    found = keepers(world, shops, first, ("price_fraud", "brushing")).filter(pl.col("subject_code") == first)
    shop = shops.filter(pl.col("number").is_in(found["number"].implode())).sort("level").row(0, named=True)
    assert shop["guilty"] == ["price_fraud"] and not shop["told"]


def test_every_trade_sells_something_and_parcels_are_sent_by_firms_of_the_province() -> None:
    assert set(GOODS) == {trade.id for trade in words.TRADES}
    assert len(set(carriers(World(2017, 0.1, TODAY), 4))) == 4
