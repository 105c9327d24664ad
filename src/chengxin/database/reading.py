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

LONGEST_QUERY = 5_000
"""Milliseconds after which PostgreSQL gives a query up, so that no question can hold the service."""

_OPTIONS = {
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
        options=" ".join(f"-c {name}={value}" for name, value in _OPTIONS.items()),
        application_name="chengxin reading",
    )
    _thread.connection, _thread.key, _thread.prepared = fresh, (url, owner), set()
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
    """A hot query that gives one value: `sql` with $1, $2, …, prepared under `name` once a connection."""

    name: bytes
    sql: bytes


def value(statement: Statement, *given: bytes | None) -> bytes | None:
    """The first column of the first row as PostgreSQL writes it (UTF-8 text); None for no row or NULL.

    Straight on libpq, since psycopg would read the statement again for each run and turn the text over twice.
    """
    try:
        return _value(statement, given)
    except psycopg.OperationalError:
        if not reader_lost():
            raise
        return _value(statement, given)


def _value(statement: Statement, given: Sequence[bytes | None]) -> bytes | None:
    connection = reader().pgconn
    if statement.name not in _thread.prepared:
        _checked(connection.prepare(statement.name, statement.sql), pq.ExecStatus.COMMAND_OK)
        _thread.prepared.add(statement.name)
    values = cast("Sequence[bytes]", given)  # None is NULL, as libpq has it; psycopg's types leave it out
    result = _checked(connection.exec_prepared(statement.name, values), pq.ExecStatus.TUPLES_OK)
    return result.get_value(0, 0) if result.ntuples else None


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
