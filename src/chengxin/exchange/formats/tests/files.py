"""Files as departments send them, written by other people's writers, and the rows read back from them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import xlsxwriter

from chengxin.exchange.formats import Chunk, Table, Unreadable, open_table
from chengxin.rulebook import catalogue

ITEM = catalogue.item("penalty")
CODES = tuple(field.code for field in ITEM.fields)
NAMES = {field.code: field.name_zh for field in ITEM.fields}
REQUIRED = tuple(field.code for field in ITEM.fields if field.required)
DATES = tuple(field.code for field in ITEM.fields if field.type == "date")
Row = dict[str, str]

ROWS: list[Row] = [
    {field.code: field.example for field in ITEM.fields},
    {field.code: field.example for field in ITEM.fields if field.required}
    | {"CF_WSH": "闽市监处罚〔2026〕2号", "CF_WFXW": "写有“引号”、逗号, 和\n换行"},
    {field.code: field.example for field in ITEM.fields if field.code != "BZ"}
    | {
        "CF_WSH": "闽市监处罚〔2026〕3号",
        "CF_SY": '=cmd|"/c calc"!A1',
        "CF_XDR_MC": "𠮷野家（福州）有限公司",
    },
]


def separated(
    rows: Sequence[Mapping[str, str]],
    *,
    headings: Callable[[str], str] = str,
    codes: Sequence[str] = CODES,
    separator: str = ",",
    newline: str = "\r\n",
    quoting: int = csv.QUOTE_MINIMAL,
) -> str:
    """Rows as separated text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=newline, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow([headings(code) for code in codes])
    writer.writerows([row.get(code, "") for code in codes] for row in rows)
    return out.getvalue()


def workbook(
    path: Path,
    rows: Sequence[Mapping[str, str]],
    *,
    headings: Callable[[str], str] = str,
    codes: Sequence[str] = CODES,
    title: bool = False,
) -> None:
    """Rows as an .xlsx with real dates, if wished below a title and behind a sheet of instructions."""
    book = xlsxwriter.Workbook(str(path))
    if title:
        book.add_worksheet("填表说明").write_row(0, 0, ["行政相对人名称", "填写营业执照上的名称"])
    sheet = book.add_worksheet("数据")
    day = book.add_format({"num_format": "yyyy/m/d"})
    top = 2 if title else 0
    if title:
        sheet.write(0, 0, "行政处罚信息报送表")
    sheet.write_row(top, 0, [headings(code) for code in codes])
    for at, row in enumerate(rows, top + 1):
        for column, code in enumerate(codes):
            value = row.get(code, "")
            if value and code in DATES:
                sheet.write_datetime(at, column, date.fromisoformat(value), day)
            elif value:
                sheet.write_string(at, column, value)
    book.close()


def xml(rows: Sequence[Mapping[str, str]], *, head: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> str:
    """Rows as XML records."""
    records = (
        "<record>" + "".join(f"<{code}>{escape(value)}</{code}>" for code, value in row.items()) + "</record>"
        for row in rows
    )
    return f"{head}<records>\n" + "\n".join(records) + "\n</records>\n"


def lines(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def written(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    """The path of a file with this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def opened(path: Path, name: str | None = None) -> Table:
    """The file as a table of penalties."""
    return open_table(path, ITEM, name)


def read(path: Path) -> list[Row]:
    """The rows of a file, without faults and empty fields; the numbers of chunks and rows must run on."""
    return rows_of(list(opened(path).chunks()))


def rows_of(chunks: Sequence[Chunk]) -> list[Row]:
    """The rows of chunks as dictionaries, as `read` gives them."""
    found: list[Row] = []
    for number, chunk in enumerate(chunks):
        assert chunk.number == number
        assert chunk.frame.columns == ["_row", "_fault", *CODES]
        for row in chunk.frame.iter_rows(named=True):
            assert row.pop("_row") == len(found) + 1
            assert row.pop("_fault") is None
            found.append({code: value for code, value in row.items() if value is not None})
    return found


def faults(path: Path) -> dict[int, str]:
    """Row number → fault of the rows that have one."""
    return {
        row: fault
        for chunk in opened(path).chunks()
        for row, fault in chunk.frame.select("_row", "_fault").drop_nulls().iter_rows()
    }


def refusal(path: Path, rule: str) -> str:
    """The file must be refused by this rule; the Chinese words of the problem."""
    with pytest.raises(Unreadable) as error:
        opened(path)
    problem = error.value.problem
    assert problem.rule == rule, problem
    assert problem.zh and problem.en and problem.mend_zh and problem.mend_en
    assert "{" not in str(error.value)
    return problem.zh
