"""The credit report of a subject for programs: its public version, byte for byte as the ledger sealed it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Router, Schema

from chengxin.accounts.guard import public
from chengxin.api import answers, shapes
from chengxin.api.decisions import Consequence
from chengxin.reports import sealing
from chengxin.reports.content import FORMAT

_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"

Code = Annotated[str, Path(min_length=1, max_length=64, pattern=_PRINTABLE, examples=["91350102MA2XAB0130"])]


class RecordClass(Schema):
    """失信信息的类别。 / The class of dishonest information."""

    id: Literal["minor", "general", "serious"]
    reason_zh: str
    reason_en: str
    earliest_repair: date | None = Field(
        description="自何日起可申请修复 / from which day repair may be asked for; null: not foreseen"
    )


class ReportRecord(shapes.RecordHeld):
    """报告中的一条信用信息。 / A record of a report."""

    class_: RecordClass | None = Field(alias="class", description="非失信信息为空 / null: not dishonest")


class Counts(Schema):
    """有效的信息、失信类别和后果的数目。 / How many records, classes and consequences there are."""

    records: int
    items: dict[str, int] = Field(examples=[{"registration": 1, "penalty": 2}])
    classes: dict[str, int] = Field(examples=[{"general": 2}])
    consequences: dict[str, int] = Field(examples=[{"publication": 2}])


class Remedy(Schema):
    """主体可以怎么做，依据哪部法律。 / What the subject may do, by which law."""

    zh: str
    en: str
    law: shapes.LawId
    article: str


class Report(Schema):
    """信用报告（公开版）。键按码位排序、无空白的UTF-8即报告的规范写法，其SHA-256记入账本。 /
    A credit report, public version. UTF-8 with sorted keys and no white space is its canonical spelling:
    of that the ledger seals the SHA-256."""

    format: str = Field(examples=[FORMAT])
    version: Literal["public"]
    demonstration: bool = Field(description="演示数据 / whether all of it is invented")
    number: int = Field(description="报告编号，即它在账本中的叶号 / its number: its leaf in the ledger")
    made_at: shapes.Moment
    as_of: date
    purpose: str = Field(description="公开版为空 / empty in a public version", examples=[""])
    subject: shapes.SubjectHeld
    counts: Counts
    consequences: list[Consequence]
    records: list[ReportRecord]
    more_records: bool = Field(description="另有更早的信息未列出 / whether older records are left out")
    records_left_out: int
    remedies: list[Remedy]
    ledger: shapes.Head | None = Field(description="出具时的账本首 / the ledger's head when it was made")


router = Router(by_alias=True)


@router.get(
    "/subjects/{code}/report",
    response={200: Report, **dict.fromkeys((404, 422, 503), shapes.ProblemView)},
    tags=["subjects"],
    summary="信用报告 / Credit report",
)
@public
def report(request: HttpRequest, code: Code) -> HttpResponse:
    """今天的信用报告（公开版），已记入账本；同日内容不变的，给出同一份。
    可以用`chengxin report verify`或者网页核验。 /
    Today's credit report, public version, sealed in the ledger; the same one again while nothing changes that
    day. It can be verified with `chengxin report verify` or on the page of verification."""
    try:
        made = sealing.public_report(code, answers.today())
    except sealing.Unknown:
        return answers.no_subject().as_django()
    return answers.read(made.body, request.headers.get("If-None-Match")).as_django()
