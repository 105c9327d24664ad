"""Waybill numbers that follow one another."""

from __future__ import annotations

import polars as pl

NEAR = 20
"""Numbers next to each other, gaps included: carriers number with check digits and skip some."""


def neighbours(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (carrier, waybill_no, sender, platform, seller_id) with the number of `neighbours`: rows of
    the same sender and another shop of which the number is the next or the one before, or nearly."""
    numbered = rows.with_row_index("row").select(
        "row", "carrier", "sender", shop=pl.struct("platform", "seller_id"),
        prefix=pl.col("waybill_no").str.extract(r"^(.*?)\d{1,15}$"),
        number=pl.col("waybill_no").str.extract(r"(\d{1,15})$").cast(pl.Int64),
    )  # fmt: skip
    ordered = numbered.drop_nulls(["sender", "number"]).sort(
        "carrier", "prefix", "sender", "number", nulls_last=True
    )
    group = ["carrier", "prefix", "sender"]
    near = ordered.select("row", *(_beside(group, by).alias(f"near_{by}") for by in (1, -1)))
    found = near.select("row", neighbours=pl.sum_horizontal("near_1", "near_-1"))
    return (
        rows.with_row_index("row")
        .join(found, on="row", how="left")
        .drop("row")
        .with_columns(pl.col("neighbours").fill_null(0))
    )


def _beside(group: list[str], by: int) -> pl.Expr:
    apart = (pl.col("number") - pl.col("number").shift(by).over(group)).abs() <= NEAR
    other = pl.col("shop") != pl.col("shop").shift(by).over(group)
    return (apart & other).fill_null(False).cast(pl.Int64)
