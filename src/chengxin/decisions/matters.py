"""What an objection or a repair is about: a record or a decision, by the key of its case.

"record:<number>" and "case:<number of the listing case>" (rulebook/data/procedures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import orjson
from django.conf import settings

from chengxin.archive.held import item_of
from chengxin.archive.personal import opened
from chengxin.cases.actions import Opening
from chengxin.cases.models import Case
from chengxin.cases.queries import cited
from chengxin.decisions.conditions import canonical
from chengxin.decisions.models import Entry
from chengxin.kernel.numbers import row_number
from chengxin.ledger.actions import raw_cursor
from chengxin.registry.models import Subject
from chengxin.rulebook import lists
from chengxin.rulebook.catalogue import Item
from chengxin.rulebook.lists import Listing
from chengxin.rulebook.severity import Assessment, assess
from chengxin.rulebook.suspension import About

LISTED = ("listing", "red_listing", "imported")
"""Procedures whose cases put a subject in a list."""


@dataclass(frozen=True)
class RecordMatter:
    """A record, as its newest correction says.

    number       as the case names it; `chain`: that one, those it corrects and those that correct it
    last         the newest of the chain, whose content and publication these are
    subject      number of the subject that it belongs to today
    withdrawn    its source, or a decision, has taken it back
    """

    number: int
    chain: tuple[int, ...]
    last: int
    item: Item | None
    item_id: str
    row: Mapping[str, str]
    on: date
    start: date | None
    until: date | None
    source: int
    subject: int
    region: str | None
    withdrawn: bool
    ended_on: date | None
    contested: bool

    key_kind: ClassVar[About] = "record"

    @property
    def key(self) -> str:
        """The key of cases about it."""
        return f"record:{self.number}"

    def name(self) -> tuple[str, str]:
        """What it is called, in Chinese and English."""
        zh, en = (self.item.name_zh, self.item.name_en) if self.item else (self.item_id,) * 2
        return f"{zh}第{self.number}号", f"{en}, record no. {self.number}"

    def assessed(self, today: date) -> Assessment | None:
        """Its class of dishonesty and what follows; None where it has none."""
        return None if self.item is None else assess(self.item, self.row, self.on, self.start, today)


@dataclass(frozen=True)
class DecisionMatter:
    """A decision to list a subject; `entry` is None before its publication."""

    case: Case
    entry: Entry | None
    subject: int
    listing: Listing | None

    key_kind: ClassVar[About] = "decision"

    @property
    def key(self) -> str:
        """The key of cases about it."""
        return f"case:{self.case.id}"

    def name(self) -> tuple[str, str]:
        """What it is called, in Chinese and English."""
        zh, en = (self.listing.name_zh, self.listing.name_en) if self.listing else (self.case.rule,) * 2
        return f"列入“{zh}”的决定（第{self.case.id}号）", f"entry in “{en}”, case no. {self.case.id}"


Matter = RecordMatter | DecisionMatter

_RECORD = """
WITH RECURSIVE back AS (
    SELECT r.id, r.refers_to_id FROM archive_record r WHERE r.id = %(id)s
    UNION
    SELECT b.id, b.refers_to_id FROM back k JOIN archive_record b ON b.id = k.refers_to_id
),
chain AS (
    SELECT id FROM back
    UNION
    SELECT l.id FROM chain c CROSS JOIN LATERAL (
        SELECT r.id FROM archive_record r WHERE r.refers_to_id = c.id OFFSET 0) l
)
SELECT (SELECT array_agg(id ORDER BY id) FROM chain), r.id, r.item, r.item_version, r.payload, r.personal,
    r.date, r.publish_from, r.publish_until, r.source_id, c.id, c.region, r.operation = 'withdrawal',
    r.ended_on, r.contested
FROM archive_record r
JOIN registry_subject s ON s.id = coalesce((SELECT a.subject_id FROM archive_attribution a
    WHERE a.record_id = r.id ORDER BY a.id DESC LIMIT 1), r.subject_id)
JOIN registry_subject c ON c.id = coalesce(s.merged_into_id, s.id)
WHERE r.id = (SELECT max(id) FROM chain)"""


def about(key: str) -> Matter | None:
    """What a key names, as it stands in the current transaction; None where there is nothing of it."""
    kind, _, rest = key.partition(":")
    number = row_number(rest)
    if number is None:
        return None
    return _record(number) if kind == "record" else _decision(number) if kind == "case" else None


def _record(number: int) -> RecordMatter | None:
    found = raw_cursor().execute(_RECORD.encode(), {"id": number}).fetchone()
    if found is None:
        return None
    chain, last, item, version, payload, personal, *rest = found
    row = orjson.loads(payload) | opened(personal, settings.KEYRING)
    return RecordMatter(number, tuple(chain), last, item_of(item, version), item, row, *rest)


def _decision(number: int) -> DecisionMatter | None:
    case = Case.objects.filter(pk=number, procedure__in=LISTED).first()
    if case is None or case.subject_id is None:
        return None
    return DecisionMatter(
        case, Entry.objects.filter(pk=number).first(), canonical(raw_cursor(), case.subject_id), list_of(case)
    )


def opening(procedure: str, key: str, today: date, facts: Mapping[str, str]) -> Opening:
    """What an objection or a repair is opened with; a matter that isn't there is told by the condition."""
    found = about(key)
    if isinstance(found, RecordMatter):
        return Opening(
            procedure, key, found.subject, today, rule=found.item_id, region=found.region,
            organisation=found.source, facts=facts, records=(found.number,),
        )  # fmt: skip
    if isinstance(found, DecisionMatter):
        case = found.case
        return Opening(
            procedure, key, case.subject_id, today, rule=case.rule, region=case.region,
            organisation=source_of(found), parent=case.id, facts=facts,
        )  # fmt: skip
    return Opening(procedure, key, None, today, facts=facts)


def source_of(found: Matter) -> int | None:
    """The organisation that answers for it: a record's source; of a decision its keeper, else whoever sent
    the first record on which it rests."""
    if isinstance(found, RecordMatter):
        return found.source
    if found.case.organisation_id is not None:
        return int(found.case.organisation_id)
    first = next(iter(cited(found.case.id)), None)
    record = about(f"record:{first}") if first is not None else None
    return record.source if isinstance(record, RecordMatter) else None


def list_of(case: Case) -> Listing | None:
    """The list of a listing case as its day's law has it; None where the rulebook has no such list."""
    try:
        return lists.listing(case.rule, case.law_day)
    except LookupError:
        return None


def members(subject: int) -> tuple[int, ...]:
    """All numbers of a subject: its own and those merged into it."""
    merged = Subject.objects.filter(merged_into_id=subject).values_list("pk", flat=True)
    return (subject, *sorted(merged))
