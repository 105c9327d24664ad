"""The supervision models over a large lake: beside plain scans, over ten times as much, and on Spark."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import chengxin
from bench.attempts import Journal
from bench.figures import Part
from bench.lake_asking import Asking, Lake, opened
from bench.lake_parts import PARTS, Lakes, on_both_engines
from bench.lake_scans import CORES, TIMES

ORDERS = 5_000_000
"""Orders of the lake where nothing else is said; the plan asks for fifty millions: `--orders 50000000`."""

SMALLER = 10
"""How many times smaller the lake is that the growth is told by."""

ON_SPARK = 20_000
"""Orders of the lake that both engines are asked about: Spark starts slowly, however small it is. None: Spark
isn't asked."""


@dataclass(frozen=True)
class Plan:
    """How large the lakes are, and those that are filled already: they are used where they are as large."""

    orders: int
    on_spark: int
    given: tuple[Lake, ...]


def planned(orders: int | None, on_spark: int, folders: Sequence[Path]) -> Plan:
    """Where no orders are said, those of the largest lake given. ValueError when a folder holds no lake."""
    given = tuple(map(opened, folders))
    return Plan(orders or max((one.orders for one in given), default=ORDERS), on_spark, given)


def measure(plan: Plan, folder: Path, say: Callable[[str], None]) -> Part:
    """Ask all detectors about the lakes of the plan, filled (once) below `folder` where they aren't given.

    What was measured is kept there as it comes: after an interruption the same program goes on with the rest.
    """
    journal = Journal(folder / "lake.jsonl", _version(), say)
    asking = Asking(folder, plan.given, journal)
    lakes = Lakes(*map(asking.lake, (plan.orders, plan.orders // SMALLER, plan.on_spark or ON_SPARK)))
    parts = [part for part in PARTS if plan.on_spark or part is not on_both_engines]
    pieces = []
    for place, part in enumerate(parts, start=1):
        say(f"({place}/{len(parts)}) {part.__name__.replace('_', ' ')}")
        pieces.append(part(asking, lakes))
    journal.finish()
    return Part(
        title=f"Supervision models: a lake of {lakes.large}",
        groups=tuple(chain.from_iterable(one.groups for one in pieces)),
        reaches=tuple(chain.from_iterable(one.reaches for one in pieces)),
        notes=(*chain.from_iterable(one.notes for one in pieces), _HOW),
        tables=tuple(chain.from_iterable(one.tables for one in pieces)),
    )


_HOW = (
    f"On {CORES} cores, each line a process of its own. Detectors are timed from the start of the command to "
    f"its exit; scans without the start of Python, the faster of {TIMES} times."
)


def _version() -> str:
    """What is measured, in short: results of another program aren't mixed with this one's."""
    homes = [Path(__file__).parent, *(Path(chengxin.__file__).parent / one for one in ("detection", "lake"))]
    files = sorted(chain.from_iterable(home.rglob("*.py") for home in homes))
    return hashlib.sha256(b"".join(one.read_bytes() for one in files if "tests" not in one.parts)).hexdigest()
