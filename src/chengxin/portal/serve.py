"""Serving a home: one port, one or several worker processes, until asked to stop."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from chengxin.database.start import start

ADDRESS = "127.0.0.1"
THREADS = 4
"""Requests that one worker has under way at once; each thread holds one connection for reading. While some
wait for PostgreSQL one computes; more than these would only take the interpreter from each other."""

PATIENCE = 10
"""Seconds that requests under way may take when the service is stopped."""


class PortTaken(RuntimeError):
    """Another program listens on the port; the message says what to do, in Chinese and English."""


def check_port(port: int) -> None:
    """Raise PortTaken when nothing can listen on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as taken:
            raise PortTaken(
                f"端口{port}不能使用（{taken.strerror}）：请关闭占用它的程序，"
                f"或换一个端口，例如 --port {port + 1}\n"
                f"Port {port} can't be used ({taken.strerror}): stop the program that has it, "
                f"or take another, for example --port {port + 1}"
            ) from taken


def serve(home: Path | None, port: int, workers: int = 1) -> None:
    """Serve the home on http://127.0.0.1:`port` until SIGINT or SIGTERM; requests under way are finished.

    Raises PortTaken. The database is started or joined first and left when the service ends.
    """
    check_port(port)
    chosen = start(home)
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    os.environ["CHENGXIN_SERVING"] = "1"  # the workers bring unfinished batches to their end
    print(  # noqa: T201 - what the person at the terminal waits for
        f"诚信 Chengxin: http://{ADDRESS}:{port}/  （{chosen.path}；Ctrl+C 停止 / Ctrl+C stops）",
        file=sys.stderr,
    )
    Granian(
        "chengxin.api.wsgi:application",
        address=ADDRESS,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backpressure=1024,
        log_level=LogLevels.warning,
        workers_kill_timeout=PATIENCE,
        respawn_failed_workers=True,
        process_name=None,
    ).serve()
