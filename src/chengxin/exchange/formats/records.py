"""Where the rows of separated text begin and end.

A double quote is special only where a cell begins (blanks may stand before it) and then until the quote
that is not doubled; anywhere else it is a character like others. So a stray quote spoils one row, not the
rest of the file. Everything here works on UTF-8 bytes, in which separators, quotes and newlines never
occur inside a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from chengxin.exchange.formats import limits
from chengxin.exchange.formats.source import Source
from chengxin.exchange.formats.unreadable import Unreadable, unreadable

SEPARATORS = (",", "\t", ";")
_NEAR = 256


@dataclass(frozen=True)
class Block:
    """A run of whole rows: the bytes from `start` to `end`.

    quoted: some cell is quoted; clean: every quoted cell is as RFC 4180 has it, so that fast readers agree.
    """

    start: int
    end: int
    quoted: bool
    clean: bool


@dataclass(frozen=True)
class Grammar:
    """Patterns for one separator; each only goes forward, so that no text makes it slow.

    cell: one cell with the separator or newline behind it, as groups quoted, junk, plain, end (for text and
    for bytes); record: one row; clean: as many rows as possible that keep to RFC 4180.
    """

    cell: re.Pattern[str]
    cell_bytes: re.Pattern[bytes]
    record: re.Pattern[bytes]
    clean: re.Pattern[bytes]


@lru_cache(maxsize=8)
def grammar(separator: str) -> Grammar:
    """The patterns for a separator."""
    blanks = " *+" if separator == "\t" else "[ \t]*+"
    plain = f"[^{separator}\n]*+"
    run = f'[^"]{{0,{limits.RECORD_BYTES}}}+'
    inner = f'{run}(?:""{run})*+'
    cell = f'(?:{blanks}"({inner})"({plain})|(?!{blanks}")({plain}))([{separator}\n])'
    bare = f'(?:{blanks}"{inner}"{plain}|(?!{blanks}"){plain})'
    strict = f'(?<![^{separator}\n])"{inner}"(?=[{separator}\r\n])'
    return Grammar(
        cell=re.compile(cell),
        cell_bytes=re.compile(cell.encode()),
        record=re.compile(f"{bare}(?:{separator}{bare})*+\n".encode()),
        clean=re.compile(f'(?:[^"\n]*+(?:{strict}[^"\n]*+)*+\n)*+'.encode()),
    )


def cells(text: str, separator: str) -> Iterator[tuple[list[str], bool]]:
    """The rows of a text that ends with a newline: their cells, and whether one goes on after its quote."""
    row: list[str] = []
    stray = False
    for found in grammar(separator).cell.finditer(text):
        quoted, junk, plain, end = found.groups()
        if quoted is None:
            row.append(plain)
        else:
            rest = junk.strip(limits.BLANKS)
            stray = stray or bool(rest)
            row.append(quoted.replace('""', '"') + rest)
        if end == "\n":
            yield row, stray
            row, stray = [], False


def first_records(source: Source, separator: str, most: int) -> list[tuple[list[str], int]]:
    """The first rows of a file, each with the position behind it; fewer where a quote never closes."""
    head = source.read(source.start, limits.RECORD_BYTES)
    if source.start + len(head) >= source.size and not head.endswith(b"\n"):
        head += b"\n"
    found: list[tuple[list[str], int]] = []
    at = 0
    while len(found) < most and (record := grammar(separator).record.match(head, at)):
        row, _ = next(cells(record.group().decode("utf-8"), separator))
        at = record.end()
        found.append((row, source.start + at))
    return found


def blocks(source: Source, start: int, separator: str, columns: int) -> Iterator[Block]:
    """The rows from `start` on in blocks; the same file gives the same blocks.

    columns: how many cells a row is read for. Unreadable, with the line, where a quote is never closed or a
    row has no end.
    """
    lines = max(1, min(limits.BLOCK_LINES, limits.BLOCK_CELLS // max(1, columns)))
    scan = _Scan(source, start, separator)
    while scan.fill():
        yield scan.block(lines)


class _Scan:
    """A window of the file that moves from block to block."""

    def __init__(self, source: Source, start: int, separator: str) -> None:
        self.source = source
        self.size = source.size
        self.patterns = grammar(separator)
        self.buffer = b""
        self.base = start
        self.at = 0

    def fill(self) -> bool:
        """Have enough in the window for a block and its last row; False at the end of the file."""
        wanted = limits.BLOCK_BYTES + limits.RECORD_BYTES
        if len(self.buffer) - self.at < wanted and self.base + len(self.buffer) < self.size:
            self.base, self.at = self.base + self.at, 0
            # Reading the rest of the window again is cheaper than joining two pieces.
            self.buffer = self.source.read(self.base, wanted + limits.BLOCK_BYTES)
            if self.base + len(self.buffer) >= self.size and not self.buffer.endswith(b"\n"):
                self.buffer += b"\n"
        return self.at < len(self.buffer)

    def block(self, lines: int) -> Block:
        """The next block: whole rows, of no more than `lines` lines unless one row has more."""
        at, clean = self.at, True
        end = self._behind_line(lines)
        quoted = end is None or self.buffer.find(b'"', at, end) >= 0
        if quoted:
            reached, clean = self._rows(end) if end is not None else (at, True)
            if reached == at:  # not one whole row: a cell with very many lines, or a row without end
                record = self.patterns.record.match(self.buffer, at, at + limits.RECORD_BYTES)
                if record is None:
                    raise self._endless()
                reached, clean = self._rows(record.end())
            end = reached
        self.at = end or at
        return Block(self.base + at, min(self.base + self.at, self.size), quoted, clean)

    def _behind_line(self, lines: int) -> int | None:
        """Behind the newline that ends so many lines, or the last of a block's bytes; None without one."""
        buffer, low = self.buffer, self.at
        high = buffer.rfind(b"\n", low, low + limits.BLOCK_BYTES) + 1
        if high <= low:
            return None
        step = _NEAR
        while (count := buffer.count(b"\n", low, min(low + step, high))) < lines:
            lines -= count
            low += step
            step *= 2
            if low >= high:
                return high
        high = min(low + step, high)
        while high - low > _NEAR:  # halve towards it: counting is fast, finding one by one is not
            middle = (low + high) // 2
            count = buffer.count(b"\n", low, middle)
            if count >= lines:
                high = middle
            else:
                lines -= count
                low = middle
        for _ in range(lines):
            low = buffer.index(b"\n", low) + 1
        return low

    def _rows(self, end: int) -> tuple[int, bool]:
        """How far whole rows reach before `end`, and whether all of them are clean."""
        at, clean = self.at, True
        while True:
            found = self.patterns.clean.match(self.buffer, at, end)
            at = found.end() if found else at
            record = self.patterns.record.match(self.buffer, at, end) if at < end else None
            if record is None:
                return at, clean
            self._refuse_runaway(at, record.end())
            at, clean = record.end(), False

    def _refuse_runaway(self, at: int, end: int) -> None:
        """Unreadable where a quoted cell of several lines goes on after its quote.

        That is how a lone quote looks when a later cell is quoted: the rows between would become one value.
        """
        for cell in self.patterns.cell_bytes.finditer(self.buffer, at, end):
            quoted, junk = cell.group(1), cell.group(2)
            if quoted and b"\n" in quoted and junk.strip():
                raise unreadable("quote_unclosed", line=self.source.line(self.base + cell.start()))

    def _endless(self) -> Unreadable:
        """Why no row ends within the bytes allowed for one."""
        here = self.at
        while cell := self.patterns.cell_bytes.match(self.buffer, here, self.at + limits.RECORD_BYTES):
            here = cell.end()
        if self.buffer[here : here + limits.NAME_LENGTH].lstrip(b" \t").startswith(b'"'):
            return unreadable("quote_unclosed", line=self.source.line(self.base + here))
        line = self.source.line(self.base + self.at)
        return unreadable("line_too_long", line=line, most=limits.RECORD_BYTES // limits.MIB)
