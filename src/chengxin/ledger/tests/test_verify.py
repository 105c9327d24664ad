"""Verification: what holds is said to hold, and whatever was done to the database is named with its place."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from chengxin.archive.tests.kept import Kept
from chengxin.kernel.crypto import Keyring
from chengxin.kernel.merkle import checkpoint, grow, leaf_hash, root
from chengxin.ledger import queries
from chengxin.ledger.actions import ORIGIN, appending
from chengxin.ledger.faults import HEADS, TILES, TOLD, Fault, Findings
from chengxin.ledger.sealed import SEALED
from chengxin.ledger.tests.filled import Filled, Tamperer, filled, tamperer
from chengxin.ledger.verify import verify

STRANGER = Keyring(data=bytes(32), matching=bytes(32), signing=bytes(32))


@pytest.fixture
def archive(database: str) -> Filled:
    return filled()


@pytest.fixture
def by(archive: Filled) -> Iterator[Tamperer]:
    with tamperer() as found:
        yield found


def places() -> list[tuple[int | None, str]]:
    """Leaf and table of every fault that is found now."""
    return [(one.leaf, one.table) for one in verify().faults]


def one_fault() -> Fault:
    faults = verify().faults
    assert len(faults) == 1, faults
    return faults[0]


def a_row(by: Tamperer, table: str) -> int:
    return int(by.value(table, "id", f'id = (SELECT max(id) FROM "{table}")'))


# --- what holds ---------------------------------------------------------------------------------------------


def test_an_empty_ledger_holds(database: str) -> None:
    verdict = verify()
    assert (verdict.holds, verdict.leaves, verdict.size, verdict.first_fault) == (True, 0, 0, None)


@pytest.mark.obligation("9.1b")
def test_a_ledger_that_nobody_touched_holds(archive: Filled) -> None:
    seen: list[tuple[int, int]] = []
    verdict = verify(lambda done, whole: seen.append((done, whole)))
    assert verdict.holds and verdict.faults == () and verdict.found == 0
    assert verdict.leaves == verdict.size == queries.size() > 256
    assert seen == sorted(seen) and len({whole for _, whole in seen}) == 1
    assert seen[-1][0] == seen[-1][1]


def test_verifying_changes_nothing_and_keeps_nobody_waiting(archive: Filled) -> None:
    with appending() as log:  # a writer in the middle of its turn
        Kept(log).source()
        verdict = verify()
    assert verdict.holds
    assert verify().leaves == verdict.leaves + 1


# --- rows ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", list(SEALED))
def test_a_row_taken_away(by: Tamperer, table: str) -> None:
    leaf = a_row(by, table)
    by.do(f'DELETE FROM "{table}" WHERE id = {leaf}')
    assert places() == [(leaf, "")]


def test_the_last_rows_taken_away_with_their_hashes(by: Tamperer) -> None:
    size = queries.size()
    for table in SEALED:
        by.do(f'DELETE FROM "{table}" WHERE id >= {size - 20}')
    kept = by.value(TILES, "hashes", "level = 0 AND index = 1")
    by.put(TILES, "hashes", "level = 0 AND index = 1", kept[: -20 * 32])
    fault = verify().first_fault
    assert fault is not None
    assert (fault.leaf, fault.last, fault.table) == (size - 20, size - 1, "")


def test_a_row_added_behind_the_ledgers_back(by: Tamperer) -> None:
    by.do("INSERT INTO ledger_event VALUES (100000, 'merge', now(), '{}'), (-7, 'merge', now(), '{}')")
    assert places() == [(-7, "ledger_event"), (100000, "ledger_event")]


def test_a_row_added_under_the_number_of_another(by: Tamperer, archive: Filled) -> None:
    for leaf in (archive.records[5], archive.subjects[0]):  # another table comes first, or later
        by.do("INSERT INTO ledger_event VALUES (%s, 'merge', now(), '{}')", leaf)
        by.do("INSERT INTO archive_attribution VALUES (%s, 'x', 'y', %s, 1)", leaf, archive.records[0])
        found = verify().faults
        assert [one.leaf for one in found] == [leaf, leaf][: len(found)]
        assert {one.table for one in found} <= {"ledger_event", "archive_attribution"}
        assert "same number" in found[0].en
        by.do("DELETE FROM ledger_event WHERE id = %s", leaf)
        by.do("DELETE FROM archive_attribution WHERE id = %s", leaf)


def test_a_row_moved_to_another_table(by: Tamperer) -> None:
    leaf = a_row(by, "registry_role")
    by.do(f"DELETE FROM registry_role WHERE id = {leaf}")
    by.do("INSERT INTO ledger_event VALUES (%s, 'role', now(), '{}')", leaf)
    assert places() == [(leaf, "ledger_event")]


def test_two_rows_that_changed_places(by: Tamperer, archive: Filled) -> None:
    one, other = archive.records[3], archive.records[90]
    by.do("UPDATE archive_record SET id = -1 WHERE id = %s", one)
    by.do("UPDATE archive_record SET id = %s WHERE id = %s", one, other)
    by.do("UPDATE archive_record SET id = %s WHERE id = -1", other)
    assert places() == [(one, "archive_record"), (other, "archive_record")]


def test_many_changes_are_counted_and_the_first_are_told(by: Tamperer, archive: Filled) -> None:
    changed = by.do("UPDATE archive_record SET law = 'another'")
    verdict = verify()
    assert verdict.found == changed == len(archive.records) > TOLD
    assert [one.leaf for one in verdict.faults] == sorted(archive.records)[:TOLD]
    assert verdict.first_fault == verdict.faults[0]


def test_a_row_that_its_index_does_not_show(by: Tamperer) -> None:
    leaf = a_row(by, "ledger_event")
    by.do("SET allow_system_table_mods = on")
    hide = "UPDATE pg_index SET indisready = {0}, indisvalid = {0} WHERE indexrelid = %s::regclass"
    by.do(hide.format("false"), "ledger_event_pkey")
    with tamperer() as other:
        other.do(
            "INSERT INTO ledger_event SELECT id, kind, at, 'another' FROM ledger_event WHERE id = %s", leaf
        )
    by.do(hide.format("true"), "ledger_event_pkey")
    fault = one_fault()
    assert (fault.leaf, fault.table) == (None, "ledger_event") and "differ by 1 row" in fault.en


# --- rows together with their hashes ------------------------------------------------------------------------


def _rehash(by: Tamperer, leaf: int, body: bytes) -> None:
    """Put the hash of another body into the leaf's tile."""
    where, at = f"level = 0 AND index = {leaf // 256}", leaf % 256 * 32
    tile = bytearray(by.value(TILES, "hashes", where))
    tile[at : at + 32] = leaf_hash(body)
    by.put(TILES, "hashes", where, bytes(tile))


def _changed_with_hash(by: Tamperer, leaf: int) -> None:
    by.put("archive_record", "law", f"id = {leaf}", "another")
    body = queries.leaf_body("archive_record", leaf)
    assert body is not None
    _rehash(by, leaf, body)


def _rebuilt(by: Tamperer) -> None:
    """All tiles and the roots of all heads anew from the hashes of the leaves; only the key is missing."""
    hashes = b"".join(
        tile
        for (tile,) in by.connection.execute(f"SELECT hashes FROM {TILES} WHERE level = 0 ORDER BY index")
    )
    tiles = grow(0, hashes, lambda level, index: b"").tiles
    for (level, index), content in tiles.items():
        by.put(TILES, "hashes", f"level = {level} AND index = {index}", content)
    for (size,) in by.connection.execute(f"SELECT size FROM {HEADS}").fetchall():
        by.put(
            HEADS, "root", f"size = {size}", root(size, lambda level, index: tiles.get((level, index), b""))
        )


def test_a_row_changed_together_with_its_hash(by: Tamperer, archive: Filled) -> None:
    sizes = [size for (size,) in by.connection.execute(f"SELECT size FROM {HEADS} ORDER BY size")]
    for leaf in (archive.records[0], archive.records[250]):
        before = queries.leaf_body("archive_record", leaf)
        assert before is not None
        law = by.value("archive_record", "law", f"id = {leaf}")
        _changed_with_hash(by, leaf)
        fault = one_fault()
        assert fault.leaf is not None and fault.last is not None
        assert fault.leaf <= leaf <= fault.last
        assert fault.leaf in (0, 256, *sizes) and fault.last + 1 in (256, *sizes), "as near as can be told"
        by.put("archive_record", "law", f"id = {leaf}", law)
        _rehash(by, leaf, before)
    assert verify().holds


def test_a_row_changed_with_all_hashes_above_it_but_for_the_signatures(by: Tamperer, archive: Filled) -> None:
    leaf = archive.records[100]
    _changed_with_hash(by, leaf)
    _rebuilt(by)
    verdict = verify()
    assert verdict.first_fault is not None
    assert verdict.first_fault.table == HEADS
    assert verdict.first_fault.leaf is not None and verdict.first_fault.last is not None
    assert verdict.first_fault.leaf <= leaf, "from here on nothing is signed any more"
    assert verdict.faults[-1].leaf is not None and leaf <= (verdict.faults[-1].last or 0)


def test_a_whole_ledger_signed_with_another_key(by: Tamperer) -> None:
    for size, previous, top in by.connection.execute(f"SELECT size, previous, root FROM {HEADS}").fetchall():
        text = checkpoint(ORIGIN, size, top, previous, "2026-06-01T00:00:00.000000+00:00")
        by.put(HEADS, "signature", f"size = {size}", STRANGER.sign(text))
        by.put(HEADS, "signed_at", f"size = {size}", "2026-06-01T00:00:00+00")
    verdict = verify()
    assert {one.table for one in verdict.faults} == {HEADS}
    assert verdict.first_fault is not None and verdict.first_fault.leaf == 0


# --- heads and tiles ----------------------------------------------------------------------------------------


def test_any_head_taken_away(by: Tamperer) -> None:
    by.do(f"CREATE TABLE aside AS SELECT * FROM {HEADS}")
    sizes = [size for (size,) in by.connection.execute(f"SELECT size FROM {HEADS} ORDER BY size")]
    for size in sizes[:-1]:
        by.do(f"DELETE FROM {HEADS} WHERE size = {size}")
        fault = one_fault()
        assert (fault.leaf, fault.table) == (None, HEADS)
        assert f"the head of {size} leaves was removed" in fault.en
        by.do(f"INSERT INTO {HEADS} SELECT * FROM aside WHERE size = {size}")
    by.do(f"DELETE FROM {HEADS} WHERE size = {sizes[-1]}")
    first = verify().first_fault
    assert first is not None and first.leaf == sizes[-2] and "no signed head covers" in first.en


def test_all_heads_taken_away(by: Tamperer) -> None:
    by.do(f"DELETE FROM {HEADS}")
    verdict = verify()
    assert verdict.first_fault is not None and verdict.first_fault.leaf == 0
    assert (verdict.leaves, verdict.size) == (0, 0)


def test_a_head_forged(by: Tamperer) -> None:
    size = queries.size()
    top = by.value(HEADS, "root", f"size = {size}")
    for other, previous in ((size - 5, 10), (size + 5, 11), (2**62, 12)):
        text = checkpoint(ORIGIN, other, top, previous, "2026-06-01T00:00:00.000000+00:00")
        by.do(
            f"INSERT INTO {HEADS} (size, previous, root, signed_at, signature) "
            "VALUES (%s, %s, %s, '2026-06-01T00:00:00+00', %s)",
            other, previous, top, STRANGER.sign(text),
        )  # fmt: skip
        verdict = verify()
        assert {one.table for one in verdict.faults} == {HEADS}
        assert f"the head of {other} leaves has no valid signature" in verdict.faults[0].en
        by.do(f"DELETE FROM {HEADS} WHERE size = {other}")


def test_a_head_that_was_signed_with_the_key_but_for_another_tree(by: Tamperer) -> None:
    sizes = [size for (size,) in by.connection.execute(f"SELECT size FROM {HEADS} ORDER BY size")]
    size, previous = sizes[3], sizes[2]
    text = checkpoint(ORIGIN, size, bytes(32), previous, "2026-06-01T00:00:00.000000+00:00")
    by.do(
        f"UPDATE {HEADS} SET root = %s, signature = %s, signed_at = '2026-06-01T00:00:00+00' WHERE size = %s",
        bytes(32), settings.KEYRING.sign(text), size,
    )  # fmt: skip
    fault = one_fault()
    assert (fault.leaf, fault.table) == (None, HEADS) and "isn't of this tree" in fault.en


def test_tiles_taken_away_cut_and_added(by: Tamperer) -> None:
    tile = by.value(TILES, "hashes", "level = 0 AND index = 1")
    by.do(f"DELETE FROM {TILES} WHERE level = 0 AND index = 1")
    first = verify().first_fault
    assert first is not None and (first.leaf, first.table) == (256, TILES)
    by.do(f"INSERT INTO {TILES} (level, index, hashes) VALUES (0, 1, %s)", tile)
    for wrong in (tile[:-32], tile[:-1]):
        by.put(TILES, "hashes", "level = 0 AND index = 1", wrong)
        first = verify().first_fault
        assert first is not None and (first.leaf, first.table) == (queries.size() - 1, TILES)
    by.put(TILES, "hashes", "level = 0 AND index = 1", tile + bytes(32))
    assert places() == [(None, TILES)]
    by.put(TILES, "hashes", "level = 0 AND index = 1", tile)
    for level, index in ((0, 2), (1, 1), (2, 0), (9, 0), (0, 2**62)):
        by.do(f"INSERT INTO {TILES} (level, index, hashes) VALUES (%s, %s, %s)", level, index, bytes(32))
        assert places() == [(None, TILES)], (level, index)
        by.do(f"DELETE FROM {TILES} WHERE level = %s AND index = %s", level, index)
    assert verify().holds


# --- what follows from rows ---------------------------------------------------------------------------------


def test_a_receipt_taken_away(by: Tamperer, archive: Filled) -> None:
    by.do("DELETE FROM exchange_batch")
    assert {table for _, table in places()} == {"exchange_batch"}
    assert verify().faults[0].leaf == archive.batch_leaf


def test_a_rejected_row_taken_away(by: Tamperer, archive: Filled) -> None:
    by.do("INSERT INTO exchange_reject (batch_id, row, problems, values) VALUES (1, 9, '[]', 'x')")
    assert places() == [(archive.batch_leaf, "exchange_batch")]
    by.do("UPDATE exchange_batch SET rejected = 1, duplicate = 0")
    assert verify().holds
    by.do("DELETE FROM exchange_reject")
    assert places() == [(archive.batch_leaf, "exchange_batch")]


def test_where_rows_were_changed_what_follows_from_them_is_not_blamed(by: Tamperer, archive: Filled) -> None:
    leaf = a_row(by, "registry_name")
    by.put("registry_name", "subject_id", f"id = {leaf}", archive.subjects[0])
    assert places() == [(leaf, "registry_name")]


# --- a database that lies -----------------------------------------------------------------------------------


def test_a_view_in_the_place_of_a_table(by: Tamperer) -> None:
    by.do("ALTER TABLE archive_record RENAME TO hidden")
    by.do("CREATE VIEW archive_record AS SELECT * FROM hidden")
    assert places() == [(None, "archive_record")]


def test_a_function_in_the_place_of_postgresqls_own(by: Tamperer) -> None:
    by.do("CREATE FUNCTION to_json(text) RETURNS json LANGUAGE sql AS $$ SELECT 'null'::json $$")
    verdict = verify()
    assert (None, "pg_proc") in {(one.leaf, one.table) for one in verdict.faults} or verdict.found > TOLD
    by.do("DROP FUNCTION to_json(text)")
    assert verify().holds
    by.do("CREATE FUNCTION same(text, text) RETURNS text LANGUAGE sql AS $$ SELECT $1 $$")
    assert verify().holds, "a function of another name disturbs nobody"
    by.do("CREATE OPERATOR || (LEFTARG = text, RIGHTARG = text, FUNCTION = same)")
    assert (None, "pg_proc") in places()


def test_a_table_that_is_gone(by: Tamperer) -> None:
    by.do("DROP TABLE archive_attribution")
    verdict = verify()
    assert not verdict.holds
    assert "archive_attribution" in {one.table for one in verdict.faults}


def test_a_column_that_is_gone(by: Tamperer) -> None:
    by.do("ALTER TABLE registry_verification DROP COLUMN reasons")
    verdict = verify()
    assert {one.table for one in verdict.faults} == {"registry_verification"}
    assert "42703" in verdict.faults[0].en


# --- the verdict itself -------------------------------------------------------------------------------------


def test_findings_keep_the_first_leaves_of_however_many() -> None:
    findings, order = Findings(), list(range(500))
    random.Random(1).shuffle(order)
    findings.add(Fault(None, HEADS, "", ""))
    for leaf in order:
        findings.add(Fault(leaf, "t", "", ""))
    assert [one.leaf for one in findings.told()] == list(range(TOLD))
    assert findings.found == 501


def test_a_head_as_it_is_shown_can_be_checked_by_anybody(archive: Filled) -> None:
    head = queries.head()
    assert head is not None
    lines = (head["origin"], head["size"], head["root"], f"previous {head['previous']}")
    text = "".join(f"{line}\n" for line in (*lines, f"signed {head['signed_at']}"))
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(head["public_key"]))
    key.verify(base64.b64decode(head["signature"]), text.encode())
