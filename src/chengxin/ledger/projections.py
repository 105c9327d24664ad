"""Columns outside the seal that follow from sealed rows: declared by their domains, compared by `verify`.

A domain declares beside its tables how its projections are recomputed; the ledger knows no domain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Cursor

from chengxin.ledger.faults import Fault

Check = Callable[[Cursor[Any], int, int], Iterable[Fault]]
"""(cursor, first, end) → faults of the projections of leaves from `first` to before `end`."""


@dataclass(frozen=True)
class Projection:
    """table: where the projected columns are; by_leaf: whether to ask stretch by stretch, or once for all."""

    table: str
    check: Check
    by_leaf: bool


PROJECTIONS: dict[str, Projection] = {}
"""Every declared projection, by table; filled when the domains' apps are loaded."""


def projected(table: str, check: Check, *, by_leaf: bool = True) -> None:
    """Declare how the projections in `table` are checked."""
    PROJECTIONS[table] = Projection(table, check, by_leaf)
