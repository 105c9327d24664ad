"""The workbook of rejected rows: faults coloured and explained, nothing computed, fit to be sent again."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from chengxin.exchange.checks import Rejected, check
from chengxin.exchange.formats import open_table
from chengxin.exchange.rejects import (
    COMMENTED_ROWS,
    EXPLANATION,
    PROBLEMS_HEADING,
    ROW_HEADING,
    SHEET,
    write_rejects,
)
from chengxin.exchange.tests.rows import TODAY, frame, judge, kept, without
from chengxin.kernel.problems import Problem
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Item, versions
from chengxin.rulebook.template import codes, example_row, headings

ALL = pytest.mark.parametrize("one", versions(), ids=lambda one: f"{one.id}.{one.version}")
PENALTY = catalogue.item("penalty")
FIRM = example_row(PENALTY)
RED = "FFFFC7CE"


def _rejected(one: Item) -> tuple[Rejected, ...]:
    """Rows of an item of which each lacks another required field, and one that has junk everywhere."""
    row = example_row(one)
    spoilt = [without(row, field.code) for field in one.fields if field.required]
    return judge(one, *spoilt, dict.fromkeys(codes(one), "甲\x01")).rejected


def _written(path: Path, one: Item, rejected: tuple[Rejected, ...]) -> Worksheet:
    assert write_rejects(path, one, iter(rejected), batch=7) == len(rejected)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [SHEET, EXPLANATION]
    return book[SHEET]


@ALL
def test_each_faulty_cell_is_coloured_and_commented_and_no_other(one: Item, tmp_path: Path) -> None:
    rejected = _rejected(one)
    sheet = _written(tmp_path / "rejects.xlsx", one, rejected)
    head = [cell.value for cell in sheet[1]]
    assert head == [ROW_HEADING, *headings(one), PROBLEMS_HEADING]
    for line, row in enumerate(rejected, start=2):
        cells = dict(zip(codes(one), sheet[line][1:-1], strict=True))
        faulty = {problem.field for problem in row.problems}
        for code, cell in cells.items():
            assert (cell.fill.fgColor.rgb == RED) == (code in faulty)
            assert (cell.comment is not None) == (code in faulty)
            for problem in row.problems:
                if problem.field == code:
                    for text in (problem.zh, problem.en, problem.mend_zh, problem.mend_en):
                        assert text in cell.comment.text
        told = sheet.cell(line, len(head)).value
        assert all(problem.zh.rstrip("。") in told and problem.mend_en in told for problem in row.problems)
        assert sheet.cell(line, 1).value == row.row


@pytest.mark.obligation("9.1d")
def test_corrected_rows_can_be_sent_again(tmp_path: Path) -> None:
    for one in versions():
        path = tmp_path / f"{one.id}.{one.version}.xlsx"
        sheet = _written(path, one, _rejected(one))
        row = example_row(one)
        for line in range(2, sheet.max_row + 1):
            for place, code in enumerate(codes(one), start=2):
                sheet.cell(line, place).value = row.get(code)
        sheet.parent.save(path)
        (chunk,) = open_table(path, one).chunks()
        checked = check(one, chunk.frame, TODAY)
        assert checked.rejected == ()
        assert checked.accepted.height == sheet.max_row - 1


def test_values_come_back_as_they_were_sent(tmp_path: Path) -> None:
    sent = FIRM | {
        "CF_SY": " =1+1\n第二行\t",
        "CF_NR": "<r><t>&amp;</t></r>",
        "CF_YJ": "《法》_x0041_😀",
        "CF_NR_FK": "0020.50",
        "CF_JDRQ": "46122",
        "CF_WSH": "1234567890123456789",
    }
    (rejected,) = judge(PENALTY, without(sent, "CF_WFXW")).rejected
    path = tmp_path / "rejects.xlsx"
    write_rejects(path, PENALTY, [rejected], batch=1)
    (chunk,) = open_table(path, PENALTY).chunks()
    (found,) = chunk.frame.select(codes(PENALTY)).iter_rows(named=True)
    stripped = {code: value.strip() for code, value in rejected.values.items()}
    assert {code: value for code, value in found.items() if value is not None} == stripped


DANGEROUS = (
    "=HYPERLINK(\"http://example.com\",\"甲\")", "=cmd|'/C calc'!A0", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1",
    "{=1+1}", "http://example.com", "<r><f>1+1</f></r>", "</t></is></c><c><f>1+1</f></c>", "]]>", "&#0;",
)  # fmt: skip


@pytest.mark.obligation("9.1d")
@pytest.mark.parametrize("value", DANGEROUS)
def test_nothing_that_was_sent_is_computed_or_linked(value: str, tmp_path: Path) -> None:
    rejected = Rejected(
        2,
        (
            Problem("CF_SY", value, "length", value, value, value, value),
            Problem("", value, "x", value, value),
        ),
        FIRM | {"CF_SY": value, "CF_XDR_MC": value},
    )
    path = tmp_path / "rejects.xlsx"
    write_rejects(path, PENALTY, [rejected], batch=1)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert not name.startswith("xl/externalLinks")
            if name.startswith("xl/worksheets/sheet"):
                text = archive.read(name).decode()
                assert not re.search(r"<f[ >/]", text)
                assert "hyperlink" not in text
    sheet = openpyxl.load_workbook(path)[SHEET]
    cell = sheet.cell(2, 2 + codes(PENALTY).index("CF_SY"))
    assert cell.value.strip() == value.strip()
    assert cell.data_type == "s" and cell.number_format == "@"
    assert value.strip() in cell.comment.text


def test_signs_that_no_workbook_can_hold_do_not_spoil_it(tmp_path: Path) -> None:
    value = "甲\x00\x0b\ufffe\uffff乙"
    rejected = Rejected(2, (Problem("CF_SY", value, "x", value, value),), FIRM | {"CF_SY": value})
    path = tmp_path / "rejects.xlsx"
    write_rejects(path, PENALTY, [rejected], batch=1)
    cell = openpyxl.load_workbook(path)[SHEET].cell(2, 2 + codes(PENALTY).index("CF_SY"))
    assert cell.value == "甲\ufffd\ufffd\ufffd\ufffd乙"


def test_a_value_too_long_for_a_cell_is_cut_and_that_is_said(tmp_path: Path) -> None:
    (rejected,) = judge(PENALTY, FIRM | {"CF_SY": "长" * 40_000}).rejected
    sheet = _written(tmp_path / "rejects.xlsx", PENALTY, (rejected,))
    assert len(sheet.cell(2, 2 + codes(PENALTY).index("CF_SY")).value) == 32_767
    assert "已截断" in sheet.cell(2, sheet.max_column).value


@pytest.mark.obligation("9.1b")
def test_the_file_is_its_owners_alone_and_numbers_stand_in_it_as_sent(tmp_path: Path) -> None:
    number = "350102199003071235"
    person = without(FIRM, "CF_XDR_SHXYM", "CF_FRDB") | {
        "CF_XDR_LB": "自然人",
        "CF_XDR_ZJLX": "身份证",
        "CF_XDR_ZJHM": number,
    }
    old = os.umask(0)
    try:
        sheet = _written(tmp_path / "rejects.xlsx", PENALTY, judge(PENALTY, person).rejected)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "rejects.xlsx").stat().st_mode) == 0o600
    cell = sheet.cell(2, 2 + codes(PENALTY).index("CF_XDR_ZJHM"))
    assert cell.value == number
    assert number not in cell.comment.text
    assert number not in sheet.cell(2, sheet.max_column).value


def test_what_cannot_be_finished_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "rejects.xlsx"
    path.write_bytes(b"before")

    def rows() -> Iterator[Rejected]:
        yield from judge(PENALTY, without(FIRM, "CF_SY")).rejected
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_rejects(path, PENALTY, rows(), batch=1)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_draft_is_cleared_away(tmp_path: Path) -> None:
    left = tmp_path / ".rejects.xlsx.part"
    left.mkdir()
    (left / "draft").write_bytes(b"half")
    write_rejects(tmp_path / "rejects.xlsx", PENALTY, (), batch=1)
    assert [one.name for one in tmp_path.iterdir()] == ["rejects.xlsx"]


def test_rows_that_find_no_room_go_to_further_sheets(tmp_path: Path) -> None:
    rejected = judge(PENALTY, *[without(FIRM, "CF_SY")] * 7).rejected
    path = tmp_path / "rejects.xlsx"
    assert write_rejects(path, PENALTY, rejected, batch=1, rows_a_sheet=3) == 7
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [SHEET, EXPLANATION, f"{SHEET}2", f"{SHEET}3"]
    numbers = [
        [book[name].cell(line, 1).value for line in range(2, book[name].max_row + 1)]
        for name in (SHEET, f"{SHEET}2", f"{SHEET}3")
    ]
    assert numbers == [[2, 3, 4], [5, 6, 7], [8]]
    assert any("3张表" in str(cell.value) for cell in book[EXPLANATION]["B"])


def test_the_explanation_sums_up_what_is_wrong(tmp_path: Path) -> None:
    rejected = judge(PENALTY, *[without(FIRM, "CF_SY")] * 3, FIRM | {"CF_JDRQ": "2030-01-01"}).rejected
    path = tmp_path / "rejects.xlsx"
    write_rejects(path, PENALTY, rejected, batch=12)
    rows = [tuple(cell.value for cell in row) for row in openpyxl.load_workbook(path)[EXPLANATION]]
    assert "第12批" in rows[0][0]
    assert ("违法事实（CF_SY）", "required", 3) in rows
    assert ("处罚决定日期（CF_JDRQ）", "not_future", 1) in rows


def test_comments_end_where_memory_would_and_colours_do_not(tmp_path: Path) -> None:
    (one,) = judge(PENALTY, without(FIRM, "CF_SY")).rejected
    path = tmp_path / "rejects.xlsx"
    write_rejects(path, PENALTY, (one for _ in range(COMMENTED_ROWS + 1)), batch=1)
    sheet = openpyxl.load_workbook(path)[SHEET]
    place = 2 + codes(PENALTY).index("CF_SY")
    last, beyond = sheet.cell(COMMENTED_ROWS + 1, place), sheet.cell(COMMENTED_ROWS + 2, place)
    assert last.comment is not None and beyond.comment is None
    assert beyond.fill.fgColor.rgb == RED


def test_a_row_whose_make_is_faulty_says_so_in_its_last_column(tmp_path: Path) -> None:
    rejected = check(PENALTY, frame(PENALTY, [FIRM], ["too_many_cells"]), TODAY).rejected
    sheet = _written(tmp_path / "rejects.xlsx", PENALTY, rejected)
    assert "单元格比标题多" in sheet.cell(2, sheet.max_column).value
    assert kept(PENALTY, FIRM) is not None
