"""Reading: quick, read-only, and back again by itself when the server went away."""

from __future__ import annotations

import os
import threading
import time

import psycopg
import pytest
from psycopg import errors

from chengxin.database import reading
from chengxin.database.reading import Statement

DOUBLE = Statement("double", "SELECT ($1::int * 2)::text, NULL::text")


def pid() -> int:
    """Which connection of the server is used."""
    found = reading.row("SELECT pg_backend_pid()")
    assert found is not None
    return int(found[0])


def ended(connection: int) -> None:
    """End a connection from the server's side, as a restart of the server does."""
    with psycopg.connect(os.environ["CHENGXIN_DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [connection])


def test_rows_and_tables_come_back_after_the_connection_was_lost(database: str) -> None:
    assert reading.table(DOUBLE, "21") == [("42", None)]
    first = pid()
    ended(first)
    assert reading.table(DOUBLE, "21") == [("42", None)], "prepared anew on a new connection"
    other = pid()
    assert other != first
    ended(other)
    assert reading.rows("SELECT generate_series(1, 3)") == [(1,), (2,), (3,)]
    assert pid() not in (first, other)


def test_a_connection_lost_in_the_middle_of_a_query_is_opened_once_more(database: str) -> None:
    first = pid()
    killer = threading.Timer(0.3, ended, [first])
    killer.start()
    begun = time.monotonic()
    assert reading.row("SELECT pg_sleep(1)") == ("",)
    assert time.monotonic() - begun >= 1, "asked again from the beginning"
    killer.join()


def test_a_query_at_fault_is_not_asked_twice(database: str) -> None:
    first = pid()
    for wrong in ("SELECT 1/0", "SELECT nonsense", "SELECT"[:3]):
        with pytest.raises(psycopg.Error):
            reading.rows(wrong)
    with pytest.raises(errors.InvalidTextRepresentation):
        reading.table(DOUBLE, "two")
    assert pid() == first, "the connection is as good as before"


def test_where_there_is_no_server_the_error_says_so(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", "postgresql://nobody@/nothing?host=/nowhere")
    with pytest.raises(psycopg.OperationalError):
        reading.rows("SELECT 1")
    monkeypatch.undo()
    assert reading.row("SELECT 1") == (1,)


def test_nothing_can_be_written(database: str) -> None:
    for statement in (
        "DELETE FROM ledger_tile",
        "CREATE TABLE x (n int)",
        "SELECT nextval('exchange_batch_id_seq')",
    ):
        with pytest.raises(errors.ReadOnlySqlTransaction):
            reading.rows(statement)


def test_a_question_that_takes_too_long_is_given_up(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reading.close()
    monkeypatch.setitem(reading.OPTIONS, "statement_timeout", "200")
    with pytest.raises(errors.QueryCanceled):
        reading.rows("SELECT pg_sleep(20)")
    assert reading.row("SELECT 1") == (1,)
    reading.close()


def test_each_thread_has_a_connection_of_its_own(database: str) -> None:
    found = [pid()]

    def ask() -> None:
        found.append(pid())
        assert reading.table(DOUBLE, "4") == [("8", None)]
        reading.close()

    for _ in range(2):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert len(set(found)) == 3
    assert pid() == found[0]


def test_a_process_that_was_split_off_does_not_use_its_parents_connection(database: str) -> None:
    first = pid()
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(tell, str(pid()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    other = int(os.read(told, 20))
    os.close(told)
    os.close(tell)
    assert other != first
    assert pid() == first


def test_another_database_is_read_as_soon_as_it_is_named(
    database: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "SELECT current_database()"
    before = reading.row(name)
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", server)
    with psycopg.connect(server) as other:
        assert reading.row(name) == other.execute(name).fetchone() != before
    reading.close()


def test_closing_twice_is_no_error(database: str) -> None:
    reading.row("SELECT 1")
    reading.close()
    reading.close()
    assert reading.row("SELECT 1") == (1,)
