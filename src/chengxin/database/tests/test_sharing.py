"""Several processes work on one home: whoever comes first starts the server, whoever leaves last stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from chengxin.database.embedded import start_server
from chengxin.database.tests.test_embedded import ask

STAY = """
import sys
from pathlib import Path
from chengxin.database.embedded import start_server
print(start_server(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""

MIGRATE = """
import sys
from pathlib import Path
from chengxin.database.start import start
start(Path(sys.argv[1]))
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*), count(DISTINCT (app, name)) FROM django_migrations")
    print(*cursor.fetchone())
"""

STARTED = "SELECT pg_postmaster_start_time()"


def begin(program: str, path: Path) -> subprocess.Popen[str]:
    """A process of its own, without the variables of this test run."""
    named = {name: value for name, value in os.environ.items() if not name.startswith(("CHENGXIN", "D"))}
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=named,
    )  # fmt: skip


def said(process: subprocess.Popen[str]) -> str:
    """The first line of what it prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def postmaster(data: Path) -> int:
    """The server's process."""
    return int((data / "postmaster.pid").read_text().split("\n", 1)[0])


def test_who_start_an_empty_home_at_once_share_one_server(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    processes = [begin(STAY, data) for _ in range(3)]
    urls = {said(one) for one in processes}
    assert len(urls) == 1
    with psycopg.connect(urls.pop()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server = postmaster(data)
    for one in processes[:-1]:
        one.communicate(timeout=30)
        assert postmaster(data) == server, "others still work on it"
    processes[-1].communicate(timeout=30)
    assert not (data / "postmaster.pid").exists()
    assert [one.returncode for one in processes] == [0, 0, 0]


def test_a_process_that_was_killed_keeps_the_server_no_longer_than_the_others(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    with begin(STAY, data) as killed:
        said(killed)
        started = ask(data, STARTED)
        killed.kill()
    assert (data / "postmaster.pid").exists(), "nobody was left to stop it"
    assert ask(data, STARTED) == started, "the next one joins it"
    assert not (data / "postmaster.pid").exists(), "and stops it"


@pytest.mark.parametrize("number", ["its own", "of another process"])
def test_a_server_that_was_killed_starts_again_with_what_was_committed(tmp_path: Path, number: str) -> None:
    data = tmp_path / "postgres"
    with psycopg.connect(start_server(data), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
        os.kill(postmaster(data), signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(60)")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        if number == "of another process":  # as after a restart of the machine
            note = data / "postmaster.pid"
            note.write_text(note.read_text().replace(str(postmaster(data)), str(stranger.pid), 1))
        assert ask(data, "SELECT sum(n) FROM kept") == "500500"
        assert stranger.poll() is None, "it was left alone"
        stranger.kill()


def test_two_processes_bring_the_schema_forward_once(tmp_path: Path) -> None:
    processes = [begin(MIGRATE, tmp_path / "home") for _ in range(2)]
    found = {one.communicate(timeout=180)[0].strip() for one in processes}
    assert [one.returncode for one in processes] == [0, 0]
    assert len(found) == 1
    rows, distinct = found.pop().split()
    assert rows == distinct and int(rows) > 0
