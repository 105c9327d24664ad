"""Reading: a read-only connection a thread, with statements that PostgreSQL plans once.

Apart from Django's connection, which prepares nothing and takes as long for a small query as PostgreSQL
itself. What is read here is committed; whoever writes reads its own unfinished work through Django.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from psycopg import Connection, errors, pq
from psycopg.adapt import Transformer

LONGEST_QUERY = 5_000
"""Milliseconds after which PostgreSQL gives a query up, so that no question can hold the service."""

OPTIONS = {
    "default_transaction_read_only": "on",
    "statement_timeout": str(LONGEST_QUERY),
    "plan_cache_mode": "force_generic_plan",  # the statements here are long and always take the same indexes
    "enable_seqscan": "off",  # no question of the public may walk through a table
    "datestyle": "ISO",
    "timezone": "Asia/Shanghai",
}

_thread = threading.local()


def reader() -> Connection[Any]:
    """This thread's connection, opened when there is none or it was lost."""
    url, owner = os.environ["CHENGXIN_DATABASE_URL"], os.getpid()
    held: Connection[Any] | None = getattr(_thread, "connection", None)
    if held is not None and not held.closed and _thread.key == (url, owner):
        return held
    fresh = psycopg.connect(
        url,
        autocommit=True,
        prepare_threshold=0,
        options=" ".join(f"-c {name}={value}" for name, value in OPTIONS.items()),
        application_name="chengxin reading",
    )
    _thread.connection, _thread.key = fresh, (url, owner)
    _thread.prepared, _thread.loading = set(), Transformer(fresh)
    return fresh


def rows(statement: str, values: Sequence[Any] = ()) -> list[Any]:
    """All rows of a query as tuples; tried once more on a new connection when the server went away."""
    try:
        return reader().execute(statement, values).fetchall()
    except psycopg.OperationalError:
        if not reader_lost():
            raise
        return reader().execute(statement, values).fetchall()


def row(statement: str, values: Sequence[Any] = ()) -> Any | None:
    """The first row of a query, or None."""
    found = rows(statement, values)
    return found[0] if found else None


@dataclass(frozen=True)
class Statement:
    """A hot query: `sql` with $1, $2, …, prepared under `name` once a connection."""

    name: str
    sql: str


Row = tuple[str | None, ...]
"""A row of text columns, None for NULL."""


def table(statement: Statement, *given: str | None) -> list[Row]:
    """All rows of a hot query, whose columns are all text; tried once more when the server went away.

    Straight on libpq and psycopg's own loader, past the cursor, which would read the statement again.
    """
    try:
        return _table(statement, given)
    except psycopg.DatabaseError:  # libpq gives no SQLSTATE when the server closes the connection
        if not reader_lost():
            raise
        return _table(statement, given)


def _table(statement: Statement, given: Sequence[str | None]) -> list[Row]:
    connection = reader().pgconn
    name = statement.name.encode()
    if name not in _thread.prepared:
        _checked(connection.prepare(name, statement.sql.encode()), pq.ExecStatus.COMMAND_OK)
        _thread.prepared.add(name)
    values = [None if one is None else one.encode() for one in given]
    # None is NULL, as libpq has it; psycopg's types leave it out
    result = connection.exec_prepared(name, cast("Sequence[bytes]", values))
    _thread.loading.set_pgresult(_checked(result, pq.ExecStatus.TUPLES_OK))
    return cast("list[Row]", _thread.loading.load_rows(0, result.ntuples, tuple))


def _checked(result: pq.abc.PGresult, wanted: pq.ExecStatus) -> pq.abc.PGresult:
    if result.status != wanted:
        raise errors.error_from_result(result)
    return result


def reader_lost() -> bool:
    """Whether this thread's connection is gone (rather than the query at fault)."""
    held: Connection[Any] | None = getattr(_thread, "connection", None)
    return held is not None and (held.closed or held.broken)


def close() -> None:
    """Close this thread's connection."""
    held: Connection[Any] | None = getattr(_thread, "connection", None)
    if held is not None:
        held.close()
        _thread.connection = None
