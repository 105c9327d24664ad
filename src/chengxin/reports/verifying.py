"""Holding a report against the ledger: is it ours, whole, what was sealed, and what changed since."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Any

import orjson
from django.conf import settings

from chengxin.kernel.crypto import signature_holds
from chengxin.kernel.merkle import checkpoint, included, leaf_hash
from chengxin.kernel.problems import Problem
from chengxin.ledger import queries as ledger
from chengxin.ledger.actions import ORIGIN
from chengxin.measures.consequences import consequences_of
from chengxin.reports import faults
from chengxin.reports.content import FORMAT, STAND, gone_since, stood
from chengxin.reports.limits import LARGEST
from chengxin.reports.pdf import ATTACHED
from chengxin.reports.sealing import CODE, Sealed, sealed_report
from chengxin.reports.signatures import signature_problem
from chengxin.reports.wording import KINDS

_MOST_CONTENT = 64 * 1024 * 1024


@dataclass(frozen=True)
class Verdict:
    """Whether a report holds. `content`: its JSON, where it could be read and is sealed.

    gone   records that don't stand any more, by what became of them (`content.gone_since`)
    over   how many of its lists and measures have ended
    signed whether the file bears the signature; JSON is held against the ledger alone
    """

    problems: tuple[Problem, ...]
    sealed: Sealed | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    gone: Mapping[str, Sequence[int]] = field(default_factory=dict)
    over: int = 0
    signed: bool = True

    @property
    def holds(self) -> bool:
        """Nothing is wrong with it."""
        return not self.problems

    @property
    def unchanged(self) -> bool:
        """All that it says of records and consequences still stands."""
        return not self.gone and not self.over


def verify_file(file: bytes, today: date) -> Verdict:
    """The verdict on a report's PDF, or on its JSON as it was sealed.

    Reads at most `limits.LARGEST` bytes and never fails on what it is given.
    """
    if file.startswith(b"{") and len(file) <= LARGEST:
        return replace(_read(file.rstrip(b"\r\n"), today, faults.other_data()), signed=False)
    wrong = signature_problem(file, settings.KEYRING.document_key.public_key())
    if wrong is not None:
        return Verdict((wrong,))
    body = _attached(file)
    if body is None:
        return Verdict((faults.without_report(),))
    return _read(body, today, faults.without_report())


def _read(body: bytes, today: date, otherwise: Problem) -> Verdict:
    """The verdict on JSON; `otherwise`: what is wrong where it is no report."""
    try:
        content = orjson.loads(body)
        number = content["number"]
        if content["format"] != FORMAT or not isinstance(number, int):
            return Verdict((otherwise,))
    except (ValueError, TypeError, KeyError):
        return Verdict((otherwise,))
    return verify_content(body, content, number, today)


def verify_content(body: bytes, content: Mapping[str, Any], number: int, today: date) -> Verdict:
    """The verdict on a report's JSON, as bytes and read."""
    entry = sealed_report(number) if 0 <= number < 2**63 else None
    if entry is None:
        return Verdict((faults.unknown(number),))
    if sha256(body).hexdigest() != entry.sha256:
        return Verdict((faults.differs(number),), entry)
    if not proved(number):
        return Verdict((faults.unproved(number),), entry)
    records = [one["id"] for one in content["records"] if one["state"] in STAND]
    return Verdict(
        (),
        entry,
        content,
        gone_since(records, entry.size, entry.made_on, today),
        _over(content["consequences"], entry, today),
    )


def proved(number: int) -> bool:
    """Whether the register's entry is a leaf under the signed head of the ledger."""
    body = ledger.leaf_body("reports_report", number)
    if body is None:
        return False
    try:
        proof = ledger.inclusion(number, body)
    except IndexError:
        return False
    head = proof["head"]
    root = base64.b64decode(head["root"])
    path = [base64.b64decode(step) for step in proof["path"]]
    text = checkpoint(ORIGIN, head["size"], root, head["previous"], head["signed_at"])
    return included(number, head["size"], leaf_hash(body), path, root) and signature_holds(
        settings.KEYRING.public_key, text, base64.b64decode(head["signature"])
    )


@dataclass(frozen=True)
class Looked:
    """What the page of a number says: the entry, whether the code on paper is right, and what changed since.

    `gone` is None for a full version: of what isn't public, nothing is told by number alone.
    """

    entry: Sealed
    gone: Mapping[str, Sequence[int]] | None


def verify_number(number: int, code: str, today: date) -> Looked | None:
    """The entry of a number whose code, as on the paper, is `code`; None where they don't belong together."""
    entry = sealed_report(number) if number < 2**63 else None
    if entry is None or len(code) != CODE or entry.sha256[:CODE] != code.lower() or not proved(number):
        return None
    if entry.version != "public":
        return Looked(entry, None)
    records = stood(entry.subject, entry.size, entry.made_on)
    return Looked(entry, gone_since(records, entry.size, entry.made_on, today))


def _over(said: Sequence[Mapping[str, Any]], entry: Sealed, today: date) -> int:
    """How many lists and measures have ended; a publication ends with its record, which is told apart."""
    then = [one for one in said if one["kind"] in KINDS]
    if not then:
        return 0
    now = {_which(one) for one in consequences_of(entry.subject, today, public=entry.version == "public")}
    return sum(_which(one) not in now for one in then)


def _which(one: Mapping[str, Any]) -> str:
    because = one["because"]
    told = [one["kind"], one["since"], one.get("measure"), because["decision"], because["rule"]]
    return orjson.dumps(told).decode()


def _attached(file: bytes) -> bytes | None:
    """The report's JSON in a file that is known to be ours."""
    from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415 - an extra
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415

    try:
        files = PdfFileReader(BytesIO(file)).root["/AF"]
        for at in range(len(files)):
            one = files[at]  # an index follows references, a loop doesn't
            if one["/UF"] == ATTACHED:
                found: bytes = one["/EF"]["/F"].data
                return found if len(found) <= _MOST_CONTENT else None
    except (PdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return None
