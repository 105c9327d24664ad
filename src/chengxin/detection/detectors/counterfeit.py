"""Goods that may not be what their brand's name says.

Looks for prices far below what the brand costs in its category or the same bar code elsewhere, buyers who
say that it isn't genuine, titles that speak of copies, bar codes with a wrong digit or with another
brand's prefix, pictures taken from an earlier shop and sold cheaper, one picture under several brands,
and no licence where the category has one. Used and reduced goods, and suppliers' pictures that many shops
show at like prices, explain themselves.

Clause 9.2c and 13g. Bar codes: GS1 General Specifications, 7.9 (check digit) and 1.4 (company prefix);
what a brand costs and which prefix is whose is learnt from the listings (`authenticity`).
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
        "price_below_brand", "price",
        "价格仅为该品牌同类商品通常价格的{value}（通常为{baseline}）",
        "the price is {value} of what the brand costs in this category (usual: {baseline})",
        ("listings.brand",),
    ),
    Signal(
        "price_below_same_goods", "price",
        "价格仅为同一条码商品在其他店铺价格的{value}（通常为{baseline}）",
        "the price is {value} of what other shops ask for the same bar code (usual: {baseline})",
        ("listings.gtin",),
    ),
    Signal(
        "said_to_be_fake", "words",
        "{value}的评价人称非正品（同类同期为{baseline}）",
        "{value} of those who rated say that it isn't genuine (usual in category and season: {baseline})",
        ("ratings.text",),
    ),
    Signal(
        "returned_as_fake", "words",
        "{value}的订单因疑似假货退款（同类同期为{baseline}）",
        "{value} of the orders were paid back and said to be fake (usual: {baseline})",
        ("ratings.text", "orders.refund_amount", "ratings.order_id"),
    ),
    Signal(
        "copy_in_title", "title",
        "标题含有仿品用语（此类商品占{baseline}）",
        "the title speaks of a copy ({baseline} of all goods do)",
        ("listings.title",), shown="percent",
    ),
    Signal(
        "wrong_check_digit", "code",
        "商品条码校验位错误（错误条码占{baseline}）",
        "the bar code's check digit is wrong (as are {baseline} of all)",
        ("listings.gtin",),
    ),
    Signal(
        "foreign_prefix", "code",
        "商品条码的厂商识别代码属于其他品牌（此类商品占{baseline}）",
        "the bar code has the company prefix of another brand (as have {baseline} of all)",
        ("listings.gtin", "listings.brand"),
    ),
    Signal(
        "picture_taken", "picture",
        "图片先由其他店铺使用（此类商品占{baseline}）",
        "another shop showed the picture first (as with {baseline} of all goods)",
        ("listings.image_hash",),
    ),
    Signal(
        "price_below_picture", "price",
        "售价为先使用同一图片的店铺的{value}（通常为{baseline}）",
        "the price is {value} of that of the shop that showed the picture first (usual: {baseline})",
        ("listings.image_hash",),
    ),
    Signal(
        "picture_of_many_brands", "picture",
        "同一店铺以同一图片销售{value}个品牌（通常{baseline}个）",
        "one shop sells {value} brands under one picture (usual: {baseline})",
        ("listings.image_hash", "listings.brand"), shown="number",
    ),
    Signal(
        "no_licence", "licence",
        "未填许可证号，而同类商品{baseline}已填",
        "no licence is given, where {baseline} of the category give one",
        ("listings.licence_no",), weight=0.5,
    ),
    Signal(
        "shop_of_such_goods", "practice",
        "该店{value}的商品有类似疑点（通常为{baseline}）",
        "{value} of the shop's goods ask the same question (usual: {baseline})",
        ("listings.seller_id",), weight=0.5,
    ),
)  # fmt: skip
BY_NAME = {one.name: one for one in SIGNALS}

_SIZES = {
    "price_below_brand": ("below", 1.0),
    "price_below_same_goods": ("below_same", 0.2),
    "copy_in_title": ("copy", 0.5),
    "wrong_check_digit": ("wrong_digit", 0.5),
    "foreign_prefix": ("foreign", 0.5),
    "price_below_picture": ("taken", 0.2),
    "picture_taken": ("shared", 0.5),
    "picture_of_many_brands": ("brands_more", 0.5),
    "no_licence": ("unlicensed", 0.5),
}
"""What has a size, and which mean of it honest differences would have at first sight (`rarity`)."""

_SHARES = {"said_to_be_fake": ("fake", "raters"), "returned_as_fake": ("returned_fake", "orders")}

VOICE = 1.5
"""What one voice counts at most."""

WITNESS = 0.7
"""Evidence from which on a kind of signal says something (one in five)."""

_SEEN_IN = {"price_below_picture": "picture"}
"""What a signal is seen in, where that isn't its kind: who takes pictures of dearer goods is seen in them
alone."""

LIKE = 2.0
"""Evidence from which on goods count among a shop's questionable ones."""

MOST = 5.0
LEAST = 1.5
"""Evidence below this is not listed."""

HALF = 3.0
"""Evidence that makes 0.5: one strange price or code among many goods is chance."""


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Products and sellers whose genuineness is to be asked about."""
    offers = authenticity.offers(lake)
    if offers.is_empty():
        return []
    counted = returns.counts(lake)
    products = _sized(offers, able)
    for name in (name for name in _SHARES if name in able):
        products = products.join(returns.odd(counted, PRODUCT, name, *_SHARES[name]), on=PRODUCT, how="left")
        products = products.with_columns(_voiced(name))
    products = products.with_columns(**_together(products))
    shops = _shops(products, counted, able)
    of_shop = shops.select(
        *SELLER, "shop_of_such_goods", "shop_of_such_goods_value", "shop_of_such_goods_baseline", "shop_words"
    )
    products = products.join(of_shop, on=SELLER, how="left")
    # Its shop throws light on goods that ask a question themselves, as far as they do.
    light = pl.col("shop_of_such_goods").fill_null(0.0) + pl.col("shop_words").fill_null(0.0)
    products = products.with_columns(
        evidence=pl.col("evidence") + light * (pl.col("evidence") / LIKE).clip(upper_bound=1.0)
    )
    return [*_leads(lake, products, PRODUCT, counted), *_leads(lake, shops, SELLER, counted)]


def _sized(offers: pl.DataFrame, able: frozenset[str]) -> pl.DataFrame:
    """The offers with the rarity of each signal that has a size."""
    found = offers
    for part in (
        authenticity.below_brand(offers),
        authenticity.below_same(offers),
        authenticity.pictures(offers),
        authenticity.codes(offers),
        authenticity.unlicensed(offers),
    ):
        found = found.join(part, on=PRODUCT, how="left")
    found = found.with_columns(
        brands_more=(pl.col("picture_brands").cast(pl.Float64) - 1).clip(lower_bound=0),
    )
    for name, (size, usual) in _SIZES.items():
        if name in able:
            values = found[size].cast(pl.Float64).fill_null(0.0).to_numpy()
            found = found.with_columns(pl.Series(name, rarity(values, usual)))
    return found


def _voiced(name: str) -> pl.Expr:
    return (
        pl.min_horizontal(pl.col(name), VOICE * pl.col(f"{name}_count")).clip(upper_bound=MOST).fill_null(0.0)
    )


def _together(found: pl.DataFrame) -> dict[str, pl.Expr]:
    """`evidence` (the strongest of each kind, and the kinds added up) and `witnesses` (kinds that say
    something).
    """
    kinds: dict[str, list[pl.Expr]] = {}
    seen_in: dict[str, list[pl.Expr]] = {}
    for name in (name for name in (*_SIZES, *_SHARES) if name in found.columns):
        signal = BY_NAME[name]
        strength = pl.col(name).fill_null(0.0) * signal.weight
        kinds.setdefault(signal.kind, []).append(strength)
        seen_in.setdefault(_SEEN_IN.get(name, signal.kind), []).append(strength)
    strongest = [pl.max_horizontal(some) for _, some in sorted(kinds.items())] or [pl.lit(0.0)]
    said = [pl.max_horizontal(some) >= WITNESS for _, some in sorted(seen_in.items())] or [pl.lit(False)]
    return {
        "evidence": pl.sum_horizontal(strongest),
        "witnesses": pl.sum_horizontal([one.cast(pl.Int64) for one in said]),
    }


def _shops(products: pl.DataFrame, counted: pl.DataFrame, able: frozenset[str]) -> pl.DataFrame:
    """The sellers: how many of their goods are questionable, what is said of all of them, and their worst
    goods (less what so many goods would show by chance).
    """
    known = products.drop_nulls(SELLER).with_columns(all=pl.lit("all"))
    counts = known.group_by(*SELLER, "all").agg(
        like=((pl.col("evidence") >= LIKE) & (pl.col("witnesses") >= 2)).sum().cast(pl.Int64),
        listed=pl.len().cast(pl.Int64),
        worst=pl.col("evidence").max(),
        listed_from=pl.col("listed_at").min(),
    )
    surprise = against_settled(counts, entity=SELLER, cell=["all"], hit="like", of="listed")
    practice = surprise.select(
        *SELLER,
        shop_of_such_goods="surprise",
        shop_of_such_goods_value="value",
        shop_of_such_goods_baseline="baseline",
    )
    shops = counts.join(practice, on=SELLER, how="left").with_columns(
        shop_of_such_goods=_few(pl.col("shop_of_such_goods"), pl.col("like"))
    )
    for name in (name for name in _SHARES if name in able):
        shops = shops.join(returns.odd(counted, SELLER, name, *_SHARES[name]), on=SELLER, how="left")
        shops = shops.with_columns(_voiced(name))
    said = [pl.col(name).fill_null(0.0) for name in _SHARES if name in shops.columns]
    words = pl.max_horizontal(said) if said else pl.lit(0.0)
    worst = pl.col("worst") - pl.col("listed").cast(pl.Float64).log10()
    # What speaks against the worst goods is shown for their shop, too.
    sizes = [*(size for size, _ in _SIZES.values()), "price", "brand_price", "same_price"]
    shown = [name for name in (*_SIZES, *sizes) if name in known.columns]
    worst_goods = known.sort("evidence", *shown, descending=True, nulls_last=True).unique(
        SELLER, keep="first", maintain_order=True
    )
    shops = shops.join(worst_goods.select(*SELLER, *shown), on=SELLER, how="left")
    # The words are part of the goods' evidence already: what the shop adds is how many goods are alike.
    return shops.with_columns(
        evidence=pl.max_horizontal(worst, words) + pl.col("shop_of_such_goods"), shop_words=words
    ).sort(SELLER)


def _few(surprise: pl.Expr, count: pl.Expr) -> pl.Expr:
    """One questionable thing is no practice: each further one counts."""
    return (
        pl.min_horizontal(surprise, (count - 1).clip(lower_bound=0) * VOICE)
        .clip(upper_bound=MOST)
        .fill_null(0.0)
    )


def _leads(lake: Lake, found: pl.DataFrame, entity: list[str], counted: pl.DataFrame) -> list[Lead]:
    listed = _told(found).filter(pl.col("evidence") >= LEAST).drop_nulls(entity).sort(entity)
    if listed.is_empty():
        return []
    spans = counted.group_by(entity).agg(
        sold_from=pl.col("period").min() * PERIOD, sold_until=(pl.col("period").max() + 1) * PERIOD - 1
    )
    at = [pl.col(name) for name in ("listed_at", "listed_from") if name in listed.columns]
    listed = listed.with_columns(score=pl.Series(as_likely(listed["evidence"].to_numpy(), HALF)))
    listed = listed.join(spans, on=entity, how="left", maintain_order="left").with_columns(
        start=pl.coalesce("sold_from", *at, 0), end=pl.coalesce("sold_until", *at, 0)
    )
    return leads("counterfeit", listed, entity, SIGNALS, _evidence(lake, listed, entity))


def _told(found: pl.DataFrame) -> pl.DataFrame:
    """What is told of each signal that has a size (`<name>_value`), and what is usual (`<name>_baseline`)."""
    one = pl.lit(1.0)
    told = {
        "price_below_brand": (pl.col("price") / pl.col("brand_price"), one),
        "price_below_same_goods": (pl.col("price") / pl.col("same_price"), one),
        "price_below_picture": ((-pl.col("taken")).exp(), one),
        "picture_of_many_brands": (pl.col("brands_more") + 1, one),
        "no_licence": (pl.lit(0.0), pl.col("unlicensed")),
    }
    plain = {
        name: (pl.col(size).cast(pl.Float64), pl.col(size).cast(pl.Float64).fill_null(0.0).mean())
        for name, (size, _) in _SIZES.items()
    }
    there = {name: pair for name, pair in (plain | told).items() if name in found.columns}
    return found.with_columns(
        **{f"{name}_value": value for name, (value, _) in there.items()},
        **{f"{name}_baseline": usual for name, (_, usual) in there.items()},
    )


def _evidence(lake: Lake, listed: pl.DataFrame, entity: list[str]) -> dict[Key, list[str]]:
    """Orders whose buyers say that it isn't genuine, then the latest ones, of which goods may still be
    had.
    """
    asked = lake.given(listed.select(entity), "doubted_" + entity[1])
    parts = []
    if lake.has("ratings"):
        rows = voices(lake).semi_join(asked, entity)
        parts.append(
            first_orders(lake, rows.filter(rows.fake > 0), entity, [-rows.returned_fake, rows.ordered_at], 40)
        )
    if lake.has("orders"):
        rows = lake.table("orders").semi_join(asked, entity)
        rows = rows.filter(rows.created_at.notnull(), (rows.status != "cancelled").fill_null(True))
        parts.append(first_orders(lake, rows, entity, [-rows.created_at], 10))
    return merged(*parts)


DETECTOR = Detector(
    name="counterfeit",
    zh="疑似假冒商品",
    en="Counterfeits",
    obligations=("9.2c", "13g"),
    entities=("product", "seller"),
    needs=("listings",),
    signals=SIGNALS,
    find=find,
)
