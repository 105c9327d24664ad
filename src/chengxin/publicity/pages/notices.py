"""Risk notices, typical cases and major events as pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import public
from chengxin.design import words
from chengxin.design.render import not_found, page, reading
from chengxin.kernel.numbers import row_number
from chengxin.publicity import notices
from chengxin.publicity.kinds import kinds
from chengxin.publicity.pages.decisions import BIGGEST, absent

BADGES = {"risk_notice": "warn", "typical_case": "info", "major_event": "quiet"}


@public
@reading
def listed(request: HttpRequest) -> HttpResponse:
    """The notices of today, the newest first; all or those of one kind."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds() else ""
    text = request.GET.get("after", "")
    after = row_number(text) if text else None
    if text and after is None:
        return not_found(request, gettext("没有这一页"), gettext("请从第一页开始。"))
    found, following = notices.page(timezone.localdate(), after, kind=kind)
    values = {
        "notices": [_told(one) for one in found],
        "next": following,
        "after": after,
        "kind": kind,
        "kinds": [{"id": one.id, "name": words.say((one.zh, one.en))} for one in kinds().values()],
    }
    return page(request, "publicity/notices", values, indexed=False)


@public
@reading
def one(request: HttpRequest, case: int) -> HttpResponse:
    """One notice with what it rests on."""
    found = notices.several([case], timezone.localdate()).get(case) if case <= BIGGEST else None
    if found is None:
        return absent(request, case, known=case <= BIGGEST and notices.once_shown(case))
    return page(request, "publicity/notice", {"notice": _told(found)}, indexed=False)


def _told(one: notices.Notice) -> dict[str, Any]:
    kind = kinds()[one.kind]
    return {
        "case": one.case,
        "kind": one.kind,
        "kind_name": words.say((kind.zh, kind.en)),
        "badge": BADGES[one.kind],
        "law": words.cited(one.law, one.article),
        "title": one.title,
        "paragraphs": [part.strip() for part in one.body.splitlines() if part.strip()],
        "since": one.since,
        "until": one.until,
        "records": one.records,
    }
