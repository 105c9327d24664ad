"""The catalogue of joint measures (联合奖惩措施清单) for everybody: who acts, by which law, what ends it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import public
from chengxin.design.render import page, reading
from chengxin.design.words import cited, joined, say
from chengxin.measures.pages import parts
from chengxin.rulebook.lists import KINDS
from chengxin.rulebook.measures import Measure, measures

GROUPS: tuple[tuple[str, str, str], ...] = (
    (
        "punish",
        gettext_noop("失信惩戒措施"),
        gettext_noop("只随列入失信惩戒名单的决定而来；没有有效法律依据的不得采取。"),
    ),
    (
        "reward",
        gettext_noop("守信激励措施"),
        gettext_noop("随列入守信激励名单而来，不减损任何人的权益。"),
    ),
)
ADMISSION: dict[str, str] = {
    "refuse": gettext_noop("入驻核查：不得准予入驻"),
    "restrict": gettext_noop("入驻核查：可以限制入驻"),
    "warn": gettext_noop("入驻核查：仅提示"),
}


@public
@reading
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every measure that a law in force today carries, punishments and rewards apart."""
    today = timezone.localdate()
    found = measures(today)
    groups = [
        {
            "kind": kind,
            "title": gettext(title),
            "about": gettext(about),
            "measures": [shown(one, today) for one in found if one.kind == kind],
        }
        for kind, title, about in GROUPS
    ]
    return page(request, "measures/catalogue", {"groups": groups, "today": today})


def shown(one: Measure, today: date) -> dict[str, Any]:
    """A measure in the page's language."""
    kinds = [say(words) for kind, words in KINDS.items() if kind in one.list_kinds]
    return {
        "id": one.id,
        "name": say((one.name_zh, one.name_en)),
        "effect": say((one.effect_zh, one.effect_en)),
        "actor": say((one.actor_zh, one.actor_en)),
        "kinds": joined(kinds),
        "lists": [(id, parts.list_name(id)) for id in one.lists],
        "ordered": one.ordered,
        "ordered_by": joined([parts.list_name(id) for id in one.ordered_by]),
        "laws": [
            (cited(basis.law, basis.article), basis.supporting, [parts.list_name(id) for id in basis.lists])
            for basis in one.grounds(today)
        ],
        "unverified": not one.verified,
        "ends": say(one.ends),
        "admission": gettext(ADMISSION[one.admission]) if one.admission in ADMISSION else "",
    }
