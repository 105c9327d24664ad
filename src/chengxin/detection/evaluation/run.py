"""`make eval`: every detector on invented markets, beside the plain ways of ranking, over seeds that nobody
tunes on.

For each seed a market of `chengxin.market` is written, all detectors are asked, and what they list is held
against the truth, which lies outside the lake.

Time: the months of a market are cut in the middle (`periods`). The detectors are asked about the lake as it
stood at the cut, and at the end about what began after it; sought is who was at it in that half (`activity`).
Boosted trees are taught at the cut, on the markets of other seeds, and asked the same.

Schemes held out: boosted trees are taught on other seeds (`LEARN`) with everything, and without each level
and each kind of scheme, which they then meet for the first time (`machines`).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from chengxin.detection.detectors import NAMES
from chengxin.detection.evaluation.machines import LEARN, Lessons, Taught, lessons, taught
from chengxin.detection.evaluation.markets import Pair, market
from chengxin.detection.evaluation.page import write
from chengxin.detection.evaluation.table import Row
from chengxin.detection.evaluation.ways import rows_of

REPORTED = range(101, 111)
"""The seeds of the tables in the docs. Nothing is ever tuned on them."""

ORDERS = 300_000
PAGE = Path("docs/evaluation/detection.md")


def lesson(seed: int, *, orders: int, names: Sequence[str]) -> Lessons:
    """What there is to learn from the market of a seed."""
    return lessons(market(seed, orders, names, ["before"]))


def figures(seed: int, *, orders: int, names: Sequence[str], trees: Mapping[Pair, Taught]) -> list[Row]:
    """How every way of ranking did on the market of a seed."""
    asked = market(seed, orders, names, ["before", "after"])
    sys.stderr.write(f"seed {seed}: {len(asked.whole.leads)} leads in {asked.whole.seconds:.0f} s\n")
    return [replace(row, orders=orders) for row in rows_of(asked, names, trees)]


def kept(path: Path) -> list[Row]:
    """The figures that a file holds, one a line."""
    with path.open(encoding="utf-8") as lines:
        return [Row(**json.loads(line)) for line in lines]


def keep(rows: Sequence[Row], path: Path) -> None:
    """Put figures into a file; those of the same detectors and seeds that it held are replaced."""
    new = {(row.detector, row.seed) for row in rows}
    old = [row for row in kept(path) if (row.detector, row.seed) not in new] if path.exists() else []
    beside = path.with_name(f".{path.name}.part")
    with beside.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(asdict(row)) + "\n" for row in (*old, *rows))
    beside.replace(path)


@contextmanager
def _mapping(jobs: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """`map`, or one that does several at once in processes of their own; results come in order."""
    if jobs < 2:
        yield map
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield pool.map


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask about every seed and write the page; or write it from figures that were kept."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--seeds", default=f"{REPORTED.start}-{REPORTED.stop - 1}", help="101-110, or 3")
    given.add_argument("--orders", type=int, default=ORDERS, help="honest orders of each market, roughly")
    given.add_argument("--detector", action="append", choices=NAMES, help="only this one; may be repeated")
    given.add_argument("--out", type=Path, default=PAGE, help="the page")
    given.add_argument("--keep", type=Path, help="a file that gets every figure; the page tells all in it")
    given.add_argument("--jobs", type=int, default=1, help="so many markets at once, each in a process")
    given.add_argument(
        "--from", type=Path, dest="source", help="ask nobody: write the page from kept figures"
    )
    chosen = given.parse_args(arguments)
    if chosen.source is not None:
        write(kept(chosen.source), chosen.out)
        return 0
    first, _, last = chosen.seeds.partition("-")
    names = [name for name in NAMES if name in (chosen.detector or NAMES)]
    rows: list[Row] = []
    with _mapping(chosen.jobs) as each:
        began = time.monotonic()
        trees = taught(each(partial(lesson, orders=chosen.orders, names=names), LEARN), each)
        sys.stderr.write(
            f"taught on seeds {LEARN.start}-{LEARN.stop - 1}: {time.monotonic() - began:.0f} s\n"
        )
        asking = partial(figures, orders=chosen.orders, names=names, trees=trees)
        for found in each(asking, range(int(first), int(last or first) + 1)):
            rows += found
            if chosen.keep is not None:
                keep(found, chosen.keep)
    write(rows if chosen.keep is None else kept(chosen.keep), chosen.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
