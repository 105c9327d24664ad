"""Making a report: what is said is gathered, numbered and sealed in one turn at the ledger.

A report's number is its leaf, and so the size of the tree at whose head it was made: it states what the
ledger held then, neither less nor more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.utils import timezone

from chengxin.accounts.permissions import Actor, Target
from chengxin.archive import held
from chengxin.archive.seeing import EVERYTHING, sight
from chengxin.audit.actions import looked
from chengxin.audit.rules import Purpose
from chengxin.database import reading
from chengxin.ledger import queries as ledger
from chengxin.ledger.actions import appending
from chengxin.ledger.sealed import moment
from chengxin.reports import cache
from chengxin.reports.content import Matter, canonical, full_matter, public_matter
from chengxin.reports.models import REPORT

CODE = 16
"""Hexadecimal digits of the hash that stand on the paper."""

OWN = "本人查阅复制 / the subject's own copy · pipl 45"
"""The purpose of a report that a subject makes of itself."""


class Unknown(LookupError):
    """No subject that may be shown has this code."""

    def __init__(self) -> None:
        super().__init__(
            "没有可以出具报告的信用主体，请核对代码；自然人的信息不向社会公示 / "
            "there is no subject of whom a report can be given: compare the code; "
            "of natural persons nothing is public"
        )


@dataclass(frozen=True)
class Made:
    """A sealed report. `body`: its JSON, byte for byte as it was hashed."""

    number: int
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        """The JSON, read."""
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    @property
    def sha256(self) -> str:
        """Of the JSON, in hexadecimal."""
        return sha256(self.body).hexdigest()

    @property
    def made_at(self) -> datetime:
        """When it was sealed, by the clock in China."""
        return datetime.fromisoformat(self.content["made_at"]).astimezone(ZoneInfo("Asia/Shanghai"))

    @property
    def code(self) -> str:
        """The first digits of the hash: what stands on paper and in the address of verification."""
        return self.sha256[:CODE]


def public_report(code: str, today: date) -> Made:
    """The public report on a subject; raises Unknown.

    Sealed once a day and content: whoever asks for the same again gets the same report, so that nobody makes
    the ledger grow by asking.
    """
    matter = public_matter(code, today)
    if matter is None:
        raise Unknown
    known = _made_already(matter, today)
    if known is not None:
        return known

    def again() -> Matter:
        found = public_matter(code, today)
        if found is None:
            raise Unknown
        return found

    return _seal(again, today)


def full_report(actor: Actor, subject: int, purpose: Purpose, today: date) -> Made:
    """What is held on a subject and the person may see, for a stated purpose; the look is logged first.

    Raises Forbidden unless the table of permissions lets the person read this subject.
    """
    target: Target = held.target(subject)
    actor.must("subject.read", target)
    looked(actor, [subject], "download", purpose, "credit_report", target=target)
    said = f"{purpose.kind} · {purpose.text} · {purpose.law} {purpose.article}".rstrip()
    seeing = sight(actor, target)
    return _seal(lambda: full_matter(subject, today, seeing), today, actor, said)


def own_report(actor: Actor, subject: int, today: date) -> Made:
    """Everything held, for the subject itself (PIPL art. 45).

    `actor` acts for the subject, which the caller has checked (`own.read`).
    """
    return _seal(lambda: full_matter(subject, today, EVERYTHING), today, actor, OWN)


def _seal(gather: Callable[[], Matter], today: date, actor: Actor | None = None, purpose: str = "") -> Made:
    with appending() as log:
        head = ledger.head()
        matter = gather()
        number, now = log.next_leaf, timezone.now()
        body = canonical(
            dict(matter.said) | {"number": number, "made_at": moment(now), "purpose": purpose, "ledger": head}
        )
        row = (
            matter.subject, matter.version, now, today.isoformat(), sha256(body).digest(), matter.digest,
            int(head["size"]) if head else 0, actor.user if actor else None, actor.name if actor else "",
            purpose,
        )  # fmt: skip
        log.keep(REPORT, [row])
    made = Made(number, body)
    if matter.version == "public":
        cache.keep(today, number, "json", body)
    return made


_LAST = """SELECT id, sha256 FROM reports_report
WHERE subject = %s::bigint AND version = 'public' AND made_on = %s::date AND matter = %s::bytea
ORDER BY id DESC LIMIT 1"""


def _made_already(matter: Matter, today: date) -> Made | None:
    """The public report of today that says the same, if its file is still there."""
    found = reading.row(_LAST, [matter.subject, today, matter.digest])
    body = cache.kept(today, found[0], "json") if found else None
    if found is None or body is None or sha256(body).digest() != bytes(found[1]):
        return None
    return Made(found[0], body)


@dataclass(frozen=True)
class Sealed:
    """What the ledger knows of a report."""

    number: int
    subject: int
    version: str
    made_at: datetime
    made_on: date
    sha256: str
    size: int


def sealed_report(number: int) -> Sealed | None:
    """The register's entry of a number; None where no report has it."""
    found = reading.row(
        "SELECT id, subject, version, made_at, made_on, sha256, size FROM reports_report "
        "WHERE id = %s::bigint",
        [number],
    )
    if found is None:
        return None
    id, subject, version, made_at, made_on, digest, size = found
    return Sealed(id, subject, version, made_at, made_on, bytes(digest).hex(), size)
