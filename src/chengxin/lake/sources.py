"""What a file is that somebody sent: its form, its encoding, its columns, and the digest of its bytes.

A file is judged by what stands in it, never by its name: `orders.csv` may be a Parquet file, and a file that
`.csv.gz` calls compressed may be plain. Text in GB18030 or UTF-16 is rewritten as UTF-8 before it is read.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from chengxin.lake.contract import tables

Form = Literal["csv", "jsonl", "parquet"]
Compression = Literal["none", "gzip", "zstd"]

_MAGIC: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_CHUNK = 1 << 22
_HEAD = 1 << 20
_DELIMITERS = ",\t;|"
_ASCII = re.compile(r"[\x00-\x7f]+")
_MOST_COLUMNS = 1_000


class Unreadable(ValueError):
    """A file that can't be taken at all; the message is in both languages."""


@dataclass(frozen=True)
class Source:
    """A file to be read: `path` is where its text as UTF-8 (or the Parquet) stands, `name` its name.

    `columns` are the names as the file gives them, `keys` the values that Hive folders above it name
    (`platform=taobao`), `sha256` the digest of its content, uncompressed.
    """

    path: Path
    name: str
    form: Form
    sha256: str
    encoding: str = ""
    compression: Compression = "none"
    delimiter: str = ","
    columns: tuple[str, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()


def examined(path: Path, scratch: Path) -> Source:
    """What the file at `path` is; `scratch` is a file name that may be used for its text as UTF-8.

    Raises Unreadable for what is empty, damaged, binary, or has no column that any table of the lake has.
    """
    keys = tuple(_keys(path))
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise Unreadable(f"{path.name}：文件为空（0字节） / {path.name}: the file is empty (0 bytes)")
    if head == b"PAR1":
        return Source(path, path.name, "parquet", _digest(path), columns=_parquet_columns(path), keys=keys)
    compression: Compression = next((how for magic, how in _MAGIC.items() if head.startswith(magic)), "none")
    try:
        sha256, encoding, start = _text(path, compression)
        if encoding not in ("utf-8", "ascii"):
            _rewrite(path, compression, encoding, scratch)
            path_read, compression = scratch, "none"
            start = scratch.open("rb").read(_HEAD)
        else:
            path_read = path
    except (OSError, EOFError, pa.ArrowException) as damaged:
        raise Unreadable(
            f"{path.name}：压缩文件损坏 / {path.name}: the compressed file is damaged"
        ) from damaged
    text = start.decode("utf-8", "replace").removeprefix("\ufeff")
    known = {"sha256": sha256, "encoding": encoding, "compression": compression, "keys": keys}
    if text.lstrip().startswith("{"):
        return Source(path_read, path.name, "jsonl", **known)  # type: ignore[arg-type]
    if text.lstrip().startswith("["):
        raise Unreadable(
            f"{path.name}：请改为JSON Lines，每行一个对象 / {path.name}: send JSON Lines, one object a line"
        )
    delimiter, columns = _header(text, path.name)
    return Source(path_read, path.name, "csv", delimiter=delimiter, columns=columns, **known)  # type: ignore[arg-type]


def _keys(path: Path) -> Iterator[tuple[str, str]]:
    for part in path.parts[:-1]:
        name, is_key, value = part.partition("=")
        if is_key and value != "__HIVE_DEFAULT_PARTITION__":
            yield name.lower(), unquote(value)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parquet_columns(path: Path) -> tuple[str, ...]:
    try:
        return tuple(pq.read_schema(path).names)
    except Exception as damaged:  # whatever a reader meets in a damaged file
        raise Unreadable(
            f"{path.name}：Parquet文件损坏或不完整 / {path.name}: the Parquet file is damaged or cut short"
        ) from damaged


def _opened(path: Path, compression: Compression) -> Any:
    return path.open("rb") if compression == "none" else pa.input_stream(str(path), compression=compression)


def _text(path: Path, compression: Compression) -> tuple[str, str, bytes]:
    """Digest, encoding and first bytes of a text; Unreadable when it is none."""
    digest, decoder, start, valid = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), b"", True
    with _opened(path, compression) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            start = start or chunk[:_HEAD]
            if valid:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    valid = False
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return digest.hexdigest(), "utf-16", start
    encoding = "utf-8" if valid else _likely(path, compression)
    if not encoding or b"\0" in start or not start.strip():
        raise Unreadable(f"{path.name}：不是文本，也不是Parquet / {path.name}: neither text nor Parquet")
    return digest.hexdigest(), encoding, start


def _likely(path: Path, compression: Compression) -> str:
    """UTF-8 with some broken places, or GB18030; empty when it is neither.

    Chinese in UTF-8 often decodes as GB18030 too, into nonsense: what counts is how much of the text outside
    ASCII is well-formed UTF-8.
    """
    found: dict[str, tuple[int, int]] = {}
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        good = bad = 0
        with _opened(path, compression) as file:
            while chunk := file.read(_CHUNK):
                foreign = _ASCII.sub("", decoder.decode(chunk))
                broken = foreign.count("\ufffd")
                good, bad = good + len(foreign) - broken, bad + broken
        found[encoding] = good, bad
    if found["utf-8"][0] > found["utf-8"][1]:
        return "utf-8"
    good, bad = found["gb18030"]
    return "gb18030" if bad * 10 <= good else ""


def _rewrite(path: Path, compression: Compression, encoding: str, to: Path) -> None:
    """The text as UTF-8. What can't be decoded stays as it is: its rows are refused as every broken row."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if encoding != "utf-16" else "replace")
    with _opened(path, compression) as file, to.open("wb") as out:
        while chunk := file.read(_CHUNK):
            out.write(decoder.decode(chunk).encode("utf-8", "surrogateescape"))
        out.write(decoder.decode(b"", True).encode("utf-8", "surrogateescape"))


def _header(text: str, name: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter and the columns: the delimiter under which most of the header is known to some table."""
    known = {column for table in tables().values() for column in table.names}
    best: tuple[int, str, tuple[str, ...]] = (0, ",", ())
    for delimiter in _DELIMITERS:
        try:
            first = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        except csv.Error:  # a field longer than any header has
            continue
        hits = sum(normal(column) in known for column in first)
        if hits > best[0]:
            best = hits, delimiter, tuple(first)
    if not best[0] or len(best[2]) > _MOST_COLUMNS:
        shown = text.splitlines()[0][:80] if text.splitlines() else ""
        raise Unreadable(
            f"{name}：首行没有任何一列属于约定的表（{shown}） / "
            f"{name}: no column in its first line belongs to a table of the lake ({shown})"
        )
    return best[1], best[2]


def normal(column: str) -> str:
    """A column's name as the contract writes it: no spaces around, small letters."""
    return column.strip().strip("\ufeff").lower()
