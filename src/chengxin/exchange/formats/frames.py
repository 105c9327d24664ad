"""Blocks of separated text become frames of text, by Polars where it reads the block as we do."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from chengxin.exchange.formats.limits import BLANKS, VALUE_BYTES
from chengxin.exchange.formats.records import Block, cells
from chengxin.exchange.formats.source import Source

_FAULT = "_fault"
_EXTRA = "_extra"
_UNREAD = "_unread"
_BLANK_LINES: dict[str, re.Pattern[bytes]] = {}


@dataclass(frozen=True)
class Layout:
    """How the positions of a row are read.

    positions: the field code of each position, `_fault` for a fault noted before, None for what is not
    read; width: positions that are looked at, those beyond the headings only for values that must not be
    there; codes: all fields of the item, the columns of every frame.
    """

    separator: str
    positions: tuple[str | None, ...]
    width: int
    codes: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """A column name for each position."""
        extra = range(len(self.positions), self.width)
        return [code or f"{_UNREAD}{at}" for at, code in enumerate(self.positions)] + [
            f"{_EXTRA}{at}" for at in extra
        ]

    @property
    def plain(self) -> bool:
        """Whether every position is read, so that a line of blanks and nothing else is a blank row."""
        return None not in self.positions


def frame(source: Source, block: Block, layout: Layout) -> pl.DataFrame:
    """The rows of a block that are not blank: `_fault` and all codes, values stripped, null when empty."""
    text = _text(source, block)
    if _blank(text, layout):
        return pl.DataFrame(schema=dict.fromkeys([_FAULT, *layout.codes], pl.String))
    found = _by_polars(text, layout) if block.clean else None
    return _tidy(found if found is not None else _one_by_one(text, layout), layout)


def height(source: Source, block: Block, layout: Layout) -> int:
    """How many rows `frame` has, without parsing where that is certain."""
    text = _text(source, block)
    if _blank(text, layout):
        return 0
    if block.quoted or not layout.plain:
        return frame(source, block, layout).height
    return text.count(b"\n") - len(_blank_lines(layout.separator).findall(b"\n" + text))


def _text(source: Source, block: Block) -> bytes:
    text = source.read(block.start, block.end - block.start)
    return text if text.endswith(b"\n") else text + b"\n"


def _blank(text: bytes, layout: Layout) -> bool:
    """Whether there is surely nothing in a block: millions of empty lines cost next to nothing."""
    return not text.strip(b" \t\r\n\v\f" + layout.separator.encode())


def _blank_lines(separator: str) -> re.Pattern[bytes]:
    if separator not in _BLANK_LINES:
        single = "".join(blank for blank in BLANKS if blank.isascii() and blank != "\n")
        several = b"|".join(blank.encode() for blank in BLANKS if not blank.isascii())
        one = b"[" + re.escape((single + separator).encode()) + b"]"
        _BLANK_LINES[separator] = re.compile(b"\n(?:" + one + b"|" + several + b")*+(?=\n)")
    return _BLANK_LINES[separator]


def _by_polars(text: bytes, layout: Layout) -> pl.DataFrame | None:
    """The block as Polars reads it; None where a row has more cells than `width` or Polars balks."""
    names = layout.names
    if text.startswith(b"x"):  # two letters such as "x^" would pass for compressed data
        text = b"\n" + text
    try:
        return pl.read_csv(
            text,
            has_header=False,
            separator=layout.separator,
            schema=dict.fromkeys(names, pl.String),
            columns=[at for at, name in enumerate(names) if not name.startswith(_UNREAD)],
            infer_schema=False,
            missing_columns="insert",
            glob=False,
        )
    except pl.exceptions.PolarsError:
        return None


def _one_by_one(text: bytes, layout: Layout) -> pl.DataFrame:
    """The block cell by cell: some ten times as slow, but a faulty row is that row's fault alone."""
    positions = layout.positions
    columns: dict[str, list[str | None]] = {code: [] for code in positions if code is not None}
    faults = columns.setdefault(_FAULT, [])
    for row, stray in cells(text.decode("utf-8"), layout.separator):
        for at, code in enumerate(positions):
            if code is not None:
                columns[code].append(row[at] if at < len(row) else None)
        fault = (
            "stray_quote"
            if stray
            else "too_many_cells"
            if any(cell.strip(BLANKS) for cell in row[len(positions) :])
            else None
        )
        if _FAULT not in positions:
            faults.append(fault)
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _without_giants(found: pl.DataFrame) -> pl.DataFrame:
    """Rows with a value of more bytes than one may have keep only the fault."""
    giant = pl.any_horizontal(pl.all().str.len_bytes().fill_null(0) > VALUE_BYTES)
    if found.height == 0 or not found.select(giant.any()).item():
        return found
    kept = found.with_columns(pl.when(~giant).then(pl.all()))
    fault = pl.col(_FAULT) if _FAULT in found.columns else pl.lit(None, pl.String)
    marked = pl.when(found.select(giant).to_series()).then(pl.lit("row_too_long")).otherwise(fault)
    return kept.with_columns(marked.alias(_FAULT))


def _tidy(found: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Strip values, drop blank rows, put the columns in order."""
    stripped = _without_giants(found.select(pl.all().str.strip_chars(BLANKS).replace("", None)))
    extra = [name for name in stripped.columns if name.startswith(_EXTRA)]
    present = set(stripped.columns)
    fault = pl.col(_FAULT) if _FAULT in present else pl.lit(None, pl.String)
    if extra:
        too_many = pl.any_horizontal(pl.col(extra).is_not_null())
        fault = pl.coalesce(fault, pl.when(too_many).then(pl.lit("too_many_cells")))
    rows = stripped.select(
        fault.alias(_FAULT),
        *(pl.col(code) if code in present else pl.lit(None, pl.String).alias(code) for code in layout.codes),
    )
    return rows.filter(~pl.all_horizontal(pl.all().is_null()))
