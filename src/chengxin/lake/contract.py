"""What the tables of the lake hold: the declaration in `tables.toml`, loaded."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Type = Literal["text", "time", "money", "whole", "number", "flag"]

DECLARED = Path(__file__).with_name("tables.toml")


@dataclass(frozen=True)
class Column:
    """A column: its type, whether it may be empty or missing, and what its values may be."""

    name: str
    zh: str
    type: Type
    nullable: bool = False
    values: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    refers: str | None = None
    not_before: str | None = None


@dataclass(frozen=True)
class Table:
    """A table: its columns in order, what names a row, and by what it is partitioned.

    `partition` is the column that names the reporter (`platform`, `carrier`, `institution`), `clock` the time
    whose month is the second key; a table without them (`marks`) is kept in one piece.
    """

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: str | None = None
    partition: str | None = None
    clock: str | None = None

    def column(self, name: str) -> Column:
        """The column of that name; KeyError for none."""
        for one in self.columns:
            if one.name == name:
                return one
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns, in order."""
        return tuple(one.name for one in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that a file must have."""
        return tuple(one.name for one in self.columns if not one.nullable)


@cache
def tables() -> dict[str, Table]:
    """Every table of the lake by its name."""
    declared = tomllib.loads(DECLARED.read_text(encoding="utf-8"))
    return {name: _table(name, facts) for name, facts in declared.items()}


def _table(name: str, facts: dict[str, Any]) -> Table:
    columns = tuple(
        Column(column, **(known | {"values": tuple(known.get("values", ()))}))
        for column, known in facts["columns"].items()
    )
    return Table(name, **(facts | {"columns": columns}))
