"""How long a measure lasts: pure, from the catalogue and the days of the entry that brought it."""

from __future__ import annotations

from datetime import date

from chengxin.cases.rules import due_of
from chengxin.rulebook.measures import Measure

GROUND_GONE = frozenset({"revoked", "annulled", "withdrawn"})
"""Endings of an entry that take a measure's ground away, whatever length the law gives it."""


def last_day(one: Measure, published: date) -> date | None:
    """The last day of a measure whose length the law sets; None where something else ends it."""
    return due_of(one.deadline, published).due if one.deadline else None


def outlives(one: Measure, published: date, ended_by: str | None, today: date) -> bool:
    """Whether a measure stays although its entry has ended: its own length runs on, and its ground stands."""
    if not one.outlives or ended_by in GROUND_GONE:
        return False
    last = last_day(one, published)
    return one.duration == "order" or (last is not None and today <= last)


def until(one: Measure, published: date, entry_until: date | None) -> date | None:
    """The last day on which a measure can be in force, as far as it is known."""
    own = last_day(one, published)
    return own if one.outlives else min(filter(None, (own, entry_until)), default=None)
