"""What follows from a catalogue item: its headings, an example row and the JSON schema of a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chengxin.rulebook.catalogue import Condition, Field, Item, holds

TRUE, FALSE = "是", "否"  # the words of a boolean column


def headings(item: Item) -> tuple[str, ...]:
    """The Chinese headings in the order of the template."""
    return tuple(one.name_zh for one in item.fields)


def codes(item: Item) -> tuple[str, ...]:
    """The field codes in the same order."""
    return tuple(one.code for one in item.fields)


def example_row(item: Item) -> dict[str, str]:
    """A row made of the fields' examples that the item's own rules accept (field code → text).

    Optional fields are filled too, except those that another value of the row forbids, those that only
    stand under a condition which the row does not meet, and further codes of a subject that has one.
    """
    row = {one.code: one.example for one in item.fields if one.required}
    while True:
        fitting = (one for one in item.fields if one.code not in row and _fits(item, one, row))
        following = next(fitting, None)
        if following is None:
            return {one.code: row[one.code] for one in item.fields if one.code in row}
        row[following.code] = following.example


def _fits(item: Item, field: Field, row: Mapping[str, str]) -> bool:
    if field.forbidden_when and holds(item, field.forbidden_when, row):
        return False
    if field.required_when:
        return holds(item, field.required_when, row)
    identifiers = item.subject.identifiers.values()
    return field.code not in identifiers or not any(code in row for code in identifiers)


def json_schema(item: Item) -> dict[str, Any]:
    """The JSON schema (2020-12) of one row: an object of field codes; empty columns are left out."""
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:chengxin:catalogue:{item.id}:{item.version.isoformat()}",
        "title": f"{item.name_zh} / {item.name_en}",
        "description": f"{item.about_zh} / {item.about_en}",
        "type": "object",
        "additionalProperties": False,
        "required": [one.code for one in item.fields if one.required],
        "properties": {one.code: _property(one) for one in item.fields},
    }
    rules = [_rule(item, one.required_when, {"required": [one.code]}) for one in item.fields]
    rules += [_rule(item, one.forbidden_when, {"not": {"required": [one.code]}}) for one in item.fields]
    conditional = [rule for rule in rules if rule is not None]
    for check in item.checks:
        wanted = {"anyOf": [{"required": [code]} for code in check.fields]}
        conditional.append(_rule(item, check.when, wanted) or wanted)
    if conditional:
        schema["allOf"] = conditional
    return schema


def _property(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": f"{field.name_zh} / {field.name_en}",
        "type": "string",
        "minLength": 1,
        "examples": [field.example],
        "x-type": field.type,
        "x-disclosure": field.disclosure,
    }
    if field.note:
        found["description"] = field.note
    if field.length is not None and field.type != "decimal":
        found["maxLength"] = field.length
    return found | _form(field)


def _form(field: Field) -> dict[str, Any]:
    """The keywords that say how a value of the field's type is written."""
    fixed: dict[str, dict[str, Any]] = {
        "date": {"format": "date"},
        "url": {"format": "uri"},
        "boolean": {"enum": [TRUE, FALSE]},
        "uscc": {"pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$"},
        "orgcode": {"pattern": "^[0-9A-Z]{8}-?[0-9X]$"},
        "region": {"pattern": "^[0-9]{6}$"},
        "gtin": {"pattern": "^([0-9]{8}|[0-9]{12,14})$"},
        "integer": {"type": ["string", "integer"], "pattern": "^[0-9]+$", "minimum": 0},
        "decimal": {"type": ["string", "number"], "pattern": _decimal_pattern(field), "minimum": 0},
    }
    if field.type in {"code", "codes"}:
        return _choices(field)
    return fixed.get(field.type, {})


def _decimal_pattern(field: Field) -> str:
    whole = (field.length or 18) - (field.scale or 0)
    part = rf"(\.[0-9]{{1,{field.scale}}})?" if field.scale else ""
    return rf"^[0-9]{{1,{whole}}}{part}$"


def _choices(field: Field) -> dict[str, Any]:
    words = {
        "x-labels-zh": dict(field.labels_zh),
        "x-labels-en": dict(field.labels_en),
    }
    if field.separator is None and field.open_choice is None:
        return {"enum": list(field.choices)} | words
    one = "|".join(_literal(choice) for choice in field.choices)
    if field.open_choice is not None:
        free = f"[^{_literal(field.separator)}]+" if field.separator else ".+"
        one = f"{one}|{_literal(field.open_choice)}{free}"
    pattern = f"({one})"
    if field.separator is not None:
        pattern = f"{pattern}({_literal(field.separator)}{pattern})*"
    return {"pattern": f"^{pattern}$"} | words


def _literal(text: str) -> str:
    """The text as a pattern; re.escape would also escape what ECMAScript patterns may not."""
    return re.sub(r"([\\^$.|?*+()\[\]{}])", r"\\\1", text)


def _rule(item: Item, when: tuple[Condition, ...], then: dict[str, Any]) -> dict[str, Any] | None:
    return {"if": {"allOf": [_test(item, one) for one in when]}, "then": then} if when else None


def _test(item: Item, condition: Condition) -> dict[str, Any]:
    code = condition.field
    filled = {"required": [code]}
    if condition.present is not None:
        return filled if condition.present else {"not": filled}
    if condition.in_ is not None:
        return filled | {"properties": {code: {"enum": list(condition.in_)}}}
    separator = _literal(item.field(code).separator or ";")
    wanted = (
        (condition.contains,) if condition.contains is not None else condition.any_of or condition.only or ()
    )
    one = "(" + "|".join(_literal(value) for value in wanted) + ")"
    if condition.only is not None:
        pattern = f"^{one}({separator}{one})*$"
    else:
        pattern = f"(^|{separator}){one}({separator}|$)"
    return filled | {"properties": {code: {"pattern": pattern}}}
