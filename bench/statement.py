"""The look-up as one statement that gives finished JSON: how it is done when PostgreSQL makes the answer.

The same answer as `chengxin.archive.public`, for the peers that pass PostgreSQL's JSON through. The names
that the rulebook gives are constants of the statement. $1: the code; $2: today.
"""

from __future__ import annotations

from typing import Any

import orjson

from chengxin.archive.catalogued import article, withheld
from chengxin.archive.public import OUTLETS, RECORDS
from chengxin.kernel.identifiers import SCHEMES
from chengxin.registry.queries import CODES_SQL
from chengxin.rulebook import catalogue, laws, places

_OPEN = ", ".join(f"'{scheme.id}'" for scheme in SCHEMES.values() if not scheme.personal)
_WORST_FIRST = "ARRAY['mismatch', 'lapsed', 'unverified', 'verified']"


def json_statement() -> str:
    """The SQL; one row with one column, a text; no row for an unknown code."""
    return f"""
WITH canon AS MATERIALIZED (
    SELECT c.id, c.name, c.kind, c.region, c.registered_name FROM (
        SELECT coalesce(s.merged_into_id, s.id) AS id
        FROM registry_identifier i JOIN registry_subject s ON s.id = i.subject_id
        WHERE i.value = $1::text AND i.scheme = ANY({CODES_SQL})
        ORDER BY array_position({CODES_SQL}, i.scheme) LIMIT 1
    ) f JOIN registry_subject c ON c.id = f.id WHERE c.kind <> 'natural_person'
),
member AS MATERIALIZED (
    SELECT c.id, c.registered_name FROM canon c
    UNION ALL
    SELECT m.id, m.registered_name FROM canon c JOIN registry_subject m ON m.merged_into_id = c.id
    WHERE m.kind <> 'natural_person'
),
codes AS MATERIALIZED (
    SELECT (array_agg(i.value ORDER BY array_position({CODES_SQL}, i.scheme), i.subject_id <> c.id, i.id)
            FILTER (WHERE i.scheme = ANY({CODES_SQL})))[1] AS first,
        json_agg(json_build_object('scheme', i.scheme, 'value', i.value)
            ORDER BY array_position({CODES_SQL}, i.scheme), i.subject_id <> c.id, i.id) AS listed
    FROM canon c, member m JOIN registry_identifier i ON i.subject_id = m.id
    WHERE i.value IS NOT NULL AND i.scheme IN ({_OPEN})
),
own AS MATERIALIZED (
    SELECT k.* FROM member m CROSS JOIN LATERAL (
        SELECT {_KEPT} FROM archive_record r
        WHERE r.subject_id = m.id AND {_PUBLIC}
          AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = r.id)
        ORDER BY r.id DESC LIMIT {RECORDS + 1}
    ) k
    UNION ALL
    SELECT {_KEPT} FROM member m JOIN archive_attribution a ON a.subject_id = m.id
    JOIN archive_record r ON r.id = a.record_id
    WHERE {_PUBLIC}
      AND NOT EXISTS (SELECT FROM archive_attribution l WHERE l.record_id = a.record_id AND l.id > a.id)
    ORDER BY id DESC LIMIT {RECORDS + 1}
)
SELECT json_build_object(
    'subject', json_build_object(
        'code', coalesce(codes.first, 'S' || c.id), 'name', c.name, 'kind', c.kind,
        'region', CASE WHEN c.region IS NOT NULL THEN json_build_object(
            'code', c.region, 'name', coalesce({_regions()} ->> c.region::text, c.region)) END,
        'names', coalesce((SELECT json_agg(json_build_object('name', h.name, 'since', h.since)
            ORDER BY h.since NULLS FIRST, h.id) FROM (
            SELECT m.registered_name AS name, NULL::date AS since, m.id FROM member m
            UNION ALL SELECT n.name, n.since, n.id FROM member m JOIN registry_name n ON n.subject_id = m.id
            WHERE {_stands("n.record_id")}) h), '[]'),
        'identifiers', coalesce(codes.listed, '[]'),
        'roles', coalesce((SELECT json_agg(json_build_object('role', h.role, 'since', h.since)
            ORDER BY h.since, h.role) FROM (
            SELECT l.role, min(l.since) AS since FROM member m JOIN registry_role l ON l.subject_id = m.id
            WHERE {_stands("l.record_id")} GROUP BY l.role) h), '[]'),
        'outlets', coalesce((SELECT json_agg(json_build_object('kind', h.kind, 'name', h.name, 'url', h.url,
            'platform', h.platform, 'platform_name', (SELECT p.name FROM registry_identifier i
                JOIN registry_subject p ON p.id = i.subject_id
                WHERE i.value = h.platform AND i.scheme = 'uscc'),
            'opened_on', h.opened_on, 'closed_on', h.closed_on) ORDER BY h.closed_on DESC NULLS FIRST, h.id)
            FROM (SELECT u.* FROM member m JOIN registry_outlet u ON u.subject_id = m.id
            WHERE {_stands("u.record_id")} ORDER BY u.id LIMIT {OUTLETS}) h), '[]'),
        'verification', (SELECT json_build_object('state', h.state, 'checked_on', h.checked_on)
            FROM (SELECT DISTINCT ON (v.report_id) v.state, v.checked_on
                FROM member m JOIN registry_verification v ON v.subject_id = m.id
                WHERE {_stands("v.report_id")} ORDER BY v.report_id, v.id DESC) h
            ORDER BY array_position({_WORST_FIRST}, h.state), h.checked_on DESC LIMIT 1)),
    'records', coalesce((SELECT json_agg(json_build_object(
            'id', r.id, 'item', r.item, 'item_name_zh', e.zh, 'item_name_en', e.en, 'date', r.date,
            'source', o.name, 'source_code', o.code,
            'law', r.law, 'law_name_zh', w.zh, 'law_name_en', w.en,
            'article', coalesce(e.articles ->> r.law, ''), 'disclosure', 'public',
            'publication', json_build_object('from', r.publish_from, 'until', r.publish_until),
            'state', 'in_force',
            'payload', CASE WHEN e.item IS NULL THEN '{{}}' ELSE r.payload::jsonb - e.withheld END)
            ORDER BY r.date DESC, r.id DESC)
        FROM (SELECT * FROM own ORDER BY id DESC LIMIT {RECORDS}) r
        JOIN accounts_organisation o ON o.id = r.source_id
        LEFT JOIN {_items()} AS e(item, version, zh, en, withheld, articles)
            ON e.item = r.item AND e.version = r.item_version
        LEFT JOIN {_laws()} AS w(id, zh, en) ON w.id = r.law), '[]'),
    'next', CASE WHEN (SELECT count(*) FROM own) > {RECORDS}
        THEN (SELECT min(id) FROM (SELECT id FROM own ORDER BY id DESC LIMIT {RECORDS}) p)::text END
)::text FROM canon c, codes"""


def _stands(record: str) -> str:
    return f"NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = {record})"


_KEPT = "r.id, r.item, r.item_version, r.date, r.source_id, r.law, r.publish_from, r.publish_until, r.payload"
_PUBLIC = f"""r.disclosure = 'public' AND r.operation <> 'withdrawal' AND r.publish_from <= $2::date
    AND (r.publish_until IS NULL OR r.publish_until >= $2::date) AND {_stands("r.id")}"""


def _items() -> str:
    """A VALUES list: item, version, names, fields that are withheld, articles by law."""
    entries = []
    for one in catalogue.versions():
        version = one.version.isoformat()
        articles = {law.id: found for law in laws.laws() if (found := article(one, law.id))}
        hidden = ", ".join(_text(code) for code in sorted(withheld(one.id, version)))
        entries.append(
            f"({_text(one.id)}, DATE '{version}', {_text(one.name_zh)}, {_text(one.name_en)}, "
            f"ARRAY[{hidden}]::text[], {_json(articles)})"
        )
    return f"(VALUES {', '.join(entries)})"


def _laws() -> str:
    """A VALUES list: law and its names."""
    entries = [f"({_text(one.id)}, {_text(one.name_zh)}, {_text(one.name_en)})" for one in laws.laws()]
    return f"(VALUES {', '.join(entries)})"


def _regions() -> str:
    """A jsonb constant: code of a region → its full name."""
    return _json({one.code: places.full_name(one.code) for one in places.regions()})


def _json(value: Any) -> str:
    return f"{_text(orjson.dumps(value).decode())}::jsonb"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
