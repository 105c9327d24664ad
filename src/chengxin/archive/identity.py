"""Records as the facts that identities are verified by: which field of which item says what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

import orjson

from chengxin.archive.belonging import Standing
from chengxin.archive.personal import opened
from chengxin.kernel.crypto import Keyring, SealBroken
from chengxin.kernel.identifiers import canonical
from chengxin.kernel.text import fold
from chengxin.registry.verification import Held, Licence, Listing, Registration, Report
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Item

PERIOD, CLOSED = "SF_BSQ", "SF_ZZRQ"
"""Of a platform's report: its report period, and the day on which the shop stopped."""

STARTS, ENDS = "XK_YXQZ", "XK_YXQZI"
"""Of a licence: the first and the last day on which it is valid."""

REGISTRATION, LICENCE, LISTING = "registration", "licence", "abnormal_operation"


def reports() -> list[str]:
    """The items in which a platform says who its operators are."""
    return [item.id for item in catalogue.items() if item.verifies]


def registers() -> list[str]:
    """The items against which that is held."""
    return [item.id for item in catalogue.items() if item.rechecks]


def report(record: Standing, keyring: Keyring) -> Report:
    """A platform's report of one operator and shop."""
    item, payload = _item(record.item, record.version), orjson.loads(record.payload)
    subject, outlet = item.subject, item.outlet
    if outlet is None:
        raise LookupError(f"目录项目{item.id}没有网店字段 / item {item.id} declares no outlet")
    kinds = _kinds(item, payload)
    natural = kinds == ("natural_person",)
    return Report(
        id=record.id,
        name=payload[subject.name],
        natural=natural,
        kinds=kinds,
        platform=payload.get(outlet.platform, ""),
        shop=fold(payload.get(outlet.url, ""), "upper"),
        period=payload[PERIOD],
        code=payload.get(subject.identifiers["uscc"]),
        number=_number(item, payload, record.personal, keyring) if natural else None,
        legal_person=_said(payload, subject.legal_person),
        region=_said(payload, subject.region),
        address=_said(payload, subject.address),
        opened=_day(_said(payload, outlet.opened)),
        closed=_day(_said(payload, outlet.closed)),
    )


def held(records: Iterable[Standing], keyring: Keyring) -> Held:
    """What the registers hold on one subject; the newest registration first."""
    registrations: list[tuple[date, int, Registration]] = []
    licences: list[Licence] = []
    listings: list[Listing] = []
    for record in sorted(records, key=lambda one: one.id):
        item, payload = _item(record.item, record.version), orjson.loads(record.payload)
        if record.item == REGISTRATION:
            registrations.append((record.on, record.id, _registration(item, payload, record.on)))
        elif record.item == LICENCE:
            licences.append(_licence(item, payload, record.personal, keyring))
        elif record.item == LISTING:
            listings.append(_listing(payload))
    newest = sorted(registrations, key=lambda one: one[:2], reverse=True)
    return Held(tuple(one for *_, one in newest), tuple(licences), tuple(listings))


def kinds_allowed(item: str, version: date, payload: Mapping[str, str]) -> tuple[str, ...]:
    """The kinds of subject that a record can be about, by what it says itself; none: any kind."""
    return _kinds(_item(item, version), payload)


def _registration(item: Item, payload: Mapping[str, str], approved: date) -> Registration:
    subject = item.subject
    return Registration(
        name=payload[subject.name],
        kind=_kinds(item, payload)[0],
        status=payload["ZC_ZT"],
        approved=approved,
        code=payload.get(subject.identifiers["uscc"]),
        former_name=payload.get("ZC_CYM"),
        legal_person=_said(payload, subject.legal_person),
        region=_said(payload, subject.region),
        address=_said(payload, subject.address),
        established=_day(payload.get("ZC_CLRQ")),
        since=_day(payload.get("ZC_ZTRQ")),
    )


def _licence(item: Item, payload: Mapping[str, str], personal: bytes | None, keyring: Keyring) -> Licence:
    natural = _kinds(item, payload) == ("natural_person",)
    return Licence(
        name=payload[item.subject.name],
        title=payload["XK_XKWS"],
        certificate=payload.get("XK_XKZS", ""),
        starts=date.fromisoformat(payload[STARTS]),
        ends=date.fromisoformat(payload[ENDS]),
        stands=payload["XK_ZT"] == "1",
        number=_number(item, payload, personal, keyring) if natural else None,
    )


def _listing(payload: Mapping[str, str]) -> Listing:
    return Listing(
        reason=payload["JY_LRYY"],
        listed=date.fromisoformat(payload["JY_LRRQ"]),
        removed=_day(payload.get("JY_YCRQ")),
    )


def _number(item: Item, payload: Mapping[str, str], personal: bytes | None, keyring: Keyring) -> bytes | None:
    """The keyed hash of a person's document number; None where there is none, or its seal is broken."""
    try:
        fields = opened(personal, keyring)
    except SealBroken:  # told by the check of the ledger, which sees every altered byte
        return None
    written = fields.get(item.subject.identifiers["resident_id"])
    if not written:
        return None
    document = _said(payload, item.subject.person_id_type) or ""
    scheme = item.subject.person_id_schemes.get(document, "resident_id")
    return keyring.fingerprint(scheme, canonical(scheme, written))


def _kinds(item: Item, payload: Mapping[str, str]) -> tuple[str, ...]:
    said = _said(payload, item.subject.kind)
    return item.subject.kinds.get(said or "", item.subject.default_kinds)


def _said(payload: Mapping[str, Any], field: str | None) -> str | None:
    return payload.get(field) if field else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def _item(id: str, version: date) -> Item:
    """The catalogue's version under which a record was kept; the newest where it is no longer known."""
    same = [one for one in catalogue.versions() if one.id == id]
    return next((one for one in same if one.version == version), same[-1])
