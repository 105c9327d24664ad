"""The nightly run over a filled home: everything at first, then as much as changed.

It runs on a copy of the home's database, so that the other parts find the archive as it was filled.
Run as `python -m bench.nightly HOME RECORDS` it changes so many records: a third each is new, corrected and
withdrawn.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import orjson
import psycopg

from bench.figures import Figure, Part, Reach
from bench.fill import Size
from bench.processes import Database, Run, chengxin, database, python, run
from chengxin.database.start import start

CHANGES = (0, 1_000, 10_000)
MINUTES = 10.0
"""The first run over a million subjects and five million records is to take no longer."""

_COPY = "nights"
_SEED = 4


def measure(home: Path, size: Size, changes: tuple[int, ...] = CHANGES) -> Part:
    """Run for the first time, then after each number of changes."""
    with database(home) as db, _copy(db) as url:
        given = {"DATABASE_URL": url}
        command = chengxin("nightly", "--home", str(home), "--json")
        first = run(command, db.postmaster, given)
        later = []
        for number in changes:
            if number:
                run(python("nightly", str(home), str(number)), db.postmaster, given)
            later.append((number, run(command, db.postmaster, given)))
    return Part(
        title=f"Nightly run: {size.subjects:,} subjects, {size.records:,} records",
        groups=(
            (_figure("first run, everything new", size.records, first),),
            *((_figure(f"run after {number:,} changed records", number, done),) for number, done in later),
        ),
        reaches=(
            Reach("First run", first.seconds / 60, MINUTES, at_most=True, unit="minutes"),
            *(
                Reach(
                    f"{number:,} changes against the first run",
                    done.seconds / first.seconds,
                    0.5,
                    at_most=True,
                )
                for number, done in later
            ),
        ),
        notes=(
            f"First run: {_said(first)}.",
            *(f"After {number:,} changes in {done.seconds:.1f} s: {_said(done)}." for number, done in later),
            "Timed from the start of the command to its exit; the start alone takes about as long as the run "
            "without changes.",
        ),
    )


def _figure(name: str, records: int, done: Run) -> Figure:
    return Figure(
        name=f"**chengxin nightly**: {name}",
        rate=max(records, 1) / done.seconds,
        unit="records/s" if records else "runs/s",
        seconds=done.seconds,
        memory=done.memory,
        server_memory=done.server_memory,
    )


def _said(done: Run) -> str:
    report = orjson.loads(done.output.splitlines()[-1])
    parts = [f"{one['count']:,} {one['part']}" for one in report["parts"] if one["count"]]
    return ", ".join(parts) or "nothing to do"


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
    yield urlunsplit(parts._replace(path=f"/{_COPY}"))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{_COPY}" WITH (FORCE)'.encode())


# --- changes ------------------------------------------------------------------------------------------------


def change(home: Path, number: int) -> None:
    """Keep so many records that are new, correct or withdraw others, as the exchange would."""
    start(home)
    from chengxin.archive.models import RECORD  # noqa: PLC0415 - models can be read once the home is there
    from chengxin.ledger.actions import appending  # noqa: PLC0415

    today = datetime.now(UTC).date().isoformat()
    with appending() as log:
        draw = random.Random(log.size + _SEED)  # noqa: S311 - no secret
        columns = [*RECORD.columns, "payload"]
        named = ", ".join(f'"{one}"' for one in ["id", *columns])
        found = log.cursor.execute(
            f"""SELECT {named} FROM archive_record r WHERE id = ANY(%s) AND operation = 'new'
            AND NOT EXISTS (SELECT FROM archive_record l WHERE l.refers_to_id = r.id) LIMIT %s""".encode(),
            [draw.sample(range(log.size), min(log.size, 4 * number)), number],
        ).fetchall()
        rows = [
            _changed(dict(zip(["id", *columns], one, strict=True)), at, today, draw)
            for at, one in enumerate(found)
        ]
        log.keep(RECORD, [[one[column] for column in columns] for one in rows])


def _changed(row: dict[str, Any], at: int, today: str, draw: random.Random) -> dict[str, Any]:
    operation = ("new", "correction", "withdrawal")[at % 3]
    row |= {
        "operation": operation,
        "refers_to_id": None if operation == "new" else row["id"],
        "key": str(UUID(int=draw.getrandbits(128))) if operation == "new" else str(row["key"]),
        "digest": str(UUID(int=draw.getrandbits(128))),
    }
    for name in ("item_version", "publish_from", "publish_until"):
        row[name] = row[name].isoformat() if row[name] else None
    row["date"] = today if operation == "new" else row["date"].isoformat()
    if operation == "correction":
        row["payload"] = orjson.dumps(orjson.loads(row["payload"]) | {"CF_NR_FK": "30.000000"}).decode()
    return row


if __name__ == "__main__":
    change(Path(sys.argv[1]), int(sys.argv[2]))
