"""A file that can be read: its columns, and its rows in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file.

    number: from 0; frame: `_row` (Int64, from 1: the data row in the file, blank rows not counted),
    `_fault` (null, or what is wrong with the make of this row, an id of FAULTS), and all field codes of the
    item in catalogue order (String: stripped of blanks, null when empty or absent).
    """

    number: int
    frame: pl.DataFrame


class Rows(Protocol):
    """Where a table's rows come from."""

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """The chunks from number `skip` on."""

    def share_read(self) -> float:
        """How much was read, 0 to 1."""


@dataclass(frozen=True)
class Table:
    """A file of an item, opened.

    format: csv, tsv, xlsx, xls, json, jsonl or xml; columns: the fields it has, in catalogue order;
    ignored: its headings that the catalogue doesn't know.
    """

    format: str
    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: Rows = field(repr=False, compare=False)

    def chunks(self, skip: int = 0) -> Iterator[Chunk]:
        """The rows in chunks of at most 50,000; the same file gives the same chunks.

        skip: begin at the chunk of this number, as after a kill; rows before it are only counted.
        """
        return self.rows.chunks(skip)

    def share_read(self) -> float:
        """How much of the file the chunks given out so far cover, 0 to 1."""
        return self.rows.share_read()
