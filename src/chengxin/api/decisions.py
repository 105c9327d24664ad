"""What was decided on a subject: consequences for everybody, the admission check for platforms' keys."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Field, Path, Query, Router, Schema

from chengxin.accounts.guard import public
from chengxin.accounts.keys import Shown
from chengxin.api import answers, shapes
from chengxin.api.answers import json, problem
from chengxin.api.problems import invalid
from chengxin.api.tokens import Key, needs
from chengxin.measures import admission
from chengxin.measures.consequences import consequences_of, is_natural
from chengxin.registry.queries import LONGEST, resolve

_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"

Code = Annotated[str, Path(min_length=1, max_length=64, pattern=_PRINTABLE, examples=["91350102MA2XAB0130"])]


class CitedRecord(Schema):
    """所依据的一条信息。 / A record that a consequence rests on."""

    id: int = Field(description="编号，即账本中的叶号 / number: its leaf in the ledger")
    source: str = Field(description="来源单位 / organisation that said so")
    item: str = Field(description="征集目录项目 / item of the catalogue")
    document: str = Field(
        description="文书号；没有的、不公示的为空 / number of the document; empty: none, or not public"
    )
    public: bool
    proof: str | None = Field(description="存证的地址 / where its proof is")


class Because(Schema):
    """为什么：决定、规则、法律依据、所依据的信息。 / Why: decision, rule, law and records."""

    decision: str = Field(description="决定文号、案号 / number of the decision or the case")
    rule: str = Field(description="名单或者目录项目 / id of the list or of the catalogue's item")
    law: str
    article: str
    law_zh: str
    law_en: str
    records: list[CitedRecord]


class Consequence(Schema):
    """一项后果：为什么、到何时、怎样结束。 / A consequence: why, until when, what ends it."""

    kind: Literal["list", "measure", "publication"] = Field(
        description="列入名单、奖惩措施、失信信息公示 / an entry in a list, a joint measure, a publication"
    )
    since: str
    until: str | None = Field(description="最后一日；为空表示没有期限 / last day; null: open")
    because: Because
    ends_when: str = Field(description="怎样结束 / what ends it")
    earliest_end: str | None = Field(
        description="最早可以结束的日期 / the first day on which it may end; null: not foreseen"
    )
    ends_when_zh: str
    ends_when_en: str
    name_zh: str
    name_en: str
    public: bool
    state: str = Field(description="in_force、contested（异议处理中）等 / in_force, contested, …")
    rule_zh: str | None = Field(None, description="规则或者类别的理由 / the rule, or the reason of the class")
    rule_en: str | None = None
    severity: Literal["minor", "general", "serious"] | None = None
    list: str | None = Field(None, description="名单 / id of the list")
    list_kind: Literal["black", "red", "attention"] | None = None
    list_name_zh: str | None = None
    list_name_en: str | None = None
    case: int | None = Field(None, description="决定所在的事项 / number of the case")
    decided_leaf: int | None = Field(None, description="作出决定的步骤的存证号 / leaf of the deciding step")
    measure: str | None = Field(None, description="措施 / id of the measure")
    measure_kind: Literal["punish", "reward"] | None = None
    admission: Literal["refuse", "restrict", "warn", "none"] | None = None
    actor_kind: str | None = None
    effect_zh: str | None = None
    effect_en: str | None = None
    carried_out: bool | None = None
    words_zh: str = Field(description="以一句话说明 / in a sentence")
    words_en: str


class Admission(Schema):
    """能否入驻，以及为什么。 / Whether it may be admitted, and why not."""

    code: shapes.Code
    name: shapes.Name
    admitted: bool | None = Field(
        description="为空表示由平台按其公布的规则决定 / null: for the platform to decide by its own rules"
    )
    answer: Literal["admit", "restrict", "refuse"]
    answer_zh: str
    answer_en: str
    reasons: list[Consequence] = Field(description="影响入驻的措施 / measures that bear on admission")
    checked_on: str


def _problems(*statuses: int) -> dict[int, Any]:
    return dict.fromkeys((*statuses, 422, 503), shapes.ProblemView)


router = Router()
keyed = Router(auth=Key())


@router.get(
    "/subjects/{code}/consequences",
    response={200: list[Consequence], **_problems(404)},
    tags=["subjects"],
    summary="后果及其缘由 / Consequences and why",
)
@public
def consequences(request: HttpRequest, code: Code) -> HttpResponse:
    """列入的名单、随之而来的措施、公示中的失信信息：为什么、依据、怎样结束、最早何时；不显示自然人。 /
    Lists, the measures that follow and dishonest information shown today: why, by which law, what ends it and
    when at the earliest. Natural persons are not shown."""
    found = resolve(code)
    if found is None or is_natural(found):
        return answers.no_subject().as_django()
    return json(request, consequences_of(found, answers.today()))


@keyed.get(
    "/admission",
    response={200: Admission, **_problems(401, 403, 404, 429)},
    tags=["admission"],
    summary="入驻核查 / Admission check",
)
@needs("admission.check")
def check(
    request: HttpRequest,
    code: Annotated[
        str,
        Query(
            min_length=1,
            max_length=LONGEST,
            pattern=_PRINTABLE,
            description="申请入驻者的代码 / code of the merchant or carrier that asks to come in",
            examples=["91350102MA2XAB0130"],
        ),
    ],
) -> HttpResponseBase:
    """商家、寄递企业能否入驻本平台，以及为什么；只依据有法律依据的措施。每次核查都记入查询日志。 /
    Whether a merchant or carrier may come in to the platform of the key, and why not, by measures in force
    alone. Each check is noted in the access log."""
    key = cast("Shown", request.auth)  # type: ignore[attr-defined]
    try:
        found = admission.check(key.actor, code, answers.today(), detail="API")
    except admission.BadCode as bad:
        return invalid([bad.problem])
    if found is None:
        return problem(
            404,
            "没有这个代码的信用主体；请核对代码",
            "there is no subject with this code; check the code",
        ).as_django()
    response = json(request, found.as_dict())
    response["Cache-Control"] = "no-store"
    return response
