"""What the tests of the front door share: rows of an item as a file, sent and answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from chengxin.archive.keeping import Operation
from chengxin.exchange import batches
from chengxin.exchange.actions import ingest_file
from chengxin.exchange.batches import Receipt
from chengxin.ledger.actions import raw_cursor
from chengxin.rulebook import catalogue
from chengxin.rulebook.template import example_row

TODAY = date(2026, 11, 24)
SOURCE = "福建省市场监督管理局"

Row = Mapping[str, str | None]


def example(item: str, **changes: str | None) -> dict[str, str | None]:
    """The item's example row with other values."""
    return {**example_row(catalogue.item(item, TODAY)), **changes}


def send(
    folder: Path,
    item: str,
    rows: Iterable[Row],
    *,
    source: str = SOURCE,
    operation: Operation = "new",
    today: date = TODAY,
) -> Receipt:
    """Write the rows as a CSV by field code, take it in, and take its receipt."""
    listed = list(rows)
    codes = list(dict.fromkeys(code for row in listed for code in row))
    path = folder / f"{item}.csv"
    pl.DataFrame(
        [[row.get(code) for code in codes] for row in listed],
        schema=dict.fromkeys(codes, pl.String),
        orient="row",
    ).write_csv(path)
    receipt = ingest_file(path, item, source, today, operation=operation)
    batches.receipt_given(receipt.batch)
    return receipt


def rows_of(sql: str) -> list[tuple[object, ...]]:
    """For looking behind the actions."""
    return raw_cursor().execute(sql.encode()).fetchall()
