"""The tasks of joint measures: the list, one task with the steps that this person may take, many accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.permissions import Target
from chengxin.archive import held
from chengxin.cases import queries as cases
from chengxin.cases import rules
from chengxin.cases.actions import NotTaken, Overtaken, take
from chengxin.cases.asking import form_fields
from chengxin.cases.models import Case
from chengxin.cases.pages import parts as case_parts
from chengxin.decisions.models import Entry
from chengxin.design import flash
from chengxin.design.exports import FORMATS
from chengxin.design.forms import Field, filled, said, without_field
from chengxin.design.render import not_found, page, reading
from chengxin.design.tables import Asked, Cell, Column, Filter, Row, Rows, Table, table_page
from chengxin.design.words import cited, say
from chengxin.kernel.numbers import row_number
from chengxin.kernel.problems import Problem
from chengxin.measures import queries
from chengxin.measures.actions import accept_all
from chengxin.measures.consequences import decision_number
from chengxin.measures.pages import parts
from chengxin.measures.queries import Listed, Wanted
from chengxin.rulebook.measures import measure
from chengxin.rulebook.procedures import Step, procedure

_LARGEST = 2**63
_FIRST = 12
"""Tasks that stand above the list: those whose period ends first."""

TO_DO: Mapping[str, str] = {
    "assigned": gettext_noop("签收，或者说明理由退回"),
    "accepted": gettext_noop("执行并反馈执行情况"),
    "lifting": gettext_noop("解除措施并确认"),
    "refused": gettext_noop("答复退回：重新派发或者同意免予执行"),
}
"""What is to be done with a task in a state, by whoever can go on with it."""


def _table(*, several: bool) -> Table:
    actor = (Column("actor", gettext_noop("执行单位")),) if several else ()
    by_actor = (Filter("actor", gettext_noop("执行单位")),) if several else ()
    return Table(
        "measures",
        gettext_noop("联合奖惩任务"),
        (
            Column("id", gettext_noop("编号"), kind="code"),
            Column("subject", gettext_noop("主体")),
            Column("measure", gettext_noop("措施")),
            Column("because", gettext_noop("因何派发")),
            *actor,
            Column("state", gettext_noop("状态"), kind="badge"),
            Column("assigned", gettext_noop("派发日期"), kind="date"),
            Column("due", gettext_noop("期限"), kind="date"),
        ),
        (
            Filter("state", gettext_noop("状态"), "choice", parts.state_choices()),
            Filter("measure", gettext_noop("措施"), "choice", parts.measure_choices()),
            Filter("list", gettext_noop("名单"), "choice", parts.list_choices()),
            *by_actor,
            Filter("subject", gettext_noop("主体名称")),
            Filter("overdue", gettext_noop("超期"), "choice", (("yes", gettext_noop("只看超期的")),)),
        ),
    )


@requires(parts.READ)
@reading
def measures(request: HttpRequest) -> HttpResponse:
    """The tasks of the person's organisation; for the credit office and auditors everybody's."""
    actor, today = actor_of(request), timezone.localdate()
    reach = actor.reach(parts.READ)
    first = queries.waits(actor, _FIRST)
    table = _table(several=reach.everything or len(reach.organisations) > 1)
    exporting = request.GET.get("format") in FORMATS
    shown: list[int] = [] if exporting else [one.subject for one in first]

    def fetch(asked: Asked, size: int) -> Rows:
        found = queries.listed(reach, _wanted(asked), today, before=_before(asked.after), limit=size + 1)
        page = found[:size]
        shown.extend(one.subject for one in page)
        if not exporting:
            parts.note(request, shown, "list", table.id)
        return Rows([_row(one) for one in page], str(page[-1].id) if len(found) > size else None)

    def exported(format: str, rows: int) -> None:
        parts.note(request, shown, "export", f"{table.id}.{format} {rows}")

    counts, late = queries.states(reach, today)
    waiting = queries.waiting(actor.reach(parts.ACT).organisations) if actor.may(parts.ACT) else {}
    values = {
        "everything": reach.everything,
        "first": [_first(one, today) for one in first],
        "counts": [
            (parts.state_name(id), f"?state={id}", counts[id], parts.BADGES[id])
            for id in parts.BADGES
            if counts.get(id)
        ],
        "late": late,
        "waiting": sum(waiting.values()),
        "accept": _accepting(waiting),
    }
    return table_page(request, "measures/measures", table, fetch, values, exported=exported)


def _first(one: Listed, today: date) -> dict[str, Any]:
    return {
        "id": one.id,
        "due": case_parts.due(one.due_on, today),
        "to_do": gettext(TO_DO[one.state]),
        "measure": parts.measure_name(one.measure),
        "name": one.name,
        "code": one.code,
        "actor": one.actor_name,
    }


def _accepting(waiting: dict[str, int]) -> Field:
    every = (("", gettext("全部措施（%(n)s项）") % {"n": sum(waiting.values())}),)
    choices = [(id, f"{parts.measure_name(id)} · {number}") for id, number in waiting.items()]
    return Field("measure", gettext("签收哪些任务"), "select", choices=(*every, *choices), required=False)


def _wanted(asked: Asked) -> Wanted:
    given = asked.filters
    return Wanted(
        state=given.get("state", ""),
        measure=given.get("measure", ""),
        list=given.get("list", ""),
        actor=given.get("actor", ""),
        subject=given.get("subject", ""),
        overdue=bool(given.get("overdue")),
    )


def _before(after: str | None) -> int | None:
    if after is None:
        return None
    place = row_number(after)
    if place is None:
        raise ValueError("no place in the list")
    return place


def _row(one: Listed) -> Row:
    due = case_parts.due(one.due_on, timezone.localdate())
    return {
        "id": Cell(str(one.id), url=reverse("measure", args=[one.id])),
        "subject": Cell(one.name, note=one.code),
        "measure": parts.measure_name(one.measure),
        "because": Cell(parts.list_name(one.list), note=gettext("第%(n)s号决定") % {"n": one.entry}),
        "actor": one.actor_name,
        "state": Cell(parts.state_name(one.state), badge=parts.BADGES[one.state]),
        "assigned": one.assigned_on,
        "due": Cell(str(due.day), badge="bad" if due.left < 0 else None, note=due.words) if due else None,
    }


@requires(parts.ACT)
@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """Accept the tasks that wait, of one measure or all."""
    wanted = request.POST.get("measure", "")
    if wanted not in {"", *(id for id, _ in parts.measure_choices())}:
        wanted = ""
    number = accept_all(actor_of(request), timezone.localdate(), wanted)
    if number:
        flash.say(request, f"已签收{number}项任务", f"{number} tasks accepted")
    else:
        flash.say(request, "没有等待签收的任务", "no task waits to be accepted", kind="info")
    return HttpResponseRedirect(reverse("measures"), status=303)


# --- one task -----------------------------------------------------------------------------------------------


@requires(parts.READ)
def task(request: HttpRequest, id: int) -> HttpResponse:
    """One task: what to do, why, by when, what was reported; the form of a step that this person may take."""
    found = _found(request, id)
    if found is None:
        return not_found(
            request, gettext("没有这项任务，或者它不归您的单位"), gettext("请从“联合奖惩任务”中选择。")
        )
    if request.method == "POST":
        return _posted(request, found)
    return _shown(request, found, request.GET.get("step"))


def _found(request: HttpRequest, id: int) -> Case | None:
    found = cases.case(id) if id < _LARGEST else None
    if found is None or found.procedure != "measure":
        return None
    may = actor_of(request).may(parts.READ, Target(organisation=found.organisation_id))
    return found if may else None


def _offered(request: HttpRequest, case: Case) -> list[tuple[Step, Problem | None]]:
    today = timezone.localdate()
    return rules.possible(procedure("measure"), cases.situation(case), actor_of(request), today)


def _posted(request: HttpRequest, case: Case) -> HttpResponse:
    post, today = request.POST, timezone.localdate()
    step = next((one for one, _ in _offered(request, case) if one.id == post.get("step")), None)
    seen = row_number(post.get("seen", ""))
    if step is None or seen is None:
        flash.say(
            request,
            "任务已有变化，请看最新情况",
            "the task has changed: see how it stands now",
            kind="warn",
        )
        return HttpResponseRedirect(reverse("measure", args=[case.pk]), status=303)
    asked = [one.id for one in (*step.fields, *step.optional)]
    facts = {id: _plain(post[id]) for id in asked if post.get(id)}
    try:
        take(case.pk, step.id, actor_of(request), today, facts, seen=seen)
    except Overtaken as overtaken:
        return _shown(request, _again(case), None, [said(one) for one in overtaken.problems], 409)
    except NotTaken as refused:
        fields = filled(form_fields(step, today), facts, refused.problems)
        return _shown(request, case, step.id, without_field(fields, refused.problems), 422, fields=fields)
    flash.say(request, f"已办理：{step.zh}", f"Done: {step.en}")
    return HttpResponseRedirect(reverse("measure", args=[case.pk]), status=303)


def _plain(text: str) -> str:
    """Text without signs that can't be seen; some of them no table keeps."""
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")


def _again(case: Case) -> Case:
    return cases.case(case.pk) or case


def _shown(
    request: HttpRequest,
    case: Case,
    wanted: str | None,
    errors: list[str] | None = None,
    status: int = 200,
    *,
    fields: list[Field] | None = None,
) -> HttpResponse:
    today = timezone.localdate()
    offered = _offered(request, case)
    open_steps = [one for one, barred in offered if barred is None]
    chosen = next((one for one in open_steps if one.id == wanted), None)
    chosen = chosen or next(iter(open_steps), None)
    if case.subject_id is not None:
        parts.note(request, [case.subject_id], "case", str(case.pk), organisation=case.organisation_id)
    period = case_parts.period_of(case.due, case.since)
    following = (one.id for one in queries.waits(actor_of(request), 2) if one.id != case.pk)
    values = {
        **_about(case),
        "case": case,
        "state": parts.state_name(case.state),
        "badge": parts.BADGES[case.state],
        "due": case_parts.due(case.due_on, today),
        "period": case_parts.period_words(period) if period else "",
        "to_do": gettext(TO_DO[case.state]) if case.state in TO_DO else "",
        "following": next(following, None),
        "offered": [
            (say((one.zh, one.en)), f"?step={one.id}", chosen is not None and one.id == chosen.id)
            for one in open_steps
        ],
        "step": chosen,
        "step_name": say((chosen.zh, chosen.en)) if chosen else "",
        "fields": fields if fields is not None else _fields(case, chosen),
        "general_errors": errors or [],
        "seen": case.steps,
        "past": _past(case),
    }
    return page(request, "measures/measure", values, status, indexed=False)


def _fields(case: Case, step: Step | None) -> list[Field]:
    """The controls of a step; what is to be reported stands as a hint where feedback is asked for."""
    if step is None:
        return []
    wanted = measure(case.rule)
    hint = say((wanted.feedback_zh, wanted.feedback_en)) if step.id == "execute" else ""
    return [
        replace(one, hint=hint) if one.name == "feedback" and hint else one
        for one in form_fields(step, timezone.localdate())
    ]


def _about(case: Case) -> dict[str, Any]:
    one = measure(case.rule)
    entry = Entry.objects.filter(pk=case.parent_id).first()
    basis = next(iter(one.grounds(case.opened_on, entry.list if entry else None)), None)
    _, name, code = held.named([case.subject_id or 0]).get(case.subject_id or 0, (0, "", ""))
    return {
        "name": say((one.name_zh, one.name_en)),
        "kind": one.kind,
        "effect": say((one.effect_zh, one.effect_en)),
        "report": say((one.feedback_zh, one.feedback_en)),
        "law": cited(basis.law, basis.article) if basis else "",
        "subject_name": name,
        "subject_code": code,
        "list_name": parts.list_name(entry.list) if entry else "",
        "entry": entry,
        "decision": decision_number(entry.pk) if entry else "",
        "open": entry is not None and entry.public and entry.ended_on is None and not entry.suspended,
        "entry_law": cited(entry.law, entry.article) if entry else "",
        "actor_name": case.organisation.name if case.organisation else "",
    }


def _past(case: Case) -> list[dict[str, Any]]:
    declared = {one.id: one for one in procedure("measure").steps}
    found = []
    for one in cases.steps(case.pk):
        step = declared[one.step]
        asked = {each.id: say((each.zh, each.en)) for each in (*step.fields, *step.optional)}
        found.append(
            {
                "name": say((step.zh, step.en)),
                "to": parts.state_name(one.to_state),
                "day": one.day,
                "person": one.person,
                "leaf": one.id,
                "facts": [(asked.get(id, id), value) for id, value in one.facts.items()],
            }
        )
    return found
