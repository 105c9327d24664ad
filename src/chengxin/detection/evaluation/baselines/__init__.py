"""What a detector is compared with, on the same entities.

Each baseline has one method, `score(features, graph)`, and gives one number an entity, higher for worse:
`features` has a row for each entity (`entity_id` and a column a signal, null where it can't be had), `graph`
the orders as `buyer_id`, `seller_id`. What a baseline doesn't need it doesn't look at.
"""

from __future__ import annotations

from typing import Protocol

import polars as pl


class Baseline(Protocol):
    """A way of scoring entities that isn't ours."""

    @property
    def name(self) -> str:
        """What the tables call it."""

    def score(self, features: pl.DataFrame, graph: pl.DataFrame) -> pl.Series:
        """One number for each row of `features`, in its order, higher for worse, never null."""


def signals(features: pl.DataFrame) -> tuple[str, ...]:
    """The columns of a feature frame that are signals: all numbers and flags besides what names the row."""
    return tuple(
        name
        for name, kind in features.schema.items()
        if (kind.is_numeric() or kind == pl.Boolean) and name not in NAMES
    )


NAMES = frozenset({"detector", "entity", "platform", "entity_id"})
