"""What parcels weigh, beside what their goods usually weigh."""

from __future__ import annotations

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.parcels.carried import carried, joined, key_of
from chengxin.detection.statistics.tails import measured, step
from chengxin.detection.views import product_categories
from chengxin.lake.reading import Lake

PARCELS = 8
"""Parcels of a product from which on its own weight is known."""

USUAL, USUAL_OF_MANY = 0.75, 0.92
"""The quantile that stands for a product's weight: it holds while up to so many of its parcels are empty.
Some parcels must lie above it, though: one that was weighed wrongly makes no other light."""

MANY = 24
"""Parcels from which on two lie above the higher one."""

PIECES = 4
"""Parcels of one, two, three and more pieces are each compared with their like: two weigh less than twice as
much where the box weighs most."""

FITS = 1.0
"""Widths below what the goods usually weigh, within which a parcel weighs what they do."""


def weighed(lake: Lake) -> ir.Table:
    """The parcels of orders, as `carried`, with the `category` of the goods ("" when unknown), `expected_g`
    (what goods of this product, quantity and price weigh; empty for products hardly sold), and how many
    widths the weight lies below what is usual for the product (`below_goods`) and for the category
    (`below_category`)."""

    rows = carried(lake)
    rows = rows.filter(rows.seller_id.notnull() & rows.sender.notnull() & rows.handed_at.notnull())
    rows = joined(rows, _products(lake, rows), ["product"])
    counted = (rows.quantity > 0).ifelse(rows.quantity, None)
    # A smaller pack of the same product is lighter and as much cheaper; a coupon alone explains nothing.
    price = rows.amount.nullif(0) / counted
    cheaper = (1.25 * price / rows.usual_price).fill_null(1.0).clip(upper=1.0)
    rows = rows.mutate(category=rows.category.fill_null(""), expected_g=rows.usual_weight * counted * cheaper)
    rows = rows.select(
        "key", "carrier", "platform", "seller_id", "sender", "category", "weight_g", "handed_at",
        "stranger", "other_order", "expected_g",
        of_category=rows.product.notnull().ifelse(step(rows.weight_g / counted), None),
        band=rows.usual_weight.log2().floor().cast("int64") * PIECES + counted.clip(upper=PIECES) - 1,
        of_goods=step(rows.weight_g / rows.expected_g),
    )  # fmt: skip
    rows = lake.engine.kept(rows)
    goods = _measured(lake, rows, "band", "of_goods")
    categories = _measured(lake, rows, "category", "of_category")
    rows = joined(rows, lake.given(goods, "weights_of_goods"), ["band"])
    rows = joined(rows, lake.given(categories, "weights_of_categories"), ["category"])
    rows = rows.mutate(
        below_goods=(rows.band_middle - rows.of_goods) / rows.band_below,
        below_category=(rows.category_middle - rows.of_category) / rows.category_below,
    )
    # Goods that are always light explain a light parcel, unless it went to somebody else.
    explained = (rows.below_goods <= FITS).fill_null(False) & ~rows.stranger.fill_null(False)
    rows = rows.mutate(below_category=explained.ifelse(None, rows.below_category))
    made = (f"{cell}_{part}" for cell in ("band", "category") for part in ("middle", "below"))
    return rows.drop("of_category", "of_goods", "band", *made)


def _products(lake: Lake, rows: ir.Table) -> ir.Table:
    """Of each product its category, and what it usually weighs and costs, once enough was sent of it."""
    known = rows.filter(rows.product.notnull())
    counted = (known.weight_g.notnull() & (known.quantity > 0)).ifelse(known.quantity, None)
    sold = known.select("product", weight=known.weight_g / counted, price=known.amount.nullif(0) / counted)
    by_product = sold.group_by("product").aggregate(
        parcels=sold.weight.count(),
        weight=sold.weight.quantile(USUAL),
        price=sold.price.quantile(USUAL),
        weight_of_many=sold.weight.quantile(USUAL_OF_MANY),
        price_of_many=sold.price.quantile(USUAL_OF_MANY),
    )
    # Weight and price at the same place: a heavier pack that some buy costs more as well.
    many = by_product.parcels >= MANY
    weight = many.ifelse(by_product.weight_of_many, by_product.weight)
    price = many.ifelse(by_product.price_of_many, by_product.price)
    enough = (by_product.parcels >= PARCELS) & (weight > 0)
    by_product = by_product.select(
        "product",
        usual_weight=enough.ifelse(weight.round(3), None),
        usual_price=enough.ifelse(price.round(3), None),
    )
    listed = product_categories(lake)
    listed = listed.select("category", product=key_of(lake, listed.platform, listed.product_id))
    return joined(by_product, listed, ["product"])


def _measured(lake: Lake, rows: ir.Table, cell: str, measure: str) -> pl.DataFrame:
    """Middle and lower width of each cell, as `<cell>_middle` (of a step, half a step up) and
    `<cell>_below`."""
    known = rows.filter(rows[cell].notnull() & rows[measure].notnull())
    known = known.select(cell, step=known[measure])
    counts = lake.rows(known.group_by([cell, "step"]).aggregate(rows=known.count()))
    found = measured(counts, [cell])
    return found.select(
        cell,
        (pl.col("middle") - 0.5).round(6).alias(f"{cell}_middle"),
        pl.col("below").round(6).alias(f"{cell}_below"),
    )
