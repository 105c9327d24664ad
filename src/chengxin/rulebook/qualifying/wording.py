"""A qualifying rule in words: as the text that `parse` reads again, and as a sentence in either language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from chengxin.kernel.calendar import Period
from chengxin.rulebook.catalogue import Field
from chengxin.rulebook.qualifying.tree import (
    TODAY,
    AllOf,
    AnyOf,
    Expression,
    FactTest,
    Listed,
    Node,
    Not,
    Op,
    Records,
    Test,
)
from chengxin.rulebook.qualifying.vocabulary import (
    choices,
    field_of,
    item_of,
    list_names,
    named_facts,
)

Language = Literal["zh", "en"]

OPS_ZH: Mapping[Op, str] = {
    "is": "为", "has": "含", "only": "只含", "mentions": "提到", "filled": "已填", "empty": "未填",
    "at_least": "不低于", "above": "高于", "below": "低于", "at_most": "不高于", "equals": "等于",
}  # fmt: skip
DATE_OPS_ZH: Mapping[Op, str] = {
    "at_least": "不早于", "above": "晚于", "below": "早于", "at_most": "不晚于", "equals": "等于",
}  # fmt: skip
_OPS_EN: Mapping[Op, str] = {
    "is": "is", "has": "includes", "only": "includes only", "mentions": "mentions", "filled": "is filled",
    "empty": "is empty", "at_least": "is at least", "above": "is above", "below": "is below",
    "at_most": "is at most", "equals": "equals",
}  # fmt: skip
_DATE_OPS_EN: Mapping[Op, str] = {
    "at_least": "is not before", "above": "is after", "below": "is before", "at_most": "is not after",
    "equals": "is on",
}  # fmt: skip
UNITS_ZH: Mapping[str, str] = {"calendar_day": "日", "month": "个月", "year": "年"}
_UNITS_EN: Mapping[str, str] = {"calendar_day": "day", "month": "month", "year": "year"}
_PLAIN = re.compile(r"[\w.%+\-]+")


def write(expression: Expression) -> str:
    """The text of an expression in one form; `parse` reads it as the same expression again."""
    return _zh(expression, "", quoted=True)


@lru_cache(maxsize=1024)
def words(expression: Expression, language: Language) -> str:
    """The expression as a sentence, for pages and documents."""
    return _zh(expression, "", quoted=False) if language == "zh" else _en(expression, "")


# --- Chinese ------------------------------------------------------------------------------


def _zh(node: Node, item: str, *, quoted: bool) -> str:  # noqa: PLR0911  # one return a kind of node
    """`item` is the item whose record the conditions are on, "" among statements."""

    def part(one: Node) -> str:
        text = _zh(one, item, quoted=quoted)
        return f"（{text}）" if isinstance(one, AllOf | AnyOf) else text

    match node:
        case AllOf(parts):
            return (" 且 " if item else " 并且 ").join(map(part, parts))
        case AnyOf(parts):
            return (" 或 " if item else " 或者 ").join(map(part, parts))
        case Not(Listed() as listed):
            return f"未列入 {_lists_zh(listed)}"
        case Not(inner):
            return f"并非（{_zh(inner, item, quoted=quoted)}）"
        case Test():
            return test_zh(node, item, quoted=quoted)
        case Records():
            counted = f"至少 {node.least} 条" if node.least else "没有"
            text = f"{counted} {item_of(node.item).name_zh}"
            text += f"，{period_zh(node.within)}内" if node.within else ""
            return text + (f"，其中 {_zh(node.where, node.item, quoted=quoted)}" if node.where else "")
        case Listed():
            return f"已列入 {_lists_zh(node)}"
        case FactTest():
            fact = named_facts()[node.fact]
            return f"事实 {fact.name_zh} {OPS_ZH[node.op]} {one_of_zh(node.values)}"


def test_zh(test: Test, item: str, *, quoted: bool) -> str:
    """One condition in Chinese."""
    field = field_of(item, test.field)
    ops = DATE_OPS_ZH if field.type == "date" and test.op in DATE_OPS_ZH else OPS_ZH
    values = tuple(_value_zh(field, one, quoted=quoted) for one in test.values)
    if not values:
        return f"{field.name_zh} {ops[test.op]}"
    joined = "、".join(values) if test.op == "only" else one_of_zh(values)
    return f"{field.name_zh} {ops[test.op]} {joined}"


def one_of_zh(values: tuple[str, ...]) -> str:
    """Several values joined: 甲、乙 之一."""
    return f"{'、'.join(values)} 之一" if len(values) > 1 else values[0]


def period_zh(period: Period) -> str:
    """3 年, 6 个月, 90 日."""
    return f"{period.length} {UNITS_ZH[period.unit]}"


def _value_zh(field: Field, value: str, *, quoted: bool) -> str:
    if field.type == "date":
        return "当日" if value == TODAY else value
    if not quoted or value in choices(field):
        return value
    if _PLAIN.fullmatch(value) and "之一" not in value:
        return value
    return f"「{value}」" if "”" in value else f"“{value}”"


def _lists_zh(listed: Listed) -> str:
    return one_of_zh(tuple(list_names()[one].name_zh for one in listed.lists))


# --- English ------------------------------------------------------------------------------


def _en(node: Node, item: str) -> str:  # noqa: PLR0911  # one return a kind of node
    def part(one: Node) -> str:
        text = _en(one, item)
        return f"({text})" if isinstance(one, AllOf | AnyOf) else text

    match node:
        case AllOf(parts):
            return (" and " if item else ", and ").join(map(part, parts))
        case AnyOf(parts):
            return (" or " if item else ", or ").join(map(part, parts))
        case Not(Listed() as listed):
            return f"not on {_lists_en(listed)}"
        case Not(inner):
            return f"not ({_en(inner, item)})"
        case Test():
            return _test_en(node, item)
        case Records():
            return _records_en(node)
        case Listed():
            return f"on {_lists_en(node)}"
        case FactTest():
            fact = named_facts()[node.fact]
            return f"{fact.name_en} {_OPS_EN[node.op]} {_one_of_en(node.values)}"


def _records_en(node: Records) -> str:
    name = item_of(node.item).name_en
    counted = (
        f"at least {node.least} record{'s' if node.least > 1 else ''} of" if node.least else "no record of"
    )
    text = f"{counted} '{name}'"
    if node.within:
        text += f" within {period_en(node.within)}"
    return text + (f" where {_en(node.where, node.item)}" if node.where else "")


def _test_en(test: Test, item: str) -> str:
    field = field_of(item, test.field)
    ops = _DATE_OPS_EN if field.type == "date" and test.op in _DATE_OPS_EN else _OPS_EN
    values = tuple(_value_en(field, one, test.op) for one in test.values)
    if not values:
        return f"{field.name_en} {ops[test.op]}"
    joined = ", ".join(values) if test.op == "only" else _one_of_en(values)
    return f"{field.name_en} {ops[test.op]} {joined}"


def _value_en(field: Field, value: str, op: Op) -> str:
    if field.type == "date":
        return "the day asked for" if value == TODAY else value
    if field.type == "boolean":
        return {"是": "yes", "否": "no"}[value]
    return field.labels_en.get(value) or (f"“{value}”" if op in {"is", "has", "only", "mentions"} else value)


def _one_of_en(values: tuple[str, ...]) -> str:
    return f"one of {', '.join(values)}" if len(values) > 1 else values[0]


def period_en(period: Period) -> str:
    """3 years, 6 months, 90 days."""
    return f"{period.length} {_UNITS_EN[period.unit]}{'s' if period.length > 1 else ''}"


def _lists_en(listed: Listed) -> str:
    return _one_of_en(tuple(list_names()[one].name_en for one in listed.lists))
