"""What a verification asks of the database besides the rows: tiles, heads, what lies beyond, how much.

A table that can't be read is a fault of its own, never an exception; only a broken connection is (`Lost`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg import Connection

from chengxin.kernel.merkle import HASH, WIDTH
from chengxin.ledger import faults, heads
from chengxin.ledger.faults import HEADS, TILES, TOLD, Findings
from chengxin.ledger.heads import Head
from chengxin.ledger.stretches import Lost, Reader

T = TypeVar("T")

_MOST = 2**62
"""Leaves of any log: more than will ever be."""

_STRAY = f"""
    SELECT level, index FROM {TILES} GROUP BY level, index
    HAVING count(*) > 1 OR bool_or(level > 7 OR length(hashes) = 0 OR mod(length(hashes), {HASH}) <> 0
        OR index::numeric * {WIDTH} + length(hashes) / {HASH} > (%s::bigint >> (8 * level)))
    ORDER BY level, index LIMIT {TOLD}"""


class Stored:
    """Questions over one connection, within its transaction."""

    def __init__(self, connection: Connection[Any], reader: Reader, findings: Findings) -> None:
        self.connection, self.reader, self.findings = connection, reader, findings

    def guarded(self, table: str, ask: Callable[[], T], otherwise: T) -> T:
        """What `ask` gives; `otherwise`, and a fault, where the table can't be read."""
        try:
            with self.connection.transaction():
                return ask()
        except (psycopg.Error, UnicodeError) as failed:
            if self.connection.closed or self.connection.broken:
                raise Lost(table) from failed
            code = failed.sqlstate if isinstance(failed, psycopg.Error) else None
            self.findings.add(faults.unreadable_table(table, code))
            return otherwise

    def _rows(self, table: str, statement: str, *values: Any) -> list[Any]:
        return self.guarded(table, lambda: self.connection.execute(statement, values).fetchall(), [])

    # --- tiles

    def tiles(self, first: int, end: int) -> dict[int, bytes | None]:
        """The tiles of leaf hashes from index `first` to before `end`; None: can't be read."""
        found: dict[int, bytes | None] = {}

        def read(start: int, end: int) -> int:
            rows = self.connection.execute(
                f"SELECT index, hashes FROM {TILES} WHERE level = 0 AND index >= %s AND index < %s",
                [start, end],
            ).fetchall()
            found.update((index, hashes or b"") for index, hashes in rows)
            return len(rows)

        for damage in self.reader.narrowed(TILES, read, first, end):
            found.update(dict.fromkeys(range(damage.first, damage.last + 1)))
            last = (damage.last + 1) * WIDTH - 1
            self.findings.add(faults.unreadable(damage.first * WIDTH, last, TILES, damage.code))
        return found

    def tile(self, level: int, index: int) -> bytes | None:
        """A tile of an upper level; b"" where there is none, None where it can't be read."""

        def read() -> bytes | None:
            found = self.connection.execute(
                f"SELECT hashes FROM {TILES} WHERE level = %s AND index = %s LIMIT 1", [level, index]
            ).fetchone()
            return (found[0] if found else None) or b""

        return self.guarded(TILES, read, None)

    def tiles_end(self) -> int:
        """How many leaves the tiles have hashes for."""
        rows = self._rows(
            TILES,
            f"SELECT max(index::numeric * {WIDTH} + length(hashes) / {HASH}) FROM {TILES} WHERE level = 0",
        )
        return int(rows[0][0] or 0) if rows else 0

    def stray_tiles(self, size: int) -> None:
        """Tiles that a tree of this size doesn't have are faults."""
        for level, index in self._rows(TILES, _STRAY, size):
            self.findings.add(faults.tile_stray(level, index))

    # --- heads

    def size(self) -> int:
        """How many leaves the newest head claims, whatever its signature."""
        rows = self._rows(HEADS, f"SELECT max(size) FROM {HEADS}")
        if rows:
            return int(rows[0][0] or 0)
        return max((head.size for head in self.heads(0, _MOST)), default=0)

    def newest_signed(self, size: int, public_key: bytes) -> int:
        """The size of the newest head whose signature holds; 0 where there is none."""
        until, span = size, WIDTH
        while until > 0:
            after = max(0, until - span)
            for head in reversed(self.heads(after, until)):
                if head.signed(public_key):
                    return head.size
            until, span = after, 2 * span
        return 0

    def heads(self, after: int, until: int) -> list[Head]:
        """The heads of more than `after` leaves, up to `until`, in their order."""
        found: list[Head] = []

        def read(start: int, end: int) -> int:
            rows = self.connection.execute(
                f"SELECT {heads.COLUMNS} FROM {HEADS} WHERE size >= %s AND size < %s ORDER BY size",
                [start, end],
            ).fetchall()
            found.extend(Head(*row) for row in rows)
            return len(rows)

        for damage in self.reader.narrowed(HEADS, read, after + 1, until + 1):
            self.findings.add(faults.unreadable_table(HEADS, damage.code))
        return found

    # --- rows

    def rows_end(self, tables: Sequence[str], size: int) -> int:
        """One more than the greatest number of a row among the first `size` leaves."""
        last = -1
        for table in tables:
            rows = self._rows(table, f'SELECT max(id) FROM "{table}" WHERE id < %s', size)
            last = max(last, *(id for (id,) in rows if id is not None), -1)
        return last + 1

    def rows_beyond(self, tables: Sequence[str], size: int) -> None:
        """Rows that no head covers are faults."""
        for table in tables:
            asked = f'SELECT id FROM "{table}" WHERE id < 0 OR id >= %s ORDER BY id LIMIT {TOLD}'
            for (leaf,) in self._rows(table, asked, size):
                self.findings.add(faults.not_covered(leaf, table))

    def count(self, table: str, end: int, seen: int) -> None:
        """Whether a table has as many rows with numbers below `end` as its primary key showed."""
        for (held,) in self._rows(table, f'SELECT count(*) FROM "{table}" WHERE id >= 0 AND id < %s', end):
            if held != seen:
                self.findings.add(faults.hidden(table, abs(held - seen)))
