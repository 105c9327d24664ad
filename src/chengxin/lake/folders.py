"""Which files a folder holds of each table, and which of them can't be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow.parquet as pq

from chengxin.lake.contract import Table, tables

Format = Literal["parquet", "csv", "jsonl"]

ENDINGS: dict[str, Format] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".csv.gz": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonl.gz": "jsonl",
}

EMPTY = ("文件为空（0字节），已跳过", "the file is empty (0 bytes) and was left out")
UNREADABLE = ("文件无法读取，已跳过", "the file can't be read and was left out")
FOREIGN = ("文件没有本表的任何一列，已跳过", "the file has no column of the table and was left out")


@dataclass(frozen=True)
class Note:
    """Something to know about a table, a column or a file of the lake, in both languages."""

    about: str
    zh: str
    en: str


@dataclass(frozen=True)
class Files:
    """The readable files of one table: by format, and whether their folders name partitions."""

    root: Path
    by_format: dict[Format, tuple[Path, ...]]
    partitioned: bool

    def __bool__(self) -> bool:
        return bool(self.by_format)


def find(lake: Path) -> tuple[dict[str, Files], list[Note]]:
    """The files of every table in the folder `lake`, and notes about those that were left out.

    A table is a folder of its name (with Hive partitions or without), or files of its name beside each other.
    Files and folders whose name begins with `_` or `.` are none of the lake's.
    """
    found: dict[str, Files] = {}
    notes: list[Note] = []
    for table in tables().values():
        paths = sorted(_paths(lake, table.name))
        by_format: dict[Format, list[Path]] = {}
        for path in paths:
            if (fault := _fault(path, table)) is None:
                by_format.setdefault(_format(path), []).append(path)
            else:
                notes.append(Note(f"{table.name}/{path.name}", *fault))
        if by_format:
            parted = any("=" in part for path in paths for part in path.relative_to(lake).parts[:-1])
            found[table.name] = Files(
                lake / table.name, {form: tuple(some) for form, some in by_format.items()}, parted
            )
    return found, notes


def _paths(lake: Path, table: str) -> Iterator[Path]:
    for ending in ENDINGS:
        if (single := lake / f"{table}{ending}").is_file():
            yield single
    for path in (lake / table).rglob("*"):
        hidden = any(part.startswith(("_", ".")) for part in path.relative_to(lake).parts)
        if not hidden and path.is_file() and any(path.name.lower().endswith(one) for one in ENDINGS):
            yield path


def _format(path: Path) -> Format:
    return next(form for ending, form in ENDINGS.items() if path.name.lower().endswith(ending))


def _fault(path: Path, table: Table) -> tuple[str, str] | None:
    """Why the file can't be used; None when it can."""
    if path.stat().st_size == 0:
        return EMPTY
    if _format(path) != "parquet":
        return None
    try:
        names = set(pq.read_schema(path).names)
    except Exception:  # whatever a reader meets in a damaged file
        return UNREADABLE
    return None if names & set(table.names) else FOREIGN
