"""The form with which a lead is decided, and what its acts say in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from chengxin.design import words
from chengxin.design.forms import Field, filled
from chengxin.kernel.problems import Problem
from chengxin.registry.queries import LONGEST
from chengxin.triage import rules
from chengxin.triage.detectors import detectors, reasons
from chengxin.triage.models import Lead
from chengxin.triage.queries import Done
from chengxin.triage.rules import FINDINGS, KINDS, Kind

_AHEAD = {"watch": 30, "ask": 10}
"""Days that are proposed."""


def fields(kind: Kind, lead: Lead, today: date) -> list[Field]:
    """What an act asks: what must be filled in first, then what may be."""
    found = [_field(kind, one, lead, today) for one in (*kind.fields, *kind.optional)]
    return [replace(one, required=one.name in kind.fields) for one in found if one is not None]


def _field(kind: Kind, name: str, lead: Lead, today: date) -> Field | None:
    match name:
        case "words":
            label = {
                "case": gettext("为什么要核查"), "ask": gettext("请商家说明什么"),
                "reopen": gettext("为什么重新打开"),
            }.get(kind.id, gettext("补充说明"))  # fmt: skip
            return Field("words", label, "textarea", attributes={"maxlength": str(rules.LONGEST_WORDS)})
        case "until":
            label = gettext("请在何日以前说明") if kind.id == "ask" else gettext("观察到何日")
            day = today + timedelta(days=_AHEAD.get(kind.id, 30))
            return Field("until", label, "date", value=day.isoformat())
        case "reason":
            choices = tuple((id, words.say(pair)) for id, pair in reasons().items())
            return Field("reason", gettext("为什么是误报"), "radio", choices=choices)
        case "subject" if lead.subject_id is None:
            hint = gettext("统一社会信用代码，或者以S开头的主体编号；没有找到这家店铺属于谁")
            return Field(
                "subject", gettext("信用主体代码"), hint=hint, attributes={"maxlength": str(LONGEST)}
            )  # fmt: skip
    return None


def form(
    lead: Lead,
    chosen: str,
    today: date,
    post: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> dict[str, Any]:
    """What the panel shows: the ways to decide as tabs, the form of the one that is chosen."""
    ways = rules.possible(lead.state, lead.detector)
    kind = next((one for one in ways if one.id == chosen), ways[0] if ways else None)
    if kind is None:
        return {"ways": [], "kind": None}
    made = fields(kind, lead, today)
    of = detectors()[lead.detector]
    return {
        "ways": [
            (
                words.say((one.zh, one.en)),
                f"{reverse('lead', args=[lead.pk])}?do={one.id}#decide",
                one.id == kind.id,
            )
            for one in ways
        ],
        "kind": kind,
        "kind_name": words.say((kind.zh, kind.en)),
        "about": gettext(_ABOUT[kind.id]),
        "fields": filled(made, post or {}, problems) if post is not None or problems else made,
        "warning": words.say(of.warn) if kind.id == "warn" and of.warn else "",
        "seen": lead.acts,
    }


_ABOUT = {
    "case": gettext_noop("进入“线索核查”程序：15个工作日内核查并报告，由另一人决定是否立案。"),
    "ask": gettext_noop("问题显示在商家自己的页面上；答复后线索回到待办。"),
    "watch": gettext_noop("到期以前不再列入待办；再次发现时照常更新。"),
    "false_alarm": gettext_noop("不对主体产生任何影响；模型据此校准。"),
    "warn": gettext_noop("在商家自己的页面上给出一条温和的提示，线索仍待办理。"),
    "reopen": gettext_noop("线索回到待办。"),
}


def history(acts: Sequence[Done], *, inside: bool) -> list[dict[str, Any]]:
    """What was done with a lead, the newest first; what officers wrote, and who they are, stays in the house.

    inside: whether an official looks, and not the platform
    """
    return [
        {
            "name": words.say((KINDS[one.kind].zh, KINDS[one.kind].en)),
            "day": one.day,
            "person": one.person if inside or one.kind == "feedback" else "",
            "leaf": one.id,
            "said": _said(one) if inside or one.kind == "feedback" else [],
        }
        for one in reversed(acts)
    ]


def _said(one: Done) -> Sequence[tuple[str, str]]:
    facts = one.facts
    found = []
    if "reason" in facts:
        found.append((gettext("理由"), words.say(reasons().get(facts["reason"], (facts["reason"],) * 2))))
    if "finding" in facts:
        found.append(
            (gettext("核实结果"), words.say(FINDINGS.get(facts["finding"], (facts["finding"],) * 2)))
        )
    if "words" in facts:
        found.append((gettext("说明"), facts["words"]))
    if "until" in facts:
        found.append((gettext("期限"), facts["until"]))
    return found
