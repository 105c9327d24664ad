"""Pages of the access log: stating a purpose, and the auditor's search."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, signed_in
from chengxin.audit import rules
from chengxin.audit.purposes import purpose_of, remember
from chengxin.design.forms import Field, filled
from chengxin.design.render import page
from chengxin.design.words import cited, say
from chengxin.kernel.problems import Problem

_HOME = "/work"


@signed_in
def purpose(request: HttpRequest) -> HttpResponse:
    """Why I look: asked before anything is shown that is not public, and when the case changes."""
    actor = actor_of(request)
    kinds = rules.open_to(actor)
    back = _back(request)
    problems: list[Problem] = []
    if request.method == "POST":
        post = request.POST
        stated = rules.purpose(kinds, post.get("kind", ""), post.get("text", ""), post.get("case", ""))
        if isinstance(stated, rules.Purpose):
            remember(request, stated)
            return HttpResponseRedirect(back)
        problems = stated
    fields = _fields(kinds, purpose_of(request))
    if request.method == "POST":
        fields = filled(fields, request.POST, problems)
    values = {"fields": fields, "next": back, "kinds": kinds}
    return page(request, "audit/purpose", values, 422 if problems else 200, indexed=False)


def _fields(kinds: list[rules.PurposeKind], now: rules.Purpose | None) -> list[Field]:
    choices = tuple((one.id, f"{say((one.zh, one.en))} — {cited(one.law, one.article)}") for one in kinds)
    only = choices[0][0] if len(choices) == 1 else ""
    return [
        Field(
            "kind",
            gettext("查询目的和法律依据"),
            kind="radio",
            choices=choices,
            value=now.kind if now else only,
        ),
        Field(
            "text",
            gettext("具体事由"),
            kind="textarea",
            hint=gettext("写明查什么、为什么。被查询的主体可以看到。"),
            value=now.text if now else "",
        ),
        Field(
            "case",
            gettext("案件或事项编号"),
            required=False,
            hint=gettext("没有编号可以不填。"),
            value=now.case if now else "",
        ),
    ]


def _back(request: HttpRequest) -> str:
    """Where the person came from: a path of this site, the workbench otherwise."""
    wanted = request.POST.get("next") or request.GET.get("next") or _HOME
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return _HOME
