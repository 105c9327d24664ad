"""What the subject's pages share: a case in a list, dates, a page that isn't there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from chengxin.cases.models import Case
from chengxin.cases.pages import parts
from chengxin.decisions import own_words
from chengxin.decisions.matters import about
from chengxin.decisions.own import Remedy
from chengxin.design import words
from chengxin.design.render import not_found
from chengxin.rulebook.procedures import procedure


@dataclass(frozen=True)
class Line:
    """A case in the subject's list; `mine`: what the subject can do until the last day of the period."""

    id: int
    kind: str
    title: str
    state: str
    badge: str
    means: str
    since: date
    due: parts.Due | None
    open: bool
    organisation: str
    mine: tuple[str, ...] = ()


def urgency(one: Line) -> tuple[bool, date]:
    """For sorting: first what the subject itself can say or do within a period, the shortest first."""
    return not one.mine, one.due.day if one.due else date.max


def line(case: Case, today: date) -> Line:
    """A case as the subject's list shows it."""
    declared = procedure(case.procedure)
    state = declared.states[case.state]
    return Line(
        case.pk, parts.procedure_name(declared), title(case), parts.named(state), parts.badge(state),
        words.say(own_words.means(case)), case.since, parts.due(case.due_on, today), case.closed_on is None,
        case.organisation.name if case.organisation and case.procedure == "measure" else "",
        tuple(
            parts.named(one) for one in declared.from_state(case.state)
            if one.whose == "subject" and one.until_due and case.due_on is not None and today <= case.due_on
        ),
    )  # fmt: skip


def title(case: Case) -> str:
    """What a case is about, in the page's language."""
    if case.procedure in ("objection", "repair"):
        found = about(case.key)
        return words.say(found.name()) if found else case.key
    return parts.rule_name(case.procedure, case.rule, case.law_day)


def remedy(one: Remedy | None, today: date) -> dict[str, Any] | None:
    """The two ways out as links or the words that bar them, for `own_remedies.html`."""
    if one is None:
        return None
    terms = one.terms
    return {
        "key": one.key,
        "objection": one.objection,
        "repair": one.repair,
        "may_object": one.may_object is None,
        "why_no_objection": parts.in_words(one.may_object) if one.may_object else None,
        "may_repair": terms.open_on(today),
        "earliest": terms.earliest,
        "why_no_repair": parts.in_words(terms.why_not) if terms.why_not else None,
    }


def no_such(request: HttpRequest) -> HttpResponse:
    """404: there is no such case, or it is another's: both look alike."""
    return not_found(request, gettext("没有这个事项，或者它与您无关"), gettext("请从“我的事项”中选择。"))


def no_store(response: HttpResponse) -> HttpResponse:
    """What is a subject's own stays in no cache."""
    response["Cache-Control"] = "no-store"
    return response
