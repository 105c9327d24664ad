"""What the pages of leads share: questions, states, shares and sums in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop

from chengxin.design import words
from chengxin.design.render import not_found
from chengxin.triage import rules
from chengxin.triage.detectors import detectors
from chengxin.triage.masking import masked

BADGES: Mapping[str, str] = {
    "open": "info", "answered": "warn", "asked": "info", "watching": "quiet", "case": "warn",
    "confirmed": "bad",
    "unfounded": "quiet", "false_alarm": "quiet", "joined": "quiet",
}  # fmt: skip

ENTITIES: Mapping[str, str] = {
    "seller": gettext_noop("店铺"),
    "buyer": gettext_noop("买家"),
    "rating": gettext_noop("评价编号"),
    "order": gettext_noop("订单号"),
    "waybill": gettext_noop("运单"),
    "courier": gettext_noop("快递员"),
    "domain": gettext_noop("域名"),
    "product": gettext_noop("商品"),
    "account": gettext_noop("账号"),
}
PERSONAL = ("buyer", "courier", "account")
"""Entities that are natural persons in a trade role: their platform's number is masked."""


def state(id: str) -> str:
    """A state in the page's language."""
    return words.say(rules.STATES[id])


def detector(id: str) -> str:
    """A model in the page's language."""
    return words.say((detectors()[id].zh, detectors()[id].en))


def detector_choices() -> tuple[tuple[str, str], ...]:
    """Every model with its name."""
    return tuple((id, detector(id)) for id in detectors())


def entity(kind: str, id: str, name: str) -> str:
    """An entity as pages call it: a shop by its name, a person masked."""
    if kind == "seller" and name:
        return name
    return f"{gettext(ENTITIES[kind])} {masked(id) if kind in PERSONAL else id}"


def question(detector: str, kind: str, id: str, name: str, members: int) -> str:
    """What a lead asks, in the page's language."""
    who = entity(kind, id, name)
    return words.say(detectors()[detector].question((who, who), members))


def share(value: float) -> str:
    """A probability as people read it; nothing is certain."""
    return f"{min(99, max(1, round(value * 100)))}%"


def yuan(fen: int | None) -> str:
    """A sum in yuan; "" where it isn't known."""
    return "" if fen is None else gettext("%(sum)s元") % {"sum": f"{fen / 100:,.2f}"}


def no_lead(request: HttpRequest) -> HttpResponse:
    """404: there is no such lead, or none that this person may see: both look alike."""
    return not_found(
        request, gettext("没有这条线索，或者它不在您的职责范围内"), gettext("请从“监管线索”列表中选择。")
    )
