"""Every finding there can be about an operator's identity, and its words: a table that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Effect = Literal["mismatch", "lapsed", "unverified", "note"]


@dataclass(frozen=True)
class Rule:
    """One finding: what it makes of the state, and its words (`str.format`)."""

    id: str
    effect: Effect
    zh: str
    en: str


RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            "superseded",
            "lapsed",
            "同一网店已有{period}期的报送",
            "the same shop was reported again for {period}",
        ),
        Rule("shop_closed", "lapsed", "网店已于{on}停止经营", "the shop stopped on {on}"),
        Rule(
            "kind",
            "mismatch",
            "经营者类别：报送为{reported}，登记为{held}",
            "kind of the operator: reported as {reported_en}, registered as {held_en}",
        ),
        Rule(
            "name",
            "mismatch",
            "经营者名称：报送为“{reported}”，{register}为“{held}”",
            "name of the operator: reported as “{reported}”, in the {register_en} “{held}”",
        ),
        Rule(
            "code",
            "mismatch",
            "统一社会信用代码：报送为{reported}，登记为{held}",
            "unified social credit code: reported as {reported}, registered as {held}",
        ),
        Rule(
            "number",
            "mismatch",
            "证件号码与许可记录中的不一致",
            "the document number is not the one in the licence record",
        ),
        Rule(
            "legal_person",
            "mismatch",
            "法定代表人(负责人、经营者)：报送为{reported}，登记为{held}",
            "legal representative, person in charge or owner: reported as {reported}, registered as {held}",
        ),
        Rule(
            "region",
            "mismatch",
            "所在地：报送的区划{reported}与登记的区划{held}不在同一设区市",
            "region: the reported {reported} and the registered {held} are not in one city",
        ),
        Rule(
            "address",
            "mismatch",
            "实际经营地址：报送为“{reported}”，登记为“{held}”",
            "address of business: reported as “{reported}”, registered as “{held}”",
        ),
        Rule(
            "not_found",
            "mismatch",
            "地址：{on}因通过登记的住所或者经营场所无法联系列入经营异常名录，尚未移出",
            "address: on the list of abnormal operation since {on}, not found at the registered address",
        ),
        Rule(
            "ended",
            "lapsed",
            "登记状态为{status}（{on}）",
            "the registration is {status_en} (since {on})",
        ),
        Rule(
            "licence_ended",
            "lapsed",
            "{certificate}已失效，最后一份有效期至{on}",
            "{certificate}: none is valid; the last ran until {on}",
        ),
        Rule(
            "report_overdue",
            "lapsed",
            "最近一次报送为{period}期，{on}期满未再报送",
            "last reported for {period}; the next report was due by {on}",
        ),
        Rule(
            "no_registration",
            "unverified",
            "未归集到该经营者的登记信息",
            "no registration of the operator is held",
        ),
        Rule(
            "no_licence",
            "unverified",
            "自然人经营者：未归集到可供核对的行政许可记录",
            "a natural person: no licence record is held to check against",
        ),
        Rule("agrees", "note", "与{on}核准的登记信息一致", "agrees with the registration of {on}"),
        Rule("agrees_licence", "note", "与{certificate}记录一致", "agrees with the record of {certificate}"),
        Rule(
            "former_name",
            "note",
            "经营者名称：报送的“{reported}”是曾用名，现登记为“{held}”",
            "name of the operator: “{reported}” is a former name of “{held}”",
        ),
        Rule("suspended", "note", "登记状态为停业（{on}）", "the registration is suspended (since {on})"),
        Rule(
            "listed",
            "note",
            "{on}因{why}列入经营异常名录，尚未移出",
            "on the list of abnormal operation since {on}: {why}",
        ),
        Rule(
            "before_registration",
            "note",
            "网店自{opened}经营，早于成立日期{on}",
            "the shop has run since {opened}, before the operator was established on {on}",
        ),
    )
}
"""Every finding there can be. The worst decides: mismatch, lapsed, unverified; notes change nothing."""


@dataclass(frozen=True)
class Reason:
    """Why a state was found: the id of a rule, and its words. Details of persons are masked."""

    rule: str
    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"rule": self.rule, "zh": self.zh, "en": self.en}


def because(rule: str, **words: object) -> Reason:
    """The reason that a rule gives, its words filled in."""
    known = RULES[rule]
    return Reason(rule, known.zh.format(**words), known.en.format(**words))
