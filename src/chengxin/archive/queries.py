"""What can be asked of the archive: the public view of a subject or a record, and everything held on one.

The public sees a record from its first to its last day of publication, both included (as
`rulebook.publication` counts them), unless it was withdrawn or corrected. Natural persons are not shown at
all: the catalogue publishes nothing on them (福建省公共信用信息管理暂行办法; PIPL art. 28), so no name of one
has to be masked here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

import orjson
from django.conf import settings

from chengxin.archive.catalogued import article, items_sql, laws_sql, regions_sql, withheld
from chengxin.database import reading
from chengxin.database.reading import Statement
from chengxin.kernel.crypto import SealBroken
from chengxin.kernel.identifiers import SCHEMES, mask
from chengxin.kernel.masking import CLOSED
from chengxin.ledger import queries as ledger
from chengxin.registry.queries import CODES_SQL, code_of, number_of, region, resolve, spellings
from chengxin.rulebook import catalogue, laws

RECORDS = 100
"""Records a page of the public view, the last kept first; the rest by `public_records`."""

OUTLETS = 200
"""Shops, websites, apps and live rooms that are listed."""

_WORST_FIRST = "ARRAY['mismatch', 'lapsed', 'unverified', 'verified']"
_OPEN_SCHEMES = ", ".join(f"'{scheme.id}'" for scheme in SCHEMES.values() if not scheme.personal)

# Who is meant. $1: the code in its first spelling, or the number; $2: its second spelling.
_BY_CODE = f"""
    SELECT coalesce(s.merged_into_id, s.id) AS id
    FROM registry_identifier i JOIN registry_subject s ON s.id = i.subject_id
    WHERE i.value IN ($1::text, $2::text) AND i.scheme = ANY({CODES_SQL})
    ORDER BY array_position({CODES_SQL}, i.scheme) LIMIT 1"""
_BY_NUMBER = """
    SELECT coalesce(s.merged_into_id, s.id) AS id FROM registry_subject s
    WHERE s.id = $1::bigint AND $2::text IS NOT NULL"""

# A subject is one with all that were merged into it.
_SUBJECT = """
canon AS MATERIALIZED (
    SELECT c.* FROM ({locate}) f JOIN registry_subject c ON c.id = f.id WHERE c.kind <> 'natural_person'
),
member AS MATERIALIZED (
    SELECT c.id, c.registered_name FROM canon c
    UNION ALL
    SELECT m.id, m.registered_name FROM canon c JOIN registry_subject m ON m.merged_into_id = c.id
    WHERE m.kind <> 'natural_person'
)"""

# Their open codes, the one that names the subject first, its own before those merged into it.
_CODES = f"""
codes AS MATERIALIZED (
    SELECT (array_agg(i.value ORDER BY array_position({CODES_SQL}, i.scheme), i.subject_id <> c.id, i.id)
            FILTER (WHERE i.scheme = ANY({CODES_SQL})))[1] AS first,
        json_agg(json_build_object('scheme', i.scheme, 'value', i.value)
            ORDER BY array_position({CODES_SQL}, i.scheme), i.subject_id <> c.id, i.id) AS listed
    FROM canon c, member m JOIN registry_identifier i ON i.subject_id = m.id
    WHERE i.value IS NOT NULL AND i.scheme IN ({_OPEN_SCHEMES})
)"""

_STANDS = "NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = {record})"
_PUBLIC = f"""r.disclosure = 'public' AND r.operation <> 'withdrawal'
        AND r.publish_from <= $3::date AND (r.publish_until IS NULL OR r.publish_until >= $3::date)
        AND {_STANDS.format(record="r.id")}"""

# $3: today; $4: only records before this one.
_RECORDS = f"""
own AS MATERIALIZED (
    SELECT r.* FROM (
        SELECT k.* FROM member m CROSS JOIN LATERAL (
            SELECT r.* FROM archive_record r
            WHERE r.subject_id = m.id AND r.id < $4::bigint AND {_PUBLIC}
              AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = r.id)
            ORDER BY r.id DESC LIMIT {RECORDS + 1}
        ) k
        UNION ALL
        SELECT r.* FROM member m JOIN archive_attribution a ON a.subject_id = m.id
        JOIN archive_record r ON r.id = a.record_id
        WHERE r.id < $4::bigint AND {_PUBLIC}
          AND NOT EXISTS (SELECT FROM archive_attribution l WHERE l.record_id = a.record_id AND l.id > a.id)
    ) r ORDER BY r.id DESC LIMIT {RECORDS + 1}
)"""


def _record_json() -> str:
    """SQL that makes one public record `r` (with its source `o` and catalogue entry `e`) into JSON."""
    return f"""json_build_object(
        'id', r.id, 'item', r.item, 'item_name_zh', e.zh, 'item_name_en', e.en, 'date', r.date,
        'source', o.name, 'source_code', o.code,
        'law', r.law,
        'law_name_zh', {laws_sql()} -> r.law ->> 'zh', 'law_name_en', {laws_sql()} -> r.law ->> 'en',
        'article', coalesce(e.articles ->> r.law, ''), 'disclosure', r.disclosure,
        'publication', json_build_object('from', r.publish_from, 'until', r.publish_until),
        'state', 'in_force',
        'payload', CASE WHEN e.item IS NULL THEN '{{}}' ELSE r.payload::jsonb - e.withheld END)"""


def _with_names(records: str) -> str:
    return f"""{records} r JOIN accounts_organisation o ON o.id = r.source_id
        LEFT JOIN {items_sql()} AS e(item, version, zh, en, withheld, articles)
        ON e.item = r.item AND e.version = r.item_version"""


def _records_json() -> str:
    """SQL for the page of records as a JSON array, newest date first."""
    return f"""coalesce((SELECT json_agg({_record_json()} ORDER BY r.date DESC, r.id DESC)
        FROM {_with_names(f"(SELECT * FROM own ORDER BY id DESC LIMIT {RECORDS})")}), '[]')"""


# The last of this page, where another page follows.
_NEXT = f"""CASE WHEN (SELECT count(*) FROM own) > {RECORDS}
    THEN (SELECT min(id) FROM (SELECT id FROM own ORDER BY id DESC LIMIT {RECORDS}) p)::text END"""


def _subject_json() -> str:
    """SQL that makes the canonical subject `c` into JSON."""
    stands = _STANDS.format(record="{0}.record_id").format
    return f"""json_build_object(
        'code', coalesce(codes.first, 'S' || c.id), 'name', c.name, 'kind', c.kind,
        'region', CASE WHEN c.region IS NOT NULL THEN json_build_object(
            'code', c.region, 'name', coalesce({regions_sql()} ->> c.region::text, c.region)) END,
        'names', coalesce((SELECT json_agg(json_build_object('name', h.name, 'since', h.since)
            ORDER BY h.since NULLS FIRST, h.id) FROM (
            SELECT m.registered_name AS name, NULL::date AS since, m.id FROM member m
            UNION ALL SELECT n.name, n.since, n.id FROM member m JOIN registry_name n ON n.subject_id = m.id
            WHERE {stands("n")}) h), '[]'),
        'identifiers', coalesce(codes.listed, '[]'),
        'roles', coalesce((SELECT json_agg(json_build_object('role', h.role, 'since', h.since)
                ORDER BY h.since, h.role)
            FROM (SELECT l.role, min(l.since) AS since
                FROM member m JOIN registry_role l ON l.subject_id = m.id
            WHERE {stands("l")} GROUP BY l.role) h), '[]'),
        'outlets', coalesce((SELECT json_agg(json_build_object('kind', h.kind, 'name', h.name, 'url', h.url,
            'platform', h.platform, 'platform_name', (SELECT p.name FROM registry_identifier i
                JOIN registry_subject p ON p.id = i.subject_id
                WHERE i.value = h.platform AND i.scheme = 'uscc'),
            'opened_on', h.opened_on, 'closed_on', h.closed_on) ORDER BY h.closed_on DESC NULLS FIRST, h.id)
            FROM (SELECT u.* FROM member m JOIN registry_outlet u ON u.subject_id = m.id
            WHERE {stands("u")} ORDER BY u.id LIMIT {OUTLETS}) h), '[]'),
        'verification', (SELECT json_build_object('state', h.state, 'checked_on', h.checked_on)
            FROM (SELECT DISTINCT ON (v.report_id) v.state, v.checked_on
                FROM member m JOIN registry_verification v ON v.subject_id = m.id
                WHERE {_STANDS.format(record="v.report_id")} ORDER BY v.report_id, v.id DESC) h
            ORDER BY array_position({_WORST_FIRST}, h.state), h.checked_on DESC LIMIT 1))"""


@cache
def _subject_statement(locate: str) -> Statement:
    sql = (
        f"WITH {_SUBJECT.format(locate=locate)}, {_CODES}, {_RECORDS} SELECT json_build_object("
        f"'subject', {_subject_json()}, 'records', {_records_json()}, 'next', {_NEXT}) FROM canon c, codes"
    )
    return _statement("subject", locate, sql)


@cache
def _records_statement(locate: str) -> Statement:
    sql = (
        f"WITH {_SUBJECT.format(locate=locate)}, {_RECORDS} "
        f"SELECT json_build_object('records', {_records_json()}, 'next', {_NEXT}) FROM canon c"
    )
    return _statement("records", locate, sql)


def _statement(name: str, locate: str, sql: str) -> Statement:
    by = "code" if locate == _BY_CODE else "number"
    return Statement(f"{name} by {by}".encode(), sql.encode())


_LAST = b"9223372036854775807"


def _asked(code: str) -> tuple[str, bytes, bytes]:
    """By what a code is looked up, and the first two values of the statement."""
    number = number_of(code)
    if number is not None:
        return _BY_NUMBER, str(number).encode(), b""
    written = spellings(code)
    return _BY_CODE, written[0].encode(), written[-1].encode()


def public_subject(code: str, today: date) -> bytes | None:
    """The public view of the subject that `code` names (any of its codes, or S<number>), as JSON made by
    PostgreSQL.

    {"subject": {code, name, kind, region, names, identifiers, roles, outlets, verification}, "records": […],
    "next": cursor of `public_records` where there are more than RECORDS}; records by date, newest first. None
    for an unknown code and for natural persons.
    """
    locate, first, second = _asked(code)
    return reading.value(_subject_statement(locate), first, second, today.isoformat().encode(), _LAST)


def public_records(code: str, today: date, before: int) -> bytes | None:
    """A further page of a subject's public records: those kept before record number `before`."""
    locate, first, second = _asked(code)
    return reading.value(
        _records_statement(locate), first, second, today.isoformat().encode(), str(before).encode()
    )


@cache
def _record_statement() -> Statement:
    """$1: the record; $3: today. Its subject is the one it was last attributed to, or merged into."""
    sql = f"""SELECT json_build_object(
        'subject', json_build_object('code', {code_of("c")}, 'name', c.name, 'kind', c.kind),
        'record', {_record_json()})
        FROM {_with_names("archive_record")}
        JOIN registry_subject s ON s.id = coalesce((SELECT a.subject_id FROM archive_attribution a
            WHERE a.record_id = r.id ORDER BY a.id DESC LIMIT 1), r.subject_id)
        JOIN registry_subject c ON c.id = coalesce(s.merged_into_id, s.id)
        WHERE r.id = $1::bigint AND $2::text IS NULL AND {_PUBLIC}
          AND s.kind <> 'natural_person' AND c.kind <> 'natural_person'"""
    return Statement(b"record", sql.encode())


def public_record(id: int, today: date) -> bytes | None:
    """One public record with the subject it is about, as JSON; None when the public may not see it today."""
    return reading.value(_record_statement(), str(id).encode(), None, today.isoformat().encode())


def public_proof(id: int, today: date) -> dict[str, Any] | None:
    """The proof that a public record is in the ledger; None when the public may not see the record.

    `body` is what was hashed, byte for byte. A body that holds fields which are not for the public (a
    document type, a sealed personal number) is withheld: `body` is None, and the proof stands for `leaf_hash`
    alone.
    """
    if public_record(id, today) is None:
        return None
    body = ledger.leaf_body("archive_record", id)
    kept = reading.row(
        "SELECT item, item_version::text, personal IS NULL, payload FROM archive_record WHERE id = %s", [id]
    )
    if body is None or kept is None:
        return None
    item, version, nothing_sealed, payload = kept
    known = any(one.id == item and one.version.isoformat() == version for one in catalogue.versions())
    open_ = known and nothing_sealed and not (orjson.loads(payload).keys() & withheld(item, version))
    return {"record": id, "body": body.decode() if open_ else None, **ledger.inclusion(id, body)}


# --- everything held, for staff -----------------------------------------------------------------------------

_MEMBERS = "SELECT id FROM registry_subject WHERE id = %s OR merged_into_id = %s"

_HELD = f"""
    SELECT r.id, r.item, r.item_version, r.date, o.name, o.code, r.law,
        r.disclosure, r.publish_from, r.publish_until, r.operation, r.refers_to_id, r.personal, r.payload,
        (SELECT n.operation FROM archive_record n WHERE n.refers_to_id = r.id ORDER BY n.id DESC LIMIT 1)
    FROM (
        SELECT r.id FROM archive_record r WHERE r.subject_id IN ({_MEMBERS})
            AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = r.id)
        UNION
        SELECT a.record_id FROM archive_attribution a WHERE a.subject_id IN ({_MEMBERS})
            AND NOT EXISTS (SELECT FROM archive_attribution l WHERE l.record_id = a.record_id AND l.id > a.id)
    ) k JOIN archive_record r ON r.id = k.id JOIN accounts_organisation o ON o.id = r.source_id
    ORDER BY r.date DESC, r.id DESC"""


def full_subject(code: str, today: date) -> dict[str, Any] | None:
    """Everything held on a subject, for staff: all its records in every state, personal numbers masked.

    `code` is any code of the subject, S<number>, or a personal number. State of a record: "in_force",
    "expired" (its publication is over), "corrected" or "withdrawn" (a later record says so; a withdrawal
    itself, too).
    """
    subject = resolve(code, personal=True)
    if subject is None:
        return None
    held = reading.rows(_HELD, [subject] * 4)
    return {"subject": _held_subject(subject), "records": [_held_record(row, today) for row in held]}


def _held_subject(subject: int) -> dict[str, Any]:
    found = reading.row(
        f"SELECT {code_of('c')}, c.name, c.kind, c.region FROM registry_subject c WHERE c.id = %s", [subject]
    )
    code, name, kind, area = found or ("", "", "", None)
    names = reading.rows(
        f"SELECT registered_name, NULL::date AS since, id FROM registry_subject WHERE id IN ({_MEMBERS}) "
        f"UNION ALL SELECT name, since, id FROM registry_name WHERE subject_id IN ({_MEMBERS}) "
        "ORDER BY 2 NULLS FIRST, 3",
        [subject] * 4,
    )
    codes = reading.rows(
        f"SELECT scheme, value, cipher FROM registry_identifier WHERE subject_id IN ({_MEMBERS}) ORDER BY id",
        [subject] * 2,
    )
    roles = reading.rows(
        f"SELECT role, min(since) FROM registry_role WHERE subject_id IN ({_MEMBERS}) "
        "GROUP BY role ORDER BY 2, 1",
        [subject] * 2,
    )
    outlets = reading.rows(
        "SELECT kind, name, url, platform, opened_on, closed_on FROM registry_outlet "
        f"WHERE subject_id IN ({_MEMBERS}) ORDER BY id",
        [subject] * 2,
    )
    checks = reading.rows(
        "SELECT DISTINCT ON (report_id) report_id, state, reasons, checked_on FROM registry_verification "
        f"WHERE subject_id IN ({_MEMBERS}) ORDER BY report_id, id DESC",
        [subject] * 2,
    )
    return {
        "code": code,
        "name": name,
        "kind": kind,
        "region": region(area),
        "names": [{"name": one, "since": _day(since)} for one, since, _ in names],
        "identifiers": [
            {"scheme": scheme, "value": _shown(scheme, value, cipher)} for scheme, value, cipher in codes
        ],
        "roles": [{"role": role, "since": _day(since)} for role, since in roles],
        "outlets": [
            {"kind": k, "name": n, "url": u, "platform": p, "opened_on": _day(a), "closed_on": _day(z)}
            for k, n, u, p, a, z in outlets
        ],
        "verifications": [
            {"report": report, "state": state, "reasons": orjson.loads(reasons), "checked_on": _day(on)}
            for report, state, reasons, on in checks
        ],
    }


def _held_record(row: tuple[Any, ...], today: date) -> dict[str, Any]:
    (
        id, item_id, version, on, source, source_code, law, disclosure, start, until, operation, refers_to,
        personal, payload, later,
    ) = row  # fmt: skip
    item = next((one for one in catalogue.versions() if one.id == item_id and one.version == version), None)
    known_law = next((one for one in laws.laws() if one.id == law), None)
    return {
        "id": id,
        "item": item_id,
        "item_name_zh": item.name_zh if item else item_id,
        "date": _day(on),
        "source": source,
        "source_code": source_code,
        "law": law,
        "law_name_zh": known_law.name_zh if known_law else law,
        "article": article(item, law) if item else "",
        "disclosure": disclosure,
        "publication": {"from": _day(start), "until": _day(until)},
        "state": _state(operation, later, until, today),
        "operation": operation,
        "refers_to": refers_to,
        "payload": orjson.loads(payload) | _masked(personal),
    }


def _state(operation: str, later: str | None, until: date | None, today: date) -> str:
    if "withdrawal" in (operation, later):
        return "withdrawn"
    if later == "correction":
        return "corrected"
    return "expired" if until is not None and until < today else "in_force"


def _masked(personal: bytes | None) -> dict[str, str]:
    """The sealed fields of a record, opened and masked; closed altogether when the seal is broken."""
    if personal is None:
        return {}
    try:
        fields: dict[str, str] = orjson.loads(settings.KEYRING.decrypt(bytes(personal), b"record"))
    except SealBroken:
        return {"personal": CLOSED}
    return {field: mask("personal", value) for field, value in fields.items() if value}


def _shown(scheme: str, value: str | None, cipher: bytes | None) -> str:
    if value is not None or cipher is None:
        return value or ""
    try:
        return mask(scheme, settings.KEYRING.decrypt(bytes(cipher), b"identifier").decode())
    except SealBroken:
        return CLOSED


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def fields_in_order(item: str, version: date | None, payload: Iterable[str]) -> list[str]:
    """The field codes of a payload in the order of the catalogue."""
    known = [
        one for one in catalogue.versions() if one.id == item and (version is None or one.version == version)
    ]
    order = {field.code: number for one in known for number, field in enumerate(one.fields)}
    return sorted(payload, key=lambda code: (order.get(code, len(order)), code))
