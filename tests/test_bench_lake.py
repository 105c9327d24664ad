"""The lake that the benchmark fills: one as any other, in which every detector has something to look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from bench.lake_fill import BEGIN, Size, fill, told
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
    # All parcels of these goods are empty: there are no heavier ones of them to compare with.
    assert "always_light" in {
        seen.signal.name for one in found.leads if one.detector == "empty_parcels" for seen in one.signals
    }
