"""Lists with their public entries: what stands today, the newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema

from chengxin.accounts.guard import public
from chengxin.api import answers, shapes
from chengxin.api.answers import json, problem
from chengxin.publicity import entries
from chengxin.registry.queries import region
from chengxin.rulebook import qualifying
from chengxin.rulebook.laws import law
from chengxin.rulebook.lists import Listing, listing, lists

Kind = Literal["black", "red", "attention"]


class ListHead(Schema):
    """一个名单：谁负责，依据什么法律，谁会列入。 / A list: keeper, law, who qualifies, what ends it."""

    id: str
    kind: Kind = Field(description="黑名单、红名单、重点关注名单 / black, red or attention list")
    name_zh: str
    name_en: str
    keeper_zh: str
    keeper_en: str
    law: str
    article: str
    law_zh: str
    law_en: str
    qualifies_zh: str
    qualifies_en: str
    ends_when_zh: str
    ends_when_en: str
    url: str


class Listed(Schema):
    """列入的主体。 / The subject of an entry."""

    code: shapes.Code
    name: shapes.Name
    kind: str
    region: shapes.Region | None


class Entry(Schema):
    """公示中的一项列入。 / An entry that is public today."""

    subject: Listed
    since: str = Field(description="公示的第一日 / first day")
    until: str | None = Field(
        description="公示的最后一日；为空表示没有固定期限 / last day; null: no fixed one"
    )
    decision: str = Field(description="决定文号、案号 / number of the decision or the case")
    case: int
    law: str
    article: str
    earliest_end: str | None = Field(
        description="最早可以申请移出的日期 / first day on which removal may be asked for"
    )
    state: Literal["published", "questioned"] = Field(
        description="questioned：所依据的信息有变动，复核中 / its records have changed; under review"
    )
    url: str = Field(description="决定的页面 / page of the decision")


class ListPage(Schema):
    """一个名单的一页。 / A page of a list."""

    list: ListHead
    entries: Sequence[Entry]
    next: str | None = Field(description="下一页的after / `after` of the following page")


class Lists(Schema):
    """全部名单。 / All lists."""

    lists: list[ListHead]


def _problems(*statuses: int) -> dict[int, Any]:
    return dict.fromkeys((*statuses, 422, 503), shapes.ProblemView)


router = Router()


@router.get("/lists", response={200: Lists, **_problems()}, tags=["lists"], summary="名单 / Lists")
@public
def all_lists(request: HttpRequest) -> HttpResponse:
    """今天有效的红名单、黑名单、重点关注名单。 / Red, black and attention lists in force today."""
    return json(request, {"lists": [_head(one) for one in lists(answers.today())]})


@router.get(
    "/lists/{id}",
    response={200: ListPage, **_problems(404)},
    tags=["lists"],
    summary="名单的列入主体 / Entries of a list",
)
@public
def one_list(
    request: HttpRequest,
    id: Annotated[
        str, Path(min_length=1, max_length=64, description="名单 / id of the list", examples=["brushing"])
    ],
    after: Annotated[
        str | None, Query(pattern="^[0-9]{1,18}$", description="上一页的next / `next` of the page before")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="每页几项 / entries a page")] = 50,
) -> HttpResponse:
    """今天公示的列入主体，最近的在前；不含自然人、暂停公示的和已经结束的。 /
    Entries that are public today, the newest first; nothing on natural persons, suspended or ended."""
    today = answers.today()
    try:
        rule = listing(id)
    except LookupError:
        known = ", ".join(one.id for one in lists(today))
        return problem(
            404, f"没有这个名单；现有：{known}", f"there is no such list; there are: {known}"
        ).as_django()
    found = entries.page(id, today, int(after) if after else None, limit)
    return json(
        request,
        {
            "list": _head(rule),
            "entries": [_entry(one) for one in found.entries],
            "next": None if found.next is None else str(found.next),
        },
    )


def _head(one: Listing) -> dict[str, Any]:
    basis = next(iter(one.grounds(answers.today())), one.laws[0])
    cited = law(basis.law)
    return {
        "id": one.id,
        "kind": one.kind,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "keeper_zh": one.keeper.zh,
        "keeper_en": one.keeper.en,
        "law": basis.law,
        "article": basis.article,
        "law_zh": cited.name_zh,
        "law_en": cited.name_en,
        "qualifies_zh": qualifying.words(one.qualifies, "zh") if one.qualifies else one.imported_from_zh,
        "qualifies_en": qualifying.words(one.qualifies, "en") if one.qualifies else one.imported_from_en,
        "ends_when_zh": one.ends_when_zh,
        "ends_when_en": one.ends_when_en,
        "url": f"/lists/{one.id}",
    }


def _entry(one: entries.Shown) -> dict[str, Any]:
    return {
        "subject": {
            "code": one.code,
            "name": one.name,
            "kind": one.subject_kind,
            "region": region(one.region),
        },
        "since": one.since.isoformat(),
        "until": one.until.isoformat() if one.until else None,
        "decision": one.decision,
        "case": one.case,
        "law": one.law,
        "article": one.article,
        "earliest_end": one.earliest_end.isoformat() if one.earliest_end else None,
        "state": "questioned" if one.questioned else "published",
        "url": one.url,
    }
