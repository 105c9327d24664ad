"""Whether an item's own examples satisfy its own rules, so that a downloaded template can be sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import urlsplit

from chengxin.kernel import identifiers
from chengxin.rulebook.catalogue import Field, Item, holds, split_values
from chengxin.rulebook.places import is_region
from chengxin.rulebook.template import FALSE, TRUE, example_row

_BY_TYPE: dict[str, Callable[[str], bool]] = {
    "uscc": identifiers.is_valid_uscc,
    "regno": identifiers.is_valid_regno,
    "orgcode": identifiers.is_valid_orgcode,
    "personal": identifiers.is_valid_resident_id,
    "gtin": identifiers.is_valid_gtin,
    "phone": identifiers.is_valid_phone,
    "region": is_region,
    "boolean": lambda text: text in (TRUE, FALSE),
    "integer": lambda text: re.fullmatch("[0-9]+", text) is not None,
    "url": lambda text: urlsplit(text).scheme in {"http", "https"} and bool(urlsplit(text).netloc),
}


def example_faults(item: Item) -> Iterator[str]:
    """What is wrong with the examples, field by field, and with the example row as a whole."""
    for field in item.fields:
        fault = value_fault(field, field.example)
        if fault is not None:
            yield f"{field.code}: {fault}: {field.example}"
    row = example_row(item)
    for field in item.fields:
        filled = field.code in row
        if field.required_when and holds(item, field.required_when, row) and not filled:
            yield f"{field.code}: 示例行缺少条件必填值 / the example row lacks a required value"
        if field.forbidden_when and holds(item, field.forbidden_when, row) and filled:
            yield f"{field.code}: 示例行不应填写 / the example row fills a forbidden field"
        if filled and field.not_before in row and row[field.code] < row[field.not_before]:
            yield f"{field.code}: 早于{field.not_before} / is before {field.not_before}"
    for check in item.checks:
        if holds(item, check.when, row) and not any(code in row for code in check.fields):
            yield f"{check.message_zh} / {check.message_en}"


def value_fault(field: Field, text: str) -> str | None:
    """What is wrong with one value as the archive keeps it (dates in ISO); None when nothing is."""
    if field.type == "decimal":
        return None if _is_decimal(field, text) else "不是规定长度的小数 / not a decimal of its length"
    if field.length is not None and len(text) > field.length:
        return f"超过{field.length}个字符 / more than {field.length} characters"
    if field.type == "date":
        return None if _is_date(text) else "不是ISO日期 / not an ISO date"
    if field.type in {"code", "codes"}:
        values = split_values(field, text)
        return (
            None if values and all(_is_choice(field, one) for one in values) else "不在可选值中 / no choice"
        )
    test = _BY_TYPE.get(field.type)
    return None if test is None or test(text) else f"不是有效的{field.type} / not a valid {field.type}"


def _is_choice(field: Field, value: str) -> bool:
    opening = field.open_choice
    is_open = opening is not None and value.startswith(opening) and len(value) > len(opening)
    return value in field.choices or is_open


def _is_decimal(field: Field, text: str) -> bool:
    whole, _, part = text.partition(".")
    scale = field.scale or 0
    digits = (field.length or 18) - scale
    return (
        re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) is not None and len(whole) <= digits and len(part) <= scale
    )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
