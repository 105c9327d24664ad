"""The archive's figures for the home page, counted exactly and cheaply.

What is kept is never deleted, and a row's id is its leaf in the ledger. So rows are counted once, and later
only those that came since: between the size of the ledger then and now.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

from chengxin.database import reading
from chengxin.ledger import queries as ledger

STEP = 500_000
"""Leaves that one statement counts, so that none runs long."""


@dataclass(frozen=True)
class Figures:
    """How much is kept: subjects (those merged count once), records, organisations that send, leaves."""

    subjects: int
    records: int
    sources: int
    leaves: int


@dataclass
class _Counted:
    """Rows of the registry below leaf `size`."""

    size: int = 0
    subjects: int = 0


_counted: dict[str, _Counted] = {}
_counting = threading.Lock()


def figures() -> Figures:
    """The figures of this moment."""
    leaves = ledger.size()
    merged, records, sources = reading.row(
        "SELECT (SELECT count(*) FROM registry_subject WHERE merged_into_id IS NOT NULL), "
        "(SELECT coalesce(sum(kept), 0)::bigint FROM exchange_batch), "
        "(SELECT count(*) FROM accounts_organisation)"
    ) or (0, 0, 0)
    return Figures(_subjects(leaves) - merged, records, sources, leaves)


def _subjects(leaves: int) -> int:
    with _counting:
        held = _counted.setdefault(_database(), _Counted())
        while held.size < leaves:
            end = min(held.size + STEP, leaves)
            found = reading.row(
                "SELECT count(*) FROM registry_subject WHERE id >= %s::bigint AND id < %s::bigint",
                [held.size, end],
            )
            held.size, held.subjects = end, held.subjects + (found[0] if found else 0)
        return held.subjects


def _database() -> str:
    return os.environ["CHENGXIN_DATABASE_URL"]
