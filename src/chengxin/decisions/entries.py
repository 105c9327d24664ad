"""Entries in lists: what publishing, suspending, resuming and ending a case of listing brings about.

One statement for all cases that take the step together. Whoever acts on entries (measures, caches, feeds)
asks to be called in the same transaction:

    @on_entry("published")
    def dispatch(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None: ...
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import orjson

from chengxin.cases.actions import NotTaken
from chengxin.cases.effects import Turn, effect
from chengxin.decisions.candidates import judged
from chengxin.decisions.conditions import canonical, entry_once, grounds, no_law
from chengxin.decisions.models import Entry
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import Appending
from chengxin.rulebook.lists import Import, Listing, listing, term

Happening = Literal["published", "ended", "suspended", "resumed"]
OnEntry = Callable[[Appending, Sequence[Entry], Sequence[Turn]], None]

ON_ENTRY: dict[Happening, list[OnEntry]] = defaultdict(list)
"""Who acts when something happens to entries; called with the entries and their turns in the same order."""

DECIDES = "decide_entry"
COLUMNS = (
    "case_id", "list", "kind", "subject_id", "law", "article", "decided_on", "published_on", "until",
    "earliest_end", "ended_on", "ended_by", "suspended", "public",
)  # fmt: skip
_DAY = timedelta(days=1)


def on_entry(what: Happening) -> Callable[[OnEntry], OnEntry]:
    """Ask to be called, in the transaction of the step, when this happens to entries."""

    def register(function: OnEntry) -> OnEntry:
        if function not in ON_ENTRY[what]:
            ON_ENTRY[what].append(function)
        return function

    return register


# --- how long an entry stands -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """The record with which an entry of another authority came: when it was shown first, and its own end."""

    shown_from: date
    until: date | None


def stands_until(
    rule: Listing, decided: date, published: date, source: Source | None = None
) -> tuple[date | None, date | None]:
    """The last day of an entry and the first on which its removal may be granted on application.

    Counted from the publication by the rules in force on the day of the decision. For an entry that another
    authority decided from its first publication there, and its own end where that is earlier.
    None: no period ends it (its authority does, or the mended cause); it isn't removed on application.
    LookupError where the list has a period without a rule in force on the day of the decision.
    """
    counted = term(rule, source.shown_from if source else published, law_date=decided)
    until = counted.until
    if source and source.until is not None:
        until = min(filter(None, (until, source.until)))
    steps = rule.removal.steps
    if "apply" not in steps or "source_decides" in steps:
        return until, None
    earliest = published if counted.removal_from is None else counted.removal_from + _DAY
    return until, None if until is not None and earliest > until else earliest


def source_end(entry: Import, payload: Mapping[str, str]) -> date | None:
    """The last day on which the authority itself lets an entry stand, None where it names none."""
    text = payload.get(entry.until_field or "", "").strip()
    if not text:
        return None
    named = date.fromisoformat(text)
    return named - _DAY if entry.leaves_on else named


# --- effects ------------------------------------------------------------------------------------------------


@effect("entry.publish")
def publish(log: Appending, turns: Sequence[Turn]) -> None:
    """Enter the subjects in their lists; NotTaken: no law carries one, or it stands there already."""
    decided = _decided(log, turns)
    kinds = _kinds(log, turns)
    sources = _sources(log, [one for one in turns if one.procedure.id == "imported"])
    entries: list[Entry] = []
    met: set[tuple[str, int | None]] = set()
    for turn in turns:
        about = turn.case.rule, turn.case.subject_id
        if problem := entry_once(turn.case, turn.facts, turn.today):
            raise NotTaken(problem)
        if about in met:
            raise NotTaken(_twice())
        met.add(about)
        day = decided.get(turn.case.id, turn.case.law_day)
        entries.append(_entry(turn, day, kinds[turn.case.id], sources.get(turn.case.id)))
    with log.cursor.copy(f"COPY decisions_entry ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for one in entries:
            copy.write_row([getattr(one, column) for column in COLUMNS])
    _tell("published", log, entries, turns)


@effect("entry.suspend")
def suspend(log: Appending, turns: Sequence[Turn]) -> None:
    """Let entries stand without being shown and without effect."""
    _changed("suspended", log, turns, "suspended = true", {})


@effect("entry.resume")
def resume(log: Appending, turns: Sequence[Turn]) -> None:
    """Let entries be shown and have effect again."""
    _changed("resumed", log, turns, "suspended = false", {})


@effect("entry.end")
def end(log: Appending, turns: Sequence[Turn]) -> None:
    """End the entries of cases that end; cases that were never published have none.

    What expired stood until its last day, however late the night's run came to it.
    """
    for (state, today), group in _by(turns, lambda one: (one.step.to, one.today)).items():
        last = "least(%(today)s::date, until + 1)" if state == "expired" else "%(today)s::date"
        _changed(
            "ended", log, group, f"ended_on = greatest(published_on, {last}), ended_by = %(state)s",
            {"today": today, "state": state},
        )  # fmt: skip


@effect("entry.confirm")
def confirm(log: Appending, turns: Sequence[Turn]) -> None:
    """Let cases that were confirmed rest on what stands now, too: a change of those records is seen."""
    cited: list[tuple[int, int]] = []
    for turn in turns:
        if turn.case.subject_id is None:
            continue
        entry = _entries(log, [turn])[turn.case.id]
        rule = listing(turn.case.rule, entry.decided_on)
        subject = canonical(log.cursor, turn.case.subject_id)
        finding = judged(log.cursor, [rule], [subject], turn.today, on=entry.decided_on)[rule.id].get(subject)
        cited += [(turn.case.id, record) for record in (finding.cited if finding else ())]
    log.cursor.executemany(
        "INSERT INTO cases_cited (case_id, record) VALUES (%s, %s) ON CONFLICT DO NOTHING", cited
    )


# --- how --------------------------------------------------------------------------------------------------


def _entry(turn: Turn, decided: date, kind: str, source: Source | None) -> Entry:
    case = turn.case
    try:
        rule = listing(case.rule, decided)
        carried = grounds(rule, decided)
        if not carried:
            raise NotTaken(no_law(rule, decided))
        until, earliest = stands_until(rule, decided, turn.today, source)
    except LookupError as unknown:
        zh, _, en = str(unknown).partition(" / ")
        raise NotTaken(
            Problem(
                "rule", case.rule, "list_in_force", zh, en,
                "没有有效规定不得列入", "nobody is listed without a rule in force",
            )
        ) from unknown  # fmt: skip
    if until is not None and until < turn.today:
        raise NotTaken(
            Problem(
                "until", until.isoformat(), "entry_until",
                f"公示期已于{until}届满", f"its publication ended on {until}",
                "不再公示", "it isn't published any more",
            )
        )  # fmt: skip
    return Entry(
        case_id=case.id, list=rule.id, kind=rule.kind, subject_id=case.subject_id or 0, law=carried[0].law,
        article=carried[0].article, decided_on=decided, published_on=turn.today, until=until,
        earliest_end=earliest, public=rule.publishes(kind),
    )  # fmt: skip


def _decided(log: Appending, turns: Sequence[Turn]) -> dict[int, date]:
    """The day of each case's decision; those of other authorities have none here."""
    rows = log.cursor.execute(
        "SELECT case_id, max(day) FROM cases_step WHERE case_id = ANY(%s) AND step = %s GROUP BY 1",
        [[one.case.id for one in turns], DECIDES],
    )
    return dict(rows.fetchall())


def _kinds(log: Appending, turns: Sequence[Turn]) -> dict[int, str]:
    rows = log.cursor.execute(
        "SELECT id, kind FROM registry_subject WHERE id = ANY(%s)", [[one.case.subject_id for one in turns]]
    )
    kinds = dict(rows.fetchall())
    return {one.case.id: kinds.get(one.case.subject_id, "natural_person") for one in turns}


def _sources(log: Appending, turns: Sequence[Turn]) -> dict[int, Source]:
    """The records with which entries of other authorities came, by case."""
    if not turns:
        return {}
    rules = {one.case.id: (one.case.rule, one.case.law_day) for one in turns}
    found: dict[int, Source] = {}
    for case, item, on, shown_from, payload in log.cursor.execute(
        "SELECT c.case_id, r.item, r.date, r.publish_from, r.payload FROM cases_cited c "
        "JOIN archive_record r ON r.id = c.record WHERE c.case_id = ANY(%s)",
        [list(rules)],
    ).fetchall():
        id, day = rules[case]
        entry = next((one for one in _imports(id, day) if one.item == item), None)
        own = source_end(entry, orjson.loads(payload)) if entry else None
        found[case] = Source(shown_from or on, own)
    return found


def _imports(id: str, day: date) -> tuple[Import, ...]:
    try:
        return listing(id, day).imports
    except LookupError:
        return ()


def _changed(
    what: Happening, log: Appending, turns: Sequence[Turn], change: str, values: Mapping[str, Any]
) -> None:
    rows = log.cursor.execute(
        f"UPDATE decisions_entry SET {change} WHERE case_id = ANY(%(cases)s) AND ended_on IS NULL "
        "RETURNING case_id".encode(),
        {"cases": [one.case.id for one in turns], **values},
    ).fetchall()
    touched = {case for (case,) in rows}
    concerned = [one for one in turns if one.case.id in touched]
    entries = _entries(log, concerned)
    _tell(what, log, [entries[one.case.id] for one in concerned], concerned)


def _entries(log: Appending, turns: Sequence[Turn]) -> dict[int, Entry]:
    rows = log.cursor.execute(
        f"SELECT {', '.join(COLUMNS)} FROM decisions_entry WHERE case_id = ANY(%s)".encode(),
        [[one.case.id for one in turns]],
    )
    return {row[0]: Entry(**dict(zip(COLUMNS, row, strict=True))) for row in rows.fetchall()}


def _tell(what: Happening, log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    if entries:
        for function in ON_ENTRY[what]:
            function(log, entries, turns)


def _by(turns: Iterable[Turn], key: Callable[[Turn], Any]) -> dict[Any, list[Turn]]:
    found: dict[Any, list[Turn]] = defaultdict(list)
    for one in turns:
        found[key(one)].append(one)
    return found


def _twice() -> Problem:
    return Problem(
        "subject", None, "entry_once",
        "同一主体不能在同一名单中列入两次", "a subject isn't entered twice in one list",
        "请保留一项", "keep one of them",
    )  # fmt: skip
