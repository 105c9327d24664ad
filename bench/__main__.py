"""`make bench`: measure this project side by side with its peers and write docs/benchmarks.md."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import platformdirs
import typer
from rich.console import Console

from bench import ingest, lake, lookup, nightly, pages, report, screening
from bench.figures import Part
from bench.fill import Size, counted, filled
from bench.load import MEASURE
from bench.processes import ROOT, CommandFailed, python, run_through

ROWS, SUBJECTS, RECORDS = 1_000_000, 1_000_000, 5_000_000
NIGHTS = 100_000
"""Subjects of the nightly run where nothing else is said: a million takes a quarter of an hour more."""

_PAGE = ROOT / "docs" / "benchmarks.md"


class Only(StrEnum):
    """A part of the benchmark."""

    ingest = "ingest"
    lookup = "lookup"
    pages = "pages"
    screen = "screen"
    nightly = "nightly"
    lake = "lake"


def _folder() -> Path:
    """Where files and homes are kept from one run to the next."""
    named = os.environ.get("CHENGXIN_BENCH_HOME")
    return Path(named) if named else Path(platformdirs.user_cache_dir("chengxin", appauthor=False)) / "bench"


def main(  # noqa: PLR0917 - options of the command line
    rows: Annotated[int, typer.Option(min=100, help="rows of the penalty file")] = ROWS,
    subjects: Annotated[
        int, typer.Option(min=200, help="subjects of the look-up, the pages and the screening")
    ] = SUBJECTS,
    records: Annotated[int, typer.Option(min=100, help="their records")] = RECORDS,
    nights: Annotated[int, typer.Option(min=2_000, help="subjects of the nightly run")] = NIGHTS,
    orders: Annotated[
        int | None,
        typer.Option(min=10_000, help=f"orders of the lake: {lake.ORDERS}, or those of the largest --lake"),
    ] = None,
    spark_orders: Annotated[
        int, typer.Option(min=0, help="orders of the lake that is asked on Spark, too; 0: Spark is left out")
    ] = lake.ON_SPARK,
    lakes: Annotated[
        list[Path] | None,
        typer.Option("--lake", help="a filled lake, used for the size that it has; repeatable"),
    ] = None,
    only: Annotated[Only | None, typer.Option(help="one part alone")] = None,
    home: Annotated[
        Path | None, typer.Option(help="a filled home, such as chengxin demo --scale makes")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.5, help="how long each server is asked")] = MEASURE,
    write: Annotated[
        Path | None, typer.Option(help="where the report goes, instead of docs/benchmarks.md")
    ] = None,
) -> None:
    """Measure ingest, look-up, pages, screening, the nightly run and the detectors; print the figures.

    They are written down when everything was measured in full; with --only and --write, those of one part
    take the place of its last ones. Archives and lakes are filled once and kept in CHENGXIN_BENCH_HOME, else
    in the platform's cache folder.

    Example: python -m bench --rows 100000 --only ingest
    """
    busy = os.getloadavg()[0]
    try:
        plan = lake.planned(orders, spark_orders, lakes or [])
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--lake") from wrong
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    archive = home or folder / f"archive-{subjects}-{records}"
    if only not in (Only.ingest, Only.nightly, Only.lake) and home is None:
        _fill(archive, Size(subjects, records))
    size = Size(subjects, records) if home is None else counted(home)
    steps: dict[Only, Callable[[], Part]] = {
        Only.ingest: lambda: ingest.measure(rows, folder),
        Only.lookup: lambda: lookup.measure(archive, size, seconds),
        Only.pages: lambda: pages.measure(archive, size),
        Only.screen: lambda: screening.measure(archive, size),
        Only.nightly: lambda: nightly.measure([(home, size)] if home else _by_nights(folder, nights)),
        Only.lake: lambda: lake.measure(plan, folder, _say),
    }
    parts = []
    for name, step in steps.items():
        if only in (None, name):
            _say(f"Measuring {name.value} …")
            parts.append(step())
    _say(report.figures(parts), plain=True)
    in_full = rows >= ROWS and size.subjects >= SUBJECTS and size.records >= RECORDS
    in_full = in_full and plan.orders >= lake.ORDERS
    if write is not None or (only is None and in_full):
        path = write or _PAGE
        command, today = _command(rows, size, nights, plan, home, seconds), datetime.now(UTC).date()
        if only is None:
            page = report.report(parts, command, today, busy)
        else:
            last = path if path.exists() else _PAGE
            command = f"{command} --only {only.value}"
            page = report.renewed(last.read_text(encoding="utf-8"), parts[0], command, today, busy)
        path.write_text(page, encoding="utf-8")
        _say(f"Written to {path}")


def _fill(home: Path, size: Size) -> None:
    if filled(home) is None:
        _say(f"Filling {home} with {size.subjects:,} subjects and {size.records:,} records (once) …")
        run_through(python("fill", str(home), str(size.subjects), str(size.records)))


def _by_nights(folder: Path, subjects: int) -> list[tuple[Path, Size]]:
    """The homes of the nightly run: a smaller one, then that with so many subjects."""
    sizes = [
        Size(number, number * nightly.RECORDS_EACH) for number in (subjects // nightly.SMALLER, subjects)
    ]
    homes = [(folder / f"archive-{one.subjects}-{one.records}", one) for one in sizes]
    for home, size in homes:
        _fill(home, size)
    return homes


def _command(  # noqa: PLR0917 - as the options of the command line
    rows: int, size: Size, nights: int, plan: lake.Plan, home: Path | None, seconds: float
) -> str:
    """The command that measures the same again; folders are everybody's own."""
    given = {"--rows": (rows, ROWS), "--seconds": (seconds, MEASURE), "--orders": (plan.orders, lake.ORDERS)}
    given |= {"--spark-orders": (plan.on_spark, lake.ON_SPARK)}
    if home is None:
        given |= {"--subjects": (size.subjects, SUBJECTS), "--records": (size.records, RECORDS)}
        given |= {"--nights": (nights, NIGHTS)}
    options = [f"{name} {value}" for name, (value, usual) in given.items() if value != usual]
    return " ".join(["python -m bench", *options, *(["--home DIR"] if home else [])])


def _say(text: str, *, plain: bool = False) -> None:
    Console(stderr=not plain, highlight=False, soft_wrap=True).print(text, markup=False)


if __name__ == "__main__":
    try:
        typer.run(main)
    except CommandFailed as failed:
        _say(str(failed))
        sys.exit(1)
