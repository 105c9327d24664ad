"""What speaks for or against goods being what their brand's name says: prices, pictures, bar codes, licences.

Everything is learnt from the listings at hand: nobody tells the platform who may sell which brand.
"""

from __future__ import annotations

import ibis
import polars as pl

from chengxin.detection.goods import sales
from chengxin.detection.opinions.complaints import titled
from chengxin.detection.views import GOODS, PRODUCT, SELLER
from chengxin.kernel.identifiers import valid_gtin
from chengxin.kernel.text import folded
from chengxin.lake.reading import Lake

SHOPS = 4
"""Other shops whose prices it takes to say what a brand costs."""

PURE = 0.8
"""Share of the shops that name one brand for a company's prefix, from which on the prefix is that brand's."""

PREFIXES = (7, 8, 9, 10)
"""Lengths that a GS1 company prefix can have within the first digits of a GTIN-13."""

MAD = 1.4826
"""The median distance from the middle, times this, is a standard deviation (of a normal law)."""

LEAST_SPREAD = 0.1
"""No brand's prices differ less than this (natural logarithm)."""

LEAN = 10
"""Goods' worth of the whole market's spread behind that of a brand."""

OTHER_GOODS = 3
"""Other goods' worth of doubt that a shop is cheap with all of them."""

GRAIN = 2**30
"""Logarithms are added up as whole multiples of this part: so their order doesn't matter."""

MANY_SHOPS = 4
"""Shops with one picture from which on it is a supplier's, unless the prices disagree."""


def offers(lake: Lake) -> pl.DataFrame:
    """One row for each product listed, as it was listed first (see `_offers`), worked out once a run."""
    made = lake.kept("offers", lambda: lake.given(_offers(lake), "goods_offered"), asked_by=GOODS)
    return lake.rows(made).sort(PRODUCT, nulls_last=True)


def _offers(lake: Lake) -> pl.DataFrame:
    """One row for each product listed, as it was listed first.

    platform, product_id, seller_id, category, brand (folded), gtin (14 digits), gtin_valid, image,
    licensed, listed_at, copy (the title speaks of one), outlet (used or reduced), price (fen, the middle
    one of sales or quotes).
    """
    listings = lake.table("listings")
    known = listings.filter(listings.product_id.notnull())
    earliest = ibis.row_number().over(
        ibis.window(
            group_by=PRODUCT,
            order_by=[
                known["at"],
                *(known[name] for name in ("title", "brand", "gtin", "image_hash", "category")),
            ],
        )
    )
    known = known.mutate(
        place=earliest, copy=titled(known.title, "fake"), outlet=titled(known.title, "outlet")
    )
    frame = lake.rows(
        known.filter(known.place == 0).select(
            *PRODUCT, "seller_id", "category", "brand", "gtin", "image_hash", "licence_no", "copy", "outlet",
            listed_at=known["at"],
        )
    )  # fmt: skip
    code = folded(pl.col("gtin")).str.replace_all(r"[^0-9]", "")
    frame = frame.with_columns(
        brand=folded(pl.col("brand"), "lower"),
        code=pl.when(code.str.len_bytes() > 0).then(code),
        licensed=pl.col("licence_no").is_not_null(),
        image=pl.col("image_hash"),
        copy=pl.col("copy").fill_null(False),
        outlet=pl.col("outlet").fill_null(False),
    ).with_columns(gtin_valid=valid_gtin(pl.col("code")), gtin=pl.col("code").str.pad_start(14, "0"))
    found = frame.drop("image_hash", "licence_no", "code").join(_prices(lake), on=PRODUCT, how="left")
    return found.join(shop_levels(found), on=PRODUCT, how="left")


def _prices(lake: Lake) -> pl.DataFrame:
    """The price of each product before it was reduced: the highest that its sales came to on average in a
    season, or else its quotes (means of whole fen, so that every engine finds the same).

    Goods that were sold at the brand's price before are being cleared, not copied.
    """
    schema = {**dict.fromkeys(PRODUCT, pl.String), "price": pl.Float64, "rank": pl.Int64}
    parts = [pl.DataFrame(schema=schema)]
    if lake.has("prices"):
        quotes = sales.quoted(lake)
        parts.append(_highest(lake.rows(quotes.select(*PRODUCT, "period", "total", "count")), 0))
    if lake.has("orders"):
        orders = sales.ordered(lake)
        by_season = orders.group_by([*PRODUCT, "period"]).aggregate(
            total=orders.total.sum().cast("int64"), count=orders.pieces.sum().cast("int64")
        )
        parts.append(_highest(lake.rows(by_season), 1))
    return pl.concat(parts).sort("rank").group_by(PRODUCT, maintain_order=True).agg(pl.col("price").first())


def _highest(sums: pl.DataFrame, rank: int) -> pl.DataFrame:
    known = sums.with_columns(pl.col("total", "count").cast(pl.Int64)).filter(pl.col("count") > 0)
    means = known.group_by(PRODUCT).agg(price=(pl.col("total") / pl.col("count")).max())
    return means.select(*PRODUCT, "price", rank=pl.lit(rank, pl.Int64))


def shop_levels(found: pl.DataFrame) -> pl.DataFrame:
    """How cheap a shop is with all that it sells under other names: platform, product_id, level (as a
    logarithm below the middle of brand and category, 0 for a shop that isn't cheap or has little else).

    A shop that is cheap with everything is a discounter; counterfeits are cheap where the name is dear.
    """
    cell = ["brand", "category"]
    known = found.filter(pl.col("price") > 0, pl.col("seller_id").is_not_null()).with_columns(
        log=pl.col("price").log()
    )
    known = known.with_columns(away=pl.col("log").median().over(cell) - pl.col("log"))
    most = 2 * _spread(known["away"])
    known = known.with_columns(away=(pl.col("away").clip(-most, most) * GRAIN).round().cast(pl.Int64))
    whole = known.group_by(SELLER).agg(total=pl.col("away").sum(), goods=pl.len())
    named = known.group_by(*SELLER, "brand").agg(own=pl.col("away").sum(), own_goods=pl.len())
    joined = known.join(whole, on=SELLER, nulls_equal=True).join(
        named, on=[*SELLER, "brand"], nulls_equal=True
    )
    # Goods without a name are no brand: each of them stands for itself.
    nameless = pl.col("brand").is_null()
    others = pl.col("goods").cast(pl.Int64) - pl.when(nameless).then(1).otherwise(pl.col("own_goods")).cast(
        pl.Int64
    )
    rest = pl.col("total") - pl.when(nameless).then(pl.col("away")).otherwise(pl.col("own"))
    return joined.select(*PRODUCT, level=(rest / GRAIN / (others + OTHER_GOODS)).clip(lower_bound=0))


def below_brand(found: pl.DataFrame) -> pl.DataFrame:
    """How far each product lies below what its brand costs in its category, and below what its shop
    explains.

    `found` are offers with `level` (`shop_levels`). platform, product_id, below (robust spreads of the
    logarithm; 0 for what isn't below or of which too few shops sell), brand_price (fen). The brand's
    price is the middle of its shops', each one voice. Used and reduced goods are compared with nothing.
    """
    known = found.filter(
        pl.col("brand").is_not_null(),
        pl.col("price") > 0,
        ~pl.col("outlet"),
        pl.col("seller_id").is_not_null(),
    ).with_columns(log=pl.col("price").log())
    cell = ["brand", "category"]
    shops = known.group_by(*cell, *SELLER).agg(pl.col("log").median())
    middles = shops.group_by(cell).agg(middle=pl.col("log").median(), shops=pl.len())
    known = known.join(middles.filter(pl.col("shops") > SHOPS), on=cell, nulls_equal=True)
    known = known.with_columns(away=pl.col("middle") - pl.col("log"))
    common = _spread(known["away"])
    spreads = known.group_by(cell).agg(own=pl.col("away").abs().median() * MAD, goods=pl.len())
    leaned = (pl.col("own") * pl.col("goods") + common * LEAN) / (pl.col("goods") + LEAN)
    beyond = pl.col("away") - pl.col("level").fill_null(0.0)
    return known.join(spreads, on=cell, nulls_equal=True).select(
        *PRODUCT,
        below=(beyond / pl.max_horizontal(leaned, pl.lit(LEAST_SPREAD))).clip(lower_bound=0),
        brand_price=pl.col("middle").exp(),
    )


def below_same(found: pl.DataFrame) -> pl.DataFrame:
    """How far each product lies below what other shops ask for the same bar code, and below what its shop
    explains.

    `found` are offers with `level`. platform, product_id, below_same (as a logarithm), same_price (fen).
    """
    known = found.filter(
        pl.col("gtin").is_not_null(),
        pl.col("gtin_valid"),
        pl.col("price") > 0,
        ~pl.col("outlet"),
        pl.col("seller_id").is_not_null(),
    ).with_columns(log=pl.col("price").log())
    shops = known.group_by("gtin", *SELLER).agg(pl.col("log").median())
    middles = shops.group_by("gtin").agg(middle=pl.col("log").median(), shops=pl.len())
    beyond = pl.col("middle") - pl.col("log") - pl.col("level").fill_null(0.0)
    return known.join(middles.filter(pl.col("shops") >= 3), on="gtin").select(
        *PRODUCT, below_same=beyond.clip(lower_bound=0), same_price=pl.col("middle").exp()
    )


def _spread(away: pl.Series) -> float:
    """A spread that outliers don't drag: 1.4826 × the median distance from the middle."""
    middle = away.abs().median()
    return max(MAD * middle, LEAST_SPREAD) if isinstance(middle, float) else LEAST_SPREAD


def pictures(found: pl.DataFrame) -> pl.DataFrame:
    """Pictures taken from others.

    platform, product_id, taken (how far below the price of the shop that showed it first, as a logarithm,
    goods of the same name, or of none, are sold under a brand's picture), shared (1 when another shop showed
    it first, of a brand's goods), other_goods (1 when another shop showed it first, of goods of another name
    or of none), picture_brands (how many brands the shop sells under it).

    A picture that many shops show at like prices is their supplier's.
    """
    shown = found.filter(pl.col("image").is_not_null(), pl.col("seller_id").is_not_null())
    first = pl.col("listed_at") == pl.col("listed_at").min()
    by_image = shown.group_by("image").agg(
        shops=pl.struct(SELLER).n_unique(),
        since=pl.col("listed_at").min(),
        owner_price=pl.col("price").filter(first).median(),
        owner_brand=pl.col("brand").filter(first).min(),
        usual=pl.col("price").median(),
    )
    brands = shown.group_by("image", *SELLER).agg(
        many_brands=pl.col("brand").drop_nulls().n_unique(), own_since=pl.col("listed_at").min()
    )
    joined = shown.join(by_image, on="image").join(brands, on=["image", *SELLER], nulls_equal=True)
    later = (pl.col("own_since") > pl.col("since")) & (pl.col("shops") > 1)
    same_name = pl.col("brand").eq_missing(pl.col("owner_brand"))
    # Goods without a name are passed off as a brand's by its picture; where neither has one there is none.
    of_name = pl.col("owner_brand").is_not_null() & (same_name | pl.col("brand").is_null())
    supplier = pl.col("shops") >= MANY_SHOPS
    reference = pl.when(supplier).then(pl.col("usual")).otherwise(pl.col("owner_price"))
    cheaper = ((reference / pl.col("price")).log() - pl.col("level").fill_null(0.0)).clip(lower_bound=0)
    return joined.select(
        *PRODUCT,
        taken=pl.when(later & of_name).then(cheaper).otherwise(0.0).fill_null(0.0),
        shared=pl.when(later & ~supplier & pl.col("owner_brand").is_not_null()).then(1).otherwise(0),
        other_goods=pl.when(later & ~supplier & (~same_name | pl.col("brand").is_null()))
        .then(1)
        .otherwise(0),
        picture_brands=pl.col("many_brands"),
    ).unique(PRODUCT, keep="any")


def codes(found: pl.DataFrame) -> pl.DataFrame:
    """Bar codes that can't be the brand's: platform, product_id, wrong_digit, foreign (its prefix is
    another brand's).

    How long a company's prefix is isn't known: the shortest length counts at which prefixes have one
    brand each.
    """
    coded = found.filter(pl.col("gtin").is_not_null())
    wrong = coded.select(*PRODUCT, wrong_digit=~pl.col("gtin_valid"))
    named = coded.filter(
        pl.col("brand").is_not_null(), pl.col("seller_id").is_not_null(), pl.col("gtin").str.len_bytes() == 14
    )
    foreign = pl.DataFrame(
        schema={**dict.fromkeys(PRODUCT, pl.String), "foreign": pl.Boolean, "owner": pl.String}
    )
    for length in PREFIXES:
        voices = named.select(*SELLER, "brand", prefix=pl.col("gtin").str.slice(1, length)).unique()
        counts = voices.group_by("prefix", "brand").agg(shops=pl.len())
        owners = (
            counts.sort("prefix", "shops", descending=[False, True])
            .group_by("prefix", maintain_order=True)
            .agg(owner=pl.col("brand").first(), most=pl.col("shops").first(), shops=pl.col("shops").sum())
        )
        several = owners.filter(pl.col("shops") >= 3)
        if several.is_empty() or int(several["most"].sum()) < PURE * int(several["shops"].sum()):
            continue
        sure = several.filter(pl.col("most") >= PURE * pl.col("shops"))
        foreign = (
            named.with_columns(prefix=pl.col("gtin").str.slice(1, length))
            .join(sure, on="prefix")
            .select(*PRODUCT, foreign=pl.col("brand") != pl.col("owner"), owner="owner")
        )
        break
    return wrong.join(foreign, on=PRODUCT, how="left").with_columns(pl.col("foreign").fill_null(False))


def unlicensed(found: pl.DataFrame) -> pl.DataFrame:
    """Goods without a licence where nearly all of the category have one: platform, product_id, unlicensed
    (the share of others that have one), 0 where that isn't the rule.
    """
    shares = found.group_by("category").agg(share=pl.col("licensed").mean(), goods=pl.len())
    rule = (pl.col("share") >= PURE) & (pl.col("goods") >= 20) & ~pl.col("licensed")
    return found.join(shares, on="category", how="left", nulls_equal=True).select(
        *PRODUCT, unlicensed=pl.when(rule).then(pl.col("share")).otherwise(0.0)
    )
