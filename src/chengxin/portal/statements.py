"""What the site says of itself: accessibility, and what it does with personal data."""

from __future__ import annotations

import os

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from chengxin.accounts.guard import public
from chengxin.design import words
from chengxin.design.render import page, reading


def contact() -> str:
    """Whom to write to (CHENGXIN_CONTACT); '' where nobody was named."""
    return os.environ.get("CHENGXIN_CONTACT", "").strip()


@public
@reading
def accessibility(request: HttpRequest) -> HttpResponse:
    """How far everybody can use the pages, how that was tested, and what is known to be missing."""
    return page(request, "portal/accessibility", {"contact": contact()})


@public
@reading
def privacy(request: HttpRequest) -> HttpResponse:
    """What is processed of persons, by which law, who sees it, how long, and which rights there are."""
    values = {
        "contact": contact(),
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        "ground": words.cited("pipl", "13"),
        "least": words.cited("pipl", "6"),
        "sensitive": words.cited("pipl", "28"),
        "rights": words.cited("pipl", "44"),
        "copy": words.cited("pipl", "45"),
        "mend": words.cited("pipl", "46"),
        "erase": words.cited("pipl", "47"),
        "office": words.cited("pipl", "34"),
        "local": words.cited("fjpub", ""),
        "display": words.cited("ecl", "15"),
        "checks": words.cited("ecl", "27"),
    }
    return page(request, "portal/privacy", values)
