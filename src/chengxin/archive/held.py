"""Everything held on a subject, for those who may see more than the public: one statement a part.

A subject is one with all that were merged into it; records are where they were last attributed. Personal
numbers are masked here; `unmasking` opens them one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from django.conf import settings

from chengxin.accounts.permissions import Target
from chengxin.archive.catalogued import article
from chengxin.archive.marking import REPAIRS, STANDING
from chengxin.archive.personal import opened
from chengxin.archive.seeing import EVERYTHING, SHARED, Sight
from chengxin.database import reading
from chengxin.kernel.crypto import SealBroken
from chengxin.kernel.identifiers import mask
from chengxin.kernel.masking import CLOSED
from chengxin.registry.queries import code_of, region, resolve
from chengxin.rulebook import catalogue, laws
from chengxin.rulebook.catalogue import Item

STATES = ("in_force", "contested", "suspended", "expired", "repaired", "ended", "corrected", "withdrawn")
"""in_force; contested (somebody objects, not decided yet); suspended (neither shown nor used for the time
being); expired (its publication is over); repaired or ended (publication, sharing and use are over, by a
repair or for another reason); corrected or withdrawn (a later record says so)."""

OVER = ("repaired", "ended")
"""States in which a record must not be used any more: who sees it still is told so, and no more than that."""

MARKED = ("contested", "suspended", *OVER)
"""States that come from a mark: since a day, because of something, by a case."""

RECORDS = 50
"""Records a page."""

_MEMBERS = "SELECT id FROM registry_subject WHERE id = %s OR merged_into_id = %s"


def _told(table: str) -> str:
    """What a table knows of the members from records, with those attributed to them since (four values)."""
    return f"""(
        SELECT t.* FROM {table} t WHERE t.subject_id IN ({_MEMBERS})
            AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = t.record_id)
        UNION ALL
        SELECT t.* FROM archive_attribution a JOIN archive_record k ON k.id = a.record_id
            JOIN {table} t ON t.subject_id = k.subject_id AND t.record_id = k.id
            WHERE a.subject_id IN ({_MEMBERS}) AND NOT EXISTS (
                SELECT FROM archive_attribution l WHERE l.record_id = a.record_id AND l.id > a.id)
    ) t"""


_REPAIRS = ", ".join(f"'{one}'" for one in REPAIRS)
# Values of `_STATED`: the subject four times, today.
_STATED = f"""
WITH own AS MATERIALIZED (
    SELECT r.id FROM archive_record r WHERE r.subject_id IN ({_MEMBERS})
        AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = r.id)
    UNION
    SELECT a.record_id FROM archive_attribution a WHERE a.subject_id IN ({_MEMBERS})
        AND NOT EXISTS (SELECT FROM archive_attribution l WHERE l.record_id = a.record_id AND l.id > a.id)
),
stated AS MATERIALIZED (
    SELECT r.id, r.item, r.date, r.source_id, r.disclosure, r.publish_from, r.publish_until,
        CASE WHEN r.operation = 'withdrawal' OR n.operation = 'withdrawal' THEN 'withdrawn'
             WHEN n.operation = 'correction' THEN 'corrected'
             WHEN r.ended_on <= d.today THEN
                CASE WHEN m.because IN ({_REPAIRS}) THEN 'repaired' ELSE 'ended' END
             WHEN r.suspended THEN 'suspended'
             WHEN r.publish_until < d.today THEN 'expired'
             WHEN r.contested THEN 'contested' ELSE 'in_force' END AS state,
        n.id AS later, d.today, m."on" AS since, m.because, m.reason, m.case_id
    FROM own CROSS JOIN (SELECT %s::date AS today) d JOIN archive_record r ON r.id = own.id
    LEFT JOIN LATERAL (SELECT n.id, n.operation FROM archive_record n WHERE n.refers_to_id = r.id
        ORDER BY n.id DESC LIMIT 1) n ON true
    LEFT JOIN LATERAL (
        SELECT m.* FROM archive_mark m WHERE m.record_id = r.id AND {STANDING}
            AND (m.kind <> 'ended' OR m."on" <= d.today)
        ORDER BY array_position(ARRAY['ended', 'suspended', 'contested'], m.kind), m."on", m.id LIMIT 1
    ) m ON true
)"""
# Values: grades, organisations.
_SEEN = """(s.disclosure = ANY(%s::text[]) OR s.source_id = ANY(%s::bigint[])
    OR s.disclosure = 'public' AND s.state IN ('in_force', 'contested') AND s.publish_from <= s.today)"""

_SUMMARY = f"""{_STATED}
SELECT s.item, extract(year FROM s.date)::int, s.state, {_SEEN}, count(*)
FROM stated s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3"""

_RECORDS = f"""{_STATED}
SELECT r.id, r.item, r.item_version, r.date, o.name, o.code, r.source_id, r.law, r.disclosure,
    r.publish_from, r.publish_until, r.operation, r.refers_to_id, r.personal, r.payload, s.state, s.later,
    r.batch_id, s.since, s.because, s.reason, s.case_id
FROM stated s JOIN archive_record r ON r.id = s.id JOIN accounts_organisation o ON o.id = r.source_id
WHERE {_SEEN} AND (%s::text IS NULL OR s.item = %s::text) AND (%s::text IS NULL OR s.state = %s::text)
  AND (s.date, s.id) < (%s::date, %s::bigint)
ORDER BY s.date DESC, s.id DESC LIMIT %s::bigint"""

_NO_LIMIT = 2**62
_END = date(9999, 12, 31)


@dataclass(frozen=True)
class Count:
    """How many records of an item and year are in a state."""

    item: str
    year: int
    state: str
    number: int


@dataclass(frozen=True)
class Summary:
    """The records of a subject in numbers: those that a person sees, and how many are left out."""

    seen: tuple[Count, ...]
    left_out: int


def target(subject: int) -> Target:
    """A subject as permissions ask of it: its region, and the platforms on which it runs something."""
    found = reading.row("SELECT region FROM registry_subject WHERE id = %s::bigint", [subject])
    platforms = reading.rows(
        f"SELECT DISTINCT platform FROM {_told('registry_outlet')} WHERE platform IS NOT NULL", [subject] * 4
    )
    area = found[0] if found else None
    return Target(region=area, platforms=tuple(sorted(one for (one,) in platforms)), subject=subject)


def named(subjects: Sequence[int]) -> dict[int, tuple[int, str, str]]:
    """Of each number: the subject that stands for it today (number, name, code)."""
    found = reading.rows(
        f"SELECT s.id, c.id, c.name, {code_of('c')} FROM registry_subject s "
        "JOIN registry_subject c ON c.id = coalesce(s.merged_into_id, s.id) WHERE s.id = ANY(%s::bigint[])",
        [list(subjects)],
    )
    return {number: (id, name, code) for number, id, name, code in found}


def summary(subject: int, today: date, sight: Sight = EVERYTHING) -> Summary:
    """How many records there are, by item, year and state."""
    found = reading.rows(_SUMMARY, [*[subject] * 4, today, sorted(sight.grades), list(sight.organisations)])
    return Summary(
        tuple(Count(item, year, state, number) for item, year, state, seen, number in found if seen),
        sum(number for *_, seen, number in found if not seen),
    )


def records(
    subject: int,
    today: date,
    sight: Sight = EVERYTHING,
    *,
    item: str | None = None,
    state: str | None = None,
    before: tuple[date, int] | None = None,
    limit: int | None = RECORDS,
) -> list[dict[str, Any]]:
    """The records that a person sees, the newest first; at most `limit`, behind the place `before`.

    Personal fields are masked; fields whose grade the person may not see are left out and counted under
    "withheld". What is over (OVER) says that, since when and because of what, and nothing else to those who
    may only use what is in force. "since", "because", "case": of the mark that the state comes from.
    """
    given = [
        *[subject] * 4, today, sorted(sight.grades), list(sight.organisations), item, item, state, state,
        *(before or (_END, 0)), _NO_LIMIT if limit is None else limit,
    ]  # fmt: skip
    return [_record(row, sight) for row in reading.rows(_RECORDS, given)]


def full_subject(code: str, today: date) -> dict[str, Any] | None:
    """Everything held on a subject: all its records in every state, personal numbers masked.

    `code` is any code of the subject, S<number>, or a personal number.
    """
    subject = resolve(code, personal=True)
    if subject is None:
        return None
    return {"subject": held_subject(subject), "records": records(subject, today, limit=None)}


def held_subject(subject: int) -> dict[str, Any]:
    """Who a subject is: names, codes (personal ones masked), roles, outlets, verifications."""
    found = reading.row(
        f"SELECT {code_of('c')}, c.name, c.kind, c.region FROM registry_subject c WHERE c.id = %s", [subject]
    )
    code, name, kind, area = found or ("", "", "", None)
    names = reading.rows(
        f"SELECT registered_name, NULL::date AS since, id FROM registry_subject WHERE id IN ({_MEMBERS}) "
        f"UNION ALL SELECT name, since, id FROM {_told('registry_name')} ORDER BY 2 NULLS FIRST, 3",
        [subject] * 6,
    )
    codes = reading.rows(
        "SELECT scheme, value, cipher, id FROM registry_identifier "
        f"WHERE subject_id IN ({_MEMBERS}) ORDER BY id",
        [subject] * 2,
    )
    roles = reading.rows(
        f"SELECT role, min(since) FROM {_told('registry_role')} GROUP BY role ORDER BY 2, 1",
        [subject] * 4,
    )
    outlets = reading.rows(
        f"SELECT kind, name, url, platform, opened_on, closed_on FROM {_told('registry_outlet')} ORDER BY id",
        [subject] * 4,
    )
    checks = reading.rows(
        "SELECT v.report_id, v.state, v.reasons, v.checked_on FROM registry_verification v "
        f"WHERE v.subject_id IN ({_MEMBERS}) AND NOT EXISTS (SELECT FROM registry_verification l "
        "WHERE l.report_id = v.report_id AND l.id > v.id) ORDER BY v.report_id",
        [subject] * 2,
    )
    return {
        "code": code,
        "name": name,
        "kind": kind,
        "region": region(area),
        "names": [{"name": one, "since": _day(since)} for one, since, _ in names],
        "identifiers": [
            {"scheme": scheme, "value": _shown(scheme, value, cipher), "id": id, "sealed": value is None}
            for scheme, value, cipher, id in codes
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


def item_of(id: str, version: date) -> Item | None:
    """The version of an item by which a record was sent."""
    return next((one for one in catalogue.versions() if one.id == id and one.version == version), None)


def _record(row: tuple[Any, ...], sight: Sight) -> dict[str, Any]:
    (
        id, item_id, version, on, source, source_code, source_id, law, disclosure, start, until, operation,
        refers_to, personal, payload, state, later, batch, since, because, reason, case,
    ) = row  # fmt: skip
    item = item_of(item_id, version)
    known_law = next((one for one in laws.laws() if one.id == law), None)
    fields = orjson.loads(payload) | _masked(personal)
    over = state in OVER and not sight.over(source_id)
    seen = {} if over else _seen_fields(item, fields, sight, source_id)
    return {
        "id": id,
        "item": item_id,
        "item_name_zh": item.name_zh if item else item_id,
        "item_name_en": item.name_en if item else item_id,
        "date": _day(on),
        "source": source,
        "source_code": source_code,
        "law": law,
        "law_name_zh": known_law.name_zh if known_law else law,
        "law_name_en": known_law.name_en if known_law else law,
        "article": article(item, law) if item else "",
        "disclosure": disclosure,
        "publication": {"from": _day(start), "until": _day(until)},
        "state": state,
        "since": _day(since) if state in MARKED else None,
        "because": because if state in MARKED else None,
        "reason": reason if state in MARKED and sight.over(source_id) else None,
        "case": case if state in MARKED else None,
        "operation": operation,
        "refers_to": refers_to,
        "later": later,
        "batch": batch,
        "payload": seen,
        "sealed": sorted(_sealed_fields(personal) & seen.keys()),
        "withheld": len(fields) - len(seen),
    }


def _seen_fields(item: Item | None, fields: dict[str, str], sight: Sight, source: int) -> dict[str, str]:
    grades = {field.code: field.disclosure for field in item.fields} if item else {}
    return {code: value for code, value in fields.items() if sight.field(grades.get(code, SHARED), source)}


def _sealed_fields(personal: bytes | None) -> set[str]:
    try:
        return set(opened(personal, settings.KEYRING))
    except SealBroken:
        return set()


def _masked(personal: bytes | None) -> dict[str, str]:
    """The sealed fields of a record, opened and masked; closed altogether when the seal is broken."""
    try:
        fields = opened(personal, settings.KEYRING)
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
