"""The same JSON without HTTP, in a bare loop of psycopg and our own composition.

Run as `python -m bench.loop URL FILE TODAY SECONDS`.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from itertools import cycle
from pathlib import Path

import orjson
import psycopg

from chengxin.archive.public import LAST, SUBJECT, subject_json
from chengxin.database.reading import OPTIONS

_WARM_UP = 500  # look-ups


def main() -> None:
    """As the module says; prints a line of JSON."""
    url, file, day, seconds = sys.argv[1:]
    codes = cycle(Path(file).read_text(encoding="utf-8").split())
    today, sql, last = date.fromisoformat(day), SUBJECT[False].sql.encode(), int(LAST)
    settings = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
    latencies: list[float] = []
    with psycopg.connect(
        url, autocommit=True, options=settings, cursor_factory=psycopg.RawCursor
    ) as connection:
        cursor = connection.cursor()

        def look_up(code: str) -> None:
            subject_json(cursor.execute(sql, (code, code, today, last), prepare=True).fetchall())

        for _ in range(_WARM_UP):
            look_up(next(codes))
        began = now = time.perf_counter()
        while now < began + float(seconds):
            look_up(next(codes))
            later = time.perf_counter()
            latencies.append(later - now)
            now = later
    latencies.sort()
    found = {
        "requests": len(latencies),
        "seconds": now - began,
        "p50": latencies[len(latencies) // 2] * 1e3,
        "p99": latencies[len(latencies) * 99 // 100] * 1e3,
    }
    sys.stdout.write(orjson.dumps(found).decode() + "\n")


if __name__ == "__main__":
    main()
