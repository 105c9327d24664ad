"""What a merchant reads of a lead about its shop, and the explanation that it gives."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, requires
from chengxin.decisions.own import acting
from chengxin.design import flash, words
from chengxin.design.forms import Field, filled, without_field
from chengxin.design.render import not_found, page
from chengxin.triage import own, rules
from chengxin.triage.acting import NotDone, act
from chengxin.triage.detectors import detectors


@requires("own.read")
def asked(request: HttpRequest, id: int) -> HttpResponse:
    """What the office wants to know, or draws attention to; POST answers."""
    actor = actor_of(request)
    if request.method == "POST":
        actor.must(rules.STATE)
    found = own.asked(actor, id)
    if found is None:
        return not_found(request, gettext("没有这条提示"), gettext("请从“本人信用信息”页面打开。"))
    lead, said = found
    form = [
        Field("words", gettext("您的说明"), "textarea", attributes={"maxlength": str(rules.LONGEST_WORDS)},
              hint=gettext("写明事实即可；有关证据可以说明在哪里。"))
    ]  # fmt: skip
    general: list[str] = []
    if request.method == "POST":
        given = {"words": request.POST.get("words", "")}
        try:
            act(lead.pk, "answer", acting(actor), timezone.localdate(), given)
        except NotDone as refused:
            form = filled(form, given, refused.problems)
            general = without_field(form, refused.problems)
        else:
            flash.say(request, "说明已经收到", "Your explanation has come in")
            return HttpResponseRedirect(reverse("own-lead", args=[lead.pk]))
    of = detectors()[lead.detector]
    values = {
        "lead": lead,
        "detector": words.say((of.zh, of.en)),
        "notes": [
            {"kind": one.kind, "on": one.on, "words": one.words or (words.say(of.warn) if of.warn else "")}
            for one in said
        ],
        "waits": any(one.waits for one in said),
        "answered": lead.state == "answered",
        "fields": form,
        "general_errors": general,
        "law": words.cited(*of.law),
    }
    return page(request, "triage/own", values, 422 if general or form[0].error else 200, indexed=False)
