"""What if: a drafted rule asked of the whole archive, before anyone enacts it; nothing is written.

Compared are those who qualify today by the rule in force and by the draft, and the entries that stand:
whoever is on the list would leave it where the draft wouldn't have listed them on the day of their decision.
Facts that the archive doesn't hold count where a source knows them; what can't be told lists nobody.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from typing import Any

from psycopg import Cursor

from chengxin.archive.belonging import in_slices
from chengxin.decisions.candidates import AT_ONCE, judged, reached
from chengxin.kernel.masking import mask_personal
from chengxin.ledger.actions import raw_cursor
from chengxin.registry.queries import code_of
from chengxin.rulebook.lists import Listing, listing
from chengxin.rulebook.qualifying import Finding, evaluate
from chengxin.rulebook.qualifying.wording import words

Progress = Callable[[str, int, float], None]
COLUMNS = ("change", "now", "code", "name", "kind", "region", "records", "why_zh", "why_en")


@dataclass(frozen=True)
class Record:
    """A record because of which somebody would move."""

    id: int
    item: str
    on: date
    source: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"id": self.id, "item": self.item, "date": self.on.isoformat(), "source": self.source}


@dataclass(frozen=True)
class Mover:
    """A subject that would enter or leave; `now`: entry, qualifies or neither.

    records  those because of which it would enter, or qualified until now
    """

    subject: int
    code: str
    name: str
    kind: str
    region: str | None
    now: str
    records: tuple[Record, ...]
    why: tuple[tuple[str, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "code": self.code, "name": self.name, "kind": self.kind, "region": self.region, "now": self.now,
            "records": [one.as_dict() for one in self.records], "why_zh": [zh for zh, _ in self.why],
            "why_en": [en for _, en in self.why],
        }  # fmt: skip


@dataclass(frozen=True)
class Moves:
    """Those who would move one way: how many by region and kind, and as many of them as were asked for."""

    count: int
    by_region: Mapping[str, int]
    by_kind: Mapping[str, int]
    subjects: tuple[Mover, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "count": self.count, "by_region": dict(self.by_region), "by_kind": dict(self.by_kind),
            "subjects": [one.as_dict() for one in self.subjects],
        }  # fmt: skip


@dataclass(frozen=True)
class Simulation:
    """A draft against the list with the same id.

    now, then   how many qualify by the rule in force and by the draft; entries: how many stand on the list
    open_ended  whether the draft lists whoever has no record at all: those aren't counted
    """

    draft: Listing
    on: date
    now: int
    then: int
    entries: int
    enter: Moves
    leave: Moves
    open_ended: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        rule = self.draft.qualifies
        return {
            "list": self.draft.id, "name_zh": self.draft.name_zh, "name_en": self.draft.name_en,
            "on": self.on.isoformat(), "rule_zh": words(rule, "zh") if rule else "",
            "rule_en": words(rule, "en") if rule else "", "qualify_now": self.now, "qualify_then": self.then,
            "entries": self.entries, "open_ended": self.open_ended, "enter": self.enter.as_dict(),
            "leave": self.leave.as_dict(),
        }  # fmt: skip

    def as_csv(self) -> str:
        """Everyone who was asked for, a line each."""
        lines = StringIO()
        writer = csv.writer(lines)
        writer.writerow(COLUMNS)
        for change, moves in (("enter", self.enter), ("leave", self.leave)):
            for one in moves.subjects:
                cited = " ".join(str(record.id) for record in one.records)
                zh, en = "；".join(zh for zh, _ in one.why), "; ".join(en for _, en in one.why)
                writer.writerow(
                    [change, one.now, one.code, one.name, one.kind, one.region or "", cited, zh, en]
                )
        return lines.getvalue()


@dataclass
class _Moving:
    """Those who move one way, with the records because of which."""

    found: dict[int, tuple[str, Finding]] = field(default_factory=dict)


def simulate(
    draft: Listing, today: date, *, limit: int = 100, progress: Progress | None = None
) -> Simulation:
    """Ask the whole archive by a draft and by the rule of the list in force today; `limit`: subjects told of.

    Two scans of the archive, and those whom either rule may reach are judged one by one. Personal names are
    masked. A list that isn't there yet has nobody on it.
    """
    cursor = raw_cursor()
    present = _in_force(draft.id, today)
    standing = _entries(cursor, draft.id)
    reach = set(standing)
    for at, rule in enumerate((draft, present)):
        if rule is not None and rule.qualifies is not None:
            reach |= set(reached(cursor, rule.qualifies, today))
        if progress:
            progress("scanned", len(reach), (at + 1) / 4)
    enter, leave = _Moving(), _Moving()
    now = then = 0
    for subject, before, after, kind in _both(cursor, reach, (present, draft), today):
        was = before is not None and bool(before.holds) and kind in (present.subjects if present else ())
        will = bool(after.holds) and kind in draft.subjects
        now, then = now + was, then + will
        if subject in standing:
            continue
        if will and not was:
            enter.found[subject] = "neither", after
        if was and not will and before is not None:
            leave.found[subject] = "qualifies", before
    for subject, finding in _no_longer(cursor, standing, draft, today):
        leave.found[subject] = "entry", finding
    asked = draft.qualifies
    return Simulation(
        draft, today, now, then, len(standing), _moves(cursor, enter, limit), _moves(cursor, leave, limit),
        asked is not None and evaluate(asked, (), today, {}, {}).holds is True,
    )  # fmt: skip


def _in_force(id: str, today: date) -> Listing | None:
    try:
        return listing(id, today)
    except LookupError:
        return None


def _entries(cursor: Cursor[Any], id: str) -> dict[int, date]:
    """Subjects on the list by a decision made here, with its day; others follow rules of their own."""
    rows = cursor.execute(
        """SELECT coalesce(s.merged_into_id, s.id), min(e.decided_on) FROM decisions_entry e
        JOIN registry_subject s ON s.id = e.subject_id JOIN cases_case k ON k.id = e.case_id
        WHERE e.list = %s AND e.ended_on IS NULL AND k.procedure <> 'imported' GROUP BY 1""",
        [id],
    )
    return dict(rows.fetchall())


def _both(
    cursor: Cursor[Any], reach: Collection[int], rules: tuple[Listing | None, Listing], today: date
) -> Iterator[tuple[int, Finding | None, Finding, str]]:
    present, draft = rules
    nothing = Finding(False, (), ())
    for part in in_slices(list(reach), AT_ONCE):
        kinds = dict(
            cursor.execute("SELECT id, kind FROM registry_subject WHERE id = ANY(%s)", [part]).fetchall()
        )
        before = judged(cursor, [present], part, today)[present.id] if present else {}
        after = judged(cursor, [draft], part, today)[draft.id]
        for subject in part:
            yield subject, before.get(subject), after.get(subject, nothing), kinds.get(subject, "")


def _no_longer(
    cursor: Cursor[Any], standing: Mapping[int, date], draft: Listing, today: date
) -> Iterator[tuple[int, Finding]]:
    """Those on the list whom the draft would not have listed on the day of their decision."""
    by_day: dict[date, list[int]] = {}
    for subject, day in standing.items():
        by_day.setdefault(day, []).append(subject)
    for day, subjects in by_day.items():
        for subject, finding in judged(cursor, [draft], subjects, today, on=day)[draft.id].items():
            if finding.holds is False or (finding.holds is None and draft.kind != "red"):
                yield subject, finding


def _moves(cursor: Cursor[Any], moving: _Moving, limit: int) -> Moves:
    by_region: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    shown: list[Mover] = []
    for part in in_slices(list(moving.found), AT_ONCE):
        rows = cursor.execute(
            f"""SELECT c.id, {code_of("c")}, c.name, c.kind, c.region FROM registry_subject c
            WHERE c.id = ANY(%s) ORDER BY c.id""".encode(),
            [part],
        )
        for id, code, name, kind, region in rows.fetchall():
            by_region[_city(region)] += 1
            by_kind[kind] += 1
            if len(shown) < limit:
                now, finding = moving.found[id]
                told = mask_personal("person", name) if kind == "natural_person" else name
                why = tuple((one.zh, one.en) for one in finding.reasons)
                shown.append(Mover(id, code, told, kind, region, now, _records(cursor, finding.cited), why))
    return Moves(
        len(moving.found), dict(sorted(by_region.items())), dict(sorted(by_kind.items())), tuple(shown)
    )


def _records(cursor: Cursor[Any], ids: Collection[int]) -> tuple[Record, ...]:
    rows = cursor.execute(
        "SELECT r.id, r.item, r.date, o.name FROM archive_record r "
        "JOIN accounts_organisation o ON o.id = r.source_id WHERE r.id = ANY(%s) ORDER BY r.id",
        [list(ids)],
    )
    return tuple(Record(*row) for row in rows.fetchall())


def _city(region: str | None) -> str:
    """The city of a region, "" where it isn't known."""
    return f"{region[:4]}00" if region else ""
