"""Search among all subjects. What is asked travels in the body of a POST: it may be a person's number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import actor_of, requires
from chengxin.audit.actions import looked
from chengxin.audit.purposes import needs_purpose
from chengxin.design import words
from chengxin.design.render import page
from chengxin.registry.queries import LONGEST, region
from chengxin.rulebook.catalogue import SUBJECT_KINDS, SUBJECT_ROLES
from chengxin.workbench.logged import purpose
from chengxin.workbench.places import CITIES
from chengxin.workbench.search import queries
from chengxin.workbench.search.queries import Wanted

SHORTEST = 2
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

MATCHED = {
    "code": gettext_noop("代码"),
    "name": gettext_noop("名称相同"),
    "prefix": gettext_noop("名称开头"),
    "shop": gettext_noop("网店名称"),
    "domain": gettext_noop("域名"),
    "part": gettext_noop("名称包含"),
    "number": gettext_noop("代码或者证件号码"),
}


@dataclass(frozen=True)
class Choice:
    """A value by which results can be narrowed."""

    value: str
    name: str
    count: int
    current: bool


@requires("search.all")
@needs_purpose
def subject_search(request: HttpRequest) -> HttpResponse:
    """A search box, and (POST) the subjects within reach that the query finds."""
    values: dict[str, Any] = {"q": "", "shortest": SHORTEST, "longest": LONGEST, "asked": False}
    if request.method == "POST":
        values |= _found(request)
    response = page(request, "workbench/subject_search", values, indexed=False)
    response["Cache-Control"] = "no-store"
    return response


def _found(request: HttpRequest) -> dict[str, Any]:
    post = request.POST
    q = _UNSEEN.sub(" ", post.get("q", "")).strip()
    if not SHORTEST <= len(q) <= LONGEST:
        return {"q": q[:LONGEST], "unfit": True}
    wanted = Wanted(
        kind=_known(post.get("kind", ""), SUBJECT_KINDS),
        region=_known(post.get("region", ""), dict(CITIES)),
        role=_known(post.get("role", ""), SUBJECT_ROLES),
    )
    asked = post.get("page", "1")
    number = int(asked) if re.fullmatch("[1-9][0-9]?", asked, re.ASCII) else 1
    actor = actor_of(request)
    hits = queries.search(q, wanted, actor.reach("search.all"), number)
    looked(actor, [one.id for one in hits.found], "search", purpose(request))
    return {
        "q": q,
        "asked": True,
        "hits": hits,
        "wanted": wanted,
        "results": [
            {
                "subject": one,
                "kind": words.say(SUBJECT_KINDS[one.kind]),
                "region": region(one.region),
                "matched": gettext(MATCHED[one.matched]),
            }
            for one in hits.found
        ],
        "facets": [
            ("kind", gettext("主体类别"), _choices(SUBJECT_KINDS, hits.facets["kind"], wanted.kind)),
            ("region", gettext("区划"), _places(hits.facets["region"], wanted.region)),
            (
                "role",
                gettext("在电子商务中的角色"),
                _choices(SUBJECT_ROLES, hits.facets["role"], wanted.role),
            ),
        ],
        "previous": number - 1,
        "next": number + 1 if number * queries.PAGE < hits.total else None,
    }


def _known(value: str, known: Mapping[str, Any]) -> str:
    return value if value in known else ""


def _choices(named: Mapping[str, words.Pair], counts: Mapping[str, int], current: str) -> list[Choice]:
    return _ordered(
        Choice(value, words.say(named.get(value, (value, value))), count, value == current)
        for value, count in counts.items()
    )


def _places(counts: Mapping[str, int], current: str) -> list[Choice]:
    names = dict(CITIES)
    return _ordered(
        Choice(value, gettext(names[value]), count, value == current)
        for value, count in counts.items()
        if value in names
    )


def _ordered(choices: Iterable[Choice]) -> list[Choice]:
    return sorted(choices, key=lambda one: (-one.count, one.value))
