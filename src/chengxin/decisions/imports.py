"""Entries that courts, tax, customs and others decided: taken over from the records that report them.

One entry a list and subject: of several records the one that lasts longest counts. Once its entry has ended
the others are looked at again. Whoever stands on a black list is not taken over onto a red list of our own:
by its rule whoever is listed there leaves it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Cursor

from chengxin.accounts.permissions import PROVINCE
from chengxin.archive.belonging import in_slices
from chengxin.cases.actions import Opening
from chengxin.decisions.candidates import AT_ONCE
from chengxin.decisions.conditions import grounds
from chengxin.decisions.entries import Source, source_end, stands_until
from chengxin.decisions.standing import Held, records_of
from chengxin.rulebook import catalogue
from chengxin.rulebook.lists import Import, Listing, listing, lists
from chengxin.rulebook.qualifying import evaluate


@dataclass(frozen=True)
class Imported:
    """A record that is an entry decided elsewhere; `until`: the last day it stands, None where open."""

    listing: Listing
    record: Held
    until: date | None

    def opening(self, region: str | None, source: str) -> Opening:
        """The case to open for it."""
        item = catalogue.item(self.record.item, self.record.on if _known(self.record) else None)
        return Opening(
            "imported", f"import:{self.listing.id}:R{self.record.id}", self.record.subject, self.record.on,
            rule=self.listing.id, region=region or PROVINCE, organisation=self.record.source,
            facts={"reason": f"{source}于{self.record.on}认定，按“{item.name_zh}”报送"},
            records=(self.record.id,),
        )  # fmt: skip


def import_items(today: date) -> tuple[str, ...]:
    """The items of the catalogue whose records may be entries decided elsewhere."""
    return tuple(dict.fromkeys(one.item for rule in lists(today) for one in rule.imports))


def find(cursor: Cursor[Any], subjects: Collection[int], today: date) -> Iterator[Opening]:
    """The entries to take over for subjects (numbers that stand for all merged)."""
    wanted = [(rule, one) for rule in lists(today) for one in rule.imports]
    for part in in_slices(list(subjects), AT_ONCE):
        records = records_of(cursor, part, import_items(today), today)
        if not records:
            continue
        taken, black = _standing(cursor, records)
        kinds = _subjects(cursor, records)
        best: dict[tuple[str, int], Imported] = {}
        for subject, mine in records.items():
            for rule, one in wanted:
                if (rule.id, subject) in taken or kinds.get(subject, ("", None))[0] not in rule.subjects:
                    continue
                for record in mine:
                    found = entry_of(rule, one, record, today)
                    if found is not None:
                        about = rule.id, subject
                        best[about] = max(filter(None, (best.get(about), found)), key=_lasting)
        names = _names(cursor, {one.record.source for one in best.values()})
        black |= {subject for (_, subject), one in best.items() if one.listing.kind == "black"}
        for entry in best.values():
            if entry.listing.procedure == "red_listing" and entry.record.subject in black:
                continue
            yield entry.opening(kinds[entry.record.subject][1], names.get(entry.record.source, ""))


def entry_of(rule: Listing, entry: Import, record: Held, today: date) -> Imported | None:
    """A record as an entry in the list today; None where it is none, or is over.

    The rule and the law in force on the record's own day decide; where there was none, there is no entry.
    """
    if record.item != entry.item or record.on > today:
        return None
    item = catalogue.item(record.item)
    if not catalogue.holds(item, entry.when, record.payload):
        return None
    ours = rule.qualifies if rule.procedure == "imported" else None
    if ours is not None and not evaluate(ours, [record.as_record(with_class=False)], today).holds:
        return None
    try:
        then = listing(rule.id, record.on)
        source = Source(record.publish_from or record.on, source_end(entry, record.payload))
        until, _ = stands_until(then, record.on, today, source)
    except (LookupError, ValueError):
        return None
    if not grounds(then, record.on) or (until is not None and until < today):
        return None
    return Imported(rule, record, until)


def _lasting(one: Imported) -> tuple[date, int]:
    return one.until or date.max, one.record.id


def _known(record: Held) -> bool:
    try:
        catalogue.item(record.item, record.on)
    except LookupError:
        return False
    return True


def _standing(cursor: Cursor[Any], subjects: Collection[int]) -> tuple[set[tuple[str, int]], set[int]]:
    """Lists and subjects with an entry, suspended ones included; those who stand on a black list."""
    rows = cursor.execute(
        "SELECT list, subject_id, kind FROM decisions_entry WHERE subject_id = ANY(%s) AND ended_on IS NULL",
        [list(subjects)],
    ).fetchall()
    return {row[:2] for row in rows}, {subject for _, subject, kind in rows if kind == "black"}


def _subjects(cursor: Cursor[Any], subjects: Collection[int]) -> dict[int, tuple[str, str | None]]:
    rows = cursor.execute(
        "SELECT id, kind, region FROM registry_subject WHERE id = ANY(%s)", [list(subjects)]
    )
    return {id: (kind, region) for id, kind, region in rows.fetchall()}


def _names(cursor: Cursor[Any], organisations: Collection[int]) -> dict[int, str]:
    rows = cursor.execute(
        "SELECT id, name FROM accounts_organisation WHERE id = ANY(%s)", [list(organisations)]
    )
    return dict(rows.fetchall())
