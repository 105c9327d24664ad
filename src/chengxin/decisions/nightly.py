"""The nightly run: what the day and the archive's news bring about in the lists, and in the rooms above.

In parts, each in transactions of its own: whoever is killed has done whole ones, and the next run goes on.
Run twice on a day it changes nothing. Its cost grows with what changed: the archive's news are read by ranges
of leaves behind a watermark, what the clock brings by indexes on days and states.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from chengxin.decisions import changes, due
from chengxin.ledger.actions import appending, raw_cursor

Part = Callable[[date], int]

NIGHT = "night"

NIGHTLY: list[tuple[str, Part]] = []
"""What rooms above add to the run, in order: a name and a function (today) → how many it concerned."""

Progress = changes.Progress


@dataclass(frozen=True)
class Done:
    """One part of a run: how many cases, entries or tasks it concerned, and how long it took, in seconds."""

    part: str
    count: int
    seconds: float


@dataclass(frozen=True)
class Report:
    """A run: its day, and what each part did."""

    day: date
    parts: tuple[Done, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many, by part."""
        return {one.part: one.count for one in self.parts}

    @property
    def seconds(self) -> float:
        """How long it took altogether."""
        return sum(one.seconds for one in self.parts)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "day": self.day.isoformat(),
            "seconds": round(self.seconds, 3),
            "parts": [
                {"part": one.part, "count": one.count, "seconds": round(one.seconds, 3)} for one in self.parts
            ],
        }


def nightly(today: date, progress: Progress | None = None) -> Report:
    """Run once for a day; `progress` (part, how many, share of it from 0 to 1) is told as it goes."""
    report = Report(today, tuple(_run(today, progress)))
    with appending() as log:
        due.remember(log, NIGHT, log.size, today)
    return report


def last_night() -> date | None:
    """The day of the last run that came to its end, None where there was none."""
    found = raw_cursor().execute("SELECT day FROM decisions_watermark WHERE name = %s", [NIGHT]).fetchone()
    return found[0] if found else None


def _run(today: date, progress: Progress | None) -> Iterator[Done]:
    yield _timed("expired", due.expire, today, progress)
    yield _timed("notices_closed", due.close_notices, today, progress)
    began = time.monotonic()
    found = changes.carry_on(today, progress) + changes.look_again(today)
    spent = time.monotonic() - began
    for name in ("candidates", "imported", "withdrawn", "questioned"):
        yield Done(name, found[name], spent if name == "candidates" else 0.0)
    yield _timed("published", due.publish, today, progress)
    yield _timed("red_removed", due.red_after_black, today, progress)
    yield _timed("reminded", due.remind, today, progress)
    for name, part in NIGHTLY:
        yield _timed(name, part, today, progress)


def _timed(name: str, part: Part, today: date, progress: Progress | None) -> Done:
    began = time.monotonic()
    count = part(today)
    if progress:
        progress(name, count, 1.0)
    return Done(name, count, time.monotonic() - began)
