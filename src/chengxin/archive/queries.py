"""What can be asked of the archive: the public view (`public`), everything held (`held`), proofs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import orjson

from chengxin.archive.catalogued import withheld
from chengxin.archive.held import full_subject
from chengxin.archive.public import public_record, public_records, public_subject
from chengxin.database import reading
from chengxin.ledger import queries as ledger
from chengxin.rulebook import catalogue

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


def fields_in_order(item: str, version: date | None, payload: Iterable[str]) -> list[str]:
    """The field codes of a payload in the order of the catalogue."""
    known = [
        one for one in catalogue.versions() if one.id == item and (version is None or one.version == version)
    ]
    order = {field.code: number for one in known for number, field in enumerate(one.fields)}
    return sorted(payload, key=lambda code: (order.get(code, len(order)), code))
