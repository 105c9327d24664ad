"""The class of a record in words: why, how long it is shown, and from when it may be repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chengxin.design.showing import class_badge, item_of
from chengxin.design.words import cited, say
from chengxin.rulebook.severity import Assessment, assess, classes

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


def assessed(record: Mapping[str, Any], today: date) -> Assessment | None:
    """What the rulebook says of a record as the archive's views give it; None for what has no class."""
    item = item_of(record["item"])
    if item is None:
        return None
    start, until = (record["publication"][end] for end in ("from", "until"))
    return assess(
        item,
        record["payload"],
        date.fromisoformat(record["date"]),
        date.fromisoformat(start) if start else None,
        today,
        ends=date.fromisoformat(until) if until else None,
    )


def classed(record: Mapping[str, Any], today: date) -> Classed | None:
    """The class of a record as the archive's views give it (item, date, payload, publication, state)."""
    found = assessed(record, today)
    return _words(found, today, record["state"]) if found is not None else None


def _words(found: Assessment, today: date, state: str) -> Classed:
    known, badge = classes()[found.class_], class_badge(found.class_)
    return Classed(
        id=found.class_,
        name=badge.name,
        badge=badge.look,
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
