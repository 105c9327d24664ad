"""One case: its page, its documents on paper, the proofs that its steps are in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, requires
from chengxin.audit.purposes import needs_purpose, strip
from chengxin.cases import queries
from chengxin.cases.models import Case
from chengxin.cases.pages import paper, parts, shown
from chengxin.cases.worklist import READ, readable
from chengxin.design.render import not_found, page, reading
from chengxin.ledger import queries as ledger

LARGEST = 2**63


def found_case(request: HttpRequest, id: int) -> Case | None:
    """The case of an address, None where there is none that this person may see."""
    found = queries.case(id) if id < LARGEST else None
    if found is None or not readable(actor_of(request), parts.target_of(found)):
        return None
    return found


def with_purpose(
    request: HttpRequest, case: Case, view: Callable[[HttpRequest, Case], HttpResponse]
) -> HttpResponse:
    """Show a case; one about a subject only for a purpose."""
    return (needs_purpose(view) if case.subject_id is not None else view)(request, case)


def case_page(
    request: HttpRequest, case: Case, more: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page of a case; the look is noted first."""
    actor = actor_of(request)
    if case.subject_id is not None:
        parts.note_look(request, [case.subject_id], "case", str(case.pk))
    values = {**shown.values(case, actor, timezone.localdate()), **strip(request), **(more or {})}
    return page(request, "cases/case", values, status, indexed=False)


@requires(READ)
@reading
def case(request: HttpRequest, id: int) -> HttpResponse:
    """Where a case stands, how it came there, on what it rests, what this person can do now."""
    found = found_case(request, id)
    return parts.no_case(request) if found is None else with_purpose(request, found, case_page)


@requires(READ)
@reading
def document(request: HttpRequest, id: int, document: int) -> HttpResponse:
    """A document of a case, as it was served, ready to be printed."""
    found = found_case(request, id)
    if found is None:
        return parts.no_case(request)

    def view(request: HttpRequest, case: Case) -> HttpResponse:
        known = paper.values(document, of=case.pk) if document < LARGEST else None
        if known is None:
            return not_found(request, gettext("没有这份文书"), gettext("请从事项页面的文书中选择。"))
        if case.subject_id is not None:
            parts.note_look(request, [case.subject_id], "case", f"{case.pk}/{document}")
        return page(request, "cases/document", {**known, "case": case}, indexed=False)

    return with_purpose(request, found, view)


@requires(READ)
@reading
def proof(request: HttpRequest, id: int, leaf: int) -> HttpResponse:
    """The proof that a step or document of a case is in the ledger, as it was sealed."""
    found = found_case(request, id)
    if found is None:
        return parts.no_case(request)

    def view(request: HttpRequest, case: Case) -> HttpResponse:
        table = next((name for name, leaves in _leaves(case).items() if leaf in leaves), None)
        body = ledger.leaf_body(table, leaf) if table else None
        if body is None:
            return not_found(request, gettext("没有这片叶子"), gettext("请从事项页面的办理过程中选择。"))
        if case.subject_id is not None:
            parts.note_look(request, [case.subject_id], "case", f"{case.pk}#{leaf}")
        told = {"body": body.decode(), **ledger.inclusion(leaf, body)}
        values = {
            "case": case,
            "leaf": leaf,
            "proof": told,
            "text": orjson.dumps(told, option=orjson.OPT_INDENT_2).decode(),
        }
        return page(request, "cases/proof", values, indexed=False)

    return with_purpose(request, found, view)


def _leaves(case: Case) -> dict[str, set[int]]:
    return {
        "cases_step": {one.id for one in queries.steps(case.pk)},
        "cases_document": {one.id for one in queries.documents(case.pk)},
    }
