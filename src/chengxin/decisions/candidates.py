"""Who qualifies for a list, and because of which records: the list's rule asked of the archive.

For some subjects the records are fetched at once and judged in Python, which also tells the reasons; for a
replay over all of them PostgreSQL says first whom the rule may reach (`reached`), and only those are judged.
Who qualifies is a candidate; a person decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Cursor

from chengxin.accounts.permissions import PROVINCE
from chengxin.archive.belonging import in_slices
from chengxin.cases.actions import Opening
from chengxin.cases.rules import RECORDS_AT_MOST
from chengxin.decisions.standing import earliest, records_of, relation
from chengxin.rulebook.lists import Listing, lists
from chengxin.rulebook.qualifying import (
    Expression,
    FactValue,
    Finding,
    Judge,
    Record,
    Records,
    Test,
    facts,
    sql,
)
from chengxin.rulebook.qualifying import lists as lists_named
from chengxin.rulebook.qualifying.tree import SEVERITY, walk
from chengxin.rulebook.qualifying.vocabulary import Fact, named_facts

Facts = Mapping[int, Mapping[str, FactValue]]
FactSource = Callable[[Cursor[Any], Collection[int] | None, date], Facts]

FACT_SOURCES: list[FactSource] = []
"""Who knows facts that the archive doesn't hold (rulebook/data/lists/facts.csv).

Called with the cursor, subjects (None: everyone it knows) and today; tells subject → fact → value. Rooms that
grade subjects append theirs; what nobody knows stays unknown.
"""

AT_ONCE = 2_000
"""Subjects judged together."""

LONGEST_REASON = 1_900
LONGEST_RECORDS = 400
"""Characters of the fields `reason` and `records` (rulebook/data/procedures/fields.toml)."""


@dataclass(frozen=True)
class Candidate:
    """A subject that qualifies for a list."""

    subject: int
    region: str | None
    listing: Listing
    finding: Finding

    @property
    def key(self) -> str:
        """What its case is about."""
        return key(self.listing.id, self.subject)

    def opening(self, today: date) -> Opening:
        """The case to open for it."""
        cited = _fitting(self.finding.cited)
        said = "；".join(one.zh for one in self.finding.reasons)
        reason = f"依据名单规则“{self.listing.name_zh}”提出。{said}"[:LONGEST_REASON]
        return Opening(
            self.listing.procedure, self.key, self.subject, today, rule=self.listing.id,
            region=self.region or PROVINCE, facts={"reason": reason}, records=cited,
        )  # fmt: skip


def key(list_id: str, subject: int) -> str:
    """What a case of listing is about: no two of the same are open at once."""
    return f"list:{list_id}:S{subject}"


def by_records(today: date) -> tuple[Listing, ...]:
    """The lists in force whose candidates come from the records alone."""
    return tuple(one for one in lists(today) if one.opened_by == "records" and one.qualifies is not None)


def find(
    cursor: Cursor[Any], subjects: Collection[int], today: date, *, only: Collection[str] | None = None
) -> Iterator[Candidate]:
    """New candidates among subjects (numbers that stand for all merged), for every list that records open.

    only: these lists alone.
    Left out: kinds of subject that the list doesn't know, those on it already or with a case open, and those
    for whom every record was weighed in an earlier case.
    """
    wanted = [one for one in by_records(today) if (only is None or one.id in only) and _can_be_told(one)]
    judges = _judges(wanted, today)
    for part in in_slices(list(subjects), AT_ONCE):
        known = _kinds(cursor, part)
        qualified = [
            _Qualified(subject, known[subject][1], one, held)
            for subject, held in _held(cursor, wanted, known, today, today)
            for one in wanted
            if known[subject][0] in one.subjects
            and judges[one.id].holds(held.records, held.facts, held.listed)
        ]
        yield from _new(cursor, qualified, judges)


def judged(
    cursor: Cursor[Any],
    listings: Sequence[Listing],
    subjects: Collection[int],
    today: date,
    *,
    on: date | None = None,
) -> dict[str, dict[int, Finding]]:
    """What the rules of lists say of subjects: list → subject → finding.

    on: the day asked for, where it isn't today: no later record counts, and periods count back from it.
    """
    judges = _judges(listings, on or today)
    found: dict[str, dict[int, Finding]] = {one.id: {} for one in listings}
    for subject, held in _held(cursor, listings, subjects, today, on or today):
        for id, judge in judges.items():
            found[id][subject] = judge.finding(held.records, held.facts, held.listed)
    return found


@dataclass(frozen=True)
class _Evidence:
    """What rules are asked of: a subject's records that stand, facts and lists."""

    records: Sequence[Record]
    facts: Mapping[str, FactValue]
    listed: Mapping[str, str]


def _judges(listings: Iterable[Listing], on: date) -> dict[str, Judge]:
    return {one.id: Judge(one.qualifies, on) for one in listings if one.qualifies is not None}


def _held(
    cursor: Cursor[Any], listings: Sequence[Listing], subjects: Collection[int], today: date, on: date
) -> Iterator[tuple[int, _Evidence]]:
    """What the rules of these lists look at, subject by subject."""
    rules = [one.qualifies for one in listings if one.qualifies is not None]
    since = earliest(rules, on)
    records = records_of(cursor, subjects, since, today, since=since)
    listed = standing_on(cursor, subjects) if any(map(lists_named, rules)) else {}
    supplied = facts_of(cursor, subjects, today) if any(map(facts, rules)) else {}
    with_class = any(map(_asks_class, rules))
    for subject in subjects:
        mine = [one.as_record(with_class=with_class) for one in records.get(subject, ())]
        yield subject, _Evidence(mine, supplied.get(subject, {}), listed.get(subject, {}))


def facts_of(
    cursor: Cursor[Any], subjects: Collection[int] | None, today: date
) -> dict[int, dict[str, FactValue]]:
    """What the sources of facts know of subjects."""
    found: dict[int, dict[str, FactValue]] = defaultdict(dict)
    for source in FACT_SOURCES:
        for subject, told in source(cursor, subjects, today).items():
            found[subject].update(told)
    return found


def standing_on(cursor: Cursor[Any], subjects: Collection[int]) -> dict[int, dict[str, str]]:
    """The lists on which subjects stand now, with their kind; entries that are suspended have no effect."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    rows = cursor.execute(
        """SELECT q.id, e.list, e.kind FROM unnest(%(subjects)s::bigint[]) q(id)
        JOIN LATERAL (
            SELECT q.id AS member UNION ALL
            SELECT m.id FROM registry_subject m WHERE m.merged_into_id = q.id
        ) s ON true
        JOIN decisions_entry e ON e.subject_id = s.member
        WHERE e.ended_on IS NULL AND NOT e.suspended""",
        {"subjects": list(subjects)},
    )
    for subject, list_id, kind in rows.fetchall():
        found[subject][list_id] = kind
    return found


def reached(cursor: Cursor[Any], rule: Expression, today: date) -> list[int]:
    """Every subject for whom the rule holds, or for whom the records alone can't tell, in one scan.

    Whoever has no record of the items that the rule looks at isn't among them.
    """
    asked = sql(rule, today, relation=relation(rule, today))
    rows = cursor.execute(
        f"SELECT subject_id FROM ({asked.text}) q WHERE holds IS NOT false ORDER BY 1".encode(), asked.values
    )
    return [subject for (subject,) in rows.fetchall()]


def untold(listing: Listing) -> tuple[Fact, ...]:
    """The facts that the list's rule asks for and nobody tells: a person proves them, none is found by it."""
    if listing.qualifies is None or FACT_SOURCES:
        return ()
    return tuple(named_facts()[id] for id in facts(listing.qualifies))


def turned_by_time(listing: Listing) -> bool:
    """Whether somebody may come to qualify without a new record: a period without bad records runs out."""
    rule = listing.qualifies
    return rule is not None and any(
        isinstance(one, Records) and not one.least and one.within is not None for one in walk(rule)
    )


# --- what is left out ---------------------------------------------------------------------------------------


def _kinds(cursor: Cursor[Any], subjects: Collection[int]) -> dict[int, tuple[str, str | None]]:
    """Kind and region of subjects that weren't merged into others."""
    rows = cursor.execute(
        "SELECT id, kind, region FROM registry_subject WHERE id = ANY(%s) AND merged_into_id IS NULL",
        [list(subjects)],
    )
    return {id: (kind, region) for id, kind, region in rows.fetchall()}


@dataclass(frozen=True)
class _Qualified:
    """A subject for whom a list's rule holds, and because of what."""

    subject: int
    region: str | None
    listing: Listing
    held: _Evidence


def _new(
    cursor: Cursor[Any], qualified: Sequence[_Qualified], judges: Mapping[str, Judge]
) -> Iterator[Candidate]:
    if not qualified:
        return
    subjects = list({one.subject for one in qualified})
    lists_on = standing_on(cursor, subjects)
    earlier: dict[str, set[int]] = defaultdict(set)
    opened: set[str] = set()
    for about, closed, record in cursor.execute(
        """SELECT k.key, k.closed_on IS NOT NULL, c.record FROM cases_case k
        LEFT JOIN cases_cited c ON c.case_id = k.id
        WHERE k.subject_id = ANY(%s) AND k.procedure IN ('listing', 'red_listing')""",
        [subjects],
    ).fetchall():
        if not closed:
            opened.add(about)
        earlier[about].add(record)
    for one in qualified:
        about = key(one.listing.id, one.subject)
        if about in opened or one.listing.id in lists_on.get(one.subject, {}):
            continue
        held = one.held
        finding = judges[one.listing.id].finding(held.records, held.facts, held.listed)
        if about not in earlier or not set(finding.cited) <= earlier[about]:
            yield Candidate(one.subject, one.region, one.listing, finding)


def _can_be_told(one: Listing) -> bool:
    """Whether anybody can be found to qualify: a fact that nobody supplies leaves it open."""
    return bool(FACT_SOURCES) or one.qualifies is None or not facts(one.qualifies)


def _asks_class(rule: Expression) -> bool:
    return any(isinstance(one, Test) and one.field == SEVERITY for one in walk(rule))


def _fitting(cited: Iterable[int]) -> tuple[int, ...]:
    """The newest of the records, as many as a case is opened with."""
    kept: list[int] = []
    length = 0
    for one in sorted(cited, reverse=True)[:RECORDS_AT_MOST]:
        length += len(str(one)) + 1
        if length > LONGEST_RECORDS:
            break
        kept.append(one)
    return tuple(sorted(kept))
