"""What cases are about (a list, a measure, a kind of notice), and how staff open them (openings.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal
from uuid import uuid4

from chengxin.rulebook import lists as listed
from chengxin.rulebook import measures as measured
from chengxin.rulebook.lists import Listing
from chengxin.rulebook.measures import Basis, Measure
from chengxin.rulebook.procedures import procedure, procedures

Pair = tuple[str, str]


@dataclass(frozen=True)
class Matter:
    """Something that a case can be about; `laws`: (law, article) on which it rests that day."""

    id: str
    zh: str
    en: str
    laws: tuple[Pair, ...] = ()


@dataclass(frozen=True)
class Opening:
    """How cases of a procedure are opened by staff; see openings.toml."""

    about: Literal["lists", "measures", "kinds", ""] = ""
    opened: bool = False
    subject: Literal["needed", "optional", "none"] = "none"
    key: str = ""
    kinds: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)

    def key_of(self, rule: str, subject: int | None) -> str:
        """The key of a new case."""
        return self.key.format(rule=rule, subject=subject, unique=uuid4().hex)


@cache
def openings() -> Mapping[str, Opening]:
    """How cases of each procedure are opened."""
    table = tomllib.loads((Path(__file__).parent / "openings.toml").read_text(encoding="utf-8"))
    found = {}
    for id, given in table.items():
        procedure(id)  # one that isn't there ends the start
        kinds = {kind: (zh, en) for kind, (zh, en) in given.pop("kinds", {}).items()}
        found[id] = Opening(kinds=kinds, **given)
    return {id: found.get(id, Opening()) for id in procedures()}


def _matter(one: Listing | Measure, laws: Iterable[Basis]) -> Matter:
    return Matter(one.id, one.name_zh, one.name_en, tuple((basis.law, basis.article) for basis in laws))


def _lists(id: str, on: date | None) -> list[Matter]:
    return [
        _matter(one, one.grounds(on) if on else one.laws) for one in listed.lists(on) if one.procedure == id
    ]


def _measures(id: str, on: date | None) -> list[Matter]:
    return [_matter(one, one.grounds(on) if on else one.bases) for one in measured.measures(on)]


def _kinds(id: str, on: date | None) -> list[Matter]:
    return [Matter(kind, zh, en) for kind, (zh, en) in openings()[id].kinds.items()]


_ABOUT: Mapping[str, Callable[[str, date | None], list[Matter]]] = {
    "lists": _lists,
    "measures": _measures,
    "kinds": _kinds,
}


def matters(procedure_id: str, on: date | None = None) -> list[Matter]:
    """What cases of a procedure can be about, on a day by the rules in force then; [] where it is nothing."""
    about = openings()[procedure_id].about
    return _ABOUT[about](procedure_id, on) if about else []


def matter(procedure_id: str, rule: str, on: date) -> Matter | None:
    """What a case is about, by the rules of its day, else the newest; None where there is no such thing."""
    if not rule:
        return None
    for day in (on, None):
        if found := next((one for one in matters(procedure_id, day) if one.id == rule), None):
            return found
    return next((one for id in procedures() for one in matters(id) if one.id == rule), None)
