"""What is timed over a lake, each in a process of its own, on two cores.

Run as `python -m bench.lake_work JOB ARGUMENTS`; each prints JSON:

- columns LAKE: by table the columns that the detectors read;
- scan LAKE ENGINE SCANS: plain scans (`lake_scans.py`), given as JSON; their time and computing;
- detect ARGUMENTS: `chengxin detect` with these arguments, DuckDB's memory bounded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from bench.lake_scans import CORES, DUCKDB_MEMORY, Scan, timed


def _columns(lake: str) -> None:
    from bench.lake_columns import columns_read  # noqa: PLC0415 - a process does one of these things

    _say(columns_read(Path(lake)))


def _scan(lake: str, engine: str, scans: str) -> None:
    given = [Scan(table, tuple(keys), tuple(columns)) for table, keys, columns in orjson.loads(scans)]
    spent = [timed(Path(lake), engine, one) for one in given]
    _say({what: sum(one[what] for one in spent) for what in ("seconds", "cpu")})


def _detect(*arguments: str) -> None:
    from chengxin.cli.main import main  # noqa: PLC0415

    sys.argv = ["chengxin", "detect", "--memory", DUCKDB_MEMORY, "--json", *arguments]
    main()


def _say(found: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(found))


_JOBS: dict[str, Callable[..., None]] = {"columns": _columns, "scan": _scan, "detect": _detect}


def main(arguments: Sequence[str]) -> None:
    """Do one job."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    job, *rest = arguments
    _JOBS[job](*rest)


if __name__ == "__main__":
    main(sys.argv[1:])
