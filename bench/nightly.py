"""The nightly run, on a small archive and on one ten times as large: at first, then after a day's changes.

It runs on copies of the homes' databases, so that the other parts find the archives as they were filled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import orjson
import psycopg

from bench.figures import Figure, Part, Reach, memory_reach
from bench.fill import Size
from bench.processes import Database, Run, chengxin, database, python, run

CHANGES = (0, 1_000, 10_000)
RECORDS_EACH = 5
"""Records a subject of the archives that are filled for the nightly run."""

SMALLER = 10
"""How many times smaller the archive is that the growth is told by."""

FIRST, DAILY, IDLE = 10.0, 2.0, 10.0
"""Minutes for the first run over everything and for that after 10,000 changes, seconds for an idle one."""

GROWTH = 2.0
"""How many times as long a run with the same changes may take over an archive that is ten times as large."""

_COPY = "nights"
_HOUR = 3_600.0


@dataclass(frozen=True)
class _Night:
    """What was measured of one archive: the first run, those after changes, and other ways to do it."""

    size: Size
    first: Run
    later: tuple[tuple[int, Run], ...]
    scan: float
    everyone: float
    missed: int

    def after(self, changes: int) -> Run:
        """The run after so many changes."""
        return dict(self.later)[changes]


def measure(homes: Sequence[tuple[Path, Size]], changes: tuple[int, ...] = CHANGES) -> Part:
    """Run over each home, the smallest first: for the first time, then after each number of changes."""
    nights = [_measure(home, size, changes) for home, size in homes]
    large = nights[-1]
    most = max(changes)
    reaches = [
        Reach("first run", large.first.seconds / 60, FIRST, at_most=True, unit="minutes"),
        Reach(
            f"run after {most:,} changes", large.after(most).seconds / 60, DAILY, at_most=True, unit="minutes"
        ),
        Reach("run without changes", large.after(0).seconds, IDLE, at_most=True, unit="seconds"),
        *(
            Reach(
                f"after {number:,} changes, against the same over {SMALLER} times fewer subjects",
                done.seconds / night.after(number).seconds,
                GROWTH,
                at_most=True,
            )
            for night in nights[:-1]
            for number, done in large.later
        ),
        *(
            Reach(
                f"after {number:,} changes, against asking everyone in SQL",
                done.seconds / large.everyone,
                1.0,
                at_most=True,
            )
            for number, done in large.later
        ),
        memory_reach([figure for night in nights for group in _groups(night) for figure in group]),
    ]
    return Part(
        title=f"Nightly run: {large.size.subjects:,} subjects, {large.size.records:,} records",
        groups=tuple(group for night in nights for group in _groups(night)),
        reaches=tuple(reaches),
        notes=(
            *(note for night in nights for note in _notes(night)),
            "Of the changes nine in ten are records (a third each new, correcting, withdrawing), one in "
            "twenty a decision that was served and is to be published, one in twenty an entry whose last day "
            "was yesterday.",
            "Timed from the start of the command to its exit. CPU seconds are told apart: what else the "
            "machine does hardly moves them.",
        ),
    )


def _groups(night: _Night) -> tuple[tuple[Figure, ...], ...]:
    """The first run beside the other ways to look at everything, then each later run alone."""
    size, records = f"{night.size.subjects:,} subjects", night.size.records
    return (
        (
            _figure(f"{size}, first run", night.first, records, "records/s"),
            Figure(f"{size}: a bare scan of all records", records / night.scan, "records/s", night.scan),
            Figure(f"{size}: asking everyone in SQL", records / night.everyone, "records/s", night.everyone),
        ),
        *(
            (
                _figure(f"{size}, after {number:,} changes", done, number, "changes/s")
                if number
                else _figure(f"{size}, without changes", done, _HOUR, "runs/h"),
            )
            for number, done in night.later
        ),
    )


def _figure(name: str, done: Run, units: float, unit: str) -> Figure:
    return Figure(
        name=f"**chengxin nightly**: {name}",
        rate=units / done.seconds,
        unit=unit,
        seconds=done.seconds,
        memory=done.memory,
        server_memory=done.server_memory,
        note=f"CPU {done.cpu:.1f} s, PostgreSQL {done.server_cpu:.1f} s",
    )


def _notes(night: _Night) -> Iterator[str]:
    size = f"{night.size.subjects:,} subjects"
    yield f"{size}, first run: {_said(night.first)}."
    for number, done in night.later:
        yield f"{size}, after {number:,} changes: {_said(done)}."
    yield f"{size}: everyone asked in SQL afterwards, {night.missed:,} candidates had been missed."


def _said(done: Run) -> str:
    report = orjson.loads(done.output.splitlines()[-1])
    parts = [f"{one['count']:,} {one['part']}" for one in report["parts"] if one["count"]]
    return ", ".join(parts) or "nothing to do"


def _measure(home: Path, size: Size, changes: tuple[int, ...]) -> _Night:
    with database(home) as db, _copy(db) as url:
        given = {"DATABASE_URL": url}
        command = chengxin("nightly", "--home", str(home), "--json")
        run(python("night_work", "prepare", str(home)), db.postmaster, given)
        first = run(command, db.postmaster, given)
        later = []
        for number in changes:
            if number:
                run(python("night_work", "change", str(home), str(number)), db.postmaster, given)
            later.append((number, run(command, db.postmaster, given)))
        asked = run(python("night_work", "everyone", str(home)), db.postmaster, given)
        told = orjson.loads(asked.output.splitlines()[-1])
    return _Night(size, first, tuple(later), told["scan"], told["everyone"], told["missed"])


@contextmanager
def _copy(db: Database) -> Iterator[str]:
    """The URL of a copy of the home's database, which goes with the block."""
    parts = urlsplit(db.url)
    name = parts.path.lstrip("/")
    admin = urlunsplit(parts._replace(path="/template1"))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{_COPY}" WITH (FORCE)'.encode())
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        connection.execute(f'CREATE DATABASE "{_COPY}" TEMPLATE "{name}" STRATEGY file_copy'.encode())
    try:
        yield urlunsplit(parts._replace(path=f"/{_COPY}"))
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{_COPY}" WITH (FORCE)'.encode())
