"""What parcels weigh, beside what their goods usually weigh."""

from __future__ import annotations

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.parcels.carried import WAYBILL, carried
from chengxin.detection.statistics.tails import measured, step
from chengxin.lake.reading import Lake

PARCELS = 8
"""Parcels of a product from which on its own weight is known."""

USUAL = 0.75
"""The quantile that stands for a product's weight: it holds while up to three in four of its parcels are
empty."""

PRODUCT = ["platform", "product_id"]


def weighed(lake: Lake) -> ir.Table:
    """The parcels of orders with a weight: carrier, waybill_no, `expected_g` (what goods of this product,
    quantity and price weigh; empty for products hardly sold), and how many widths the weight lies below what
    is usual for the product (`below_goods`) and for the category (`below_category`)."""

    def made() -> ir.Table:
        rows = carried(lake)
        rows = rows.filter(rows.weight_g.notnull() & (rows.quantity > 0) & rows.product_id.notnull())
        rows = rows.select(
            *WAYBILL,
            *PRODUCT,
            "category",
            "quantity",
            "weight_g",
            unit_weight=rows.weight_g / rows.quantity,
            unit_price=rows.amount.nullif(0) / rows.quantity,
        )
        by_product = rows.group_by(PRODUCT).aggregate(
            parcels=rows.count(),
            weight=rows.unit_weight.quantile(USUAL),
            price=rows.unit_price.quantile(USUAL),
        )
        known = by_product.filter((by_product.parcels >= PARCELS) & (by_product.weight > 0)).select(
            *PRODUCT, usual_weight=by_product.weight.round(3), usual_price=by_product.price.round(3)
        )
        rows = rows.left_join(known, PRODUCT)
        # A smaller pack of the same product is lighter and as much cheaper; a coupon alone explains nothing.
        cheaper = (1.25 * rows.unit_price / rows.usual_price).fill_null(1.0).clip(upper=1.0)
        rows = rows.select(
            *WAYBILL,
            "category",
            of_category=step(rows.unit_weight),
            expected_g=rows.usual_weight * rows.quantity * cheaper,
            band=rows.usual_weight.log2().floor().cast("int64"),
            of_goods=step(rows.weight_g / (rows.usual_weight * rows.quantity * cheaper)),
        )
        rows = lake.engine.kept(rows)
        goods = _measured(lake, rows, "band", "of_goods")
        categories = _measured(lake, rows, "category", "of_category")
        rows = rows.left_join(lake.given(goods, "weights_of_goods"), "band")
        rows = rows.left_join(lake.given(categories, "weights_of_categories"), "category")
        return rows.select(
            *WAYBILL,
            "expected_g",
            below_goods=(rows.band_middle - rows.of_goods) / rows.band_below,
            below_category=(rows.category_middle - rows.of_category) / rows.category_below,
        )

    return lake.kept("parcels_weighed", made)


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
