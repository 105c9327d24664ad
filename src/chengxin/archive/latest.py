"""The newest public records of some items, each with its subject: what was kept last, not what is dated last.

By an index on item and number: as a range in the order of both, so that PostgreSQL can't walk the primary
key instead, through all records of a rare item. Of each item at most SEEN records
are looked at: where so many of the newest are no longer public, older ones aren't news either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from chengxin.archive.public import SHOWN, record_json
from chengxin.archive.shown import published
from chengxin.database import reading
from chengxin.registry.queries import code_of

SEEN = 300
"""Records of an item that are looked at."""


@dataclass(frozen=True)
class Latest:
    """A public record, as in the public view, and whom it is about."""

    code: str
    name: str
    record: dict[str, Any]


_LATEST = f"""
SELECT {", ".join(f"{column}::text" for column in SHOWN)}, {code_of("c")}, c.name
FROM unnest(%s::text[]) q(item) CROSS JOIN LATERAL (
    SELECT r.*, c.id AS canon FROM (
        SELECT * FROM archive_record r
        WHERE r.item BETWEEN q.item AND q.item AND r.disclosure = 'public' AND r.operation <> 'withdrawal'
        ORDER BY r.item, r.id DESC LIMIT {SEEN}
    ) r
    CROSS JOIN LATERAL (SELECT * FROM registry_subject s WHERE s.id = coalesce((
        SELECT a.subject_id FROM archive_attribution a WHERE a.record_id = r.id
        ORDER BY a.id DESC LIMIT 1), r.subject_id) OFFSET 0) s
    CROSS JOIN LATERAL (
        SELECT * FROM registry_subject c WHERE c.id = coalesce(s.merged_into_id, s.id) OFFSET 0) c
    WHERE {published("r", "%s::date")}
        AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id OFFSET 0)
        AND s.kind <> 'natural_person' AND c.kind <> 'natural_person'
    ORDER BY r.id DESC LIMIT %s::int
) r
JOIN registry_subject c ON c.id = r.canon JOIN accounts_organisation o ON o.id = r.source_id
ORDER BY r.id DESC LIMIT %s::int"""


def latest(items: Sequence[str], today: date, most: int) -> list[Latest]:
    """At most so many of the public records of these items, the one kept last first."""
    found = reading.rows(_LATEST, [list(items), *[today] * 3, most, most])
    return [
        Latest(code, name, orjson.loads(orjson.dumps(record_json(["record", *record]))))
        for *record, code, name in found
    ]
