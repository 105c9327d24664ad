"""Whose a record is: the subject it was last attributed to, else the one it was kept under, with all merged.

For actions, which read their own unfinished work. OFFSET 0 makes PostgreSQL look up row by row in the index,
whatever it believes of a table that has just grown or that was empty when it last counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Cursor

from chengxin.archive.shown import in_use

ASKED = "SELECT s.id, s.merged_into_id FROM registry_subject s WHERE s.id = ANY(%(subjects)s::bigint[])"
"""SQL: the subjects whose ids are given (`subjects`)."""


def group(asked: str = ASKED) -> str:
    """SQL: the subjects asked for, and all that are one with them, under the one that stands for all."""
    return f"""
asked AS MATERIALIZED (SELECT DISTINCT coalesce(s.merged_into_id, s.id) AS canon FROM ({asked}) s),
member AS MATERIALIZED (
    SELECT a.canon, a.canon AS id FROM asked a
    UNION ALL
    SELECT a.canon, m.id FROM asked a JOIN registry_subject m ON m.merged_into_id = a.canon
)"""


OWN = """
own AS MATERIALIZED (
    SELECT m.canon, m.id AS member, r.id
    FROM member m CROSS JOIN LATERAL (
        SELECT r.id FROM archive_record r
        WHERE r.subject_id = m.id AND r.item = ANY(%(items)s::text[])
          AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = r.id OFFSET 0)
        OFFSET 0
    ) r
    UNION ALL
    SELECT m.canon, m.id, a.record_id
    FROM member m JOIN archive_attribution a ON a.subject_id = m.id
    JOIN archive_record r ON r.id = a.record_id AND r.item = ANY(%(items)s::text[])
    WHERE NOT EXISTS (
        SELECT FROM archive_attribution l WHERE l.record_id = a.record_id AND l.id > a.id OFFSET 0)
),
standing AS MATERIALIZED (
    SELECT o.canon, o.member, r.id, r.item, r.item_version, r.date, r.payload, r.personal,
        r.ended_on, r.suspended
    FROM own o JOIN archive_record r ON r.id = o.id
    WHERE r.operation <> 'withdrawal'
      AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id OFFSET 0)
)"""
"""SQL: the records of some items (`items`) that belong to these subjects and still stand."""

_COLUMNS = "canon, member, id, item, item_version, date, payload, personal"
_STANDING = f"""WITH {group()}, {OWN} SELECT {_COLUMNS} FROM standing
    WHERE {in_use("standing", "%(today)s::date")}"""


@dataclass(frozen=True)
class Standing:
    """A record in force: `canon` stands for all merged subjects, `member` is the one it belongs to."""

    canon: int
    member: int
    id: int
    item: str
    version: date
    on: date
    payload: str
    personal: bytes | None


def standing(
    cursor: Cursor[Any], subjects: Sequence[int], items: Sequence[str], today: date
) -> Iterator[Standing]:
    """The records in force of these subjects and of all that are one with them, of some items.

    What has ended by today (a repair ends use as well) or is suspended is not among them.
    """
    given = {"subjects": list(subjects), "items": list(items), "today": today}
    for canon, member, id, item, version, on, payload, personal in cursor.execute(_STANDING.encode(), given):
        sealed = None if personal is None else bytes(personal)
        yield Standing(canon, member, id, item, version, on, payload, sealed)


def in_slices(ids: Sequence[int], size: int) -> Iterator[list[int]]:
    """Distinct ids in order, `size` at a time."""
    distinct = sorted(set(ids))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]
