"""Reading a qualifying rule, checked against the catalogue while it is read.

    规则   := 句 {并且 句} | 句 {或者 句}                        statements on the subject
    句     := 并非（规则） | （规则） | 记录 | 名单 | 事实
    记录   := (至少 N 条 | 没有) 项目 [，N 年内 | N 个月内 | N 日内] [，其中 条件]
    名单   := (已列入 | 未列入) 名单名称 {、名单名称} [之一]
    事实   := 事实 名称 (为 | 不低于 | …) 值
    条件   := 项 {且 项} | 项 {或 项}                           conditions on one and the same record
    项     := 并非（条件） | （条件） | 字段 判断 [值 {、值} [之一]]
    判断   := 为 | 含 | 只含 | 提到 | 不低于 | 高于 | … | 不早于 | 早于 | … | 已填 | 未填

并且 and 或者, and likewise 且 and 或, are never mixed without brackets: nobody has to know which binds
closer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from chengxin.kernel.calendar import Period, Unit
from chengxin.rulebook.catalogue import Field
from chengxin.rulebook.qualifying import vocabulary
from chengxin.rulebook.qualifying.reading import Reader
from chengxin.rulebook.qualifying.tree import (
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
from chengxin.rulebook.qualifying.wording import DATE_OPS_ZH, OPS_ZH, UNITS_ZH

DEEPEST = 12
LONGEST_PERIOD = 100
_COMMAS, _OPEN, _CLOSE = ("，", ","), ("（", "("), ("）", ")")
_PERIOD = re.compile(r"([0-9]{1,4})\s*(年|个月|日)内")
_COUNT = re.compile(r"([0-9]{1,6})\s*条")
_UNITS: Mapping[str, Unit] = {zh: unit for unit, zh in UNITS_ZH.items()}  # type: ignore[misc]


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """Read a qualifying rule and check its items, fields, values and types.

    text  the rule, as in a list's file
    ParseError (problems.py) names the first place that cannot be read, what was expected there, and the mend.
    """
    reader = _Grammar(text)
    found = reader.joined(reader.statement, "并且", "或者", 0)
    reader.end()
    return found  # type: ignore[no-any-return]


class _Grammar(Reader):
    def end(self) -> None:
        self.take("。")
        self.skip()
        if self.at < len(self.text):
            raise self.fail(
                ("“并且”“或者”或文字结束", "'并且' (and), '或者' (or) or the end"),
                (
                    "句与句之间写“并且”或“或者”，同一记录的条件之间写“且”或“或”",
                    "join statements by 并且 or 或者, conditions on one record by 且 or 或",
                ),
            )

    # --- joining --------------------------------------------------------------------------

    def joined(self, part: Callable[[int], Node], also: str, other: str, depth: int) -> Any:
        """Parts joined by one of two words; a mix of both without brackets is refused."""
        if depth > DEEPEST:
            raise self.fail(
                (f"不超过{DEEPEST}层括号", f"no more than {DEEPEST} brackets within each other"),
                ("把规则写得更平", "write the rule in fewer levels"),
            )
        parts, used = [part(depth)], ""
        while (word := self.joiner(also, other)) is not None:
            if used and word != used:
                raise self.fail(
                    (f"“{used}”", f"'{used}'"),
                    (
                        f"“{also}”和“{other}”混用时，用括号写明先后",
                        f"put brackets where {also} and {other} are mixed",
                    ),
                    at=self.at - len(word),
                )
            used = word
            parts.append(part(depth))
        if not used:
            return parts[0]
        return AllOf(tuple(parts)) if used == also else AnyOf(tuple(parts))

    def joiner(self, also: str, other: str) -> str | None:
        before = self.at
        self.take(*_COMMAS, "；", ";")
        found = self.take(also, other, "并且", "或者")  # "或者" begins with "或"
        if found not in {also, other}:
            self.at = before
            return None
        return found

    def bracketed(self, part: Callable[[int], Node], also: str, other: str, depth: int) -> Any:
        found = self.joined(part, also, other, depth + 1)
        if self.take(*_CLOSE) is None:
            raise self.fail(("“）”", "')'"), ("补上右括号", "close the bracket"))
        return found

    # --- statements -----------------------------------------------------------------------

    def statement(self, depth: int) -> Node:
        if self.take("并非"):
            if self.take(*_OPEN) is None:
                raise self.fail(("“（”", "'('"), ("“并非”之后用括号", "put brackets after 并非 (not)"))
            return Not(self.bracketed(self.statement, "并且", "或者", depth))
        if self.take(*_OPEN):
            return self.bracketed(self.statement, "并且", "或者", depth)  # type: ignore[no-any-return]
        word = self.take("至少", "没有", "已列入", "未列入", "事实")
        if word in {"至少", "没有"}:
            return self.records(0 if word == "没有" else self.least(), depth)
        if word == "事实":
            return self.fact()
        if word is None:
            raise self.fail(
                (
                    "“至少”“没有”“已列入”“未列入”“事实”“并非”或“（”",
                    "至少 (at least), 没有 (none), 已列入 (on), 未列入 (not on), 事实 (fact), "
                    "并非 (not) or '('",
                ),
                ("例如：至少 1 条 行政处罚信息，3 年内", "for example: 至少 1 条 行政处罚信息，3 年内"),
            )
        listed = Listed(self.several(lambda: self.name(vocabulary.names_of_lists(), "名单", "a list")))
        return listed if word == "已列入" else Not(listed)

    def least(self) -> int:
        found = self.match(_COUNT)
        if found is None or int(found[1]) < 1:
            raise self.fail(
                ("条数", "a number of records"),
                ("写明至少几条，例如“至少 1 条”", "say how many, for example 至少 1 条"),
                at=None if found is None else found.start(),
            )
        return int(found[1])

    def records(self, least: int, depth: int) -> Records:
        item = self.name(vocabulary.item_names(), "征集目录项目", "an item of the catalogue")
        within, where = None, None
        read = self.at
        if self.take(*_COMMAS) and (period := self.match(_PERIOD)):
            within, read = self.period(period), self.at
            self.take(*_COMMAS)
        if self.take("其中"):
            where = self.joined(lambda inner: self.condition(item, inner), "且", "或", depth)
            read = self.at
        self.at = read
        return Records(item, least, within, where)

    def period(self, found: re.Match[str]) -> Period:
        length, unit = int(found[1]), _UNITS[found[2]]
        if not 1 <= length <= LONGEST_PERIOD * {"year": 1, "month": 12}.get(unit, 365):
            raise self.fail(
                (f"不超过{LONGEST_PERIOD}年的期间", f"a period of up to {LONGEST_PERIOD} years"),
                ("写明期间，例如“3 年内”", "say the period, for example 3 年内"),
                at=found.start(),
            )
        return Period(length, unit)

    def fact(self) -> FactTest:
        fact = vocabulary.named_facts()[self.name(vocabulary.fact_names(), "事实", "a named fact")]
        compared: tuple[Op, ...] = () if fact.type == "boolean" else vocabulary.COMPARE
        op = self.op({OPS_ZH[one]: one for one in (*compared, "is") if fact.type != "number" or one != "is"})
        known = {"boolean": ("是", "否"), "grade": fact.order, "number": ()}[fact.type]

        def value() -> str:
            return self.choice(known, None) if known else self.number()

        return FactTest(fact.id, op, self.several(value) if op == "is" else (value(),))

    # --- conditions on one record ---------------------------------------------------------

    def condition(self, item: str, depth: int) -> Node:
        def again(inner: int) -> Node:
            return self.condition(item, inner)

        if self.take("并非"):
            if self.take(*_OPEN) is None:
                raise self.fail(("“（”", "'('"), ("“并非”之后用括号", "put brackets after 并非 (not)"))
            return Not(self.bracketed(again, "且", "或", depth))
        names = vocabulary.field_names(item)
        before = self.at
        if self.take(*_OPEN):  # no heading begins with a bracket
            return self.bracketed(again, "且", "或", depth)  # type: ignore[no-any-return]
        what = f"{vocabulary.item_of(item).name_zh}的字段", f"a field of {item}"
        field = vocabulary.field_of(item, self.name(names, *what))
        allowed = vocabulary.allowed_ops(field)
        if not allowed:
            raise self.fail(
                ("可以判断的字段", "a field that may be judged by"),
                (
                    "个人证件号码不能作为条件，请改用其他字段",
                    "personal numbers are no condition; use another field",
                ),
                at=before,
            )
        words = DATE_OPS_ZH if field.type == "date" else OPS_ZH
        op = self.op({words.get(one, OPS_ZH[one]): one for one in allowed})
        return Test(field.code, op, self.values(field, op))

    def op(self, words: Mapping[str, Op]) -> Op:
        found = self.take(*words)
        if found is None:
            listed = "、".join(words)
            raise self.fail(
                (f"下列之一：{listed}", f"one of {listed}"),
                ("改用这类字段可用的判断", "use a test that fits this kind of field"),
            )
        return words[found]

    def values(self, field: Field, op: Op) -> tuple[str, ...]:
        if op in {"filled", "empty"}:
            return ()
        if op in vocabulary.COMPARE:
            return (self.day() if field.type == "date" else self.number(),)
        known = () if op == "mentions" else vocabulary.choices(field)
        return self.several(
            lambda: self.choice(known, field.open_choice) if known else self.free(), op == "only"
        )

    def several(self, value: Callable[[], str], only: bool = False) -> tuple[str, ...]:
        """Values joined by 、; several of them end with 之一 (one of), unless all of them are meant."""
        found = [value()]
        while self.take("、"):
            found.append(value())
        if not only and self.take("之一") is None and len(found) > 1:
            raise self.fail(
                ("“之一”", "之一 (one of)"),
                ("几个值之后写“之一”", "after several values write 之一"),
            )
        return tuple(dict.fromkeys(found))
