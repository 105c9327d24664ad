"""A market is cut at a date: each half knows what was known at its end, and no trade stands in both."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from chengxin.detection.evaluation.activity import moments, split
from chengxin.detection.evaluation.periods import halves, known
from chengxin.detection.tests.lakes import written
from chengxin.market import Plan, Truth, build

PLAN = Plan(seed=3, orders=20_000, months=2)
BEFORE, AFTER = halves(PLAN)


def on(month: int, day: int) -> datetime:
    """Noon of a day."""
    return datetime(2026, month, day, 12, tzinfo=UTC)


def order(
    name: str, created: datetime, sent: datetime | None, got: datetime | None, status: str
) -> dict[str, object]:
    """An order with the moments of its life."""
    return {
        "order_id": name, "platform": "harbour", "created_at": created, "paid_at": created,
        "shipped_at": sent, "received_at": got, "status": status,
        "refund_amount": 10 if status == "refunded" else 0,
        "waybill_no": f"w-{name}" if sent else None, "carrier": "swift" if sent else None,
    }  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Orders about the first of February, with what belongs to them."""
    moment = pl.Datetime("us", "UTC")
    orders = pl.DataFrame(
        [
            order("over", on(1, 3), on(1, 4), on(1, 8), "received"),
            order("on its way", on(1, 30), on(1, 31), on(2, 3), "received"),
            order("not sent", on(1, 31), on(2, 2), on(2, 5), "received"),
            order("back later", on(1, 10), on(1, 11), on(1, 15), "refunded"),
            order("back", on(1, 10), on(1, 11), on(1, 15), "refunded"),
            order("new", on(2, 10), on(2, 11), on(2, 14), "received"),
        ],
        schema_overrides=dict.fromkeys(("created_at", "paid_at", "shipped_at", "received_at"), moment),
    )
    parcels = orders.select("waybill_no", "carrier", "order_id", created_at="shipped_at")
    return written(
        tmp_path_factory.mktemp("cut"),
        orders=orders,
        parcels=parcels,
        scans=[
            {"waybill_no": "w-on its way", "carrier": "swift", "at": on(1, 31)},
            {"waybill_no": "w-on its way", "carrier": "swift", "at": on(2, 3)},
            {"waybill_no": "w-new", "carrier": "swift", "at": on(2, 12)},
        ],
        payments=[
            {"payment_id": "p1", "order_id": "back", "kind": "refund", "paid_at": on(1, 20)},
            {"payment_id": "p2", "order_id": "back later", "kind": "refund", "paid_at": on(2, 20)},
            {"payment_id": "p3", "order_id": None, "kind": "transfer", "paid_at": on(2, 20)},
        ],
        ratings=[
            {"rating_id": "r1", "order_id": "on its way", "created_at": on(2, 4)},
            {"rating_id": "r2", "order_id": "over", "created_at": on(1, 9)},
            {"rating_id": "r3", "order_id": "new", "created_at": on(2, 15)},
        ],
        sellers=[
            {"seller_id": "old", "opened_at": on(1, 1)},
            {"seller_id": "young", "opened_at": on(2, 9)},
        ],
        marks=[{"domain": "mark.cn"}],
    )


def table(lake: Path, name: str) -> pl.DataFrame:
    """A table of a lake."""
    return pl.read_parquet(lake / name / "*.parquet")


def test_the_first_half_knows_nothing_of_what_came_later(lake: Path, tmp_path: Path) -> None:
    known(lake, BEFORE, tmp_path)
    found = {row["order_id"]: row for row in table(tmp_path, "orders").iter_rows(named=True)}
    assert {name: row["status"] for name, row in found.items()} == {
        "over": "received", "on its way": "shipped", "not sent": "paid", "back later": "received",
        "back": "refunded",
    }  # fmt: skip
    assert found["on its way"]["received_at"] is None
    assert found["not sent"]["waybill_no"] is None
    assert found["back later"]["refund_amount"] == 0
    assert found["back"]["refund_amount"] == 10
    assert table(tmp_path, "scans")["at"].to_list() == [on(1, 31)]
    assert table(tmp_path, "ratings")["rating_id"].to_list() == ["r2"]
    assert table(tmp_path, "payments")["payment_id"].to_list() == ["p1"]
    assert table(tmp_path, "sellers")["seller_id"].to_list() == ["old"]
    assert table(tmp_path, "marks").height == 1


def test_the_second_half_has_no_trade_from_before(lake: Path, tmp_path: Path) -> None:
    known(lake, AFTER, tmp_path)
    assert table(tmp_path, "orders")["order_id"].to_list() == ["new"]
    assert table(tmp_path, "ratings")["rating_id"].to_list() == ["r3"]
    assert table(tmp_path, "parcels")["waybill_no"].to_list() == ["w-new"]
    assert table(tmp_path, "scans")["at"].to_list() == [on(2, 12)]
    assert table(tmp_path, "payments")["payment_id"].to_list() == ["p3"]
    assert set(table(tmp_path, "sellers")["seller_id"]) == {"old", "young"}


def test_every_guilty_entity_of_a_market_is_dated_within_it(tmp_path: Path) -> None:
    truth = build(tmp_path, PLAN)
    when = moments(tmp_path, truth, PLAN)
    key = ["detector", "entity", "platform", "entity_id"]
    assert when.select(key).unique().height == truth.entities.select(key).unique().height
    assert when.filter(pl.col("at") < PLAN.start - 86_400).is_empty()
    assert when.filter(pl.col("at") >= PLAN.end).is_empty()
    found, aside = (
        pl.concat(parts) for parts in zip(*(split(when, half) for half in (BEFORE, AFTER)), strict=True)
    )
    assert found.unique().height == when.select(key).unique().height  # in one half at least
    single = pl.col("entity").is_in(["rating", "waybill"])  # a row of its own lies in one half alone
    assert found.filter(single).is_unique().all()
    assert found.filter(single).height == aside.filter(single).height


def test_who_did_little_in_a_half_is_neither_found_nor_honest_there() -> None:
    who = {"detector": "brushing", "entity": "seller", "platform": "harbour"}
    days = {"steady": [5, 20, 35, 50], "early": [3, 4, 5, 6, 7, 8, 9, 10, 11, 45]}
    when = pl.DataFrame(
        [
            {**who, "entity_id": name, "at": BEFORE.since + day * 86_400}
            for name, some in days.items()
            for day in some
        ]
    )
    found, aside = split(when, AFTER)
    assert found["entity_id"].to_list() == ["steady"]
    assert aside["entity_id"].to_list() == ["early"]
    assert split(when, BEFORE)[1].is_empty()


def test_a_market_without_schemes_has_nobody_to_date(tmp_path: Path) -> None:
    plan = Plan(seed=4, orders=20_000, months=2, levels=(), twins=False)
    truth = build(tmp_path, plan)
    assert moments(tmp_path, truth, plan).is_empty()
    assert isinstance(truth, Truth)
