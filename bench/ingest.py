"""Rows a second of the ingest, end to end, against parsing alone, a bare COPY, and frictionless."""

from __future__ import annotations

import shutil
from datetime import date
from itertools import islice
from pathlib import Path

import orjson

from bench.figures import Figure, Part, Reach, memory_reach
from bench.processes import CommandFailed, Database, Run, chengxin, database, python, run

SAMPLE = 20_000
"""Rows that frictionless validates; its time grows with the rows, so its rate stands for all of them."""

ROWS_A_SUBJECT = 5
"""All of the subjects are new to the empty home."""

SOURCE = "福建省市场监督管理局"
TODAY = date(2026, 6, 30)
"""No decision in the file is later."""

MOST_OF_COPY = 2.0
LEAST_OF_FRICTIONLESS = 20.0


def measure(rows: int, folder: Path) -> Part:
    """Take a file of `rows` penalties into an empty home in `folder`, and do the same with the peers."""
    file = _file(rows, folder)
    sample = _sample(file, folder)
    home = folder / "ingest"
    shutil.rmtree(home, ignore_errors=True)
    try:
        with database(home) as db:
            parsed = _floor(db, "parse", file)
            copied = _floor(db, "copy", file, db.url)
            schema = _floor(db, "schema", sample, TODAY.isoformat())
            rules = _floor(db, "rules", sample, TODAY.isoformat())
            ours = _ours(db, file, rows)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    megabytes = file.stat().st_size / 1e6
    least = LEAST_OF_FRICTIONLESS
    return Part(
        title=f"Ingest: {rows:,} penalties on {_subjects(rows):,} subjects in one CSV of {megabytes:,.0f} MB",
        groups=((ours, parsed, copied, schema, rules),),
        reaches=(
            Reach("ingest time against COPY", copied.rate / ours.rate, MOST_OF_COPY, at_most=True),
            Reach(f"ingest rate against {schema.name}", ours.rate / schema.rate, least, at_most=False),
            Reach(f"ingest rate against {rules.name}", ours.rate / rules.rate, least, at_most=False),
            memory_reach([ours]),
        ),
        notes=(
            "Ingest: from the start of the command to its exit, in an empty home whose database is up.",
            "COPY: the parsed rows into a plain logged table of texts, no key or index, same server.",
            f"frictionless validates the first {min(SAMPLE, rows):,} rows; its rate stands for the whole.",
            f"{least:g} times {schema.name} would be {least * schema.rate / copied.rate:.1f} times the COPY.",
        ),
    )


def _subjects(rows: int) -> int:
    return max(100, rows // ROWS_A_SUBJECT)


def _file(rows: int, folder: Path) -> Path:
    """The file, made once."""
    path = folder / f"penalties-{rows}-{ROWS_A_SUBJECT}.csv"
    if not path.exists():
        from chengxin.demo.bench_file import write_penalty_file  # noqa: PLC0415

        draft = path.with_suffix(".draft")
        write_penalty_file(draft, rows, _subjects(rows), today=TODAY)
        draft.rename(path)
    return path


def _sample(file: Path, folder: Path) -> Path:
    path = folder / "sample.csv"
    with file.open("rb") as lines, path.open("wb") as some:
        some.writelines(islice(lines, SAMPLE + 1))
    return path


def _floor(db: Database, way: str, file: Path, *more: str) -> Figure:
    done = run(python("floors", way, str(file), *more), db.postmaster)
    said = orjson.loads(done.output)
    names = {
        "parse": ("Polars parses the file", ""),
        "copy": ("COPY of the parsed rows", ""),
        "schema": ("frictionless by a Table Schema", f"{said['rows']:,} rows"),
        "rules": ("frictionless by the same rules", f"{said['rows']:,} rows"),
    }
    name, note = names[way]
    return Figure(
        name=name,
        note=note,
        rate=said["rows"] / said["seconds"],
        unit="rows/s",
        seconds=said["seconds"],
        memory=done.memory,
        server_memory=done.server_memory if way == "copy" else None,
    )


def _ours(db: Database, file: Path, rows: int) -> Figure:
    command = ["ingest", str(file), "--item", "penalty", "--source", SOURCE, "--home", str(db.home), "--json"]
    done = run(chengxin(*command), db.postmaster)
    _check(done, rows)
    return Figure(
        name="**chengxin ingest**",
        rate=rows / done.seconds,
        unit="rows/s",
        seconds=done.seconds,
        memory=done.memory,
        server_memory=done.server_memory,
    )


def _check(done: Run, rows: int) -> None:
    receipt = orjson.loads(done.output.strip().splitlines()[-1])
    if receipt["rows"] != rows or receipt["kept"] != rows:
        raise CommandFailed(f"not all rows were kept: {receipt}")
