"""The language of a page: `?lang=` chooses it for this answer and, in a cookie, for the following ones.

So a link can say in which language it wants to be read, the switch keeps the page, and neither needs
JavaScript. Without a choice the browser's own preference counts, Chinese where it names neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import get_language

CODES = {"zh": "zh-hans", "en": "en"}
"""What `lang` may be, and Django's name of it."""

TAGS = {"zh": "zh-Hans", "en": "en"}
"""The same for the attribute `lang` (BCP 47)."""

_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Choice:
    """One language of the switch: where the same page is in it."""

    code: str
    tag: str
    name: str
    url: str
    current: bool


class ChosenLanguage:
    """Middleware before Django's own: `?lang=` counts as if the cookie had said it, and sets the cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on in the language that it asks for."""
        asked = CODES.get(request.GET.get("lang", ""))
        name = settings.LANGUAGE_COOKIE_NAME
        if asked is not None:
            request.COOKIES[name] = asked
        response = self.get_response(request)
        if asked is not None:
            response.set_cookie(name, asked, max_age=_YEAR, samesite="Lax", httponly=True)
        return response


def current() -> str:
    """The page's language: zh or en."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def choices(request: HttpRequest) -> list[Choice]:
    """The switch of this page."""
    now = current()
    return [
        Choice(code, TAGS[code], name, _same_page(request, code), code == now)
        for code, name in (("zh", "中文"), ("en", "English"))
    ]


def _same_page(request: HttpRequest, code: str) -> str:
    query: QueryDict = request.GET.copy()
    query["lang"] = code
    return f"{request.path}?{query.urlencode()}"
