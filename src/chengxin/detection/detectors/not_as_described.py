"""Goods that aren't what was shown: complaints, low ratings and returns beside the category and the season.

A buyer has one voice for a product, and who is content with nothing has none (`complaints.voices`).
Complaints about the orders of one week are a bad lot or a wave: still a question, but a lower one than a
pattern that lasts. Returns alone are the habit of a category; they weigh less than what buyers say.

Clause 9.2c and 13g. Shares are compared by `surprise.against_baseline`.
"""

from __future__ import annotations

import polars as pl

from chengxin.detection.declaring import Detector, Lead, Seen, Signal
from chengxin.detection.goods import authenticity, returns
from chengxin.detection.goods.evidence import Key, chosen, first_orders, merged
from chengxin.detection.opinions.complaints import voices
from chengxin.detection.statistics.rarity import as_likely, rarity
from chengxin.detection.statistics.shares import PERIOD
from chengxin.detection.statistics.surprise import against_baseline
from chengxin.lake.reading import Lake

SIGNALS = (
    Signal(
        "complaints",
        "words",
        "{value}的订单被投诉与描述不符（同类同期为{baseline}）",
        "{value} of the orders were said not to be as described (usual in category and season: {baseline})",
        ("ratings.text", "orders.product_id"),
    ),
    Signal(
        "complaints_of_raters",
        "words",
        "{value}的评价人具体说明与描述不符（同类同期为{baseline}）",
        "{value} of those who rated say what wasn't as described (usual: {baseline})",
        ("ratings.text",),
    ),
    Signal(
        "complaints_of_unhappy",
        "words",
        "不满意的评价中{value}具体说明与描述不符（同类同期为{baseline}）",
        "of those who weren't content and say why, {value} say what wasn't as described (usual: {baseline})",
        ("ratings.text",),
    ),
    Signal(
        "low_ratings",
        "scores",
        "{value}的评价人给出低分（同类同期为{baseline}）",
        "{value} of those who rated gave a low score (usual in category and season: {baseline})",
        ("ratings.score",),
        weight=0.5,
    ),
    Signal(
        "refunds",
        "returns",
        "发货后{value}的订单退款（同类同期为{baseline}）",
        "{value} of what was sent was refunded (usual in category and season: {baseline})",
        ("orders.refund_amount",),
        weight=0.5,
    ),
    Signal(
        "picture_of_other_goods",
        "picture",
        "图片取自其他店铺更早上架的另一商品（占所售商品{value}，通常{baseline}）",
        "the picture is of goods that another shop listed before ({value} of its goods; usual: {baseline})",
        ("listings.image_hash",),
        weight=0.5,
    ),
)
BY_NAME = {one.name: one for one in SIGNALS}

_SHARES = {
    "complaints": ("specific", "orders"),
    "complaints_of_raters": ("specific", "raters"),
    "complaints_of_unhappy": ("specific", "worded"),
    "low_ratings": ("low", "raters"),
    "refunds": ("refunds", "sent"),
}
_WORDS = tuple(name for name in _SHARES if BY_NAME[name].kind == "words")

MOST = 5.0
"""What one kind of signal counts at most: three kinds are three witnesses."""

LEAST = 0.7
"""Evidence below this (one in five) is not listed."""

LOT = 0.3
"""What remains of the evidence when all complaints are about one week's orders."""

VOICE = 1.2
"""What one voice counts at most: a single complaint is one, however rare its words are."""

UNSAID = 0.25
"""What low scores and returns count when nobody says that the description was at fault: poor goods,
honestly shown.
"""

SAID = 1.5
"""Surprise of the words from which on scores and returns count in full."""

SHOP = 0.6
"""How much of what buyers say of a shop's other goods counts for goods of which little is known."""

HALF = 3.0
"""Evidence that makes 0.5: shops differ honestly, and each has many goods."""


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Products and sellers about which buyers complain more than the category and the season explain."""
    counted = returns.counts(lake)
    if counted.is_empty():
        return []
    products, sellers = (_surprises(counted, entity, able) for entity in (returns.PRODUCT, returns.SELLER))
    if "picture_of_other_goods" in able:
        products, sellers = _with_pictures(lake, products, sellers)
    whose = counted.drop_nulls(returns.PRODUCT).group_by(returns.PRODUCT).agg(pl.col("seller_id").max())
    sellers = _weighed(lake, sellers.with_columns(shop_said=pl.col("said")), returns.SELLER)
    shops = sellers.select(*returns.SELLER, "shop_said", shop="evidence")
    products = products.join(whose, on=returns.PRODUCT, how="left").join(shops, on=returns.SELLER, how="left")
    products = _weighed(lake, products, returns.PRODUCT)
    # A seller is asked about its worst goods, too, less what so many goods would show by chance.
    worst = products.group_by(returns.SELLER).agg(
        worst=pl.col("evidence").max() - pl.len().cast(pl.Float64).log10()
    )
    sellers = sellers.join(worst, on=returns.SELLER, how="left").with_columns(
        evidence=pl.max_horizontal("evidence", pl.col("worst").fill_null(0.0))
    )
    return [
        *_leads(lake, products, "product", returns.PRODUCT, counted),
        *_leads(lake, sellers, "seller", returns.SELLER, counted),
    ]


def _surprises(counted: pl.DataFrame, entity: list[str], able: frozenset[str]) -> pl.DataFrame:
    """Each entity with the surprise of each signal, the strongest of the words (`words`), and what part
    of the complaints is about the description rather than the genuineness (`matter`).
    """
    kept = counted.drop_nulls(entity)
    found = kept.group_by(entity).agg(pl.col("described", "fake").sum()).sort(entity)
    for name in (name for name in _SHARES if name in able):
        found = found.join(returns.odd(counted, entity, name, *_SHARES[name]), on=entity, how="left")
    words = [_voiced(name) for name in _WORDS if name in able]
    return found.with_columns(
        words=pl.max_horizontal(words).clip(upper_bound=MOST) if words else pl.lit(0.0),
        said=_voiced("complaints_of_unhappy") if "complaints_of_unhappy" in able else pl.lit(0.0),
        matter=(pl.col("described") + 1) / (pl.col("described") + pl.col("fake") + 1),
    )


def _with_pictures(
    lake: Lake, products: pl.DataFrame, sellers: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Beside goods, how rare it is to show others' picture; beside sellers, how far they make it a
    practice.
    """
    offers = authenticity.offers(lake)
    shown = offers.join(authenticity.pictures(offers), on=returns.PRODUCT, how="left").with_columns(
        pl.col("other_goods").fill_null(0), all=pl.lit("all"), one=pl.lit(1)
    )
    name = "picture_of_other_goods"
    usual = float(shown["other_goods"].mean() or 0.0)  # type: ignore[arg-type]
    of_goods = shown.select(
        *returns.PRODUCT,
        pl.Series(name, rarity(shown["other_goods"].cast(pl.Float64).to_numpy(), 0.5)),
        pl.col("other_goods").cast(pl.Float64).alias(f"{name}_value"),
        pl.lit(usual).alias(f"{name}_baseline"),
    )
    counts = shown.group_by(*returns.SELLER, "all").agg(pl.col("other_goods", "one").sum())
    of_shops = against_baseline(
        counts, entity=returns.SELLER, cell=["all"], hit="other_goods", of="one"
    ).select(
        *returns.SELLER,
        pl.min_horizontal("surprise", (pl.col("count") - 1).clip(lower_bound=0) * VOICE).alias(name),
        pl.col("value").alias(f"{name}_value"),
        pl.col("baseline").alias(f"{name}_baseline"),
    )
    return (
        products.join(of_goods, on=returns.PRODUCT, how="left"),
        sellers.join(of_shops, on=returns.SELLER, how="left"),
    )


def _voiced(name: str) -> pl.Expr:
    """The surprise of words, held down to what so many voices can say."""
    return pl.min_horizontal(pl.col(name), VOICE * pl.col(f"{name}_count")).fill_null(0.0)


def _weighed(lake: Lake, found: pl.DataFrame, entity: list[str]) -> pl.DataFrame:
    """The evidence of each entity: what buyers say, and as far as they say it, low scores and returns;
    less for what doesn't last.
    """
    said = (pl.max_horizontal("said", pl.col("shop_said").fill_null(0.0)) / SAID).clip(upper_bound=1.0)
    besides = [
        pl.col(name).fill_null(0.0).clip(upper_bound=MOST) * BY_NAME[name].weight
        for name in ("low_ratings", "refunds")
        if name in found.columns
    ]
    bad = pl.sum_horizontal(besides) if besides else pl.lit(0.0)
    picture = pl.lit(0.0)
    if "picture_of_other_goods" in found.columns:
        # A picture borrowed for goods of which nobody complains did no harm.
        felt = (pl.col("words") + bad).clip(upper_bound=1.0)
        weight = BY_NAME["picture_of_other_goods"].weight
        picture = pl.col("picture_of_other_goods").fill_null(0.0).clip(upper_bound=MOST) * felt * weight
    shop = pl.lit(0.0)
    if "shop" in found.columns:
        shop = (
            pl.when(bad + pl.col("words") + picture > 0)
            .then(SHOP * pl.col("shop").fill_null(0.0))
            .otherwise(0.0)
        )
    found = found.with_columns(
        raw=(pl.col("words") + bad * (UNSAID + (1 - UNSAID) * said) + picture + shop) * pl.col("matter")
    )
    if not lake.has("ratings"):
        return found.with_columns(evidence=pl.col("raw"))
    asked = found.filter(pl.col("raw") >= LEAST)
    found = found.join(returns.lasting(lake, asked, entity, ["low", "described"]), on=entity, how="left")
    return found.with_columns(evidence=pl.col("raw") * (LOT + (1 - LOT) * pl.col("lasting").fill_null(1.0)))


def _leads(
    lake: Lake, found: pl.DataFrame, kind: str, entity: list[str], counted: pl.DataFrame
) -> list[Lead]:
    listed = found.filter(pl.col("evidence") >= LEAST).sort(entity)
    if listed.is_empty():
        return []
    spans = counted.group_by(entity).agg(start=pl.col("period").min(), end=pl.col("period").max())
    listed = listed.join(spans, on=entity, how="left")
    orders = _evidence(lake, listed, entity)
    scores = as_likely(listed["evidence"].to_numpy(), HALF)
    return [
        Lead(
            "not_as_described", kind, row[entity[1]], row["platform"], float(score),
            (row["start"] * PERIOD, (row["end"] + 1) * PERIOD - 1), _seen(row),
            orders.get((row["platform"], row[entity[1]]), []),
        )
        for row, score in zip(listed.iter_rows(named=True), scores, strict=True)
    ]  # fmt: skip


def _seen(row: dict[str, float]) -> tuple[Seen, ...]:
    said = [
        (row[name], BY_NAME[name].seen(row[f"{name}_value"], row[f"{name}_baseline"]))
        for name in (*_SHARES, "picture_of_other_goods")
        if (row.get(name) or 0.0) >= 0.3
    ]
    return tuple(seen for _, seen in sorted(said, key=lambda one: (-one[0], one[1].signal.name)))


def _evidence(lake: Lake, listed: pl.DataFrame, entity: list[str]) -> dict[Key, list[str]]:
    """Orders that buyers complained of, in words first; then refunded ones."""
    leads = chosen(lake, listed, entity, "described_" + entity[1])
    parts = []
    if lake.has("ratings"):
        rows = voices(lake).semi_join(leads, entity)
        rows = rows.filter(rows.described + rows.low > 0)
        parts.append(first_orders(lake, rows, entity, [-rows.described, rows.ordered_at], 40))
    if lake.has("orders"):
        rows = lake.table("orders").semi_join(leads, entity)
        rows = rows.filter(rows.refund_amount > 0, (rows.status != "cancelled").fill_null(True))
        parts.append(first_orders(lake, rows, entity, [rows.created_at], 20))
    return merged(*parts)


DETECTOR = Detector(
    name="not_as_described",
    zh="商品与描述不符",
    en="Goods not as described",
    asks_zh="商品是否与展示、描述的相符？",
    asks_en="Are the goods what was shown and described?",
    obligations=("9.2c", "13g"),
    entities=("product", "seller"),
    needs=(),
    signals=SIGNALS,
    find=find,
)
