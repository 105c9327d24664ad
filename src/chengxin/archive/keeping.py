"""Keeping records: which rows are new, which say again what is kept, which correct or withdraw what was said
before.

`key` recognises the fact (source, item, business key), `digest` the statement of it. A row whose fact and
statement are kept already is a duplicate. A row that states a known fact anew is a correction: a record of
its own that refers to the last one. All inside one writer's turn at the ledger.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import polars as pl

from chengxin.archive.counting import kept_up
from chengxin.archive.marking import carry
from chengxin.archive.models import RECORD
from chengxin.kernel.crypto import Keyring
from chengxin.ledger.actions import Appending

Operation = Literal["new", "correction", "withdrawal"]


@dataclass(frozen=True)
class Head:
    """The last record of a fact."""

    id: int
    digest: str
    operation: str
    refers_to: int | None


@dataclass(frozen=True)
class Sorted:
    """Rows by what becomes of them.

    new: to keep as they are; again: statements of known facts, with `operation`, `digest` and `refers_to_id`,
    which is an id, or minus one minus the place of an earlier row in `new` followed by `again`; duplicate:
    how many; unknown: row numbers that correct or withdraw what was never kept.
    """

    new: pl.DataFrame
    again: pl.DataFrame
    duplicate: int
    unknown: tuple[int, ...]


def sort_out(log: Appending, rows: pl.DataFrame, operation: Operation, keyring: Keyring) -> Sorted:
    """Hold prepared rows (`row`, `key`, `digest`, …) against what is kept, and against each other.

    operation: what the sender meant the file for. Whatever it says, nothing is kept twice.
    """
    statements, heads = _kept(log, rows["key"])
    repeats = _repeats(rows)
    if not heads and not repeats and operation == "new":
        return Sorted(_first_told(rows), _first_told(rows.clear()), 0, ())
    return _one_by_one(rows, operation, statements, heads, keyring)


def _kept(log: Appending, keys: pl.Series) -> tuple[set[tuple[str, str]], dict[str, Head]]:
    """What is kept of these facts: the statements made of each, and the last record.

    The offset keeps the planner from reading a whole index for a chunk's keys.
    """
    found = log.cursor.execute(
        "SELECT r.key::text, r.digest::text, r.id, r.operation, r.refers_to_id "
        "FROM unnest(%s::uuid[]) q(key) CROSS JOIN LATERAL "
        "(SELECT * FROM archive_record r WHERE r.key = q.key OFFSET 0) r ORDER BY r.id",
        [keys.unique().to_list()],
    ).fetchall()
    statements = {(key, digest) for key, digest, *_ in found}
    return statements, {key: Head(id, digest, kind, refers) for key, digest, id, kind, refers in found}


def _repeats(rows: pl.DataFrame) -> bool:
    return rows["key"].n_unique() < rows.height


def _first_told(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that refer to nothing before them."""
    return rows.with_columns(pl.lit("new").alias("operation"), pl.lit(None, pl.Int64).alias("refers_to_id"))


def _one_by_one(
    rows: pl.DataFrame,
    operation: Operation,
    statements: set[tuple[str, str]],
    heads: dict[str, Head],
    keyring: Keyring,
) -> Sorted:
    new: list[int] = []
    again: list[tuple[int, str, str, int]] = []
    again_at: list[tuple[str, int]] = []
    first_in_chunk: dict[str, int] = {}
    duplicate, unknown = 0, []
    heads, statements = dict(heads), set(statements)
    for at, (row, key, digest) in enumerate(rows.select("row", "key", "digest").iter_rows()):
        head = heads.get(key)
        stated = _stated(operation, digest, head, keyring)
        if (key, stated) in statements or (head and _says_so_already(operation, digest, head, keyring)):
            duplicate += 1
        elif head is None and operation != "new":
            unknown.append(row)
        else:
            statements.add((key, stated))
            if head is None:
                first_in_chunk[key] = len(new)
                new.append(at)
                heads[key] = Head(-1 - at, stated, "new", None)
            else:
                kind = "correction" if operation == "new" else operation
                again.append((at, kind, stated, head.id))
                again_at.append((key, at))
                heads[key] = Head(-1 - at, stated, kind, head.id)
    # References to rows of this very chunk: from their place in `rows` to their place in new + again.
    place = {at: number for number, at in enumerate([*new, *(at for at, *_ in again)])}
    frame = rows[[at for at, *_ in again]].with_columns(
        pl.Series("operation", [kind for _, kind, *_ in again], dtype=pl.String),
        pl.Series("digest", [digest for _, _, digest, _ in again], dtype=pl.String),
        pl.Series(
            "refers_to_id",
            [refers if refers >= 0 else -1 - place[-1 - refers] for *_, refers in again],
            dtype=pl.Int64,
        ),
    )
    return Sorted(_first_told(rows[new]), frame, duplicate, tuple(unknown))


def _stated(operation: Operation, digest: str, head: Head | None, keyring: Keyring) -> str:
    """The digest under which a statement is kept.

    What corrects or withdraws on purpose may say what was said once before, so it counts together with the
    record that it refers to.
    """
    if operation == "new" or head is None:
        return digest
    return _digest(operation, digest, head.id, keyring)


def stated_anew(operation: Operation, digest: str, refers_to: int, keyring: Keyring) -> str:
    """The digest under which a correction or withdrawal of the record `refers_to` is kept."""
    return _digest(operation, digest, refers_to, keyring)


def _says_so_already(operation: Operation, digest: str, head: Head, keyring: Keyring) -> bool:
    if operation == "withdrawal":
        return head.operation == "withdrawal"
    if operation == "correction" and head.operation != "withdrawal":
        before = head.refers_to
        same = before is not None and head.digest == _digest("correction", digest, before, keyring)
        return same or head.digest == digest
    return False


def _digest(operation: str, digest: str, refers_to: int, keyring: Keyring) -> str:
    return str(UUID(bytes=keyring.digest(f"{operation}\x1f{digest}\x1f{refers_to}".encode())))


def keep_records(log: Appending, rows: pl.DataFrame) -> pl.DataFrame:
    """Write records; `rows` has the sealed columns. References below zero count from the first of them.

    Those that correct or withdraw bear the marks of the ones before (`marking`). Returns the rows with their
    `id`, and with references to it.
    """
    first = log.next_leaf
    refers = pl.col("refers_to_id")
    kept = rows.with_columns(
        pl.int_range(first, first + rows.height, dtype=pl.Int64).alias("id"),
        pl.when(refers < 0).then(first - 1 - refers).otherwise(refers).alias("refers_to_id"),
    )
    before = kept["refers_to_id"].drop_nulls().to_list()
    with kept_up(log.cursor, before) if before else nullcontext():
        log.keep_frame(RECORD, kept)
    carry(log, kept)
    return kept
