"""Text in any encoding that departments use becomes UTF-8 with newlines, decided on the whole file.

UTF-8 if every byte agrees, else GB18030 (and GBK, GB2312 within it) if every byte agrees, UTF-16 by its
byte order mark; else nothing: half a file of wrong characters is worse than none.
"""

from __future__ import annotations

import codecs
import os
from itertools import chain
from pathlib import Path

import polars as pl

from chengxin.exchange.formats.limits import MIB
from chengxin.exchange.formats.source import Source, temporary
from chengxin.exchange.formats.unreadable import unreadable

_PIECE = 4 * MIB
_AROUND = MIB // 2
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_NUL = {"what": "二进制数据 / binary data"}


def as_text(source: Source, path: Path) -> Source:
    """The same content as UTF-8 with newlines: the file itself, or a temporary copy beside `path`.

    Unreadable with the line where the bytes belong to no encoding, and for NUL bytes.
    """
    head = source.read(0, 3)
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            source.start = len(mark)
            return _transcoded(source, path, encoding)
    marked = head == codecs.BOM_UTF8
    source.start = len(codecs.BOM_UTF8) if marked else 0
    wrong, breaks = _survey(source)
    if wrong is None:
        return _transcoded(source, path, "utf-8") if breaks == b"\r" else source
    if marked or _mostly_utf8(source, wrong):
        raise unreadable("file_encoding", line=source.line(wrong), encoding="UTF-8")
    return _transcoded(source, path, "gb18030")


def _survey(source: Source) -> tuple[int | None, bytes]:
    """Where the first byte that is not UTF-8 stands (None: nowhere), and how lines end."""
    at, kept, wrong, breaks = source.start, b"", None, b""
    for piece in source.pieces():
        if b"\0" in piece:
            raise unreadable("file_binary", **_NUL)
        if breaks != b"\n":
            breaks = b"\n" if b"\n" in piece else b"\r" if b"\r" in piece else breaks
        if wrong is None:
            text = kept + piece
            whole = text[: len(text) - _unfinished(text)]
            wrong = _first_wrong(whole)
            if wrong is not None:
                wrong += at - len(kept)
            kept = text[len(whole) :]
        at += len(piece)
    if wrong is None and kept:
        wrong = at - len(kept)
    return wrong, breaks


def _unfinished(text: bytes) -> int:
    """So many bytes at the end begin a character that the next piece goes on with."""
    for back in range(1, min(3, len(text)) + 1):
        byte = text[-back]
        if byte < 0x80:
            return 0
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return back if back < length else 0
    return 0


def _first_wrong(text: bytes) -> int | None:
    """The first byte that is not UTF-8. Polars looks several times as fast as `bytes.decode`."""
    try:
        pl.Series([text], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            return error.start
    return None


def _mostly_utf8(source: Source, wrong: int) -> bool:
    """Whether a file with a wrong byte is UTF-8 that was damaged, rather than GB18030.

    Chinese in GB18030 read as UTF-8 has six wrong bytes for each character that happens to look right.
    """
    first = max(source.start, wrong - _AROUND)
    text = source.read(first, 2 * _AROUND).decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return good > bad


def _transcoded(source: Source, path: Path, encoding: str) -> Source:
    """A temporary copy in UTF-8; lone carriage returns become newlines where the file has nothing else."""
    copy = Source(temporary(path))
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = 1
    with os.fdopen(os.dup(copy.descriptor), "wb") as out:
        for piece in chain(source.pieces(_PIECE), [b""]):
            try:
                text = decoder.decode(piece, final=not piece)
                data = text.encode("utf-8")
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(encoding, "replace")
                line = lines + before.count("\n")
                raise unreadable("file_encoding", line=line, encoding=encoding.upper()) from None
            except UnicodeEncodeError as error:  # half a surrogate pair is no character
                line = lines + text.count("\n", 0, error.start)
                raise unreadable("file_encoding", line=line, encoding=encoding.upper()) from None
            if b"\0" in data:
                raise unreadable("file_binary", **_NUL)
            lines += text.count("\n")
            out.write(data.replace(b"\r", b"\n") if encoding == "utf-8" else data)
    return copy
