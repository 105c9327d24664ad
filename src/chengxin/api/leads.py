"""Leads both ways: a platform fetches those on its own platform, reports its own, says what it found."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, cast

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema

from chengxin.accounts.keys import Shown
from chengxin.accounts.permissions import Forbidden, Target
from chengxin.api import answers, shapes
from chengxin.api.answers import json, problem
from chengxin.api.problems import invalid
from chengxin.api.tokens import Key, needs
from chengxin.kernel.problems import Problem
from chengxin.triage import queries
from chengxin.triage.acting import NotDone, act
from chengxin.triage.contract import BadLines, Line, checked
from chengxin.triage.models import Lead
from chengxin.triage.rules import LONGEST_WORDS
from chengxin.triage.taking import Facts, take_leads

_BIGGEST = 2**63 - 1
MOST = 500
"""Leads in one report."""

_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"
_Id = Annotated[str, Field(min_length=1, max_length=200, pattern=_PRINTABLE)]
_Words = Annotated[str, Field(min_length=1, max_length=600, pattern=_PRINTABLE)]

router = Router(auth=Key())


class LeadSignal(Schema):
    """一项疑点：测得的值、同类通常的值、为什么重要。 / What was measured, what is usual, why it matters."""

    name: _Id
    value: float
    baseline: float
    why_zh: _Words
    why_en: _Words


class LeadEvidence(Schema):
    """可以核对的编号。 / Ids by which it can be checked."""

    orders: list[_Id] = Field(default_factory=list, max_length=5000)
    waybills: list[_Id] = Field(default_factory=list, max_length=5000)
    accounts: list[_Id] = Field(default_factory=list, max_length=5000)


Entity = Literal["seller", "buyer", "rating", "order", "waybill", "courier", "domain", "product", "account"]
Detector = Literal[
    "brushing", "inflated_ratings", "malicious_ratings", "empty_parcels", "forged_logistics", "fake_traffic",
    "price_fraud", "not_as_described", "counterfeit", "look_alikes", "re_entry", "data_scraping",
]  # fmt: skip


class LeadIn(Schema):
    """一条线索，与模型输出的格式相同。 / A lead, in the shape in which the models write it."""

    detector: Detector
    entity: Entity
    entity_id: _Id
    platform: _Id = Field(description="本单位的代码或者名称 / code or name of the organisation of the key")
    score: float = Field(ge=0, le=1)
    window: list[date] = Field(min_length=2, max_length=2, description="起止日期 / first and last day")
    ring: _Id | None = Field(None, description="同一团伙的成员相同 / shared by the members of one scheme")
    signals: list[LeadSignal] = Field(max_length=40)
    evidence: LeadEvidence = Field(default_factory=LeadEvidence)


class LeadsIn(Schema):
    """一次报送，全部收下或者全部不收。 / One report: all of it is taken, or nothing."""

    leads: list[LeadIn] = Field(min_length=1, max_length=MOST)


class LeadsTaken(Schema):
    """收下的情况。 / What came of it."""

    run: int = Field(description="编号 / number of the run")
    lines: int
    leads: list[int] = Field(description="线索编号，同一团伙为一条 / numbers of leads; a scheme is one")
    new: int = Field(description="其中新的 / those of them that are new")
    again: bool = Field(description="同一内容以前报送过 / the same was reported before; nothing changed")


class LeadMember(Schema):
    """团伙的一个成员。 / A member of a scheme."""

    entity: str
    entity_id: str
    score: float
    signals: list[dict[str, Any]]
    evidence: dict[str, list[str]]


class LeadView(Schema):
    """一条线索：问题，不是结论。 / A lead: a question, never a verdict."""

    id: int
    detector: str
    entity: str
    entity_id: str
    platform: str
    window: list[str]
    score: float
    probability: float = Field(description="据以往办理结果校准 / calibrated by what became of earlier leads")
    state: str = Field(description="open、answered、asked、watching、case、confirmed、unfounded、false_alarm")
    first_seen: str
    last_seen: str
    members: list[LeadMember]


class LeadsPage(Schema):
    """一页线索。 / A page of leads."""

    leads: list[LeadView]
    next: int | None = Field(
        description="下一页的after；为空表示没有更多 / `after` of the next page; null: no more"
    )


class FeedbackIn(Schema):
    """平台核实的情况。 / What the platform found."""

    finding: Literal["confirmed", "unfounded", "acted", "unclear"]
    words: str = Field("", max_length=LONGEST_WORDS, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")


class FeedbackTaken(Schema):
    """收下的反馈。 / Feedback that was taken."""

    lead: int
    leaf: int = Field(description="存证号 / leaf in the ledger")


def _problems(*statuses: int) -> dict[int, Any]:
    return dict.fromkeys((*statuses, 401, 403, 422, 429, 503), shapes.ProblemView)


@router.get(
    "",
    response={200: LeadsPage, **_problems()},
    tags=["leads"],
    summary="本平台的线索 / Leads on the platform",
)
@needs("lead.read")
def listed(
    request: HttpRequest,
    after: Annotated[
        int, Query(ge=0, le=_BIGGEST, description="上一页的next / `next` of the page before")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    detector: Annotated[Detector | None, Query()] = None,
) -> HttpResponse:
    """监管模型在本平台发现的线索，旧的在前；只看得到本平台的。 /
    Leads that the models found on the platform of the key, the oldest first; those of no other."""
    key = cast("Shown", request.auth)  # type: ignore[attr-defined]
    numbers = queries.by_number(key.actor.reach("lead.read"), after, limit + 1, detector=detector or "")
    shown = [_view(one) for one in _several(numbers[:limit])]
    following = numbers[limit - 1] if len(numbers) > limit else None
    return json(request, {"leads": shown, "next": following})


def _several(numbers: list[int]) -> list[Lead]:
    found = Lead.objects.in_bulk(numbers)
    return [found[one] for one in numbers if one in found]


def _view(one: Lead) -> dict[str, Any]:
    return {
        "id": one.pk, "detector": one.detector, "entity": one.entity, "entity_id": one.entity_id,
        "platform": one.platform, "window": [one.since.isoformat(), one.until.isoformat()],
        "score": one.score,
        "probability": one.probability, "state": one.state, "first_seen": one.first_seen.isoformat(),
        "last_seen": one.last_seen.isoformat(),
        "members": [
            {"entity": each.entity, "entity_id": each.entity_id, "score": each.score,
             "signals": list(each.signals), "evidence": dict(each.evidence)}
            for each in queries.members(one.pk)
        ],
    }  # fmt: skip


@router.post(
    "",
    response={201: LeadsTaken, **_problems(400)},
    tags=["leads"],
    summary="报送线索 / Report leads",
)
@needs("lead.report")
def report(request: HttpRequest, body: LeadsIn) -> HttpResponse:
    """平台报送自己发现的线索；有一条不符合格式的，全部不收，并逐条说明。同样的内容再次报送不改变什么。 /
    A platform reports what it found itself. Where one doesn't fit nothing is taken,
    and each is told. The same
    report again changes nothing."""
    key = cast("Shown", request.auth)  # type: ignore[attr-defined]
    given = [one.dict() | {"window": [day.isoformat() for day in one.window]} for one in body.leads]
    try:
        lines = checked(list(enumerate(given, 1)))
    except BadLines as bad:
        return invalid(list(bad.problems))
    if foreign := _foreign(lines, {str(key.organisation.code or ""), key.organisation.name}):
        return invalid(foreign)
    content = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
    facts = Facts(content, "reported", answers.today(), key.organisation)
    taken = take_leads(key.actor, facts, lines)
    response = json(
        request,
        {
            "run": taken.run,
            "lines": taken.lines,
            "leads": list(taken.leads),
            "new": taken.new,
            "again": taken.again,
        },
    )
    response.status_code = 201
    return response


def _foreign(lines: list[Line], own: set[str]) -> list[Problem]:
    return [
        Problem(
            f"{number}.platform", None, "lead.platform",
            f"第{number}条的platform不是本单位", f"platform of lead {number} is not the organisation "
            f"of the key",
            "填写本单位的代码或者名称", "give the organisation's own code or name",
        )
        for number, one in enumerate(lines, 1)
        if one.platform not in own
    ]  # fmt: skip


@router.post(
    "/{id}/feedback",
    response={201: FeedbackTaken, **_problems(400, 404, 409)},
    tags=["leads"],
    summary="反馈核实情况 / Feedback on a lead",
)
@needs("lead.report")
def feedback(
    request: HttpRequest, id: Annotated[int, Path(ge=0, le=_BIGGEST, examples=[1])], body: FeedbackIn
) -> HttpResponse:
    """说明对一条线索的核实和处置；是否查实由监管部门决定。 /
    Say what was found and done about a lead; whether it is true the office decides."""
    key = cast("Shown", request.auth)  # type: ignore[attr-defined]
    found = Lead.objects.filter(pk=id).first()
    if found is None or not key.actor.may("lead.report", Target(organisation=found.organisation_id)):
        return _no_lead()
    try:
        leaf = act(id, "feedback", key.actor, answers.today(), {"finding": body.finding, "words": body.words})
    except (LookupError, Forbidden):
        return _no_lead()
    except NotDone as refused:
        first = refused.problems[0]
        return problem(409, first.zh, first.en, [one.as_dict() for one in refused.problems]).as_django()
    response = json(request, {"lead": id, "leaf": leaf})
    response.status_code = 201
    return response


def _no_lead() -> HttpResponse:
    return problem(404, "本平台没有这条线索", "there is no such lead on the platform of the key").as_django()
