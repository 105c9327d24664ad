"""Rows of the contract made up, written in every form a file may have, and read back from a lake."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from chengxin.lake.contract import Column, Table, tables
from chengxin.lake.importing import Outcome, take

Row = dict[str, Any]


def utc(year: int, month: int, day: int, hour: int = 0, *rest: int) -> datetime:
    """A time in UTC (`rest`: minute and second), as the lake writes it: without a zone."""
    minute, second = (*rest, 0, 0)[:2]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC).replace(tzinfo=None)


NOW = utc(2026, 11, 29, 8)

_ARROW = {
    "text": pa.string(), "time": pa.timestamp("us"), "money": pa.decimal128(18, 2), "whole": pa.int64(),
    "number": pa.float64(), "flag": pa.bool_(),
}  # fmt: skip
_START = utc(2026, 1, 1)
_texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], include_characters='\n",; '),
    min_size=1,
    max_size=12,
).filter(lambda text: text.strip(" \n") == text)


def order(number: int, **other: Any) -> Row:
    """An order as a platform sends it."""
    return {
        "order_id": f"O{number}", "platform": "taobao", "seller_id": "S1", "buyer_id": f"B{number}",
        "product_id": "P1", "quantity": 1, "amount": Decimal("9.90"),
        "created_at": _START + timedelta(hours=number),
        "status": "paid", "refund_amount": Decimal("0.00"),
    } | other  # fmt: skip


def mark(number: int, **other: Any) -> Row:
    """A certified site."""
    return {"domain": f"shop{number}.example", "subject_code": f"C{number}"} | other


def values(column: Column) -> st.SearchStrategy[Any]:
    """What may stand in a column."""
    if column.values:
        found: st.SearchStrategy[Any] = st.sampled_from(column.values)
    elif column.type == "text":
        found = _texts
    elif column.type == "time":
        found = st.integers(0, 300 * 86_400 * 1_000_000).map(
            lambda some: _START + timedelta(microseconds=some)
        )
    elif column.type == "money":
        found = st.integers(0, 10**11).map(lambda fen: Decimal(fen) / 100)
    elif column.type == "whole":
        found = st.integers(1, 1_000_000)
    elif column.type == "number":
        found = st.floats(column.least or 0, column.most or 1)
    else:
        found = st.booleans()
    return st.none() | found if column.nullable else found


def rows_of(table: Table) -> st.SearchStrategy[list[Row]]:
    """Rows of a table, no two the same, none with the key of another."""
    row = st.fixed_dictionaries({one.name: values(one) for one in table.columns})

    def named(given: Row) -> object:
        return given[table.key] if table.key else tuple(given.values())

    return st.lists(row, min_size=1, max_size=8, unique_by=named)


def write(path: Path, rows: Sequence[Row], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """A file of the form that its ending names: .csv, .jsonl or .parquet."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        kinds = {one.name: _ARROW[one.type] for table in tables().values() for one in table.columns}
        schema = pa.schema([(name, kinds[name]) for name in names])
        pq.write_table(
            pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows], schema), path
        )
    elif path.suffix == ".jsonl":
        with path.open("w", encoding=encoding) as out:
            for row in rows:
                out.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
    else:
        with path.open("w", encoding=encoding, newline="") as out:
            writer = csv.DictWriter(out, names, delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
    return path


def sent(lake: Path, *files: Path, **options: Any) -> Outcome:
    """Files taken into the lake."""
    return take(files, lake, now=NOW, **options)


def parts(lake: Path, table: str) -> dict[str, list[Row]]:
    """The rows of every partition of a table, by its folder."""
    return {
        path.parent.relative_to(lake).as_posix(): pq.ParquetFile(path).read().to_pylist()
        for path in sorted((lake / table).rglob("*.parquet"))
    }


def kept(lake: Path, table: str) -> list[Row]:
    """All rows of a table."""
    return [row for rows in parts(lake, table).values() for row in rows]


def as_set(table: Table, rows: Iterable[Row]) -> set[tuple[Any, ...]]:
    """Rows to be compared whatever their order; a column that is missing is empty."""
    return {tuple(row.get(name) for name in table.names) for row in rows}
