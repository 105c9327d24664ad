"""Records on which a decision may rest: kept, not corrected, not withdrawn, not ended, not suspended.

Such a record *stands*. What is contested stands until the objection is decided; what was repaired ends use as
well as publication, so that it supports nothing new. Two ways to the same records: of some subjects by index
(`records_of`, `still`), and of all of them in one scan (`relation`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from psycopg import Cursor

from chengxin.archive.belonging import OWN, group
from chengxin.archive.shown import in_use
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Severity
from chengxin.rulebook.publication import publish
from chengxin.rulebook.qualifying import Expression, Record, Records, window_start
from chengxin.rulebook.qualifying.tree import walk


@dataclass(frozen=True)
class Held:
    """A record that stands: whose it is (`subject` stands for all merged), and what it says."""

    subject: int
    id: int
    item: str
    version: date
    on: date
    publish_from: date | None
    source: int
    payload: dict[str, str]

    def as_record(self, *, with_class: bool) -> Record:
        """The record as qualifying rules see it; `with_class`: its class of dishonest information as well."""
        class_ = _class(self) if with_class else None
        return Record(self.id, self.item, self.on, self.payload, class_)


def _stands(alias: str, today: str) -> str:
    return (
        f"{alias}.operation <> 'withdrawal' AND {in_use(alias, today)} "
        f"AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = {alias}.id)"
    )


_OF = f"""WITH {group()}, {OWN}
SELECT s.canon, r.id, r.item, r.item_version, r.date, r.publish_from, r.source_id, r.payload
FROM standing s JOIN unnest(%(items)s::text[], %(since)s::date[]) w(item, since)
    ON w.item = s.item AND s.date >= w.since
CROSS JOIN LATERAL (SELECT * FROM archive_record r WHERE r.id = s.id OFFSET 0) r
WHERE {in_use("r", "%(today)s::date")}
ORDER BY r.id"""

_STILL = f"""
SELECT r.id, coalesce(s.merged_into_id, s.id)
FROM unnest(%(records)s::bigint[]) q(id)
CROSS JOIN LATERAL (SELECT * FROM archive_record r WHERE r.id = q.id OFFSET 0) r
CROSS JOIN LATERAL (SELECT * FROM registry_subject s WHERE s.id = coalesce((
    SELECT a.subject_id FROM archive_attribution a WHERE a.record_id = r.id
    ORDER BY a.id DESC LIMIT 1), r.subject_id) OFFSET 0) s
WHERE {_stands("r", "%(today)s::date")}"""


def records_of(
    cursor: Cursor[Any],
    subjects: Collection[int],
    items: Iterable[str],
    today: date,
    *,
    since: Mapping[str, date] | None = None,
) -> dict[int, list[Held]]:
    """The standing records of subjects (numbers that stand for all merged), by subject, in one statement.

    since: by item, none dated before this day.
    """
    asked = {one: (since or {}).get(one, date.min) for one in items}
    found: dict[int, list[Held]] = defaultdict(list)
    if subjects and asked:
        given = {
            "subjects": list(subjects), "items": list(asked), "since": list(asked.values()), "today": today,
        }  # fmt: skip
        for *columns, payload in cursor.execute(_OF.encode(), given):
            one = Held(*(*columns, orjson.loads(payload)))
            found[one.subject].append(one)
    return found


def still(cursor: Cursor[Any], records: Iterable[int], today: date) -> dict[int, int]:
    """Which of the records stand, each with the subject that it belongs to today."""
    given = {"records": sorted(set(records)), "today": today}
    return dict(cursor.execute(_STILL.encode(), given).fetchall())


def earliest(rules: Iterable[Expression], on: date) -> dict[str, date]:
    """The items that rules look at, each with the first day of which a record may count, asked on a day."""
    found: dict[str, date] = {}
    for one in (node for rule in rules for node in walk(rule)):
        if isinstance(one, Records):
            since = window_start(on, one.within) if one.within else date.min
            found[one.item] = min(since, found.get(one.item, since))
    return found


def relation(rule: Expression, today: date) -> str:
    """SQL, in brackets: every record that stands and that a rule may look at, as `qualifying.sql` reads them.

    The few records that were attributed, corrected, and subjects that were merged are hashed, not looked up.
    OFFSET 0 lets each payload be read as JSON once, however many conditions there are.
    """
    among = " OR ".join(
        f"r.item = '{item}' AND r.date >= '{since.isoformat()}'"
        for item, since in earliest([rule], today).items()
    )
    return f"""(
        SELECT coalesce(m.merged_into_id, a.subject_id, r.subject_id) AS subject_id, r.item, r.date,
            r.payload::jsonb AS payload
        FROM archive_record r
        LEFT JOIN (
            SELECT DISTINCT ON (record_id) record_id, subject_id FROM archive_attribution
            ORDER BY record_id, id DESC
        ) a ON a.record_id = r.id
        LEFT JOIN (
            SELECT id, merged_into_id FROM registry_subject WHERE merged_into_id IS NOT NULL
        ) m ON m.id = coalesce(a.subject_id, r.subject_id)
        WHERE ({among or "false"}) AND {_stands("r", f"DATE '{today.isoformat()}'")}
        OFFSET 0
    )"""


def _class(one: Held) -> Severity | None:
    told_by = one.item, one.version
    item = next((known for known in catalogue.versions() if (known.id, known.version) == told_by), None)
    if item is None:
        return None
    try:
        return publish(item, one.payload, one.on).class_
    except (LookupError, ValueError):
        return None
