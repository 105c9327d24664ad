"""Appending to the log: whoever keeps something does it inside `appending()`, in the same transaction."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from typing import Any, cast

import orjson
import polars as pl
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import Cursor

from chengxin.kernel.merkle import HASH, checkpoint, grow, leaf_hash, root
from chengxin.ledger.models import EVENT
from chengxin.ledger.sealed import Sealed, moment

ORIGIN = "chengxin/ledger"
_COPIED_AT_ONCE = 10_000  # rows
LOG_LOCK = 9162
"""PostgreSQL advisory lock: one writer appends at a time (RFC 9162 leaves the order to the log)."""


class Appending:
    """One writer's turn at the log: rows are numbered from `next_leaf` on and hashed in the order kept."""

    def __init__(self, cursor: Cursor[Any], size: int) -> None:
        self.cursor = cursor
        self.size = size
        self._hashes: list[bytes] = []
        self._pending = 0

    @property
    def next_leaf(self) -> int:
        """The number that the next row gets as its id."""
        return self.size + self._pending

    def take(self, hashes: Iterable[bytes]) -> None:
        """Append leaf hashes of rows that the caller writes itself, numbered from `next_leaf` on."""
        joined = b"".join(hashes)
        self._hashes.append(joined)
        self._pending += len(joined) // HASH

    def keep(self, table: Sealed, rows: Sequence[Sequence[Any]], **projections: Sequence[Any]) -> int:
        """Write `rows` (values of the table's sealed columns, tail last) and append their leaves.

        `projections` are further, unsealed columns: a sequence each, as long as `rows`. Returns the first id.
        """
        first = self.next_leaf
        columns = [*table.columns, *([table.tail] if table.tail else [])]
        self.take(_hash(table, row) for row in rows)
        extra = list(projections)
        named = ", ".join(f'"{name}"' for name in ["id", *columns, *extra])
        with self.cursor.copy(f'COPY "{table.table}" ({named}) FROM STDIN') as copy:
            for number, row in enumerate(rows):
                copy.write_row((first + number, *row, *(projections[name][number] for name in extra)))
        return first

    def keep_frame(self, table: Sealed, rows: pl.DataFrame, projections: pl.DataFrame | None = None) -> int:
        """The same for many: `rows` holds the sealed columns (tail last) as integers and text.

        Bytes stand in hexadecimal, dates in ISO 8601, as they do in the body of a leaf; `projections` is a
        frame of further columns. Returns the first id.
        """
        first = self.next_leaf
        columns = [*table.columns, *([table.tail] if table.tail else [])]
        self.take(table.hashes(rows.select(columns).iter_rows()))
        whole = rows.select(
            pl.int_range(first, first + rows.height, dtype=pl.Int64).alias("id"),
            *(
                pl.concat_str(pl.lit("\\x"), name).alias(name) if name in table.binary else pl.col(name)
                for name in columns
            ),
        )
        if projections is not None:
            whole = whole.hstack(projections)
        copy_frame(self.cursor, table.table, whole)
        return first

    def event(self, kind: str, body: Mapping[str, Any]) -> int:
        """Keep something that happened; returns its leaf number."""
        text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()
        return self.keep(EVENT, [(kind, timezone.now(), text)])

    def close(self) -> None:
        """Write the touched tiles and sign the new head."""
        joined = b"".join(self._hashes)
        if not joined:
            return
        growth = grow(self.size, joined, self._tile)
        self.cursor.executemany(
            "INSERT INTO ledger_tile (level, index, hashes) VALUES (%s, %s, %s) "
            "ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes",
            [(level, index, content) for (level, index), content in growth.tiles.items()],
        )
        new = growth.tiles
        top = root(growth.size, lambda level, index: new.get((level, index)) or self._tile(level, index))
        now = timezone.now()
        signature = settings.KEYRING.sign(checkpoint(ORIGIN, growth.size, top, self.size, moment(now)))
        self.cursor.execute(
            "INSERT INTO ledger_treehead (size, previous, root, signed_at, signature) "
            "VALUES (%s, %s, %s, %s, %s)",
            [growth.size, self.size, top, now, signature],
        )

    def _tile(self, level: int, index: int) -> bytes:
        return read_tile(self.cursor, level, index)


def read_tile(cursor: Cursor[Any], level: int, index: int) -> bytes:
    """The hashes of one tile, b"" where there is none."""
    found = cursor.execute(
        "SELECT hashes FROM ledger_tile WHERE level = %s AND index = %s", [level, index]
    ).fetchone()
    return bytes(found[0]) if found else b""


def _hash(table: Sealed, row: Sequence[Any]) -> bytes:
    return leaf_hash(table.body(row[:-1], row[-1]) if table.tail else table.body(row))


def copy_frame(cursor: Cursor[Any], table: str, frame: pl.DataFrame) -> None:
    """COPY a frame into a table, column names as they are. Nulls are NULL; empty text stays empty text.

    Text is quoted, so that the text \\N is no NULL.
    """
    named = ", ".join(f'"{name}"' for name in frame.columns)
    with cursor.copy(f"COPY \"{table}\" ({named}) FROM STDIN (FORMAT csv, NULL '\\N')") as copy:
        for part in frame.iter_slices(_COPIED_AT_ONCE):
            lines = BytesIO()
            part.write_csv(lines, include_header=False, null_value="\\N", quote_style="non_numeric")
            copy.write(lines.getbuffer())


def raw_cursor() -> Cursor[Any]:
    """The psycopg cursor under Django's, in Django's transaction: for COPY and for queries in bulk."""
    connection.ensure_connection()
    return cast("Cursor[Any]", connection.connection.cursor())


@contextmanager
def appending() -> Iterator[Appending]:
    """A transaction in which this process alone appends; the head is signed when the block ends well."""
    with transaction.atomic():
        cursor = raw_cursor()
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOG_LOCK])
        found = cursor.execute("SELECT max(size) FROM ledger_treehead").fetchone()
        log = Appending(cursor, (found[0] if found else None) or 0)
        yield log
        log.close()


def head_text(
    size: int, previous: int, tree_root: bytes, signature: bytes, signed_at: datetime
) -> dict[str, Any]:
    """A signed tree head as it is shown to the outside."""
    return {
        "origin": ORIGIN,
        "size": size,
        "root": base64.b64encode(tree_root).decode(),
        "previous": previous,
        "signed_at": moment(signed_at),
        "signature": base64.b64encode(signature).decode(),
        "public_key": base64.b64encode(settings.KEYRING.public_key).decode(),
    }
