"""Rows that were sent, merged with those that the lake has: which files of which partitions change.

A row is named by its key and its reporter: two platforms may number their orders alike, and neither can
overwrite the other's. Of rows with the same key the one sent later counts; within one sending that of the
later file; within one file the one with the later times, and among equal ones the greater by content, so that
the order of rows never matters. A row whose month changed leaves its old partition. Tables without a key lose
exact duplicates only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from chengxin.lake import partitions
from chengxin.lake.casting import KEPT_AS, literal, quoted
from chengxin.lake.contract import Table
from chengxin.lake.journal import STAGING, Change
from chengxin.lake.partitions import Part

MOST_PARTS = 10_000


class TooManyParts(ValueError):
    """So many reporters or months that the column can't be the right one."""


@dataclass
class Merged:
    """What a merge comes to: the changes of files, the partitions they are in, and what became of the rows.

    `repeated` counts rows of the sending whose key another row of it has, with other content; the relation
    `losers` names them (`same` is false).
    """

    changes: list[Change] = field(default_factory=list)
    partitions: list[str] = field(default_factory=list)
    duplicates: int = 0
    repeated: int = 0
    changed: int = 0


def stored(table: Table, files: list[Path], extra: str = "") -> str:
    """Files of the lake as a relation in the contract's columns and types, and the columns `extra`."""
    written = {name.lower(): name for path in files for name in pq.read_schema(path).names}
    columns = ", ".join(
        f"CAST({quoted(written[one.name]) if one.name in written else 'NULL'} AS {KEPT_AS[one.type]}) "
        f"AS {quoted(one.name)}"
        for one in table.columns
    )
    paths = ", ".join(literal(str(path)) for path in files)
    return (
        f"(SELECT {columns}{', ' + extra if extra else ''} FROM read_parquet([{paths}], "
        "union_by_name = true, hive_partitioning = false, binary_as_string = true, filename = true))"
    )


@dataclass(frozen=True)
class _Sent:
    """What is merged into what: the view of the rows sent, their table, and the lake."""

    connection: Any
    lake: Path
    table: Table
    view: str


def merge(connection: Any, lake: Path, table: Table, view: str, *, replace: bool) -> Merged:
    """Stage the files that hold the rows of `view` and what the lake keeps beside them.

    `view` has the columns of the table, `_file` and `_row`. With `replace`, the partitions that it has rows
    of hold those rows alone afterwards. Raises TooManyParts, and PlainTable for files outside partitions.
    """
    sent, merged = _Sent(connection, lake, table, view), Merged()
    before = partitions.existing(lake, table)
    parts = _parts(sent)
    numbers = {part: number for number, part in enumerate(sorted({*before, *parts}, key=_order))}
    replaced = parts if replace else set()
    kept = {part: files for part, files in before.items() if part not in replaced}
    connection.execute("CREATE OR REPLACE TEMP TABLE losers (_file INTEGER, _row BIGINT, same BOOLEAN)")
    connection.execute("CREATE OR REPLACE TEMP TABLE outdated (part INTEGER, key VARCHAR)")
    if table.key:
        same, merged.repeated = find_repeated(connection, table, view)
        merged.duplicates = same + merged.repeated
        _against(sent, kept, numbers, merged)
    new = _split(sent, numbers)
    touched = {number for (number,) in connection.execute("SELECT DISTINCT part FROM outdated").fetchall()}
    (lake / STAGING / table.name).mkdir()
    for part, number in numbers.items():
        if number in new or number in touched or part in replaced:
            staged = f"{STAGING}/{table.name}/{number}.parquet"
            given, had = new.get(number, []), kept.get(part, [])
            rows = _written(sent, lake / staged, number, given, had)
            if not table.key:
                merged.duplicates += _rows(given) + _rows(had) - rows
                if had and rows == _rows(had) and [path.name for path in had] == [partitions.FILE]:
                    continue
            folder = partitions.folder(table, part)
            merged.partitions.append(folder)
            merged.changes.append(Change(f"{folder}/{partitions.FILE}", staged if rows else None))
            others = (path for path in before.get(part, []) if path.name != partitions.FILE)
            merged.changes += [Change(path.relative_to(lake).as_posix()) for path in others]
    return merged


def _rows(files: list[Path]) -> int:
    return sum(pq.read_metadata(path).num_rows for path in files)


def _order(part: Part) -> tuple[str, str]:
    return part.reporter or "", part.month or ""


def _month(table: Table) -> str:
    return f"strftime({quoted(table.clock)}, '%Y-%m')" if table.clock else "NULL"


def _reporter(table: Table) -> str:
    return quoted(table.partition) if table.partition else "NULL"


def _parts(sent: _Sent) -> set[Part]:
    table = sent.table
    found = sent.connection.execute(
        f"SELECT DISTINCT {_reporter(table)} AS reporter, {_month(table)} AS month FROM {sent.view} "
        f"LIMIT {MOST_PARTS + 1}"
    ).fetchall()
    if len(found) > MOST_PARTS:
        raise TooManyParts(
            f"{table.partition} 与月份的组合超过{MOST_PARTS:,}个，请核对该列 / "
            f"more than {MOST_PARTS:,} pairs of {table.partition} and month: is that column the right one?"
        )
    return {Part(*one) for one in found}


def _content(table: Table) -> str:
    return ", ".join(quoted(one.name) for one in table.columns)


def find_repeated(connection: Any, table: Table, view: str) -> tuple[int, int]:
    """Write into `losers` the rows of the view whose key a better row of it has.

    Gives how many say the same as the better one, and how many something else.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE losers (_file INTEGER, _row BIGINT, same BOOLEAN)")
    both = f"{quoted(table.partition or '')}, {quoted(table.key or '')}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE twins AS SELECT {both} FROM {view} GROUP BY ALL HAVING count(*) > 1"
    )
    times = [one for one in table.columns if one.type == "time"]
    rest = [one for one in table.columns if one.type != "time"]
    better = ", ".join(f"{quoted(one.name)} DESC NULLS LAST" for one in [*times, *rest])
    connection.execute(
        f"INSERT INTO losers SELECT _file, _row, content = best FROM (SELECT _file, _row, content, "
        "row_number() OVER w AS place, first_value(content) OVER w AS best FROM "
        f"(SELECT *, hash({_content(table)}) AS content FROM {view} SEMI JOIN twins USING ({both})) "
        f"WINDOW w AS (PARTITION BY {both} ORDER BY _file DESC, {better}, _row)) WHERE place > 1"
    )
    same, other = connection.execute(
        "SELECT count(*) FILTER (same), count(*) FILTER (NOT same) FROM losers"
    ).fetchone()
    return same, other


def _against(sent: _Sent, kept: dict[Part, list[Path]], numbers: dict[Part, int], merged: Merged) -> None:
    """What the lake says under the keys sent: the same (those rows fall away), or something older."""
    connection, table, view = sent.connection, sent.table, sent.view
    files = [(str(path), numbers[part]) for part, paths in kept.items() for path in paths]
    if not files:
        return
    connection.execute("CREATE OR REPLACE TEMP TABLE old_files (path VARCHAR, part INTEGER)")
    connection.executemany("INSERT INTO old_files VALUES (?, ?)", files)
    own, key = quoted(table.partition or ""), quoted(table.key or "")
    every = [path for paths in kept.values() for path in paths]
    lake = stored(table, every, "filename")
    met = connection.execute(
        f"SELECT DISTINCT filename FROM {lake} SEMI JOIN {view} USING ({own}, {key})"
    ).fetchall()
    if not met:
        return
    named = f"{own} AS own, {key} AS key, hash({_content(table)}) AS content"
    hit = stored(table, [Path(one) for (one,) in met], "filename")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE meeting AS "
        "SELECT f.part, o.key, n._file, n._row, n.content = o.content AS same "
        f"FROM (SELECT {named}, filename FROM {hit}) o JOIN "
        f"(SELECT {named}, _file, _row FROM {view} ANTI JOIN losers USING (_file, _row)) n USING (own, key) "
        "JOIN old_files f ON f.path = o.filename"
    )
    connection.execute("INSERT INTO losers SELECT DISTINCT _file, _row, true FROM meeting WHERE same")
    connection.execute(
        "INSERT INTO outdated SELECT DISTINCT part, key FROM meeting ANTI JOIN losers USING (_file, _row)"
    )
    merged.duplicates += connection.execute(
        "SELECT count(DISTINCT (_file, _row)) FROM meeting WHERE same"
    ).fetchone()[0]
    merged.changed = connection.execute(
        "SELECT count(DISTINCT (_file, _row)) FROM meeting ANTI JOIN losers USING (_file, _row)"
    ).fetchone()[0]


def _split(sent: _Sent, numbers: dict[Part, int]) -> dict[int, list[Path]]:
    """The rows that are left, by the number of their partition, in one pass."""
    connection, table, view = sent.connection, sent.table, sent.view
    connection.execute("CREATE OR REPLACE TEMP TABLE parts (reporter VARCHAR, month VARCHAR, part INTEGER)")
    connection.executemany(
        "INSERT INTO parts VALUES (?, ?, ?)",
        [(part.reporter, part.month, number) for part, number in numbers.items()] or [(None, None, -1)],
    )
    folder = sent.lake / STAGING / f"split-{table.name}"
    folder.mkdir()
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(
        f"COPY (SELECT {_content(table)}, p.part AS _part FROM (SELECT * FROM {view} ANTI JOIN losers USING "
        f"(_file, _row)) JOIN parts p ON p.reporter IS NOT DISTINCT FROM {_reporter(table)} "
        f"AND p.month IS NOT DISTINCT FROM {_month(table)}) TO {literal(str(folder))} "
        "(FORMAT parquet, PARTITION_BY (_part), COMPRESSION lz4, OVERWRITE_OR_IGNORE)"
    )
    connection.execute("SET preserve_insertion_order = true")
    return {
        int(one.name.removeprefix("_part=")): sorted(one.glob("*.parquet"))
        for one in sorted(folder.iterdir())
    }


def _written(sent: _Sent, staged: Path, number: int, new: list[Path], old: list[Path]) -> int:
    """Stage the file of one partition, new rows and those old ones that stay; how many rows it has."""
    table, content = sent.table, _content(sent.table)
    sources = [f"SELECT {content} FROM {stored(table, new)}"] if new else []
    if old:
        left = f"SELECT {content} FROM {stored(table, old)}"
        if table.key:
            left += f" WHERE {quoted(table.key)} NOT IN (SELECT key FROM outdated WHERE part = {number})"
        sources.append(left)
    if not sources:
        return 0
    rows = " UNION ALL ".join(sources)
    if not table.key:
        rows = f"SELECT DISTINCT * FROM ({rows})"
    order = ", ".join(map(quoted, dict.fromkeys([*filter(None, [table.clock]), *table.names])))
    written = sent.connection.execute(
        f"COPY (SELECT * FROM ({rows}) ORDER BY {order}) TO {literal(str(staged))} "
        "(FORMAT parquet, COMPRESSION zstd)"
    ).fetchone()
    return int(written[0])
