"""Verifying: is everything as it was sealed? Every row against its leaf, every hash, every head.

One walk over the leaves in their order, in one snapshot of the database, so that writers need not wait. The
signed heads are the measure: each one's root is computed anew from the leaves. Afterwards, where all rows
hold, the columns that only follow from them are compared (`projections`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from psycopg import Connection, IsolationLevel

from chengxin.kernel.merkle import WIDTH
from chengxin.ledger import faults
from chengxin.ledger.examining import Examination
from chengxin.ledger.faults import HEADS, TILES, Fault, Findings, Verdict
from chengxin.ledger.footing import unsound
from chengxin.ledger.projections import PROJECTIONS, Projection
from chengxin.ledger.sealed import SEALED
from chengxin.ledger.stored import Stored
from chengxin.ledger.stretches import Lost, Reader

WINDOW = WIDTH * WIDTH
"""Leaves that are looked at together: 256 tiles, under one tile of the level above."""

Progress = Callable[[int, int], None]

_BY_LEAF = {
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "row_security": "off",  # a policy that would hide rows makes the query fail instead
    "enable_seqscan": "off",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
}
_WHOLE_TABLES = {
    "enable_seqscan": "on",
    "enable_indexscan": "off",
    "enable_indexonlyscan": "off",
    "enable_bitmapscan": "off",
    "max_parallel_workers_per_gather": "2",
}
"""So that what is in a table is told by the table, not by an index."""


def verify(progress: Progress | None = None) -> Verdict:
    """Verify the whole ledger and what is kept under it; what it finds is in the verdict, never an exception.

    progress: called with (done, all) as leaves are read. The verdict holds when it has no faults.
    """
    findings = Findings()
    with _snapshot() as connection:
        run = _Verification(connection, findings, progress or (lambda done, total: None))
        try:
            run.all()
        except Lost as lost:
            findings.add(
                faults.unreadable_table(lost.table, None)
                if lost.first is None or lost.last is None
                else faults.unreadable(lost.first, lost.last, lost.table, None)
            )
    return Verdict(sum(run.reader.seen), run.size, tuple(findings.told()), findings.found)


@contextmanager
def _snapshot() -> Iterator[Connection[Any]]:
    """A connection of its own that sees the database as it is now, and changes nothing."""
    with psycopg.connect(
        os.environ["CHENGXIN_DATABASE_URL"], application_name="chengxin verify"
    ) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        _set(connection, _BY_LEAF)
        yield connection


def _set(connection: Connection[Any], values: dict[str, str]) -> None:
    for name, value in values.items():
        connection.execute("SELECT set_config(%s, %s, true)", [name, value])


class _Verification:
    """One run; `size`: leaves that the newest head claims."""

    def __init__(self, connection: Connection[Any], findings: Findings, progress: Progress) -> None:
        self.connection, self.findings, self.progress = connection, findings, progress
        self.tables = list(SEALED.values())
        self.reader = Reader(connection, self.tables)
        self.stored = Stored(connection, self.reader, findings)
        self.size = self.done = self.steps = 0

    def all(self) -> None:
        """Everything; what follows from the rows only where all rows hold."""
        names = [one.table for one in self.tables]
        self._footing(names)
        self.size = self.stored.size()
        signed = self.stored.newest_signed(self.size, settings.KEYRING.public_key)
        end = min(signed, max(self.stored.rows_end(names, self.size), self.stored.tiles_end()))
        by_leaf = [one for one in PROJECTIONS.values() if one.by_leaf]
        self.steps = end * (1 + len(by_leaf))
        damaged = self._walk(end, signed)
        if self.size or not self.findings.names(HEADS):  # heads that can't be read say nothing of rows
            self.stored.rows_beyond(names, self.size)
            self.stored.stray_tiles(self.size)
        if not self.findings.found:
            for one in by_leaf:
                self._follow(one, end)
        _set(self.connection, _WHOLE_TABLES)
        for number, name in enumerate(names, 1):
            if name not in damaged:
                self.stored.count(name, end, self.reader.seen[number])
        if not self.findings.found:
            for one in PROJECTIONS.values():
                if not one.by_leaf:
                    self._compare(one, 0, end)
        self.progress(self.steps, self.steps)

    def _footing(self, names: list[str]) -> None:
        def look() -> list[Fault]:
            return list(unsound(self.connection.cursor(), [*names, TILES, HEADS]))

        nothing: list[Fault] = []
        for fault in self.stored.guarded("pg_class", look, nothing):
            self.findings.add(fault)

    def _walk(self, end: int, signed: int) -> set[str]:
        """Hold the first `end` leaves against the tree; returns the tables that can't be read throughout."""
        key = settings.KEYRING.public_key
        examination = Examination(self.tables, key, self.stored.tile, self.findings)
        damaged: set[str] = set()
        for first in range(0, end, WINDOW):
            count = min(WINDOW, end - first)
            stretch = self.reader.stretch(first, count)
            for damage in stretch.damages:
                damaged.add(damage.table)
                self.findings.add(faults.unreadable(damage.first, damage.last, damage.table, damage.code))
            tiles = self.stored.tiles(first // WIDTH, -(-(first + count) // WIDTH))
            examination.examine(stretch, tiles, self.stored.heads(first, first + count))
            self._step(count)
        for head in self.stored.heads(end, self.size):
            examination.witness.hear(head, head.signed(key), None)
        if end < signed:
            self.findings.add(faults.missing(end, signed - 1))
        examination.conclude()
        return damaged

    def _follow(self, one: Projection, end: int) -> None:
        for first in range(0, end, WINDOW):
            self._compare(one, first, min(end, first + WINDOW))
            self._step(min(WINDOW, end - first))

    def _compare(self, one: Projection, first: int, end: int) -> None:
        def check(start: int, end: int) -> int:
            found = list(one.check(self.connection.cursor(), start, end))
            for fault in found:
                self.findings.add(fault)
            return end - start

        for damage in self.reader.narrowed(one.table, check, first, end):
            self.findings.add(faults.unreadable(damage.first, damage.last, one.table, damage.code))

    def _step(self, leaves: int) -> None:
        self.done += leaves
        self.progress(self.done, self.steps)
