"""What the workbooks that go out have in common: text that stays text, looks, comments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

LAST_ROW = 1_048_575
"""The last row of a sheet, counted from 0: so many rows have room under a heading."""
CELL_CHARACTERS = 32_767 // 2
"""What a cell or comment surely holds: half of its UTF-16 units."""

OPTIONS: dict[str, Any] = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "use_zip64": True,
}
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TEXT = "@"  # the number format of text: what is typed or corrected there is never computed
_BOX = {"width": 360, "line": 18, "least": 40, "most": 600}  # pixels of a comment's box
_LINE = 56  # ASCII characters that fit in a line of the box, about; others take the room of two


@dataclass(frozen=True)
class Looks:
    """The formats of cells."""

    head: Format
    required: Format
    conditional: Format
    text: Format
    faulty: Format
    day: Format
    wrapped: Format
    title: Format

    @classmethod
    def of(cls, book: xlsxwriter.Workbook) -> Looks:
        """The formats, made known to a workbook."""
        head = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "num_format": _TEXT}
        return cls(
            head=book.add_format(head | {"bg_color": "#E7E6E6"}),
            required=book.add_format(head | {"bg_color": "#F8CBAD"}),
            conditional=book.add_format(head | {"bg_color": "#FFE699"}),
            text=book.add_format({"num_format": _TEXT}),
            faulty=book.add_format({"num_format": _TEXT, "bg_color": "#FFC7CE", "font_color": "#9C0006"}),
            day=book.add_format({"num_format": "yyyy-mm-dd"}),
            wrapped=book.add_format({"num_format": _TEXT, "text_wrap": True, "valign": "top"}),
            title=book.add_format({"bold": True, "font_size": 14}),
        )


def write_text(sheet: Worksheet, row: int, column: int, text: str, look: Format | None = None) -> bool:
    """Write a cell that is text whatever it begins with; whether all of it had room.

    Signs that XML can't hold become �. Text in the guise of the writer's own markup gets a blank behind it,
    so that it isn't taken for markup.
    """
    safe = _NO_XML.sub("\ufffd", text)
    if safe.startswith("<r>") and safe.endswith("</r>"):
        safe += " "
    return bool(sheet.write_string(row, column, safe, look) == 0)


def comment(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """Put a comment on a cell, in a box large enough to be read."""
    safe = _NO_XML.sub("\ufffd", text)[:CELL_CHARACTERS]
    lines = sum(1 + sum(1 if sign.isascii() else 2 for sign in line) // _LINE for line in safe.split("\n"))
    height = min(max(lines * _BOX["line"], _BOX["least"]), _BOX["most"])
    sheet.write_comment(row, column, safe, {"width": _BOX["width"], "height": height})
