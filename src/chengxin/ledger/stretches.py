"""Reading sealed rows back: all rows of a stretch of leaves, hashed, whichever tables they are in.

A stretch is asked of each table by the leaves' numbers, so that memory stays the same however long the log
is. Where the database can't read a row (a damaged page), the stretch is halved until the damage is narrowed
down to its leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import Connection

from chengxin.kernel.merkle import HASH
from chengxin.ledger.bodies import body_sql
from chengxin.ledger.sealed import Sealed

NOBODY, UNREADABLE = 0, 255
_HEADER = 19  # bytes before the first row of a binary COPY
_LEAST = 18  # two field counts and lengths and the number: all that stands before the body
_HALVINGS = 20_000  # failed readings over a whole verification, until damage is told in bulk
_NO_TEXT = "22021"  # SQLSTATE of bytes that are no UTF-8
_OF_ROWS = ("XX", "58", "22")  # SQLSTATE classes of damage to some rows: corruption, disk, impossible values


class Lost(Exception):
    """The connection broke: the server went down over what it read. Says where, as far as it is known."""

    def __init__(self, table: str, first: int | None = None, last: int | None = None) -> None:
        super().__init__(table)
        self.table, self.first, self.last = table, first, last


@dataclass(frozen=True)
class Damage:
    """Leaves `first` to `last` of a table can't be read; `code`: the database's SQLSTATE."""

    table: str
    first: int
    last: int
    code: str | None


@dataclass
class Stretch:
    """`count` leaves from `first` on: each row's hash, and whose it is (place in the tables, from 1 on)."""

    first: int
    count: int
    hashes: bytearray
    owners: bytearray
    again: list[tuple[int, int, bytes]] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)

    def settle(self, slot: int, sealed_hash: bytes) -> tuple[int, bytes] | None:
        """Of several rows with one number, count the sealed one; returns another's owner and hash."""
        rivals = [rival for rival in self.again if rival[0] == slot]
        if not rivals:
            return None
        at = slice(slot * HASH, (slot + 1) * HASH)
        for _, owner, digest in rivals:
            if digest == sealed_hash:
                other = self.owners[slot], bytes(self.hashes[at])
                self.owners[slot], self.hashes[at] = owner, digest
                return other
        return rivals[0][1:]


class Reader:
    """Reads stretches of leaves over one connection, within its transaction."""

    def __init__(self, connection: Connection[Any], tables: Sequence[Sealed]) -> None:
        self.connection, self.tables = connection, tables
        self.seen = [0] * (len(tables) + 1)
        self._statements = [
            f'COPY (SELECT id, {body_sql(one)} FROM "{one.table}" WHERE id >= {{}} AND id < {{}}) '
            "TO STDOUT (FORMAT binary)"
            for one in tables
        ]
        self._patience = _HALVINGS

    def stretch(self, first: int, count: int) -> Stretch:
        """All rows whose numbers are from `first` on; raises Lost when the connection breaks."""
        found = Stretch(first, count, bytearray(count * HASH), bytearray(count))
        for number, sealed in enumerate(self.tables, 1):

            def run(start: int, end: int, number: int = number) -> int:
                return self._hash(number, start, end, found)

            found.damages += self.narrowed(sealed.table, run, first, first + count)
        for damage in found.damages:
            for slot in range(damage.first - first, damage.last - first + 1):
                found.owners[slot] = found.owners[slot] or UNREADABLE
        return found

    def _hash(self, number: int, start: int, end: int, found: Stretch) -> int:
        first, hashes, owners, from_bytes = found.first, found.hashes, found.owners, int.from_bytes
        read, again = 0, []
        try:
            with self.connection.cursor().copy(
                self._statements[number - 1].format(start, end).encode()
            ) as copy:
                for message in copy:
                    row = message[_HEADER:] if message[0] == ord("P") else message
                    if len(row) < _LEAST:
                        continue
                    slot = from_bytes(row[6:14], "big") - first
                    digest = sha256(b"\x00" + row[_LEAST:]).digest()
                    read += 1
                    if owners[slot]:
                        again.append((slot, number, digest))
                    else:
                        owners[slot] = number
                        hashes[slot * HASH : (slot + 1) * HASH] = digest
        except psycopg.Error:
            for slot in range(start - first, end - first):
                if owners[slot] == number:
                    owners[slot] = NOBODY
            raise
        found.again += again
        self.seen[number] += read
        return read

    def narrowed(self, table: str, run: Callable[[int, int], int], first: int, end: int) -> list[Damage]:
        """Do `run` over the leaves from `first` to before `end`; returns the least ranges that can't be read.

        `run` gives the number of rows read. What is damaged is told together as far as no row between can be
        read. Raises Lost when the connection breaks.
        """
        damages: list[Damage] = []
        apart = True

        def attempt(start: int, end: int) -> None:
            nonlocal apart
            try:
                with self.connection.transaction():
                    apart = bool(run(start, end)) or apart
            except (psycopg.Error, UnicodeError) as failed:
                if self.connection.closed or self.connection.broken:
                    raise Lost(table, start, end - 1) from failed
                code = failed.sqlstate if isinstance(failed, psycopg.Error) else _NO_TEXT
                self._patience -= 1
                if end - start > 1 and self._patience > 0 and (code or "").startswith(_OF_ROWS):
                    attempt(start, (start + end) // 2)
                    attempt((start + end) // 2, end)
                    return
                if damages and not apart:
                    damages[-1] = Damage(table, damages[-1].first, end - 1, damages[-1].code)
                else:
                    damages.append(Damage(table, start, end - 1, code))
                apart = False

        attempt(first, end)
        return damages
