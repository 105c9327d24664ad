"""The subject's forms: a step of its case, an objection, an application for repair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.permissions import Actor, Target
from chengxin.cases import queries, rules
from chengxin.cases.actions import NotTaken, Overtaken, open_case, take
from chengxin.cases.pages import parts as case_parts
from chengxin.cases.pages.step import filled_in
from chengxin.decisions import own
from chengxin.decisions.matters import Matter, RecordMatter, about, opening
from chengxin.decisions.pages_own import parts
from chengxin.design import flash, words
from chengxin.design.forms import Field, filled, without_field
from chengxin.design.render import not_found, page
from chengxin.kernel.numbers import row_number
from chengxin.rulebook.procedures import Step, procedure

LARGEST = 2**63

HINTS: Mapping[str, tuple[str, str]] = {
    "statement": (
        "写明哪里不对、您认为应当怎样、有什么依据。",
        "Say what is wrong, how it should be, and what shows it.",
    ),
    "proof": (
        "列出能够证明的材料和文号，例如缴款凭证、结案证明、法院裁定。办理时会请您出示。",
        "Name the papers that prove it with their numbers: receipts, closing letters, a court's ruling. "
        "You will be asked to show them.",
    ),
}  # fmt: skip
"""What helps to fill in a field, in plain words."""


@requires(own.READ)
def step(request: HttpRequest, id: int, step: str) -> HttpResponse:
    """A step that the subject takes in its own case."""
    actor, today = own.acting(actor_of(request)), timezone.localdate()
    found = own.own_case(actor, id) if id < LARGEST else None
    if found is None:
        return parts.no_such(request)
    declared = next((one for one in procedure(found.procedure).steps if one.id == step), None)
    if declared is None or declared.opens or declared.whose != "subject":
        return not_found(request, gettext("没有这个步骤"), gettext("请从事项页面选择要办理的步骤。"))
    barred = rules.obstacle(procedure(found.procedure), declared, queries.situation(found), actor, today)
    fields = _fields(declared)
    status, general = 200, []
    if barred is None and request.method == "POST":
        seen = row_number(request.POST.get("seen", ""))
        try:
            take(found.pk, declared.id, actor, today, filled_in(declared, request.POST), seen=seen)
        except Overtaken as refused:
            status, general = 409, without_field((), refused.problems)
            found = queries.case(found.pk) or found
        except NotTaken as refused:
            status = 422
            fields = filled(fields, filled_in(declared, request.POST), refused.problems)
            general = without_field(fields, refused.problems)
        else:
            flash.say(request, f"已办理：{declared.zh}", f"Done: {declared.en}")
            return HttpResponseRedirect(reverse("own-case", args=[found.pk]))
    values = {
        "case": found,
        "name": case_parts.named(declared),
        "title": parts.title(found),
        "fields": fields,
        "general_errors": general,
        "barred": case_parts.in_words(barred) if barred else None,
        "due": case_parts.due(found.due_on, today) if declared.until_due else None,
        "seen": found.steps,
    }
    response = page(request, "decisions/own_step", values, 409 if barred else status, indexed=False)
    return parts.no_store(response)


@requires(own.READ)
def object_to(request: HttpRequest) -> HttpResponse:
    """Object to a record or a decision (`about`: "record:<number>" or "case:<number>")."""
    return _remedy(request, "own.object", "objection", _about_objection)


@requires(own.READ)
def repair(request: HttpRequest) -> HttpResponse:
    """Apply for repair of a record or an entry: the conditions as a list of what is met, and the form."""
    return _remedy(request, "own.repair", "repair", _about_repair)


def _remedy(
    request: HttpRequest,
    permission: str,
    id: str,
    told: Callable[[own.Remedy, Matter, date], dict[str, Any]],
) -> HttpResponse:
    actor, today = own.acting(actor_of(request)), timezone.localdate()
    key = request.POST.get("about") or request.GET.get("about") or ""
    if not key and request.method != "POST":
        return HttpResponseRedirect(reverse("own"))  # where each record leads here
    matter = about(key)
    if (
        matter is None
        or not actor.may(permission, Target(subject=matter.subject))
        or not _sees(actor, matter)
    ):
        return parts.no_such(request)
    declared = procedure(id).opening
    remedy = own.remedies([key], today)[key]
    running = remedy.objection if id == "objection" else remedy.repair
    if running is not None and request.method != "POST":
        return HttpResponseRedirect(reverse("own-case", args=[running]))
    fields = _fields(declared)
    status, general = 200, []
    if request.method == "POST":
        facts = filled_in(declared, request.POST)
        try:
            number = open_case(opening(id, key, today, facts), actor, today)
        except NotTaken as refused:
            status = 422
            fields = filled(fields, facts, refused.problems)
            general = without_field(fields, refused.problems)
        else:
            flash.say(request, f"已提交：{declared.zh}", f"Sent: {declared.en}")
            return HttpResponseRedirect(reverse("own-case", args=[number]))
    values = {
        "key": key,
        "name": case_parts.named(declared),
        "about": words.say(matter.name()),
        "fields": fields,
        "general_errors": general,
        "law": words.cited(procedure(id).law, procedure(id).article),
        "procedure_id": id,
        "back": _back(matter),
        **told(remedy, matter, today),
    }
    return parts.no_store(page(request, f"decisions/own_{id}", values, status, indexed=False))


def _sees(actor: Actor, matter: Matter) -> bool:
    """Whether the subject may know of it at all: of a decision, once it was told."""
    return isinstance(matter, RecordMatter) or own.own_case(actor, matter.case.pk) is not None


def _about_objection(remedy: own.Remedy, matter: Matter, today: date) -> dict[str, Any]:
    barred = remedy.may_object
    return {"barred": case_parts.in_words(barred) if barred else None}


def _about_repair(remedy: own.Remedy, matter: Matter, today: date) -> dict[str, Any]:
    terms = remedy.terms
    return {
        "barred": case_parts.in_words(terms.why_not) if terms.why_not else None,
        "earliest": terms.earliest,
        "open_now": terms.open_on(today),
        "requires": words.say(terms.requires),
        "conditions": [words.say((one.zh, one.en)) for one in terms.conditions],
        "repair_law": words.cited(terms.law, terms.article) if terms.law else "",
    }


def _back(matter: Matter) -> str:
    if isinstance(matter, RecordMatter):
        return reverse("own")
    return reverse("own-case", args=[matter.case.pk])


def _fields(step: Step) -> list[Field]:
    return [
        replace(one, hint=words.say(HINTS[one.name])) if one.name in HINTS else one
        for one in case_parts.step_fields(step)
    ]
