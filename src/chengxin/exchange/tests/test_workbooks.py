"""Templates: what is downloaded can be filled in and sent, and keeps every digit."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from chengxin.exchange.checks import check
from chengxin.exchange.formats import Unreadable, open_table
from chengxin.exchange.tests.rows import TODAY, archived
from chengxin.exchange.workbooks import CHOICES, EXAMPLE, template_csv, write_template
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Item, versions
from chengxin.rulebook.template import codes, example_row, headings

ALL = pytest.mark.parametrize("one", versions(), ids=lambda one: f"{one.id}.{one.version}")


def _book(one: Item) -> openpyxl.Workbook:
    buffer = io.BytesIO()
    write_template(buffer, one)
    buffer.seek(0)
    return openpyxl.load_workbook(buffer)


@ALL
def test_the_first_sheet_has_the_headings_and_their_rules(one: Item) -> None:
    sheet = _book(one).worksheets[0]
    assert [cell.value for cell in sheet[1]] == list(headings(one))
    for field, cell in zip(one.fields, sheet[1], strict=True):
        for text in (field.code, field.name_en, field.example, "必填" if field.required else ""):
            assert text in cell.comment.text


@ALL
def test_the_example_stands_beside_its_rules_on_a_sheet_of_its_own(one: Item) -> None:
    sheet = _book(one)[EXAMPLE]
    row = example_row(one)
    for line, field in enumerate(one.fields, start=2):
        name, code, example, zh, en = (sheet.cell(line, place).value for place in range(1, 6))
        assert (name, code, example or None) == (field.name_zh, field.code, row.get(field.code))
        assert zh and en


@ALL
def test_choices_are_offered_as_lists(one: Item) -> None:
    book = _book(one)
    sheet = book.worksheets[0]
    for place, field in enumerate(one.fields, start=1):
        if not field.choices:
            continue
        offered, strict = _offered(book, sheet, place)
        assert offered == [field.labels_zh[value] for value in field.choices]
        assert strict == (field.type == "code" and field.open_choice is None)


def _offered(book: openpyxl.Workbook, sheet: Worksheet, place: int) -> tuple[list[str], bool]:
    letter = sheet.cell(1, place).column_letter
    (rule,) = (
        one for one in sheet.data_validations.dataValidation if f"{letter}2" in str(one.sqref).split(":")
    )
    assert rule.type == "list" and rule.formula1.startswith(f"{CHOICES}!")
    cells = book[CHOICES][rule.formula1.partition("!")[2].replace("$", "")]
    return [cell.value for (cell,) in cells], bool(rule.showErrorMessage)


@ALL
def test_code_columns_are_text_so_that_no_digit_is_lost(one: Item) -> None:
    sheet = _book(one).worksheets[0]
    for place, field in enumerate(one.fields, start=1):
        style = next(
            one.number_format for one in sheet.column_dimensions.values() if one.min <= place <= one.max
        )
        if field.type in {"uscc", "regno", "orgcode", "personal", "phone", "gtin", "region", "text", "code"}:
            assert style == "@", field.code
        if field.type == "date":
            assert style == "yyyy-mm-dd"


@pytest.mark.obligation("9.1c")
@ALL
def test_a_filled_in_template_is_read_and_accepted(one: Item, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, one)
    book = openpyxl.load_workbook(path)
    row = example_row(one)
    for place, code in enumerate(codes(one), start=1):
        book.worksheets[0].cell(2, place).value = row.get(code)
    book.save(path)
    (chunk,) = open_table(path, one).chunks()
    checked = check(one, chunk.frame, TODAY)
    assert checked.rejected == ()
    (found,) = checked.accepted.drop("_row").iter_rows(named=True)
    assert {code: value for code, value in found.items() if value is not None} == archived(one, row)


def test_an_empty_template_is_told_to_have_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, catalogue.item("penalty"))
    with pytest.raises(Unreadable) as failed:
        list(open_table(path, catalogue.item("penalty")).chunks())
    assert failed.value.problem.rule == "file_without_rows"


@ALL
def test_the_csv_template_has_the_mark_and_the_headings(one: Item) -> None:
    text = template_csv(one)
    assert text.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""))) == [list(headings(one))]


def test_the_same_item_gives_the_same_csv_and_a_workbook_in_memory_or_on_disk(tmp_path: Path) -> None:
    one = catalogue.item("licence")
    buffer = io.BytesIO()
    write_template(buffer, one)
    write_template(tmp_path / "a.xlsx", one)
    on_disk = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert openpyxl.load_workbook(buffer).sheetnames == on_disk.sheetnames
    assert template_csv(one) == template_csv(one)
