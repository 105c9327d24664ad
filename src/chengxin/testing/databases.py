"""Fixtures of all tests: a home with a real PostgreSQL, and a fresh database for whoever asks for one.

A pytest plugin, loaded by `django_ready` once Django is set up.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from chengxin.database import reading
from chengxin.database.embedded import start_server
from chengxin.database.start import start
from chengxin.settings import database_from_url

_numbers = count(1)
_TEMPLATE = "chengxin_template"


def _url(server: str, database: str) -> str:
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/{database}"))


def _turn_to(url: str) -> None:
    """Let Django and `database.reading` work on another database."""
    reading.close()
    connection.close()
    connection.settings_dict.update(database_from_url(url))
    os.environ["CHENGXIN_DATABASE_URL"] = url


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """URL of a PostgreSQL server with a database whose schema is current, to copy from (`_TEMPLATE`)."""
    home = settings.HOME
    given = os.environ.get("DATABASE_URL")
    url = given or start_server(home.postgres)
    with psycopg.connect(url, autocommit=True) as admin:
        if given is None:  # ours alone, and gone after the run: nothing has to outlive a power cut
            admin.execute("ALTER SYSTEM SET fsync = off")
            admin.execute("SELECT pg_reload_conf()")
        admin.execute(f"DROP DATABASE IF EXISTS {_TEMPLATE}".encode())
        admin.execute(f"CREATE DATABASE {_TEMPLATE}".encode())
    template = _url(url, _TEMPLATE)
    _turn_to(template)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", template)
        start(home.path)
    _turn_to(template)
    yield url


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A fresh, empty database of the current schema, to which Django and `database.reading` are connected."""
    name = f"chengxin_test_{os.getpid()}_{next(_numbers)}"
    way = (
        "" if os.environ.get("DATABASE_URL") else " STRATEGY file_copy"
    )  # quick where nothing waits for the disk
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}{way}".encode())
        admin.execute(f"ALTER DATABASE {name} SET chengxin.played_clock = 'on'".encode())  # see cases.clock
    url = _url(server, name)
    _turn_to(url)
    yield url
    _turn_to(_url(server, _TEMPLATE))
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """A fresh database for one test."""
    with fresh_database(server) as url:
        yield url


@pytest.fixture(scope="module")
def one_database(server: str) -> Iterator[str]:
    """A fresh database for all tests of a module, which must not mix it with `database`."""
    with fresh_database(server) as url:
        yield url


@pytest.fixture
def home(server: str) -> Path:
    """The home folder of the tests (keys, inbox, rejects)."""
    return settings.HOME.path
