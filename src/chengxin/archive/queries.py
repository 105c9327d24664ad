"""What can be asked of the archive: the public view (see `public`), proofs, everything held on a subject."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import orjson
from django.conf import settings

from chengxin.archive.catalogued import article, withheld
from chengxin.archive.personal import opened
from chengxin.archive.public import public_record, public_records, public_subject
from chengxin.database import reading
from chengxin.kernel.crypto import SealBroken
from chengxin.kernel.identifiers import mask
from chengxin.kernel.masking import CLOSED
from chengxin.ledger import queries as ledger
from chengxin.registry.queries import code_of, region, resolve
from chengxin.rulebook import catalogue, laws

__all__ = [
    "fields_in_order",
    "full_subject",
    "public_proof",
    "public_record",
    "public_records",
    "public_subject",
]


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
        f"UNION ALL SELECT name, since, id FROM {_told('registry_name')} ORDER BY 2 NULLS FIRST, 3",
        [subject] * 6,
    )
    codes = reading.rows(
        f"SELECT scheme, value, cipher FROM registry_identifier WHERE subject_id IN ({_MEMBERS}) ORDER BY id",
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


def fields_in_order(item: str, version: date | None, payload: Iterable[str]) -> list[str]:
    """The field codes of a payload in the order of the catalogue."""
    known = [
        one for one in catalogue.versions() if one.id == item and (version is None or one.version == version)
    ]
    order = {field.code: number for one in known for number, field in enumerate(one.fields)}
    return sorted(payload, key=lambda code: (order.get(code, len(order)), code))
