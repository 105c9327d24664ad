"""Whether an objection stops what it is about until it is decided (data/suspension.toml): by law and date."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, get_args

from chengxin.rulebook import laws
from chengxin.rulebook.catalogue import KNOWN_FROM
from chengxin.rulebook.tables import DATA_FOLDER, in_force

About = Literal["record", "decision"]
Suspends = Literal["filing", "order", "never"]


@dataclass(frozen=True)
class Suspension:
    """One rule; the file's head explains it. `until`: the first day on which it no longer holds."""

    about: About
    suspends: Suspends
    law: str
    article: str
    in_force: date
    known_from: str
    zh: str
    en: str
    until: date | None = None


@lru_cache(maxsize=1)
def suspensions() -> tuple[Suspension, ...]:
    """Every rule, in the order of the file."""
    table = tomllib.loads((DATA_FOLDER / "suspension.toml").read_text(encoding="utf-8"))
    return tuple(Suspension(**one) for one in table["rule"])


def suspension(about: About, on: date) -> Suspension | None:
    """The rule in force on the day; None where there is none: nothing is stopped then."""
    return next(
        (one for one in suspensions() if one.about == about and in_force(one.in_force, one.until, on)), None
    )


def suspension_faults() -> Iterator[str]:
    """Everything wrong with data/suspension.toml, a sentence each."""
    for one in suspensions():
        if one.about not in get_args(About) or one.suspends not in get_args(Suspends):
            yield f"{one.about} {one.suspends}: 未知的值 / unknown value"
        if one.law not in {law.id for law in laws.laws()}:
            yield f"{one.about}: 法规未知 / unknown law: {one.law}"
        elif not laws.law(one.law).holds_on(one.in_force):
            yield f"{one.about}: 法规当时没有施行 / the law wasn't in force then: {one.law}"
        if one.known_from not in KNOWN_FROM:
            yield f"{one.about}: 出处未知 / unknown known_from"
