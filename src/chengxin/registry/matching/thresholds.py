"""From which probability a match is accepted, and from which a steward is asked: set by persons, kept as
data.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Thresholds:
    """At `accept` or above two descriptions are taken for one subject; from `queue` up to it a steward
    decides.
    """

    accept: float
    queue: float
    in_force: dt.date
    set_by: str
    set_on: dt.date
    why_zh: str
    why_en: str


@cache
def all_thresholds() -> tuple[Thresholds, ...]:
    """Every setting there has been (`thresholds.toml`), oldest first.

    Raises ValueError naming the entry when `queue` isn't below `accept`, or they aren't probabilities.
    """
    text = (resources.files(__package__) / "thresholds.toml").read_text(encoding="utf-8")
    entries = tuple(
        sorted((Thresholds(**entry) for entry in tomllib.loads(text)["threshold"]), key=_in_force)
    )
    for entry in entries:
        if not 0 < entry.queue < entry.accept < 1:
            raise ValueError(
                f"thresholds.toml, {entry.in_force}：须满足 0 < queue < accept < 1，现为 "
                f"queue={entry.queue}、accept={entry.accept} / 0 < queue < accept < 1 must hold"
            )
    return entries


def _in_force(entry: Thresholds) -> dt.date:
    return entry.in_force


def thresholds(on: dt.date) -> Thresholds:
    """The thresholds in force on a day. Raises LookupError before the first."""
    standing = [entry for entry in all_thresholds() if entry.in_force <= on]
    if not standing:
        raise LookupError(f"{on} 尚无匹配阈值 / no matching thresholds were in force on {on}")
    return standing[-1]
