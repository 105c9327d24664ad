"""Goods that aren't what was shown: complaints, low ratings and returns beside the category and the season.

A buyer has one voice for a product, and who is content with nothing has none (`complaints.voices`).
Complaints about the orders of one week are a bad lot or a wave: still a question, but a lower one than a
pattern that lasts. Returns alone are the habit of a category; they weigh less than what buyers say.

Clause 9.2c and 13g. Shares are compared by `settled.against_settled`.
"""

from __future__ import annotations

import polars as pl

from chengxin.detection.declaring import Detector, Lead, Signal
from chengxin.detection.goods import authenticity, returns
from chengxin.detection.goods.evidence import Key, first_orders, leads, merged
from chengxin.detection.opinions.complaints import voices
from chengxin.detection.statistics.rarity import as_likely, rarity
from chengxin.detection.statistics.settled import against_settled
from chengxin.detection.statistics.shares import PERIOD
from chengxin.detection.views import PRODUCT, SELLER
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
        "rare_complaints",
        "words",
        "不满意的评价中{value}以少见的用语说明与描述不符（同类同期为{baseline}）",
        "of those who weren't content and say why, {value} say in seldom words what wasn't as described"
        " (usual: {baseline})",
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
        "unhappy_later",
        "scores",
        "{value}的评价人事后追评表示不满（同类同期为{baseline}）",
        "{value} of those who rated came back to add that they aren't content (usual: {baseline})",
        ("ratings.score", "ratings.is_followup"),
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
        "shop_of_such_goods",
        "practice",
        "该店其他已知商品中{value}有类似疑点（市场通常为{baseline}）",
        "{value} of what is known of the shop's other goods asks the same question (usual: {baseline})",
        ("orders.seller_id",),
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
    "complaints": ("described", "orders"),
    "complaints_of_raters": ("described", "raters"),
    "complaints_of_unhappy": ("described", "worded"),
    "rare_complaints": ("specific", "worded"),
    "low_ratings": ("low", "raters"),
    "unhappy_later": ("later", "raters"),
    "refunds": ("refunds", "sent"),
}
_OF_UNHAPPY = ("complaints_of_unhappy", "rare_complaints")
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

SHOP = 1.2
"""How much of what buyers say of a shop's other goods counts for each."""

MOST_OTHERS = 8.0
"""What is said of a shop's other goods counts at most, before `SHOP`."""

KNOWN = 3.0
"""So many raters (or five times as many parcels) show whether goods are good."""

LIKE = 1.0
"""Evidence (one in ten) from which on goods count among those of a shop that ask a question."""

HALF = 3.0
"""Evidence that makes 0.5: shops differ honestly, and each has many goods."""


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Products and sellers about which buyers complain more than the category and the season explain."""
    counted = returns.counts(lake)
    if counted.is_empty():
        return []
    products, sellers = (_surprises(counted, entity, able) for entity in (PRODUCT, SELLER))
    if "picture_of_other_goods" in able:
        products, sellers = _with_pictures(lake, products, sellers)
    usual = _usual(counted)
    sellers = _lasting(lake, _weighed(sellers), SELLER, usual)
    others = _weighed(_of_others(counted, able))
    products = products.join(
        others.select(
            *PRODUCT,
            pl.col(r"^(low_ratings|refunds)_others$"),
            others_said="said",
            others="raw",
        ),
        on=PRODUCT,
        how="left",
    )
    whose = counted.drop_nulls(PRODUCT).group_by(PRODUCT).agg(pl.col("seller_id").max())
    products = _weighed(products).join(whose, on=PRODUCT, how="left")
    products = _lasting(lake, products, PRODUCT, usual)
    lasts = sellers.select(*SELLER, lasts=LOT + (1 - LOT) * pl.col("lasting").fill_null(1.0))
    products = _beside_others(products.join(lasts, on=SELLER, how="left"))
    # A seller is asked about its worst goods, too, less what so many goods would show by chance.
    worst = products.group_by(SELLER).agg(worst=pl.col("evidence").max() - pl.len().cast(pl.Float64).log10())
    sellers = sellers.join(worst, on=SELLER, how="left").with_columns(
        evidence=pl.max_horizontal("evidence", pl.col("worst").fill_null(0.0))
    )
    return [
        *_leads(lake, products, PRODUCT, counted),
        *_leads(lake, sellers, SELLER, counted),
    ]


def _surprises(counted: pl.DataFrame, entity: list[str], able: frozenset[str]) -> pl.DataFrame:
    """Each entity with the surprise of each signal, and how much is known of it."""
    found = (
        counted.drop_nulls(entity).group_by(entity).agg(pl.col("described", "fake", "raters", "sent").sum())
    )
    found = found.sort(entity)
    for name in (name for name in _SHARES if name in able):
        found = found.join(returns.odd(counted, entity, name, *_SHARES[name]), on=entity, how="left")
    return found


def _of_others(counted: pl.DataFrame, able: frozenset[str]) -> pl.DataFrame:
    """Each product with the surprise of each signal among its shop's other goods."""
    found = (
        counted.drop_nulls(PRODUCT).select(PRODUCT).unique().with_columns(described=pl.lit(0), fake=pl.lit(0))
    )
    for name in (name for name in _SHARES if name in able):
        found = found.join(returns.odd_of_others(counted, name, *_SHARES[name]), on=PRODUCT, how="left")
    return found


def _usual(counted: pl.DataFrame) -> float:
    """The share of raters who are low or complain, in the whole market."""
    raters = int(counted["raters"].sum())
    return int(counted["low"].sum()) / raters if raters else 0.0


def _with_pictures(
    lake: Lake, products: pl.DataFrame, sellers: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Beside goods, how rare it is to show others' picture; beside sellers, how far they make it a
    practice.
    """
    offers = authenticity.offers(lake)
    shown = offers.join(authenticity.pictures(offers), on=PRODUCT, how="left").with_columns(
        pl.col("other_goods").fill_null(0), all=pl.lit("all"), one=pl.lit(1)
    )
    name = "picture_of_other_goods"
    usual = float(shown["other_goods"].mean() or 0.0)  # type: ignore[arg-type]
    of_goods = shown.select(
        *PRODUCT,
        pl.Series(name, rarity(shown["other_goods"].cast(pl.Float64).to_numpy(), 0.5)),
        pl.col("other_goods").cast(pl.Float64).alias(f"{name}_value"),
        pl.lit(usual).alias(f"{name}_baseline"),
    )
    counts = shown.group_by(*SELLER, "all").agg(pl.col("other_goods", "one").sum())
    of_shops = against_settled(counts, entity=SELLER, cell=["all"], hit="other_goods", of="one").select(
        *SELLER,
        pl.min_horizontal("surprise", (pl.col("count") - 1).clip(lower_bound=0) * VOICE).alias(name),
        pl.col("value").alias(f"{name}_value"),
        pl.col("baseline").alias(f"{name}_baseline"),
    )
    return (
        products.join(of_goods, on=PRODUCT, how="left"),
        sellers.join(of_shops, on=SELLER, how="left"),
    )


def _voiced(name: str) -> pl.Expr:
    """The surprise of words, held down to what so many voices can say."""
    return pl.min_horizontal(pl.col(name), VOICE * pl.col(f"{name}_count")).fill_null(0.0)


def _weighed(found: pl.DataFrame) -> pl.DataFrame:
    """The evidence of each entity (`raw`): what buyers say (`words`), and as far as they say it (`said`), low
    scores and returns.
    """
    words = [_voiced(name) for name in _WORDS if name in found.columns]
    of_unhappy = [_voiced(name) for name in _OF_UNHAPPY if name in found.columns]
    found = found.with_columns(
        words=pl.max_horizontal(words).clip(upper_bound=MOST) if words else pl.lit(0.0),
        said=pl.max_horizontal(of_unhappy) if of_unhappy else pl.lit(0.0),
        matter=(pl.col("described") + 1) / (pl.col("described") + pl.col("fake") + 1),
    )
    said = pl.col("said")
    if "others_said" in found.columns:
        said = pl.max_horizontal("said", pl.col("others_said").fill_null(0.0))
    # Who is low and who comes back to say so are the same buyers: the stronger of the two counts.
    scores = [
        seen * BY_NAME[name].weight
        for name, seen in (
            ("low_ratings", pl.col("low_ratings").fill_null(0.0)),
            ("unhappy_later", _voiced("unhappy_later")),
        )
        if name in found.columns
    ]
    besides = (
        [pl.max_horizontal(scores).clip(upper_bound=MOST * BY_NAME["low_ratings"].weight)] if scores else []
    )
    if "refunds" in found.columns:
        besides.append(pl.col("refunds").fill_null(0.0).clip(upper_bound=MOST) * BY_NAME["refunds"].weight)
    bad = pl.sum_horizontal(besides) if besides else pl.lit(0.0)
    picture = pl.lit(0.0)
    if "picture_of_other_goods" in found.columns:
        # A picture borrowed for goods of which nobody complains did no harm.
        felt = (pl.col("words") + bad).clip(upper_bound=1.0)
        weight = BY_NAME["picture_of_other_goods"].weight
        picture = pl.col("picture_of_other_goods").fill_null(0.0).clip(upper_bound=MOST) * felt * weight
    heard = UNSAID + (1 - UNSAID) * (said / SAID).clip(upper_bound=1.0)
    raw = (pl.col("words") + bad * heard + picture) * pl.col("matter")
    return found.with_columns(raw=raw, own=raw)


def _beside_others(products: pl.DataFrame) -> pl.DataFrame:
    """To what is said of each product is added what is said of its shop's other goods, as far as many of
    those that are known ask a question, and less what speaks for this one: a shop with one bad product has
    others that are good.
    """
    known = (pl.col("raters") + pl.col("sent") / 5) >= KNOWN
    asks = known & (pl.col("own") >= LIKE)
    asking = asks.sum().over(SELLER).cast(pl.Int64) - asks.cast(pl.Int64)
    # One questionable product is no practice: each further one counts.
    itself = (pl.col("own") / LIKE).clip(upper_bound=1.0)
    breadth = (asking - 1 + itself).clip(lower_bound=0) / (
        known.sum().over(SELLER).cast(pl.Int64) - known.cast(pl.Int64) + 1
    )
    practice = SHOP * pl.col("others").fill_null(0.0).clip(upper_bound=MOST_OTHERS) * breadth
    good = [_good(products, name) for name in ("low_ratings", "refunds")]
    light = (practice * pl.col("lasts").fill_null(1.0) - pl.sum_horizontal(good)).clip(lower_bound=0.0)
    return products.with_columns(
        shop_of_such_goods=light,
        shop_of_such_goods_value=breadth,
        shop_of_such_goods_baseline=asks.sum() / known.sum(),
        evidence=pl.col("evidence") + light,
    )


def _good(products: pl.DataFrame, name: str) -> pl.Expr:
    """How much (powers of ten) a product's own share speaks against its being like its shop's others."""
    if f"{name}_others" not in products.columns:
        return pl.lit(0.0)
    usual = pl.col(f"{name}_baseline").clip(0.01, 0.9)
    others = pl.max_horizontal(f"{name}_others", usual).clip(0.01, 0.95)
    hits = pl.col(f"{name}_count")
    rest = hits / pl.col(f"{name}_value").clip(lower_bound=1e-9) - hits
    rest = pl.when(hits > 0).then(rest).otherwise(pl.col("raters" if name == "low_ratings" else "sent"))
    like_them = hits * (others / usual).log(10) + rest * ((1 - others) / (1 - usual)).log(10)
    return (-like_them).clip(lower_bound=0.0).fill_null(0.0)


def _lasting(lake: Lake, found: pl.DataFrame, entity: list[str], usual: float) -> pl.DataFrame:
    """`evidence`: less for what doesn't last."""
    if not lake.has("ratings"):
        return found.with_columns(evidence=pl.col("raw"), lasting=pl.lit(1.0))
    asked = found.filter(pl.col("raw") >= LEAST).with_columns(usual=pl.lit(usual))
    found = found.join(returns.lasting(lake, asked, entity, ["low", "described"]), on=entity, how="left")
    return found.with_columns(evidence=pl.col("raw") * (LOT + (1 - LOT) * pl.col("lasting").fill_null(1.0)))


def _leads(lake: Lake, found: pl.DataFrame, entity: list[str], counted: pl.DataFrame) -> list[Lead]:
    listed = found.filter(pl.col("evidence") >= LEAST).sort(entity)
    if listed.is_empty():
        return []
    spans = counted.group_by(entity).agg(
        start=pl.col("period").min() * PERIOD, end=(pl.col("period").max() + 1) * PERIOD - 1
    )
    listed = listed.with_columns(score=pl.Series(as_likely(listed["evidence"].to_numpy(), HALF)))
    listed = listed.join(spans, on=entity, how="left", maintain_order="left")
    return leads("not_as_described", listed, entity, SIGNALS, _evidence(lake, listed, entity))


def _evidence(lake: Lake, listed: pl.DataFrame, entity: list[str]) -> dict[Key, list[str]]:
    """Orders that buyers complained of, in words first; then refunded ones."""
    asked = lake.given(listed.select(entity), "described_" + entity[1])
    parts = []
    if lake.has("ratings"):
        rows = voices(lake).semi_join(asked, entity)
        rows = rows.filter(rows.described + rows.low > 0)
        parts.append(first_orders(lake, rows, entity, [-rows.described, rows.ordered_at], 40))
    if lake.has("orders"):
        rows = lake.table("orders").semi_join(asked, entity)
        rows = rows.filter(rows.refund_amount > 0, (rows.status != "cancelled").fill_null(True))
        parts.append(first_orders(lake, rows, entity, [rows.created_at], 20))
    return merged(*parts)


DETECTOR = Detector(
    name="not_as_described",
    zh="商品与描述不符",
    en="Goods not as described",
    obligations=("9.2c", "13g"),
    entities=("product", "seller"),
    needs=(),
    signals=SIGNALS,
    find=find,
)
