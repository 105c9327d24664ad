"""Opening a case by a person: on which subject, by which list, with what its first step asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.permissions import forbidden
from chengxin.archive import held
from chengxin.audit.purposes import needs_purpose, strip
from chengxin.cases.actions import NotTaken, open_case
from chengxin.cases.actions import Opening as Opened
from chengxin.cases.matters import matters, openings
from chengxin.cases.models import Case
from chengxin.cases.pages import parts
from chengxin.cases.pages.following import following
from chengxin.cases.pages.step import filled_in, plain
from chengxin.cases.worklist import READ
from chengxin.database import reading
from chengxin.design import flash, words
from chengxin.design.forms import Field, filled, without_field
from chengxin.design.render import not_found, page
from chengxin.kernel.problems import Problem
from chengxin.registry.queries import LONGEST, code_of, resolve
from chengxin.rulebook.procedures import Procedure, procedure


@requires(READ)
@needs_purpose
def new(request: HttpRequest, procedure_id: str) -> HttpResponse:
    """Open a case: on which subject, by which list, with what its first step asks."""
    how = openings().get(procedure_id)
    if how is None or not how.opened:
        return not_found(request, gettext("这种事项不由工作人员开启"), gettext("请从“办理事项”列表中选择。"))
    declared = procedure(procedure_id)
    permission = declared.opening.permission or READ
    if request.method == "POST":
        actor_of(request).must(permission)
        return _open(request, declared)
    if not actor_of(request).may(permission):
        return _new_form(request, declared, [], barred=forbidden(permission).problem, status=409)
    given = {one: request.GET.get(one, "")[:LONGEST] for one in ("subject", "rule", "records")}
    return _new_form(request, declared, _new_fields(declared, given))


def _new_fields(declared: Procedure, given: dict[str, str] | None = None) -> list[Field]:
    values, how = given or {}, openings()[declared.id]
    fields = []
    if how.subject != "none":
        hint = gettext("统一社会信用代码、其他公开的代码，或者以S开头的主体编号")
        fields.append(
            Field("subject", gettext("信用主体代码"), value=values.get("subject", ""), hint=hint,
                  required=how.subject == "needed", attributes={"maxlength": str(LONGEST)})
        )  # fmt: skip
    if how.about:
        choices = tuple((one.id, parts.named(one)) for one in matters(declared.id, timezone.localdate()))
        chosen = values.get("rule", "")
        if how.about == "kinds":
            fields.append(Field("rule", gettext("种类"), "radio", chosen, choices=choices))
        else:
            choices = (("", gettext("请选择")), *choices)
            fields.append(Field("rule", gettext("名单"), "select", chosen, choices=choices))
    return [*fields, *parts.step_fields(declared.opening, values)]


def _open(request: HttpRequest, declared: Procedure) -> HttpResponse:
    actor, today, post = actor_of(request), timezone.localdate(), request.POST
    how = openings()[declared.id]
    problems: list[Problem] = []
    rule, code = post.get("rule", ""), plain(post.get("subject", "")).strip()
    subject = resolve(code) if how.subject != "none" and code and len(code) <= LONGEST else None
    if subject is None and (code or how.subject == "needed"):
        problems.append(_no_subject(code))
    if how.about and rule not in {one.id for one in matters(declared.id, today)}:
        problems.append(_no_rule(rule))
    facts = filled_in(declared.opening, post)
    target = held.target(subject) if subject is not None else None
    if problems:
        return _not_opened(request, declared, problems)
    region = target.region if target else None
    key = how.key_of(rule, subject)
    opening = Opened(declared.id, key, subject, today, rule, region=region, facts=facts)
    try:
        id = open_case(opening, actor, today)
    except NotTaken as refused:
        return _not_opened(request, declared, list(refused.problems))
    flash.say(request, f"已办理：{declared.opening.zh}", f"Done: {declared.opening.en}")
    return HttpResponseRedirect(reverse("case", args=[id]))


def _unopened(declared: Procedure) -> Case:
    """A case of the procedure before its first step."""
    return Case(procedure=declared.id, state=declared.opening.to or "")


def _not_opened(request: HttpRequest, declared: Procedure, problems: list[Problem]) -> HttpResponse:
    fields = filled(_new_fields(declared), {one: request.POST.get(one, "") for one in request.POST}, problems)
    return _new_form(request, declared, fields, general=without_field(fields, problems), status=422)


def _new_form(
    request: HttpRequest,
    declared: Procedure,
    fields: list[Field],
    *,
    barred: Problem | None = None,
    general: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    values = {
        "procedure": parts.procedure_name(declared),
        "procedure_id": declared.id,
        "name": parts.named(declared.opening),
        "law": words.cited(declared.law, declared.article),
        "fields": fields,
        "general_errors": general or [],
        "barred": parts.in_words(barred) if barred else None,
        "next": following(_unopened(declared), declared.opening, timezone.localdate()),
        "laws": [words.cited(declared.law, declared.article)],
        **_subject(request, fields),
        **strip(request),
    }
    return page(request, "cases/new", values, status, indexed=False)


def _subject(request: HttpRequest, fields: list[Field]) -> dict[str, Any]:
    """The subject of the code in the form, by name, where this person may know it; the look is noted."""
    code = next((one.value for one in fields if one.name == "subject"), "")
    id = resolve(code) if code and len(code) <= LONGEST and code.isprintable() else None
    if id is None or not actor_of(request).may("subject.read", held.target(id)):
        return {}
    parts.note_look(request, [id], "case", "new")
    row = reading.row(f"SELECT s.name, {code_of('s')} FROM registry_subject s WHERE s.id = %s::bigint", [id])
    return {"subject": {"name": row[0], "code": row[1]}} if row else {}


def _no_subject(code: str) -> Problem:
    return Problem(
        "subject", code[:20] or None, "case_subject",
        "没有这个代码的信用主体", "there is no subject with this code",
        "请核对代码，或者先检索主体", "check the code, or search for the subject first",
    )  # fmt: skip


def _no_rule(rule: str) -> Problem:
    return Problem(
        "rule", rule[:20] or None, "case_rule",
        "没有选择现行有效的名单或者种类", "no list or kind that is in force was chosen",
        "请选择一项", "choose one",
    )  # fmt: skip
