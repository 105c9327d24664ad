"""The lake as tables to reckon with: contract columns only, times as whole seconds, money as whole fen.

Whole numbers add up to the same sum on every engine and in every order of rows. What is missing is there as
a column of nothing, so that an expression always stands; `has` says what can be relied on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import ibis
import polars as pl
from ibis.expr import datatypes as dt
from ibis.expr import types as ir

from chengxin.lake.contract import Column, Table, Type, tables
from chengxin.lake.engines import Engine
from chengxin.lake.folders import Files, Note, find

_KEPT_AS: dict[Type, dt.DataType] = {
    "text": dt.string, "time": dt.int64, "money": dt.int64, "whole": dt.int64, "number": dt.float64,
    "flag": dt.boolean,
}  # fmt: skip

FIRST_ROWS = 10_000

_SECONDS_UNTIL = 100_000_000_000
"""A time given as a whole number is one of seconds below this (the year 5138), of milliseconds above."""


_TIME = (
    r"^\d{4}-\d{1,2}-\d{1,2}"
    r"([ T]([01]?\d|2[0-3]):\d{1,2}(:\d{1,2}(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?\z"
)
_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*\z"
"""What a text must look like to be a time (UTC unless it says otherwise), a number: each engine would take
more, and not the same.
"""


@dataclass(frozen=True)
class Kept:
    """A table that was worked out, who asks for it, and of which tables of the lake it was made."""

    table: ir.Table
    asked_by: frozenset[str]
    made_of: frozenset[str]


@dataclass(frozen=True)
class Reckoned:
    """A frame that was reckoned, and of which tables of the lake."""

    frame: pl.DataFrame
    made_of: frozenset[str]


@dataclass
class Lake:
    """An opened lake: its tables on an engine, what of them is there, and notes about what isn't."""

    engine: Engine
    files: dict[str, Files]
    notes: list[Note]
    _tables: dict[str, ir.Table] = field(default_factory=dict)
    _there: dict[str, frozenset[str]] = field(default_factory=dict)
    _kept: dict[str, Kept] = field(default_factory=dict)
    _reckoned: dict[str, Reckoned] = field(default_factory=dict)
    _meanwhile: list[ir.Table] = field(default_factory=list)
    _watching: list[set[str]] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        """Whether all of these are there: `orders`, or `orders.dwell_s` with at least one value."""
        return all(self._has(*name.partition(".")[::2]) for name in names)

    @contextmanager
    def watched(self) -> Iterator[set[str]]:
        """The names of the tables that are looked at meanwhile, be it in what was kept for others before."""
        looked_at: set[str] = set()
        self._watching.append(looked_at)
        try:
            yield looked_at
        finally:
            # Not `remove`: that would take an equal one.
            self._watching = [one for one in self._watching if one is not looked_at]

    def _looked_at(self, tables: Iterable[str]) -> None:
        for one in self._watching:
            one.update(tables)

    def _has(self, table: str, column: str) -> bool:
        self._looked_at([table])
        return table in self.files and (not column or column in self.filled(table))

    def filled(self, table: str) -> frozenset[str]:
        """The columns of a table that hold at least one value."""
        if table not in self._there:
            given = self.table(table)
            # A look at the first rows finds most of them; only what is empty there needs all the rows.
            some = self._with_values(given.limit(FIRST_ROWS), given.columns)
            rest = [name for name in given.columns if name not in some]
            self._there[table] = some | (self._with_values(given, rest) if rest else frozenset())
        return self._there[table]

    def _with_values(self, rows: ir.Table, names: Sequence[str]) -> frozenset[str]:
        counts = self.rows(rows.aggregate([rows[name].count().name(name) for name in names]))
        return frozenset(name for name in names if counts[name][0])

    def table(self, name: str) -> ir.Table:
        """A table of the contract with all its columns; one without rows when no file of it is there."""
        self._looked_at([name])
        if name not in self._tables:
            self._tables[name] = self._opened(tables()[name])
        return self._tables[name]

    def _opened(self, table: Table) -> ir.Table:
        files = self.files.get(table.name)
        if not files:
            empty = pl.DataFrame(schema={one.name: _POLARS[one.type] for one in table.columns})
            return self.engine.given(empty, f"empty_{table.name}")
        parts = [
            _shaped(self.engine.raw(table.name, files, form), table, self.engine) for form in files.by_format
        ]
        whole = parts[0] if len(parts) == 1 else ibis.union(*parts)
        return _once(self, table, whole)

    def kept(
        self, name: str, make: Callable[[], ir.Table], *, asked_by: frozenset[str] = frozenset()
    ) -> ir.Table:
        """What `make` gives, worked out once for all who ask by this name.

        It is given back at the next `tidy`, or once none of those that it is `asked_by` is left.
        """
        if name not in self._kept:
            before = len(self._meanwhile)
            with self.watched() as made_of:
                table = self.engine.kept(make())
            self._kept[name] = Kept(table, asked_by, frozenset(made_of))
            self._drop(before)
        self._looked_at(self._kept[name].made_of)
        return self._kept[name].table

    def meanwhile(self, table: ir.Table) -> ir.Table:
        """The table, worked out once and kept only until what is made of it is there: a `kept` table, or the
        next `tidy`."""
        self._meanwhile.append(self.engine.kept(table))
        return self._meanwhile[-1]

    def tidy(self, left: Collection[str] = ()) -> None:
        """Give back what nobody will ask for again; `left` names those that may still ask."""
        self._drop(0)
        for name, one in list(self._kept.items()):
            if one.asked_by.isdisjoint(left):
                self.engine.dropped(one.table)
                del self._kept[name]

    def _drop(self, begin: int) -> None:
        for table in self._meanwhile[begin:]:
            self.engine.dropped(table)
        del self._meanwhile[begin:]

    def reckoned(self, name: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """The small frame that `make` gives, reckoned once for all who ask by this name."""
        if name not in self._reckoned:
            with self.watched() as made_of:
                frame = make()
            self._reckoned[name] = Reckoned(frame, frozenset(made_of))
        self._looked_at(self._reckoned[name].made_of)
        return self._reckoned[name].frame

    def given(self, frame: pl.DataFrame, name: str) -> ir.Table:
        """A frame of ours as a table of the engine, to be joined with."""
        return self.engine.given(frame, name)

    def rows(self, table: ir.Table) -> pl.DataFrame:
        """The rows of a table, in no order."""
        return self.engine.collected(table)


_POLARS: dict[Type, pl.DataType] = {
    "text": pl.String(), "time": pl.Int64(), "money": pl.Int64(), "whole": pl.Int64(), "number": pl.Float64(),
    "flag": pl.Boolean(),
}  # fmt: skip


def open_lake(folder: Path, engine: Engine) -> Lake:
    """Open the lake in `folder`; NotADirectoryError when there is no such folder."""
    if not folder.is_dir():
        raise NotADirectoryError(folder)
    files, notes = find(folder)
    return Lake(engine, files, notes)


def _shaped(raw: ir.Table, table: Table, engine: Engine) -> ir.Table:
    """The columns of the contract out of whatever a file calls and types them."""
    by_name = {name.lower(): name for name in raw.columns}
    return raw.select(
        **{
            column.name: _typed(raw[by_name[column.name]], column, engine)
            if column.name in by_name
            else ibis.null(_KEPT_AS[column.type])
            for column in table.columns
        }
    )


def _typed(value: ir.Value, column: Column, engine: Engine) -> ir.Value:
    return _TYPED[column.type](value, engine)


def _text(value: ir.Value, _engine: Engine) -> ir.Value:
    return value.cast("string").nullif("")


def _time(value: ir.Value, engine: Engine) -> ir.Value:
    kind = value.type()
    if kind.is_integer():
        whole = value.try_cast("int64")
        return (whole < _SECONDS_UNTIL).ifelse(whole, (whole / 1000).floor().cast("int64"))
    if kind.is_string():
        written = value.replace("/", "-")
        value = written.re_search(_TIME).ifelse(written, ibis.null(dt.string))
        value = value.try_cast(dt.Timestamp(timezone="UTC"))
    elif kind.is_date():
        value = value.cast("timestamp")
    elif not kind.is_timestamp():
        return ibis.null(dt.int64)
    return engine.seconds(value)


def _money(value: ir.Value, engine: Engine) -> ir.Value:
    kind = value.type()
    if kind.is_decimal() or kind.is_integer():
        return (value.try_cast("decimal(18, 2)") * 100).cast("int64")
    return _rounded(_number(value, engine) * 100)


def _number(value: ir.Value, _engine: Engine) -> ir.Value:
    kind = value.type()
    if kind.is_string():
        value = value.re_search(_NUMBER).ifelse(value, ibis.null(dt.string)).try_cast("float64")
    elif not (kind.is_numeric() or kind.is_boolean()):
        return ibis.null(dt.float64)
    value = value.cast("float64")
    return (value.abs() <= sys.float_info.max).ifelse(
        value, ibis.null(dt.float64)
    )  # neither NaN nor infinite


def _whole(value: ir.Value, engine: Engine) -> ir.Value:
    if value.type().is_integer():
        return value.try_cast("int64")
    return _rounded(_number(value, engine))


def _rounded(value: ir.Value) -> ir.Value:
    """The nearest whole number; nothing where 64 bits don't hold it."""
    held = (value.abs() < 9e18).ifelse(value, ibis.null(dt.float64))
    return held.round().cast("int64")


def _flag(value: ir.Value, _engine: Engine) -> ir.Value:
    kind = value.type()
    if kind.is_boolean():
        return value
    if kind.is_numeric():
        return value != 0
    said = value.cast("string").lower()
    return ibis.cases(
        (said.isin(["true", "t", "1", "yes"]), True), (said.isin(["false", "f", "0", "no"]), False)
    )


_TYPED: dict[Type, Callable[[ir.Value, Engine], ir.Value]] = {
    "text": _text, "time": _time, "money": _money, "whole": _whole, "number": _number, "flag": _flag,
}  # fmt: skip


def _once(lake: Lake, table: Table, rows: ir.Table) -> ir.Table:
    """The rows, each key once: of rows that say different things the greater value of each column counts.

    A key is unique with its reporter: two platforms may number their orders alike.
    """
    if table.key is None or table.partition is None:
        return rows
    both = [table.partition, table.key]
    marks = lake.engine.hashed([rows[name].fill_null("") for name in both])
    given, keys = lake.rows(rows.aggregate(rows=rows.count(), keys=marks.nunique())).row(0)
    if given == keys:
        return rows
    lake.notes.append(
        Note(
            table.name,
            f"{given - keys} 行的 {table.key} 重复，每个编号只计一次",
            f"{given - keys} rows repeat their {table.key}; each counts once",
        )
    )
    rest = [name for name in rows.columns if name not in both]
    merged = rows.group_by(both).aggregate(**{name: rows[name].max() for name in rest})
    return lake.engine.kept(merged.select(*rows.columns))
