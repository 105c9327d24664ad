"""What is sealed: for each append-only table, the columns that make up the body of a leaf.

The body is one line of JSON, `[table, value, value, …]` in the order declared (dates in ISO 8601, bytes in
hex), followed by a line feed and the text of the `tail` column where one is declared. A column that a table
got when it was in use already stands last (`later`) and is left out of the body of rows that don't have it
(NULL): the leaves from before stay as they were. A leaf of the log is
SHA-256(0x00 ‖ body) (RFC 9162 §2.1.1). A row's `id` is its leaf number, in every sealed table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson


@dataclass(frozen=True)
class Sealed:
    """A sealed table: `columns` go into the body's first line, `tail` (a text column) follows it verbatim.

    `binary` names those of the columns that hold bytes, `moments` those that hold points in time; `later`:
    the last column is left out where it is null.
    """

    table: str
    columns: tuple[str, ...]
    tail: str | None = None
    binary: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    later: bool = False

    def body(self, values: Sequence[Any], tail: str | None = None) -> bytes:
        """The bytes that are hashed for one row; `values` in the order of `columns`."""
        said = values[:-1] if self.later and values[-1] is None else values
        line = orjson.dumps([self.table, *map(_plain, said)])
        return line if tail is None else line + b"\n" + tail.encode()

    def hashes(self, rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        """Leaf hashes of rows whose values are plain already (no bytes or datetimes), the tail last."""
        dumps, digest, table = orjson.dumps, sha256, self.table
        if self.later:
            for row in rows:
                values, tail = (row, None) if self.tail is None else (row[:-1], row[-1])
                yield digest(b"\x00" + self.body(values, tail)).digest()
        elif self.tail is None:
            for row in rows:
                yield digest(b"\x00" + dumps([table, *row])).digest()
        else:
            for row in rows:
                yield digest(b"\x00" + dumps([table, *row[:-1]]) + b"\n" + row[-1].encode()).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime):
        return moment(value)
    return value


def moment(value: datetime) -> str:
    """A point in time in the one spelling that is hashed and signed: UTC, always with microseconds."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


SEALED: dict[str, Sealed] = {}
"""Every sealed table, by name; filled by the domains' models."""


def sealed(
    table: str,
    *columns: str,
    tail: str | None = None,
    binary: tuple[str, ...] = (),
    moments: tuple[str, ...] = (),
    later: bool = False,
) -> Sealed:
    """Declare a sealed table (called once beside its model)."""
    SEALED[table] = Sealed(table, columns, tail, binary, moments, later)
    return SEALED[table]
