"""A report held against the registers: everything that differs, and what it amounts to."""

from __future__ import annotations

import itertools
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from chengxin.kernel.calendar import count, is_working_day
from chengxin.kernel.identifiers import mask
from chengxin.registry.names import normalise_name
from chengxin.registry.verification.facts import Held, Licence, Registration, Report
from chengxin.registry.verification.findings import RULES, Reason, because
from chengxin.rulebook.catalogue import SUBJECT_KINDS
from chengxin.rulebook.deadlines import deadline

State = Literal["unverified", "verified", "mismatch", "lapsed"]

RECHECK = "platform.recheck"
"""The period of rulebook/data/deadlines.csv within which an operator is checked again."""

ALIKE = 0.45
"""Dice's coefficient from which two addresses are one, as in matching (`partly the same`): the register and
the platform write the same place differently, and other places still share their province and city."""

_WORST_FIRST: tuple[State, ...] = ("mismatch", "lapsed", "unverified")

ENDED: dict[str, str] = {"吊销": "revoked", "注销": "deregistered", "撤销": "annulled", "迁出": "moved away"}
"""States of a registration after which nobody may trade on it, or another register answers for it."""

_SUSPENDED = "停业"
_NOT_FOUND = "通过登记的住所或者经营场所无法联系"


@dataclass(frozen=True)
class Outcome:
    """The outcome for one report."""

    state: State
    reasons: tuple[Reason, ...]


def verify(report: Report, held: Held, today: date) -> Outcome:
    """What becomes of a platform's report on the day, and why.

    A shop that has stopped needs no further check: lapsed. Otherwise everything that differs is listed, and
    the worst of it is the state: what contradicts the register is a mismatch; a registration that has ended,
    a kind of licence of which none is valid any more, or no report in the present period make it lapsed;
    where no register knows the operator it stays unverified.
    """
    if report.closed is not None and report.closed < today:
        return Outcome("lapsed", (because("shop_closed", on=report.closed),))
    register = held.registrations[0] if held.registrations else None
    found = [
        *(_against_licences(report, held) if report.natural else _against_register(report, held)),
        *(_state_of(register) if register else ()),
        *_listings(held, today),
        *_licences(held, today),
        *_overdue(report, today),
    ]
    effects = {RULES[reason.rule].effect for reason in found}
    worst = next((state for state in _WORST_FIRST if state in effects), None)
    if worst is None:
        found.insert(0, _agreement(report, held))
    return Outcome(worst or "verified", tuple(found))


def superseded(by: Report) -> Outcome:
    """The outcome for a report after which the same shop was reported again."""
    return Outcome("lapsed", (because("superseded", period=by.period),))


def _agreement(report: Report, held: Held) -> Reason:
    if report.natural:
        licence = next(one for one in held.licences if _same(one.name, report.name))
        return because("agrees_licence", certificate=licence.certificate or licence.title)
    return because("agrees", on=held.registrations[0].approved)


# --- one thing at a time ------------------------------------------------------------------------------------


def _against_register(report: Report, held: Held) -> Iterator[Reason]:
    if not held.registrations:
        yield because("no_registration")
        return
    register = held.registrations[0]
    if report.kinds and register.kind not in report.kinds:
        yield _kind(report, register.kind)
    yield from _name(report, held)
    if report.code and register.code and report.code != register.code:
        yield because("code", reported=report.code, held=register.code)
    if not _same(report.legal_person, register.legal_person):
        names = [mask("person", one or "") for one in (report.legal_person, register.legal_person)]
        yield because("legal_person", reported=names[0], held=names[1])
    yield from _place(report, register)
    if report.opened and register.established and report.opened < register.established:
        yield because("before_registration", opened=report.opened, on=register.established)


def _against_licences(report: Report, held: Held) -> Iterator[Reason]:
    """Natural persons stand in no register of trade; a licence names them and their number."""
    if held.registrations:
        yield _kind(report, held.registrations[0].kind)
        return
    if not held.licences:
        yield because("no_licence")
        return
    if not any(_same(one.name, report.name) for one in held.licences):
        yield because(
            "name",
            reported=mask("person", report.name),
            held=mask("person", held.licences[0].name),
            register="许可记录",
            register_en="licence record",
        )
    numbers = {one.number for one in held.licences if one.number is not None}
    if report.number is not None and numbers and report.number not in numbers:
        yield because("number")


def _kind(report: Report, held: str) -> Reason:
    zh, en = zip(*(SUBJECT_KINDS[kind] for kind in report.kinds or ("natural_person",)), strict=True)
    held_zh, held_en = SUBJECT_KINDS[held]
    return because("kind", reported="或".join(zh), reported_en=" or ".join(en), held=held_zh, held_en=held_en)


def _name(report: Report, held: Held) -> Iterator[Reason]:
    register = held.registrations[0]
    if _same(report.name, register.name):
        return
    former = [one.former_name for one in held.registrations] + [one.name for one in held.registrations[1:]]
    if any(name and _same(report.name, name) for name in former):
        yield because("former_name", reported=report.name, held=register.name)
        return
    yield because("name", reported=report.name, held=register.name, register="登记", register_en="register")


def _place(report: Report, register: Registration) -> Iterator[Reason]:
    """At most one finding on where the operator sits: the address, which is nearer, before the region."""
    if report.address and register.address and likeness(report.address, register.address) < ALIKE:
        sits_at_home = register.kind == "individual_business"
        shown = [mask("address", one) if sits_at_home else one for one in (report.address, register.address)]
        yield because("address", reported=shown[0], held=shown[1])
    elif report.region and register.region and report.region[:4] != register.region[:4]:
        yield because("region", reported=report.region, held=register.region)


def _state_of(register: Registration) -> Iterator[Reason]:
    on = register.since or register.approved
    if register.status in ENDED:
        yield because("ended", status=register.status, status_en=ENDED[register.status], on=on)
    elif register.status == _SUSPENDED:
        yield because("suspended", on=on)


def _listings(held: Held, today: date) -> Iterator[Reason]:
    for one in held.listings:
        if one.removed is not None and one.removed <= today:
            continue
        if one.reason == _NOT_FOUND:
            yield because("not_found", on=one.listed)
        else:
            yield because("listed", on=one.listed, why=one.reason)


def _licences(held: Held, today: date) -> Iterator[Reason]:
    """Papers of which none is valid any more. Decisions that come without a paper don't count."""
    papers: dict[str, list[Licence]] = {}
    for one in held.licences:
        if one.certificate and one.starts <= today:
            papers.setdefault(one.certificate, []).append(one)
    for certificate, licences in sorted(papers.items()):
        if not any(one.valid_on(today) for one in licences):
            yield because("licence_ended", certificate=certificate, on=max(one.ends for one in licences))


def _overdue(report: Report, today: date) -> Iterator[Reason]:
    limit = reported_until(report.period, today)
    if limit is not None and limit < today:
        yield because("report_overdue", period=report.period, on=limit)


@lru_cache(maxsize=1_000)  # a few periods, asked for again with each report
def reported_until(period: str, today: date) -> date | None:
    """The last day for which a report of a period ("2026-01") is fresh; None where no law limits it.

    Platforms report in January and July: the report holds until the month of the next one is over, counted by
    the period of re-checks in force today, and to the first working day where that month ends on a day off
    (民法典 art. 203).
    """
    try:
        again = deadline(RECHECK, today)
    except LookupError:
        return None
    year, month = period.split("-")
    following = count(date(int(year), int(month), 1), again.period).counted[-1]
    limit = following.replace(day=monthrange(following.year, following.month)[1])
    while not is_working_day(limit):
        limit += timedelta(days=1)
    return limit


# --- likeness -----------------------------------------------------------------------------------------------

_ABOVE_COUNTY = re.compile("^(?:[^省市区县]{2,3}省)?(?:[^省市区县]{2,4}市)?")


def _same(reported: str | None, held: str | None) -> bool:
    """Whether two names are one in any spelling; what is not known contradicts nothing."""
    if not reported or not held or reported == held:
        return True
    return normalise_name(reported) == normalise_name(held)


def likeness(one: str, other: str) -> float:
    """How alike two addresses are, 0 to 1: the pairs of neighbouring characters that they share (Dice)."""
    if one == other:
        return 1.0
    pairs = [_pairs(_ABOVE_COUNTY.sub("", normalise_name(text))) for text in (one, other)]
    total = len(pairs[0]) + len(pairs[1])
    return 2 * len(pairs[0] & pairs[1]) / total if total else 1.0


def _pairs(text: str) -> set[str]:
    return {first + second for first, second in itertools.pairwise(text)} or {text} - {""}
