"""What parcels weigh, beside what their goods usually weigh."""

from __future__ import annotations

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.joining import joined, key_of
from chengxin.detection.parcels.carried import carried
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

LEAST = 2.0
"""No goods weigh so exactly that a width is less than so many steps: what is two thirds of the usual isn't
far less yet."""

FITS = 1.0
"""Widths below what the goods usually weigh, within which a parcel weighs what they do."""


def weighed(lake: Lake) -> ir.Table:
    """The parcels of orders, as `carried`, with the `category` of the goods ("" when unknown), `expected_g`
    (what goods of this product, quantity and price weigh; empty for products hardly sold), and how many
    widths the weight lies below what is usual for the product (`below_goods`) and for the category
    (`below_category`); `always`: the goods' other parcels are no heavier, which explains the latter."""

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
        band=rows.usual_weight.log2().floor().cast("int64"),
        pieces=counted.clip(upper=PIECES),
        of_goods=step(rows.weight_g / rows.expected_g),
    )  # fmt: skip
    rows = lake.meanwhile(rows)
    rows = _below(lake, rows, "goods", ["band", "pieces"], ["pieces"])
    rows = _below(lake, rows, "category", ["category"], [])
    # Goods that are always light explain a light parcel, unless it went to somebody else.
    return rows.mutate(always=(rows.below_goods <= FITS).fill_null(False) & ~rows.stranger.fill_null(False))


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


def _below(lake: Lake, rows: ir.Table, name: str, cell: list[str], within: list[str]) -> ir.Table:
    """The rows with `below_<name>`: how many widths `of_<name>` lies below the middle of the cell."""
    measure = rows[f"of_{name}"]
    known = rows.filter(*(rows[one].notnull() for one in cell), measure.notnull())
    known = known.select(*cell, step=known[f"of_{name}"])
    counts = lake.rows(known.group_by([*cell, "step"]).aggregate(rows=known.count()))
    found = measured(counts, cell, within).select(
        *cell,
        middle=(pl.col("middle") - 0.5).round(6),
        width=pl.col("below").clip(lower_bound=LEAST).round(6),
    )
    rows = joined(rows, lake.given(found, f"weights_of_{name}"), cell)
    below = (rows.middle - rows[f"of_{name}"]) / rows.width
    return rows.mutate(**{f"below_{name}": below}).drop("middle", "width", f"of_{name}")
