"""The home page: one search box, what the site is, how much there is, and what was published last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chengxin.accounts.guard import public
from chengxin.archive.latest import Latest, latest
from chengxin.archive.models import LISTS
from chengxin.archive.statistics import counted, published, subjects_by
from chengxin.design import words
from chengxin.design.render import page, reading
from chengxin.design.showing import item_of, shown
from chengxin.portal.figures import figures
from chengxin.portal.subject_page import kind_name
from chengxin.portal.tables import a_year_ago
from chengxin.publicity import entries, notices
from chengxin.publicity.kinds import kinds
from chengxin.publicity.pages.lists import BADGES, ORDER, count
from chengxin.rulebook import catalogue
from chengxin.rulebook.lists import KINDS, lists

DECISIONS = ("penalty", "serious_violation", "honour")
"""Items whose newest records stand on the home page; none of them is on a natural person."""

NEWEST = 6
MANY = 1_000
"""Entries of a list that are counted there."""

FEW = 4
"""Entries of lists, and notices, that stand there."""


@public
@reading
def home(request: HttpRequest) -> HttpResponse:
    """What this is, one search box, and how much is kept. Nothing of it is held from one request to the
    next: what was withdrawn a moment ago is not on the next page."""
    today = timezone.localdate()
    values = {
        "figures": figures(),
        "items": len(catalogue.items(today)),
        "counted": counted(today),
        "kinds": [{"name": kind_name(one.of[0]), "number": one.number} for one in subjects_by("kind")],
        "by_item": _by_item(),
        "decisions": _told(latest(DECISIONS, today, NEWEST)),
        "warnings": _told(latest(LISTS, today, NEWEST)),
        **_publicity(today),
    }
    return page(request, "portal/home", values)


def _publicity(today: date) -> dict[str, Any]:
    """How many stand on the lists of each kind, the newest of them, and the newest notices."""
    known = lists(today)
    ids = [one.id for one in known]
    counts = entries.counts(ids, today, MANY)
    named = kinds()
    return {
        "list_kinds": [
            {
                "id": kind,
                "name": words.say(KINDS[kind]),
                **count(*(counts.get(one.id, 0) for one in known if one.kind == kind), most=MANY),
                "lists": sum(one.kind == kind for one in known),
            }
            for kind in ORDER
        ],
        "entries": [
            {"entry": one, "list": words.say((one.rule.name_zh, one.rule.name_en)), "badge": BADGES[one.kind]}
            for one in entries.newest(ids, today, FEW)
        ],
        "notice_count": notices.count(today),
        "notices": [
            {"notice": one, "kind": words.say((named[one.kind].zh, named[one.kind].en))}
            for one in notices.page(today, limit=FEW)[0]
        ],
    }


def _by_item() -> list[dict[str, Any]]:
    found = []
    for one in published("item", since=a_year_ago(timezone.localdate())):
        item = item_of(one.of[0])
        name = words.say((item.name_zh, item.name_en)) if item else one.of[0]
        found.append({"item": one.of[0], "name": name, "number": one.number})
    return found


def _told(found: Sequence[Latest]) -> list[dict[str, Any]]:
    return [{"code": one.code, "name": one.name, "record": shown(one.record, whole=False)} for one in found]
