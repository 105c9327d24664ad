"""Templates to fill in: a workbook with headings, drop-down lists and rules in comments; a bare CSV.

Everything follows from the catalogue item. Only the first sheet has the headings in a row, so that a
template that was filled in is read without its example.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from chengxin.exchange.checking.wording import requirement
from chengxin.exchange.sheets import LAST_ROW, OPTIONS, Looks, comment, write_text
from chengxin.rulebook.catalogue import Field, Item
from chengxin.rulebook.template import FALSE, TRUE, example_row, headings

EXAMPLE = "示例"
CHOICES = "可选值"
_NAME = 31  # characters of a sheet's name
_MESSAGE, _TITLE = 255, 32  # characters of the note that Excel shows beside a chosen cell, and of its title
_NUMBERS = frozenset({"decimal", "integer"})


def write_template(target: Path | BinaryIO, item: Item) -> None:
    """Write the template workbook of an item to a path or a binary stream.

    Sheets: the one to fill in; 示例, the fields with an example row and their rules; 可选值, the lists.
    All columns but dates and amounts are text, so that spreadsheets keep every digit of a code.
    """
    book = xlsxwriter.Workbook(
        str(target) if isinstance(target, Path) else target, OPTIONS | {"in_memory": True}
    )
    book.set_properties(
        {"title": item.name_zh, "subject": item.name_en, "comments": item.version.isoformat()}
    )
    looks = Looks.of(book)
    sheet = book.add_worksheet(item.name_zh[:_NAME])
    examples = book.add_worksheet(EXAMPLE)
    lists = book.add_worksheet(CHOICES)
    _write_examples(examples, item, looks)
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 48)
    listed = 0
    for place, field in enumerate(item.fields):
        _write_heading(sheet, place, item, field, looks)
        words = _words(field)
        source = None
        if words:
            _write_list(lists, listed, field, words, looks)
            column = xl_col_to_name(listed, col_abs=True)
            source = f"={CHOICES}!{column}$2:{column}${len(words) + 1}"
            listed += 1
        _validate(sheet, place, item, field, source)
    if not listed:
        lists.hide()
    book.close()


def template_csv(item: Item) -> bytes:
    """The template as CSV: the Chinese headings alone, in UTF-8 with the mark by which Excel knows it."""
    text = io.StringIO()
    csv.writer(text).writerow(headings(item))
    return text.getvalue().encode("utf-8-sig")


def _write_heading(sheet: Worksheet, place: int, item: Item, field: Field, looks: Looks) -> None:
    conditional = field.required_when or any(field.code in check.fields for check in item.checks)
    look = looks.required if field.required else looks.conditional if conditional else looks.head
    write_text(sheet, 0, place, field.name_zh, look)
    zh, en = requirement(item, field)
    comment(
        sheet,
        0,
        place,
        f"{field.code}\n{zh}\n例：{field.example}\n\n{field.name_en}\n{en}\ne.g. {field.example}",
    )
    column: Format | None = looks.text
    if field.type == "date":
        column = looks.day
    elif field.type in _NUMBERS:
        column = None
    sheet.set_column(place, place, max(12, min(40, 2 * len(field.name_zh), 2 * len(field.example))), column)


def _words(field: Field) -> tuple[str, ...]:
    """What a drop-down list offers: the meanings of coded choices, which are read like the codes."""
    if field.type == "boolean":
        return TRUE, FALSE
    return tuple(field.labels_zh[value] for value in field.choices)


def _write_list(sheet: Worksheet, place: int, field: Field, words: Iterable[str], looks: Looks) -> None:
    write_text(sheet, 0, place, f"{field.code}：{CHOICES}", looks.head)
    for line, word in enumerate(words, start=1):
        write_text(sheet, line, place, word, looks.text)
    sheet.set_column(place, place, 24, looks.text)


def _validate(sheet: Worksheet, place: int, item: Item, field: Field, source: str | None) -> None:
    """A note beside the chosen cell, and the list; where other values may be typed, the list only offers."""
    zh, _ = requirement(item, field)
    rule: dict[str, Any] = {
        "validate": "list" if source else "any",
        "input_title": field.name_zh[:_TITLE],
        "input_message": zh if len(zh) <= _MESSAGE else zh[: _MESSAGE - 1] + "…",
    }
    if source:
        open_list = field.type == "codes" or field.open_choice is not None
        rule |= {
            "source": source,
            "show_error": not open_list,
            "error_title": "不在可选值中",
            "error_message": "请从下拉列表中选择。/ Choose from the list.",
        }
    sheet.data_validation(1, place, LAST_ROW, place, rule)


def _write_examples(sheet: Worksheet, item: Item, looks: Looks) -> None:
    """The example row, a field a line, with the rules beside it."""
    row = example_row(item)
    for place, (head, width) in enumerate(
        (
            ("标题 / heading", 36),
            ("字段代码 / code", 18),
            ("示例 / example", 44),
            ("填写要求", 70),
            ("requirement", 70),
        )
    ):
        write_text(sheet, 0, place, head, looks.head)
        sheet.set_column(place, place, width, looks.wrapped)
    sheet.freeze_panes(1, 0)
    for line, field in enumerate(item.fields, start=1):
        zh, en = requirement(item, field)
        for place, text in enumerate((field.name_zh, field.code, row.get(field.code, ""), zh, en)):
            write_text(sheet, line, place, text, looks.wrapped)
