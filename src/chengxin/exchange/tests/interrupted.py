"""A program for the crash test: takes a file in again and again, is killed each time, and ends it at last.

python -m chengxin.exchange.tests.interrupted HOME FILE ITEM SOURCE SEED KILLS

Each try is a child of a process that has imported everything, so that nearly all of its short life is the
batch itself. The server outlives the children, as a database does. Prints how often a child was killed at
work, and where.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.settings")

ROWS = 30
"""Rows of a chunk: small, so that a file of some thousand rows has many."""

EARLY = 5
"""Every fifth is killed at any moment from its very start."""

Progress = Callable[[str, int, float], None]
TODAY = date(2026, 7, 1)


def main(home: Path, file: Path, item: str, source: str, *, seed: int, kills: int) -> None:
    """Kill, kill, …, finish."""
    from chengxin.database.start import start

    start(home)
    from django.db import connections

    from chengxin.exchange import actions, batches
    from chengxin.exchange.formats import limits
    from chengxin.registry import pinyin

    limits.BLOCK_LINES = ROWS
    pinyin._tables()  # read once here instead of in each child; it starts no threads
    connections.close_all()
    draw = random.Random(seed)
    killed, reached = 0, []
    while killed < kills:
        heard, told = os.pipe()
        child = os.fork()
        if child == 0:
            actions.ingest_file(file, item, source, TODAY, progress=_telling(told))
            os._exit(0)
        os.close(told)
        if killed % EARLY:  # most die after they have begun to keep rows, some before
            _wait_for_chunks(heard)
        time.sleep(draw.uniform(0.0, 0.25))
        os.close(heard)
        if os.waitpid(child, os.WNOHANG)[0]:
            break  # the batch is at its end: what follows would only read its receipt
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        killed += 1
        reached.append(_chunks())
    receipt = actions.ingest_file(file, item, source, TODAY)
    batches.receipt_given(receipt.batch)
    print(json.dumps({"killed": killed, "reached": reached, "receipt": receipt.as_dict()}))  # noqa: T201


def _wait_for_chunks(heard: int) -> None:
    """Until the child has told of a chunk kept, or has died."""
    os.read(heard, 1)


def _telling(pipe: int) -> Progress:
    def tell(stage: str, rows: int, share: float) -> None:
        if stage == "kept":
            os.write(pipe, b".")

    return tell


def _chunks() -> int:
    """Chunks of the batch that are kept, seen from outside."""
    from django.db import connections

    from chengxin.exchange.models import Batch

    last = Batch.objects.order_by("-id").values_list("chunks", flat=True).first()
    connections.close_all()
    return last or 0


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        sys.argv[3],
        sys.argv[4],
        seed=int(sys.argv[5]),
        kills=int(sys.argv[6]),
    )
