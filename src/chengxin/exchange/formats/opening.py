"""Any file that a department sends becomes a table, or an error that says what to do about it."""

from __future__ import annotations

import re
from pathlib import Path

from chengxin.exchange.formats.converting import converted
from chengxin.exchange.formats.encoding import as_text
from chengxin.exchange.formats.headings import fields_of
from chengxin.exchange.formats.limits import BLANKS
from chengxin.exchange.formats.reading import separated, spooled
from chengxin.exchange.formats.source import Source
from chengxin.exchange.formats.source import opened as opened_source
from chengxin.exchange.formats.table import Table
from chengxin.exchange.formats.unreadable import unreadable
from chengxin.rulebook.catalogue import Item

_WORKBOOKS = {b"PK\x03\x04": "xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "xls"}
_OTHERS = {
    b"PK\x05\x06": "空的压缩包 / an empty archive",
    b"%PDF": "PDF",
    b"\x1f\x8b": "gzip",
    b"Rar!": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x89PNG": "图片 / a picture",
    b"\xff\xd8\xff": "图片 / a picture",
    b"SQLite format 3": "SQLite",
    b"{\\rtf": "RTF",
}
_HTML = re.compile(r"<(!doctype\s+html|html|head|body|table|meta|script|style|div|tr|td)\b", re.IGNORECASE)
_LINES = (".jsonl", ".ndjson")


def open_table(path: Path, item: Item, name: str | None = None) -> Table:
    """Open a file as a table of the item.

    The content decides on the format; `name` (as it was sent) only where the content leaves a choice.
    Unreadable says why it can't be read: encoding, headings, damage, or more than a file may cost.
    """
    fields = fields_of(item)
    source = opened_source(path)
    head = source.read(0, 16)
    if not head:
        raise unreadable("file_empty")
    for mark, what in _OTHERS.items():
        if head.startswith(mark):
            raise unreadable("file_binary", what=what)
    kind = next((kind for mark, kind in _WORKBOOKS.items() if head.startswith(mark)), None)
    if kind is None:
        source = as_text(source, path)
        kind = _kind_of_text(source, name or path.name)
    if kind == "csv":
        separator, heading, rows = separated(source, fields)
        return Table(
            format="tsv" if separator == "\t" else "csv",
            columns=tuple(code for code in fields.codes if code in heading.codes),
            ignored=heading.ignored,
            rows=rows,
        )
    spool, found = converted(source, path, kind, fields)
    return Table(found.format, found.columns, found.ignored, spooled(spool, fields))


def _kind_of_text(source: Source, name: str) -> str:
    """csv, json, jsonl or xml, by how the text begins."""
    head = source.read(source.start, 4096).decode("utf-8", "ignore").lstrip(BLANKS)
    if not head and source.size - source.start <= 4096:
        raise unreadable("file_empty")
    if head.startswith("<"):
        if _HTML.match(head):
            raise unreadable("file_html")
        if "urn:schemas-microsoft-com:office:spreadsheet" in head or 'progid="Excel.Sheet"' in head:
            raise unreadable("file_spreadsheet_2003")
        return "xml"
    if re.match(r"\[\s*[\[{\]]", head):
        return "json"
    if re.match(r'\{\s*["}]', head):
        return "jsonl" if Path(name).suffix.lower() in _LINES else "json"
    return "csv"
