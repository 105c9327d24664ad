"""What happened in the demonstration province in the last months: lives of cases, planned from data alone.

A life is a case from its opening on: which steps, on which working days, by whom, in which words
(data/history.toml, data/sentences.toml). Nothing here knows a database: whoever plays the plan binds each
life to a subject, and takes the steps by the rules of the procedures.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from chengxin.demo.words import DATA_FOLDER
from chengxin.kernel.calendar import is_working_day

MONTHS = 20
"""How far back the history goes."""

_MOST = 4.0
"""Above this scale there are not more lives: what a province of any size shows is enough."""

_DAY = timedelta(days=1)
_MONTH = 30.44  # days


@dataclass(frozen=True)
class Move:
    """A step of a life: taken on `day` by `who` (a key of the cast), with the fields filled in."""

    step: str
    day: date
    who: str
    facts: Mapping[str, str]


@dataclass(frozen=True)
class Life:
    """A case as it is planned.

    name    which life of the plan; `number` tells those of one plan apart
    lists   only of these lists; empty: of any
    about   record or decision: what an objection or a repair is about
    moves   in order, the first opens the case; none lies after today
    """

    number: int
    procedure: str
    name: str
    lists: tuple[str, ...]
    about: str
    moves: tuple[Move, ...]

    @property
    def opens(self) -> date:
        """The day on which the case is opened."""
        return self.moves[0].day


@cache
def plan_file() -> Mapping[str, Any]:
    """The plan as it stands in the file."""
    return tomllib.loads((DATA_FOLDER / "history.toml").read_text(encoding="utf-8"))


@cache
def _sentences() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads((DATA_FOLDER / "sentences.toml").read_text(encoding="utf-8"))


def lives(scale: float, today: date, *, seed: int = 2017) -> list[Life]:
    """Every life of the plan, by the day of its opening.

    The same arguments give the same lives. A life of the plan that the scale leaves without any is left out.
    """
    found: list[Life] = []
    size = min(scale, _MOST)
    for table in plan_file()["life"]:
        count = round(table["count"] * size)
        for place in range(count):
            draw = Random(f"{seed}:{table['of']}:{table['name']}:{'' if table.get('together') else place}")
            words = Random(f"{seed}:words:{table['of']}:{table['name']}:{place}")
            moves = _moves(table, draw, words, place / max(1, count), today)
            if moves:
                found.append(
                    Life(
                        len(found), table["of"], table["name"], tuple(table.get("lists", ())),
                        table.get("about", "record"), moves,
                    )
                )  # fmt: skip
    return sorted(found, key=lambda one: (one.opens, one.number))


def say(bank: str, draw: Random, day: date) -> str:
    """A sentence of a bank ("listing.review"), its number and day filled in; "=word" is the word itself."""
    room, _, name = bank.partition(".")
    chosen = draw.choice(_sentences()[room][name])
    if chosen.startswith("="):
        return chosen[1:]
    return (
        chosen.replace("{n}", str(draw.randrange(1000, 9999)))
        .replace("{k}", str(draw.randrange(1, 8)))
        .replace("{day}", f"{day.year}年{day.month}月{day.day}日")
    )


def known(bank: str) -> bool:
    """Whether there are sentences of this name."""
    room, _, name = bank.partition(".")
    return name in _sentences().get(room, {})


def working(day: date, number: int) -> date:
    """The working day `number` after a day (before it, where negative); 0: the day, or the last before."""
    step = _DAY if number > 0 else -_DAY
    while not is_working_day(day):
        day -= _DAY
    for _ in range(abs(number)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def _moves(
    table: Mapping[str, Any], draw: Random, words: Random, share: float, today: date
) -> tuple[Move, ...]:
    steps = [_step(one) for one in table["steps"]]
    gaps = [draw.randint(least, most) for _, least, most in steps[1:]]
    if "ends" in table:
        first = working(today, -draw.randint(*table["ends"]) - sum(gaps))
    else:
        early, late = table["opens"]
        months = early - (early - late) * (share if not table.get("together") else 0.0) - draw.random() * 0.4
        first = working(today - timedelta(days=round(months * _MONTH)), 0)
    days = [first]
    for gap in gaps:
        days.append(working(days[-1], gap))
    return tuple(
        _move(table["of"], name, day, words)
        for (name, _, _), day in zip(steps, days, strict=True)
        if day <= today
    )


def _step(text: str) -> tuple[str, int, int]:
    name, *gap = text.split()
    least, most = map(int, gap) if gap else (0, 0)
    return name, least, most


def _move(procedure: str, name: str, day: date, words: Random) -> Move:
    declared = dict(plan_file()["step"][procedure][name])
    step, who = declared.pop("step", name), declared.pop("who")
    facts: dict[str, str] = {}
    for field, bank in declared.items():
        facts[field] = _filled(bank.format_map(facts), day, words)
    return Move(step, day, who, facts)


def _filled(bank: str, day: date, words: Random) -> str:
    if bank.startswith("="):
        return bank[1:]
    return day.isoformat() if bank == "@day" else say(bank, words, day)
