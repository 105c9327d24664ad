"""What went through the procedures in the last twelve months and what stands now, in numbers for everybody.

Steps are never deleted, and a step's id is its leaf in the ledger. So steps are counted once, by day, and
later only those that came since: the numbers are those of this moment, and cost what is new. How many cases
stand where follows from the same steps. Nothing is said of anybody: numbers of what isn't public by name are
told from `SMALLEST` on.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from chengxin.archive.statistics import SMALLEST
from chengxin.database import reading
from chengxin.ledger import queries as ledger

AT_ONCE = 200_000
"""Leaves that one statement counts, so that none runs long."""

IN_LIST = frozenset({"published", "questioned", "suspended"})
"""States of a case of listing in which its entry stands."""

_STEPS = """
SELECT s.day, c.procedure, s.step, s.from_state, s.to_state, count(*)
FROM cases_step s JOIN cases_case c ON c.id = s.case_id
WHERE s.id >= %s::bigint AND s.id < %s::bigint GROUP BY 1, 2, 3, 4, 5"""
_RECORDS = "SELECT coalesce(sum(kept), 0)::bigint FROM exchange_batch WHERE received_on >= %s::date"


class Taken(NamedTuple):
    """A step as it is counted: on which day, of which procedure, from where to where ("" for an opening)."""

    day: date
    procedure: str
    step: str
    source: str
    to: str


@dataclass
class _Counted:
    """The steps below leaf `size`."""

    size: int = 0
    steps: Counter[Taken] = field(default_factory=Counter)


_counted: dict[str, _Counted] = {}
_counting = threading.Lock()


@dataclass(frozen=True)
class Numbers:
    """What the picture shows; None: fewer than SMALLEST, not told.

    year  what came to pass since `since`; now: how many stand there; both by names of stages and ways
    """

    since: date
    until: date
    year: dict[str, int | None]
    now: dict[str, int | None]


LISTINGS = ("listing", "red_listing")

WAYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "nominated": (LISTINGS, ("nominate",)),
    "dropped": (LISTINGS, ("drop",)),
    "reviewed": (LISTINGS, ("review",)),
    "noticed": (("listing",), ("give_notice",)),
    "stated": (("listing",), ("make_statement", "ask_hearing")),
    "entered": (LISTINGS, ("decide_entry",)),
    "not_entered": (LISTINGS, ("decide_none",)),
    "published": (LISTINGS, ("publish",)),
    "taken_over": (("imported",), ("import",)),
    "expired": ((*LISTINGS, "imported"), ("expire",)),
    "repaired": (("listing",), ("remove",)),
    "taken_back": ((*LISTINGS, "imported"), ("revoke", "annul", "renounce", "withdraw")),
    "no_longer": (("red_listing", "imported"), ("remove",)),
    "assigned": (("measure",), ("assign",)),
    "accepted": (("measure",), ("accept",)),
    "executed": (("measure",), ("execute",)),
    "refused": (("measure",), ("refuse",)),
    "called_off": (("measure",), ("call_off",)),
    "void": (("measure",), ("cancel",)),
    "lifted": (("measure",), ("confirm_lifted",)),
    "objected": (("objection",), ("file",)),
    "upheld": (("objection",), ("decide_uphold",)),
    "applied": (("repair",), ("apply",)),
    "granted": (("repair",), ("decide_grant",)),
}
"""Steps that are told, by name: of which procedures, which of their steps."""

ENDINGS = ("expired", "repaired", "taken_back", "no_longer")
"""Ways out of a list: only for cases that stood in one."""

STANDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "candidates": (LISTINGS, ("candidate",)),
    "reviewed": (LISTINGS, ("reviewed", "notified", "hearing", "heard")),
    "decided": (LISTINGS, ("decided", "served")),
    "listed": ((*LISTINGS, "imported"), tuple(IN_LIST)),
    "assigned": (("measure",), ("assigned", "refused")),
    "accepted": (("measure",), ("accepted",)),
    "executed": (("measure",), ("executed",)),
    "lifting": (("measure",), ("lifting",)),
    "objections": (("objection",), ("received", "forwarded", "answered")),
    "repairs": (("repair",), ("applied", "returned", "accepted", "granted")),
}
"""Where cases stand that aren't closed, by name: of which procedures, in which states."""

OPEN_TO_ALL = frozenset({"published", "taken_over", *ENDINGS, "listed"})
"""What everybody can count on the public lists and feeds anyway: told exactly."""


def numbers(today: date) -> Numbers:
    """The numbers of this moment, over the twelve months that end today."""
    since = year_before(today)
    found = reading.row(_RECORDS, [since])
    made = counted(_steps(), since, today)
    return Numbers(since, today, {"records": int(found[0]) if found else 0, **made.year}, made.now)


def counted(steps: Iterable[tuple[Taken, int]], since: date, until: date) -> Numbers:
    """Steps summed up: what came to pass from `since` to `until`, and what stands after all of them."""
    year: Counter[tuple[str, str, bool]] = Counter()
    stock: Counter[tuple[str, str]] = Counter()
    for one, number in steps:
        if since <= one.day <= until:
            year[one.procedure, one.step, one.source in IN_LIST] += number
        stock[one.procedure, one.to] += number
        if one.source:
            stock[one.procedure, one.source] -= number
    return Numbers(
        since,
        until,
        {
            name: told(
                name,
                sum(
                    year[procedure, step, stood]
                    for procedure in procedures
                    for step in named
                    for stood in ((True,) if name in ENDINGS else (True, False))
                ),
            )
            for name, (procedures, named) in WAYS.items()
        },
        {
            name: told(name, sum(stock[procedure, state] for procedure in procedures for state in states))
            for name, (procedures, states) in STANDS.items()
        },
    )


def told(name: str, number: int) -> int | None:
    """A number as it is published: None where it is small and not open to everybody anyway."""
    return number if name in OPEN_TO_ALL or number == 0 or number >= SMALLEST else None


def year_before(today: date) -> date:
    """The first of the twelve months' days that end today."""
    try:
        return today.replace(year=today.year - 1) + timedelta(days=1)
    except ValueError:  # 29 February
        return date(today.year - 1, 3, 1)


def _steps() -> list[tuple[Taken, int]]:
    leaves = ledger.size()
    with _counting:
        key = os.environ["CHENGXIN_DATABASE_URL"]
        held = _counted.setdefault(key, _Counted())
        if held.size > leaves:
            held = _counted[key] = _Counted()
        while held.size < leaves:
            end = min(held.size + AT_ONCE, leaves)
            for *taken, number in reading.rows(_STEPS, [held.size, end]):
                held.steps[Taken(*taken)] += number
            held.size = end
        return list(held.steps.items())
