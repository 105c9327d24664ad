"""Which column is which field, and what a sender is told when it can't be known."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengxin.exchange.formats.headings import normalised
from chengxin.exchange.formats.limits import BLANKS
from chengxin.exchange.formats.tests.files import (
    CODES,
    NAMES,
    REQUIRED,
    ROWS,
    lines,
    opened,
    read,
    refusal,
    separated,
    workbook,
    written,
    xml,
)  # fmt: skip
from chengxin.kernel import text
from chengxin.rulebook import catalogue


def test_the_headings_of_every_item_stay_apart() -> None:
    for item in catalogue.versions():
        names = [normalised(name) for one in item.fields for name in {one.code, one.name_zh}]
        assert len(set(names)) == len(names), item.id


def test_blanks_are_those_of_the_kernel_and_the_ideographic_space() -> None:
    assert set(BLANKS) == {*text.BLANKS, "\u3000"}


def test_unknown_headings_are_ignored_and_listed(tmp_path: Path) -> None:
    rows = [row | {"序号": "1", " 经办人 ": "张三"} for row in ROWS]
    codes = ("序号", *CODES[:5], " 经办人 ", *CODES[5:])
    paths = [written(tmp_path, "csv", separated(rows, codes=codes)), written(tmp_path, "json", lines(rows))]
    workbook(tmp_path / "xlsx", rows, codes=codes)
    for path in [*paths, tmp_path / "xlsx"]:
        assert set(opened(path).ignored) == {"序号", "经办人"}
        assert read(path) == ROWS
    rows = [row | {"XUHAO": "1"} for row in ROWS]
    assert opened(written(tmp_path, "xml", xml(rows))).ignored == ("XUHAO",)


def test_columns_that_are_not_there_are_empty(tmp_path: Path) -> None:
    path = written(tmp_path, "a", separated(ROWS, codes=REQUIRED))
    table = opened(path)
    assert table.columns == REQUIRED
    assert read(path) == [{code: row[code] for code in REQUIRED} for row in ROWS]


def test_required_columns_must_be_there(tmp_path: Path) -> None:
    codes = tuple(code for code in CODES if code not in {"CF_XDR_MC", "CF_WSH"})
    rows = [{code: value for code, value in row.items() if code in codes} for row in ROWS]
    workbook(tmp_path / "xlsx", rows, codes=codes)
    paths = [
        written(tmp_path, "csv", separated(rows, codes=codes)), written(tmp_path, "jsonl", lines(rows)),
        written(tmp_path, "xml", xml(rows)), tmp_path / "xlsx",
    ]  # fmt: skip
    for path in paths:
        words = refusal(path, "headings_missing")
        assert "行政相对人名称(CF_XDR_MC)" in words
        assert "(CF_WSH)" in words
        assert "(CF_XDR_LB)" not in words


def test_headings_of_another_table_are_shown_beside_those_wanted(tmp_path: Path) -> None:
    other = [{"ENTERPRISE": "甲", "LICENCE": "乙"}]
    codes = ("ENTERPRISE", "LICENCE")
    workbook(tmp_path / "xlsx", other, codes=codes)
    paths = [
        written(tmp_path, "csv", separated(other, codes=codes)), written(tmp_path, "jsonl", lines(other)),
        written(tmp_path, "xml", xml(other)), tmp_path / "xlsx",
    ]  # fmt: skip
    for path in paths:
        words = refusal(path, "headings_unknown")
        assert "ENTERPRISE、LICENCE" in words
        assert "行政相对人名称(CF_XDR_MC)" in words


def test_a_file_without_headings_does_not_have_its_data_shown(tmp_path: Path) -> None:
    content = separated(ROWS[:1]).split("\r\n", 1)[1]
    words = refusal(written(tmp_path, "a", content), "headings_unknown")
    assert not any(value in words for value in ROWS[0].values())


@pytest.mark.parametrize("twice", ["CF_XDR_MC", NAMES["CF_XDR_MC"], " cf_xdr_mc"])
def test_a_heading_must_not_stand_twice(tmp_path: Path, twice: str) -> None:
    codes = (*CODES, twice)
    workbook(tmp_path / "xlsx", ROWS, codes=codes)
    for path in (written(tmp_path, "csv", separated(ROWS, codes=codes)), tmp_path / "xlsx"):
        assert "行政相对人名称(CF_XDR_MC)" in refusal(path, "headings_twice")


def test_titles_and_notes_may_stand_above_the_headings(tmp_path: Path) -> None:
    title = "行政处罚信息报送表,,,\r\n\r\n填报单位：福州市,,2026年\r\n"
    assert read(written(tmp_path, "a", title + separated(ROWS))) == ROWS
    assert read(written(tmp_path, "b", "sep=;\r\n" + separated(ROWS, separator=";"))) == ROWS
    workbook(tmp_path / "c", ROWS, headings=NAMES.__getitem__, title=True)
    assert read(tmp_path / "c") == ROWS


def test_no_rows(tmp_path: Path) -> None:
    workbook(tmp_path / "xlsx", [])
    paths = [
        written(tmp_path, "csv", separated([])),
        written(tmp_path, "blank.csv", separated([{}, {"BZ": " \u3000"}])),
        written(tmp_path, "json", "[]"), written(tmp_path, "records.json", '{"records": []}'),
        written(tmp_path, "xml", xml([])), tmp_path / "xlsx",
    ]  # fmt: skip
    for path in paths:
        refusal(path, "file_without_rows")


@pytest.mark.parametrize("content", ["", "\ufeff", " \r\n\n", "\u3000\n"])
def test_empty_files(tmp_path: Path, content: str) -> None:
    refusal(written(tmp_path, "a", content), "file_empty")


def test_too_many_columns(tmp_path: Path) -> None:
    codes = (*CODES, *(f"C{number}" for number in range(1_000)))
    refusal(written(tmp_path, "a", separated(ROWS, codes=codes)), "headings_too_many")


def test_empty_headings_at_the_end_are_none(tmp_path: Path) -> None:
    path = written(tmp_path, "a", separated(ROWS).replace("\r\n", ",,\r\n", 1))
    assert opened(path).ignored == ()
    assert read(path) == ROWS
