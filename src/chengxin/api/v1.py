"""Version 1 of the API: schema in, query out; nothing else. Public and read-only but for batches.

OpenAPI at /api/v1/openapi.json, described for people at /api/v1/docs.
"""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Path, Query, Router
from ninja.openapi.schema import OpenAPISchema

from chengxin import __version__
from chengxin.accounts.guard import public
from chengxin.api import answers, shapes
from chengxin.api.answers import json, problem
from chengxin.api.batches import router as batches
from chengxin.api.changes import router as changes
from chengxin.api.decisions import keyed
from chengxin.api.decisions import router as decisions
from chengxin.api.leads import router as leads
from chengxin.api.problems import install
from chengxin.api.publicity import router as publicity
from chengxin.api.reports import router as reports
from chengxin.api.tokens import HEADERS
from chengxin.archive import queries as archive
from chengxin.ledger import queries as ledger
from chengxin.registry import queries as registry
from chengxin.rulebook import catalogue, laws
from chengxin.rulebook.catalogue import Item
from chengxin.rulebook.template import json_schema

_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"
_BIGGEST = 2**63 - 1

Code = Annotated[
    str,
    Path(
        min_length=1,
        max_length=64,
        pattern=_PRINTABLE,
        description="统一社会信用代码、工商注册号、组织机构代码等，或S加编号 / "
        "a public code, or S and a number",
        examples=["91350102MA2XAB0130"],
    ),
]
RecordNumber = Annotated[
    int, Path(ge=0, le=_BIGGEST, description="记录编号 / number of the record", examples=[42])
]
After = Annotated[
    str | None,
    Query(max_length=200, pattern="^[0-9A-Za-z_-]+$", description="上一页的next / `next` of the page before"),
]


class Api(NinjaAPI):
    """NinjaAPI whose OpenAPI says that problems come as application/problem+json."""

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """The document of OpenAPI."""
        schema = super().get_openapi_schema(**given)
        for path in schema["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in response.get("content", {}):
                        response["content"] = {
                            "application/problem+json": response["content"]["application/json"]
                        }
                    if operation.get("security"):
                        response["headers"] = _limits(int(status))
        return schema


def _limits(status: int) -> dict[str, Any]:
    """What OpenAPI says of the headers of an answer to a key."""
    described = HEADERS | ({"Retry-After": "几秒后再试 / seconds to wait"} if status == 429 else {})
    number = {"type": "integer", "minimum": 0}
    return {name: {"description": words, "schema": number} for name, words in described.items()}


def problems(*statuses: int) -> dict[int, Any]:
    """Documented problems of an endpoint; 422 and 503 are always possible."""
    return dict.fromkeys((*statuses, 422, 503), shapes.ProblemView)


router = Router(by_alias=True)


@router.get(
    "/subjects",
    response={200: shapes.SearchPage, **problems(404)},
    tags=["subjects"],
    summary="查询主体 / Search",
)
@public
def search(
    request: HttpRequest,
    q: Annotated[
        str,
        Query(
            min_length=2,
            max_length=registry.LONGEST,
            pattern=_PRINTABLE,
            description="名称中任意两个以上连续的字、拼音或首字母、代码、店铺名、域名 / "
            "two or more neighbouring characters of a name, pinyin, initials, code, shop's name, domain",
            examples=["福州"],
        ),
    ],
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=registry.MOST, description="每页几个主体 / subjects a page")] = 20,
) -> HttpResponse:
    """按名称、代码、店铺名或域名查询，最相近的在前。 /
    Subjects by name, code, shop or domain; the most alike first."""
    try:
        page = registry.search(q, after, limit)
    except registry.BadCursor:
        return problem(
            404, "没有这一页，请去掉after重新查询", "there is no such page; leave `after` out and start again"
        ).as_django()
    found = [one.as_dict() for one in page.subjects]
    return json(request, {"subjects": found, "next": page.next, "more": page.more})


@router.get(
    "/subjects/{code}",
    response={200: shapes.SubjectView, **problems(404)},
    tags=["subjects"],
    summary="主体 / A subject",
)
@public
def subject(request: HttpRequest, code: Code) -> HttpResponse:
    """主体是谁，以及今天公示的信用信息；不显示自然人。 /
    Who it is, and its records that are public today. Natural persons are not shown."""
    return answers.subject(code, request.headers.get("If-None-Match")).as_django()


@router.get(
    "/subjects/{code}/records",
    response={200: shapes.RecordsPage, **problems(404)},
    tags=["subjects"],
    summary="主体的公示信息 / A subject's records",
)
@public
def records(
    request: HttpRequest,
    code: Code,
    after: Annotated[
        str | None, Query(pattern="^[0-9]{1,18}$", description="上一页的next / `next` of the page before")
    ] = None,
) -> HttpResponse:
    """逐页列出全部公示信息。 / All public records page by page."""
    body = archive.public_records(code, answers.today(), int(after) if after else _BIGGEST)
    return answers.no_subject().as_django() if body is None else json(request, body)


@router.get(
    "/records/{id}",
    response={200: shapes.RecordView, **problems(404)},
    tags=["records"],
    summary="记录 / A record",
)
@public
def record(request: HttpRequest, id: RecordNumber) -> HttpResponse:
    """今天公示的一条信息，附来源和法律依据。 / One record that is public today, with its source and law."""
    body = archive.public_record(id, answers.today())
    return _no_record() if body is None else json(request, body)


@router.get(
    "/records/{id}/proof",
    response={200: shapes.Proof, **problems(404)},
    tags=["ledger"],
    summary="存证 / Proof of a record",
)
@public
def proof(request: HttpRequest, id: RecordNumber) -> HttpResponse:
    """一条公示信息确在账本之中、未被改动的证明（RFC 9162）。 /
    That a public record is in the ledger, unchanged (RFC 9162)."""
    found = archive.public_proof(id, answers.today())
    return _no_record() if found is None else json(request, found)


def _no_record() -> HttpResponse:
    return problem(
        404,
        "没有这条记录，或者它今天不对社会公示",
        "there is no such record, or the public may not see it today",
    ).as_django()


@router.get(
    "/ledger/head",
    response={200: shapes.Head, **problems(404)},
    tags=["ledger"],
    summary="账本首 / Signed head",
)
@public
def head(request: HttpRequest) -> HttpResponse:
    """最新的、经过签名的账本首。 / The newest signed tree head."""
    found = ledger.head()
    if found is None:
        return problem(404, "账本还没有内容", "nothing has been kept yet").as_django()
    return json(request, found)


@router.get(
    "/ledger/consistency",
    response={200: shapes.Consistency, **problems(404)},
    tags=["ledger"],
    summary="一致性证明 / Consistency proof",
)
@public
def consistency(
    request: HttpRequest,
    old: Annotated[
        int, Query(alias="from", ge=1, le=_BIGGEST, description="较早的大小 / the earlier size", examples=[1])
    ],
    new: Annotated[
        int, Query(alias="to", ge=1, le=_BIGGEST, description="较晚的大小 / the later size", examples=[2])
    ],
) -> HttpResponse:
    """账本较晚时以较早时的全部内容开头（RFC 9162）。 /
    That the ledger at the later size begins with what it was at the earlier."""
    try:
        found = ledger.consistency(old, new)
    except IndexError:
        return problem(
            404,
            "账本没有这样的两个大小：from应不大于to，to不超过账本首的size",
            "the ledger was never of these sizes: from must not exceed to, nor to the size of the head",
        ).as_django()
    return json(request, found)


@router.get(
    "/catalogue",
    response={200: shapes.Catalogue, **problems()},
    tags=["catalogue"],
    summary="征集目录 / The catalogue",
)
@public
def items(request: HttpRequest) -> HttpResponse:
    """可以征集什么、向谁、依据什么法律：今天有效的项目。 /
    What may be collected, from whom, under which law: items in force today."""
    return json(request, {"items": [_item(one) for one in catalogue.items(answers.today())]})


ItemId = Annotated[
    str, Path(pattern="^[a-z][a-z_]{0,63}$", description="项目的代码 / id of the item", examples=["penalty"])
]


@router.get(
    "/catalogue/{item}",
    response={200: shapes.ItemView, **problems(404)},
    tags=["catalogue"],
    summary="目录项目 / An item",
)
@public
def item(request: HttpRequest, item: ItemId) -> HttpResponse:
    """一个项目的字段和一行数据的JSON Schema。 / An item with its fields and the JSON schema of a row."""
    found = answers.find_item(item)
    if found is None:
        return answers.no_item().as_django()
    law = laws.law(found.law)
    fields = [
        {
            "code": one.code,
            "name_zh": one.name_zh,
            "name_en": one.name_en,
            "type": one.type,
            "required": one.required,
            "disclosure": one.disclosure,
            "length": one.length,
            "choices": one.choices,
            "example": one.example,
            "note": one.note,
        }
        for one in found.fields
    ]
    named = {"law_name_zh": law.name_zh, "law_name_en": law.name_en}
    return json(request, _item(found) | named | {"fields": fields, "row_schema": json_schema(found)})


def _item(one: Item) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "about_zh": one.about_zh,
        "about_en": one.about_en,
        "law": one.law,
        "article": one.article,
        "disclosure": one.disclosure,
        "frequency": one.frequency,
    }


api = Api(
    title="诚信 Chengxin",
    version=__version__,
    description="电子商务信用信息公开查询接口。只提供依法公示、在公示期内的信息。 / "
    "Public look-up of e-commerce credit information: only what the law publishes, for as long as it does.",
    docs_url=None,
    urls_namespace="api-v1",
)
api.add_router("", router)
api.add_router("", decisions)
api.add_router("", keyed)
api.add_router("", reports)
api.add_router("", publicity)
api.add_router("/batches", batches)
api.add_router("/changes", changes)
api.add_router("/leads", leads)
install(api)
