"""What is pending or decided on a subject: the list, one case in plain words, its papers."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.permissions import Actor
from chengxin.archive import held
from chengxin.cases import queries
from chengxin.cases.models import Case, Document
from chengxin.cases.names import document_name
from chengxin.cases.pages import paper, shown
from chengxin.cases.pages import parts as case_parts
from chengxin.decisions import copies, own, own_words
from chengxin.decisions.pages_own import parts
from chengxin.decisions.papers_repair import CERTIFICATE
from chengxin.design import words
from chengxin.design.render import not_found, page, reading
from chengxin.kernel.merkle import leaf_hash
from chengxin.kernel.numbers import row_number
from chengxin.ledger import queries as ledger
from chengxin.rulebook.procedures import procedure

LARGEST = 2**63


@requires(own.READ)
@reading
def listed(request: HttpRequest) -> HttpResponse:
    """Everything pending or decided on the subjects for which this person acts."""
    actor, today = actor_of(request), timezone.localdate()
    numbers = own.subjects(actor)
    wanted = row_number(request.GET.get("subject", ""))
    chosen = [wanted] if wanted in numbers else list(numbers)
    names = held.named(numbers)
    groups: list[dict[str, Any]] = []
    for one in chosen:
        lines = [parts.line(case, today) for case in own.cases_of(one)]
        groups.append(
            {
                "name": names[one][1],
                "open": sorted((line for line in lines if line.open), key=parts.urgency),
                "over": [line for line in lines if not line.open],
            }
        )
    values = {"groups": groups, "several": len(groups) > 1}
    return parts.no_store(page(request, "decisions/own_cases", values, indexed=False))


@requires(own.READ)
@reading
def case(request: HttpRequest, id: int) -> HttpResponse:
    """One case: what it is, why, what follows, until when, and what the subject can do now."""
    actor = actor_of(request)
    found = own.own_case(actor, id) if id < LARGEST else None
    if found is None:
        return parts.no_such(request)
    values = _values(found, own.acting(actor), timezone.localdate())
    return parts.no_store(page(request, "decisions/own_case", values, indexed=False))


def _values(case: Case, actor: Actor, today: date) -> dict[str, Any]:
    declared = procedure(case.procedure)
    state = declared.states[case.state]
    about = case_parts.rule_name(case.procedure, case.rule, case.law_day)
    entry = own.entry_of(case)
    remedy = own.remedy_of(case, today)
    if remedy is not None and entry is None and remedy.may_object is not None:
        remedy = None  # nothing is decided yet: what the subject can do now are the steps of the case
    period = case_parts.period_of(case.due, case.since)
    law = (entry.law, entry.article) if entry else (declared.law, declared.article)
    return {
        "case": case,
        "kind": case_parts.procedure_name(declared),
        "procedure_id": declared.id,
        "title": parts.title(case),
        "about": about,
        "means": words.say(own_words.means(case)),
        "state": case_parts.named(state),
        "badge": case_parts.badge(state),
        "due": case_parts.due(case.due_on, today),
        "law": words.cited(*law),
        "asked": case.procedure in ("objection", "repair"),
        "period": case_parts.period_words(period) if period else "",
        "procedure_law": words.cited(declared.law, declared.article),
        "entry": entry,
        "can": [_can(case, one, today) for one in own.possible(case, actor, today)],
        "remedy": parts.remedy(remedy, today),
        "records": shown.records(queries.cited(case.pk), today),
        "measures": [parts.line(one, today) for one in own.measures_of(case)],
        "parent": case.parent_id,
        "past": _past(case),
        "papers": _papers(case),
        "changes": _changes(case),
        "copies": _copies(case),
        "organisation": case.organisation.name if case.organisation else "",
    }


def _can(case: Case, one: own.Possible, today: date) -> dict[str, Any]:
    return {
        "name": case_parts.named(one.step),
        "url": reverse("own-step", args=[case.pk, one.step.id]),
        "barred": case_parts.in_words(one.barred) if one.barred else None,
        "until": case_parts.due(one.until, today),
    }


def _past(case: Case) -> list[dict[str, Any]]:
    states = procedure(case.procedure).states
    return [
        {
            "name": case_parts.named(step) if step else one.step,
            "to": case_parts.named(states[one.to_state]) if one.to_state in states else one.to_state,
            "stays": one.from_state == one.to_state,
            "day": one.day,
            "role": case_parts.role_name(one.role),
            "facts": case_parts.facts_of(step, dict(one.facts)) if step else [],
            "leaf": one.id,
        }
        for one, step in own.told(case)
    ]


def _papers(case: Case) -> list[dict[str, Any]]:
    """The documents of a case; the notices of a listing only once they are served."""
    return [
        {
            "kind": words.say(document_name(one.kind)),
            "number": one.number,
            "day": one.day,
            "url": reverse("own-document", args=[case.pk, one.id]),
        }
        for one in queries.documents(case.pk)
    ]


def _changes(case: Case) -> list[str]:
    """What an upheld objection changed, in words."""
    body = (
        Document.objects.filter(case=case.pk, kind="objection_changes").values_list("body", flat=True).first()
    )
    if body is None:
        return []
    told = orjson.loads(body)
    rows = [f"{words.say((one['zh'], one['en']))}: {one['value']}" for one in told["rows"]]
    return [*told["paragraphs_en" if words.english() else "paragraphs"], *rows]


def _copies(case: Case) -> list[dict[str, Any]]:
    """Who was told to update a copy because of the case, and who has confirmed."""
    if case.procedure not in ("objection", "repair"):
        return []
    return [
        {"name": one.organisation.name, "told": one.told_on, "confirmed": one.confirmed_on}
        for one in copies.of(case.key)
    ]


@requires(own.READ)
@reading
def document(request: HttpRequest, id: int, document: int) -> HttpResponse:
    """A document of a case, ready to be printed."""
    found = own.own_case(actor_of(request), id) if id < LARGEST else None
    if found is None:
        return parts.no_such(request)
    known = paper.values(document, of=found.pk) if document < LARGEST else None
    if known is None:
        return not_found(request, gettext("没有这份文书"), gettext("请从事项页面的文书中选择。"))
    values = {
        **known,
        "case": found,
        "verify": certificate_hash(document) if known["paper"].kind == CERTIFICATE else "",
        "address": request.build_absolute_uri(reverse("certificates")),
    }
    return parts.no_store(page(request, "decisions/own_document", values, indexed=False))


def certificate_hash(document: int) -> str:
    """The first digits of the hash under which a document stands in the ledger: what a reader compares."""
    body = ledger.leaf_body("cases_document", document)
    if body is None:
        return ""
    text = leaf_hash(body).hex()[:16].upper()
    return " ".join(text[at : at + 4] for at in range(0, 16, 4))
