"""The entries in lists that the public sees today: a page of a list, one, those of subjects, how many.

One statement a question, through the read-only connection. A natural person's entry is never among them. An
entry of a subject that was merged into another is shown as the other's. A list is paged by the number of the
decision, the newest first, along the index of what is shown: it is asked for as a range in the order of both,
so that PostgreSQL can't walk the primary key instead, through all entries for a list that holds few.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chengxin.database import reading
from chengxin.decisions.shown import published
from chengxin.kernel.personal import masked
from chengxin.measures.publications import number_of
from chengxin.registry.names import normalise_name
from chengxin.registry.queries import code_of, locate
from chengxin.rulebook.lists import Listing, listing

NEWEST = 2**63 - 1
COUNTED = 5_000
"""Entries of one list that are counted on pages of lists; of more it is said that there are more."""

_COLUMNS = f"""e.case_id, e.list, e.kind, e.law, e.article, e.decided_on, e.published_on, e.until,
    e.earliest_end, k.state, k.procedure, c.id, {code_of("c")}, c.name, c.kind, c.region,
    (SELECT d.number FROM cases_document d WHERE d.case_id = e.case_id
        AND d.kind IN ('listing_decision', 'red_decision') ORDER BY d.id DESC LIMIT 1),
    t.item, t.payload"""
_JOINED = """
    CROSS JOIN LATERAL (SELECT * FROM cases_case k WHERE k.id = e.case_id OFFSET 0) k
    CROSS JOIN LATERAL (SELECT * FROM registry_subject s WHERE s.id = e.subject_id OFFSET 0) s
    CROSS JOIN LATERAL (
        SELECT * FROM registry_subject c WHERE c.id = coalesce(s.merged_into_id, s.id) OFFSET 0) c"""
_TOLD = """
    LEFT JOIN LATERAL (SELECT r.item, r.payload FROM cases_cited x JOIN archive_record r ON r.id = x.record
        WHERE x.case_id = e.case_id AND k.procedure = 'imported' ORDER BY x.record LIMIT 1) t ON true"""
_PUBLIC = f"""{published("e", "k", "q.today")}
    AND s.kind <> 'natural_person' AND c.kind <> 'natural_person'"""
_Q = "(SELECT %s::date AS today) q"

_PAGE = f"""
SELECT {_COLUMNS} FROM {_Q} CROSS JOIN decisions_entry e {_JOINED} {_TOLD}
WHERE e.list BETWEEN %s::text AND %s::text AND e.case_id < %s::bigint AND {_PUBLIC} {{narrowed}}
ORDER BY e.list, e.case_id DESC LIMIT %s::int"""
_CASES = f"""
SELECT {_COLUMNS} FROM {_Q} CROSS JOIN unnest(%s::bigint[]) w(id)
CROSS JOIN LATERAL (SELECT * FROM decisions_entry e WHERE e.case_id = w.id OFFSET 0) e {_JOINED} {_TOLD}
WHERE {_PUBLIC} ORDER BY e.case_id DESC"""
_SUBJECTS = f"""
SELECT w.id, {_COLUMNS} FROM {_Q} CROSS JOIN ({{wanted}}) w(id)
CROSS JOIN LATERAL (
    SELECT w.id UNION ALL SELECT m.id FROM registry_subject m WHERE m.merged_into_id = w.id) g(member)
CROSS JOIN LATERAL (SELECT * FROM decisions_entry e WHERE e.subject_id = g.member OFFSET 0) e
    {_JOINED} {_TOLD}
WHERE {_PUBLIC} ORDER BY e.case_id DESC"""
_NEWEST = f"""
SELECT n.* FROM {_Q} CROSS JOIN unnest(%s::text[]) l(id) CROSS JOIN LATERAL (
    SELECT {_COLUMNS} FROM decisions_entry e {_JOINED} {_TOLD}
    WHERE e.list BETWEEN l.id AND l.id AND {_PUBLIC} ORDER BY e.list, e.case_id DESC LIMIT %s::int) n
ORDER BY 1 DESC LIMIT %s::int"""
_COUNTS = f"""
SELECT l.id, (SELECT count(*) FROM (
    SELECT FROM decisions_entry e {_JOINED} WHERE e.list BETWEEN l.id AND l.id AND {_PUBLIC}
    ORDER BY e.list, e.case_id DESC LIMIT %s::int) n)
FROM {_Q} CROSS JOIN unnest(%s::text[]) l(id)"""
_ONCE = """
SELECT e.public AND s.kind <> 'natural_person' AND c.kind <> 'natural_person'
FROM decisions_entry e JOIN registry_subject s ON s.id = e.subject_id
JOIN registry_subject c ON c.id = coalesce(s.merged_into_id, s.id)
WHERE e.case_id = %s::bigint"""


@dataclass(frozen=True)
class Shown:
    """An entry as the public sees it. `subject`: its number; `decision`: the number of the decision on it.

    since, until  the first and the last day on which it is shown, both included; None: no fixed last day
    questioned    its records have changed since, and an official is looking at it
    """

    case: int
    list: str
    kind: str
    law: str
    article: str
    decided_on: date
    since: date
    until: date | None
    earliest_end: date | None
    questioned: bool
    imported: bool
    subject: int
    code: str
    name: str
    subject_kind: str
    region: str | None
    decision: str

    @property
    def url(self) -> str:
        """The page of the decision."""
        return f"/decisions/{self.case}"

    @property
    def rule(self) -> Listing:
        """The list by the rules of its publication."""
        return rule_of(self.list, self.since)


@dataclass(frozen=True)
class Page:
    """Some entries of a list, the newest first; `next`: the `after` of the following page."""

    entries: tuple[Shown, ...]
    next: int | None


def page(
    list_id: str, today: date, after: int | None = None, limit: int = 50, *, q: str = "", region: str = ""
) -> Page:
    """A page of a list's entries: those before number `after`, narrowed to a code or part of a name (`q`) and
    to a region (the beginning of its GB/T 2260 code)."""
    narrowed, values = _narrowed(q, region)
    before = NEWEST if after is None else after
    rows = reading.rows(
        _PAGE.format(narrowed=narrowed), [today, list_id, list_id, before, *values, limit + 1]
    )
    entries = tuple(_shown(row) for row in rows[:limit])
    return Page(entries, entries[-1].case if len(rows) > limit else None)


def everything(list_id: str, today: date, at_once: int = 1_000) -> Iterator[Shown]:
    """All entries of a list, a page at a time: as they stand when their page is read."""
    after: int | None = None
    while True:
        part = page(list_id, today, after, at_once)
        yield from part.entries
        after = part.next
        if after is None:
            return


def one(case: int, today: date) -> Shown | None:
    """The entry of a decision, None where the public doesn't see it today."""
    found = several([case], today)
    return found.get(case)


def several(cases: Sequence[int], today: date) -> dict[int, Shown]:
    """Those of these decisions that the public sees today, by number."""
    if not cases:
        return {}
    return {row[0]: _shown(row) for row in reading.rows(_CASES, [today, list(cases)])}


def standing(subjects: Sequence[int], today: date) -> Mapping[int, Sequence[Shown]]:
    """The entries of subjects (canonical numbers), each its own, the newest first; one statement for all."""
    found: dict[int, list[Shown]] = defaultdict(list)
    if subjects:
        sql = _SUBJECTS.format(wanted="SELECT unnest(%s::bigint[])")
        for subject, *row in reading.rows(sql, [today, list(subjects)]):
            found[subject].append(_shown(row))
    return found


def of_code(code: str, today: date) -> list[Shown]:
    """The entries of the subject that a public code names."""
    sql, values = locate(code)
    rows = reading.rows(_SUBJECTS.format(wanted=sql), [today, *values])
    return [_shown(row[1:]) for row in rows]


def newest(list_ids: Sequence[str], today: date, most: int) -> list[Shown]:
    """The newest entries of some lists together."""
    return [_shown(row) for row in reading.rows(_NEWEST, [today, list(list_ids), most, most])]


def counts(list_ids: Sequence[str], today: date, most: int = COUNTED) -> dict[str, int]:
    """How many entries each list shows today; `most` + 1 where there are more than are counted."""
    return dict(reading.rows(_COUNTS, [most + 1, today, list(list_ids)]))


def once_public(case: int) -> bool:
    """Whether a decision was open to the public at some time: its page is gone, not unknown."""
    found = reading.row(_ONCE, [case])
    return bool(found and found[0])


def rule_of(list_id: str, on: date) -> Listing:
    """A list by the rules of a day, else by the newest ones; LookupError for an unknown list."""
    try:
        return listing(list_id, on)
    except LookupError:
        return listing(list_id)


def _narrowed(q: str, region: str) -> tuple[str, list[Any]]:
    sql, values = "", []
    text = " ".join(q.split())
    if text:
        by_code, codes = locate(text)
        sql += f" AND (c.id = ({by_code}) OR position(%s::text in c.normalised) > 0)"
        values += [*codes, normalise_name(text) or text]
    if re.fullmatch("[0-9]{2,6}", region, re.ASCII):
        sql += " AND left(c.region, %s::int) = %s::text"
        values += [len(region), region]
    return sql, values


def _shown(row: Sequence[Any]) -> Shown:
    (
        case, list_id, kind, law, article, decided_on, since, until, earliest_end, state, procedure, subject,
        code, name, subject_kind, region, number, item, payload,
    ) = row  # fmt: skip
    said = number or (number_of(item, payload) if item else "") or str(case)
    return Shown(
        case, list_id, kind, law, article, decided_on, since, until, earliest_end, state == "questioned",
        procedure == "imported", subject, code, masked(name), subject_kind, region, masked(said),
    )  # fmt: skip
