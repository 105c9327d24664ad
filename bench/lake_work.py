"""What is timed over a lake, each in a process of its own, on two cores.

Run as `python -m bench.lake_work scan LAKE ENGINE | detect ARGUMENTS … | engines LAKE`:

- scan: the floors. A plain scan of the orders, grouped by seller; and one of every table, all its columns
  read and grouped once. Prints the seconds of each as JSON, the median of three, without Python's start.
- detect: `chengxin detect` with these arguments, DuckDB's memory bounded.
- engines: every detector on DuckDB and on Spark; prints a JSON line for each.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
import orjson
import polars as pl

from chengxin.lake.casting import literal, quoted
from chengxin.lake.contract import Table, tables

CORES = 2
DUCKDB_MEMORY = "10GB"
"""What DuckDB may take of the 16 GB: the rest is for Python and Polars, where what it found is weighed."""

TIMES = 3

ENTITIES = {
    "orders": "seller_id", "ratings": "ratee_id", "parcels": "sender_id", "scans": "courier_id",
    "payments": "payee_id", "visits": "seller_id", "prices": "product_id", "listings": "seller_id",
    "queries": "account_id", "listed": "seller_id", "sellers": "region", "marks": "domain",
}  # fmt: skip
"""By what the plain scan of a table is grouped: whom its rows are about."""


def scan(lake: Path, engine: str) -> dict[str, float]:
    """Seconds of the plain scans: of `one` (the orders by seller), then of each table."""
    one, every = {"duckdb": (_duckdb_one, _duckdb_every), "polars": (_polars_one, _polars_every)}[engine]
    there = [table for name, table in tables().items() if (lake / name).is_dir()]
    return {"one": _timed(one(lake)), **{table.name: _timed(every(lake, table)) for table in there}}


def _timed(job: Callable[[], object]) -> float:
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        job()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def _keys(table: Table) -> list[str]:
    return list(dict.fromkeys([*filter(None, [table.partition]), ENTITIES[table.name]]))


def _duckdb_one(lake: Path) -> Callable[[], object]:
    return partial(
        _asked,
        "SELECT platform, seller_id, count(*), sum(amount) "
        f"FROM read_parquet({literal(f'{lake}/orders/**/*.parquet')}) GROUP BY ALL",
    )


def _duckdb_every(lake: Path, table: Table) -> Callable[[], object]:
    keys = ", ".join(map(quoted, _keys(table)))
    counts = ", ".join(f"count({quoted(one)})" for one in table.names)
    span = f", min({quoted(table.clock)}), max({quoted(table.clock)})" if table.clock else ""
    files = literal(f"{lake}/{table.name}/**/*.parquet")
    return partial(
        _asked, f"SELECT {keys}, count(*), {counts}{span} FROM read_parquet({files}) GROUP BY {keys}"
    )


def _asked(statement: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {CORES}")
        connection.execute(f"SET memory_limit = {literal(DUCKDB_MEMORY)}")
        connection.execute(statement).to_arrow_table()


def _polars_one(lake: Path) -> Callable[[], object]:
    asked = (
        pl.scan_parquet(f"{lake}/orders/**/*.parquet", hive_partitioning=False)
        .group_by("platform", "seller_id")
        .agg(pl.len(), pl.col("amount").sum())
    )
    return lambda: asked.collect(engine="streaming")


def _polars_every(lake: Path, table: Table) -> Callable[[], object]:
    keys = _keys(table)
    clock = table.clock
    span = [pl.col(clock).min().alias("_min"), pl.col(clock).max().alias("_max")] if clock else []
    asked = (
        pl.scan_parquet(f"{lake}/{table.name}/**/*.parquet", hive_partitioning=False)
        .group_by(keys)
        .agg(
            pl.len().alias("_rows"),
            *(pl.col(one).count() for one in table.names if one not in keys),
            *span,
        )
    )
    return lambda: asked.collect(engine="streaming")


def detect(arguments: list[str]) -> None:
    """`chengxin detect` on two cores, DuckDB's memory bounded; prints what it says as JSON."""
    from chengxin.cli.main import main  # noqa: PLC0415 - a process does one of these things

    sys.argv = ["chengxin", "detect", "--memory", DUCKDB_MEMORY, "--json", *arguments]
    main()


def engines(lake: Path) -> None:
    """Ask each detector on both engines; a line for each: leads, seconds, what differs, who failed."""
    from chengxin.detection.detectors import NAMES  # noqa: PLC0415
    from chengxin.detection.evaluation.engines import both, compared  # noqa: PLC0415

    with both(lake) as lakes:
        for name in NAMES:
            one = compared(lakes, name)
            line = {
                "detector": name, "leads": one.leads, "seconds": one.seconds, "failed": one.failed,
                "differences": len(one.differences),
            }  # fmt: skip
            sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
            sys.stdout.flush()


def _on_two_cores() -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


if __name__ == "__main__":
    _on_two_cores()
    job, *rest = sys.argv[1:]
    if job == "scan":
        sys.stdout.buffer.write(orjson.dumps(scan(Path(rest[0]), rest[1])))
    elif job == "detect":
        detect(rest)
    else:
        engines(Path(rest[0]))
