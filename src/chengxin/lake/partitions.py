"""Where the rows of a table lie: one file a reporter and month, and how their names are written in paths.

    lake/orders/platform=taobao/month=2026-03/rows.parquet

A value is written as Hive and Spark write it: what has a meaning in paths is percent-encoded, everything else
stays. So no reporter's name, whatever it is, leads out of the lake's folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from chengxin.lake.contract import Table

NOTHING = "__HIVE_DEFAULT_PARTITION__"
"""The folder of rows without a reporter (Hive's word)."""

FILE = "rows.parquet"
LONGEST = 80
"""Bytes of a reporter's name: percent-encoded it must still fit into the name of a folder (255)."""

_SPECIAL = re.compile(r"[\x00-\x1f\"#%'*/:=?\\\x7f{\[\]^]")


class PlainTable(ValueError):
    """A table that is kept in files outside partitions: nothing can be merged into those."""


@dataclass(frozen=True, order=True)
class Part:
    """A partition: the reporter (None for rows without) and the month; both None where there are no keys."""

    reporter: str | None
    month: str | None


def encoded(value: str | None) -> str:
    """A partition's value as the name of a folder writes it."""
    return NOTHING if value is None else _SPECIAL.sub(lambda found: f"%{ord(found[0]):02X}", value)


def decoded(written: str) -> str | None:
    """The value that a folder's name writes."""
    return None if written == NOTHING else unquote(written)


def folder(table: Table, part: Part) -> str:
    """The folder of a partition, below the lake's."""
    if table.partition is None:
        return table.name
    return f"{table.name}/{table.partition}={encoded(part.reporter)}/month={encoded(part.month)}"


def existing(lake: Path, table: Table) -> dict[Part, list[Path]]:
    """The Parquet files of a table by partition; PlainTable when some lie outside partitions."""
    found: dict[Part, list[Path]] = {}
    for path in sorted((lake / table.name).rglob("*")):
        names = path.relative_to(lake).parts
        if any(name.startswith(("_", ".")) for name in names) or not path.is_file():
            continue
        part = _part(table, names[1:-1])
        if part is None or path.suffix.lower() != ".parquet":
            raise PlainTable(
                f"表 {table.name} 有不在分区内的文件：{'/'.join(names)}。请导入到新的数据湖 / "
                f"table {table.name} has files outside partitions: {'/'.join(names)}. Import into a new lake"
            )
        found.setdefault(part, []).append(path)
    return found


def _part(table: Table, folders: tuple[str, ...]) -> Part | None:
    if table.partition is None:
        return None if folders else Part(None, None)
    if len(folders) != 2:
        return None
    (first, _, reporter), (second, _, month) = (one.partition("=") for one in folders)
    return Part(decoded(reporter), decoded(month)) if (first, second) == (table.partition, "month") else None
