"""What the receipts of batches may say, by what is sealed: the event that begins a batch, and its records."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from psycopg import Cursor

from chengxin.archive.models import DECIDED
from chengxin.ledger.bodies import moment_sql
from chengxin.ledger.faults import Fault, projection
from chengxin.ledger.projections import projected
from chengxin.ledger.sealed import moment

_TABLE = "exchange_batch"

_SEALED = ("item", "version", "source", "operation", "file", "sha256", "received_at")
"""What the event says of its batch, in the order of `_BATCHES`."""

_BATCHES = f"""
    SELECT id, item, item_version::text, source_id, operation, file_name, encode(sha256, 'hex'),
        {moment_sql("received_at")}, first_leaf, last_leaf, rows, kept, duplicate, rejected,
        late, without_code, new_subjects
    FROM exchange_batch"""
_NOTED = "SELECT id, body FROM ledger_event WHERE kind = 'batch' AND id < %s ORDER BY id"
_KEPT = (
    "SELECT batch_id, count(*), min(id), max(id) FROM archive_record "
    f"WHERE id < %s AND batch_id <> {DECIDED} GROUP BY batch_id"
)
_REJECTED = "SELECT batch_id, count(*) FROM exchange_reject GROUP BY batch_id"


@dataclass(frozen=True)
class _Records:
    """The records of one batch: how many, the first and the last leaf."""

    count: int
    first: int
    last: int


def check_batches(cursor: Cursor[Any], first: int, end: int) -> Iterator[Fault]:
    """Faults in the receipts of all batches; `end`: how many leaves there are."""
    batches = {id: rest for id, *rest in cursor.execute(_BATCHES).fetchall()}
    kept = {id: _Records(*rest) for id, *rest in cursor.execute(_KEPT, [end]).fetchall()}
    rejected = dict(cursor.execute(_REJECTED).fetchall())
    heads = [size for (size,) in cursor.execute("SELECT size FROM ledger_treehead ORDER BY size").fetchall()]
    noted: set[int] = set()
    for leaf, body in cursor.execute(_NOTED, [end]).fetchall():
        said = orjson.loads(body)
        noted.add(said["batch"])
        batch = batches.get(said["batch"])
        if batch is None:
            yield projection(leaf, _TABLE, "id", said["batch"])
            continue
        said["received_at"] = moment(datetime.fromisoformat(said["received_at"]))
        for name, held in zip(_SEALED, batch, strict=False):
            if name in said and said[name] != held:
                yield projection(leaf, _TABLE, name, said["batch"])
        if batch[len(_SEALED)] != leaf:
            yield projection(leaf, _TABLE, "first_leaf", said["batch"])
    for id, records in kept.items():
        if id not in batches or id not in noted:
            yield projection(records.first, _TABLE, "id", id)
    for id, batch in batches.items():
        for column in _wrong_counts(batch[len(_SEALED) :], kept.get(id), rejected.get(id, 0), heads):
            yield projection(batch[len(_SEALED)], _TABLE, column, id)


def _wrong_counts(
    batch: list[Any], records: _Records | None, rejected: int, heads: list[int]
) -> Iterator[str]:
    first_leaf, last_leaf, rows, kept, duplicate, refused, *parts = batch
    if kept != (records.count if records else 0):
        yield "kept"
    if refused != rejected:
        yield "rejected"
    if rows != kept + duplicate + refused:
        yield "rows"
    if any(not 0 <= part <= kept for part in parts):
        yield "late, without_code, new_subjects"
    if records is None:
        if first_leaf is not None or last_leaf is not None:
            yield "first_leaf, last_leaf"
        return
    # The last leaf is the last record's, or one that was kept with it, under the same head.
    together = heads[bisect_right(heads, records.last)] - 1
    if last_leaf is None or not records.last <= last_leaf <= together:
        yield "last_leaf"


projected(_TABLE, check_batches, by_leaf=False)
