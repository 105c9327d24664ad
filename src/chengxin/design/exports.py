"""Rows as a file for spreadsheets: CSV and XLSX, in which no text is ever taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.http import HttpResponse

FORMATS: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it Excel reads Chinese in UTF-8 as something else


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    return (
        f"'{text}"
        if text.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
        else text
    )


def file_of(
    name: str, format: str, heads: Sequence[str], lines: Iterable[Sequence[str | int | float]]
) -> HttpResponse:
    """A file to download; no cache keeps it."""
    body = _csv(heads, lines) if format == "csv" else _xlsx(heads, lines)
    response = HttpResponse(body, content_type=FORMATS[format])
    response["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    response["Cache-Control"] = "no-store"
    return response


def _csv(heads: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(head) for head in heads])
    writer.writerows([_safe(value) for value in line] for line in lines)
    return _BYTE_ORDER_MARK + out.getvalue().encode()


def _safe(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value


def _xlsx(heads: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for number, head in enumerate(heads):
            sheet.set_column(number, number, max(12, min(40, 2 * len(head) + 4)))
            sheet.write_string(0, number, head, bold)
        for at, line in enumerate(lines, 1):
            for number, value in enumerate(line):
                if isinstance(value, str):
                    sheet.write_string(at, number, harmless(value))
                else:
                    sheet.write_number(at, number, value)
    return out.getvalue()
