"""The embedded PostgreSQL: started where nothing is configured, shared, stopped by whoever leaves last."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from chengxin.database.embedded import start_server

ASK = """
import sys, psycopg
from pathlib import Path
from chengxin.database.embedded import start_server
with psycopg.connect(start_server(Path(sys.argv[1]))) as connection:
    print(*connection.execute(sys.argv[2]).fetchone())
"""


def ask(data: Path, sql: str) -> str:
    """What one statement gives in a process of its own, which starts or joins the server."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(data), sql], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


@pytest.mark.parametrize("folder", ["plain", "with blanks 与汉字", "with 'quotes' & signs"])
def test_a_home_may_lie_anywhere(tmp_path: Path, folder: str) -> None:
    data = tmp_path / folder / "postgres"
    assert ask(data, "SELECT 1 WHERE current_setting('data_checksums') = 'on'") == "1"
    assert not (data / "postmaster.pid").exists(), "the only user left, so the server has stopped"


def test_a_path_too_long_for_a_socket_is_no_obstacle(tmp_path: Path) -> None:
    assert ask(tmp_path / ("long" * 40) / "postgres", "SELECT 1") == "1"


def test_a_second_process_joins_and_leaves_the_server_running(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    with psycopg.connect(start_server(data)) as connection:
        first = connection.execute("SELECT pg_postmaster_start_time()").fetchone()
        assert ask(data, "SELECT pg_postmaster_start_time()") == str(first[0] if first else None)
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_server_is_waited_for_until_its_last_backend_has_gone(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    with psycopg.connect(start_server(data)) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        letting_go = threading.Timer(3.0, os.kill, [backend, signal.SIGCONT])
        letting_go.start()
        began = time.monotonic()
        assert ask(data, "SELECT 1") == "1"
        assert time.monotonic() - began > 1
        letting_go.join()


@pytest.mark.obligation("13d")
def test_no_value_of_a_row_reaches_the_log(tmp_path: Path) -> None:
    data, code = tmp_path / "postgres", "350102199003071234"
    with psycopg.connect(start_server(data), autocommit=True) as connection:
        connection.execute("CREATE TABLE person (code text PRIMARY KEY)")
        connection.execute("INSERT INTO person VALUES (%s)", [code])
        with pytest.raises(psycopg.errors.UniqueViolation, match=code):
            connection.execute("INSERT INTO person VALUES (%s)", [code])
        with pytest.raises(psycopg.errors.DatetimeFieldOverflow, match=code):
            connection.execute("SELECT %s::date", [code])
        copying = connection.cursor().copy("COPY person FROM STDIN")
        with pytest.raises(psycopg.errors.BadCopyFileFormat), copying as rows:
            rows.write(f"{code}\tand one column too many\n")
    assert "ready to accept connections" in (log := (data / "log").read_text(encoding="utf-8"))
    assert code not in log


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(OSError, match="closed"):
        start_server(closed / "home" / "postgres")
