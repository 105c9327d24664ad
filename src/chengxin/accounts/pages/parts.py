"""What the pages of this room share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from chengxin.accounts.models import GivenRole, Organisation
from chengxin.accounts.permissions import PROVINCE, roles
from chengxin.design.language import current
from chengxin.design.render import page
from chengxin.design.tables import Asked
from chengxin.kernel.problems import Problem
from chengxin.rulebook import places


def answer(request: HttpRequest, template: str, values: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A page that no cache keeps and no search engine lists."""
    response = page(request, template, values, status, indexed=False)
    response["Cache-Control"] = "no-store"
    return response


def said(problem: Problem) -> str:
    """A problem in the page's language, with the way to mend it."""
    if current() == "en":
        return f"{problem.en[:1].upper()}{problem.en[1:]}: {problem.mend_en}."
    return f"{problem.zh}。{problem.mend_zh}。"


def role_name(id: str) -> str:
    """A role in the page's language."""
    return roles()[id].en if current() == "en" else roles()[id].zh


def region_name(code: str | None) -> str:
    """A region's name; nothing for none."""
    return "" if code is None else next((name for known, name in regions() if known == code), code)


def regions() -> list[tuple[str, str]]:
    """The regions for which a role can be given: the province, its cities, Pingtan."""
    english = current() == "en"
    zones = {one.code: one.name_en if english else one.name_zh for one in places.zones()}
    cities = [(one.code, zones.get(one.code, one.name)) for one in places.cities(places.PROVINCE)]
    return [(PROVINCE, gettext("福建省（全省）")), *cities]


def organisation_name(of: Organisation | None) -> str:
    """An organisation's name in the page's language, where it has one in that."""
    if of is None:
        return ""
    return of.name_en if current() == "en" and of.name_en else of.name


def starts_at(asked: Asked) -> int:
    """How many rows of a list come before the page that is asked for."""
    after = asked.after or ""
    return int(after) if after.isascii() and after.isdigit() and len(after) < 8 else 0


def in_words(one: GivenRole) -> dict[str, str]:
    """A role as a page shows it."""
    return {
        "role": role_name(one.role),
        "organisation": organisation_name(one.organisation),
        "region": region_name(one.region),
    }
