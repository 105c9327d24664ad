"""Excel workbooks, .xlsx and .xls: runs in the converter's process only."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from chengxin.exchange.formats import limits
from chengxin.exchange.formats.headings import heading_row, understood, unknown
from chengxin.exchange.formats.spool import Spool
from chengxin.exchange.formats.unreadable import unreadable

Cell = int | float | str | bool | time | date | datetime | timedelta
_TRUE, _FALSE = "是", "否"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_GLOBALS = b"\x09\x08\x10\x00\x00\x06\x05\x00"  # the record with which an .xls begins, 16 bytes of content
_GLOBALS_REST = 12
_WRITEPROT, _FILEPASS = b"\x86\x00", b"\x2f\x00"
_SECTOR = 512
_BOOKS = ("xl/workbook.xml", "xl/workbook.bin")
_PIECE = limits.MIB
_LOCAL_HEADER = 30


def read_workbook(descriptor: int, kind: str, spool: Spool) -> None:
    """Write the rows of the first sheet that has the headings to the spool.

    kind: xlsx or xls, as the first bytes have it. Unreadable where the workbook is a bomb, encrypted,
    damaged, or has no such sheet.
    """
    path = f"/dev/fd/{descriptor}"
    if kind == "xlsx":
        _check_zip(path)
    else:
        _check_encryption(descriptor)
    try:
        with CalamineWorkbook.from_path(path) as book:
            _read(book, spool)
    except CalamineError:
        raise unreadable("workbook_damaged") from None


def _read(book: CalamineWorkbook, spool: Spool) -> None:
    """The first sheet that names all required fields, else the one that names most is complained about."""
    best: tuple[int, list[str]] = (0, [])
    fallback: list[str] = []
    for number in _sheets(book):
        sheet = book.get_sheet_by_index(number)
        rows = _rows(sheet)
        head = list(islice(rows, limits.HEADING_ROWS))
        at, score = heading_row(spool.fields, head)
        if score and _complete(spool, head[at]):
            _write(spool, head[at], chain(head[at + 1 :], rows))
            return
        if score > best[0]:
            best = (score, head[at])
        fallback = fallback or next((row for row in head if any(row)), [])
        del sheet, rows
    if best[0]:
        understood(spool.fields, best[1])  # raises: a field twice, or a required one missing
    if not fallback:
        raise unreadable("file_without_rows")
    raise unknown(spool.fields, fallback)


def _sheets(book: CalamineWorkbook) -> list[int]:
    """Sheets with cells by number, those that people see first."""
    cells = [(n, one) for n, one in enumerate(book.sheets_metadata) if one.typ == SheetTypeEnum.WorkSheet]
    return [n for n, _ in sorted(cells, key=lambda pair: pair[1].visible != SheetVisibleEnum.Visible)]


def _rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        yield [cell if type(cell) is str else text(cell) for cell in row]


def _complete(spool: Spool, cells: list[str]) -> bool:
    """Whether a row names every required field."""
    named = {spool.fields.code(cell) for cell in cells}
    return all(code in named for code, _, required in spool.fields.rows if required)


def _write(spool: Spool, cells: list[str], rows: Iterable[list[str]]) -> None:
    heading = understood(spool.fields, cells)
    read = [(at, code) for at, code in enumerate(heading.codes) if code is not None]
    spool.present.update(code for _, code in read)
    spool.ignore(heading.ignored)
    for row in rows:
        spool.add({code: row[at] for at, code in read if row[at]})


def text(cell: Cell) -> str:
    """A cell as people see it: dates in ISO form, whole numbers without point, nothing with an exponent.

    Excel keeps 15 digits of a number: longer codes typed as numbers have lost the rest, which the checks of
    the item find.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return _TRUE if cell else _FALSE
    if isinstance(cell, int | float):
        return f"{cell:.0f}" if cell == int(cell) else format(Decimal(f"{cell:.15g}"), "f")
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, time):
        return cell.isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _check_encryption(descriptor: int) -> None:
    """Unreadable where an old container holds an encrypted workbook, of the new kind or the old.

    The reader doesn't tell a password from damage in an .xls; there the record FILEPASS follows the stream's
    first, but for WRITEPROT (the format's specification, [MS-XLS] 2.1.7.20.3).
    """
    size = os.fstat(descriptor).st_size
    for at in range(0, size, _PIECE):
        piece = os.pread(descriptor, _PIECE + _SECTOR, at)
        if _ENCRYPTED in piece:
            raise unreadable("workbook_encrypted")
        found = piece.find(_GLOBALS)
        while found >= 0:
            after = found + len(_GLOBALS) + _GLOBALS_REST
            after += 4 * (piece[after : after + 2] == _WRITEPROT)
            if (at + found) % _SECTOR == 0 and piece[after : after + 2] == _FILEPASS:
                raise unreadable("workbook_encrypted")
            found = piece.find(_GLOBALS, found + 1)


def _check_zip(path: str) -> None:
    """Unpack everything once and throw it away, counting: what an archive declares may be a lie."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, struct.error):
        raise unreadable("workbook_damaged") from None
    if not any(part.filename.lower() in _BOOKS for part in parts):
        raise unreadable("zip_not_workbook")
    if len(parts) > limits.ZIP_ENTRIES:
        raise unreadable("zip_bomb")
    if any(part.flag_bits & 1 for part in parts):
        raise unreadable("workbook_encrypted")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        most = limits.ZIP_UNPACKED_BYTES
        allowed = limits.ZIP_RATIO * os.fstat(descriptor).st_size
        most = min(most, max(allowed, limits.ZIP_RATIO_FROM))
        for part in parts:
            most -= _unpacked(descriptor, part, most)
    finally:
        os.close(descriptor)


def _unpacked(descriptor: int, part: zipfile.ZipInfo, most: int) -> int:
    """How many bytes a part really unpacks to; Unreadable where they are too many or more than declared."""
    header = os.pread(descriptor, _LOCAL_HEADER, part.header_offset)
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise unreadable("workbook_damaged")
    name, extra = struct.unpack("<HH", header[26:30])
    at = part.header_offset + _LOCAL_HEADER + name + extra
    if part.compress_type == zipfile.ZIP_STORED:
        size = part.compress_size
    elif part.compress_type == zipfile.ZIP_DEFLATED:
        size = _inflated(descriptor, at, part.compress_size, min(most, part.file_size))
    else:
        raise unreadable("workbook_damaged")
    if size > most or size > part.file_size:
        raise unreadable("zip_bomb")
    return size


def _inflated(descriptor: int, at: int, length: int, most: int) -> int:
    """The size of a deflated stream, no further than past `most`."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    size, end = 0, at + length
    while at < end and not inflate.eof and size <= most:
        piece = os.pread(descriptor, min(_PIECE, end - at), at)
        if not piece:
            raise unreadable("workbook_damaged")
        at += len(piece)
        try:
            while piece and size <= most:
                size += len(inflate.decompress(piece, _PIECE))
                piece = inflate.unconsumed_tail
        except zlib.error:
            raise unreadable("workbook_damaged") from None
    if not inflate.eof and size <= most:
        raise unreadable("workbook_damaged")
    return size
