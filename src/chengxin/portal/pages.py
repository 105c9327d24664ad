"""The public pages: search, subjects, records, about. A page asks, shows, and changes nothing."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import public
from chengxin.archive import queries as archive
from chengxin.design import words
from chengxin.design.render import not_found, page, reading
from chengxin.design.showing import grouped, item_of, scheme_name, shown, web_address
from chengxin.portal.figures import figures
from chengxin.portal.proofs import check_program
from chengxin.registry import queries as registry
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import OUTLET_KINDS, SUBJECT_KINDS, SUBJECT_ROLES

SHORTEST = 2
"""Characters that a search needs."""

RESULTS = 20
"""Subjects a page of results."""

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@public
@reading
def home(request: HttpRequest) -> HttpResponse:
    """What this is, one search box, and how much is kept."""
    return page(
        request, "portal/home", {"figures": figures(), "items": len(catalogue.items(timezone.localdate()))}
    )


@public
@reading
def search(request: HttpRequest) -> HttpResponse:
    """Subjects that a query finds, and how each was found."""
    q = _UNSEEN.sub(" ", request.GET.get("q", "")).strip()
    values: dict[str, Any] = {"q": q, "shortest": SHORTEST, "longest": registry.LONGEST}
    if len(q) < SHORTEST or len(q) > registry.LONGEST:
        return page(request, "portal/search", values | {"unfit": bool(q)}, indexed=False)
    after = request.GET.get("after") or None
    try:
        found = registry.search(q, after, RESULTS)
    except registry.BadCursor:
        return not_found(request, gettext("没有这一页结果"), gettext("请重新查询。"))
    results = [
        {"subject": one, "kind": _kind(one.kind), "region": registry.region(one.region), "how": one.matched}
        for one in found.subjects
    ]
    return page(
        request,
        "portal/search",
        values | {"results": results, "next": found.next, "more": found.more, "after": after},
        indexed=False,
    )


@public
@reading
def subject(request: HttpRequest, code: str) -> HttpResponse:
    """Who a subject is, and its records that are public today, by item and date."""
    today = timezone.localdate()
    body = archive.public_subject(code, today) if len(code) <= registry.LONGEST else None
    if body is None:
        return _no_subject(request)
    view = orjson.loads(body)
    before = request.GET.get("before", "")
    if before:
        further = (
            archive.public_records(code, today, int(before)) if re.fullmatch("[0-9]{1,18}", before) else None
        )
        if further is None:
            return _no_subject(request)
        view |= orjson.loads(further)
    held = view["subject"]
    groups = grouped(view["records"])
    values = {
        "subject": held,
        "kind": _kind(held["kind"]),
        "roles": [
            {"name": words.say(SUBJECT_ROLES.get(one["role"], (one["role"],) * 2)), **one}
            for one in held["roles"]
        ],
        "codes": [{"name": scheme_name(one["scheme"]), **one} for one in held["identifiers"]],
        "outlets": [_outlet(one) for one in held["outlets"]],
        "verification": _verification(held["verification"]),
        "groups": groups,
        "open": len(view["records"]) <= MANY,
        "next": view["next"],
        "before": before,
        "today": today,
        "address": request.build_absolute_uri(request.path),
    }
    return page(request, "portal/subject", values, indexed=False)


MANY = 24
"""Records up to which a subject's page opens each; with more, only the newest of each item."""


def _kind(kind: str) -> str:
    return words.say(SUBJECT_KINDS[kind])


def _outlet(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "kind_name": words.say(OUTLET_KINDS[one["kind"]]), "link": web_address(one["url"])}


def _verification(one: dict[str, Any] | None) -> dict[str, Any] | None:
    if one is None:
        return None
    name, meaning = words.VERIFICATION[one["state"]]
    return {**one, "name": words.say(name), "meaning": words.say(meaning)}


def _no_subject(request: HttpRequest) -> HttpResponse:
    return not_found(
        request,
        gettext("没有可以公示的信用主体"),
        gettext("请核对代码，或按名称查询。自然人的信息不向社会公示。"),
    )


@public
@reading
def record(request: HttpRequest, id: int) -> HttpResponse:
    """One record with all its public fields, and how to check that it was never altered."""
    today = timezone.localdate()
    body = archive.public_record(id, today) if id < 2**63 else None
    proof = archive.public_proof(id, today) if body is not None else None
    if body is None or proof is None:
        return not_found(
            request,
            gettext("没有这条信用信息，或者它今天不公示"),
            gettext("公示期届满、已经撤回或更正的信息不再显示。请查看信用主体的页面。"),
        )
    view = orjson.loads(body)
    item = item_of(view["record"]["item"])
    hidden = sum(field.disclosure != "public" for field in item.fields) if item is not None else 0
    values = {
        "subject": view["subject"],
        "kind": _kind(view["subject"]["kind"]),
        "record": shown(view["record"], whole=True),
        "hidden": hidden,
        "proof": proof,
        "signed_at": datetime.fromisoformat(proof["head"]["signed_at"]),
        "program": check_program(),
        "today": today,
        "address": request.build_absolute_uri(request.path),
    }
    return page(request, "portal/record", values, indexed=False)


@public
@reading
def about(request: HttpRequest) -> HttpResponse:
    """What is public and why, what is never shown, and how to object."""
    return page(
        request,
        "portal/about",
        {"objections": words.cited("fjpub", ""), "repair": words.cited("repair36", "")},
    )


@public
@reading
def check_proof(request: HttpRequest) -> HttpResponse:
    """The program that checks a proof, as text."""
    text = check_program()
    if text is None:
        return not_found(request)
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})


ROBOTS = """User-agent: *
Disallow: /search
Disallow: /api/
Allow: /api/v1/docs
"""
"""Records may be visited but not kept: their pages say noindex, as no copy may outlive their publication."""


@public
@reading
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may visit."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")
