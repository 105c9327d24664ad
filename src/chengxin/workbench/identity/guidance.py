"""Which rule a finding breaks, and what is to be done about it: a table that people read."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

from chengxin.design import words

Law = tuple[str, str]

_CHECK: tuple[Law, ...] = (("ecl", "27"), ("ntsm", "24"))
_REPORT: tuple[Law, ...] = (("ecl", "28"), ("ntsm", "25"))
_TRADE: tuple[Law, ...] = (("ecl", "10"), ("ecl", "27"))
_LICENCE: tuple[Law, ...] = (("ecl", "12"), ("ecl", "27"))

_CORRECT = gettext_noop("请平台向经营者核实后更正报送；登记有误的，请经营者向登记机关申请变更。")
_REGISTERED = gettext_noop("登记已经终止，请平台停止为其提供服务，或者由经营者以现有登记重新入驻。")

GUIDANCE: dict[str, tuple[tuple[Law, ...], str]] = {
    "kind": (_CHECK, _CORRECT),
    "name": (_CHECK, _CORRECT),
    "code": (_CHECK, _CORRECT),
    "number": (_CHECK, gettext_noop("请平台重新核验经营者的身份证件。")),
    "legal_person": (_CHECK, _CORRECT),
    "region": (_CHECK, _CORRECT),
    "address": (_CHECK, _CORRECT),
    "not_found": (
        _CHECK,
        gettext_noop("请平台核实实际经营地址；经营者可以向作出决定的机关申请移出经营异常名录。"),
    ),
    "ended": (_TRADE, _REGISTERED),
    "licence_ended": (_LICENCE, gettext_noop("请平台核验是否取得新的许可；没有许可的，应当停止相关经营。")),
    "report_overdue": (_REPORT, gettext_noop("请平台补报本期身份信息。")),
    "no_registration": (
        _TRADE,
        gettext_noop("请平台核验经营者是否依法登记，或者属于依法不需要登记的情形。"),
    ),
    "no_licence": (_CHECK, gettext_noop("请平台核验经营者的身份；许可记录归集后会自动重新比对。")),
    "shop_closed": (_REPORT, gettext_noop("网店已停止经营，无须处理。")),
}


@dataclass(frozen=True)
class Guided:
    """A reason in words, the law it rests on, and what to do; `laws` is empty for mere notes."""

    rule: str
    text: str
    laws: tuple[str, ...]
    todo: str


def guided(reason: dict[str, str]) -> Guided:
    """A reason of a check with its law and what to do."""
    laws, todo = GUIDANCE.get(reason["rule"], ((), ""))
    return Guided(
        reason["rule"],
        words.say((reason["zh"], reason["en"])),
        tuple(words.cited(law, article) for law, article in laws),
        gettext(todo) if todo else "",
    )
