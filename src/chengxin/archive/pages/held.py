"""The 360° view: everything on a subject that a role may see, for a purpose, each look in the ledger."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts import doorcodes
from chengxin.accounts.guard import actor_of, requires, shown_again
from chengxin.accounts.models import Organisation
from chengxin.accounts.permissions import Actor, Target, allows
from chengxin.archive import held, unmasking
from chengxin.archive.pages import parts
from chengxin.archive.seeing import sight
from chengxin.audit import queries as audit
from chengxin.audit.actions import looked
from chengxin.audit.purposes import needs_purpose, purpose_of, strip
from chengxin.audit.rules import Purpose
from chengxin.database import reading
from chengxin.design.render import not_found, page
from chengxin.kernel.numbers import row_number
from chengxin.registry.queries import LONGEST, code_of, resolve

LOOKS = 20
"""Looks shown to those who may read the access log."""


def subject_of(code: str) -> int | None:
    """The subject of a code in an address; personal numbers stand in none."""
    return resolve(code) if len(code) <= LONGEST and code.isprintable() else None


def no_subject(request: HttpRequest) -> HttpResponse:
    """404: no subject has this code."""
    return not_found(request, gettext("没有这个信用主体"), gettext("请核对代码，或重新检索。"))


def members(subject: int) -> list[int]:
    """A subject with all that were merged into it."""
    found = reading.rows(
        "SELECT id FROM registry_subject WHERE id = %s::bigint OR merged_into_id = %s::bigint", [subject] * 2
    )
    return [id for (id,) in found]


def stated(request: HttpRequest) -> Purpose:
    """The purpose of this look."""
    why = purpose_of(request)
    if why is None:  # `needs_purpose` stands before every view here
        raise RuntimeError("no purpose is stated")
    return why


@requires("subject.read")
@needs_purpose
def subject(request: HttpRequest, code: str) -> HttpResponse:
    """Everything on one subject that this person may see."""
    actor, today = actor_of(request), timezone.localdate()
    found = subject_of(code)
    if found is None:
        return no_subject(request)
    target = held.target(found)
    actor.must("subject.read", target)
    seeing = sight(actor, target)
    item, state = parts.chosen(request)
    kept = {"item": item or "", "state": state or ""}
    summary = held.summary(found, today, seeing)
    found_records = held.records(
        found, today, seeing, item=item, state=state, before=parts.place(request), limit=held.RECORDS + 1
    )
    looked(actor, [found], "subject", stated(request), target=target)
    values = {
        **parts.subject(held.held_subject(found)),
        **strip(request),
        "code": code,
        "states": parts.by_state(summary.seen, kept),
        "items": parts.items(summary.seen, kept),
        **parts.listed(request, kept, found_records, held.RECORDS, today),
        "left_out": summary.left_out,
        "chart": parts.years(summary),
        "may_unmask": actor.may("identifier.unmask", target),
        "may_open_door": actor.may("door.open", target),
        "looks": audit.looks_at(members(found), limit=LOOKS) if actor.may("access.read") else None,
    }
    return page(request, "archive/held", values, indexed=False)


@requires("identifier.unmask")
@shown_again
@needs_purpose
def unmask(request: HttpRequest, code: str) -> HttpResponse:
    """One sealed value in the clear, in this answer only."""
    if request.method != "POST":
        return HttpResponseRedirect(f"/work/subjects/{code}")
    found = subject_of(code)
    if found is None:
        return no_subject(request)
    given = request.POST
    actor, why = actor_of(request), stated(request)
    try:
        if (number := row_number(given.get("identifier", ""))) is not None:
            value = unmasking.identifier(actor, found, number, why)
        elif (number := row_number(given.get("record", ""))) is not None:
            value = unmasking.field(actor, found, number, given.get("field", ""), why)
        else:
            raise unmasking.NothingThere
    except unmasking.NothingThere:
        return not_found(request, gettext("没有可以查看的号码"), gettext("请回到主体页面重新选择。"))
    known = held.held_subject(found)
    values = {"value": value.value, "what": parts.sealed_name(value.what, value.item), "code": code}
    response = page(
        request, "archive/unmasked", {**values, "subject": known, **strip(request)}, indexed=False
    )
    response["Cache-Control"] = "no-store"
    return response


@requires("door.open")
@shown_again
def door_code(request: HttpRequest, code: str) -> HttpResponse:
    """A letter with the code by which a subject sees what is held on it; the code is shown this once."""
    if request.method != "POST":
        return HttpResponseRedirect(f"/work/subjects/{code}")
    found = subject_of(code)
    if found is None:
        return no_subject(request)
    actor, target = actor_of(request), held.target(found)
    issued = doorcodes.issue(actor, found, target=target)
    name, named, kind = reading.row(
        f"SELECT c.name, {code_of('c')}, c.kind FROM registry_subject c WHERE c.id = %s::bigint", [found]
    ) or ("", code, "")
    today = timezone.localdate()
    values = {
        "name": name,
        "code": named,
        "issued": issued,
        "office": _office(actor, target),
        "today": today,
        "until": today + doorcodes.VALID,
        "uses": doorcodes.USES,
        "address": request.build_absolute_uri("/door"),
        "personal": kind in parts.PERSONS,
    }
    response = page(request, "archive/door_letter", values, indexed=False)
    response["Cache-Control"] = "no-store"
    return response


def _office(actor: Actor, target: Target) -> str:
    """The organisation in whose name the person may serve a subject its code."""
    offices = [one.organisation for one in actor.grants if allows([one], "door.open", target)]
    found = Organisation.objects.filter(pk__in=[one for one in offices[:1] if one is not None]).first()
    return found.name if found else ""
