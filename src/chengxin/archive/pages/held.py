"""The 360° view: everything on a subject that a role may see, for a purpose, each look in the ledger."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from chengxin.accounts import doorcodes
from chengxin.accounts.guard import actor_of, requires, shown_again
from chengxin.archive import held, unmasking
from chengxin.archive.pages import parts
from chengxin.archive.seeing import sight
from chengxin.audit import queries as audit
from chengxin.audit.actions import looked
from chengxin.audit.purposes import needs_purpose, purpose_of, strip
from chengxin.audit.rules import Purpose
from chengxin.database import reading
from chengxin.design import words
from chengxin.design.render import not_found, page
from chengxin.registry.queries import LONGEST, code_of, resolve

LOOKS = 20
"""Looks shown to those who may read the access log."""


def _subject(code: str) -> int | None:
    return resolve(code) if len(code) <= LONGEST and code.isprintable() else None


def _no_subject(request: HttpRequest) -> HttpResponse:
    return not_found(request, gettext("没有这个信用主体"), gettext("请核对代码，或重新检索。"))


def members(subject: int) -> list[int]:
    """A subject with all that were merged into it."""
    found = reading.rows(
        "SELECT id FROM registry_subject WHERE id = %s::bigint OR merged_into_id = %s::bigint", [subject] * 2
    )
    return [id for (id,) in found]


def _purpose(request: HttpRequest) -> Purpose:
    stated = purpose_of(request)
    if stated is None:  # `needs_purpose` stands before every view here
        raise RuntimeError("no purpose is stated")
    return stated


@requires("subject.read")
@needs_purpose
def subject(request: HttpRequest, code: str) -> HttpResponse:
    """Everything on one subject that this person may see."""
    actor, today = actor_of(request), timezone.localdate()
    found = _subject(code)
    if found is None:
        return _no_subject(request)
    target = held.target(found)
    actor.must("subject.read", target)
    seeing = sight(actor)
    item, state = request.GET.get("item") or None, request.GET.get("state") or None
    state = state if state in held.STATES else None
    summary = held.summary(found, today, seeing)
    listed = held.records(
        found, today, seeing, item=item, state=state, before=parts.place(request), limit=held.RECORDS + 1
    )
    looked(actor, [found], "subject", _purpose(request), target=target)
    kept = {key: value for key, value in (("item", item), ("state", state)) if value}
    following = parts.following(listed, held.RECORDS)
    values = {
        **parts.subject(held.held_subject(found)),
        **strip(request),
        "code": code,
        "states": parts.by_state(summary.seen),
        "items": parts.by_item(summary.seen),
        "left_out": summary.left_out,
        "chart": parts.years(summary),
        "records": [parts.record(one) for one in listed[: held.RECORDS]],
        "next": urlencode(kept | {"before": following}) if following else None,
        "before": request.GET.get("before"),
        "item": item,
        "state": state,
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
    found = _subject(code)
    if found is None:
        return _no_subject(request)
    given = request.POST
    actor, why = actor_of(request), _purpose(request)
    try:
        if given.get("identifier", "").isdecimal():
            value = unmasking.identifier(actor, found, int(given["identifier"]), why)
        elif given.get("record", "").isdecimal():
            value = unmasking.field(actor, found, int(given["record"]), given.get("field", ""), why)
        else:
            raise unmasking.NothingThere
    except unmasking.NothingThere:
        return not_found(request, gettext("没有可以查看的号码"), gettext("请回到主体页面重新选择。"))
    response = page(
        request, "archive/unmasked", {"value": value, "code": code, **strip(request)}, indexed=False
    )
    response["Cache-Control"] = "no-store"
    return response


@requires("door.open")
@require_POST
def door_code(request: HttpRequest, code: str) -> HttpResponse:
    """A letter with the code by which a subject sees what is held on it."""
    found = _subject(code)
    if found is None:
        return _no_subject(request)
    actor = actor_of(request)
    issued = doorcodes.issue(actor, found, target=held.target(found))
    name, named = reading.row(
        f"SELECT c.name, {code_of('c')} FROM registry_subject c WHERE c.id = %s::bigint", [found]
    ) or ("", code)
    today = timezone.localdate()
    values = {
        "name": name,
        "code": named,
        "issued": issued,
        "today": today,
        "until": today + doorcodes.VALID,
        "uses": doorcodes.USES,
        "address": request.build_absolute_uri("/door"),
        "laws": [words.cited("pipl", "44"), words.cited("pipl", "45"), words.cited("pipl", "46")],
        "objection": words.cited("fjpub", ""),
    }
    return page(request, "archive/door_letter", values, indexed=False)
