"""Taking a step: a form made of its declaration, a summary before a decision is signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, recently, requires, to_second_factor
from chengxin.accounts.permissions import Forbidden, forbidden
from chengxin.audit.purposes import strip
from chengxin.cases import queries, rules
from chengxin.cases.actions import NotTaken, Overtaken, take
from chengxin.cases.effects import CHOICES
from chengxin.cases.matters import matter
from chengxin.cases.models import Case
from chengxin.cases.pages import parts, shown
from chengxin.cases.pages.case import case_page, found_case, with_purpose
from chengxin.cases.pages.following import following, said_by_subject
from chengxin.cases.worklist import READ
from chengxin.design import flash, words
from chengxin.design.forms import Field, filled, said, without_field
from chengxin.design.render import not_found, page
from chengxin.kernel.numbers import row_number
from chengxin.kernel.problems import Problem
from chengxin.rulebook.procedures import Step, procedure, procedures


@requires(READ)
def step(request: HttpRequest, id: int, step: str) -> HttpResponse:
    """The form of a step; POST takes it, a decision after a summary of it was signed."""
    if request.method == "POST":
        _must_ever(request, step)
    found = found_case(request, id)
    if found is None:
        return parts.no_case(request)
    declared = next((one for one in procedure(found.procedure).steps if one.id == step), None)
    if declared is None or declared.opens:
        return not_found(request, gettext("没有这个步骤"), gettext("请从事项页面选择要办理的步骤。"))

    def view(request: HttpRequest, case: Case) -> HttpResponse:
        return (
            _posted(request, case, declared) if request.method == "POST" else _asked(request, case, declared)
        )

    return with_purpose(request, found, view)


def _must_ever(request: HttpRequest, step: str) -> None:
    """Forbidden where the person's role takes no step of this name in any procedure, whatever the case."""
    named = [one for each in procedures().values() for one in each.steps if one.id == step]
    asked = {one.permission for one in named if one.permission is not None}
    if asked and not any(actor_of(request).may(one) for one in asked):
        raise forbidden(sorted(asked)[0])


def _barred(request: HttpRequest, case: Case, step: Step) -> Problem | None:
    """What keeps this person from the step now."""
    actor, today = actor_of(request), timezone.localdate()
    return rules.obstacle(procedure(case.procedure), step, queries.situation(case), actor, today)


def _asked(request: HttpRequest, case: Case, step: Step) -> HttpResponse:
    barred = _barred(request, case, step)
    if barred is None and step.decides and not recently(request):
        return to_second_factor(request)
    return _form(request, case, step, parts.step_fields(step, case=case), barred=barred)


def _posted(request: HttpRequest, case: Case, step: Step) -> HttpResponse:
    barred = _barred(request, case, step)
    if barred is not None and barred.rule.startswith("permission:"):
        raise Forbidden(barred)
    seen = row_number(request.POST.get("seen", ""))
    if seen is None:
        fields = _sent(case, step, request.POST)
        return _form(request, case, step, fields, status=400, general=[said(_unclear())])
    if seen != case.steps:
        return _too_late(request, case, step)
    if barred is not None:
        return _form(request, case, step, _sent(case, step, request.POST), barred=barred)
    unsigned = _unsigned(request, case, step) if step.decides else None
    return unsigned or _taken(request, case, step, seen)


def _unsigned(request: HttpRequest, case: Case, step: Step) -> HttpResponse | None:
    """What comes before a decision is signed: the second factor, the summary; None when it is signed."""
    if not recently(request):
        return to_second_factor(request)
    kept, wrong = rules.filled(
        step, filled_in(step, request.POST), queries.situation(case), timezone.localdate()
    )
    if wrong:
        return _wrong(request, case, step, wrong)
    match request.POST.get("do"):
        case "sign":
            return None
        case "edit":
            return _form(request, case, step, _sent(case, step, request.POST))
        case _:
            return _summary(request, case, step, kept)


def _taken(request: HttpRequest, case: Case, step: Step, seen: int) -> HttpResponse:
    facts = filled_in(step, request.POST)
    try:
        take(case.pk, step.id, actor_of(request), timezone.localdate(), facts, seen=seen)
    except Overtaken:
        return _too_late(request, queries.case(case.pk) or case, step)
    except NotTaken as refused:
        return _wrong(request, case, step, refused.problems)
    flash.say(request, f"已办理：{step.zh}", f"Done: {step.en}")
    return HttpResponseRedirect(reverse("case", args=[case.pk]))


def filled_in(step: Step, post: QueryDict) -> dict[str, str]:
    """What was filled in of the fields that the step asks, without signs that can't be seen.

    Several boxes of one field are kept as one text, apart by spaces.
    """
    asked = [one.id for one in (*step.fields, *step.optional)]
    given = {
        id: " ".join(map(str, post.getlist(id))) if id in CHOICES else str(post.get(id, "")) for id in asked
    }
    return {id: plain(value) for id, value in given.items() if value}


def _commas(facts: Mapping[str, str]) -> dict[str, str]:
    """The same as controls with several boxes take it."""
    return {id: ",".join(rules.several(value)) if id in CHOICES else value for id, value in facts.items()}


def plain(text: str) -> str:
    """Text without signs that can't be seen; some of them no table keeps."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(sign for sign in line if sign.isprintable() or sign == "\t") for line in lines)


def _sent(case: Case, step: Step, post: QueryDict) -> list[Field]:
    return parts.step_fields(step, filled_in(step, post), case)


def _wrong(request: HttpRequest, case: Case, step: Step, problems: Sequence[Problem]) -> HttpResponse:
    fields = filled(parts.step_fields(step, case=case), _commas(filled_in(step, request.POST)), problems)
    return _form(request, case, step, fields, status=422, general=without_field(fields, problems))


def _too_late(request: HttpRequest, case: Case, step: Step) -> HttpResponse:
    """Somebody else was first: the case as it stands now, what they did, and what was typed here."""
    declared = procedure(case.procedure)
    last = queries.steps(case.pk)[-1]
    known = next((one for one in declared.steps if one.id == last.step), None)
    values = {
        "overtaken": {
            "person": last.person,
            "role": parts.role_name(last.role),
            "at": last.at,
            "step": parts.named(known) if known else last.step,
            "state": parts.named(declared.states[case.state]),
            "mine": parts.named(step),
        },
        "typed": parts.facts_of(step, filled_in(step, request.POST)),
    }
    return case_page(request, case, values, 409)


def _form(
    request: HttpRequest,
    case: Case,
    step: Step,
    fields: list[Field],
    *,
    barred: Problem | None = None,
    status: int = 200,
    general: list[str] | None = None,
) -> HttpResponse:
    values = {
        **_about(request, case, step),
        "fields": fields,
        "general_errors": general or [],
        "barred": parts.in_words(barred) if barred else None,
        "seen": case.steps,
        "next": following(case, step, timezone.localdate(), {one.name: one.value for one in fields}),
    }
    return page(request, "cases/step", values, 409 if barred and status == 200 else status, indexed=False)


def _summary(request: HttpRequest, case: Case, step: Step, kept: dict[str, str]) -> HttpResponse:
    """What is about to be signed, to be read once more."""
    values = {
        **_about(request, case, step),
        "facts": parts.facts_of(step, kept),
        "hidden": list(kept.items()),
        "next": following(case, step, timezone.localdate(), kept),
        "signer": actor_of(request).name,
        "today": timezone.localdate(),
        "seen": case.steps,
    }
    return page(request, "cases/sign", values, indexed=False)


def _about(request: HttpRequest, case: Case, step: Step) -> dict[str, Any]:
    """What every page of a step says of its case."""
    declared = procedure(case.procedure)
    if case.subject_id is not None:
        parts.note_look(request, [case.subject_id], "case", f"{case.pk}/{step.id}")
    state = declared.states[case.state]
    about = matter(case.procedure, case.rule, case.law_day)
    laws = [words.cited(law, article) for law, article in about.laws] if about else []
    return {
        "case": case,
        "step": step,
        "name": parts.named(step),
        "procedure": parts.procedure_name(declared),
        "rule": parts.rule_name(case.procedure, case.rule, case.law_day),
        "state": parts.named(state),
        "badge": parts.badge(state),
        "due": parts.due(case.due_on, timezone.localdate()),
        "subject_name": case.subject.name if case.subject else "",
        "heard": said_by_subject(case) if step.decides and declared.id != "notice" else None,
        "laws": list(dict.fromkeys([*laws, words.cited(declared.law, declared.article)])),
        "records": shown.records(queries.cited(case.pk), timezone.localdate()),
        **strip(request),
    }


def _unclear() -> Problem:
    return Problem(
        "", None, "case_seen",
        "表单不完整", "the form is not complete",
        "请重新打开本页后再提交", "open this page again and send it",
    )  # fmt: skip
