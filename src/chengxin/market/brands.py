"""Invented brands: by category, with the maker's prefix of their bar codes."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np
import polars as pl

from chengxin.market import categories
from chengxin.market.numbers import Ints
from chengxin.market.shops import BRANDS, with_check_digit
from chengxin.market.world import World

_FIRST = "安柏川岱枫谷禾湖锦珂澜棉宁沛青融杉棠湾溪"
_SECOND = "度尔格荷嘉凯朗牧诺奇然森特韦夏雅泽"


@lru_cache(maxsize=4)
def _names(count: int) -> tuple[str, ...]:
    whole = [first + second for first, second in product(_FIRST, _SECOND)]
    return tuple(
        whole[number % len(whole)] + ("" if number < len(whole) else "家") for number in range(count)
    )


def brand_names(world: World) -> pl.Series:
    """The names of all brands, by number."""
    names = np.array(_names(BRANDS * len(categories.NAMES)))
    order = np.argsort(world.words("brand name", np.arange(len(names))))
    return pl.Series(names[order])


def maker(world: World, brand: Ints) -> Ints:
    """The seven digits with which a brand's bar codes begin (its maker's GS1 prefix)."""
    word = world.words("maker", brand)
    return 6_900_000 + (word % np.uint64(99_999)).astype(np.int64)


def give_codes(world: World) -> None:
    """Gives branded goods bar codes with their maker's prefix; the same goods of a brand often have the
    same code."""
    goods = world.products
    rows = np.flatnonzero(goods.gtin >= 0)
    brand = goods.brand[rows]
    item = world.words("item", brand * 64 + goods.goods[rows] * 8 + (goods.gtin[rows] // 10) % 5)
    body = maker(world, brand) * 100_000 + (item % np.uint64(100_000)).astype(np.int64)
    code = with_check_digit(body)
    slip = world.words("slip", rows) % np.uint64(250) == 0  # honest shops mistype a digit now and then
    goods.gtin[rows] = np.where(slip, code // 10 * 10 + (code + 3) % 10, code)
