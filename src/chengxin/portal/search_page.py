"""The search: what a query finds, how each was found, and by what the results can be narrowed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import public
from chengxin.archive.counting import city_names
from chengxin.archive.finding import FACETS, Finding, find, shops_of
from chengxin.design import words
from chengxin.design.render import not_found, page, reading
from chengxin.portal.subject_page import kind_name
from chengxin.publicity import entries
from chengxin.publicity.pages.lists import listed_on
from chengxin.registry import queries as registry
from chengxin.rulebook.catalogue import SUBJECT_KINDS, SUBJECT_ROLES

SHORTEST = 2
"""Characters that a search needs."""

RESULTS = 20
"""Subjects a page of results."""

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@public
@reading
def search(request: HttpRequest) -> HttpResponse:
    """Subjects that a query finds, narrowed to what was chosen."""
    q = _UNSEEN.sub(" ", request.GET.get("q", "")).strip()
    values: dict[str, Any] = {"q": q, "shortest": SHORTEST, "longest": registry.LONGEST}
    if len(q) < SHORTEST or len(q) > registry.LONGEST:
        return page(request, "portal/search", values | {"unfit": bool(q)}, indexed=False)
    today, after = timezone.localdate(), request.GET.get("after") or None
    chosen = {facet: value for facet in FACETS if (value := request.GET.get(facet, "")) in _named(facet)}
    try:
        found = find(q, today, chosen, after, RESULTS)
    except registry.BadCursor:
        return not_found(request, gettext("没有这一页结果"), gettext("请重新查询。"))
    asked = {"q": q, **chosen}
    on_lists = entries.standing([one.id for one in found.hits], today)
    values |= {
        "results": [_result(one, on_lists.get(one.id, ())) for one in found.hits],
        "total": found.total,
        "more": found.more,
        "after": after,
        "first": f"?{urlencode(asked)}",
        "next": f"?{urlencode({**asked, 'after': found.next})}" if found.next else None,
        "facets": _facets(found, asked),
        "chosen": [
            {
                "facet": _titles()[facet],
                "value": _named(facet)[value],
                "url": f"?{urlencode({name: one for name, one in asked.items() if name != facet})}",
            }
            for facet, value in chosen.items()
        ],
        "sellers": shops_of(q, today) if not found.hits and not chosen else (),
    }
    return page(request, "portal/search", values, indexed=False)


def _result(one: Any, on_lists: Sequence[entries.Shown]) -> dict[str, Any]:
    state = next(iter(one.facets["verification"]), None)
    return {
        "subject": one,
        "kind": kind_name(one.kind),
        "region": registry.region(one.region),
        "how": one.matched,
        "verification": {"state": state, "name": _named("verification")[state]} if state else None,
        "lists": listed_on(on_lists),
        "listed": "listed" in one.facets["standing"] and not any(each.kind != "red" for each in on_lists),
    }


def _titles() -> Mapping[str, str]:
    return {
        "kind": gettext("主体类别"),
        "city": gettext("地区"),
        "role": gettext("电子商务角色"),
        "standing": gettext("公示中的不利信息"),
        "verification": gettext("身份核验"),
    }


def _named(facet: str) -> Mapping[str, str]:
    """The values of a facet in words, in the order in which they are listed."""
    if facet == "kind":
        return {kind: words.say(pair) for kind, pair in SUBJECT_KINDS.items() if kind != "natural_person"}
    if facet == "city":
        return {code: words.say((zh, en or zh)) for code, (zh, en) in city_names().items()}
    if facet == "role":
        return {role: words.say(pair) for role, pair in SUBJECT_ROLES.items()}
    if facet == "standing":
        return {
            "listed": gettext("列入严重违法失信名单或经营异常名录"),
            "penalty": gettext("有行政处罚"),
            "none": gettext("没有上述信息"),
        }
    return {state: words.say(name) for state, (name, _) in words.VERIFICATION.items()}


def _facets(found: Finding, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each facet that tells results apart, with how many results each value would leave."""
    listed = []
    for facet in FACETS:
        held = found.counts[facet]
        values = [
            {
                "name": name,
                "count": held.get(value, 0),
                "current": asked.get(facet) == value,
                "url": f"?{urlencode({**asked, facet: value})}",
            }
            for value, name in _named(facet).items()
            if held.get(value) or asked.get(facet) == value
        ]
        if values and (len(values) > 1 or facet in asked):
            listed.append({"id": facet, "title": _titles()[facet], "values": values})
    return listed
