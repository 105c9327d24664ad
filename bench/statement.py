"""The look-up as one statement that gives finished JSON: how it is done when PostgreSQL makes the answer.

The same answer as `chengxin.archive.public`, for the peer that passes PostgreSQL's JSON through; what is
public is asked by the very pieces of SQL that the look-up uses. The names that the rulebook gives are
constants of the statement. $1, $2: the code; $3: today; $4: above every record.
"""

from __future__ import annotations

from typing import Any

import orjson

from chengxin.archive import public
from chengxin.archive.catalogued import article, withheld
from chengxin.registry.queries import CODES_SQL
from chengxin.rulebook import catalogue, laws, places

_WORST_FIRST = "ARRAY['mismatch', 'lapsed', 'unverified', 'verified']"
_NAMING = f"array_position({CODES_SQL}, i.scheme), i.subject_id <> c.id, i.id"


def json_statement() -> str:
    """The SQL; one row with one column, a text; no row for an unknown code."""
    return f"""
{public._MEMBERS.format(locate=public._BY_CODE)},
codes AS MATERIALIZED (
    SELECT (array_agg(i.value ORDER BY {_NAMING}) FILTER (WHERE i.scheme = ANY({CODES_SQL})))[1] AS first,
        json_agg(json_build_object('scheme', i.scheme, 'value', i.value) ORDER BY {_NAMING}) AS listed
    FROM canon c, member m JOIN registry_identifier i ON i.subject_id = m.id
    WHERE i.value IS NOT NULL AND i.scheme IN ({public._OPEN_SCHEMES})
),
checks AS MATERIALIZED (
    SELECT * FROM (
        SELECT v.state, v.checked_on, coalesce(v.reasons::jsonb -> 0 ->> 'rule', '') AS rule
        {public._of_member("registry_verification", "v")} WHERE {public._stands("v.report_id")}
          AND NOT EXISTS (SELECT FROM registry_verification l WHERE l.report_id = v.report_id AND l.id > v.id)
    ) h WHERE h.rule <> 'superseded'
),
own AS MATERIALIZED (
    SELECT k.* FROM member m CROSS JOIN LATERAL (
        SELECT {public._KEPT} FROM archive_record r
        WHERE r.subject_id = m.id AND r.id < $4::bigint AND {public._PUBLIC}
          AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = r.id)
        ORDER BY r.id DESC LIMIT {public.RECORDS + 1}
    ) k
    UNION ALL
    SELECT {public._KEPT} FROM moved v JOIN archive_record r ON r.id = v.record_id
    WHERE r.id < $4::bigint AND {public._PUBLIC}
    ORDER BY id DESC LIMIT {public.RECORDS + 1}
)
SELECT json_build_object(
    'subject', json_build_object(
        'code', coalesce(codes.first, 'S' || c.id), 'name', c.name, 'kind', c.kind,
        'region', CASE WHEN c.region IS NOT NULL THEN json_build_object(
            'code', c.region, 'name', coalesce({_regions()} ->> c.region::text, c.region)) END,
        'names', coalesce((SELECT json_agg(json_build_object('name', h.name, 'since', h.since)
            ORDER BY h.since NULLS FIRST, h.id) FROM (
            SELECT m.registered_name AS name, NULL::date AS since, m.id FROM member m
            UNION ALL SELECT n.name, n.since, n.id {public._told("registry_name", "n")}) h), '[]'),
        'identifiers', coalesce(codes.listed, '[]'),
        'roles', coalesce((SELECT json_agg(json_build_object('role', h.role, 'since', h.since)
            ORDER BY h.since, h.role) FROM (
            SELECT l.role, min(l.since) AS since {public._told("registry_role", "l")}
            GROUP BY l.role) h), '[]'),
        'outlets', coalesce((SELECT json_agg(json_build_object('kind', h.kind, 'name', h.name, 'url', h.url,
            'platform', h.platform, 'platform_name', (SELECT p.name FROM registry_identifier i
                JOIN registry_subject p ON p.id = i.subject_id
                WHERE i.value = h.platform AND i.scheme = 'uscc'),
            'opened_on', h.opened_on, 'closed_on', h.closed_on) ORDER BY h.closed_on DESC NULLS FIRST, h.id)
            FROM (SELECT u.* {public._told("registry_outlet", "u")}
                ORDER BY u.id LIMIT {public.OUTLETS}) h), '[]'),
        'verification', (SELECT json_build_object('state', h.state, 'checked_on', h.checked_on) FROM checks h
            WHERE h.rule <> 'shop_closed' OR NOT EXISTS (SELECT FROM checks o WHERE o.rule <> 'shop_closed')
            ORDER BY array_position({_WORST_FIRST}, h.state), h.checked_on DESC LIMIT 1)),
    'records', coalesce((SELECT json_agg(json_build_object(
            'id', r.id, 'item', r.item, 'item_name_zh', e.zh, 'item_name_en', e.en, 'date', r.date,
            'source', o.name, 'source_code', o.code,
            'law', r.law, 'law_name_zh', w.zh, 'law_name_en', w.en,
            'article', coalesce(e.articles ->> r.law, ''), 'disclosure', 'public',
            'publication', json_build_object('from', r.publish_from, 'until', r.publish_until),
            'state', CASE WHEN r.contested THEN 'contested' ELSE 'in_force' END,
            'payload', CASE WHEN e.item IS NULL THEN '{{}}' ELSE r.payload::jsonb - e.withheld END)
            ORDER BY r.date DESC, r.id DESC)
        FROM (SELECT * FROM own ORDER BY id DESC LIMIT {public.RECORDS}) r
        JOIN accounts_organisation o ON o.id = r.source_id
        LEFT JOIN {_items()} AS e(item, version, zh, en, withheld, articles)
            ON e.item = r.item AND e.version = r.item_version
        LEFT JOIN {_laws()} AS w(id, zh, en) ON w.id = r.law), '[]'),
    'next', CASE WHEN (SELECT count(*) FROM own) > {public.RECORDS}
        THEN (SELECT min(id) FROM (SELECT id FROM own ORDER BY id DESC LIMIT {public.RECORDS}) p)::text END
)::text FROM canon c, codes"""


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
