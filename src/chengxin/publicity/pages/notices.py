"""Risk notices, typical cases and major events as pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chengxin.accounts.guard import public
from chengxin.design import words
from chengxin.design.render import page, reading
from chengxin.design.tables import no_such_place
from chengxin.kernel.numbers import row_number
from chengxin.kernel.problems import Problem
from chengxin.publicity import notices
from chengxin.publicity.grounds import grounds
from chengxin.publicity.kinds import kinds
from chengxin.publicity.pages.decisions import BIGGEST, absent, proofs

BEGINNING = 100
"""Characters of a notice that its list shows."""

BADGES = {"risk_notice": "warn", "typical_case": "info", "major_event": "quiet"}


@public
@reading
def listed(request: HttpRequest) -> HttpResponse:
    """The notices of today, the newest first; all or those of one kind."""
    problems: list[Problem] = []
    kind = request.GET.get("kind", "")
    if kind and kind not in kinds():
        problems.append(_no_such_kind(kind))
        kind = ""
    text = request.GET.get("after", "")
    after = row_number(text) if text else None
    if text and after is None:
        problems.append(no_such_place())
    found, following = notices.page(timezone.localdate(), after, kind=kind)
    values = {
        "notices": [_told(one) for one in found],
        "next": following,
        "after": after,
        "problems": problems,
        "kind": kind,
        "kinds": [
            {
                "id": one.id,
                "name": words.say((one.zh, one.en)),
                "about": words.say((one.about_zh, one.about_en)),
            }
            for one in kinds().values()
        ],
    }
    return page(request, "publicity/notices", values, indexed=False)


@public
@reading
def one(request: HttpRequest, case: int) -> HttpResponse:
    """One notice with what it rests on."""
    today = timezone.localdate()
    found = notices.several([case], today).get(case) if case <= BIGGEST else None
    if found is None:
        return absent(request, case, known=case <= BIGGEST and notices.once_shown(case))
    values = {
        "notice": _told(found),
        "records": grounds(found.records, today),
        "proofs": proofs(case),
        "today": today,
        "address": request.build_absolute_uri(request.path),
    }
    return page(request, "publicity/notice", values, indexed=False)


def _no_such_kind(value: str) -> Problem:
    known = kinds().values()
    return Problem(
        "kind", value[:40], "notice_kind",
        f"种类不能为“{value[:40]}”，已忽略", f"'kind' can't be '{value[:40]}'; it was left out",
        f"请选择：{'、'.join(one.zh for one in known)}", f"choose: {', '.join(one.en for one in known)}",
    )  # fmt: skip


def _told(one: notices.Notice) -> dict[str, Any]:
    kind = kinds()[one.kind]
    return {
        "case": one.case,
        "kind": one.kind,
        "kind_name": words.say((kind.zh, kind.en)),
        "badge": BADGES[one.kind],
        "law": words.cited(one.law, one.article),
        "title": one.title,
        "beginning": _beginning(one.body),
        "paragraphs": [part.strip() for part in one.body.splitlines() if part.strip()],
        "since": one.since,
        "until": one.until,
    }


def _beginning(body: str) -> str:
    text = " ".join(body.split())
    return text if len(text) <= BEGINNING else f"{text[:BEGINNING]}…"
