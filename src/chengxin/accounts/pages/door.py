"""The subject's own door: an access code lets its holder see what is held on the subject."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from chengxin.accounts import attempts, doorcodes, signing_in
from chengxin.accounts.addresses import client_address
from chengxin.accounts.guard import public
from chengxin.accounts.pages.parts import answer, said
from chengxin.accounts.pages.sign_in import too_many
from chengxin.design.forms import Field
from chengxin.kernel.problems import Problem

_WRONG = Problem(
    "code", None, "door_code",
    "查询码不正确、已过期或已用完", "the access code is wrong, has expired or is used up",
    "请核对后重试，或请出具单位重新出具", "check it, or ask for another where you got it",
)  # fmt: skip


@public
@never_cache
def door(request: HttpRequest) -> HttpResponse:
    """Enter an access code."""
    if request.method != "POST":
        return _show(request)
    typed = request.POST.get("code", "")[:60]
    try:
        attempt = attempts.begin("door", client_address(request), client_address(request))
    except attempts.TooMany as failed:
        return _show(request, too_many(failed, "code"), 429)
    subject = doorcodes.used(typed)
    if subject is None:
        return _show(request, _WRONG, 422)
    attempts.good(attempt)
    signing_in.begin_door_session(request, subject)
    return HttpResponseRedirect("/own")


def _show(request: HttpRequest, problem: Problem | None = None, status: int = 200) -> HttpResponse:
    field = Field(
        "code",
        gettext("查询码"),
        hint=gettext("查询码告知书上的16位字母和数字，可以不写横线"),
        autocomplete="off",
        error=said(problem) if problem else "",
    )
    return answer(request, "accounts/door", {"field": field, "fields": [field]}, status)
