"""Judging subjects by a qualifying rule: pure, in three values.

True and False are told by what is known; None says that it cannot be told, because a fact was not supplied
or a number or date that is asked for is missing. Not, and, or follow Kleene, as PostgreSQL does.

`evaluate` judges one subject. Whoever judges thousands makes a `Judge`, which reads the rule once, and asks
`holds` before `finding`: most don't qualify, and of them nobody wants the reasons.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    walk,
)
from chengxin.rulebook.qualifying.vocabulary import SEVERITIES, Fact, field_of, list_names, named_facts
from chengxin.rulebook.qualifying.window import window_start
from chengxin.rulebook.qualifying.wording import words

FactValue: TypeAlias = str | int | Decimal | bool
Truth: TypeAlias = bool | None

_MISPLACED = "条件须在“其中”之后 / a condition stands only within records"
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
    return Judge(expression, on).finding(records, facts, listed)


class Judge:
    """A rule as it is asked on one day."""

    def __init__(self, expression: Expression, on: date) -> None:
        self._expression, self._on = expression, on
        self._among = {
            id(one): _among(one, on) for one in walk(expression) if isinstance(one, Records)
        }  # the expression is kept, so that an id stays its node's

    def holds(
        self,
        records: Iterable[Record],
        facts: Mapping[str, FactValue] | None = None,
        listed: Mapping[str, str] | None = None,
    ) -> Truth:
        """What `finding` says, without its reasons; see `evaluate`."""
        return _holds(self._expression, self._case(records, facts, listed))

    def finding(
        self,
        records: Iterable[Record],
        facts: Mapping[str, FactValue] | None = None,
        listed: Mapping[str, str] | None = None,
    ) -> Finding:
        """Judge one subject; see `evaluate`."""
        holds, cited, reasons = _judge(self._expression, self._case(records, facts, listed))
        return Finding(holds, tuple(sorted(cited)), tuple(reasons))

    def _case(
        self,
        records: Iterable[Record],
        facts: Mapping[str, FactValue] | None,
        listed: Mapping[str, str] | None,
    ) -> _Case:
        mine = [one for one in records if one.date <= self._on]
        return _Case(mine, self._among, facts or {}, listed)


_Counted: TypeAlias = Callable[[Sequence[Record]], tuple[list[int], list[int]]]
"""Records → those that a statement counts, and those of which it can't be told."""


class _Case:
    def __init__(
        self,
        records: list[Record],
        among: Mapping[int, _Counted],
        facts: Mapping[str, FactValue],
        listed: Mapping[str, str] | None,
    ) -> None:
        self.records, self.among, self.facts, self.listed = records, among, facts, listed


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


def _holds(node: Node, case: _Case) -> Truth:
    match node:
        case AllOf(parts):
            return all_of(_holds(part, case) for part in parts)
        case AnyOf(parts):
            return any_of(_holds(part, case) for part in parts)
        case Not(part):
            return _opposite(_holds(part, case))
        case Records():
            return _enough(node, *case.among[id(node)](case.records))
        case Listed():
            return _listed(node, case)[0]
        case FactTest():
            return _fact(node, case)[0]
        case Test():
            raise TypeError(_MISPLACED)


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
            raise TypeError(_MISPLACED)


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
    sure, unsure = case.among[id(node)](case.records)
    truth = _enough(node, sure, unsure)
    zh, en = f"符合的有 {len(sure)} 条", f"{len(sure)} found"
    if unsure:
        zh, en = f"{zh}，无法判断的有 {len(unsure)} 条", f"{en}, {len(unsure)} cannot be told"
    return truth, sure + (unsure if truth is None else []), zh, en


def _enough(node: Records, sure: Sequence[int], unsure: Sequence[int]) -> Truth:
    enough = max(node.least, 1)
    truth = True if len(sure) >= enough else None if len(sure) + len(unsure) >= enough else False
    return truth if node.least else _opposite(truth)


def _among(node: Records, on: date) -> _Counted:
    item, since = node.item, window_start(on, node.within) if node.within else date.min
    condition = _condition(node.where, item, on) if node.where else None

    def counted(records: Sequence[Record]) -> tuple[list[int], list[int]]:
        held = [one for one in records if one.item == item and since <= one.date]
        if condition is None:
            return [one.id for one in held], []
        told = [(one.id, condition(one)) for one in held]
        return [id for id, truth in told if truth], [id for id, truth in told if truth is None]

    return counted


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

_Condition: TypeAlias = Callable[[Record], Truth]


def _condition(node: Node, item: str, on: date) -> _Condition:
    """The condition as a function, so that it is read once and asked of many records."""
    match node:
        case AllOf(parts):
            return _joined([_condition(part, item, on) for part in parts], until=False)
        case AnyOf(parts):
            return _joined([_condition(part, item, on) for part in parts], until=True)
        case Not(part):
            inner = _condition(part, item, on)
            return lambda record: _opposite(inner(record))
        case Test():
            return _test(node, item, on)
        case _:
            raise TypeError("条件之中不得有句 / no statement stands within a condition")


def _joined(parts: Sequence[_Condition], *, until: bool) -> _Condition:
    """Kleene's and (until one is False) or or (until one is True), written out: it is asked most of all."""

    def joined(record: Record) -> Truth:
        whole: Truth = not until
        for part in parts:
            one = part(record)
            if one is until:
                return one
            if one is None:
                whole = None
        return whole

    return joined


def _test(test: Test, item: str, on: date) -> _Condition:  # noqa: PLR0911  # one return a kind of test
    code, values = test.field, frozenset(test.values)
    if code == SEVERITY:
        return lambda record: None if record.severity is None else SEVERITIES[record.severity][0] in values
    field = field_of(item, code)
    separator = field.separator or ";"

    def several(record: Record) -> list[bool]:
        parts = _text(record, code).split(separator)
        return [one in values for part in parts if (one := part.strip(BLANKS))]

    match test.op:
        case "filled":
            return lambda record: _text(record, code) != ""
        case "empty":
            return lambda record: _text(record, code) == ""
        case "is":
            return lambda record: (value := _text(record, code)) != "" and value in values
        case "mentions":
            return lambda record: _mentions(_text(record, code), test.values)
        case "has":
            return lambda record: any(several(record))
        case "only":
            return lambda record: bool(among := several(record)) and all(among)
        case op if field.type == "date":
            day = on.isoformat() if test.values[0] == TODAY else test.values[0]
            return lambda record: (
                _compared(op, value, day) if _DATE.fullmatch(value := _text(record, code)) else None
            )
        case op:
            bound = Decimal(test.values[0])
            return lambda record: (
                _compared(op, Decimal(value), bound)
                if _NUMBER.fullmatch(value := _text(record, code))
                else None
            )


def _mentions(value: str, named: tuple[str, ...]) -> bool:
    return any(one in value for one in named)


def _text(record: Record, code: str) -> str:
    held = record.payload.get(code)
    return "" if held is None else str(held).strip(BLANKS)


def _compared(op: Op, value: Decimal | int | str, bound: Decimal | int | str) -> bool:
    """Whether two values of the same type compare so."""
    if value == bound:
        return op in {"at_least", "at_most", "equals"}
    above = value > bound  # type: ignore[operator]  # both of the same type
    return op in ({"at_least", "above"} if above else {"at_most", "below"})
