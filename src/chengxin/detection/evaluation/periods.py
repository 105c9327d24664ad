"""A market cut in two at a date: the lake as it stood then, and what began afterwards.

Both halves are lakes of their own. The first holds what was known when its last day ended: an order that had
not arrived yet is only sent, a refund still to come isn't there. The second holds what began after the cut,
and of orders and parcels from before it nothing at all: no row stands in both, and none is torn in two.
Shops, goods, closed shops and marked sites are known from when they were entered, in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from chengxin.market import Plan

STANDING = {"listings": "at", "sellers": "opened_at", "listed": "listed_at", "marks": None}
OF_ORDERS = {"ratings": "created_at", "parcels": "created_at", "payments": "paid_at"}
ALONE = {"visits": "at", "prices": "at", "queries": "at"}


@dataclass(frozen=True)
class Period:
    """A stretch of time, in epoch seconds: from `since` on, before `until`."""

    name: str
    since: int
    until: int


def halves(plan: Plan) -> tuple[Period, Period]:
    """The months of a market before and after the middle."""
    starts = plan.month_starts()
    cut = starts[plan.months // 2]
    return Period("before", starts[0], cut), Period("after", cut, starts[-1])


def known(lake: Path, period: Period, target: Path) -> None:
    """Write into `target` the lake as it stood at the end of a period, without what began before it."""
    orders = _orders(lake, period) if (lake / "orders").is_dir() else None
    tables: dict[str, pl.LazyFrame] = {} if orders is None else {"orders": orders.lazy()}
    for name, clock in (STANDING | OF_ORDERS | ALONE).items():
        if (lake / name).is_dir():
            rows = _read(lake, name)
            if clock is not None:
                rows = rows.filter(_before(clock, period.until))
            if clock is not None and name not in STANDING:
                rows = rows.filter(~_before(clock, period.since))
            if name in OF_ORDERS and orders is not None:
                theirs = pl.col("order_id").is_in(orders["order_id"].implode())
                rows = rows.filter(pl.col("order_id").is_null() | theirs)
            tables[name] = rows
    if (lake / "scans").is_dir():
        sent = tables["parcels"].select("carrier", "waybill_no").unique()
        scans = _read(lake, "scans").filter(_before("at", period.until))
        tables["scans"] = scans.join(sent, on=["carrier", "waybill_no"], how="semi")
    for name, rows in tables.items():
        (target / name).mkdir(parents=True, exist_ok=True)
        rows.collect().write_parquet(target / name / "known.parquet", compression="zstd", compression_level=1)


def _read(lake: Path, name: str) -> pl.LazyFrame:
    rows = pl.scan_parquet(lake / name / "**/*.parquet", hive_partitioning=True)
    return rows.drop("month", strict=False)


def _before(clock: str, moment: int) -> pl.Expr:
    return (pl.col(clock) < datetime.fromtimestamp(moment, UTC)).fill_null(value=False)


def _orders(lake: Path, period: Period) -> pl.DataFrame:
    """The orders of a period as they stood at its end: what came later is taken back."""
    rows = _read(lake, "orders").filter(
        _before("created_at", period.until), ~_before("created_at", period.since)
    )
    late = pl.lit(value=False)
    if (lake / "payments").is_dir():
        back = (
            _read(lake, "payments")
            .filter(pl.col("kind") == "refund", ~_before("paid_at", period.until))
            .select(pl.col("order_id").drop_nulls().unique())
            .collect()["order_id"]
        )
        late = pl.col("order_id").is_in(back.implode())
    paid, sent, got = (_before(clock, period.until) for clock in ("paid_at", "shipped_at", "received_at"))
    reached = (
        pl.when(got).then(pl.lit("received")).when(sent).then(pl.lit("shipped")).otherwise(pl.lit("paid"))
    )
    over = pl.col("status").is_in(["cancelled", "refunded"]) & ~late
    return rows.with_columns(
        status=pl.when(over).then("status").otherwise(reached),
        refund_amount=pl.when(late).then(pl.col("refund_amount") * 0).otherwise("refund_amount"),
        paid_at=pl.when(paid).then("paid_at"),
        shipped_at=pl.when(sent).then("shipped_at"),
        received_at=pl.when(got).then("received_at"),
        waybill_no=pl.when(sent).then("waybill_no"),
        carrier=pl.when(sent).then("carrier"),
    ).collect()
