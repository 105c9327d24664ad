"""The rows of separated text, chunk by chunk; every other format comes here as a spool of the same."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from chengxin.exchange.formats.frames import Layout, frame, height
from chengxin.exchange.formats.headings import Fields, Heading, heading_row, understood, unknown
from chengxin.exchange.formats.limits import BLANKS, COLUMNS, HEADING_ROWS
from chengxin.exchange.formats.records import SEPARATORS, blocks, first_records
from chengxin.exchange.formats.source import Source
from chengxin.exchange.formats.table import Chunk
from chengxin.exchange.formats.unreadable import unreadable

_BEYOND = 8  # so many cells beyond the headings are looked at in one go; with more, row by row
_LOOK = 2 * HEADING_ROWS


class SpooledRows:
    """Rows of separated text whose blocks are known."""

    def __init__(self, source: Source, layout: Layout, start: int) -> None:
        self._source = source
        self._layout = layout
        self._start = start
        self._reached = start
        self._blocks = tuple(blocks(source, start, layout.separator, layout.width))

    def empty(self) -> bool:
        """Whether there is no row at all; stops at the first."""
        return not any(height(self._source, block, self._layout) for block in self._blocks)

    def share_read(self) -> float:
        """How much of the file was given out, 0 to 1."""
        return (self._reached - self._start) / max(1, self._source.size - self._start)

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """The chunks from number `skip` on; blocks without rows have no number."""
        number, row = 0, 0
        for block in self._blocks:
            if number < skip:
                rows = height(self._source, block, self._layout)
                number, row = number + bool(rows), row + rows
                self._reached = block.end
                continue
            found = frame(self._source, block, self._layout)
            self._reached = block.end
            if found.height:
                numbers = pl.int_range(row + 1, row + 1 + found.height, dtype=pl.Int64, eager=True)
                yield Chunk(number, found.insert_column(0, numbers.alias("_row")))
                number, row = number + 1, row + found.height


def separated(source: Source, fields: Fields) -> tuple[str, Heading, SpooledRows]:
    """Separated text: its separator, its headings, its rows. Unreadable without headings or rows."""
    separator, records, at = _headings(source, fields)
    cells, start = records[at]
    while not cells[-1].strip(BLANKS):  # what stands below an empty end of the headings has no place
        cells = cells[:-1]
    if len(cells) > COLUMNS:
        raise unreadable("headings_too_many", most=COLUMNS)
    heading = understood(fields, cells)
    widest = max(len(row) for row, _ in records[at:])
    layout = Layout(
        separator=separator,
        positions=heading.codes,
        width=min(widest, len(cells) + _BEYOND),
        codes=fields.codes,
    )
    rows = SpooledRows(source, layout, start)
    if rows.empty():
        raise unreadable("file_without_rows")
    return separator, heading, rows


def _headings(source: Source, fields: Fields) -> tuple[str, list[tuple[list[str], int]], int]:
    """The separator under which the first rows name most fields, these rows, and which one is the heading."""
    best: tuple[int, str, list[tuple[list[str], int]], int] | None = None
    for separator in SEPARATORS:
        records = first_records(source, separator, _LOOK)
        at, score = heading_row(fields, [row for row, _ in records])
        if records and (best is None or score > best[0]):
            best = (score, separator, records, at)
    if best is None:  # not even one row: the pass over the rows says why
        list(blocks(source, source.start, SEPARATORS[0], 1))
        raise unreadable("file_empty")
    score, separator, records, at = best
    if not score:
        raise unknown(fields, next((row for row, _ in records if any(cell.strip() for cell in row)), []))
    return separator, records, at


def spooled(source: Source, fields: Fields) -> SpooledRows:
    """What the converter wrote: `_fault` and all fields, comma separated, without headings."""
    positions = ("_fault", *fields.codes)
    layout = Layout(separator=",", positions=positions, width=len(positions), codes=fields.codes)
    return SpooledRows(source, layout, 0)
