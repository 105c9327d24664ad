"""What the archive last heard of a subject beside its name: legal representative, telephone, address."""

from __future__ import annotations

from typing import Any

import orjson
import polars as pl
from django.conf import settings
from psycopg import Cursor

from chengxin.archive.personal import opened
from chengxin.kernel.crypto import SealBroken
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import SubjectFields

_LAST = 3  # records that are looked at

SCHEMA = {"id": pl.Int64, "legal_person": pl.String, "phone": pl.String, "address": pl.String}


def details(cursor: Cursor[Any], subjects: list[int]) -> pl.DataFrame:
    """`id, legal_person, phone, address` of each subject from its last records; for matching only."""
    found = cursor.execute(
        f"""SELECT s.id, r.item, r.payload, r.personal FROM unnest(%s::bigint[]) AS s(id) CROSS JOIN LATERAL (
            SELECT r.item, r.payload, r.personal, r.id FROM archive_record r
            WHERE r.subject_id = s.id ORDER BY r.id DESC LIMIT {_LAST}
        ) r ORDER BY s.id, r.id DESC""".encode(),
        [subjects],
    ).fetchall()
    fields = {one.id: one.subject for one in catalogue.versions()}
    known: dict[int, dict[str, str]] = {subject: {} for subject in subjects}
    for subject, item, payload, personal in found:
        told = orjson.loads(payload) | _opened(personal)
        for name, code in _named(fields[item]).items():
            if code in told:
                known[subject].setdefault(name, told[code])
    rows = [{"id": subject, **values} for subject, values in known.items()]
    return pl.DataFrame(rows, schema=SCHEMA)


def _named(subject: SubjectFields) -> dict[str, str]:
    pairs = {"legal_person": subject.legal_person, "phone": subject.phone, "address": subject.address}
    return {name: code for name, code in pairs.items() if code}


def _opened(personal: bytes | None) -> dict[str, str]:
    try:
        return opened(personal, settings.KEYRING)
    except SealBroken:
        return {}
