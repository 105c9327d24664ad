"""Pages that the disk has damaged: verification says which leaves can't be read, and goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from chengxin.database import reading
from chengxin.ledger.faults import HEADS, TILES
from chengxin.ledger.tests.filled import Filled, filled, tamperer
from chengxin.ledger.verify import verify


@pytest.fixture
def archive(database: str) -> Filled:
    return filled()


@pytest.fixture
def copied(server: str, archive: Filled, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """A copy of the archive's database whose pages the server has not read yet: its URL and its folder."""
    name = f"chengxin_damaged_{os.getpid()}"
    url = os.environ["CHENGXIN_DATABASE_URL"]
    source = str(conninfo_to_dict(url)["dbname"])
    url = url.replace(f"/{source}", f"/{name}", 1)
    connection.close()
    reading.close()
    with psycopg.connect(server, autocommit=True) as admin:
        by_files = " STRATEGY = FILE_COPY" if admin.info.server_version >= 150_000 else ""
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {source}{by_files}".encode())
        found = admin.execute(
            "SELECT current_setting('data_directory'), oid, current_setting('data_checksums') "
            "FROM pg_database WHERE datname = %s",
            [name],
        ).fetchone()
        assert found is not None
        folder = Path(found[0]) / "base" / str(found[1])
        if not folder.is_dir() or found[2] != "on":
            pytest.skip("the server's files are on another machine, or without checksums")
        monkeypatch.setenv("CHENGXIN_DATABASE_URL", url)
        yield url, folder
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _file_of(url: str, folder: Path, relation: str) -> Path:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT pg_relation_filenode(%s::regclass)", [relation]).fetchone()
    assert found is not None
    return folder / str(found[0])


def _damage(path: Path, page: int) -> None:
    content = bytearray(path.read_bytes())
    content[page * 8192 + 5000] ^= 0x10
    path.write_bytes(content)


def test_a_page_that_the_disk_has_damaged(copied: tuple[str, Path], archive: Filled) -> None:
    url, folder = copied
    path = _file_of(url, folder, "archive_record")
    _damage(path, 1)
    verdict = verify()
    assert not verdict.holds
    assert {one.table for one in verdict.faults} == {"archive_record"}
    told = verdict.faults[0]
    assert told.leaf is not None and told.last is not None and "XX001" in told.en
    pages = path.stat().st_size // 8192
    assert told.leaf > archive.records[0]
    assert told.last - told.leaf < 3 * len(archive.records) // pages, "about one page of rows"
    assert verdict.leaves < verdict.size


@pytest.mark.parametrize(
    ("relation", "table"),
    [
        ("registry_subject_pkey", "registry_subject"),
        (HEADS, HEADS),
        (TILES, TILES),
        ("archive_record_pkey", "archive_record"),
    ],
)
def test_whatever_else_is_damaged_is_named(copied: tuple[str, Path], relation: str, table: str) -> None:
    url, folder = copied
    _damage(_file_of(url, folder, relation), 0)
    verdict = verify()
    assert {one.table for one in verdict.faults} == {table}
    assert all("XX00" in one.en for one in verdict.faults)


def test_a_server_that_goes_away_ends_as_a_verdict(archive: Filled) -> None:
    def ended(done: int, whole: int) -> None:
        with psycopg.connect(os.environ["CHENGXIN_DATABASE_URL"], autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                "WHERE application_name = 'chengxin verify' AND datname = current_database()"
            )

    verdict = verify(ended)
    assert [one.en for one in verdict.faults if "connection lost" in one.en]
    assert verdict.size > 0
    assert verify().holds, "nothing was wrong with what is kept"


def test_a_server_that_goes_down_over_a_row_is_asked_no_further(archive: Filled) -> None:
    with tamperer() as by:
        by.do(
            "CREATE FUNCTION broken(bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN "
            "PERFORM pg_terminate_backend(pg_backend_pid()); RETURN true; END $$"
        )
        by.do("ALTER TABLE registry_role RENAME TO aside")
        by.do("CREATE VIEW registry_role AS SELECT * FROM aside WHERE broken(id)")
    verdict = verify()
    assert {one.table for one in verdict.faults} >= {"registry_role"}
    assert any("connection lost" in one.en for one in verdict.faults)
