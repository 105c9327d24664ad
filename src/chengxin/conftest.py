"""What tests share: a home with a real PostgreSQL, and a fresh database for each test that asks for one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

_numbers = count(1)
_TEMPLATE = "chengxin_template"


def _url(server: str, database: str) -> str:
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/{database}"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL server with a database whose schema is current, to copy from (`_TEMPLATE`)."""
    from chengxin.database.embedded import start_server
    from chengxin.database.start import start

    home = tmp_path_factory.mktemp("home")
    given = os.environ.get("DATABASE_URL")
    url = given or start_server(home / "postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {_TEMPLATE}".encode())
        connection.execute(f"CREATE DATABASE {_TEMPLATE}".encode())
    os.environ["DATABASE_URL"] = _url(url, _TEMPLATE)
    start(home)
    if given is None:
        del os.environ["DATABASE_URL"]
    else:
        os.environ["DATABASE_URL"] = given
    _leave()
    yield url


def _leave() -> None:
    from django.db import connection

    from chengxin.database import reading

    reading.close()
    connection.close()


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """A fresh, empty database of the current schema, to which Django and `database.reading` are connected."""
    from django.db import connection

    from chengxin.settings import database_from_url

    name = f"chengxin_test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}".encode())
    url = _url(server, name)
    before = dict(connection.settings_dict)
    _leave()
    connection.settings_dict.update(database_from_url(url))
    os.environ["CHENGXIN_DATABASE_URL"] = url
    yield url
    _leave()
    connection.settings_dict.update(before)
    os.environ["CHENGXIN_DATABASE_URL"] = _url(server, _TEMPLATE)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def home(server: str) -> Path:
    """The home folder of the tests (keys, inbox, rejects)."""
    from django.conf import settings

    return cast("Path", settings.HOME.path)
