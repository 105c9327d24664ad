"""Nothing that is kept can be changed or removed, whoever asks: the database itself refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from psycopg import Connection, errors

from chengxin.ledger.actions import raw_cursor
from chengxin.ledger.faults import HEADS, TILES
from chengxin.ledger.sealed import SEALED
from chengxin.ledger.tests.filled import Filled, filled, tamperer
from chengxin.ledger.verify import verify

REFUSED = errors.IntegrityConstraintViolation
FREE = {
    "registry_subject": {"name", "normalised", "tokens", "merged_into_id"},
    "archive_record": {"ended_on", "contested", "suspended"},
}
"""Columns outside the seal: projections that later rows change."""


@pytest.fixture
def archive(database: str) -> Filled:
    return filled(turns=4, records_a_turn=8)


@pytest.fixture
def owner(archive: Filled) -> Iterator[Connection[object]]:
    """The owner of all tables, for whom triggers fire."""
    with tamperer() as by:
        by.do("SET session_replication_role = origin")
        yield by.connection
    assert verify().holds


def columns(table: str) -> list[str]:
    """The columns of a table."""
    raw = raw_cursor().execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [table],
    )
    return [name for (name,) in raw.fetchall()]


@pytest.mark.obligation("9.1a")
@pytest.mark.parametrize("table", list(SEALED))
def test_no_sealed_value_can_be_changed(owner: Connection[object], table: str) -> None:
    owned = owner.execute(
        "SELECT tableowner = current_user FROM pg_tables WHERE tablename = %s", [table]
    ).fetchone()
    assert owned == (True,)
    sealed = SEALED[table]
    names = columns(table)
    assert set(names) - FREE.get(table, set()) == {"id", *sealed.columns, *filter(None, [sealed.tail])}
    for column in names:
        if column in FREE.get(table, set()):
            continue
        other = f'"{column}" + 1000000' if column == "id" else "NULL"
        where = f'WHERE "{column}" IS NOT NULL' if table in FREE else ""
        with pytest.raises(REFUSED):
            owner.execute(f'UPDATE "{table}" SET "{column}" = {other} {where}')


@pytest.mark.parametrize("table", [*SEALED, TILES, HEADS])
def test_no_row_can_be_removed(owner: Connection[object], table: str) -> None:
    for statement in (f'DELETE FROM "{table}"', f'TRUNCATE "{table}"', f'TRUNCATE "{table}" CASCADE'):
        with pytest.raises((REFUSED, errors.FeatureNotSupported)):
            owner.execute(statement)
    with pytest.raises(REFUSED):
        owner.execute(f'TRUNCATE "{table}" CASCADE')


def test_an_update_that_changes_nothing_is_refused_as_well(owner: Connection[object]) -> None:
    with pytest.raises(REFUSED):
        owner.execute("UPDATE archive_record SET payload = payload")
    with pytest.raises(REFUSED):
        owner.execute(
            "INSERT INTO ledger_event VALUES (0, 'x', now(), '{}') ON CONFLICT (id) DO UPDATE SET kind = 'x';"
            "UPDATE ledger_event SET kind = 'x'"
        )
    if owner.info.server_version < 150_000:
        return
    with pytest.raises(REFUSED):
        owner.execute(
            "MERGE INTO archive_record r USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET law = 'x'"
        )


def test_a_tile_grows_at_its_end_and_in_no_other_way(owner: Connection[object]) -> None:
    for change in (
        "hashes = substr(hashes, 33)",
        "hashes = substr(hashes, 1, length(hashes) - 32)",
        "hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0))",
        "hashes = decode(repeat('00', 32), 'hex') || hashes",
        "index = index + 1000",
        "level = level + 10",
        "hashes = NULL",
    ):
        with pytest.raises(errors.IntegrityError):
            owner.execute(f"UPDATE {TILES} SET {change}")
    with owner.transaction(force_rollback=True):
        owner.execute(f"UPDATE {TILES} SET hashes = hashes || decode(repeat('00', 32), 'hex')")


@pytest.mark.parametrize("column", ["size", "previous", "root", "signed_at", "signature"])
def test_no_head_can_be_changed(owner: Connection[object], column: str) -> None:
    with pytest.raises(REFUSED):
        owner.execute(f"UPDATE {HEADS} SET {column} = {column}")


def test_heads_make_one_row_without_forks(owner: Connection[object]) -> None:
    for size, previous in ((100_000, 0), (100_000, 100_000), (5, 6), (100_000, -1)):
        with pytest.raises(errors.IntegrityError):
            owner.execute(
                f"INSERT INTO {HEADS} (size, previous, root, signed_at, signature) "
                "VALUES (%s, %s, 'x', now(), 'x')",
                [size, previous],
            )


def test_only_what_follows_from_its_marks_may_change_of_a_record(owner: Connection[object]) -> None:
    columns_of_marks = "ended_on = ended_on, contested = contested, suspended = suspended"
    with owner.transaction(force_rollback=True):
        owner.execute(f"UPDATE archive_record SET {columns_of_marks}")
    with pytest.raises(REFUSED):
        owner.execute(f"UPDATE archive_record SET {columns_of_marks}, law = law")


def test_projections_of_a_subject_may_change(archive: Filled) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_subject SET name = name, tokens = tokens, normalised = normalised")
        assert cursor.rowcount == len(archive.subjects)
    assert verify().holds
