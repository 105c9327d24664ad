"""Judging one subject by a qualifying rule: pure, in three values.

True and False are told by what is known; None says that it cannot be told, because a fact was not supplied
or a number or date that is asked for is missing. Not, and, or follow Kleene, as PostgreSQL does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from chengxin.rulebook.qualifying.compiling import BLANKS
from chengxin.rulebook.qualifying.tree import (
    ANY_KIND,
    SEVERITY,
    TODAY,
    AllOf,
    AnyOf,
    Expression,
    FactTest,
    Finding,
    Listed,
    Node,
    Not,
    Op,
    Reason,
    Record,
    Records,
    Test,
)
from chengxin.rulebook.qualifying.vocabulary import SEVERITIES, Fact, field_of, list_names, named_facts
from chengxin.rulebook.qualifying.window import window_start
from chengxin.rulebook.qualifying.wording import words

FactValue: TypeAlias = str | int | Decimal | bool
Truth: TypeAlias = bool | None

_NUMBER = re.compile(r"-?[0-9]{1,30}([.][0-9]{1,30})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def evaluate(
    expression: Expression,
    records: Iterable[Record],
    on: date,
    facts: Mapping[str, FactValue] | None = None,
    listed: Mapping[str, str] | None = None,
) -> Finding:
    """Judge one subject.

    records  its records that stand (the caller leaves out what was corrected, withdrawn or ended by repair)
    on       the day asked for: periods count back from it, and no later record counts
    facts    named facts (facts.csv) by id; what is missing is unknown
    listed   id → kind of the lists on which it stands that day; None where that isn't known
    """
    mine = [one for one in records if one.date <= on]
    holds, cited, reasons = _judge(expression, _Case(mine, on, facts or {}, listed))
    return Finding(holds, tuple(sorted(cited)), tuple(reasons))


class _Case:
    def __init__(
        self,
        records: list[Record],
        on: date,
        facts: Mapping[str, FactValue],
        listed: Mapping[str, str] | None,
    ) -> None:
        self.records, self.on, self.facts, self.listed = records, on, facts, listed


_Answer: TypeAlias = tuple[Truth, set[int], list[Reason]]


def all_of(values: Iterable[Truth]) -> Truth:
    """Kleene's and: False where one is, else None where one is, else True."""
    whole: Truth = True
    for one in values:
        if one is False:
            return False
        whole = None if one is None else whole
    return whole


def any_of(values: Iterable[Truth]) -> Truth:
    """Kleene's or: True where one is, else None where one is, else False."""
    whole: Truth = False
    for one in values:
        if one is True:
            return True
        whole = None if one is None else whole
    return whole


def _judge(node: Node, case: _Case) -> _Answer:
    match node:
        case AllOf(parts) | AnyOf(parts):
            answers = [_judge(part, case) for part in parts]
            whole = all_of if isinstance(node, AllOf) else any_of
            holds = whole(truth for truth, _, _ in answers)
            deciding = [answer for answer in answers if answer[0] is holds]
            return (
                holds,
                {id for one in deciding for id in one[1]},
                [why for one in deciding for why in one[2]],
            )
        case Not(part) if isinstance(part, Records | Listed | FactTest):
            return _statement(node, part, case)
        case Not(part):
            truth, cited, reasons = _judge(part, case)
            return _opposite(truth), cited, reasons
        case Records() | Listed() | FactTest():
            return _statement(node, node, case)
        case Test():
            raise TypeError("条件须在“其中”之后 / a condition stands only within records")


def _statement(whole: Expression, part: Records | Listed | FactTest, case: _Case) -> _Answer:
    """One statement, or its opposite, with its reason."""
    match part:
        case Records():
            truth, cited, zh, en = _records(part, case)
        case Listed():
            truth, zh, en = _listed(part, case)
            cited = []
        case FactTest():
            truth, zh, en = _fact(part, case)
            cited = []
    if whole is not part:
        truth = _opposite(truth)
    zh, en = f"{words(whole, 'zh')}：{zh}", f"{words(whole, 'en')}: {en}"
    return truth, set(cited), [Reason(truth, zh, en, tuple(sorted(cited)))]


def _opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth


# --- statements ---------------------------------------------------------------------------


def _records(node: Records, case: _Case) -> tuple[Truth, list[int], str, str]:
    since = window_start(case.on, node.within) if node.within else date.min
    held = [one for one in case.records if one.item == node.item and since <= one.date]
    told = [(one.id, _condition(node.where, one, case.on) if node.where else True) for one in held]
    sure = [id for id, truth in told if truth]
    unsure = [id for id, truth in told if truth is None]
    enough = max(node.least, 1)
    truth = True if len(sure) >= enough else None if len(sure) + len(unsure) >= enough else False
    if not node.least:
        truth = _opposite(truth)
    zh, en = f"符合的有 {len(sure)} 条", f"{len(sure)} found"
    if unsure:
        zh, en = f"{zh}，无法判断的有 {len(unsure)} 条", f"{en}, {len(unsure)} cannot be told"
    return truth, sure + (unsure if truth is None else []), zh, en


def _listed(node: Listed, case: _Case) -> tuple[Truth, str, str]:
    if case.listed is None:
        return None, "未查明", "not known"
    found = [
        id for id, kind in case.listed.items() if any(one in {id, f"{ANY_KIND}{kind}"} for one in node.lists)
    ]
    if not found:
        return False, "不在其中", "on none of them"
    names = [list_names()[id] for id in found if id in list_names()]
    return (
        True,
        f"列在{'、'.join(one.name_zh for one in names)}",
        f"on {', '.join(one.name_en for one in names)}",
    )


def _fact(node: FactTest, case: _Case) -> tuple[Truth, str, str]:
    fact, value = named_facts()[node.fact], case.facts.get(node.fact)
    truth = None if value is None else _compared_fact(fact, node.op, node.values, value)
    if value is None:
        return None, "未提供", "not supplied"
    if isinstance(value, bool):
        return truth, "是" if value else "否", "yes" if value else "no"
    return truth, f"{value}", f"{value}"


def _compared_fact(fact: Fact, op: Op, values: tuple[str, ...], value: FactValue) -> Truth:
    if fact.type == "boolean":
        return ("是" if value else "否") in values if isinstance(value, bool) else None
    if fact.type == "grade":
        if value not in fact.order:
            return None
        if op == "is":
            return value in values
        return _compared(op, fact.order.index(str(value)), fact.order.index(values[0]))
    text = str(value)
    known = not isinstance(value, bool) and _NUMBER.fullmatch(text)
    return _compared(op, Decimal(text), Decimal(values[0])) if known else None


# --- conditions on one record -------------------------------------------------------------


def _condition(node: Node, record: Record, on: date) -> Truth:
    match node:
        case AllOf(parts):
            return all_of(_condition(part, record, on) for part in parts)
        case AnyOf(parts):
            return any_of(_condition(part, record, on) for part in parts)
        case Not(part):
            return _opposite(_condition(part, record, on))
        case Test():
            return _test(node, record, on)
        case _:
            raise TypeError("条件之中不得有句 / no statement stands within a condition")


def _test(test: Test, record: Record, on: date) -> Truth:  # noqa: PLR0911  # one return a kind of test
    if test.field == SEVERITY:
        return None if record.severity is None else SEVERITIES[record.severity][0] in test.values
    field = field_of(record.item, test.field)
    held = record.payload.get(test.field)
    value = "" if held is None else str(held).strip(BLANKS)
    match test.op:
        case "filled":
            return value != ""
        case "empty":
            return value == ""
        case "is":
            return value != "" and value in test.values
        case "mentions":
            return any(one in value for one in test.values)
        case "has" | "only":
            several = [one for part in value.split(field.separator or ";") if (one := part.strip(BLANKS))]
            among = [one in test.values for one in several]
            return any(among) if test.op == "has" else bool(among) and all(among)
        case _ if field.type == "date":
            bound = on.isoformat() if test.values[0] == TODAY else test.values[0]
            return _compared(test.op, value, bound) if _DATE.fullmatch(value) else None
        case _:
            number = Decimal(value) if _NUMBER.fullmatch(value) else None
            return None if number is None else _compared(test.op, number, Decimal(test.values[0]))


def _compared(op: Op, value: Decimal | int | str, bound: Decimal | int | str) -> bool:
    """Whether two values of the same type compare so."""
    if value == bound:
        return op in {"at_least", "at_most", "equals"}
    above = value > bound  # type: ignore[operator]  # both of the same type
    return op in ({"at_least", "above"} if above else {"at_most", "below"})
