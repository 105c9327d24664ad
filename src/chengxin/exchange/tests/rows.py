"""Rows for the tests of checking: frames as the formats give them, judged on one day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from chengxin.exchange.checks import Checked, check
from chengxin.kernel.identifiers import canonical
from chengxin.kernel.problems import Problem
from chengxin.rulebook.catalogue import Item
from chengxin.rulebook.template import codes

Row = Mapping[str, str]
TODAY = date(2027, 12, 31)
"""Later than every day that must not be in the future in the catalogue's own examples."""


def frame(item: Item, rows: Iterable[Row], faults: Iterable[str | None] = ()) -> pl.DataFrame:
    """Rows as `exchange.formats` gives them."""
    listed = list(rows)
    given = list(faults)
    columns: dict[str, pl.Series] = {
        "_row": pl.Series(range(2, len(listed) + 2), dtype=pl.Int64),
        "_fault": pl.Series(given + [None] * (len(listed) - len(given)), dtype=pl.String),
    }
    for code in codes(item):
        columns[code] = pl.Series([row.get(code) for row in listed], dtype=pl.String)
    return pl.DataFrame(columns)


def judge(item: Item, *rows: Row, today: date = TODAY) -> Checked:
    """The rows checked on a day."""
    return check(item, frame(item, rows), today)


def kept(item: Item, row: Row, today: date = TODAY) -> dict[str, str] | None:
    """The row as the archive keeps it, without empty fields; None when it is rejected."""
    checked = judge(item, row, today=today)
    if checked.rejected:
        return None
    found = checked.accepted.row(0, named=True)
    del found["_row"]
    return {code: value for code, value in found.items() if value is not None}


def problems(item: Item, row: Row, today: date = TODAY) -> tuple[Problem, ...]:
    """Everything that is wrong with a row."""
    checked = judge(item, row, today=today)
    return checked.rejected[0].problems if checked.rejected else ()


def broken(item: Item, row: Row, today: date = TODAY) -> list[tuple[str, str]]:
    """Field and rule of everything that is wrong with a row."""
    return [(one.field, one.rule) for one in problems(item, row, today)]


def archived(item: Item, row: Row) -> dict[str, str]:
    """A row of right values as the archive spells them: telephone numbers lose their hyphens."""
    phones = {one.code for one in item.fields if one.type == "phone"}
    return {code: canonical("phone", text) if code in phones else text for code, text in row.items()}


def without(row: Row, *names: str) -> dict[str, str]:
    """The row with some fields empty."""
    return {code: value for code, value in row.items() if code not in names}
