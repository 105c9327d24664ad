"""Calling the command as others do, in processes of their own, and serving a home meanwhile."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("chengxin")


def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Call the command; its exit code must be `code`, and it must never show a traceback."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CHENGXIN_HOME")
    }
    done = subprocess.run(
        [COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=300,
    )
    assert done.returncode == code, (arguments, done.stdout[-500:], done.stderr[-1500:])
    assert "Traceback" not in done.stdout + done.stderr
    return done


def objects(*arguments: object, code: int = 0) -> list[Any]:
    """The JSON objects that a command prints, a line each."""
    return [json.loads(line) for line in run(*arguments, code=code).stdout.splitlines()]


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The address of a service over the home. Commands find its database running, and needn't start it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [COMMAND, "serve", "--home", home, "--port", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
                    assert answer.status == 200
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
