"""Invented brands: by category, with the manufacturer's prefix of their bar codes."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np
import polars as pl

from chengxin.market import categories
from chengxin.market.numbers import Ints
from chengxin.market.world import World

BRANDS = 25  # a category
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


def brand_of(world: World) -> Ints:
    """The brand of each product, −1 for goods without: what has a bar code has a brand."""
    goods = world.products
    category = world.shops.category[goods.shop]
    word = world.words("brand", goods.shop * 7 + goods.goods)
    number = ((word % np.uint64(1000)).astype(np.float64) / 1000) ** 1.8 * BRANDS
    return np.where(goods.gtin >= 0, category * BRANDS + number.astype(np.int64), -1)
