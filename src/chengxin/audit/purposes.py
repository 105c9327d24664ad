"""The purpose of the looks of this session: asked once a case, remembered for a working day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from chengxin.audit.rules import Purpose, purpose_kinds
from chengxin.design.words import cited, say

__all__ = ["Purpose", "forget", "needs_purpose", "purpose_of", "remember", "strip"]

View = Callable[..., HttpResponse]

HOURS = 8
"""For how long a purpose counts: a working day; then it is asked again."""

_KEY = "purpose"


def purpose_of(request: HttpRequest) -> Purpose | None:
    """The purpose that this session stated, None when none counts any more."""
    held = request.session.get(_KEY)
    if held is None or timezone.now().timestamp() > held["until"]:
        return None
    stated = Purpose(**held["purpose"])
    return stated if stated.kind in purpose_kinds() else None


def remember(request: HttpRequest, purpose: Purpose) -> None:
    """Let a purpose count from now on, in place of the one before."""
    until = timezone.now().timestamp() + HOURS * 3600
    request.session[_KEY] = {"purpose": asdict(purpose), "until": until}


def forget(request: HttpRequest) -> None:
    """The case is done: the next look asks again."""
    request.session.pop(_KEY, None)


def needs_purpose(view: View) -> View:
    """A view of what is not public: without a purpose, the person is asked for one and sent back."""

    @wraps(view)
    def asked(request: HttpRequest, *parts: Any, **named: Any) -> HttpResponse:
        if purpose_of(request) is None:
            back = request.get_full_path() if request.method in ("GET", "HEAD") else request.path
            return HttpResponseRedirect(f"/work/purpose?{urlencode({'next': back})}")
        return view(request, *parts, **named)

    return asked


def strip(request: HttpRequest) -> dict[str, Any]:
    """What the strip `audit/purpose_strip.html` shows on each page that uses the purpose."""
    stated = purpose_of(request)
    if stated is None:
        return {"purpose": None}
    kind = purpose_kinds()[stated.kind]
    return {
        "purpose": stated,
        "purpose_words": f"{say((kind.zh, kind.en))} · {cited(stated.law, stated.article)}",
    }
