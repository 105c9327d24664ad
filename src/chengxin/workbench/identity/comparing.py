"""What a platform reported of an operator beside what the registers hold, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.translation import gettext

from chengxin.archive import identity
from chengxin.archive.belonging import Standing, standing
from chengxin.database import reading
from chengxin.design import words
from chengxin.kernel.identifiers import mask
from chengxin.ledger.actions import raw_cursor
from chengxin.registry.names import normalise_name
from chengxin.registry.queries import region
from chengxin.registry.verification import Held, Registration, Report
from chengxin.registry.verification.judging import ALIKE, likeness
from chengxin.rulebook.catalogue import SUBJECT_KINDS
from chengxin.workbench.differing import Compared, compared


@dataclass(frozen=True)
class Origin:
    """Where one side comes from: the organisation that sent the record, and the record's day."""

    record: int
    source: str
    on: date


@dataclass(frozen=True)
class Beside:
    """Both sides of one report. `register` is None where no register knows the operator."""

    report: Report
    lines: tuple[Compared, ...]
    reported: Origin | None
    register: Origin | None
    natural: bool


def beside(report: int, subject: int, today: date) -> Beside | None:
    """A report held against the registers as they stand now; None when the report no longer stands."""
    items = [*identity.reports(), *identity.registers()]
    records = list(standing(raw_cursor(), [subject], items, today))
    own = next((one for one in records if one.id == report), None)
    if own is None:
        return None
    said = identity.report(own, settings.KEYRING)
    kept = [one for one in records if one.item in identity.registers()]
    held = identity.held(kept, settings.KEYRING)
    against = _against(kept, natural=said.natural)
    origins = _origins([own, *([against] if against else [])])
    return Beside(
        said,
        tuple(_natural(said, held) if said.natural else _registered(said, held)),
        origins.get(own.id),
        origins.get(against.id) if against else None,
        said.natural,
    )


def _against(records: Sequence[Standing], *, natural: bool) -> Standing | None:
    """The record that counts on the other side: the newest registration, of persons the newest licence."""
    wanted = identity.LICENCE if natural else identity.REGISTRATION
    return max((one for one in records if one.item == wanted), key=lambda one: (one.on, one.id), default=None)


def _origins(records: Sequence[Standing]) -> dict[int, Origin]:
    found = reading.rows(
        "SELECT r.id, o.name, r.date FROM archive_record r "
        "JOIN accounts_organisation o ON o.id = r.source_id WHERE r.id = ANY(%s::bigint[])",
        [[one.id for one in records]],
    )
    return {id: Origin(id, source, on) for id, source, on in found}


def _registered(said: Report, held: Held) -> list[Compared]:
    register = held.registrations[0] if held.registrations else None
    home = register is not None and register.kind == "individual_business"
    reported, known = said.address, register.address if register else None
    alike = likeness(reported, known) >= ALIKE if reported and known else None
    return [
        compared(
            gettext("经营者名称"), said.name, register.name if register else None, same=_same_name(said, held)
        ),
        compared(
            gettext("经营者类别"),
            _kinds(said),
            _kind(register),
            same=register is not None and (not said.kinds or register.kind in said.kinds),
        ),
        compared(gettext("统一社会信用代码"), said.code, register.code if register else None),
        compared(
            gettext("法定代表人（负责人、经营者）"),
            _person(said.legal_person),
            _person(register.legal_person if register else None),
            same=_same(said.legal_person, register.legal_person) if register else None,
        ),
        compared(
            gettext("区划"),
            _region(said.region),
            _region(register.region if register else None),
            same=(said.region or "")[:4] == (register.region or "")[:4] if register else None,
        ),
        compared(gettext("实际经营地址"), _address(reported, home), _address(known, home), same=alike),
        compared(
            gettext("登记状态"), gettext("（平台不报送）"), register.status if register else None,
            same=True,
        ),
    ]  # fmt: skip


def _natural(said: Report, held: Held) -> list[Compared]:
    """A natural person: the licence names them and their number, of which only sameness is shown."""
    licence = max(held.licences, key=lambda one: one.starts, default=None)
    numbers = {one.number for one in held.licences if one.number is not None}
    known = said.number is not None and bool(numbers)
    agrees = said.number in numbers
    number = gettext("（不显示）")
    return [
        compared(
            gettext("经营者名称"),
            _person(said.name),
            _person(licence.name if licence else None),
            same=any(_same(one.name, said.name) for one in held.licences),
        ),
        compared(gettext("证件号码"), number, number if known else None, same=agrees),
        compared(gettext("许可"), gettext("（平台不报送）"), licence.title if licence else None, same=True),
    ]


def _same(one: str | None, other: str | None) -> bool:
    return not one or not other or normalise_name(one) == normalise_name(other)


def _same_name(said: Report, held: Held) -> bool:
    return bool(held.registrations) and _same(said.name, held.registrations[0].name)


def _person(name: str | None) -> str | None:
    return mask("person", name) if name else None


def _address(text: str | None, home: bool) -> str | None:
    return mask("address", text) if text and home else text


def _region(code: str | None) -> str | None:
    found = region(code)
    return f"{found['name']} {found['code']}" if found else None


def _kind(register: Registration | None) -> str | None:
    return words.say(SUBJECT_KINDS[register.kind]) if register else None


def _kinds(said: Report) -> str:
    return words.joined([words.say(SUBJECT_KINDS[kind]) for kind in said.kinds])
