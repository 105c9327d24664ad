"""What the rules of measures ask of subjects: their kind, their roles, the platforms they are on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Cursor


@dataclass(frozen=True)
class Known:
    """A subject with all that were merged into it. `platforms`: codes of those with an outlet that runs."""

    id: int
    kind: str
    region: str | None
    roles: frozenset[str]
    platforms: frozenset[str]


def _told(table: str) -> str:
    """SQL: rows of a table of the members, from records that stand and were not attributed to others."""
    return f"""(
        SELECT t.* FROM {table} t WHERE t.subject_id = m.id
          AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = t.record_id OFFSET 0)
        UNION ALL
        SELECT t.* FROM archive_attribution a
        JOIN archive_record r ON r.id = a.record_id
        JOIN {table} t ON t.subject_id = r.subject_id AND t.record_id = r.id
        WHERE a.subject_id = m.id AND NOT EXISTS (
            SELECT FROM archive_attribution l WHERE l.record_id = a.record_id AND l.id > a.id OFFSET 0)
        OFFSET 0)"""


_STANDS = "NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = t.record_id OFFSET 0)"
_KNOWN = f"""
WITH asked AS MATERIALIZED (
    SELECT s.id AS asked, coalesce(s.merged_into_id, s.id) AS canon
    FROM registry_subject s WHERE s.id = ANY(%s::bigint[])
),
member AS MATERIALIZED (
    SELECT a.asked, a.canon AS id FROM asked a
    UNION ALL
    SELECT a.asked, s.id FROM asked a JOIN registry_subject s ON s.merged_into_id = a.canon
)
SELECT a.asked, c.kind, c.region::text,
    (SELECT array_agg(DISTINCT t.role) FROM member m CROSS JOIN LATERAL {_told("registry_role")} t
        WHERE m.asked = a.asked AND {_STANDS}),
    (SELECT array_agg(DISTINCT t.platform) FROM member m CROSS JOIN LATERAL {_told("registry_outlet")} t
        WHERE m.asked = a.asked AND t.platform IS NOT NULL AND t.closed_on IS NULL AND {_STANDS})
FROM asked a JOIN registry_subject c ON c.id = a.canon"""


def known(cursor: Cursor[Any], subjects: Iterable[int]) -> dict[int, Known]:
    """What is known of subjects, by the number asked for."""
    rows = cursor.execute(_KNOWN.encode(), [sorted(set(subjects))]).fetchall()
    return {
        id: Known(id, kind, region, frozenset(roles or ()), frozenset(platforms or ()))
        for id, kind, region, roles, platforms in rows
    }
