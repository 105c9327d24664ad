"""Every consequence for a subject explains itself: measure ← decision ← rule (law, article) ← records.

A consequence is an entry in a list, a measure that follows from it, or the publication of dishonest
information. It lasts as long as what it rests on: what was withdrawn, ended or suspended has none, and what
the public sees of entries is what `decisions.shown` lets it see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chengxin.archive.shown import published
from chengxin.database import reading
from chengxin.decisions.lasting import outlives, until
from chengxin.decisions.shown import carried
from chengxin.measures.publications import number_of, publications
from chengxin.measures.shape import Consequence, after, consequence, record
from chengxin.measures.wording import in_words
from chengxin.rulebook import lists
from chengxin.rulebook.measures import ENDS, Measure, measure

_MEMBER = "SELECT id FROM registry_subject WHERE id = %s::bigint OR merged_into_id = %s::bigint"
_NATURAL = "SELECT 1 FROM registry_subject WHERE id = %s::bigint AND kind = 'natural_person'"

# The number of the paper on which the case `c` was decided here.
_PAPER = """(SELECT d.number FROM cases_document d WHERE d.case_id = c.id
        AND d.kind IN ('listing_decision', 'red_decision') ORDER BY d.id DESC LIMIT 1)"""
# What is decided by a case, for entries that stand and for those whose measures outlive them.
_ENTRIES = f"""
WITH member AS MATERIALIZED ({_MEMBER})
SELECT e.case_id, e.list, e.kind, e.law, e.article, e.published_on, e.until, e.earliest_end, e.ended_on,
    e.ended_by, c.procedure, c.state, e.public,
    {_PAPER},
    (SELECT s.id FROM cases_step s WHERE s.case_id = e.case_id
        ORDER BY s.step = 'decide_entry' DESC, s.number LIMIT 1),
    {carried("e", "c", "%s::date")}
FROM member m JOIN decisions_entry e ON e.subject_id = m.id JOIN cases_case c ON c.id = e.case_id
WHERE NOT e.suspended AND (e.public OR %s::boolean)
ORDER BY e.published_on, e.case_id"""
_TASKS = """
SELECT c.parent_id, c.rule, c.id, c.state, c.opened_on, o.id, o.name
FROM cases_case c JOIN accounts_organisation o ON o.id = c.organisation_id
WHERE c.parent_id = ANY(%s::bigint[]) AND c.procedure = 'measure' AND c.closed_on IS NULL
  AND c.state <> 'lifting'
ORDER BY c.rule, c.id"""
# What a decision cites, as it reads now: what corrects it stands for it, however often that happened.
_CITED = f"""
WITH RECURSIVE line AS (
    SELECT x.case_id, x.record AS id FROM cases_cited x WHERE x.case_id = ANY(%s::bigint[])
    UNION
    SELECT b.case_id, l.id FROM line b CROSS JOIN LATERAL (
        SELECT r.id FROM archive_record r WHERE r.refers_to_id = b.id OFFSET 0) l
)
SELECT b.case_id, r.id, o.name, r.item, r.payload, {published("r", "%s::date")}
FROM line b JOIN archive_record r ON r.id = b.id JOIN accounts_organisation o ON o.id = r.source_id
WHERE r.operation <> 'withdrawal'
  AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id OFFSET 0)
ORDER BY b.case_id, r.id"""

_NUMBER = f"""
SELECT {_PAPER}, r.item, r.payload
FROM cases_case c
LEFT JOIN LATERAL (SELECT r.item, r.payload FROM cases_cited x JOIN archive_record r ON r.id = x.record
    WHERE x.case_id = c.id AND c.procedure = 'imported' ORDER BY x.record LIMIT 1) r ON true
WHERE c.id = %s::bigint"""


@dataclass(frozen=True)
class Entry:
    """An entry in a list with the decision on it; `leaf`: the step by which it was decided.

    carried  something is left of what it rests on (`decisions.shown`); else it has no effect for now
    """

    case: int
    list: str
    kind: str
    law: str
    article: str
    published: date
    until: date | None
    earliest_end: date | None
    ended: date | None
    ended_by: str | None
    procedure: str
    state: str
    public: bool
    number: str | None
    leaf: int
    carried: bool

    def stands(self, today: date) -> bool:
        """Whether it is in force on the day."""
        return self.ended is None and (self.until is None or today <= self.until)


@dataclass(frozen=True)
class Cited:
    """A record on which a decision rests."""

    id: int
    source: str
    item: str
    payload: str
    public: bool

    def told(self) -> Consequence:
        """As it stands in an explanation."""
        return record(self.id, self.source, self.item, number_of(self.item, self.payload), public=self.public)


@dataclass(frozen=True)
class Task:
    """A measure as one actor has it to carry out."""

    id: int
    state: str
    since: date
    actor: int
    name: str


def consequences_of(subject_id: int, today: date, *, public: bool = True) -> list[Consequence]:
    """What follows for a subject today, each with why, what ends it, and when at the earliest.

    subject_id  number in the registry; all that were merged into it count as it
    public      only what anybody may see: nothing on natural persons, nothing that isn't published

    Each is {"kind": list | measure | publication, "since", "until", "because": {"decision", "rule", "law",
    "article", "records": [{"id", "source", …}]}, "ends_when", "earliest_end", …}; days in ISO, None where
    open. Lists come first, each with its measures, then publications.
    """
    if public and is_natural(subject_id):
        return []
    rows = reading.rows(_ENTRIES, [subject_id, subject_id, today, not public])
    entries = [one for one in (Entry(*row) for row in rows) if one.carried or not public]
    cited, tasks = _cited(entries, today), _tasks(entries)
    found: list[Consequence] = []
    told: set[int] = set()
    for entry in entries:
        records = cited[entry.case]
        if entry.stands(today):
            found.append(_listed(entry, records))
            if entry.procedure == "imported":
                told.update(one.id for one in records)
        for id, of_measure in tasks.get(entry.case, {}).items() if entry.carried else ():
            one = measure(id)
            if lasts(one, entry, today):
                found.append(measured(one, entry, records, of_measure, today))
    found += [
        one for one in publications(subject_id, today) if one["because"]["records"][0]["id"] not in told
    ]
    for one_told in found:
        if public:  # what a single actor did is between it and those who oversee it
            one_told.pop("actors", None)
        one_told["words_zh"], one_told["words_en"] = in_words(one_told)
    return found


def lasts(one: Measure, entry: Entry, today: date) -> bool:
    """Whether a measure of an entry is in force on a day, whatever the nightly run has come to."""
    if not entry.stands(today):
        return outlives(one, entry.published, entry.ended_by, today)
    last = until(one, entry.published, entry.until)
    return last is None or today <= last


def is_natural(subject_id: int) -> bool:
    """Whether a subject is a natural person, on whom nothing is told to the public."""
    return reading.row(_NATURAL, [subject_id]) is not None


def entries_of(subject_id: int, today: date) -> list[tuple[Entry, list[Cited]]]:
    """The entries in force of a subject, those that aren't public included, with what carries them."""
    rows = reading.rows(_ENTRIES, [subject_id, subject_id, today, True])
    entries = [one for one in (Entry(*row) for row in rows) if one.carried and one.stands(today)]
    cited = _cited(entries, today)
    return [(one, cited[one.case]) for one in entries]


def decision_number(case: int) -> str:
    """The number of the decision of a case: as it stands on its paper, else in the record that reports it."""
    row = reading.row(_NUMBER, [case])
    if row is None:
        return str(case)
    paper, item, payload = row
    return str(paper or (number_of(item, payload) if item else "") or case)


def _cited(entries: Sequence[Entry], today: date) -> dict[int, list[Cited]]:
    found: dict[int, list[Cited]] = defaultdict(list)
    if entries:
        for case, *told in reading.rows(_CITED, [[one.case for one in entries], *[today] * 3]):
            found[case].append(Cited(*told))
    return found


def _tasks(entries: Sequence[Entry]) -> Mapping[int, dict[str, list[Task]]]:
    """The tasks that are under way or done, by decision and measure."""
    found: dict[int, dict[str, list[Task]]] = defaultdict(lambda: defaultdict(list))
    if entries:
        for case, rule, *task in reading.rows(_TASKS, [[one.case for one in entries]]):
            found[case][rule].append(Task(*task))
    return found


def _facts(entry: Entry, records: Iterable[Cited]) -> Consequence:
    """What the consequences of an entry have in common: the decision, its rule and its records."""
    listing = _listing(entry)
    cited = list(records)
    said = [number_of(one.item, one.payload) for one in cited] if entry.procedure == "imported" else []
    return {
        "because": {
            "decision": entry.number or next(filter(None, said), str(entry.case)),
            "rule": entry.list,
            "law": entry.law,
            "article": entry.article,
            "records": [one.told() for one in cited],
        },
        "list": entry.list,
        "list_kind": entry.kind,
        "list_name_zh": listing.name_zh if listing else entry.list,
        "list_name_en": listing.name_en if listing else entry.list,
        "case": entry.case,
        "decided_leaf": entry.leaf,
        "public": entry.public,
    }


def _listed(entry: Entry, records: Iterable[Cited]) -> Consequence:
    facts = _facts(entry, records)
    listing = _listing(entry)
    return consequence(
        "list",
        facts,
        since=entry.published,
        until=entry.until,
        ends=(listing.ends_when_zh, listing.ends_when_en) if listing else ENDS["entry"],
        earliest=entry.earliest_end or after(entry.until),
        name_zh=facts["list_name_zh"],
        name_en=facts["list_name_en"],
        rule_zh=listing.qualifies_text if listing else "",
        rule_en=listing.qualifies_text if listing else "",
        state=entry.state,
    )


def measured(
    one: Measure, entry: Entry, records: Iterable[Cited], tasks: Sequence[Task], today: date
) -> Consequence:
    """A measure as the consequence of an entry; without tasks nobody was told to carry it out yet."""
    since = min((task.since for task in tasks), default=entry.published)
    last = until(one, entry.published, entry.until)
    facts = _facts(entry, records)
    basis = next(iter(one.grounds(since, entry.list)), None) or next(
        iter(one.grounds(today, entry.list)), None
    )
    if basis is not None:
        facts["because"] |= {"law": basis.law, "article": basis.article}
    return consequence(
        "measure",
        facts,
        since=since,
        until=last,
        ends=one.ends,
        earliest=(None if one.outlives else entry.earliest_end) or after(last),
        name_zh=one.name_zh,
        name_en=one.name_en,
        measure=one.id,
        measure_kind=one.kind,
        admission=one.admission,
        actor_kind=one.actor,
        effect_zh=one.effect_zh,
        effect_en=one.effect_en,
        carried_out=any(task.state == "executed" for task in tasks),
        actors=[{"name": task.name, "state": task.state, "task": task.id} for task in tasks],
        state="in_force",
    )


def _listing(entry: Entry) -> lists.Listing | None:
    try:
        return lists.listing(entry.list, entry.published)
    except LookupError:
        return None
