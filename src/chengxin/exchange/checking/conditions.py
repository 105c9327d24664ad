"""Conditions of the catalogue over columns, and in words.

The expressions say of a frame of columns what `catalogue.holds` says of one row; the values are in the
spelling that the archive keeps.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from chengxin.rulebook.catalogue import Condition, Field, Item

Column = Callable[[str], pl.Expr]


def hold(item: Item, conditions: tuple[Condition, ...], read: Column, filled: Column) -> pl.Expr:
    """Whether all conditions hold, row by row, never null. No conditions: true.

    read: field code → its values in the archive's spelling (null where unreadable); filled: field code →
    whether anything stands there.
    """
    return pl.all_horizontal(
        pl.lit(value=True), *(_holds(item.field(one.field), one, read, filled) for one in conditions)
    )


def _holds(field: Field, condition: Condition, read: Column, filled: Column) -> pl.Expr:
    if condition.present is not None:
        there = filled(field.code)
        return there if condition.present else ~there
    values = read(field.code)
    if condition.in_ is not None:
        return values.is_in(list(condition.in_)).fill_null(value=False)
    wanted = values_of(condition)
    one = "(?:" + "|".join(re.escape(value) for value in wanted) + ")"
    separator = re.escape(field.separator) if field.separator else None
    if condition.only is not None:
        pattern = f"^{one}(?:{separator}{one})*$" if separator else f"^{one}$"
    else:
        pattern = f"(?:^|{separator}){one}(?:{separator}|$)" if separator else f"^{one}$"
    return values.str.contains(pattern).fill_null(value=False)


def values_of(condition: Condition) -> tuple[str, ...]:
    """The values that a condition names."""
    if condition.contains is not None:
        return (condition.contains,)
    return condition.in_ or condition.any_of or condition.only or ()


def in_words(item: Item, conditions: tuple[Condition, ...]) -> tuple[str, str]:
    """The conditions as a clause, Chinese and English: “处罚类别”含“罚款”, 'kinds of penalty' has 罚款."""
    said = [_said(item.field(one.field), one) for one in conditions]
    return "，且".join(zh for zh, _ in said), " and ".join(en for _, en in said)


def _said(field: Field, condition: Condition) -> tuple[str, str]:
    zh, en = f"“{field.name_zh}”", f"'{field.name_en}'"
    if condition.present is not None:
        return (f"已填写{zh}", f"{en} is filled") if condition.present else (f"未填写{zh}", f"{en} is empty")
    values = values_of(condition)
    words_zh = "或".join(f"“{field.labels_zh.get(value, value)}”" for value in values)
    words_en = " or ".join(_english(field, value) for value in values)
    if condition.in_ is not None:
        return f"{zh}为{words_zh}", f"{en} is {words_en}"
    if condition.only is not None:
        return f"{zh}只有{words_zh}", f"{en} is only {words_en}"
    return f"{zh}含{words_zh}", f"{en} has {words_en}"


def _english(field: Field, value: str) -> str:
    label = field.labels_en.get(value, value)
    return value if label == value else f"{value} ({label})"
