"""The subject's own door: all that is held on it, where it came from, who looked, and a copy of it.

PIPL arts. 44 (to know and decide), 45 (to see and copy), 46 (to have it corrected). What the subject does
here is its right and needs no purpose.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.permissions import Actor, Target
from chengxin.archive import held, own
from chengxin.archive.pages import parts
from chengxin.archive.pages.held import members
from chengxin.audit import queries as audit
from chengxin.audit import rules as audit_rules
from chengxin.design import words
from chengxin.design.render import not_found, page
from chengxin.kernel.numbers import row_number

LOOKS = 50
"""Looks a page."""


def _chosen(request: HttpRequest, actor: Actor) -> int | None:
    """The subject that is meant: the only one, or the one chosen among several; its canonical number."""
    own_ones = {id for id, _, _ in held.named(actor.reach("own.read").subjects).values()}
    wanted = request.GET.get("subject") or request.POST.get("subject") or ""
    if (number := row_number(wanted)) in own_ones:
        return number
    return own_ones.pop() if len(own_ones) == 1 and not wanted else None


@requires("own.read")
def overview(request: HttpRequest) -> HttpResponse:
    """Everything held on the subject for which this person acts."""
    actor, today = actor_of(request), timezone.localdate()
    mine = actor.reach("own.read").subjects
    found = _chosen(request, actor)
    if found is None:
        choices = list(held.named(mine).values())
        return page(request, "archive/own_choice", {"choices": choices}, indexed=False)
    item, state = parts.chosen(request)
    kept = {"subject": str(found) if len(mine) > 1 else "", "item": item or "", "state": state or ""}
    known, summary = held.held_subject(found), held.summary(found, today)
    found_records = held.records(
        found, today, item=item, state=state, before=parts.place(request), limit=held.RECORDS + 1
    )
    before = request.GET.get("looks", "")
    looks = audit.looks_at(
        members(found),
        before=row_number(before),
        limit=LOOKS + 1,
    )
    values = {
        **parts.subject(known),
        "number": found,
        "states": parts.by_state(summary.seen, kept),
        "items": parts.items(summary.seen, kept),
        **parts.listed(request, kept, found_records, held.RECORDS, today),
        "looks": [_look(one) for one in looks[:LOOKS]],
        "more_looks": parts.query({**kept, "looks": str(looks[LOOKS - 1].id)})
        if len(looks) > LOOKS
        else None,
        "several": len(mine) > 1,
        "notes": [one for tell in own.NOTES for one in tell(members(found))],
        "personal": known["kind"] in parts.PERSONS,
        "sealed": any(one["sealed"] for one in known["identifiers"]),
        "own_numbers": own.numbers(found) if request.GET.get("numbers") == "shown" else None,
    }
    response = page(request, "archive/own", values, indexed=False)
    response["Cache-Control"] = "no-store"
    return response


def _look(one: audit.Look) -> dict[str, object]:
    """A look as the subject sees it: the office and its reason, a number to ask by, no official's name."""
    kind = audit_rules.purpose_kinds().get(one.kind)
    return {
        "id": one.id,
        "at": one.at,
        "organisation": one.organisation or gettext("系统运行单位"),
        "what": words.say(audit_rules.KINDS[one.what]),
        "kind": words.say((kind.zh, kind.en)) if kind else one.kind,
        "words": one.words,
        "law": words.cited(one.law, one.article),
        "case": one.case,
    }


@requires("own.read")
def download(request: HttpRequest) -> HttpResponse:
    """A copy of everything: JSON for programs, a workbook for people."""
    actor, today = actor_of(request), timezone.localdate()
    found = _chosen(request, actor)
    if found is None:
        return HttpResponseRedirect("/own")
    actor.must("own.read", Target(subject=_held_under(actor, found)))
    format = request.GET.get("format", "json")
    if format not in own.FORMATS:
        return not_found(request, gettext("没有这种格式"), gettext("可以下载：%s") % "、".join(own.FORMATS))
    body = own.copy(actor, found, members(found), today, format)
    response = HttpResponse(body, content_type=own.FORMATS[format])
    response["Content-Disposition"] = f'attachment; filename="chengxin-{today.isoformat()}.{format}"'
    response["Cache-Control"] = "no-store"
    return response


def _held_under(actor: Actor, subject: int) -> int:
    """The number under which the person's role names the subject (it may have been merged since)."""
    numbers = set(members(subject))
    return next(one for one in actor.reach("own.read").subjects if one in numbers)
