"""Opening one sealed value: an identifier of a subject, or a personal field of a record. Each time an act.

The value goes to whoever asked, for the purpose stated, and nowhere else; the look is in the ledger before it
is returned (PIPL arts. 6, 28, 51).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.conf import settings

from chengxin.accounts.permissions import Actor
from chengxin.archive.held import item_of, target
from chengxin.archive.personal import opened
from chengxin.archive.seeing import sight
from chengxin.audit.actions import looked
from chengxin.audit.rules import Purpose
from chengxin.database import reading
from chengxin.kernel.crypto import SealBroken


class NothingThere(LookupError):
    """There is no such sealed value, or it can't be opened any more."""


class Unmasked(NamedTuple):
    """A value in the clear. `what`: its kind of code or, with the item, its field."""

    what: str
    value: str
    item: str | None = None


def identifier(actor: Actor, subject: int, id: int, purpose: Purpose) -> Unmasked:
    """A personal identifier of a subject in the clear. Raises Forbidden, NothingThere."""
    on = target(subject)
    actor.must("identifier.unmask", on)
    found = reading.row(
        "SELECT i.scheme, i.cipher FROM registry_identifier i JOIN registry_subject s ON s.id = i.subject_id "
        "WHERE i.id = %s::bigint AND coalesce(s.merged_into_id, s.id) = %s::bigint AND i.cipher IS NOT NULL",
        [id, subject],
    )
    if found is None:
        raise NothingThere
    scheme, cipher = found
    looked(actor, [subject], "unmask", purpose, scheme, target=on)
    try:
        return Unmasked(scheme, settings.KEYRING.decrypt(bytes(cipher), b"identifier").decode())
    except SealBroken:
        raise NothingThere from None


def field(actor: Actor, subject: int, record: int, code: str, purpose: Purpose) -> Unmasked:
    """A personal field of one record of a subject in the clear. Raises Forbidden, NothingThere."""
    on = target(subject)
    actor.must("identifier.unmask", on)
    found = reading.row(
        "SELECT r.personal, r.item, r.item_version, r.disclosure, r.source_id, r.ended_on "
        "FROM archive_record r JOIN registry_subject s ON s.id = coalesce(("
        "SELECT a.subject_id FROM archive_attribution a "
        "WHERE a.record_id = r.id ORDER BY a.id DESC LIMIT 1), r.subject_id) "
        "WHERE r.id = %s::bigint AND coalesce(s.merged_into_id, s.id) = %s::bigint",
        [record, subject],
    )
    if found is None or found[0] is None:
        raise NothingThere
    personal, item, version, disclosure, source, ended_on = found
    grade, seeing = _grade(item, version, code), sight(actor, on)
    if grade is None or not (seeing.record(disclosure, source) and seeing.field(grade, source)):
        raise NothingThere
    if ended_on is not None and not seeing.over(source):  # what is about to end is no longer opened, either
        raise NothingThere
    looked(actor, [subject], "unmask", purpose, f"{code} #{record}", target=on)
    try:
        value = opened(personal, settings.KEYRING).get(code)
    except SealBroken:
        value = None
    if not value:
        raise NothingThere
    return Unmasked(code, value, item)


def _grade(item_id: str, version: date, code: str) -> str | None:
    """The grade of disclosure of a field, None when the item has no such field."""
    item = item_of(item_id, version)
    return next((one.disclosure for one in item.fields if one.code == code), None) if item else None
