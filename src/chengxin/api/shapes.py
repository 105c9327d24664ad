"""Shapes of the API's answers, for OpenAPI. The answers themselves are made by the queries."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from ninja import Field, Schema

Kind = Literal["legal_person", "organisation", "individual_business", "natural_person"]


class Region(Schema):
    """A region by GB/T 2260."""

    code: str
    name: str


class NameHeld(Schema):
    """A name; `since` is null for the name under which the subject became known."""

    name: str
    since: date | None


class IdentifierHeld(Schema):
    """A public code."""

    scheme: str
    value: str


class RoleHeld(Schema):
    """A role in e-commerce."""

    role: str
    since: date


class OutletHeld(Schema):
    """A shop, website, app or live room; `platform` is the code of the platform it is on."""

    kind: Literal["shop", "website", "app", "live_room"]
    name: str
    url: str | None
    platform: str | None
    platform_name: str | None
    opened_on: date | None
    closed_on: date | None


class VerificationHeld(Schema):
    """How the identity reported by platforms compares with the registers; the worst of the newest checks."""

    state: Literal["unverified", "verified", "mismatch", "lapsed"]
    checked_on: date


class SubjectHeld(Schema):
    """A credit subject as the public sees it."""

    code: str
    name: str
    kind: Kind
    region: Region | None
    names: list[NameHeld]
    identifiers: list[IdentifierHeld]
    roles: list[RoleHeld]
    outlets: list[OutletHeld]
    verification: VerificationHeld | None


class Published(Schema):
    """First and last day on which the public sees a record; no `until`: without end."""

    start: date = Field(alias="from")
    until: date | None


class RecordHeld(Schema):
    """A record with its source and its law."""

    id: int
    item: str
    item_name_zh: str | None
    item_name_en: str | None
    date: date
    source: str
    source_code: str | None
    law: str
    law_name_zh: str | None
    law_name_en: str | None
    article: str
    disclosure: Literal["public"]
    publication: Published
    state: Literal["in_force"]
    payload: dict[str, Any]


class RecordsPage(Schema):
    """Records, newest first; `next` is the `after` of the following page."""

    records: list[RecordHeld]
    next: str | None


class SubjectView(RecordsPage):
    """A subject with its records in force."""

    subject: SubjectHeld


class SubjectNamed(Schema):
    """Whom a record is about."""

    code: str
    name: str
    kind: Kind


class RecordView(Schema):
    """One record."""

    subject: SubjectNamed
    record: RecordHeld


class SubjectFound(SubjectNamed):
    """A search result; `outlet` is the shop or domain by which it was found."""

    region: Region | None
    matched: Literal["code", "name", "prefix", "shop", "domain", "part"]
    outlet: str | None


class SearchPage(Schema):
    """Search results. `more`: the query fits more subjects than are ever listed; be more precise."""

    subjects: list[SubjectFound]
    next: str | None
    more: bool


class Head(Schema):
    """A signed tree head; the signature (Ed25519) covers `origin`, `size` and `root`, a line each."""

    origin: str
    size: int
    root: str
    signed_at: str
    signature: str
    public_key: str


class Proof(Schema):
    """Inclusion of a record in the ledger (RFC 9162 §2.1.3); hashes in base64.

    `body` is what was hashed; null where it holds fields that are not public. Then `leaf_hash` stands alone.
    """

    record: int
    body: str | None
    leaf: int
    leaf_hash: str
    path: list[str]
    head: Head


class Consistency(Schema):
    """Proof that the ledger only grew (RFC 9162 §2.1.4); hashes in base64."""

    old: int = Field(alias="from")
    new: int = Field(alias="to")
    from_root: str
    to_root: str
    path: list[str]


class ItemNamed(Schema):
    """An item of the collection catalogue."""

    id: str
    version: date
    name_zh: str
    name_en: str
    about_zh: str
    about_en: str
    law: str
    article: str
    disclosure: Literal["public", "shared", "authorised"]
    frequency: str


class Catalogue(Schema):
    """All items in force today."""

    items: list[ItemNamed]


class FieldNamed(Schema):
    """A field of an item."""

    code: str
    name_zh: str
    name_en: str
    type: str
    required: bool
    disclosure: Literal["public", "shared", "authorised", "never"]
    length: int | None
    choices: list[str]
    example: str
    note: str


class ItemView(ItemNamed):
    """An item with its fields and the JSON schema (2020-12) of a row."""

    law_name_zh: str
    law_name_en: str
    fields: list[FieldNamed]
    row_schema: dict[str, Any]


class Receipt(Schema):
    """What became of a batch."""

    batch: int
    item: str
    stage: Literal["received", "checked", "matched", "kept", "refused"]
    rows: int
    kept: int
    duplicate: int
    rejected: int


class FieldProblem(Schema):
    """What is wrong with one parameter, and how to mend it."""

    field: str
    value: str | None
    rule: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str


class ProblemView(Schema):
    """A problem by RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


class Health(Schema):
    """The service and its database answer."""

    status: Literal["ok"]
