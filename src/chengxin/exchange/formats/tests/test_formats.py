"""The same rows in every format, encoding and order of headings read the same."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chengxin.exchange.formats.tests.files import (
    CODES,
    NAMES,
    ROWS,
    lines,
    opened,
    read,
    separated,
    workbook,
    written,
    xml,
)

TURNED = CODES[7:] + CODES[:7]


def wide(code: str) -> str:
    """The Chinese heading with full-width brackets and stray blanks."""
    return f" {NAMES[code].replace('(', '（ ').replace(')', '）')}\u3000"


HEADINGS: dict[str, Callable[[str], str]] = {
    "codes": str,
    "codes in small letters": str.lower,
    "Chinese": NAMES.__getitem__,
    "Chinese with full-width brackets": wide,
    "Chinese with a star": lambda code: f"*{NAMES[code]}",
}


@pytest.mark.obligation("9.1d")
@pytest.mark.parametrize("headings", HEADINGS.values(), ids=HEADINGS)
@pytest.mark.parametrize("separator", [",", "\t", ";"], ids=["comma", "tab", "semicolon"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_separated_text(
    tmp_path: Path, encoding: str, separator: str, headings: Callable[[str], str]
) -> None:
    content = separated(ROWS, headings=headings, codes=TURNED, separator=separator)
    path = written(tmp_path, "1f3a", content, encoding)
    assert read(path) == [dict(sorted(row.items(), key=lambda pair: CODES.index(pair[0]))) for row in ROWS]
    table = opened(path)
    assert (table.format, table.columns, table.ignored) == ("tsv" if separator == "\t" else "csv", CODES, ())


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
def test_line_ends_and_quotes(tmp_path: Path, newline: str, quoting: int) -> None:
    assert read(written(tmp_path, "a", separated(ROWS, newline=newline, quoting=quoting))) == ROWS


def test_lines_of_old_macintosh_files(tmp_path: Path) -> None:
    rows = [ROWS[0], ROWS[2]]  # the row with a newline in a value is none of such a file
    assert read(written(tmp_path, "a", separated(rows, newline="\r"))) == rows


def test_the_last_line_needs_no_newline(tmp_path: Path) -> None:
    assert read(written(tmp_path, "a", separated(ROWS).rstrip())) == ROWS


@pytest.mark.obligation("9.1d")
@pytest.mark.parametrize("headings", HEADINGS.values(), ids=HEADINGS)
def test_workbooks(tmp_path: Path, headings: Callable[[str], str]) -> None:
    workbook(tmp_path / "a", ROWS, headings=headings, codes=TURNED)
    assert read(tmp_path / "a") == ROWS
    assert opened(tmp_path / "a").format == "xlsx"


def test_json(tmp_path: Path) -> None:
    for shape in (ROWS, {"records": ROWS}, {"total": 3, "page": {"size": [1, 2]}, "data": ROWS, "end": None}):
        for indent in (None, 2):
            path = written(tmp_path, "a.json", json.dumps(shape, ensure_ascii=False, indent=indent))
            assert read(path) == ROWS
            assert opened(path).format == "json"


def test_json_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "a", lines(ROWS).replace("}\n", "}\r\n\n"))
    assert read(path) == ROWS
    assert opened(path).format == "jsonl"


def test_json_by_chinese_headings_and_in_gb18030(tmp_path: Path) -> None:
    rows = [{NAMES[code]: value for code, value in row.items()} for row in ROWS]
    assert read(written(tmp_path, "a", lines(rows), "gb18030")) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_xml(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "a", xml(ROWS, head=f'<?xml version="1.0" encoding="{encoding}"?>\n'), encoding)
    assert read(path) == ROWS
    assert opened(path).format == "xml"


def test_one_record_is_enough(tmp_path: Path) -> None:
    assert read(written(tmp_path, "a", json.dumps(ROWS[0], indent=1))) == ROWS[:1]
    assert read(written(tmp_path, "b", json.dumps(ROWS[0]))) == ROWS[:1]
    assert read(written(tmp_path, "c", xml(ROWS[:1], head="").replace("records", "data"))) == ROWS[:1]


def test_the_name_only_decides_where_the_content_does_not(tmp_path: Path) -> None:
    path = written(tmp_path, "a", separated(ROWS))
    assert opened(path, "处罚.xlsx").format == "csv"
    path = written(tmp_path, "b", json.dumps(ROWS[0]))
    assert opened(path, "处罚.jsonl").format == "jsonl"


def test_formulas_are_text(tmp_path: Path) -> None:
    workbook(tmp_path / "a", ROWS)
    for path in (tmp_path / "a", written(tmp_path, "b", separated(ROWS))):
        assert read(path)[2]["CF_SY"] == '=cmd|"/c calc"!A1'


def test_progress_runs_from_none_to_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengxin.exchange.formats.limits.BLOCK_LINES", 1)
    for content in (separated(ROWS), lines(ROWS)):
        table = opened(written(tmp_path, "a", content))
        shares = [table.share_read()] + [table.share_read() for _ in table.chunks()]
        assert shares[0] == 0
        assert shares == sorted(set(shares))
        assert shares[-1] == 1
