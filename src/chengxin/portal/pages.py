"""A record's page, what stands beside it, and what search engines may visit."""

from __future__ import annotations

from datetime import datetime

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import public
from chengxin.archive import queries as archive
from chengxin.design import words
from chengxin.design.classed import classed
from chengxin.design.render import not_found, page, reading
from chengxin.design.showing import item_of, shown
from chengxin.portal.proofs import check_program
from chengxin.portal.subject_page import kind_name


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
        "kind": kind_name(view["subject"]["kind"]),
        "record": shown(view["record"], whole=True),
        "classed": classed(view["record"], today),
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
Disallow: /subjects/*/report
Disallow: /data/
Disallow: /widget/query
Disallow: /api/
Allow: /api/v1/docs
"""
"""Records, lists and decisions may be visited but not kept: their pages say noindex, as no copy may outlive
their publication. What holds many of them at once isn't visited at all."""


@public
@reading
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may visit."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@public
@reading
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for the site's icon unasked."""
    return HttpResponseRedirect("/static/design/favicon.ico")
