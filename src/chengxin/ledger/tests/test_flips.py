"""One bit changed somewhere in the database: verification says where, each time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any
from uuid import UUID

import pytest

from chengxin.ledger.faults import HEADS, TILES, Verdict
from chengxin.ledger.sealed import SEALED
from chengxin.ledger.tests.filled import Filled, Tamperer, filled, tamperer
from chengxin.ledger.verify import verify

PLACES = 2
"""Random places at which each sealed column is changed."""

_FILLED: dict[str, Any] = {
    "bigint": 1, "integer": 1, "text": "x", "character varying": "x", "date": date(2026, 1, 1),
    "bytea": b"x",
}  # fmt: skip
"""What stands instead of NULL."""


def flipped(value: Any, draw: random.Random) -> Any:  # noqa: PLR0911 - one a type
    """The value with one bit changed, as far as its type allows."""
    match value:
        case bool():
            return not value
        case int():
            return value ^ 1 << draw.randrange(20)
        case str():
            return _flipped_text(value, draw)
        case bytes():
            bit = draw.randrange(8 * len(value))
            return bytes(one ^ (1 << bit % 8) * (at == bit // 8) for at, one in enumerate(value))
        case datetime():
            return value + timedelta(microseconds=1 << draw.randrange(20))
        case date():
            return value + timedelta(days=1 << draw.randrange(10))
        case UUID():
            return UUID(int=value.int ^ 1 << draw.randrange(128))
        case list():
            at = draw.randrange(len(value))
            return [*value[:at], _flipped_text(value[at], draw), *value[at + 1 :]]
    raise NotImplementedError(type(value))


def _flipped_text(text: str, draw: random.Random) -> str:
    if not text:
        return "x"
    at = draw.randrange(len(text))
    other = chr(ord(text[at]) ^ 1 << draw.randrange(5))
    return text[:at] + (other if other not in "\x00" else "x") + text[at + 1 :]


def _type(by: Tamperer, table: str, column: str) -> str:
    return str(
        by.connection.execute(
            "SELECT format_type(atttypid, NULL) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attname = %s",
            [table, column],
        ).fetchone()[0]  # type: ignore[index]
    )


def _ids(by: Tamperer, table: str) -> list[int]:
    return [id for (id,) in by.connection.execute(f'SELECT id FROM "{table}" ORDER BY id').fetchall()]


def _sealed_places(by: Tamperer, draw: random.Random) -> Iterator[list[tuple[str, str, int]]]:
    """Rounds of places, in each at most one of a table: every column comes `PLACES` times."""
    of_tables = []
    for table in SEALED.values():
        ids = _ids(by, table.table)
        of_tables.append(
            [
                (table.table, column, leaf)
                for column in (*table.columns, *([table.tail] if table.tail else []))
                for leaf in draw.sample(ids, min(PLACES, len(ids)))
            ]
        )
    for places in zip_longest(*of_tables):
        yield [place for place in places if place is not None]


@pytest.fixture(scope="module")
def filled_once(one_database: str) -> Iterator[tuple[Filled, Tamperer]]:
    held = filled()
    with tamperer() as by:
        by.without_checks()
        yield held, by


@pytest.fixture
def archive(filled_once: tuple[Filled, Tamperer]) -> Iterator[tuple[Filled, Tamperer]]:
    assert verify().holds
    yield filled_once
    assert verify().holds, "all was put back"


@pytest.mark.obligation("9.1b")
def test_every_sealed_value_of_every_table(archive: tuple[Filled, Tamperer]) -> None:
    _, by = archive
    draw, tried = random.Random(20260410), 0
    for places in _sealed_places(by, draw):
        with ExitStack() as all_of_a_round:
            for table, column, leaf in places:
                where = f"id = {leaf}"
                value = by.value(table, column, where)
                changed = _FILLED[_type(by, table, column)] if value is None else flipped(value, draw)
                all_of_a_round.enter_context(by.instead(table, column, where, changed))
            verdict = verify()
        assert {(one.leaf, one.table) for one in verdict.faults} == {
            (leaf, table) for table, _, leaf in places
        }, places
        tried += len(places)
    assert tried >= 100


def test_a_value_taken_away(archive: tuple[Filled, Tamperer]) -> None:
    _, by = archive
    draw = random.Random(2)
    for table in SEALED.values():
        column = draw.choice((*table.columns, *([table.tail] if table.tail else [])))
        leaf = draw.choice(
            [id for id in _ids(by, table.table) if by.value(table.table, column, f"id = {id}") is not None]
        )
        with by.instead(table.table, column, f"id = {leaf}", None):
            verdict = verify()
        assert [(one.leaf, one.table) for one in verdict.faults] == [(leaf, table.table)], (table, column)


def test_the_number_of_every_kind_of_row(archive: tuple[Filled, Tamperer]) -> None:
    _, by = archive
    draw = random.Random(3)
    for table in SEALED:
        leaf = draw.choice(_ids(by, table))
        for other in (leaf ^ 1 << draw.randrange(8), leaf + 100_000, -leaf - 1):
            if other in _ids(by, table):
                continue
            with by.instead(table, "id", f"id = {leaf}", other):
                verdict = verify()
            found = {one.leaf for one in verdict.faults}
            assert found == {leaf, other}, (table, leaf, other)
            assert (other, table) in {(one.leaf, one.table) for one in verdict.faults}
            assert by.value(table, "id", f"id = {leaf}") == leaf


def test_the_hashes_of_leaves(archive: tuple[Filled, Tamperer]) -> None:
    _, by = archive
    draw = random.Random(4)
    for _ in range(8):
        leaf = draw.choice((0, 255, 256, draw.randrange(377)))
        where = f"level = 0 AND index = {leaf // 256}"
        tile = bytearray(by.value(TILES, "hashes", where))
        tile[leaf % 256 * 32 + draw.randrange(32)] ^= 1 << draw.randrange(8)
        with by.instead(TILES, "hashes", where, bytes(tile)):
            verdict = verify()
        assert [(one.leaf, one.table) for one in verdict.faults] == [(leaf, TILES)]


def test_the_hashes_above_them(archive: tuple[Filled, Tamperer]) -> None:
    _, by = archive
    draw = random.Random(5)
    for _ in range(3):
        tile = bytearray(by.value(TILES, "hashes", "level = 1 AND index = 0"))
        tile[draw.randrange(32)] ^= 1 << draw.randrange(8)
        with by.instead(TILES, "hashes", "level = 1 AND index = 0", bytes(tile)):
            verdict = verify()
        assert [(one.leaf, one.table) for one in verdict.faults] == [(None, TILES)]
        assert "leaves 0 to 255" in verdict.faults[0].en


@pytest.mark.parametrize("place", [(0, 0), (0, 1), (1, 0)])
def test_the_place_of_a_tile(archive: tuple[Filled, Tamperer], place: tuple[int, int]) -> None:
    _, by = archive
    level, index = place
    for column in ("level", "index"):
        where = f"level = {level} AND index = {index}"
        moved = f"{column} = 5 AND {'index' if column == 'level' else 'level'} = " + str(
            index if column == "level" else level
        )
        by.put(TILES, column, where, 5)
        verdict = verify()
        by.put(TILES, column, moved, level if column == "level" else index)
        assert {one.table for one in verdict.faults} == {TILES}
        assert verdict.first_fault is not None
        assert verdict.first_fault.leaf == (index * 256 if level == 0 else None)


def test_every_value_of_every_head(archive: tuple[Filled, Tamperer]) -> None:
    _, by = archive
    draw = random.Random(6)
    sizes = [size for (size,) in by.connection.execute(f"SELECT size FROM {HEADS} ORDER BY size")]
    for column in ("previous", "root", "signed_at", "signature"):
        for size in (sizes[0], draw.choice(sizes[1:-1]), sizes[-1]):
            where = f"size = {size}"
            with by.instead(HEADS, column, where, flipped(by.value(HEADS, column, where), draw)):
                verdict = verify()
            _names_head(verdict, size, newest=size == sizes[-1], before=sizes[-2])
    for size in sizes:
        other = size ^ 1 << draw.randrange(4)
        if other not in sizes:
            with by.instead(HEADS, "size", f"size = {size}", other):
                verdict = verify()
            assert HEADS in {one.table for one in verdict.faults}, size


def _names_head(verdict: Verdict, size: int, *, newest: bool, before: int) -> None:
    fault = verdict.first_fault
    assert fault is not None and fault.table == HEADS
    assert f"the head of {size} leaves" in fault.en
    assert (fault.leaf, fault.last) == ((before, size - 1) if newest else (None, None))
    assert {one.table for one in verdict.faults} == {HEADS}


def test_every_projection_of_a_subject(archive: tuple[Filled, Tamperer]) -> None:
    held, by = archive
    draw = random.Random(7)
    for column in ("name", "normalised", "tokens", "merged_into_id"):
        for subject in draw.sample(held.subjects, 3):
            where = f"id = {subject}"
            value = by.value("registry_subject", column, where)
            changed = held.subjects[1] if value is None else flipped(value, draw)
            with by.instead("registry_subject", column, where, changed):
                verdict = verify()
            place = f"{column} of {subject}: {value!r} {changed!r}"
            assert [(one.leaf, one.table) for one in verdict.faults] == [(subject, "registry_subject")], place
            assert column.removesuffix("_id") in verdict.faults[0].en


def test_every_projection_of_a_record(archive: tuple[Filled, Tamperer]) -> None:
    held, by = archive
    draw = random.Random(9)
    marked = [id for (id,) in by.connection.execute("SELECT DISTINCT record_id FROM archive_mark").fetchall()]
    for column in ("ended_on", "contested", "suspended"):
        for record in [*marked, *draw.sample(held.records, 3)]:
            where = f"id = {record}"
            value = by.value("archive_record", column, where)
            changed = date(2026, 1, 1) if value is None else flipped(value, draw)
            with by.instead("archive_record", column, where, changed):
                verdict = verify()
            place = f"{column} of {record}: {value!r} {changed!r}"
            assert [(one.leaf, one.table) for one in verdict.faults] == [(record, "archive_record")], place
            assert column in verdict.faults[0].en
    with by.instead("archive_record", "contested", f"id = {marked[0]}", None):
        assert [one.leaf for one in verify().faults] == [marked[0]]


def test_a_token_added_or_taken_away_or_two_made_one(archive: tuple[Filled, Tamperer]) -> None:
    held, by = archive
    where = f"id = {held.subjects[0]}"
    tokens = by.value("registry_subject", "tokens", where)
    two_as_one = [f"{tokens[0]}\x1f{tokens[1]}", *tokens[2:]]
    for changed in ([*tokens, "n:某某"], tokens[1:], [], None, [*tokens[:-1], None], two_as_one):
        with by.instead("registry_subject", "tokens", where, changed):
            verdict = verify()
        assert [one.leaf for one in verdict.faults] == [held.subjects[0]], changed
    with by.instead("registry_subject", "tokens", where, tokens[::-1]):
        assert verify().holds, "their order says nothing"


def test_every_value_of_a_receipt_that_the_ledger_knows(archive: tuple[Filled, Tamperer]) -> None:
    held, by = archive
    draw = random.Random(8)
    for column in (
        "item", "item_version", "source_id", "operation", "file_name", "sha256", "received_at",
        "first_leaf", "rows", "kept", "duplicate", "rejected",
    ):  # fmt: skip
        value = by.value("exchange_batch", column, "id = 1")
        with by.instead("exchange_batch", column, "id = 1", flipped(value, draw)):
            verdict = verify()
        assert not verdict.holds, column
        assert {one.table for one in verdict.faults} == {"exchange_batch"}, column
    with by.instead("exchange_batch", "last_leaf", "id = 1", held.records[-2]):
        assert [one.table for one in verify().faults] == ["exchange_batch"]
    for column in ("late", "without_code", "new_subjects"):
        with by.instead("exchange_batch", column, "id = 1", len(held.records) + 1):
            assert [one.leaf for one in verify().faults] == [held.batch_leaf], column
    with by.instead("exchange_batch", "id", "id = 1", 2):
        assert {one.table for one in verify().faults} == {"exchange_batch"}
