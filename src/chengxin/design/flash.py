"""What was done, said once on the next page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.db import Error as DatabaseError
from django.http import HttpRequest

from chengxin.design.words import say as worded

Kind = Literal["good", "bad", "warn", "info"]
_KEY = "said"
_MOST = 5


@dataclass(frozen=True)
class Said:
    """A notice in the page's language."""

    text: str
    kind: str


def say(request: HttpRequest, zh: str, en: str, kind: Kind = "good") -> None:
    """Keep a notice for the next page that this browser opens. No personal data: sessions aren't for them."""
    request.session[_KEY] = [*request.session.get(_KEY, []), [zh, en, kind]][-_MOST:]


def taken(request: HttpRequest) -> list[Said]:
    """The notices that wait, which are then forgotten; nothing is read for a browser without a session."""
    session = getattr(request, "session", None)
    if session is None or not (session.session_key or session.modified):
        return []
    try:
        waiting = session.pop(_KEY, [])
    except DatabaseError:  # a page that says what went wrong must not need the database
        return []
    return [Said(worded((zh, en)), kind) for zh, en, kind in waiting]
