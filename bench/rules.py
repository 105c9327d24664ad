"""The rules of a catalogue item as a check of frictionless: what a Table Schema can't say.

Check digits, conditions between fields, lists of choices in one cell, days that must not lie in the future:
so that frictionless judges a row by the same rules as the ingest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from frictionless import Check, Row, errors

from chengxin.kernel.identifiers import is_valid_orgcode, is_valid_regno, is_valid_resident_id, is_valid_uscc
from chengxin.rulebook.catalogue import Field, Item, holds, split_values

_CHECK_DIGITS: dict[str, Callable[[str], bool]] = {
    "uscc": is_valid_uscc,
    "regno": is_valid_regno,
    "orgcode": is_valid_orgcode,
}


class ItemRules(Check):
    """Judges each row by the rules of `item` as of `today`."""

    type = "item-rules"
    Errors = [errors.RowConstraintError]  # noqa: RUF012 - as frictionless declares it

    def __init__(self, item: Item, today: date) -> None:
        super().__init__()
        self.item, self.today = item, today
        self.digits = [
            (one.code, _CHECK_DIGITS[one.type]) for one in item.fields if one.type in _CHECK_DIGITS
        ]
        self.joined = [one for one in item.fields if one.choices and (one.separator or one.open_choice)]
        self.conditional = [one for one in item.fields if one.required_when or one.forbidden_when]
        self.past = [one.code for one in item.fields if one.not_future]

    def validate_row(self, row: Row) -> Iterator[Any]:
        """An error for each rule that the row breaks."""
        for note in self._broken(row):
            yield errors.RowConstraintError.from_row(row, note=note)

    def _broken(self, row: Row) -> Iterator[str]:
        for code, valid in self.digits:
            if row[code] and not valid(row[code]):
                yield f"{code}: check digit"
        for field in self.joined:
            if any(not _chosen(field, value) for value in split_values(field, row[field.code])):
                yield f"{field.code}: no such choice"
        cells: dict[str, Any] = row.to_dict()
        text = {code: None if value is None else str(value) for code, value in cells.items()}
        for field in self.conditional:
            filled = bool(text[field.code])
            if field.required_when and not filled and holds(self.item, field.required_when, text):
                yield f"{field.code}: missing"
            if field.forbidden_when and filled and holds(self.item, field.forbidden_when, text):
                yield f"{field.code}: not allowed here"
        for code in self.past:
            if row[code] and row[code] > self.today:
                yield f"{code}: in the future"
        subject = self.item.subject
        number = text.get(subject.identifiers.get("resident_id", ""))
        kind = text.get(subject.person_id_type or "")
        resident = subject.person_id_schemes.get(kind or "") == "resident_id"
        if number and resident and not is_valid_resident_id(number, self.today):
            yield "resident number"


def _chosen(field: Field, value: str) -> bool:
    return value in field.choices or bool(field.open_choice and value.startswith(field.open_choice))
