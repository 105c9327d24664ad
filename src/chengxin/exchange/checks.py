"""Checking a chunk of rows by the catalogue: what is accepted, as the archive spells it, and what is not.

Pure: the same rows on the same day are judged alike. A row is judged by every rule of its item, so that its
sender can mend all of it at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

import polars as pl

from chengxin.exchange.checking.rules import Rule, rules, sent_name
from chengxin.exchange.checking.spelling import read_column, reader
from chengxin.exchange.formats.unreadable import FAULTS, Words
from chengxin.kernel.problems import Problem
from chengxin.rulebook.catalogue import Field, Item
from chengxin.rulebook.template import codes

UNTOLD = frozenset({"too_many_cells", "broken_json", "row_too_long"})
"""Faults after which a row's values are lost or in the wrong fields: nothing else is said of it."""

_UNKNOWN_FAULT = Words(
    "该行的结构有误。",
    "The row is not made as it should be.",
    "请对照模板检查该行。",
    "Compare it with the template.",
)


@dataclass(frozen=True)
class Rejected:
    """A row that is not accepted: its number, all that is wrong with it, its non-empty values as sent."""

    row: int
    problems: tuple[Problem, ...]
    values: Mapping[str, str]


@dataclass(frozen=True)
class Checked:
    """A chunk after checking. `accepted`: `_row` and all field codes, as the archive spells them."""

    accepted: pl.DataFrame
    rejected: tuple[Rejected, ...]


def check(item: Item, frame: pl.DataFrame, today: date) -> Checked:
    """Judge a chunk by everything that the catalogue declares of an item.

    frame: `_row` (Int64), `_fault` (id of a fault of the row's make, or null) and all field codes of the
    item as text, null where nothing was sent; today: the day from which the future is judged.
    """
    read = frame.select("_row", "_fault", *(_as_read(item, field) for field in item.fields))
    known = rules(item, today)
    sent = frame.select(pl.col(code).alias(sent_name(code)) for code in codes(item))
    flags = read.hstack(sent).select(
        pl.col("_fault").is_not_null(),
        *(rule.broken.fill_null(value=False).alias(str(number)) for number, rule in enumerate(known)),
    )
    faulty = flags.select(pl.any_horizontal(pl.all()).alias("faulty")).to_series()
    if not faulty.any():
        return Checked(read.drop("_fault"), ())
    accepted = read.filter(~faulty).drop("_fault")
    return Checked(accepted, _rejected(item, frame.filter(faulty), flags.filter(faulty), known))


def _as_read(item: Item, field: Field) -> pl.Expr:
    read = partial(read_column, reader=reader(item, field))
    return pl.col(field.code).map_batches(read, return_dtype=pl.String, is_elementwise=True)


def _rejected(
    item: Item, rows: pl.DataFrame, flags: pl.DataFrame, known: tuple[Rule, ...]
) -> tuple[Rejected, ...]:
    names = codes(item)
    values = [
        {code: value for code, value in zip(names, row, strict=True) if value is not None}
        for row in rows.select(names).iter_rows()
    ]
    problems: list[list[Problem]] = [
        [] if fault is None else [_structural(fault)] for fault in rows["_fault"]
    ]
    untold = rows["_fault"].is_in(list(UNTOLD)).fill_null(value=False)
    for number, rule in enumerate(known):
        for at in (flags[str(number)] & ~untold).arg_true():
            problems[at].append(rule.problem(values[at]))
    return tuple(
        Rejected(number, tuple(found), sent)
        for number, found, sent in zip(rows["_row"], problems, values, strict=True)
    )


def _structural(fault: str) -> Problem:
    """The problem of a row whose make is faulty, whatever its values are."""
    words = FAULTS.get(fault, _UNKNOWN_FAULT)
    return Problem("", None, fault, words.zh, words.en, words.mend_zh, words.mend_en)
