"""A home for the look-up and the screening: a million subjects with five million penalties, made once.

The rows are those of the demonstration, written into the sealed tables chunk by chunk as the exchange writes
them, leaves and signed heads included, but without the checks and the matching that the ingest is timed for.
No batch stands behind them: an archive to measure with, not one that `chengxin ledger verify` accepts.
Run as `python -m bench.fill HOME SUBJECTS RECORDS`.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
import psycopg

from bench.processes import database
from chengxin.database.start import start

_DONE = "filled.json"


@dataclass(frozen=True)
class Size:
    """How many subjects and records a home holds."""

    subjects: int
    records: int


def filled(home: Path) -> Size | None:
    """The size of a home that was filled to the end, else None."""
    try:
        known = orjson.loads((home / _DONE).read_bytes())
    except FileNotFoundError:
        return None
    return Size(known["subjects"], known["records"])


def counted(home: Path) -> Size:
    """The size of any home."""
    with database(home) as db, psycopg.connect(db.url) as connection:
        found = connection.execute(
            "SELECT (SELECT count(*) FROM registry_subject), (SELECT count(*) FROM archive_record)"
        ).fetchone()
    return Size(*found) if found else Size(0, 0)


def fill(home: Path, size: Size) -> None:
    """Fill an empty home; minutes for a million subjects. ValueError when the home has other content."""
    if filled(home) == size:
        return
    if (home / "postgres").exists():
        raise ValueError(f"{home} holds something else than {size}; give an empty folder")
    start(home)
    from bench.writing import write  # noqa: PLC0415 - models can be read once the home is there

    began = time.monotonic()
    write(size.subjects, size.records, datetime.now(UTC).date())
    spent = {"subjects": size.subjects, "records": size.records, "seconds": round(time.monotonic() - began)}
    (home / _DONE).write_bytes(orjson.dumps(spent))


if __name__ == "__main__":
    fill(Path(sys.argv[1]), Size(int(sys.argv[2]), int(sys.argv[3])))
