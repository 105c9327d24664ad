"""Writing rows as files in the formats that departments and platforms really send.

Rows come in chunks, so that a file may be of any size. The same rows give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Literal
from xml.sax.saxutils import escape

import polars as pl
import xlsxwriter

from chengxin.rulebook.catalogue import Item

Format = Literal["csv", "csv-bom", "csv-gb18030", "tsv", "xlsx", "json", "jsonl", "xml"]
Headings = Literal["code", "zh"]
SUFFIXES: dict[Format, str] = {
    "csv": "csv", "csv-bom": "csv", "csv-gb18030": "csv", "tsv": "tsv", "xlsx": "xlsx", "json": "json",
    "jsonl": "jsonl", "xml": "xml",
}  # fmt: skip
STREAMED: tuple[Format, ...] = ("csv", "csv-bom", "csv-gb18030", "tsv")
"""The formats that carry files of any size here."""
DATE_STYLES = {"iso": "%Y-%m-%d", "slash": "%Y/%-m/%-d", "plain": "%Y%m%d", "chinese": "%Y年%-m月%-d日"}
_CREATED = datetime(2017, 1, 1)  # noqa: DTZ001 - a fixed stamp keeps workbooks equal byte for byte


@dataclass(frozen=True)
class Style:
    """How a file is written.

    headings: field codes or Chinese (trees always by code); dates: a spelling of DATE_STYLES (workbooks have
    real dates); turned: so many columns moved from the front to the end.
    """

    format: Format = "csv"
    headings: Headings = "zh"
    dates: str = "iso"
    turned: int = 0


def write(path: Path, item: Item, style: Style, chunks: Iterable[pl.DataFrame]) -> int:
    """Write the chunks (all columns of the item, text and dates) as one file; the number of rows written."""
    rows = _counted(_styled(item, style, chunks))
    if style.format in STREAMED:
        _write_text(path, style, rows)
    elif style.format == "xlsx":
        _write_workbook(path, item, rows)
    else:
        _write_tree(path, item, style, rows)
    return rows.total


class _counted:  # noqa: N801 - an iterator, not a thing of the domain
    """Chunks, counted on their way."""

    def __init__(self, chunks: Iterator[pl.DataFrame]) -> None:
        self.chunks = chunks
        self.total = 0

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for chunk in self.chunks:
            self.total += len(chunk)
            yield chunk


def _styled(item: Item, style: Style, chunks: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    codes = [field.code for field in item.fields]
    order = codes[style.turned :] + codes[: style.turned]
    names = {field.code: field.name_zh for field in item.fields}
    as_tree = style.format in {"json", "jsonl", "xml"}
    for chunk in chunks:
        frame = chunk.select(order)
        if style.format != "xlsx":  # a workbook has real dates
            spelling = DATE_STYLES[style.dates]
            frame = frame.with_columns(pl.col(pl.Date).dt.strftime(spelling))
        yield frame.rename(names) if style.headings == "zh" and not as_tree else frame


def _write_text(path: Path, style: Style, chunks: Iterable[pl.DataFrame]) -> None:
    separator = "\t" if style.format == "tsv" else ","
    with path.open("wb") as file:
        if style.format == "csv-bom":
            file.write(b"\xef\xbb\xbf")
        for number, chunk in enumerate(chunks):
            _append(file, chunk, separator, header=number == 0, gb18030=style.format == "csv-gb18030")


def _append(file: BinaryIO, chunk: pl.DataFrame, separator: str, *, header: bool, gb18030: bool) -> None:
    if gb18030:
        file.write(chunk.write_csv(include_header=header, separator=separator).encode("gb18030"))
    else:
        chunk.write_csv(file, include_header=header, separator=separator)


def _write_workbook(path: Path, item: Item, chunks: Iterable[pl.DataFrame]) -> None:
    """One sheet, headings in the first row, dates as dates, codes as text."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    book.set_properties(
        {"created": _CREATED, "title": item.name_zh, "comments": "演示数据 / demonstration data"}
    )
    sheet = book.add_worksheet(item.name_zh[:31])
    head = book.add_format({"bold": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    line = 0
    for chunk in chunks:
        if line == 0:
            sheet.write_row(0, 0, chunk.columns, head)
        for row in chunk.iter_rows():
            line += 1
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(line, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                elif value is not None:
                    sheet.write_string(line, column, value)
    book.close()


def _write_tree(path: Path, item: Item, style: Style, chunks: Iterable[pl.DataFrame]) -> None:
    """JSON, JSON Lines or XML: a record an object, empty fields left out."""
    frames = {
        "json": ("[\n", ",\n", "\n]\n"),
        "jsonl": ("", "\n", "\n"),
        "xml": (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<records item="{item.id}">\n',
            "\n",
            "\n</records>\n",
        ),
    }
    opening, between, closing = frames[style.format]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(opening)
        first = True
        for chunk in chunks:
            for row in chunk.iter_rows(named=True):
                filled = {code: value for code, value in row.items() if value is not None}
                text = _element(filled) if style.format == "xml" else json.dumps(filled, ensure_ascii=False)
                file.write(text if first else between + text)
                first = False
        file.write(closing)


def _element(row: dict[str, str]) -> str:
    return (
        "<record>" + "".join(f"<{code}>{escape(value)}</{code}>" for code, value in row.items()) + "</record>"
    )
