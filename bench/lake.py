"""The supervision models over a large lake: beside plain scans, over ten times as much, and on Spark."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench import lake_fill
from bench.figures import GIB, Figure, Part, Reach
from bench.lake_work import CORES
from bench.processes import Run, python, run, run_through
from chengxin.detection.detectors import NAMES

ORDERS = 5_000_000
"""Orders of the lake where nothing else is said; the plan asks for fifty millions: `--orders 50000000`."""

SMALLER = 10
"""How many times smaller the lake is that the growth is told by."""

ON_SPARK = 100_000
"""Orders of the lake that both engines are asked about: Spark starts slowly, however small it is."""

AGAINST_SCAN = 8.0
"""How many times as long as a plain scan with group-by all detectors may take."""

MEMORY = 16.0
"""GiB that the process may take."""


@dataclass(frozen=True)
class _Measured:
    """What was measured of one lake: plain scans of it, all detectors in one process.

    scans, polars: seconds of `one` (the orders by seller) and of each table. each: seconds of each detector;
    what several share is reckoned with the first.
    """

    orders: int
    rows: int
    size: int
    scans: dict[str, float]
    polars: dict[str, float]
    together: Run
    leads: int
    each: dict[str, float]

    @property
    def one(self) -> float:
        """Seconds of the plain scan of the orders."""
        return self.scans["one"]

    @property
    def every(self) -> float:
        """Seconds of the plain scans of all tables."""
        return _every(self.scans)


def measure(orders: int, folder: Path) -> Part:
    """Fill (once) what lakes are needed below `folder`, and ask all detectors about them."""
    small, large = (_measure(folder, number) for number in (orders // SMALLER, orders))
    on_both = min(ON_SPARK, orders)
    compared = _on_both(_filled(folder, on_both)[0])
    return Part(
        title=f"Supervision models: a lake of {large.orders:,} orders, {large.rows:,} rows",
        groups=tuple(_group(one) for one in (small, large)),
        reaches=(
            Reach(
                "all detectors against a scan with group-by of every table",
                large.together.seconds / large.every,
                AGAINST_SCAN,
                at_most=True,
            ),
            Reach(
                "all detectors against a scan with group-by of the orders alone",
                large.together.seconds / large.one,
                AGAINST_SCAN,
                at_most=True,
            ),
            Reach("highest memory", large.together.memory / GIB, MEMORY, at_most=True, unit="GiB"),
            Reach(
                "detectors with the same leads on DuckDB and on Spark",
                sum(not one["differences"] and not one["failed"] for one in compared),
                len(NAMES),
                at_most=False,
                unit="detectors",
            ),
        ),
        notes=(
            f"{large.size / 1e9:.1f} GB of Parquet, {large.leads:,} leads; ten times smaller: "
            f"{small.size / 1e9:.2f} GB, {small.leads:,} leads.",
            f"On {CORES} cores; the detectors are timed from the start of the command to its exit, the scans "
            "without the start of Python, the median of three.",
            f"Ten times the orders take {large.together.seconds / small.together.seconds:.1f} times as long, "
            f"the scan of every table {large.every / small.every:.1f} times.",
        ),
        tables=(_by_detector(small, large), _by_engine(compared, on_both)),
    )


def _filled(folder: Path, orders: int) -> tuple[Path, int]:
    """The lake with so many orders, and how many rows it has."""
    lake = folder / f"lake-{orders}"
    if lake_fill.told(lake) is None:
        run_through(python("lake_fill", "--out", str(lake), "--orders", str(orders)))
    told = lake_fill.told(lake) or {"rows": {}}
    return lake, sum(told["rows"].values())


def _measure(folder: Path, orders: int) -> _Measured:
    lake, rows = _filled(folder, orders)
    scans, polars = (
        orjson.loads(run(python("lake_work", "scan", str(lake), one), None).output)
        for one in ("duckdb", "polars")
    )
    with tempfile.TemporaryDirectory() as scratch:
        leads = Path(scratch, "leads.jsonl")
        together = run(
            python("lake_work", "detect", "--lake", str(lake), "--out", str(leads)),
            None,
            {"POLARS_MAX_THREADS": str(CORES)},
        )
    said = orjson.loads(together.output)
    each = {name: said["detectors"][name]["seconds"] for name in NAMES}
    size = sum(one.stat().st_size for one in lake.rglob("*.parquet"))
    return _Measured(orders, rows, size, scans, polars, together, said["leads"], each)


def _on_both(lake: Path) -> list[dict[str, Any]]:
    done = run(python("lake_work", "engines", str(lake)), None, {"SPARK_MASTER": f"local[{CORES}]"})
    return [orjson.loads(line) for line in done.output.splitlines()]


def _every(scans: dict[str, float]) -> float:
    return sum(seconds for table, seconds in scans.items() if table != "one")


def _group(one: _Measured) -> tuple[Figure, ...]:
    size = f"{one.orders:,} orders"
    return (
        Figure(
            name=f"**chengxin detect**: {size}, all detectors",
            rate=one.orders / one.together.seconds,
            unit="orders/s",
            seconds=one.together.seconds,
            memory=one.together.memory,
            note=f"CPU {one.together.cpu:.1f} s",
        ),
        *(
            Figure(f"{size}: {name}", one.orders / seconds, "orders/s", seconds)
            for name, seconds in (
                ("DuckDB scans every table, grouped", one.every),
                ("DuckDB scans the orders, grouped", one.one),
                ("Polars scans every table, grouped", _every(one.polars)),
                ("Polars scans the orders, grouped", one.polars["one"]),
            )
        ),
    )


def _by_detector(small: _Measured, large: _Measured) -> str:
    """Each detector's seconds, and how many times as long as the plain scans."""
    head = (
        "Each detector", f"{small.orders:,} orders", f"{large.orders:,} orders", "growth",
        "against every table", "against the orders",
    )  # fmt: skip
    rows = [
        (
            name,
            f"{before:.1f} s",
            f"{after:.1f} s",
            f"{after / max(before, 0.05):.1f} ×",
            f"{after / large.every:.2f} ×",
            f"{after / large.one:.1f} ×",
        )
        for name, before, after in (
            *((f"`{name}`", small.each[name], large.each[name]) for name in NAMES),
            ("all", small.together.seconds, large.together.seconds),
        )
    ]
    return _markdown(head, rows)


def _by_engine(compared: Sequence[dict[str, Any]], orders: int) -> str:
    """Each detector on both engines, one after the other in one process."""
    head = (
        f"The same on both engines, {orders:,} orders",
        "DuckDB",
        f"Spark local[{CORES}]",
        "leads",
        "equal",
    )
    rows = [
        (
            f"`{one['detector']}`",
            f"{one['seconds']['duckdb']:.1f} s",
            f"{one['seconds']['spark']:.1f} s",
            f"{one['leads']['duckdb']:,}",
            _verdict(one),
        )
        for one in compared
    ]
    return _markdown(head, rows)


def _verdict(one: dict[str, Any]) -> str:
    if one["failed"]:
        return f"**failed on {', '.join(one['failed'])}**"
    return f"**{one['differences']} differ**" if one["differences"] else "yes"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *(["---:"] * (len(head) - 1))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
