"""What is written can be hashed again from the database, byte for byte, for every sealed table."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chengxin.kernel.merkle import leaf_hash
from chengxin.ledger import queries
from chengxin.ledger.actions import Appending, appending
from chengxin.ledger.sealed import SEALED, Sealed, moment
from chengxin.ledger.tests.filled import tamperer
from chengxin.ledger.verify import verify

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
"""Whatever PostgreSQL can keep as text."""

DATES = st.dates(date(1, 1, 1), date(9999, 12, 31))
MOMENTS = st.integers(-(2**51), 2**52).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


def _free_of_constraints() -> dict[tuple[str, str], str]:
    """Let any value of a column's type be kept; returns the types."""
    with tamperer() as by:
        by.without_checks()
        found = by.connection.execute(
            "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a "
            "JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname = ANY(%s) AND a.attnum > 0",
            [list(SEALED)],
        ).fetchall()
    return {(table, column): kind for table, column, kind in found}


def _columns(table: Sealed) -> tuple[str, ...]:
    return (*table.columns, *([table.tail] if table.tail else []))


def _value(draw: st.DataObject, name: str, kind: str) -> Any:
    free: dict[str, st.SearchStrategy[Any]] = {
        "bigint": st.integers(-(2**63), 2**63 - 1),
        "integer": st.integers(-(2**31), 2**31 - 1),
        "text": TEXTS,
        "character varying": TEXTS.map(lambda text: text[:6]),
        "date": DATES,
        "boolean": st.booleans(),
        "uuid": st.uuids(),
        "bytea": st.binary(max_size=60),
        "timestamp with time zone": MOMENTS,
    }
    return draw.draw(st.none() | free[kind], name)


def _rows(draw: st.DataObject, table: Sealed, types: dict[tuple[str, str], str]) -> list[list[Any]]:
    rows = [[_value(draw, column, types[table.table, column]) for column in table.columns] for _ in range(2)]
    if table.tail:
        for row in rows:
            row.append(draw.draw(TEXTS, table.tail))
    return rows


def _projections(table: Sealed, rows: list[list[Any]]) -> dict[str, list[Any]]:
    if table.table != "registry_subject":
        return {}
    return {"name": ["-"] * len(rows), "normalised": ["-"] * len(rows), "tokens": ["{}"] * len(rows)}


def _as_frame(table: Sealed, rows: list[list[Any]], types: dict[tuple[str, str], str]) -> pl.DataFrame:
    """The rows as `keep_frame` takes them: integers, booleans and text; bytes in hexadecimal."""
    kinds = {"bigint": pl.Int64, "integer": pl.Int64, "boolean": pl.Boolean}

    def plain(value: Any) -> Any:
        match value:
            case bytes():
                return value.hex()
            case datetime():
                return moment(value)
            case None | bool() | int():
                return value
        return str(value)

    columns = _columns(table)
    schema = {column: kinds.get(types[table.table, column], pl.String) for column in columns}
    return pl.DataFrame([[plain(value) for value in row] for row in rows], schema=schema, orient="row")


def _kept(
    log: Appending, table: Sealed, rows: list[list[Any]], types: dict[tuple[str, str], str], *, frame: bool
) -> int:
    extra = _projections(table, rows)
    log.cursor.execute("SET LOCAL session_replication_role = replica")  # what they point at needs not exist
    if frame:
        return log.keep_frame(table, _as_frame(table, rows, types), pl.DataFrame(extra) if extra else None)
    return log.keep(table, rows, **extra)


@pytest.mark.parametrize("table", list(SEALED))
def test_a_row_written_either_way_is_read_back_as_it_was_hashed(database: str, table: str) -> None:
    types, sealed = _free_of_constraints(), SEALED[table]

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(draw=st.data(), frame=st.booleans())
    def kept_and_read(draw: st.DataObject, frame: bool) -> None:
        rows = _rows(draw, sealed, types)
        with appending() as log:
            first = _kept(log, sealed, rows, types, frame=frame)
        for leaf, row in enumerate(rows, first):
            values, tail = (row[:-1], row[-1]) if sealed.tail else (row, None)
            body = queries.leaf_body(table, leaf)
            assert body == sealed.body(values, tail)
            proof = queries.inclusion(leaf, body)
            assert proof["leaf_hash"] == base64.b64encode(leaf_hash(body)).decode()

    kept_and_read()
    verdict = verify()
    assert verdict.leaves == verdict.size > 0
    followers = {"registry_subject", "exchange_batch", "cases_case", "triage_lead"}
    assert {one.table for one in verdict.faults} <= followers, "made-up rows have none that follow from them"
    assert all("follows from" in one.en for one in verdict.faults), "only projections were not written"


@settings(max_examples=300)
@given(text=TEXTS, line=st.booleans())
@example(text="\\N", line=False)
@example(text="\\.", line=False)
@example(text='"\\\b\f\n\r\t\x1f\x7f\u2028\u2029</', line=True)
@example(text="\ufeff😀𠮷", line=True)
@example(text="", line=True)
def test_text_is_spelled_in_a_body_as_json_spells_it(text: str, line: bool) -> None:
    body = Sealed("t", ("a",), "b" if line else None).body([text], text if line else None)
    head, _, rest = body.partition(b"\n")
    assert json.loads(head) == ["t", text]
    assert rest.decode() == (text if line else "")


def test_points_in_time_have_one_spelling() -> None:
    whole = datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert moment(whole) == "2026-06-01T08:00:00.000000+00:00"
    assert Sealed("t", ("at",), moments=("at",)).body([whole]) == b'["t","2026-06-01T08:00:00.000000+00:00"]'


def test_awkward_text_comes_back_from_bulk_and_single_rows_alike(database: str) -> None:
    event = SEALED["ledger_event"]
    texts = ["\\N", "\\.", '"', '""', "a,b", "a\nb", "\r", " ", "null", "NULL", "\\x41", "\ufeff", "\u200b"]
    now = datetime(2026, 6, 1, 8, 0, 0, 1, tzinfo=UTC)
    with appending() as log:
        log.keep(event, [(text, now, text) for text in texts])
        log.keep_frame(event, pl.DataFrame({"kind": texts, "at": [moment(now)] * len(texts), "body": texts}))
    bodies = [queries.leaf_body("ledger_event", leaf) for leaf in range(2 * len(texts))]
    assert bodies == [event.body((text, now), text) for text in [*texts, *texts]]
    assert verify().holds
