"""Patterns of looking that deserve a question: rules over one day's rows, thresholds in `unusual.toml`. Pure.

A flag is a question to an auditor, with the rows on which it rests; it decides nothing about the person.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chengxin.audit.queries import Look

_CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Rule:
    """A pattern with its words and thresholds."""

    id: str
    zh: str
    en: str
    reason_zh: str
    reason_en: str
    limits: Mapping[str, int]


@dataclass(frozen=True)
class Flag:
    """A pattern found: which rule, whose looks, the rows."""

    rule: Rule
    user: int | None
    person: str
    rows: tuple[Look, ...]


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule, in the order of the file."""
    table = tomllib.loads((Path(__file__).parent / "unusual.toml").read_text(encoding="utf-8"))
    return {id: _rule(id, one) for id, one in table.items()}


def _rule(id: str, one: dict[str, Any]) -> Rule:
    words = {name: one.pop(name) for name in ("zh", "en", "reason_zh", "reason_en")}
    words |= {name: words[name].format(**one) for name in ("reason_zh", "reason_en")}
    return Rule(id, limits=one, **words)


def unusual(
    day: Sequence[Look], *, working_day: bool, usual: Mapping[int | None, float] | None = None
) -> list[Flag]:
    """What is unusual in the looks of one day.

    day          all rows of the day, in any order
    working_day  whether offices work that day (`kernel.calendar`)
    usual        subjects a day that each user looked at on average in the 30 days before
    """
    by_person: dict[tuple[int | None, str], list[Look]] = defaultdict(list)
    for look in sorted(day, key=lambda one: one.id):
        by_person[look.user, look.person].append(look)
    found = []
    for (user, person), rows in sorted(by_person.items(), key=lambda one: one[1][0].id):
        given = _Day(rows, working_day, (usual or {}).get(user, 0.0))
        for id, rule in rules().items():
            if hits := sorted(_CHECKS[id](given, rule.limits), key=lambda one: one.id):
                found.append(Flag(rule, user, person, tuple(hits)))
    return found


@dataclass(frozen=True)
class _Day:
    """One person's looks of one day."""

    rows: list[Look]
    working_day: bool
    usual: float


def _subjects(rows: Iterable[Look]) -> int:
    return len({one.subject for one in rows})


def _many(day: _Day, limits: Mapping[str, int]) -> Iterator[Look]:
    """The fullest hour, where it holds too many subjects."""
    fullest: list[Look] = []
    start = 0
    for end, last in enumerate(day.rows):
        while (last.at - day.rows[start].at).total_seconds() > 3600:
            start += 1
        window = day.rows[start : end + 1]
        if _subjects(window) > max(limits["most"], _subjects(fullest)):
            fullest = window
    yield from fullest


def _more(day: _Day, limits: Mapping[str, int]) -> Iterator[Look]:
    number = _subjects(day.rows)
    if number >= limits["least"] and number > limits["times"] * day.usual:
        yield from day.rows


def _off_hours(day: _Day, limits: Mapping[str, int]) -> Iterator[Look]:
    def off(look: Look) -> bool:
        hour = look.at.astimezone(_CHINA).hour
        return not day.working_day or not limits["first_hour"] <= hour < limits["last_hour"]

    rows = [one for one in day.rows if off(one)]
    if _subjects(rows) >= limits["least"]:
        yield from rows


def _again(day: _Day, limits: Mapping[str, int]) -> Iterator[Look]:
    """Returns to one subject; leafing through what is held on it counts once."""
    subjects: dict[int, list[Look]] = defaultdict(list)
    for look in day.rows:
        if not look.case:
            subjects[look.subject].append(look)
    for rows in subjects.values():
        gaps = (later.at - look.at for look, later in pairwise(rows))
        returns = sum(gap.total_seconds() > limits["minutes"] * 60 for gap in gaps)
        if returns + 1 > limits["most"]:
            yield from rows


def _one_reason(day: _Day, limits: Mapping[str, int]) -> Iterator[Look]:
    worded: dict[str, list[Look]] = defaultdict(list)
    for look in day.rows:
        worded[look.words].append(look)
    for rows in worded.values():
        if _subjects(rows) > limits["most"]:
            yield from rows


def _unmasking(day: _Day, limits: Mapping[str, int]) -> Iterator[Look]:
    rows = [one for one in day.rows if one.what == "unmask"]
    if len(rows) > limits["most"]:
        yield from rows


_CHECKS: Mapping[str, Callable[[_Day, Mapping[str, int]], Iterator[Look]]] = {
    "many": _many,
    "more_than_usual": _more,
    "off_hours": _off_hours,
    "again": _again,
    "one_reason": _one_reason,
    "unmasking": _unmasking,
}
