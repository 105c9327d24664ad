"""Shapes of the API's answers, for OpenAPI. The answers themselves are made by the queries.

Descriptions say the Chinese first and the English after " / ", as `/api/v1/docs` shows one of the two.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Field, Schema

Kind = Literal["legal_person", "organisation", "individual_business", "natural_person"]
Code = Annotated[str, Field(examples=["91350102MA2XAB0130"])]
Name = Annotated[str, Field(examples=["福州示例电子商务有限公司"])]
PlatformCode = Annotated[str, Field(examples=["91350102MA2XAB0210"])]
PlatformName = Annotated[str, Field(examples=["福建示例网络科技有限公司"])]
SourceCode = Annotated[str, Field(examples=["11350100003551027Y"])]
WebAddress = Annotated[str, Field(examples=["https://shop.example/1024"])]
ItemId = Annotated[str, Field(examples=["penalty"])]
LawId = Annotated[str, Field(examples=["repair36"])]
Hash = Annotated[str, Field(examples=["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="])]
Moment = Annotated[str, Field(examples=["2026-04-11T01:30:00+00:00"])]


class Region(Schema):
    """行政区划（GB/T 2260）。 / A region by GB/T 2260."""

    code: str = Field(examples=["350102"])
    name: str = Field(examples=["福建省福州市鼓楼区"])


class NameHeld(Schema):
    """一个名称。 / A name."""

    name: Name
    since: date | None = Field(
        description="自何日起使用；首次得知时的名称为空 / first day of its use; null for the name first known"
    )


class IdentifierHeld(Schema):
    """一个公开的代码。 / A public code."""

    scheme: str = Field(
        description="代码种类，如uscc（统一社会信用代码） / kind of code, such as uscc", examples=["uscc"]
    )
    value: Code


class RoleHeld(Schema):
    """在电子商务中的角色。 / A role in e-commerce."""

    role: str = Field(examples=["merchant"])
    since: date


class OutletHeld(Schema):
    """网店、网站、应用程序或直播间。 / A shop, website, app or live room."""

    kind: Literal["shop", "website", "app", "live_room"]
    name: str = Field(examples=["示例旗舰店"])
    url: WebAddress | None
    platform: PlatformCode | None = Field(description="所在平台的代码 / code of the platform that it is on")
    platform_name: PlatformName | None
    opened_on: date | None
    closed_on: date | None = Field(examples=[None])


class VerificationHeld(Schema):
    """平台报送的身份与登记记录比对的结果，取最近各次核验中最差的一个。 /
    How the identity reported by platforms compares with the registers; the worst of the newest checks."""

    state: Literal["unverified", "verified", "mismatch", "lapsed"]
    checked_on: date


class SubjectHeld(Schema):
    """对社会公示的信用主体。 / A credit subject as the public sees it."""

    code: Code = Field(
        description="主体的代码；没有公开代码的为S加编号 / "
        "its code; S and a number where it has no public one"
    )
    name: Name
    kind: Kind
    region: Region | None
    names: list[NameHeld]
    identifiers: list[IdentifierHeld]
    roles: list[RoleHeld]
    outlets: list[OutletHeld]
    verification: VerificationHeld | None


class Published(Schema):
    """公示期。 / When the public sees a record."""

    start: date = Field(alias="from", description="公示首日 / first day")
    until: date | None = Field(
        description="公示末日；为空表示没有期限 / last day; null: without end", examples=["2027-04-09"]
    )


class RecordHeld(Schema):
    """一条信用信息，附来源和法律依据。 / A record with its source and its law."""

    id: int = Field(
        description="编号，也是它在账本中的叶号 / its number, which is its leaf in the ledger, too"
    )
    item: ItemId = Field(description="征集目录项目 / item of the catalogue")
    item_name_zh: str | None = Field(examples=["行政处罚信息"])
    item_name_en: str | None = Field(examples=["Administrative penalty"])
    date: date
    source: str = Field(
        description="提供信息的单位 / organisation that said so", examples=["福州市示例市场监督管理局"]
    )
    source_code: SourceCode | None
    law: LawId
    law_name_zh: str | None = Field(examples=["信用修复管理办法"])
    law_name_en: str | None = Field(examples=["Measures for the Administration of Credit Repair"])
    article: str = Field(
        description="条；不明或不止一条时为空 / article; empty where it is not known or not one alone",
        examples=[""],
    )
    disclosure: Literal["public"]
    publication: Published
    state: Literal["in_force", "contested"] = Field(
        description="contested：主体已提出异议，正在处理 / contested: the subject objects, not decided yet"
    )
    payload: dict[str, Any] = Field(
        description="目录字段代码到值，只含公示字段 / "
        "code of a field of the catalogue → value, public fields only",
        examples=[{"CF_WSH": "榕市监罚〔2026〕0001号", "CF_CFLB": "罚款", "CF_NR_FK": "20.000000"}],
    )


class RecordsPage(Schema):
    """一页信用信息，最新的在前。 / Records, newest first."""

    records: list[RecordHeld]
    next: str | None = Field(
        description="下一页的after；为空表示没有了 / `after` of the following page; null: the end",
        examples=[None],
    )


class SubjectView(RecordsPage):
    """信用主体及其公示中的信用信息。 / A subject with its records in force."""

    subject: SubjectHeld


class SubjectNamed(Schema):
    """信息是关于谁的。 / Whom a record is about."""

    code: Code
    name: Name
    kind: Kind


class RecordView(Schema):
    """一条信用信息。 / One record."""

    subject: SubjectNamed
    record: RecordHeld


class SubjectFound(SubjectNamed):
    """一个查询结果。 / A search result."""

    region: Region | None
    matched: Literal["code", "name", "prefix", "shop", "domain", "part"] = Field(
        description="怎样查到的：代码、名称、名称开头、店铺名、域名、名称的一部分 / "
        "by what it was found: code, name, beginning of the name, shop, domain, part of the name"
    )
    outlet: str | None = Field(
        description="据以查到的店铺名或域名 / the shop or domain by which it was found"
    )


class SearchPage(Schema):
    """一页查询结果。 / Search results."""

    subjects: list[SubjectFound]
    next: str | None = Field(
        description="下一页的after；为空表示没有了 / `after` of the following page; null: the end",
        examples=[None],
    )
    more: bool = Field(
        description="符合的主体多于列出的，请输入得更具体 / "
        "more subjects fit than are ever listed: be more precise"
    )


class Head(Schema):
    """经过签名的账本首；签名（Ed25519）覆盖五行：origin、size、root、
    “previous ”加previous、“signed ”加signed_at。 /
    A signed tree head; the signature (Ed25519) covers five lines: `origin`, `size`, `root`, "previous " with
    `previous`, "signed " with `signed_at`."""

    origin: str = Field(examples=["chengxin/ledger"])
    size: int = Field(description="叶数 / number of leaves", examples=[4096])
    root: Hash = Field(description="根哈希（base64） / root hash (base64)")
    previous: int = Field(
        description="上一账本首的叶数 / number of leaves of the head signed before", examples=[4000]
    )
    signed_at: Moment
    signature: Hash
    public_key: Hash


class Proof(Schema):
    """一条信息在账本之中的证明（RFC 9162 §2.1.3），哈希为base64。 /
    Inclusion of a record in the ledger (RFC 9162 §2.1.3); hashes in base64."""

    record: int
    body: str | None = Field(
        description="被哈希的原文；含有不公示字段时为空，证明只及于leaf_hash / "
        "what was hashed; null where it holds fields that are not public: then `leaf_hash` stands alone"
    )
    leaf: int
    leaf_hash: Hash
    path: list[Hash] = Field(description="从叶到根的相邻哈希 / neighbouring hashes from the leaf to the root")
    head: Head


class Consistency(Schema):
    """账本只增不改的证明（RFC 9162 §2.1.4），哈希为base64。 /
    Proof that the ledger only grew (RFC 9162 §2.1.4); hashes in base64."""

    old: int = Field(alias="from")
    new: int = Field(alias="to")
    from_root: Hash
    to_root: Hash
    path: list[Hash]


class ItemNamed(Schema):
    """征集目录的一个项目。 / An item of the collection catalogue."""

    id: ItemId
    version: date
    name_zh: str = Field(examples=["行政处罚信息"])
    name_en: str = Field(examples=["Administrative penalty"])
    about_zh: str
    about_en: str
    law: LawId
    article: str = Field(examples=["48"])
    disclosure: Literal["public", "shared", "authorised"]
    frequency: str = Field(examples=["event"])


class Catalogue(Schema):
    """今天有效的全部项目。 / All items in force today."""

    items: list[ItemNamed]


class FieldNamed(Schema):
    """项目的一个字段。 / A field of an item."""

    code: str = Field(examples=["CF_WSH"])
    name_zh: str = Field(examples=["行政处罚决定书文号"])
    name_en: str = Field(examples=["number of the decision"])
    type: str = Field(examples=["text"])
    required: bool
    disclosure: Literal["public", "shared", "authorised", "never"]
    length: int | None
    choices: list[str]
    example: str
    note: str


class ItemView(ItemNamed):
    """项目、它的字段和一行数据的JSON Schema（2020-12）。 /
    An item with its fields and the JSON schema (2020-12) of a row."""

    law_name_zh: str
    law_name_en: str
    fields: list[FieldNamed]
    row_schema: dict[str, Any]


class Receipt(Schema):
    """一个批次的回执。 / What became of a batch."""

    batch: int
    item: str
    stage: Literal["received", "checked", "matched", "kept", "refused"]
    rows: int
    kept: int
    duplicate: int
    rejected: int


class FieldProblem(Schema):
    """一个参数的问题和改法。 / What is wrong with one parameter, and how to mend it."""

    field: str
    value: str | None
    rule: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str


class ProblemView(Schema):
    """一个问题（RFC 9457）。 / A problem by RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default=[])


class Health(Schema):
    """服务和数据库均可应答。 / The service and its database answer."""

    status: Literal["ok"]


class BatchView(Schema):
    """一个批次及其回执。 / A batch and its receipt: how far it is, and what became of its rows."""

    batch: int
    item: str
    source: str
    operation: Literal["new", "correction", "withdrawal"]
    file: str
    sha256: str
    received_on: date
    stage: Literal["received", "checked", "matched", "kept", "refused"]
    rows: int
    kept: int
    duplicate: int
    rejected: int
    rejects_file: str | None
    late: int
    without_code: int
    new_subjects: int
    queued: int
    ignored: list[str]
    refusal: FieldProblem | None


class BatchList(Schema):
    """本单位的批次，最新的在前；`next`是下一页的`before`。 /
    Batches, the newest first; `next` is the `before` of the following page."""

    batches: list[BatchView]
    next: int | None


class ChangeView(Schema):
    """一项修复、撤销或更正，以及本单位是否已确认更新。 /
    A repair, annulment or correction, and whether the organisation has confirmed that its copy is updated."""

    id: int
    what: Literal[
        "ended",
        "withdrawn",
        "corrected",
        "removed",
        "revoked",
        "annulled",
        "renounced",
        "suspended",
        "resumed",
    ]
    what_zh: str
    what_en: str
    record: int | None = Field(description="记录编号 / number of the record", examples=[42])
    decision: int | None = Field(description="名单事项编号 / number of the listing", examples=[4711])
    told_on: date
    due: date = Field(description="确认的最后一日 / last day to confirm")
    leaf: int = Field(description="通知在账本中的编号 / number of the notice in the ledger")
    confirmed_on: date | None
    receipt: str = Field(examples=["/api/v1/changes/1/receipt"])


class ChangesPage(Schema):
    """一页修复、撤销和更正。 / A page of repairs, annulments and corrections."""

    changes: list[ChangeView]
    next: int = Field(description="下次用作after / to be sent as `after` next time")
    more: bool
