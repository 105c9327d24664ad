"""What stands from the last run: the leads of each detector, and what of the lake it looked at.

A detector whose files are still the same, asked by the same program on the same engine, would find the same;
its leads are taken from here. Of new or changed partitions only those detectors are asked that look at their
tables. So the leads equal those of a run without this, always.

Each detector has one file, written whole or not at all: a run that breaks off keeps what it has, and two runs
at once can only do the same work twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

import chengxin.detection
import chengxin.lake
from chengxin.detection.declaring import Detector, Lead, Signal
from chengxin.detection.lines import write_lines
from chengxin.lake.folders import Note
from chengxin.lake.reading import Lake

REACHES_INTO = ("duckdb", "ibis-framework", "numpy", "polars", "scipy", "tldextract")
"""Libraries in whose other version the same rows might come to other figures."""


@dataclass(frozen=True)
class Stood:
    """What a detector found, and what it could not look at."""

    leads: tuple[Lead, ...]
    notes: tuple[Note, ...]


States = Mapping[str, Sequence[tuple[str, int, int]]]
"""The files of each table as they are: path, bytes, and when they were written."""


@dataclass(frozen=True)
class Standing:
    """A folder that keeps what was found between runs. It may be thrown away at any time."""

    folder: Path

    def beside(self, lake: Lake) -> Beside:
        """It beside a lake as it is now, before anything of it is read: what changes while a detector reads
        is asked about again."""
        return Beside(self.folder, lake.engine.name, {name: list(_files(lake, name)) for name in lake.files})


@dataclass(frozen=True)
class Beside:
    """What was found between runs, beside a lake in a certain state."""

    folder: Path
    engine: str
    states: States

    def recalled(self, detector: Detector) -> Stood | None:
        """What the detector would find; None when it must be asked."""
        try:
            head, *lines = self._path(detector).read_bytes().splitlines()
            kept = orjson.loads(head)
            if kept["mark"] != self._mark(kept["tables"]) or kept["leads"] != len(lines):
                return None
            signals = {one.name: one for one in detector.signals}
            return Stood(
                tuple(_lead(orjson.loads(line), signals) for line in lines),
                tuple(Note(*note) for note in kept["notes"]),
            )
        except (OSError, ValueError, LookupError, TypeError):
            return None  # not there, cut off, or of another make: it is asked again

    def keep(self, detector: Detector, looked_at: Iterable[str], stood: Stood) -> None:
        """Keep what the detector found by looking at these tables."""
        self.folder.mkdir(parents=True, exist_ok=True)
        tables = sorted(looked_at)
        head = {
            "mark": self._mark(tables),
            "tables": tables,
            "leads": len(stood.leads),
            "notes": [astuple(note) for note in stood.notes],
        }
        write_lines(self._path(detector), [head, *map(_row, stood.leads)])

    def _path(self, detector: Detector) -> Path:
        return self.folder / f"{detector.name}.jsonl"

    def _mark(self, tables: Sequence[str]) -> str:
        """Changes when a file of these tables does, the program, or the engine."""
        told = {
            "engine": self.engine,
            "program": _program(),
            "files": {name: self.states.get(name, ()) for name in tables},
        }
        return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _files(lake: Lake, table: str) -> Iterator[tuple[str, int, int]]:
    for paths in lake.files[table].by_format.values():
        for path in sorted(paths):
            told = path.stat()
            yield str(path), told.st_size, told.st_mtime_ns


@cache
def _program() -> str:
    """The code of the models and of the lake, and the libraries that reckon for it."""
    seen = hashlib.sha256()
    for name in REACHES_INTO:
        seen.update(f"{name} {version(name)}\n".encode())
    for package in (chengxin.detection, chengxin.lake):
        root = Path(package.__path__[0])
        for path in sorted(one for one in root.rglob("*") if one.is_file()):
            if not {"tests", "__pycache__"} & {*path.parts}:
                seen.update(path.read_bytes())
    return seen.hexdigest()


def _row(lead: Lead) -> list[Any]:
    """A lead to its last digit: what is written for others is rounded."""
    return [
        lead.detector, lead.entity, lead.entity_id, lead.platform, lead.score, lead.window,
        [[one.signal.name, one.signal.zh, one.signal.en, one.value, one.baseline] for one in lead.signals],
        [*lead.orders], [*lead.waybills], [*lead.accounts], lead.ring,
    ]  # fmt: skip


def _lead(row: Sequence[Any], signals: Mapping[str, Signal]) -> Lead:
    detector, entity, entity_id, platform, score, window, seen, orders, waybills, accounts, ring = row
    return Lead(
        detector, entity, entity_id, platform, score, (window[0], window[1]),
        tuple(
            # Some sentences name whom this one lead is about.
            replace(signals[name], zh=zh, en=en).seen(value, baseline)
            for name, zh, en, value, baseline in seen
        ),
        tuple(orders), tuple(waybills), tuple(accounts), ring,
    )  # fmt: skip
