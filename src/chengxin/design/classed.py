"""The class of a record in words: why, how long it is shown, and from when it may be repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chengxin.design.showing import item_of
from chengxin.design.words import cited, say
from chengxin.rulebook.publication import publish
from chengxin.rulebook.severity import Assessment, assess, classes

BADGES: Mapping[str, str] = {"minor": "quiet", "general": "warn", "serious": "bad"}

STANDING = frozenset({"in_force", "contested", "suspended", "expired"})
"""States in which a record's days still count; what was corrected or withdrawn has a class alone."""


@dataclass(frozen=True)
class Classed:
    """A class in the page's language. Days are ISO texts, "" where there is none; so are words.

    counts  whether the record still stands, so that its days are told
    open    whether repair may be asked for today; `earliest` is the first day to
    """

    id: str
    name: str
    badge: str
    about: str
    reason: str
    counts: bool
    shortest: str
    longest: str
    open: bool
    earliest: str
    requires: str
    law: str
    why_not: str
    note: str


def class_badge(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """Name and badge of the class alone, cheap enough for lists; None for what has no class."""
    item = item_of(record["item"])
    if item is None or not any(rule.class_ for rule in item.publication):
        return None
    try:
        found = publish(item, record["payload"], date.fromisoformat(record["date"])).class_
    except (LookupError, ValueError):
        return None
    return (_name(found), BADGES[found]) if found else None


def classed(record: Mapping[str, Any], today: date) -> Classed | None:
    """The class of a record as the archive's views give it (item, date, payload, publication, state)."""
    item = item_of(record["item"])
    if item is None:
        return None
    start, until = (record["publication"][end] for end in ("from", "until"))
    found = assess(
        item,
        record["payload"],
        date.fromisoformat(record["date"]),
        date.fromisoformat(start) if start else None,
        today,
        ends=date.fromisoformat(until) if until else None,
    )
    return _words(found, today, record["state"]) if found is not None else None


def _name(id: str) -> str:
    known = classes()[id]
    return say((f"{known.zh}失信", f"{known.en} dishonesty"))


def _words(found: Assessment, today: date, state: str) -> Classed:
    known = classes()[found.class_]
    return Classed(
        id=found.class_,
        name=_name(found.class_),
        badge=BADGES[found.class_],
        about=say((known.about_zh, known.about_en)),
        reason=say((found.reason_zh, found.reason_en)),
        counts=state in STANDING,
        shortest=_day(found.shortest),
        longest=_day(found.longest),
        open=found.open_on(today),
        earliest=_day(found.earliest_repair),
        requires=say((found.requires_zh, found.requires_en)),
        law=cited(found.repair_law, found.repair_article) if found.repair_law else "",
        why_not=say((found.why_not_zh, found.why_not_en)),
        note=say((found.note_zh, found.note_en)),
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
