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

from chengxin.detection.declaring import Detector, Lead, Seen, Signal
from chengxin.detection.goods import equal_prices, prices
from chengxin.detection.goods.evidence import Key, chosen, first_orders, merged
from chengxin.detection.statistics.rarity import as_likely, rarity
from chengxin.detection.statistics.surprise import against_baseline
from chengxin.lake.reading import Lake

PRODUCT, SELLER = prices.PRODUCT, ["platform", "seller_id"]

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
        "同一商品同一时刻，老顾客更贵的比例净多{value}（通常{baseline}）",
        "old customers paid more for the same goods at the same time, by {value} net (usual: {baseline})",
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

STAYED = 0.97
"""A price that stays at this part of the raised one when the promotion is over was raised for good."""

SHOP = 0.4
"""How much of what is known of a shop counts for its questionable goods."""

LIKE = 1.3
"""Evidence (one in twenty) from which on goods count among a shop's questionable ones."""

MOST_PRACTICE = 4.0
"""What a practice counts at most, before `SHOP`."""

LEAST = 0.7
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
        found = found.join(twice, on=PRODUCT, how="left", nulls_equal=True).with_columns(
            more_than_once=(pl.col("twice").cast(pl.Float64) - 1).clip(lower_bound=0)  # one is a slip
        )
    if "old_customers_dearer" in able:
        found = _with_meetings(found, equal_prices.by_product(lake))
    return _leads(lake, _weighed(found, able, among), able)


def _all(lake: Lake) -> pl.DataFrame:
    """Every product with a price or a sale, and the seconds between which there is any."""
    parts = []
    for name, clock in (("prices", "at"), ("orders", "created_at")):
        if lake.has(name):
            rows = lake.table(name)
            rows = rows.filter(rows.product_id.notnull(), rows[clock].notnull())
            parts.append(
                lake.rows(
                    rows.group_by(PRODUCT).aggregate(
                        start=rows[clock].min(), end=rows[clock].max(), seller_id=rows.seller_id.max()
                    )
                )
            )
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(PRODUCT, pl.String))
    return (
        pl.concat(parts)
        .group_by(PRODUCT)
        .agg(pl.col("start").min(), pl.col("end").max(), pl.col("seller_id").max())
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
    rose = pl.col("highest") > pl.col("basis") * prices.CLAIMED
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
        returns=(pl.col("again") * pl.col("share_in")).fill_null(0),
    )


def _with_meetings(found: pl.DataFrame, met: pl.DataFrame) -> pl.DataFrame:
    counts = met.select(*PRODUCT, "met", "net", "gap", met_from="first", met_until="last", market="platform")
    surprise = against_baseline(counts, entity=PRODUCT, cell=["market"], hit="net", of="met")
    return found.join(counts.drop("market"), on=PRODUCT, how="left", nulls_equal=True).join(
        surprise.select(*PRODUCT, dearer="surprise", dearer_value="value", dearer_baseline="baseline"),
        on=PRODUCT, how="left", nulls_equal=True,
    )  # fmt: skip


_SIZES = {
    "list_price_never_charged": ("false_list", DRIFT),
    "promotion_from_false_price": ("false_promotion", DRIFT),
    "raised_before_promotion": ("raised", DRIFT),
    "last_day_recurs": ("returns", AGAIN),
    "two_prices_at_once": ("more_than_once", AGAIN),
}


def _weighed(found: pl.DataFrame, able: frozenset[str], among: int) -> pl.DataFrame:
    """The evidence of each signal, and all of it: the strongest of a kind, and the kinds added up."""
    columns = {}
    for name, (size, usual) in _SIZES.items():
        if name in able and size in found.columns:
            columns[name] = rarity(found[size].fill_null(0).cast(pl.Float64).to_numpy(), usual, among)
    if "dearer" in found.columns:
        columns["old_customers_dearer"] = np.minimum(found["dearer"].fill_null(0).to_numpy(), 6.0)
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
    shops = against_baseline(counts, entity=SELLER, cell=["all"], hit="like", of="listed")
    further = (pl.col("count") - 1).clip(lower_bound=0)
    shops = shops.select(
        *SELLER,
        practice=pl.min_horizontal("surprise", further).clip(upper_bound=MOST_PRACTICE),
        practice_value="value",
        practice_baseline="baseline",
    )
    found = found.join(shops, on=SELLER, how="left", nulls_equal=True)
    light = SHOP * pl.col("practice").fill_null(0.0) * (pl.col("alone") / LIKE).clip(upper_bound=1.0)
    return found.with_columns(evidence=pl.col("alone") + light)


def _leads(lake: Lake, found: pl.DataFrame, able: frozenset[str]) -> list[Lead]:
    listed = found.filter(pl.col("evidence") >= LEAST)
    if listed.is_empty():
        return []
    usual = _usual(found)
    orders = _evidence(lake, listed, able)
    scores = as_likely(listed["evidence"].to_numpy())
    return [
        Lead(
            "price_fraud", "product", row["product_id"], row["platform"] or "", float(score),
            (row["start"], row["end"]), _seen(row, usual),
            orders.get((row["platform"], row["product_id"]), []),
        )
        for row, score in zip(listed.iter_rows(named=True), scores, strict=True)
    ]  # fmt: skip


def _usual(found: pl.DataFrame) -> dict[str, float]:
    """What is usual among the products that have it at all."""
    usual = {}
    for name, (size, _) in _SIZES.items():
        middle = found[size].fill_null(0).median() if size in found.columns else None
        usual[name] = float(middle) if isinstance(middle, float | int) else 0.0
    return usual


def _seen(row: dict[str, object], usual: dict[str, float]) -> tuple[Seen, ...]:
    said = []
    for name, (size, _) in _SIZES.items():
        evidence = row.get(name)
        if isinstance(evidence, float) and evidence >= 0.3:
            value, baseline = _number(row[size]), usual[name]
            if name == "two_prices_at_once":
                said.append((evidence, BY_NAME[name].seen(value + 1, baseline)))
            elif name == "last_day_recurs":
                said.append((evidence, BY_NAME[name].seen(_number(row["again"]), baseline)))
            elif name == "raised_before_promotion":
                said.append((evidence, BY_NAME[name].seen(np.exp(_number(row["raised_most"])), 1.0)))
            else:
                said.append((evidence, BY_NAME[name].seen(np.exp(value), np.exp(baseline))))
    practice = row.get("practice")
    if isinstance(practice, float) and practice >= 0.3:
        signal = BY_NAME["practice_of_the_shop"]
        said.append(
            (practice, signal.seen(_number(row["practice_value"]), _number(row["practice_baseline"])))
        )
    dearer = row.get("old_customers_dearer")
    if isinstance(dearer, float) and dearer >= 0.3:
        signal = BY_NAME["old_customers_dearer"]
        said.append((dearer, signal.seen(_number(row["dearer_value"]), _number(row["dearer_baseline"]))))
    return tuple(seen for _, seen in sorted(said, key=lambda one: (-one[0], one[1].signal.name)))


def _number(value: object) -> float:
    return float(value) if isinstance(value, float | int) else 0.0


def _evidence(lake: Lake, listed: pl.DataFrame, able: frozenset[str]) -> dict[Key, list[str]]:
    """Orders at unequal prices in pairs, then those nearest to the beginning of the first promotion."""
    if not lake.has("orders"):
        return {}
    parts = []
    if "old_customers_dearer" in able:
        met = equal_prices.meetings(lake).filter(lambda rows: rows.dearer == 1)
        met = met.semi_join(chosen(lake, listed, PRODUCT, "priced"), PRODUCT)
        for side in ("old_order", "new_order"):
            rows = met.mutate(order_id=met[side])
            parts.append(first_orders(lake, rows, PRODUCT, [rows["at"]], 10))
    if "promoted_from" in listed.columns:
        starts = chosen(
            lake, listed.filter(pl.col("promoted_from").is_not_null()), PRODUCT, "promoted", "promoted_from"
        )
        rows = prices.sold(lake).inner_join(starts, PRODUCT)
        parts.append(
            first_orders(lake, rows, PRODUCT, [(rows.day - rows.promoted_from).abs(), rows.unit], 20)
        )
    return merged(*parts)


DETECTOR = Detector(
    name="price_fraud",
    zh="价格欺诈",
    en="Price fraud",
    asks_zh="划线价、促销价或对老顾客的价格是否真实、一致？",
    asks_en="Are list prices, reductions and prices to old customers true and equal?",
    obligations=("9.2c", "13f"),
    entities=("product",),
    needs=(),
    signals=SIGNALS,
    find=find,
)
