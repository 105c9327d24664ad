"""Prices that were never what they are compared with.

Looks for list prices that were never or hardly charged, reductions from a price that was raised just
before, 'last days' that come again and again, and buyers who pay more because they have bought before. A
price that was charged before the promotion, that rose and stayed, or that everybody pays alike, explains
itself.

Clause 13f (supervision models) and 9.2c. Sources: 明码标价和禁止价格欺诈规定 (in force 2022-07-01), art.
16–20, false comparison prices; 规范促销行为暂行规定 (in force 2020-12-01), art. 21, the lowest deal price
of the 7 days before, else the last deal, is the basis of a reduction.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import binom

from chengxin.detection.declaring import Detector, Lead, Signal
from chengxin.detection.goods import equal_prices, prices, sales
from chengxin.detection.goods.evidence import Key, first_orders, leads, merged
from chengxin.detection.joining import key_of
from chengxin.detection.statistics.rarity import Floats, as_likely, rarity
from chengxin.detection.statistics.settled import against_settled
from chengxin.detection.views import PRODUCT, SELLER
from chengxin.lake.reading import Lake

SIGNALS = (
    Signal(
        "list_price_never_charged", "comparison",
        "划线价是实际收取过的价格的{value}（市场通常为{baseline}）",
        "the list price is {value} of what was ever charged (usual in the market: {baseline})",
        ("prices.list_price",),
    ),
    Signal(
        "promotion_from_false_price", "comparison",
        "促销所比照的原价是实际收取过的价格的{value}（市场通常为{baseline}）",
        "promotions are compared with {value} of what was ever charged (usual: {baseline})",
        ("prices.list_price", "prices.promotion_id"),
    ),
    Signal(
        "raised_before_promotion", "raise",
        "促销前七日内提价，原价是七日内最低成交价的{value}（应为{baseline}）",
        "raised within the 7 days before: compared with {value} of their lowest price (should be {baseline})",
        ("prices.list_price",),
    ),
    Signal(
        "last_day_recurs", "recurrence",
        "促销结束后七日内又开始，共{value}次（同类通常{baseline}次）",
        "a promotion ended and began again within 7 days {value} times (usual: {baseline})",
        ("prices.price",), shown="number",
    ),
    Signal(
        "practice_of_the_shop",
        "practice",
        "该店{value}的商品有类似价格疑点（通常为{baseline}）",
        "{value} of the shop's goods ask the same question (usual: {baseline})",
        ("prices.seller_id",),
        weight=0.4,
    ),
    Signal(
        "two_prices_at_once",
        "discrimination",
        "同一分钟内向不同的人报出不同价格，共{value}次（通常{baseline}次）",
        "two prices were quoted within a minute {value} times (usual: {baseline})",
        ("prices.price",),
        shown="number",
    ),
    Signal(
        "old_customers_dearer", "discrimination",
        "同一商品同一时刻价格不同时，{value}是老顾客更贵（通常{baseline}）",
        "of the times at which the same goods had two prices, {value} were dearer for old customers"
        " (usual: {baseline})",
        ("orders.amount", "orders.buyer_id"),
    ),
)  # fmt: skip
BY_NAME = {one.name: one for one in SIGNALS}

DRIFT = 0.1
"""Prices drift honestly by about a tenth (natural logarithm) between what is compared and what was
charged."""

AGAIN = 0.5
"""Promotions that return, times the share of days in promotion: what honest goods have on average."""

SETTLED_DAYS = 14
"""Days of prices from which on it can be said what a product is charged; a launch has fewer."""

GREATEST = 0.05
"""Share of the sizes that may be schemes': they don't say what is usual."""

STAYED = 0.97
"""A price that stays at this part of the raised one when the promotion is over was raised for good."""

SHOP = 0.4
"""How much of what is known of a shop counts for its questionable goods."""

LIKE = 1.3
"""Evidence (one in twenty) from which on goods count among a shop's questionable ones."""

MOST_PRACTICE = 4.0
"""What a practice counts at most, before `SHOP`."""

LEAST = 1.0
"""Evidence below this (one in five) is not listed."""


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Products whose prices ask a question, with the promotions and orders to look at."""
    found = _all(lake)
    if found.is_empty():
        return []
    among = found.height
    if lake.has("prices"):
        spells = prices.promotions(lake)
        found = _with_promotions(found, spells, lake.rows(prices.charged(lake)))
    if "two_prices_at_once" in able:
        twice = equal_prices.two_at_once(lake)
        found = found.join(twice, on="product", how="left").with_columns(
            more_than_once=(pl.col("twice").cast(pl.Float64) - 1).clip(lower_bound=0)  # one is a slip
        )
    if "old_customers_dearer" in able:
        found = _with_meetings(found, equal_prices.by_product(lake))
    return _leads(lake, _weighed(found, able, among), able)


def _all(lake: Lake) -> pl.DataFrame:
    """Every product with a price or a sale, the seconds between which there is any, and its number."""
    there = {"prices": sales.quoted, "orders": sales.ordered}
    parts = []
    for rows in (look(lake) for name, look in there.items() if lake.has(name)):
        spans = rows.group_by(PRODUCT).aggregate(
            start=rows.start.min(), end=rows.end.max(), seller_id=rows.seller_id.max()
        )
        parts.append(lake.rows(spans.mutate(product=key_of(lake, spans.platform, spans.product_id))))
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(PRODUCT, pl.String))
    return (
        pl.concat(parts)
        .group_by(PRODUCT)
        .agg(pl.col("start").min(), pl.col("end").max(), pl.col("seller_id").max(), pl.col("product").first())
        .sort(PRODUCT, nulls_last=True)
    )


def _with_promotions(found: pl.DataFrame, spells: pl.DataFrame, charged: pl.DataFrame) -> pl.DataFrame:
    """Beside each product: how far its list prices, raises and returning promotions go."""
    numbers = bool(spells["numbered"].any())
    spells = spells.with_columns(
        gap=pl.col("first") - pl.col("last").shift().over(PRODUCT, order_by="first"),
        numbered_before=pl.col("numbered").shift().over(PRODUCT, order_by="first"),
        over_basis=(pl.col("list_price") / pl.col("basis")).log().clip(lower_bound=0),
        over_after=(pl.col("list_price") / pl.col("after")).log().clip(lower_bound=0),
        over_earlier=(pl.col("list_price") / pl.col("earlier")).log().clip(lower_bound=0),
    )
    # Who lowers a price and lowers it on was dearer before, too, but raised nothing.
    rose = pl.col("raised") > pl.col("basis") * prices.CLAIMED
    stayed = (pl.col("after") >= pl.col("list_price") * STAYED).fill_null(False)
    by_rule = pl.when(rose & ~stayed).then(pl.col("over_basis")).otherwise(0.0)
    # Dearer than long before, dearer than right after: the price was up for the promotion's sake alone.
    for_its_sake = pl.when(pl.col("highest") >= pl.col("list_price") * STAYED).then(
        pl.min_horizontal(pl.col("over_after", "over_earlier").fill_null(0.0))
    )
    same_kind = pl.col("numbered") & pl.col("numbered_before") if numbers else pl.col("anew")
    spells = spells.with_columns(
        raised=pl.max_horizontal(by_rule.fill_null(0.0), for_its_sake.fill_null(0.0)),
        again=((pl.col("gap") <= prices.BEFORE) & same_kind).fill_null(False).cast(pl.Int64),
        days_in=pl.col("last") - pl.col("first") + 1,
    )
    lists = pl.col("list_price").filter(pl.col("list_price").is_not_null())
    by_product = spells.group_by(PRODUCT).agg(
        listed=lists.median(),
        listed_in_promotion=pl.col("list_price").filter(pl.col("numbered")).median(),
        raised=pl.col("raised").sum(),
        raised_most=pl.col("raised").max(),
        again=pl.col("again").sum(),
        days_in=pl.col("days_in").sum(),
        promoted_from=pl.col("first").min(),
        promoted_until=pl.col("last").max(),
    )
    by_product = by_product.join(charged, on=PRODUCT, how="left", nulls_equal=True).with_columns(
        settled=(pl.col("days") / SETTLED_DAYS).clip(upper_bound=1.0),
        share_in=(pl.col("days_in") / (pl.col("last") - pl.col("first") + 1)).clip(upper_bound=1.0),
    )
    return found.join(
        by_product.drop("first", "last"), on=PRODUCT, how="left", nulls_equal=True
    ).with_columns(
        false_list=(
            (pl.col("listed") / pl.col("charged")).log().clip(lower_bound=0) * pl.col("settled")
        ).fill_null(0),
        false_promotion=(
            (pl.col("listed_in_promotion") / pl.col("charged")).log().clip(lower_bound=0) * pl.col("settled")
        ).fill_null(0),
        raised=pl.col("raised").fill_null(0),
        # What came back once may have been prolonged; what comes back again and again is no last day.
        returns=pl.when(pl.col("again") > 1).then(pl.col("again") * pl.col("share_in")).fill_null(0),
    )


def _with_meetings(found: pl.DataFrame, met: pl.DataFrame) -> pl.DataFrame:
    """Beside each product: how unlikely it is that differences went against who came back so often, if it
    is like all goods' (coupons and prices that move go both ways).
    """
    chance = binom.sf(met["dearer"].to_numpy() - 1, met["differed"].to_numpy(), met["usual"].to_numpy())
    counts = met.with_columns(against=pl.Series(-np.log10(np.maximum(chance, 1e-6))))
    return found.join(counts, on="product", how="left")


_SIZES = {
    "list_price_never_charged": ("false_list", DRIFT),
    "promotion_from_false_price": ("false_promotion", DRIFT),
    "raised_before_promotion": ("raised", DRIFT),
    "last_day_recurs": ("returns", AGAIN),
    "two_prices_at_once": ("more_than_once", AGAIN),
}


def _far_out(size: Floats, usual: float, among: int) -> Floats:
    """How rare so great a size is, but no rarer than the sizes of most goods let expect: the last of many
    that are all alike is no outlier.

    Most sizes are taken to fall off exponentially, with the mean that all but the greatest twentieth have.
    """
    some = np.sort(size[size > 0])
    middle = some[: max(int(len(some) * (1 - GREATEST)), 1)]
    scale = max(float(np.mean(middle)), usual) if len(some) else usual
    any_size = np.log10(max(among, 1) / max(len(some), 1))
    at_most = np.minimum(rarity(size, usual, among), any_size + size / scale * np.log10(np.e))
    # What honest differences come to isn't odd, however few show any.
    beyond: Floats = at_most * -np.expm1(-np.maximum(size, 0) / usual)
    return beyond


def _weighed(found: pl.DataFrame, able: frozenset[str], among: int) -> pl.DataFrame:
    """The evidence of each signal, and all of it: the strongest of a kind, and the kinds added up."""
    columns = {}
    for name, (size, usual) in _SIZES.items():
        if name in able and size in found.columns:
            columns[name] = _far_out(found[size].fill_null(0).cast(pl.Float64).to_numpy(), usual, among)
    if "against" in found.columns:
        columns["old_customers_dearer"] = found["against"].fill_null(0).to_numpy()
    found = found.with_columns(**{name: pl.Series(values) for name, values in columns.items()})
    by_kind: dict[str, list[str]] = {}
    for name in sorted(columns):
        by_kind.setdefault(BY_NAME[name].kind, []).append(name)
    kinds = [pl.max_horizontal(names) for _, names in sorted(by_kind.items())]
    found = found.with_columns(alone=pl.sum_horizontal(kinds) if kinds else pl.lit(0.0))
    return _of_shops(found)


def _of_shops(found: pl.DataFrame) -> pl.DataFrame:
    """What a shop does with several of its goods is a practice: it adds to what speaks against each."""
    counts = (
        found.drop_nulls("seller_id")
        .with_columns(all=pl.lit("all"))
        .group_by("platform", "seller_id", "all")
        .agg(like=(pl.col("alone") >= LIKE).sum().cast(pl.Int64), listed=pl.len().cast(pl.Int64))
    )
    shops = against_settled(counts, entity=SELLER, cell=["all"], hit="like", of="listed")
    further = (pl.col("count") - 1).clip(lower_bound=0)
    shops = shops.select(
        *SELLER,
        practice_of_the_shop=pl.min_horizontal("surprise", further).clip(upper_bound=MOST_PRACTICE),
        practice_of_the_shop_value="value",
        practice_of_the_shop_baseline="baseline",
    )
    found = found.join(shops, on=SELLER, how="left", nulls_equal=True)
    light = (
        SHOP * pl.col("practice_of_the_shop").fill_null(0.0) * (pl.col("alone") / LIKE).clip(upper_bound=1.0)
    )
    return found.with_columns(evidence=pl.col("alone") + light)


def _leads(lake: Lake, found: pl.DataFrame, able: frozenset[str]) -> list[Lead]:
    listed = _said(found).filter(pl.col("evidence") >= LEAST)
    if listed.is_empty():
        return []
    listed = listed.with_columns(score=pl.Series(as_likely(listed["evidence"].to_numpy())))
    return leads("price_fraud", listed, PRODUCT, SIGNALS, _evidence(lake, listed, able))


def _said(found: pl.DataFrame) -> pl.DataFrame:
    """What is told of each signal (`<name>_value`) and what is usual (`<name>_baseline`): the middle of all
    goods.
    """
    told = {
        "list_price_never_charged": pl.col("false_list").exp(),
        "promotion_from_false_price": pl.col("false_promotion").exp(),
        "raised_before_promotion": pl.col("raised_most").fill_null(0).exp(),
        "last_day_recurs": pl.col("again"),
        "two_prices_at_once": pl.col("twice"),
        "old_customers_dearer": pl.col("dearer") / pl.col("differed"),
    }
    there = {name: value for name, value in told.items() if name in found.columns}
    values = found.with_columns(**{f"{name}_value": value for name, value in there.items()})
    usual = {
        name: pl.col("usual")
        if name == "old_customers_dearer"
        else pl.col(f"{name}_value").fill_null(0).median()
        for name in there
    }
    if "raised_before_promotion" in there:
        usual["raised_before_promotion"] = pl.lit(1.0)
    return values.with_columns(**{f"{name}_baseline": value for name, value in usual.items()})


def _evidence(lake: Lake, listed: pl.DataFrame, able: frozenset[str]) -> dict[Key, list[str]]:
    """Orders at unequal prices side by side, then those nearest to the first promotion's beginning."""
    if not lake.has("orders"):
        return {}
    more = [name for name in ("product", "promoted_from") if name in listed.columns]
    asked = lake.given(listed.select(*PRODUCT, *more), "priced")
    known = ("order_id", "seller_id", "buyer_id", "quantity", "unit", "created_at", "day")
    orders = lake.meanwhile(prices.sold(lake).inner_join(asked, PRODUCT).select(*PRODUCT, *more, *known))
    parts = []
    if "old_customers_dearer" in able:
        met = equal_prices.meetings(lake).filter(lambda rows: rows.dearer == 1).semi_join(asked, "product")
        rows = equal_prices.in_slots(lake, orders).semi_join(met, ["product", "quantity", "slot"])
        parts.append(first_orders(lake, rows, PRODUCT, [rows.slot, -rows.unit], 20))
    if "promoted_from" in more:
        rows = orders.filter(orders.promoted_from.notnull())
        parts.append(
            first_orders(lake, rows, PRODUCT, [(rows.day - rows.promoted_from).abs(), rows.unit], 20)
        )
    return merged(*parts)


DETECTOR = Detector(
    name="price_fraud",
    zh="价格欺诈",
    en="Price fraud",
    obligations=("9.2c", "13f"),
    entities=("product",),
    needs=(),
    signals=SIGNALS,
    find=find,
)
