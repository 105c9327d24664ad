"""What ended or was corrected, for those who hold copies: fetched behind a number, confirmed one by one."""

from __future__ import annotations

from typing import Annotated, cast

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from chengxin.accounts.keys import Shown
from chengxin.accounts.permissions import Forbidden
from chengxin.api import answers, shapes
from chengxin.api.answers import json, problem
from chengxin.api.tokens import Key, needs
from chengxin.decisions import copies

_BIGGEST = 2**63 - 1
_PROBLEMS = dict.fromkeys((401, 403, 404, 422, 429, 503), shapes.ProblemView)

router = Router(auth=Key())


@router.get(
    "",
    response={200: shapes.ChangesPage, **_PROBLEMS},
    tags=["changes"],
    summary="修复、撤销、更正 / Changes",
)
@needs("change.receive")
def listed(
    request: HttpRequest,
    after: Annotated[
        int, Query(ge=0, le=_BIGGEST, description="上次收到的最后一个编号 / the last number received")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> HttpResponse:
    """本单位应当据以更新副本的修复、撤销和更正，旧的在前。 /
    Repairs, annulments and corrections by which the organisation updates its copies, the oldest first."""
    mine = cast("Shown", request.auth).organisation.pk  # type: ignore[attr-defined]
    found = copies.received([mine], after, limit + 1)
    shown = found[:limit]
    return json(
        request,
        {
            "changes": shown,
            "next": shown[-1]["id"] if shown else after,
            "more": len(found) > limit,
        },
    )


@router.post(
    "/{id}/receipt",
    response={200: shapes.ChangeView, **_PROBLEMS},
    tags=["changes"],
    summary="确认已更新 / Receipt",
)
@needs("change.receive")
def receipt(request: HttpRequest, id: Annotated[int, Path(ge=0, le=_BIGGEST, examples=[1])]) -> HttpResponse:
    """确认本单位的副本已更新；再次确认不改变什么。 /
    Confirm that the organisation's copy is updated; confirming again changes nothing."""
    key = cast("Shown", request.auth)  # type: ignore[attr-defined]
    try:
        copies.confirm(id, key.actor, answers.today())
    except (LookupError, Forbidden):
        return problem(
            404, "没有发给本单位的这条通知", "your organisation was told no such change"
        ).as_django()
    return json(request, copies.received([key.organisation.pk], id - 1, 1)[0])
