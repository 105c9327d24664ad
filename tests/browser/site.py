"""A running service over a home of its own with a small demonstration province, and who can sign in there."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

SCALE = "0.2"
"""About 115 subjects and 930 records; less leaves some files of the province empty."""


_ROOT = Path(__file__).parents[2]
_CHENGXIN = str(Path(sys.executable).with_name("chengxin"))


@dataclass(frozen=True)
class Person:
    """Somebody of the demonstration."""

    name: str
    role: str
    password: str


@dataclass(frozen=True)
class Site:
    """Where it is, who can sign in, and which subjects, records and pairs it has."""

    address: str
    home: Path
    people: dict[str, Person]
    known: dict[str, Any]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _prepared(home: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Fill the home as `chengxin run` does on its first start, on a small scale."""
    program = [sys.executable, "-m", "tests.browser.prepared", str(home), SCALE]
    done = subprocess.run(program, env=environment, cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    known: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return known


@contextmanager
def running_site(home: Path) -> Iterator[Site]:
    """Serve until the end of the block."""
    environment = os.environ | {"CHENGXIN_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("DJANGO_SETTINGS_MODULE", "CHENGXIN_DATABASE_URL"):
        environment.pop(name, None)
    with _own_database(environment):
        known = _prepared(home, environment)
        people = {
            one["role"]: Person(one["sign_in_name"], one["role"], one["password"]) for one in known["people"]
        }
        port = _free_port()
        program = [_CHENGXIN, "serve", "--home", str(home), "--port", str(port)]
        service = subprocess.Popen(program, env=environment, stderr=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address)
            yield Site(address, home, people, known)
        finally:
            service.terminate()
            service.wait(timeout=30)


@contextmanager
def _own_database(environment: dict[str, str]) -> Iterator[None]:
    """Where the tests were given a server, the site gets a database of its own on it."""
    given = os.environ.get("DATABASE_URL")
    if given is None:
        yield
        return
    name = f"chengxin_site_{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    environment["DATABASE_URL"] = urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
    try:
        yield
    finally:
        with psycopg.connect(given, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _wait_for(address: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
