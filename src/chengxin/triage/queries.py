"""What can be asked of leads: the queue, one lead, how often the models are right. One statement a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from chengxin.accounts.permissions import PROVINCE, Actor, Reach, prefix
from chengxin.database import reading
from chengxin.triage import calibrating
from chengxin.triage.calibrating import Precision
from chengxin.triage.detectors import detectors
from chengxin.triage.models import Capacity, Lead

READ = "lead.read"
DAILY = 20
"""Leads a day for an office that has set no number."""

Part = tuple[str, list[Any]]


@dataclass(frozen=True)
class Wanted:
    """Which leads are asked for. `state`: one of `rules.STATES`, "waiting" for those that wait for somebody
    to decide, "all", or empty for those on which nothing was decided yet."""

    detector: str = ""
    platform: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Listed:
    """A lead in a list."""

    id: int
    detector: str
    entity: str
    entity_id: str
    name: str
    platform: str
    since: date
    until: date
    score: float
    probability: float
    amount: int | None
    value: float
    members: int
    runs: int
    last_seen: date
    state: str
    due: date | None
    subject: int | None
    subject_name: str | None


_COLUMNS = """l.id, l.detector, l.entity, l.entity_id, l.name, l.platform, l.since, l.until, l.score,
l.probability,
    l.amount, l.value, l.members, l.runs, l.last_seen, l.state, l.due, s.id, s.name"""
_FROM = """
FROM triage_lead l LEFT JOIN registry_subject o ON o.id = l.subject_id
LEFT JOIN registry_subject s ON s.id = coalesce(o.merged_into_id, o.id)"""


def within(reach: Reach) -> Part:
    """SQL over the lead `l` for what somebody may see, with its values."""
    if reach.everything:
        return "TRUE", []
    parts: list[str] = []
    values: list[Any] = []
    for one in reach.regions:
        whole = " OR l.region IS NULL" if one == prefix(PROVINCE) else ""
        parts.append(f"(starts_with(l.region, %s::text){whole})")
        values.append(one)
    if reach.organisations:
        parts.append("l.organisation_id = ANY(%s::bigint[])")
        values.append(list(reach.organisations))
    return (f"({' OR '.join(parts)})", values) if parts else ("FALSE", [])


def _narrowing(wanted: Wanted) -> Iterator[Part]:
    if wanted.detector:
        yield "l.detector = %s::text", [wanted.detector]
    if wanted.platform:
        yield "l.platform = %s::text", [wanted.platform]
    if wanted.state == "waiting":
        yield "l.state IN ('open', 'answered')", []
    elif wanted.state == "all":
        yield "l.state <> 'joined'", []
    elif wanted.state:
        yield "l.state = %s::text", [wanted.state]
    else:
        yield "l.state IN ('open', 'answered', 'asked', 'watching')", []
    if wanted.since:
        yield "l.until >= %s::date", [wanted.since]
    if wanted.until:
        yield "l.since <= %s::date", [wanted.until]


def listed(reach: Reach, wanted: Wanted, after: str | None, most: int) -> list[Listed]:
    """Leads within reach, the most worth looking at first; ValueError where `after` is no place."""
    parts = [within(reach), *_narrowing(wanted)]
    if after is not None:
        worth, _, number = after.partition(".v")
        parts.append(("((l.value * -1), l.id) > (%s::float8, %s::bigint)", [-float(worth), int(number)]))
    statement = (
        f"SELECT {_COLUMNS} {_FROM} WHERE {' AND '.join(sql for sql, _ in parts)} "
        "ORDER BY (l.value * -1), l.id LIMIT %s::bigint"
    )
    values = [value for _, some in parts for value in some]
    return [Listed(*row) for row in reading.rows(statement, [*values, most])]


def place(line: Listed) -> str:
    """Where the list goes on after a line."""
    return f"{line.value!r}.v{line.id}"


def by_number(reach: Reach, after: int, most: int, *, detector: str = "") -> list[int]:
    """Numbers of leads within reach behind a number, the oldest first: for machines, which page by it."""
    sql, values = within(reach)
    narrowed = " AND l.detector = %s::text" if detector else ""
    rows = reading.rows(
        f"SELECT l.id FROM triage_lead l WHERE {sql} AND l.state <> 'joined' AND l.id > %s::bigint{narrowed} "
        "ORDER BY l.id LIMIT %s::bigint",
        [*values, after, *([detector] if detector else []), most],
    )
    return [id for (id,) in rows]


def counts(reach: Reach) -> dict[str, int]:
    """How many leads wait, by model, in the order of the models."""
    sql, values = within(reach)
    rows = reading.rows(
        f"SELECT l.detector, count(*) FROM triage_lead l WHERE l.state IN ('open', 'answered') AND "
        f"{sql} GROUP BY 1",
        values,
    )
    found = dict(rows)
    return {id: found[id] for id in detectors() if id in found}


def platforms(reach: Reach) -> list[str]:
    """The platforms of leads within reach, for the filter."""
    sql, values = within(reach)
    rows = reading.rows(
        f"SELECT DISTINCT l.platform FROM triage_lead l WHERE l.platform <> '' AND {sql} ORDER BY 1 "
        f"LIMIT 200",
        values,
    )
    return [name for (name,) in rows]


@dataclass(frozen=True)
class Day:
    """An office's day: how many leads it can look at, how many it has decided, how many are left to do."""

    capacity: int
    done: int

    @property
    def left(self) -> int:
        """How many more it can look at today."""
        return max(0, self.capacity - self.done)


def day(actor: Actor, today: date) -> Day:
    """The day of the person's office."""
    of = actor.organisation
    if of is None:
        return Day(DAILY, 0)
    kept = Capacity.objects.filter(pk=of).values_list("daily", flat=True).first()
    row = reading.row(
        "SELECT count(DISTINCT lead_id) FROM triage_act WHERE organisation = %s::bigint AND day = %s::date "
        "AND kind IN ('case', 'ask', 'watch', 'false_alarm')",
        [of, today],
    )
    return Day(kept or DAILY, row[0] if row else 0)


# --- one lead -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A member of a lead as it was last reported."""

    entity: str
    entity_id: str
    platform: str
    score: float
    since: date
    until: date
    signals: Sequence[Mapping[str, Any]]
    evidence: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Done:
    """Something that was done with a lead."""

    id: int
    number: int
    kind: str
    from_state: str
    to_state: str
    at: Any
    day: date
    user: int | None
    person: str
    role: str
    said: str

    @property
    def facts(self) -> Mapping[str, str]:
        """What was said with it."""
        found: dict[str, str] = orjson.loads(self.said)
        return found


def lead(id: int) -> Lead | None:
    """One lead; None where there is none of that number."""
    if id >= 2**63:
        return None
    return (
        Lead.objects.filter(pk=id)
        .select_related("subject", "organisation", "case", "first_run", "last_run", "last_run__source")
        .first()
    )


def members(id: int) -> list[Found]:
    """The members of a lead, the strongest first."""
    rows = reading.rows(
        "SELECT entity, entity_id, platform, score, since, until, signals, evidence FROM triage_member "
        "WHERE lead_id = %s::bigint ORDER BY score DESC, entity = 'buyer', entity_id LIMIT 500",
        [id],
    )
    return [Found(*row) for row in rows]


def acts(id: int) -> list[Done]:
    """What was done with a lead, in order."""
    rows = reading.rows(
        'SELECT id, number, kind, from_state, to_state, at, day, "user", person, role, facts FROM triage_act '
        "WHERE lead_id = %s::bigint ORDER BY number",
        [id],
    )
    return [Done(*row) for row in rows]


@dataclass(frozen=True)
class Seen:
    """A run that saw a lead."""

    taken_at: Any
    model: str
    rulebook_on: date
    digest: bytes
    leaf: int
    source: str | None
    score: float
    since: date
    until: date
    members: int


def sightings(id: int) -> list[Seen]:
    """The runs that saw a lead, the newest first."""
    rows = reading.rows(
        "SELECT r.taken_at, r.model, r.rulebook_on, r.digest, r.leaf, o.name, s.score, s.since, "
        "s.until, s.members "
        "FROM triage_sighting s JOIN triage_run r ON r.id = s.run_id "
        "LEFT JOIN accounts_organisation o ON o.id = r.source_id "
        "WHERE s.lead_id = %s::bigint ORDER BY s.run_id DESC LIMIT 50",
        [id],
    )
    return [Seen(*row) for row in rows]


def following(reach: Reach, worth: float, id: int) -> int | None:
    """The next lead that waits, behind one."""
    found = listed(reach, Wanted(state="waiting"), f"{worth!r}.v{id}", 1)
    return found[0].id if found else None


# --- how often the models are right ---------------------------------------------------------------------


def precisions(today: date) -> list[Precision]:
    """How often each model was right in the last months: those of which something was decided."""
    first = date(today.year - 1, today.month, 1) if today.month < 12 else date(today.year, 1, 1)
    rows = reading.rows(
        "SELECT detector, decided_on, hit FROM triage_lead WHERE decided_on >= %s::date "
        "AND detector = ANY(%s::text[]) ORDER BY decided_on",
        [first, list(detectors())],
    )
    decided: dict[str, list[tuple[date, bool]]] = defaultdict(list)
    for detector, on, hit in rows:
        decided[detector].append((on, hit))
    return [calibrating.precision(id, decided[id], today) for id in detectors() if id in decided]


def of_subject(subjects: Sequence[int]) -> list[tuple[int, str, str, date, date | None, str, str]]:
    """What a subject was asked or warned of: (lead, kind, words, day, last day, state, detector)."""
    rows = reading.rows(
        "SELECT l.id, a.kind, a.facts, a.day, l.due, l.state, l.detector FROM triage_lead l JOIN "
        "triage_act a ON a.lead_id = l.id "
        "WHERE l.subject_id = ANY(%s::bigint[]) AND a.kind IN ('ask', 'warn') ORDER BY a.id DESC LIMIT 50",
        [list(subjects)],
    )
    return [
        (lead, kind, orjson.loads(said).get("words", ""), on, due, state, detector)
        for lead, kind, said, on, due, state, detector in rows
    ]
