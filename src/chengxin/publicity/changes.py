"""What came to the public and what was taken down, at which moment: kept in the ledger, told by feeds.

An event of the ledger says only numbers of decisions, their lists and the day, so that anybody may read it
and check with its proof when something was taken down (`proof`), and learns nobody's name from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from chengxin.cases.effects import Turn
from chengxin.database import reading
from chengxin.decisions.entries import on_entry
from chengxin.decisions.models import ENDINGS, Entry
from chengxin.ledger import queries as ledger
from chengxin.ledger.actions import Appending
from chengxin.rulebook.procedures import procedure

EVENTS = {"shown": "publicity_shown", "gone": "publicity_gone"}
"""Kinds of the ledger's events, by what happened."""

WORDS = {"shown": ("开始公示", "shown to the public"), "gone": ("停止公示", "taken down")}

_LATEST = """
SELECT c.case_id, c.place, c.what, c.at FROM publicity_change c
WHERE c.place BETWEEN %s::text AND %s::text ORDER BY c.place, c.id DESC LIMIT %s::int"""
_OF_ALL = """
SELECT n.* FROM unnest(%s::text[]) l(id) CROSS JOIN LATERAL (
    SELECT c.case_id, c.place, c.what, c.at, c.id FROM publicity_change c
    WHERE c.place BETWEEN l.id AND l.id ORDER BY c.place, c.id DESC LIMIT %s::int) n
ORDER BY 5 DESC LIMIT %s::int"""
_OF_CASE = """
SELECT c.what, c.at, c.day, c.leaf FROM publicity_change c WHERE c.case_id = %s::bigint ORDER BY c.leaf"""
_STEPS = """
SELECT k.procedure, s.step, s.day, s.id FROM cases_step s JOIN cases_case k ON k.id = s.case_id
WHERE s.case_id = %s::bigint AND (s.decides OR s.to_state = ANY(%s::text[])) ORDER BY s.id"""


def note(log: Appending, what: str, cases: Sequence[tuple[int, str]], today: date) -> None:
    """Keep that decisions or notices (number, place) came to the public or went: one event for all."""
    if not cases:
        return
    by_place: dict[str, list[int]] = {}
    for case, place in cases:
        by_place.setdefault(place, []).append(case)
    now = timezone.now()
    leaf = log.event(EVENTS[what], {"on": today.isoformat(), "places": by_place})
    with log.cursor.copy("COPY publicity_change (case_id, place, what, at, day, leaf) FROM STDIN") as copy:
        for case, place in cases:
            copy.write_row((case, place, what, now, today, leaf))


def _note_entries(what: str, log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """The entries that may be public; of others nothing is told, not even that there was one."""
    if entries:
        open_ = [(one.case_id, one.list) for one in entries if one.public]
        note(log, what, open_, turns[0].today)


@on_entry("published")
def published(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """Entries came to the public."""
    _note_entries("shown", log, entries, turns)


@on_entry("resumed")
def resumed(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """Entries are shown again."""
    _note_entries("shown", log, entries, turns)


@on_entry("suspended")
def suspended(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """Entries are not shown for the time being."""
    _note_entries("gone", log, entries, turns)


@on_entry("ended")
def ended(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """Entries have ended; those that were suspended went before."""
    shown = [one for one in entries if not one.suspended]
    _note_entries("gone", log, shown, turns)


@dataclass(frozen=True)
class Change:
    """A decision or notice came to the public (`what` is "shown") or went ("gone")."""

    case: int
    place: str
    what: str
    at: datetime


def latest(places: Sequence[str], most: int) -> list[Change]:
    """The last change of each of the decisions or notices that changed last in these places."""
    if len(places) == 1:
        rows = reading.rows(_LATEST, [places[0], places[0], most])
    else:
        rows = [row[:4] for row in reading.rows(_OF_ALL, [list(places), most, most])]
    found: dict[int, Change] = {}
    for row in rows:
        found.setdefault(row[0], Change(*row))
    return list(found.values())


def taken_down(case: int) -> tuple[datetime, date, int] | None:
    """When a decision or notice was last taken down: moment, day, number of the ledger's event; None: not
    by a step of its case (its day passed, or its records fell, and the nightly run hasn't come to it yet)."""
    rows = reading.rows(_OF_CASE, [case])
    return (rows[-1][1], rows[-1][2], rows[-1][3]) if rows and rows[-1][0] == "gone" else None


def proof(case: int) -> list[dict[str, Any]]:
    """What the ledger holds of a decision or notice, in its order: deciding, showing and taking down.

    Each with the proof of its leaf (RFC 9162) as `check_proof.py` reads it.

    Of a step only the hash is given (`body` is None): its text names people and reasons.
    """
    told = []
    for of, step, day, leaf in reading.rows(_STEPS, [case, list(ENDINGS)]):
        named = procedure(of).step(step)
        said = {"what": step, "zh": named.zh, "en": named.en, "day": day.isoformat()}
        told.append(said | _proved("cases_step", leaf) | {"body": None})
    for what, at, day, leaf in reading.rows(_OF_CASE, [case]):
        zh, en = WORDS[what]
        said = {"what": what, "zh": zh, "en": en, "day": day.isoformat(), "at": at.isoformat()}
        told.append(said | _proved("ledger_event", leaf))
    return sorted(told, key=lambda one: int(one["leaf"]))


def _proved(table: str, leaf: int) -> dict[str, Any]:
    body = ledger.leaf_body(table, leaf) or b""
    return {"record": leaf, "body": body.decode(), **ledger.inclusion(leaf, body)}
