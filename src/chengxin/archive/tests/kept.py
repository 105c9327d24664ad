"""Subjects and records for tests of what is read: written into the sealed tables as the exchange does."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4

import orjson
import polars as pl

from chengxin.accounts.models import ORGANISATION
from chengxin.archive.models import ATTRIBUTION, RECORD
from chengxin.kernel.identifiers import USCC_ALPHABET, orgcode_check_digit, uscc_check_digit
from chengxin.ledger.actions import Appending, raw_cursor
from chengxin.registry.models import IDENTIFIER, NAME, OUTLET, ROLE, SUBJECT, VERIFICATION
from chengxin.registry.names import normalise_name, search_tokens

TODAY = date(2026, 6, 1)

PENALTY = {
    "CF_XDR_MC": "福州示例电子商务有限公司",
    "CF_XDR_LB": "法人及非法人组织",
    "CF_FRDB": "林示例",
    "CF_WSH": "榕市监罚〔2026〕0001号",
    "CF_WFXW": "虚假宣传",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款人民币20万元",
    "CF_NR_FK": "20.000000",
    "CF_JDRQ": "2026-04-10",
}


def new_uscc() -> str:
    """A valid code that no other test uses."""
    letters = "".join(secrets.choice(USCC_ALPHABET[:10]) for _ in range(6))
    organisation = "DM" + letters
    body = "91350102" + organisation + orgcode_check_digit(organisation)
    return body + uscc_check_digit(body)


@dataclass
class Kept:
    """One turn at the ledger, and what was written in it."""

    log: Appending
    ids: list[int] = field(default_factory=list)

    def source(self, name: str | None = None, code: str | None = None) -> int:
        """An organisation; returns its id."""
        given = (
            code or new_uscc(),
            name or f"福州示例市场监督管理局{secrets.token_hex(4)}",
            "",
            "department",
            True,
        )
        return self.log.keep(ORGANISATION, [given])

    def subject(
        self, name: str, code: str | None = None, kind: str = "legal_person", region: str | None = "350102"
    ) -> int:
        """A subject with its code; returns its id."""
        id = self.log.keep(
            SUBJECT,
            [(kind, name, region)],
            name=[name],
            normalised=[normalise_name(name)],
            tokens=[search_tokens(pl.Series([name]))[0].to_list()],
        )
        if code:
            self.identifier(id, "uscc", code)
        return id

    def identifier(self, subject: int, scheme: str, value: str) -> int:
        """A public code of a subject."""
        return self.log.keep(IDENTIFIER, [(subject, scheme, value, None, None)])

    def sealed_identifier(self, subject: int, scheme: str, fingerprint: bytes, cipher: bytes) -> int:
        """A personal number of a subject."""
        return self.log.keep(IDENTIFIER, [(subject, scheme, None, fingerprint, cipher)])

    def record(
        self,
        subject: int,
        source: int,
        *,
        item: str = "penalty",
        version: str = "2021-07-15",
        on: date = date(2026, 4, 10),
        operation: str = "new",
        refers_to: int | None = None,
        disclosure: str = "public",
        start: date | None = date(2026, 4, 10),
        until: date | None = date(2027, 4, 9),
        law: str = "repair36",
        personal: bytes | None = None,
        payload: dict[str, str] | None = None,
        payload_text: str | None = None,
    ) -> int:
        """A record; returns its id. `payload_text` is written as it is, instead of `payload`."""
        dates = (start, until) if disclosure == "public" else (None, None)
        text = payload_text or orjson.dumps(payload if payload is not None else PENALTY).decode()
        sealed = (
            subject, item, version, source, 1, 1, on.isoformat(), operation, refers_to, disclosure,
            *(one.isoformat() if one else None for one in dates), law, str(uuid4()), str(uuid4()),
            personal, text,
        )  # fmt: skip
        return self.log.keep(RECORD, [sealed])

    def attributed(self, record: int, subject: int) -> int:
        """A record moved to another subject."""
        return self.log.keep(ATTRIBUTION, [(record, subject, "steward", "another firm")])

    def renamed(self, subject: int, name: str, since: date, record: int) -> None:
        """A later name."""
        self.log.keep(NAME, [(subject, name, since.isoformat(), record)])

    def role(self, subject: int, role: str, since: date, record: int) -> None:
        """A role."""
        self.log.keep(ROLE, [(subject, role, since.isoformat(), record)])

    def shop(
        self,
        subject: int,
        name: str,
        domain: str,
        platform: str,
        record: int,
        *,
        closed_on: str | None = None,
    ) -> None:
        """A shop on a platform."""
        url = f"https://{domain}/"
        sealed = (subject, "shop", name, url, domain, platform, "2025-01-01", closed_on, record)
        self.log.keep(OUTLET, [sealed])

    def verification(self, subject: int, report: int, state: str, on: date) -> None:
        """The result of a check."""
        self.log.keep(VERIFICATION, [(subject, report, state, on.isoformat(), "[]")])

    def merged(self, absorbed: int, kept: int) -> None:
        """The projection that a merge writes."""
        self.log.cursor.execute(
            "UPDATE registry_subject SET merged_into_id = %s WHERE id = %s", [kept, absorbed]
        )


def scalar(sql: str) -> object:
    """One value, for looking behind the queries."""
    found = raw_cursor().execute(sql.encode()).fetchone()
    return found[0] if found else None
