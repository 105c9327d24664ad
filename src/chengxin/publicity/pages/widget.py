"""The query window for platforms' home pages (policy 15): how to put it there, and the window itself.

The window may be framed by any site; it sets no cookie, runs no script and loads nothing from elsewhere.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation

from chengxin.accounts.guard import public
from chengxin.archive.finding import find
from chengxin.design import language
from chengxin.design.headers import FRAMED
from chengxin.design.render import page, reading
from chengxin.publicity import entries
from chengxin.publicity.pages.lists import listed_on
from chengxin.registry.queries import LONGEST

SHORTEST = 2
MOST = 5
"""Subjects that the window shows."""

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@public
@reading
def about(request: HttpRequest) -> HttpResponse:
    """What to put on a platform's home page."""
    address = request.build_absolute_uri("/widget/query")
    return page(request, "publicity/widget", {"address": address})


@public
@reading
def query(request: HttpRequest) -> HttpResponse:
    """Name, code or shop → whether it stands on a list, with a link to what is public of it."""
    spoken = language.CODES.get(request.GET.get("hl", ""), translation.get_language() or "zh-hans")
    q = _UNSEEN.sub(" ", request.GET.get("q", "")).strip()
    with translation.override(spoken):
        fits = SHORTEST <= len(q) <= LONGEST
        values = {
            "tag": language.TAGS[language.current()],
            "hl": request.GET.get("hl", "") if request.GET.get("hl", "") in language.CODES else "",
            "q": q[:LONGEST],
            "unfit": bool(q) and not fits,
            "found": _found(q) if fits else (),
            "asked": fits,
            "site": request.build_absolute_uri("/"),
        }
        response = HttpResponse(render_to_string("publicity/window.html", values))
    response["Content-Security-Policy"] = FRAMED
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Cookie, Accept-Language, Accept-Encoding"
    response["X-Robots-Tag"] = "noindex, noarchive"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _found(q: str) -> list[dict[str, Any]]:
    today = timezone.localdate()
    hits = find(q, today, {}, None, MOST).hits
    on_lists = entries.standing([one.id for one in hits], today)
    return [
        {
            "code": one.code,
            "name": one.name,
            "outlet": one.outlet if one.matched in ("shop", "domain") else None,
            "lists": listed_on(on_lists.get(one.id, ())),
            "recorded": "listed" in one.facets["standing"],
        }
        for one in hits
    ]
