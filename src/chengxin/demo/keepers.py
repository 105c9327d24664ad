"""Which operators of the province keep which shops of a market: same platform, fitting trade, near by.

A market is invented elsewhere and doesn't know the province; the province doesn't know how a market is made.
What passes between them is a table of shops, and one of those who keep them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from chengxin.demo import words
from chengxin.demo.shops import operators_on, with_shop
from chengxin.demo.subjects import World, describe

GOODS: Mapping[str, tuple[str, ...]] = {
    "tea": ("茶叶",), "shoes": ("鞋靴",), "clothing": ("服装",), "seafood": ("生鲜", "食品"),
    "fruit": ("生鲜",), "food": ("食品", "酒水"), "stone": ("家居",), "ceramics": ("厨具", "家居"),
    "lacquer": ("家居",),
    "bamboo": ("厨具", "家居"), "furniture": ("家居", "床品"), "electronics": ("数码", "手机配件", "家电"),
    "cosmetics": ("美妆", "个护"), "baby": ("母婴", "玩具"),
}  # fmt: skip
"""Categories of a market's goods that a trade of the province (data/words.toml) sells."""

_PROVINCE, _MANY = "35", 2_000

Row = dict[str, Any]


def platforms() -> tuple[str, ...]:
    """The platforms' registered names, in the order of the plan."""
    return tuple(one.name for one in words.PLATFORMS)


def carriers(world: World, most: int) -> tuple[str, ...]:
    """The names of the first logistics firms: those that send the province's parcels."""
    return tuple(describe(world, world.segments["logistics_firm"].ids().head(most))["name"])


def keepers(
    world: World, shops: pl.DataFrame, first: str | None = None, met: Sequence[str] = ()
) -> pl.DataFrame:
    """Who keeps which shop: number, shop_name, subject_code (null for natural persons), region.

    shops   a row a shop: number, platform (registered name), category, region (code of a county), guilty
            (names of detectors that should find it), level, told (its name is a part of what it is)
    first   code of a firm whose shop is to be one that one of the detectors in `met` should find, those
            named earlier rather than later

    Shops that something is to be found of are kept by somebody here as long as there is anybody on their
    platform; of the others those in the province by whoever sells such goods.
    """
    kept: list[Row] = []
    for place, platform in enumerate(platforms()):
        here = list(shops.filter(pl.col("platform") == platform).iter_rows(named=True))
        free = _operators(world, place, first)
        if first is not None and (mine := next((one for one in free if one["uscc"] == first), None)):
            shop = _met(here, met, mine)
            if shop is not None:
                kept.append(_kept(shop, mine))
                here.remove(shop)
                free.remove(mine)
                first = None
        kept += _shared_out(here, free)
    schema = {"number": pl.Int64, "shop_name": pl.String, "subject_code": pl.String, "region": pl.String}
    return pl.DataFrame(kept, schema=schema).sort("number")


def _operators(world: World, platform: int, first: str | None) -> list[Row]:
    """Those who have a shop on the platform, in the order of their numbers; of many, some and `first`."""
    found = with_shop(world, describe(world, operators_on(world, platform)), platform)
    columns = ("id", "kind", "trade", "county", "uscc", "shop")
    some = found.select(columns).sort("id").with_row_index("place")
    wanted = some.filter((pl.col("place") < _MANY) | (pl.col("uscc") == (first or "")))
    return list(wanted.drop("place").iter_rows(named=True))


def _shared_out(shops: Sequence[Row], free: list[Row]) -> Iterator[Row]:
    """Shops with keepers, while there are any: first those that something is to be found of."""
    wanted = [one for one in shops if one["guilty"] or (one["region"][:2] == _PROVINCE and not one["told"])]
    for shop in sorted(wanted, key=lambda one: (not one["guilty"], one["number"])):
        fitting = min(
            (one for one in free if shop["guilty"] or _fits(one, shop)),
            key=lambda one: (not _fits(one, shop), one["county"][:4] != shop["region"][:4], one["id"]),
            default=None,
        )
        if fitting is not None:
            free.remove(fitting)
            yield _kept(shop, fitting)


def _fits(operator: Row, shop: Row) -> bool:
    """Whether somebody sells such goods; the shops of natural persons don't say what they sell."""
    return (
        operator["kind"] == "natural_person" or shop["category"] in GOODS[words.TRADES[operator["trade"]].id]
    )


def _met(shops: Sequence[Row], met: Sequence[str], operator: Row) -> Row | None:
    """The shop that the detectors should find, by the clumsiest scheme."""

    def rank(shop: Row) -> tuple[int, int, bool, int]:
        at = min(met.index(one) for one in shop["guilty"] if one in met)
        return at, shop["level"], not _fits(operator, shop), shop["number"]

    fitting = (one for one in shops if not one["told"] and set(one["guilty"]) & set(met))
    return min(fitting, key=rank, default=None)


def _kept(shop: Row, operator: Row) -> Row:
    return {
        "number": shop["number"], "shop_name": operator["shop"], "subject_code": operator["uscc"],
        "region": operator["county"],
    }  # fmt: skip
