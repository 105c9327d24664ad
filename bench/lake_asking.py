"""The lakes that are measured, and what is asked of them: each a process of its own, kept as it comes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import orjson

from bench import lake_fill
from bench.attempts import Journal, Outcome, attempt
from bench.figures import GIB
from bench.lake_scans import CORES, Scan, of_lake
from bench.processes import python, run_through
from chengxin.detection.evaluation.engines import differing
from chengxin.lake.casting import literal
from chengxin.lake.contract import tables

MEMORY = 16
"""GiB that a process may take; one that takes more is ended, and that is its result."""

_CORES = {"POLARS_MAX_THREADS": str(CORES), "SPARK_MASTER": f"local[{CORES}]"}


@dataclass(frozen=True)
class Lake:
    """A filled lake: its rows by table, and the bytes of its files."""

    folder: Path
    rows: Mapping[str, int]
    size: int

    @property
    def orders(self) -> int:
        """How many orders it holds."""
        return self.rows.get("orders", 0)

    def __str__(self) -> str:
        return f"{self.orders:,} orders"


def opened(folder: Path) -> Lake:
    """The lake in a folder, whoever filled it; ValueError when it holds no orders."""
    rows = {name: _rows(folder / name) for name in tables() if any((folder / name).rglob("*.parquet"))}
    if not rows.get("orders"):
        raise ValueError(f"{folder} holds no orders as Parquet")
    return Lake(folder, rows, sum(one.stat().st_size for one in folder.rglob("*.parquet")))


def _rows(table: Path) -> int:
    asked = (
        f"SELECT count(*) FROM read_parquet({literal(f'{table}/**/*.parquet')}, hive_partitioning = false)"
    )
    with duckdb.connect() as connection:
        return int(connection.execute(asked).fetchall()[0][0])


@dataclass(frozen=True)
class Both:
    """A detector on both engines: what it took by engine, how many entities are listed by any of them, and
    about how many of these the two leads differ; None where an engine failed."""

    took: Mapping[str, Outcome]
    leads: int | None
    differences: int | None


@dataclass(frozen=True)
class Asking:
    """Where lakes are (those that were given, else filled below `folder`), and where results are kept."""

    folder: Path
    given: tuple[Lake, ...]
    journal: Journal

    def lake(self, orders: int) -> Lake:
        """The lake with so many orders; it is filled when it isn't there, or was filled by other rules."""
        for one in self.given:
            if one.orders == orders:
                return one
        folder = self.folder / f"lake-{orders}"
        if lake_fill.told(folder) is None:
            self.journal.say(f"Filling a lake of {orders:,} orders (once) …")
            run_through(python("lake_fill", "--out", str(folder), "--orders", str(orders)))
        return opened(folder)

    def scans(self, small: Lake) -> tuple[Scan, ...]:
        """A plain scan of each table that is read, on the columns that the detectors read of a small lake.

        On all columns where that can't be told.
        """
        command = python("lake_work", "columns", str(small.folder))
        found = self._outcome(f"{small}: which columns the detectors read", command).said
        return of_lake(found or {name: list(table.names) for name, table in tables().items()})

    def scanned(self, lake: Lake, engine: str, *scans: Scan) -> Outcome:
        """Plain scans, one after the other in one process: the seconds are theirs, without its start."""
        named = orjson.dumps([[one.table, one.keys, one.columns] for one in scans]).decode()
        what = f"scan of {scans[0]}" if len(scans) == 1 else f"scans of {len(scans)} tables"
        done = self._outcome(
            f"{lake}, {engine}: {what}", python("lake_work", "scan", str(lake.folder), engine, named)
        )
        return done if done.failed else replace(done, seconds=done.said["seconds"], cpu=done.said["cpu"])

    def detected(self, lake: Lake, detector: str | None) -> Outcome:
        """`chengxin detect` on DuckDB with one detector, or all; `said` is what it says in JSON."""
        with tempfile.TemporaryDirectory() as scratch:
            return self._outcome(
                f"{lake}, duckdb: {detector or 'all detectors'}",
                _detect(lake, detector, Path(scratch, "leads.jsonl")),
            )

    def on_both(self, lake: Lake, detector: str) -> Both:
        """`chengxin detect` with one detector on each engine; what they found is laid side by side."""
        found = self.journal.kept(f"{lake}, both engines: {detector}", lambda: self._compared(lake, detector))
        took = {engine: Outcome(**one) for engine, one in found["took"].items()}
        return Both(took, found["leads"], found["differences"])

    def _compared(self, lake: Lake, detector: str) -> dict[str, Any]:
        took, leads = {}, []
        with tempfile.TemporaryDirectory() as scratch:
            for engine in ("duckdb", "spark"):
                out = Path(scratch, engine)
                took[engine] = self._attempted([*_detect(lake, detector, out), "--engine", engine])
                lines = out.read_bytes().splitlines() if out.exists() else []
                leads.append([orjson.loads(line) for line in lines])
        if any(one["failed"] for one in took.values()):
            return {"took": took, "leads": None, "differences": None}
        listed = {(one["entity"], one["platform"], one["entity_id"]) for some in leads for one in some}
        return {"took": took, "leads": len(listed), "differences": len(differing(*leads))}

    def _outcome(self, what: str, command: list[str]) -> Outcome:
        return Outcome(**self.journal.kept(what, lambda: self._attempted(command)))

    def _attempted(self, command: list[str]) -> dict[str, Any]:
        done = attempt(command, _CORES, most=MEMORY * GIB)
        self.journal.say(
            f"    {done.seconds:.1f} s, CPU {done.cpu:.1f} s, {done.memory / GIB:.1f} GiB"
            + (f"; {done.failed}" if done.failed else "")
        )
        return asdict(done)


def _detect(lake: Lake, detector: str | None, out: Path) -> list[str]:
    named = ["--detector", detector] if detector else []
    return python("lake_work", "detect", "--lake", str(lake.folder), "--out", str(out), *named)
