"""A record's row with some fields changed, as the catalogue lets it be: for what a decision corrects.

The rules that the catalogue itself holds: which fields there are, which must be filled, of which form a value
is. What a sender's file is judged by besides lives in the exchange; who stands above it can have a row judged
there as well (`Judge`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Protocol

import polars as pl

from chengxin.kernel.dates import parse_date
from chengxin.kernel.identifiers import CHECKS, canonical
from chengxin.kernel.problems import Problem
from chengxin.registry.refusing import Refused
from chengxin.rulebook.catalogue import Field, Item, holds, split_values
from chengxin.rulebook.places import is_region
from chengxin.rulebook.template import FALSE, TRUE


class Rejection(Protocol):
    """A row that is not accepted."""

    @property
    def problems(self) -> Sequence[Problem]:
        """What is wrong with it."""


class Judgement(Protocol):
    """What a judge says of rows: those accepted (field codes as columns), in the archive's spelling."""

    @property
    def accepted(self) -> pl.DataFrame:
        """The rows that hold."""

    @property
    def rejected(self) -> Sequence[Rejection]:
        """The rows that don't."""


Judge = Callable[[Item, pl.DataFrame, date], Judgement]
"""Judges rows (`_row`, `_fault`, all field codes) of an item on a day: `exchange.checks.check`."""

_MASKED = ("personal", "phone")


def restated(
    item: Item,
    before: Mapping[str, str],
    changes: Mapping[str, str | None],
    on: date,
    judge: Judge | None = None,
) -> dict[str, str]:
    """The row with the changes, each value in the archive's spelling; an empty value takes the field away.

    Raises Refused: there is no such field, a value is none of its type, a field that must be filled is empty,
    nothing changes.
    """
    known = {field.code: field for field in item.fields}
    for code, text in changes.items():
        if code not in known:
            raise Refused(_unknown(item, code))
        if text and spelled(known[code], text) is None:
            raise Refused(_malformed(known[code], text))
    told = {code: spelled(known[code], text) if text else None for code, text in changes.items()}
    row = {code: text for code, text in ({**before, **told}).items() if text}
    if row == dict(before):
        raise Refused(_nothing())
    missing = {field.code: field for field in _missing(item, row)}
    for code in missing.keys() - {field.code for field in _missing(item, before)}:  # else it always was
        raise Refused(_empty(missing[code]))
    return _judged(item, row, on, judge) if judge is not None else row


def _judged(item: Item, row: Mapping[str, str], on: date, judge: Judge) -> dict[str, str]:
    found = judge(item, framed(item, row).with_columns(pl.lit(None, pl.String).alias("_fault")), on)
    for rejection in found.rejected:
        raise Refused(rejection.problems[0])
    told = found.accepted.select(field.code for field in item.fields).row(0, named=True)
    return {code: text for code, text in told.items() if text is not None}


def framed(item: Item, row: Mapping[str, str]) -> pl.DataFrame:
    """A row as a frame of one: `_row` (0, it stands in no file) and all field codes."""
    cells = {field.code: [row.get(field.code)] for field in item.fields}
    return pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String)).insert_column(
        0, pl.Series("_row", [0], dtype=pl.Int64)
    )


def spelled(field: Field, text: str) -> str | None:  # noqa: PLR0911 - one a type
    """A value in the archive's spelling, None when it is none of the field's type."""
    text = text.strip()
    match field.type:
        case "date":
            day = parse_date(text)
            return day.isoformat() if day else None
        case "decimal":
            return _decimal(field, text)
        case "integer":
            return str(int(text)) if re.fullmatch("[0-9]{1,18}", text, re.ASCII) else None
        case "boolean":
            return text if text in (TRUE, FALSE) else None
        case "region":
            return text if is_region(text) else None
        case "code" | "codes":
            parts = split_values(field, text) or (text,)
            return text if all(_chosen(field, part) for part in parts) else None
        case "uscc" | "regno" | "orgcode" | "gtin" | "phone":
            code = canonical(field.type, text)
            return code if CHECKS[field.type].one(code) else None
        case "personal":
            return canonical("resident_id", text)
        case _:
            fits = field.length is None or len(text) <= field.length
            return text if fits and not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text) else None


def _decimal(field: Field, text: str) -> str | None:
    scale = field.scale or 0
    try:
        number = Decimal(text)
        exact = number.quantize(Decimal(1).scaleb(-scale))
    except InvalidOperation:
        return None
    fits = number == exact and number >= 0 and len(exact.as_tuple().digits) <= (field.length or 18)
    return f"{exact:f}" if fits else None


def _chosen(field: Field, part: str) -> bool:
    opening = field.open_choice
    return not field.choices or part in field.choices or bool(opening and part.startswith(opening))


def _missing(item: Item, row: Mapping[str, str]) -> Iterator[Field]:
    for field in item.fields:
        needed = field.required or (field.required_when and holds(item, field.required_when, row))
        if needed and field.code not in row:
            yield field


def _shown(field: Field, text: str) -> str | None:
    return None if field.type in _MASKED else text[:60]


def _unknown(item: Item, code: str) -> Problem:
    return Problem(
        code, None, "no_such_field",
        f"“{item.name_zh}”没有字段{code}", f"'{item.name_en}' has no field {code}",
        "请按征集目录填写字段", "use a field of the catalogue",
    )  # fmt: skip


def _malformed(field: Field, text: str) -> Problem:
    return Problem(
        field.code, _shown(field, text), "not_of_its_type",
        f"“{field.name_zh}”的值不合目录规定", f"this is no value of '{field.name_en}'",
        f"请按示例填写：{field.example}", f"write it like the example: {field.example}",
    )  # fmt: skip


def _empty(field: Field) -> Problem:
    return Problem(
        field.code, None, "required",
        f"“{field.name_zh}”不能为空", f"'{field.name_en}' must be filled",
        "请填写该字段", "fill it in",
    )  # fmt: skip


def _nothing() -> Problem:
    return Problem(
        "", None, "nothing_changes",
        "更正后与原记录相同", "the record would say what it says already",
        "请写明要更正的字段和内容", "say which field is to be corrected, and to what",
    )  # fmt: skip
