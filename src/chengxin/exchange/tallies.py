"""What a batch counts beside its rows: how full they are, and what was wrong with those rejected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from chengxin.exchange.checks import Rejected
from chengxin.kernel.problems import Problem

MOST = 60
"""Kinds of faults that a batch remembers, the most frequent ones."""


def filled_cells(accepted: pl.DataFrame) -> dict[str, int]:
    """How many rows fill each field. `accepted`: `_row` and all field codes, null where nothing was sent."""
    counted = accepted.drop("_row").select(pl.all().is_not_null().sum())
    return {code: int(count) for code, count in counted.row(0, named=True).items()} if counted.height else {}


def added(before: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Both counts together."""
    return {code: before.get(code, 0) + more.get(code, 0) for code in {**before, **more}}


class Faults:
    """Counts the kinds of faults among rejected rows that pass through."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._first: dict[tuple[str, str], Problem] = {}

    def through(self, rows: Iterable[Rejected]) -> Iterator[Rejected]:
        """The same rows, counted."""
        for row in rows:
            for problem in row.problems:
                kind = (problem.field, problem.rule)
                self._counts[kind] = self._counts.get(kind, 0) + 1
                self._first.setdefault(kind, problem)
            yield row

    def listed(self) -> list[dict[str, Any]]:
        """Field, rule, count, and the words of the first such fault; the most frequent first."""
        kinds = sorted(self._counts, key=lambda kind: (-self._counts[kind], kind))[:MOST]
        return [
            {
                "field": field,
                "rule": rule,
                "count": self._counts[field, rule],
                "zh": self._first[field, rule].zh,
                "en": self._first[field, rule].en,
                "mend_zh": self._first[field, rule].mend_zh,
                "mend_en": self._first[field, rule].mend_en,
            }
            for field, rule in kinds
        ]
