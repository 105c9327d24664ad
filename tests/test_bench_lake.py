"""The lake that the benchmark fills: one as any other, in which every detector has something to look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from bench.attempts import Outcome
from bench.lake_asking import opened
from bench.lake_columns import columns_read
from bench.lake_fill import BEGIN, Size, fill, told
from bench.lake_parts import grown, told_apart
from bench.lake_scans import ENGINES, Scan, of_lake, of_orders, statement
from chengxin.detection.detectors import NAMES, detector
from chengxin.detection.running import run
from chengxin.lake.contract import tables
from chengxin.lake.engines import DuckEngine
from chengxin.lake.inspecting import inspect
from chengxin.lake.reading import open_lake

SIZE = Size(orders=5_000, days=10)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small one."""
    folder = tmp_path_factory.mktemp("lake")
    fill(folder, SIZE)
    yield folder


def _read(lake: Path, table: str) -> pl.DataFrame:
    return pl.read_parquet(lake / table / "**/*.parquet", hive_partitioning=False)


def test_every_table_is_as_the_contract_wants_it(lake: Path) -> None:
    outcome = inspect(lake, now=datetime(2026, 7, 1))  # noqa: DTZ001 - UTC, as the lake says it
    assert not outcome.not_taken
    assert {one.table for one in outcome.reports} == set(tables())
    for report in outcome.reports:
        assert report.rows > 0
        assert (report.refused, report.duplicates, report.unknown) == (0, 0, []), report.table
        # That parcels are signed for before they were collected is a scheme.
        assert {one.rule for one in report.findings} <= {"route"}, report.table


def test_there_are_as_many_rows_as_was_said(lake: Path) -> None:
    said = told(lake)
    assert said is not None
    assert said["rows"] == {table: _read(lake, table).height for table in tables()}
    orders, scans = _read(lake, "orders"), _read(lake, "scans")
    assert orders.height == orders["order_id"].n_unique() == SIZE.orders
    assert orders.select((pl.col("created_at") >= BEGIN.replace(tzinfo=None)).all()).item()
    assert 4.5 < scans.height / _read(lake, "parcels").height <= 5


def test_the_rows_of_a_file_come_in_the_order_of_their_times(lake: Path) -> None:
    for name, table in tables().items():
        for file in (lake / name).rglob("*.parquet"):
            assert file.name == "rows.parquet"
            if table.clock:
                times = pl.read_parquet(file, hive_partitioning=False)[table.clock]
                assert times.is_sorted(), file
                assert file.parent.name == f"month={times[0]:%Y-%m}"


def test_every_detector_looks_at_it_and_finds_what_was_put_there(lake: Path) -> None:
    engine = DuckEngine(memory="1GB")
    try:
        found = run(open_lake(lake, engine), [detector(name) for name in NAMES])
    finally:
        engine.close()
    assert found.failed == ()
    assert found.notes == ()
    assert {one.detector for one in found.leads} >= {
        "brushing",
        "empty_parcels",
        "forged_logistics",
        "re_entry",
    }
    listed = {
        one.entity_id for one in found.leads if (one.detector, one.entity) == ("empty_parcels", "waybill")
    }
    empty = _read(lake, "parcels").filter(pl.col("sender_id").str.starts_with("x"))
    assert listed, "some of those that weigh the same for one sender"
    assert listed <= {*empty["waybill_no"]}, "and no others"


def test_a_given_lake_is_known_by_its_rows(lake: Path, tmp_path: Path) -> None:
    found = opened(lake)
    assert found.orders == SIZE.orders
    assert found.rows == {table: _read(lake, table).height for table in tables()}
    with pytest.raises(ValueError, match="no orders"):
        opened(tmp_path)


def test_the_columns_are_those_that_a_detector_reads_of_all_rows(lake: Path) -> None:
    read = columns_read(lake, ["data_scraping", "price_fraud"])
    assert set(read) == {"queries", "orders", "prices"}
    assert {"account_id", "subject_id", "purpose"} <= set(read["queries"])
    assert {"product_id", "price", "list_price", "at"} <= set(read["prices"])
    # Neither asks from where somebody bought: only a look at the first rows of a table touches all columns.
    assert "created_at" in read["orders"]
    assert "buyer_ip" not in read["orders"]


def test_a_plain_scan_groups_all_rows_of_a_table_on_every_engine(lake: Path) -> None:
    natural = of_lake({"orders": ["seller_id", "amount", "created_at", "entry"], "scans": ["lat"]})
    assert natural == (
        Scan("orders", ("platform", "seller_id", "buyer_id"), ("amount", "created_at", "entry")),
        Scan("scans", ("carrier", "waybill_no"), ("lat",)),
    )
    files = f"read_parquet('{lake}/orders/**/*.parquet', hive_partitioning = false)"
    with duckdb.connect() as connection:
        found = connection.execute(statement(natural[0], files, '"')).to_arrow_table()
        sellers = connection.execute(statement(of_orders(), files, '"')).to_arrow_table().num_rows
    assert sum(found["r0"].to_pylist()) == SIZE.orders
    assert found.num_columns == 3 + 5
    assert sellers == _read(lake, "orders").select("platform", "seller_id").n_unique()
    for engine in ("duckdb", "polars"):
        for scan in (*natural, of_orders()):
            ENGINES[engine](lake, scan)()


def test_a_run_that_failed_is_told_without_a_ratio() -> None:
    small = Outcome(2.0, 3.0, 2**30, {"detectors": {"brushing": {"seconds": 0.5, "leads": 4}}})
    large = Outcome(10.0, 15.0, 2**32, {"detectors": {"brushing": {"seconds": 2.0, "leads": 12}}})
    assert grown("all", small, large) == [
        ["all: time", "2.0 s", "10.0 s", "5.0 ×"],
        ["all: computing", "3.0 s", "15.0 s", "5.0 ×"],
        ["all: highest memory", "1,024 MiB", "4,096 MiB", "4.0 ×"],
    ]
    assert told_apart(small, large)[0] == ["`brushing`", "0.5 s", "2.0 s", "4.0 ×", "4", "12", "3.0 ×"]
    failed = Outcome(10.0, 15.0, 2**32, {}, "took more than 16 GiB")
    assert grown("all", small, failed)[0] == [
        "all: time",
        "2.0 s",
        "**took more than 16 GiB** after 10.0 s",
        "",
    ]
    assert told_apart(small, failed)[0] == ["`brushing`", "0.5 s", "", "", "4", "", ""]
