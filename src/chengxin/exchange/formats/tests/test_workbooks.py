"""Excel workbooks: what people see is what is read."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from chengxin.exchange.formats.tests.files import (
    CODES,
    DATES,
    ITEM,
    ROWS,
    faults,
    opened,
    read,
    refusal,
    workbook,
)  # fmt: skip
from chengxin.exchange.formats.workbook import Cell, text

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        (1.0, "1"), (2.9, "2.9"), (0.1 + 0.2, "0.3"), (1e-7, "0.0000001"), (-3.0, "-3"),
        (1e20, "1" + "0" * 20),
        (350102199001011234.0, "350102199001011264"), (True, "是"), (False, "否"), (0.0, "0"), (12, "12"),
        (date(2026, 7, 1), "2026-07-01"), (datetime(2026, 7, 1), "2026-07-01"),  # noqa: DTZ001
        (datetime(2026, 7, 1, 9, 5), "2026-07-01 09:05:00"), (time(9, 5), "09:05:00"),  # noqa: DTZ001
        (timedelta(hours=36), "1 day, 12:00:00"), ("007", "007"), (" x ", " x "),
    ],
)  # fmt: skip
def test_cells_as_people_see_them(cell: Cell, seen: str) -> None:
    assert text(cell) == seen


def test_numbers_booleans_and_dates(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, CODES)
    for column, code in enumerate(CODES):
        sheet.write(1, column, ROWS[0][code])
    sheet.write_number(1, CODES.index("CF_NR_FK"), 2.9)
    sheet.write_number(1, CODES.index("CF_XDR_ZJHM"), 350102199001011234)
    sheet.write_boolean(1, CODES.index("CF_XDR_SYDW"), True)
    stamp = book.add_format({"num_format": "yyyy年m月d日"})
    sheet.write_datetime(1, CODES.index("CF_JDRQ"), datetime(2026, 5, 9), stamp)  # noqa: DTZ001
    sheet.write_formula(1, CODES.index("BZ"), "=1/0", None, "#DIV/0!")
    sheet.write_formula(1, CODES.index("CF_SY"), '="事实"', None, "事实")
    book.close()
    row = read(tmp_path / "a")[0]
    assert row["CF_NR_FK"] == "2.9"
    assert row["CF_XDR_ZJHM"].startswith("350102199001011")
    assert len(row["CF_XDR_ZJHM"]) == 18
    assert row["CF_XDR_SYDW"] == "是"
    assert row["CF_JDRQ"] == "2026-05-09"
    assert row["CF_SY"] == "事实"
    assert "BZ" not in row


def test_old_workbooks() -> None:
    """The file was written with the package xlwt: instructions, a title, real dates, a blank row."""
    path = DATA / "penalty.xls"
    table = opened(path)
    assert table.format == "xls"
    assert table.columns == CODES
    rows = read(path)
    assert [row["CF_WSH"] for row in rows] == [f"闽市监处罚〔2026〕{number}号" for number in (1, 2, 3)]
    for row in rows:
        assert {code: row[code] for code in DATES} == {code: ITEM.field(code).example for code in DATES}
        assert row["CF_NR_FK"] == "2.5"


def test_blank_rows_and_columns_around_the_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for column, code in enumerate(CODES, 3):
        sheet.cell(4, column, code)
        for at, row in zip((6, 7, 10), (*ROWS[:2], ROWS[0]), strict=True):
            sheet.cell(at, column, row.get(code))
    sheet.cell(12, 2, " ")
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx") == [*ROWS[:2], ROWS[0]]


def test_the_sheet_that_people_see_comes_first(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden, shown = book.active, book.create_sheet()
    hidden.append(list(CODES))
    hidden.append(["旧"] * len(CODES))
    shown.append(list(CODES))
    shown.append([ROWS[0][code] for code in CODES])
    book.active = shown
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx") == ROWS[:1]


def test_cells_right_of_the_headings_are_no_fault(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", ROWS)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book.active.cell(2, len(CODES) + 3, "旁注")
    book.save(tmp_path / "b.xlsx")
    assert faults(tmp_path / "b.xlsx") == {}
    assert read(tmp_path / "b.xlsx")[:2] == ROWS[:2]


def test_a_cell_with_a_nul_is_its_row_s_fault(tmp_path: Path) -> None:
    rows = [ROWS[0], ROWS[1] | {"BZ": "a\0b"}]
    workbook(tmp_path / "a", rows)
    assert faults(tmp_path / "a") == {2: "bad_character"}


def test_a_password(tmp_path: Path) -> None:
    """encrypted.xlsx was encrypted with the package msoffcrypto-tool."""
    refusal(DATA / "encrypted.xlsx", "workbook_encrypted")
    plain = (DATA / "penalty.xls").read_bytes()
    header = b"\xe1\x00\x02\x00"  # the first record after the beginning becomes FILEPASS
    assert header in plain
    (tmp_path / "a").write_bytes(plain.replace(header, b"\x2f\x00\x02\x00", 1))
    refusal(tmp_path / "a", "workbook_encrypted")
