"""What an organisation was told to update, and how it confirms; whether a certificate is ours."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, public, requires
from chengxin.cases.models import Document
from chengxin.decisions import copies
from chengxin.decisions.models import Copy
from chengxin.decisions.pages_own.cases import certificate_hash
from chengxin.decisions.papers_repair import CERTIFICATE
from chengxin.design import flash, words
from chengxin.design.render import not_found, page
from chengxin.kernel.numbers import row_number

SHOWN = 100
_NUMBER = re.compile(r"闽电信修证〔\d{4}〕\d{1,18}号")


@requires(copies.RECEIVE)
def changes(request: HttpRequest) -> HttpResponse:
    """What the person's organisations were told, what waits first; POST confirms that a copy is updated."""
    actor, today = actor_of(request), timezone.localdate()
    if request.method == "POST":
        number = row_number(request.POST.get("id", ""))
        try:
            copies.confirm(-1 if number is None else number, actor, today)
        except LookupError:
            return not_found(request, gettext("没有这条通知"), gettext("请从列表中选择。"))
        flash.say(request, "已确认更新", "Confirmed")
        return HttpResponseRedirect(reverse("changes"))
    mine = actor.reach(copies.RECEIVE).organisations
    found = Copy.objects.filter(organisation_id__in=mine).order_by("-pk")
    waiting = found.filter(confirmed_on=None)
    values = {
        "waiting": [_line(one) for one in waiting[:SHOWN]],
        "more": waiting.count() - SHOWN,
        "confirmed": [_line(one) for one in found.exclude(confirmed_on=None)[:SHOWN]],
        "today": today,
    }
    return page(request, "decisions/copies", values, indexed=False)


def _line(one: Copy) -> dict[str, object]:
    kind, _, number = one.key.partition(":")
    return {
        "id": one.pk,
        "what": words.say(copies.WORDS[one.what]),
        "record": number if kind == "record" else "",
        "decision": number if kind == "case" else "",
        "told": one.told_on,
        "due": copies.due(one.told_on),
        "confirmed": one.confirmed_on,
        "by": one.confirmed_by,
    }


@public
def certificates(request: HttpRequest) -> HttpResponse:
    """Whether a certificate of repair is one of ours: its number, its day, the digits to compare; no more."""
    asked = "".join(request.GET.get("number", "").split())[:60]
    found = None
    if _NUMBER.fullmatch(asked):
        found = Document.objects.filter(kind=CERTIFICATE, number=asked).only("pk", "number", "day").first()
    values = {
        "asked": asked,
        "found": found,
        "verify": certificate_hash(found.pk) if found else "",
    }
    return page(request, "decisions/certificates", values, indexed=False)
