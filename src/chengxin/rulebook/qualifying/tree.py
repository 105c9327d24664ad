"""The shape of a qualifying rule, once it was read: what must hold of a subject's records, lists and facts.

Two levels. A statement speaks of the subject: how many records there are (`Records`), on which lists it
stands (`Listed`), what else is known of it (`FactTest`). A condition speaks of one and the same record
(`Test`). Each level has its own words for and, or: 并且、或者 join statements, 且、或 join conditions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal, TypeAlias

from chengxin.kernel.calendar import Period
from chengxin.rulebook.catalogue import Severity

Op = Literal[
    "is", "has", "only", "mentions", "filled", "empty",
    "at_least", "above", "below", "at_most", "equals",
]  # fmt: skip

SEVERITY = "severity"
"""Stands in the place of a field's code where the class of the dishonest information is asked for."""

TODAY = "today"
"""Stands in the place of a date for the day that is asked for."""

ANY_KIND = "any:"
"""Begins the name of all lists of a kind: any:black."""


@dataclass(frozen=True, slots=True)
class Test:
    """One condition on one field of a record.

    is        the value is one of `values`
    has       at least one of `values` is among the joined values
    only      there are values, and none but these
    mentions  the text contains one of `values`
    filled, empty
    at_least, above, below, at_most, equals
              the number, or the date, compares so with the one value (an ISO date or TODAY)
    """

    __test__: ClassVar[bool] = False  # not a test of pytest

    field: str
    op: Op
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Node


@dataclass(frozen=True, slots=True)
class Records:
    """At least `least` records of an item on which `where` holds; `least` 0 means that there is none.

    within: only records dated within this period back from the day asked for. None after that day count.
    """

    item: str
    least: int
    within: Period | None = None
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """Whether the subject stands on one of these lists (ids, or ANY_KIND and a kind)."""

    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FactTest:
    """A named fact that the archive does not hold (facts.csv) compares so; unknown unless supplied."""

    fact: str
    op: Op
    values: tuple[str, ...]


Node: TypeAlias = Test | AllOf | AnyOf | Not | Records | Listed | FactTest
Expression: TypeAlias = AllOf | AnyOf | Not | Records | Listed | FactTest


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    match node:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from walk(part)
        case Not(part):
            yield from walk(part)
        case Records(where=where) if where is not None:
            yield from walk(where)


def items(expression: Node) -> tuple[str, ...]:
    """The catalogue items that the expression looks at, each once, in the order of its text."""
    return tuple(dict.fromkeys(one.item for one in walk(expression) if isinstance(one, Records)))


def facts(expression: Node) -> tuple[str, ...]:
    """The named facts that the expression asks for, each once."""
    return tuple(dict.fromkeys(one.fact for one in walk(expression) if isinstance(one, FactTest)))


def lists(expression: Node) -> tuple[str, ...]:
    """The lists that the expression names, each once."""
    named = (name for one in walk(expression) if isinstance(one, Listed) for name in one.lists)
    return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class Record:
    """What an expression sees of one record that stands.

    date      the record's date as kept in the archive
    payload   field code → text as kept in the archive
    severity  class of the dishonest information, None where it isn't known
    """

    id: int
    item: str
    date: date
    payload: Mapping[str, object] = field(hash=False)
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one statement holds, doesn't or cannot be told (None), with the records that this rests on."""

    holds: bool | None
    zh: str
    en: str
    records: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of an expression: `holds` is None where it cannot be told, and that never lists anybody.

    cited    ids of the records that the answer rests on, ascending
    reasons  the statements that decided it
    """

    holds: bool | None
    cited: tuple[int, ...]
    reasons: tuple[Reason, ...]
