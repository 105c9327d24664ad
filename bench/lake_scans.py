"""The floors: a table of the lake scanned once and grouped, as one would write it by hand for each engine.

Of each group are reckoned: how many rows it has; of a time the first and the last, of a number the sum, of
anything else how often it is there.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from bench.processes import computed
from chengxin.lake.casting import literal
from chengxin.lake.contract import tables

CORES = 2
DUCKDB_MEMORY = "10GB"
"""What DuckDB may take of the 16 GB: the rest is for Python and Polars, where what it found is weighed."""

TIMES = 2

KEYS = {
    "orders": ("seller_id", "buyer_id"), "ratings": ("rater_id",), "parcels": ("sender_id",),
    "scans": ("waybill_no",), "payments": ("payer_id",), "visits": ("visitor_id",), "prices": ("product_id",),
    "listings": ("product_id",), "queries": ("account_id",), "listed": ("seller_id",),
    "sellers": ("seller_id",), "marks": ("domain",),
}  # fmt: skip
"""By what the rows of a table are grouped, beside who reported them."""


@dataclass(frozen=True)
class Scan:
    """A table, by what it is grouped, and the other columns that are read."""

    table: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table} by {' and '.join(self.keys)}"


def of_orders() -> Scan:
    """The least that one would ask: how many orders of how much a seller has."""
    return Scan("orders", ("platform", "seller_id"), ("amount",))


def of_lake(read: dict[str, list[str]]) -> tuple[Scan, ...]:
    """A scan of each table that is read, by its natural key, on the columns that are read."""
    return tuple(_natural(name, columns) for name, columns in read.items())


def _natural(name: str, columns: Sequence[str]) -> Scan:
    reporter = tables()[name].partition
    keys = (*([reporter] if reporter else []), *KEYS[name])
    return Scan(name, keys, tuple(one for one in columns if one not in keys))


def timed(lake: Path, engine: str, scan: Scan) -> dict[str, float]:
    """Seconds and seconds of computing of the faster of two times; starting Python isn't counted."""
    job, spent = ENGINES[engine](lake, scan), []
    for _ in range(TIMES):
        computing, began = computed(os.getpid()), time.perf_counter()
        job()
        spent.append((time.perf_counter() - began, computed(os.getpid()) - computing))
    seconds, cpu = min(spent)
    return {"seconds": seconds, "cpu": cpu}


def statement(scan: Scan, source: str, quote: str) -> str:
    """The scan in SQL; `quote` stands around names."""
    said = [f"{quote}{one}{quote}" for one in scan.keys]
    reckoned = ["count(*)"]
    for one in scan.columns:
        reckoned += [f"{what}({quote}{one}{quote})" for what in _RECKONED[_kind(scan, one)]]
    named = [f"{what} AS r{place}" for place, what in enumerate(reckoned)]
    return f"SELECT {', '.join([*said, *named])} FROM {source} GROUP BY {', '.join(said)}"


_RECKONED = {"time": ("min", "max"), "number": ("sum",), "other": ("count",)}


def _kind(scan: Scan, column: str) -> str:
    kind = next(one.type for one in tables()[scan.table].columns if one.name == column)
    return {"time": "time", "money": "number", "whole": "number", "number": "number"}.get(kind, "other")


def _duckdb(lake: Path, scan: Scan) -> Callable[[], None]:
    files = f"read_parquet({literal(f'{lake}/{scan.table}/**/*.parquet')}, hive_partitioning = false)"
    asked = statement(scan, files, '"')

    def job() -> None:
        with tempfile.TemporaryDirectory(prefix="chengxin-bench-") as spill, duckdb.connect() as connection:
            connection.execute(f"SET temp_directory = {literal(spill)}")
            connection.execute(f"SET threads = {CORES}")
            connection.execute(f"SET memory_limit = {literal(DUCKDB_MEMORY)}")
            connection.execute("SET preserve_insertion_order = false")
            for _ in connection.execute(asked).to_arrow_reader():
                pass

    return job


def _polars(lake: Path, scan: Scan) -> Callable[[], None]:
    reckoned = [pl.len().alias("r")]
    for one in scan.columns:
        reckoned += [
            getattr(pl.col(one), what)().alias(f"{one}_{what}") for what in _RECKONED[_kind(scan, one)]
        ]
    asked = (
        pl.scan_parquet(f"{lake}/{scan.table}/**/*.parquet", hive_partitioning=False)
        .group_by(scan.keys)
        .agg(reckoned)
    )
    return lambda: asked.sink_batches(lambda _batch: None, maintain_order=False, engine="streaming")


def _spark(lake: Path, scan: Scan) -> Callable[[], None]:
    from chengxin.lake.engines import SparkEngine  # noqa: PLC0415 - only this scan needs Spark

    session = SparkEngine().session
    files = [str(one) for one in sorted((lake / scan.table).rglob("*.parquet"))]
    session.read.parquet(*files).createOrReplaceTempView("scanned")
    asked = statement(scan, "scanned", "`")
    return lambda: session.sql(asked).write.format("noop").mode("overwrite").save()


ENGINES: dict[str, Callable[[Path, Scan], Callable[[], None]]] = {
    "duckdb": _duckdb, "polars": _polars, "spark": _spark,
}  # fmt: skip
