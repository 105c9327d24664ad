"""The best brushing hides: no single column of the orders, and no single figure of a shop, gives it away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import rankdata

from chengxin.market import Plan, Truth, build


@pytest.fixture(scope="module")
def best(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, Truth]:
    folder = tmp_path_factory.mktemp("market")
    plan = Plan(
        seed=4, orders=60_000, months=3, kinds=("brushing",), levels=(3,), share=0.03, tables=("orders",)
    )
    truth = build(folder, plan)
    return pl.read_parquet(folder / "orders/**/*.parquet", hive_partitioning=False), truth


def separability(values: pl.Series, guilty: pl.Series) -> float:
    """Area under the ROC curve of a figure, at least a half whichever way it points."""
    ranks = rankdata(values.cast(pl.Float64).fill_null(values.cast(pl.Float64).median()).to_numpy())
    flags = guilty.to_numpy()
    count = int(flags.sum())
    area = (ranks[flags].sum() - count * (count + 1) / 2) / (count * (len(flags) - count))
    return float(max(area, 1 - area))


def marked(best: tuple[pl.DataFrame, Truth]) -> pl.DataFrame:
    orders, truth = best
    ids = {
        entity: truth.entities.filter(pl.col("entity") == entity)["entity_id"].implode()
        for entity in ("seller", "buyer")
    }
    return orders.with_columns(
        pl.col("seller_id").is_in(ids["seller"]).alias("shop_guilty"),
        (pl.col("seller_id").is_in(ids["seller"]) & pl.col("buyer_id").is_in(ids["buyer"])).alias("guilty"),
        (pl.col("paid_at") - pl.col("created_at")).dt.total_seconds().alias("to_pay"),
        (pl.col("shipped_at") - pl.col("paid_at")).dt.total_seconds().alias("to_ship"),
        (pl.col("received_at") - pl.col("shipped_at")).dt.total_seconds().alias("to_confirm"),
        pl.col("created_at").dt.hour().alias("hour"),
        pl.col("created_at").dt.second().alias("second"),
    )


def test_no_column_of_an_order_gives_the_best_brushing_away(best: tuple[pl.DataFrame, Truth]) -> None:
    orders = marked(best)
    assert orders["guilty"].sum() > 100
    for name in (
        "amount",
        "quantity",
        "refund_amount",
        "dwell_s",
        "to_pay",
        "to_ship",
        "to_confirm",
        "hour",
        "second",
    ):
        assert separability(orders[name], orders["guilty"]) < 0.75, name
    for name in ("gtin", "buyer_device", "buyer_ip", "waybill_no", "dwell_s"):
        assert separability(orders[name].is_null(), orders["guilty"]) < 0.65, name
    for name in ("status", "entry", "carrier"):
        for value in orders[name].drop_nulls().unique():
            assert separability(orders[name] == value, orders["guilty"]) < 0.75, (name, value)
    shared = pl.len().over("buyer_device"), pl.len().over("buyer_ip"), pl.len().over("address_hash")
    for column in shared:
        figure = orders.select(column.alias("shared"))["shared"]
        assert separability(figure, orders["guilty"]) < 0.8


def test_no_figure_of_a_shop_gives_the_best_brushing_away(best: tuple[pl.DataFrame, Truth]) -> None:
    shops = (
        marked(best)
        .group_by("seller_id")
        .agg(
            pl.col("shop_guilty").first(),
            pl.len().alias("orders"),
            pl.col("amount").cast(pl.Float64).mean(),
            pl.col("dwell_s").median(),
            pl.col("to_confirm").median(),
            (pl.col("buyer_device").n_unique() / pl.len()).alias("devices"),
            (pl.col("address_hash").n_unique() / pl.len()).alias("addresses"),
            (pl.col("entry") == "link").mean().alias("links"),
            (pl.col("status") == "refunded").mean().alias("refunded"),
        )
    )
    assert shops["shop_guilty"].sum() >= 8
    for name in shops.columns[2:]:
        assert separability(shops[name], shops["shop_guilty"]) < 0.9, name


def test_lower_levels_are_clumsier(tmp_path: Path) -> None:
    figures = []
    for level in (1, 3):
        plan = Plan(
            seed=8,
            orders=40_000,
            months=2,
            kinds=("brushing",),
            levels=(level,),
            share=0.03,
            tables=("orders",),
        )
        truth = build(tmp_path / str(level), plan)
        orders = pl.read_parquet(tmp_path / str(level) / "orders/**/*.parquet", hive_partitioning=False)
        ring = marked((orders, truth)).filter("guilty").unique("buyer_id")
        figures.append(ring["buyer_device"].n_unique() / np.maximum(ring.height, 1))
    assert figures[0] < figures[1]
