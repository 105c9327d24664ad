"""What goods cost when: small steps over the seasons, promotions of shops, and prices that deceive."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from chengxin.market.columns import money, time
from chengxin.market.numbers import Flags, Floats, Generator, Ints, Words, texts
from chengxin.market.plan import CHINA, DAY
from chengxin.market.world import World

PROMOTIONS = 0.35  # of the shops run one in a block of days
REDUCED = np.array([0.95, 0.92, 0.9, 0.88, 0.85, 0.8, 0.75, 0.7])
QUOTE_EVERY = 4  # days, roughly
DAILY = 40  # one product in so many is quoted every day
MISTYPED = 0.003  # of the quotes
SPAN = 40  # days of a block in which a shop may run a promotion
# How a price deceives: a list price that nobody was ever charged; raised, then 'reduced'; a last day that
# recurs; dearer for customers who come again.
NONE, NEVER_CHARGED, RAISED_BEFORE, LAST_DAY, DEARER_FOR_OLD = range(5)
SUGGESTED: Final = (
    96  # of a hundred products the rest show the maker's suggested price, which few shops charge
)


def _part(words: Words, parts: int) -> Ints:
    return (words % np.uint64(parts)).astype(np.int64)


def asked(world: World, product: Ints, at: Ints) -> Floats:
    """What part of its usual price a product costs at a time."""
    day = (at + CHINA) // DAY
    step = _part(world.words("price step", product * 31 + (day + product % 45) // 45), 7)
    usual = np.array([1.0, 1.0, 1.0, 1.0, 0.97, 1.04, 1.08])[step]
    factor = usual * reduced(world, product, day)
    rows = np.flatnonzero(world.products.trick[product] == RAISED_BEFORE)
    if len(rows):
        raised, falls = _cycle(world, product[rows], day[rows])
        size = world.products.trick_size[product[rows]]
        factor[rows] = np.where(raised, 1 + size, np.where(falls, 0.99, 1.0))
    rows = np.flatnonzero(world.products.trick[product] == LAST_DAY)
    factor[rows] = 1 / (1 + world.products.trick_size[product[rows]])
    return np.asarray(factor, dtype=np.float64)


def _cycle(world: World, product: Ints, day: Ints) -> tuple[Flags, Flags]:
    """Whether the price of a product is raised on a day, and whether it is 'reduced' after that."""
    goods = world.products
    since = day - goods.trick_start[product]
    within = np.where(
        goods.trick_period[product] > 0, since % np.maximum(goods.trick_period[product], 1), since
    )
    raised = (since >= 0) & (within >= 0) & (within < goods.trick_days[product])
    falls = (since >= 0) & ~raised & (within >= 0) & (within < goods.trick_days[product] + 5)
    return raised, falls


def reduced(world: World, product: Ints, day: Ints) -> Floats:
    """What a promotion leaves of the usual price on a China day, 1 without one."""
    shop = world.products.shop[product]
    block = day // SPAN
    plan = world.words("promotion", shop * 1009 + block)
    runs = _part(plan, 1000) < PROMOTIONS * 1000
    start = _part(plan >> np.uint64(12), SPAN - 8)
    length = 2 + _part(plan >> np.uint64(24), 6)
    inside = runs & (day % SPAN >= start) & (day % SPAN < start + length)
    joins = _part(world.words("joins", product * 13 + block), 10) < 6
    factor = REDUCED[_part(plan >> np.uint64(36), len(REDUCED))]
    return np.where(inside & joins, factor, 1.0)


def prices(world: World, random: Generator, start: int, end: int, goods: Ints) -> pl.DataFrame:
    """The lake's table of quotes of some goods for a stretch of time: every few days, and whenever a
    promotion opens or ends."""
    first = (start + CHINA) // DAY
    days = max(1, (end - start) // DAY)
    every = max(1, days // QUOTE_EVERY)
    product = np.repeat(goods, every)
    day = np.tile(np.arange(every), len(goods)) * QUOTE_EVERY + random.integers(0, QUOTE_EVERY, len(product))
    more_product, more_day = [product], [day.clip(0, days - 1)]
    for block in np.unique(first // SPAN + np.arange(0, days // SPAN + 2)):
        plan = world.words("promotion", world.products.shop[goods] * 1009 + block)
        runs = np.flatnonzero(_part(plan, 1000) < PROMOTIONS * 1000)
        opening = block * SPAN + _part(plan[runs] >> np.uint64(12), SPAN - 8) - first
        more_product += [goods[runs], goods[runs]]
        more_day += [opening, opening + 2 + _part(plan[runs] >> np.uint64(24), 6)]
    daily = goods[world.words("daily", goods) % np.uint64(DAILY) == 0]
    tricks, turns = _turns(world, goods, first, days)
    more_product += [np.repeat(daily, days), tricks]
    more_day += [np.tile(np.arange(days), len(daily)), turns]
    product, day = np.concatenate(more_product), np.concatenate(more_day)
    at = (first + day) * DAY - CHINA + random.integers(0, 12 * 3600, len(day))
    kept = (at >= np.maximum(start, world.shops.opened[world.products.shop[product]])) & (at < end)
    return _rows(world, random, product[kept], at[kept])


def _turns(world: World, some: Ints, first: int, days: int) -> tuple[Ints, Ints]:
    """The goods whose price deceives, and the days (from `first` on) on which what they show changes."""
    goods = world.products
    product = np.repeat(some[goods.trick[some] > 0], days)
    day = np.tile(np.arange(days), len(product) // max(1, days))
    now, before = (_cycle(world, product, first + day - back) for back in (0, 1))
    turned = (goods.trick[product] == RAISED_BEFORE) & ((now[0] != before[0]) | (now[1] != before[1]))
    span = np.maximum(goods.trick_days[product], 1)
    again = (goods.trick[product] == LAST_DAY) & ((first + day) // span != (first + day - 1) // span)
    rows = np.flatnonzero(turned | again)
    return product[rows], day[rows]


def _rows(world: World, random: Generator, product: Ints, at: Ints) -> pl.DataFrame:
    shop, goods = world.products.shop[product], world.products
    day, trick, size = (at + CHINA) // DAY, goods.trick[product], goods.trick_size[product]
    price = goods.price[product] * asked(world, product, at)
    rebate = reduced(world, product, day)
    full = price / rebate
    habit = _part(world.words("list price", product), 100)
    shown = np.where(habit >= SUGGESTED, full * (1.1 + (product % 17) / 50), full)
    none = (rebate >= 1) & (habit >= 25) & (habit < SUGGESTED)
    promotion = np.where(rebate < 1, shop * 1009 + day // SPAN, -1)
    falls = _cycle(world, product, day)[1]
    pretends = (trick == NEVER_CHARGED) | (trick == LAST_DAY) | ((trick == RAISED_BEFORE) & falls)
    basis = np.where(trick == NEVER_CHARGED, goods.price[product], price)
    shown = np.where(pretends, basis * (1 + size), shown)
    none = np.where(trick > 0, ~pretends & none, none)
    turn = product * 3001 + day // np.maximum(goods.trick_days[product], 1)
    promotion = np.where(pretends & (trick != NEVER_CHARGED), -2 - turn, promotion)
    # Two prices in one minute: for old customers and new ones, or because somebody mistyped and put it right.
    double = np.where(trick == DEARER_FOR_OLD, 0.6, MISTYPED)
    second = np.flatnonzero(random.random(len(product)) < double)
    row = np.concatenate([np.arange(len(product)), second])
    slip = np.where(trick[second] == DEARER_FOR_OLD, 1 + size[second], random.uniform(0.8, 1.25, len(second)))
    dearer = np.concatenate([np.ones(len(product)), slip])
    return pl.DataFrame(
        {
            "product_id": goods.ids.gather(product[row]),
            "seller_id": world.shops.ids.gather(shop[row]),
            "platform": world.platforms.gather(world.shops.platform[shop[row]]),
            "price": money(_rounded(price[row] * dearer)),
            "list_price": money(_rounded(shown[row])).set(pl.Series(none[row]), None),
            "promotion_id": texts(world.words("promotion number", promotion[row]), promotion[row] == -1),
            "at": time(at[row] + np.where(dearer == 1, 0, random.integers(1, 50, len(row)))),
        }
    )


def _rounded(fen: Floats) -> Ints:
    return (np.round(fen / 10) * 10).astype(np.int64)
