"""What a page has to say after the one before did something: kept in the session, shown once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest

from chengxin.design.language import current

_KEY = "said"

Kind = Literal["good", "bad", "warn", "info"]


@dataclass(frozen=True)
class Said:
    """A notice in the language of the page; `kind` is its look."""

    text: str
    kind: str


def say(request: HttpRequest, zh: str, en: str, kind: Kind = "good") -> None:
    """Show this on the next page that the person sees."""
    request.session[_KEY] = [*request.session.get(_KEY, []), [zh, en, kind]]


def said(request: HttpRequest) -> list[Said]:
    """What is to be shown now; it is shown once. Asks no session of visitors who have none."""
    session = getattr(request, "session", None)
    if session is None or not session.session_key or _KEY not in session:
        return []
    english = current() == "en"
    return [Said(en if english else zh, kind) for zh, en, kind in session.pop(_KEY)]
