"""What the pages of measures share: words and badges, and the note that somebody looked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest

from chengxin.accounts.guard import actor_of
from chengxin.accounts.permissions import Target
from chengxin.audit.actions import looked
from chengxin.audit.rules import Purpose, purpose_kinds
from chengxin.design.words import say
from chengxin.rulebook import lists
from chengxin.rulebook.measures import measure, measures
from chengxin.rulebook.procedures import procedure

READ, ACT, OVERSEE = "measure.read", "measure.act", "measure.oversee"

BADGES: Mapping[str, str] = {
    "assigned": "info",
    "accepted": "info",
    "executed": "good",
    "refused": "warn",
    "lifting": "warn",
    "lifted": "quiet",
    "excused": "quiet",
    "void": "quiet",
}


def state_name(state: str) -> str:
    """A state of a task in the page's language."""
    found = procedure("measure").states[state]
    return say((found.zh, found.en))


def state_choices() -> tuple[tuple[str, str], ...]:
    """Every state with its name."""
    return tuple((id, state_name(id)) for id in procedure("measure").states)


def measure_name(id: str) -> str:
    """A measure in the page's language; its id where the catalogue has none."""
    try:
        found = measure(id)
    except LookupError:
        return id
    return say((found.name_zh, found.name_en))


def measure_choices() -> tuple[tuple[str, str], ...]:
    """Every measure with its name."""
    return tuple((one.id, say((one.name_zh, one.name_en))) for one in measures())


def list_name(id: str) -> str:
    """A list in the page's language; its id where the rulebook has none."""
    try:
        found = lists.listing(id)
    except LookupError:
        return id
    return say((found.name_zh, found.name_en))


def list_choices() -> tuple[tuple[str, str], ...]:
    """The lists that bring measures."""
    return tuple(
        (one.id, say((one.name_zh, one.name_en))) for one in lists.lists() if one.kind != "attention"
    )


def note(
    request: HttpRequest, subjects: Iterable[int], what: str, detail: str, *, organisation: int | None = None
) -> None:
    """Write a look at subjects of measures into the access log, before the page is shown."""
    kind = purpose_kinds()["measure"]
    why = Purpose(kind.id, kind.zh, kind.law, kind.article)
    target = Target(organisation=organisation) if organisation is not None else None
    looked(actor_of(request), list(subjects), what, why, detail, action=READ, target=target)


def early(one: Mapping[str, Any]) -> str | None:
    """The first day on which a consequence may end before its last one; None where nothing ends it early."""
    until, earliest = one["until"], one["earliest_end"]
    return None if until and earliest and earliest > until else earliest
