"""Repair of a record or of an entry in a list: who may ask from when, and what granting it brings about.

A record's terms come from its class (rulebook/severity.py), an entry's from its list (rulebook/lists.py).
Where a court approved a reorganisation plan or a settlement, no shortest publication is waited for; the proof
names the ruling. Granting ends publication, sharing, use and measures in one transaction and tells whoever
may hold a copy; the case is followed until all have confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chengxin.accounts.permissions import Actor
from chengxin.archive.marking import mark
from chengxin.cases.actions import open_case, take_many
from chengxin.cases.effects import Turn, condition, effect
from chengxin.cases.models import Case
from chengxin.cases.queries import steps
from chengxin.cases.rules import SYSTEM
from chengxin.decisions import copies
from chengxin.decisions.derived import derived
from chengxin.decisions.due import first_of_day
from chengxin.decisions.matters import DecisionMatter, Matter, RecordMatter, about, opening
from chengxin.decisions.own_notices import tell_subject
from chengxin.desk.actions import Telling, notify, notify_each
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import Appending, appending
from chengxin.rulebook.lists import RemovalCondition

REORGANISATION = "reorganisation"
_RULING = re.compile(r"[（(〔\[［]\s*\d{4}\s*[）)〕\]］][^，。；\s]{1,30}?号")
"""A court's case number in the proof: （2026）闽01破3号."""


@dataclass(frozen=True)
class Terms:
    """What repair of a matter asks for on a day.

    why_not    what rules it out, None where it is open
    earliest   the first day to ask, None where it is ruled out
    requires   in words what the law asks for, in Chinese and English, "" where nothing is known
    conditions what must be so besides, each with its words
    law, article  by which it is asked for
    reorganisable whether nothing but days rules it out, so that a court's reorganisation still opens it
    """

    why_not: Problem | None
    earliest: date | None
    requires: tuple[str, str]
    conditions: tuple[RemovalCondition, ...]
    law: str
    article: str
    reorganisable: bool = False

    def open_on(self, today: date) -> bool:
        """Whether it may be asked for on the day, as far as days go."""
        return self.why_not is None and self.earliest is not None and self.earliest <= today


def apply_for(key: str, ground: str, proof: str, actor: Actor, today: date, *, commitment: bool) -> int:
    """Apply for repair of a record or a decision; returns the application's number.

    ground: "fulfilled" or "reorganisation". Raises NotTaken (what keeps it from being, with the earliest day)
    and Forbidden (it isn't the person's own).
    """
    facts = {"ground": ground, "proof": proof, "commitment": "on" if commitment else ""}
    return open_case(opening("repair", key, today, facts), actor, today)


# --- terms --------------------------------------------------------------------------------------------------


def terms(found: Matter, today: date) -> Terms:
    """What repair of a matter asks for today."""
    return _of_record(found, today) if isinstance(found, RecordMatter) else _of_entry(found, today)


def _of_record(found: RecordMatter, today: date) -> Terms:
    assessed = found.assessed(today)
    if assessed is None:
        return _ruled_out(
            "该信息不属于失信信息，无需修复", "the record carries no dishonesty: there is nothing to repair",
            "认为内容有误的，请提出异议", "if it is wrong, object to it",
        )  # fmt: skip
    if found.last != found.number:
        return _ruled_out(
            "该信息已被后来的记录更正或撤回", "a later record corrects or withdraws it",
            f"请就第{found.last}号记录申请", f"apply for record no. {found.last} instead",
        )  # fmt: skip
    if found.ended_on is not None and found.ended_on <= today:
        return _ruled_out(
            f"该信息已自{found.ended_on}起停止公示、共享和使用", f"its use ended on {found.ended_on} already",
            "无需再次修复", "nothing is left to repair",
        )  # fmt: skip
    if not assessed.repairable:
        ruled_out = _ruled_out(
            assessed.why_not_zh, assessed.why_not_en,
            "认为内容有误的，请提出异议", "if it is wrong, object to it",
        )  # fmt: skip
        by_days = bool(assessed.requires_zh) and (assessed.longest is None or assessed.longest >= today)
        return replace(ruled_out, reorganisable=by_days)
    return Terms(
        None, assessed.earliest_repair, (assessed.requires_zh, assessed.requires_en), (),
        assessed.repair_law, assessed.repair_article,
    )  # fmt: skip


def _of_entry(found: DecisionMatter, today: date) -> Terms:
    entry, rule = found.entry, found.listing
    if entry is None or entry.ended_on is not None or found.case.closed_on is not None:
        return _ruled_out(
            "该名单记录未公示或者已经移出", "the entry isn't published, or has ended already",
            "无需修复；对决定有异议的，请提出异议",
            "nothing is left to repair; if the decision is wrong, object to it",
        )  # fmt: skip
    if found.case.procedure != "listing" or entry.kind == "red" or rule is None:
        return _ruled_out(
            "该名单由认定机关移出，本平台不受理修复",
            "its authority removes the entry: repair isn't decided here",
            "请向认定机关申请，移出结果会同步到本平台", "ask that authority; its removal is taken over here",
        )  # fmt: skip
    if entry.earliest_end is None:
        ruled_out = _ruled_out(
            "该名单没有申请提前移出的规定", "the list knows no early removal on application",
            rule.ends_when_zh, rule.ends_when_en,
        )  # fmt: skip
        return replace(ruled_out, reorganisable="decide" in rule.removal.steps)
    asked = tuple(one for one in rule.removal.conditions if one.id != "commitment")
    return Terms(
        None, entry.earliest_end, (rule.ends_when_zh, rule.ends_when_en), asked, entry.law, entry.article
    )


def _ruled_out(zh: str, en: str, mend_zh: str, mend_en: str) -> Terms:
    problem = Problem("", None, "repair_open", zh, en, mend_zh, mend_en)
    return Terms(problem, None, ("", ""), (), "", "")


# --- conditions ---------------------------------------------------------------------------------------------


@condition("repair.open")
def is_open(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """The record or entry still runs, and the law lets it be repaired."""
    found = about(case.key)
    if found is None:
        return Problem(
            "", None, "repair_open", "没有这条信用信息或者这项决定", "there is no such record or decision",
            "请核对编号", "check the number",
        )  # fmt: skip
    asked = terms(found, today)
    if asked.reorganisable and _told(case, facts).get("ground") == REORGANISATION:
        return None
    return asked.why_not


@condition("repair.earliest")
def is_early(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """The shortest publication has passed; in a reorganisation the proof names the court's ruling instead."""
    found = about(case.key)
    if found is None:
        return None  # told by repair.open
    told = _told(case, facts)
    if told.get("ground") == REORGANISATION:
        return None if _RULING.search(told.get("proof", "")) else _no_ruling()
    earliest = terms(found, today).earliest
    if earliest is None or earliest <= today:
        return None
    return Problem(
        "", today.isoformat(), "repair_earliest",
        f"最短公示期尚未届满，最早可于{earliest}申请修复",
        f"the shortest publication hasn't passed: repair may be asked for from {earliest} on",
        f"请于{earliest}以后申请", f"apply on {earliest} or later",
    )  # fmt: skip


@condition("repair.copies_updated")
def copies_updated(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """Everybody who was told has confirmed, and every actor has lifted its measure."""
    waiting = [one.organisation.name for one in copies.of(case.key) if one.confirmed_on is None]
    tasks = case.parent_id is not None and copies.tasks_open(case.parent_id)
    if not waiting and not tasks:
        return None
    named = "、".join(waiting[:5]) or "措施执行单位"
    return Problem(
        "", None, "repair_copies_updated",
        f"尚有单位未确认更新：{named}",
        f"not everybody has confirmed: {', '.join(waiting[:5]) or 'actors of measures'}",
        "请督促其确认后再办结", "remind them; it is closed once they have",
    )  # fmt: skip


def _told(case: Case, facts: Mapping[str, str]) -> Mapping[str, str]:
    """What the application says: on its way in, or as it was made."""
    return facts if "ground" in facts or case.id is None else applied(case.id)


def applied(case: int) -> Mapping[str, str]:
    """What the application was made with; papers handed in later count for its proof as well."""
    taken = steps(case)
    facts = dict(taken[0].facts) if taken else {}
    later = [one.facts["proof"] for one in taken if one.step == "complete"]
    return facts | {"proof": "\n".join([facts.get("proof", ""), *later])}


def _no_ruling() -> Problem:
    return Problem(
        "proof", None, "repair_ruling",
        "以重整、和解为由的，证明材料应写明法院裁定文号",
        "with reorganisation or settlement as the ground, the proof names the number of the court's ruling",
        "例如：福州市中级人民法院（2026）闽01破3号民事裁定书", "such as （2026）闽01破3号",
    )  # fmt: skip


# --- effects ------------------------------------------------------------------------------------------------


@effect("repair.received")
def received(log: Appending, turns: Sequence[Turn]) -> None:
    """Tell the office in charge that there is an application, or that papers came."""
    for turn in turns:
        found = about(turn.case.key)
        zh, en = found.name() if found else (turn.case.key, turn.case.key)
        notify(
            "repair.handle", organisation=None, region=turn.case.region,
            url=f"/work/cases/{turn.case.id}", zh=f"{turn.step.zh}：{zh}", en=f"repair, {turn.step.en}: {en}",
        )  # fmt: skip


@effect("repair.ask_decision")
def ask_decision(log: Appending, turns: Sequence[Turn]) -> None:
    """Tell whoever may decide that an application is accepted."""
    for turn in turns:
        found = about(turn.case.key)
        zh, en = found.name() if found else (turn.case.key, turn.case.key)
        notify(
            "repair.decide", organisation=None, region=turn.case.region, url=f"/work/cases/{turn.case.id}",
            zh=f"修复申请已受理，请作出决定：{zh}", en=f"repair is accepted for decision: {en}",
        )  # fmt: skip


@effect("repair.grant")
def grant(log: Appending, turns: Sequence[Turn]) -> None:
    """End publication, sharing, use and measures at once, and tell whoever may hold a copy."""
    for turn in turns:
        found = about(turn.case.key)
        because = "bankruptcy" if applied(turn.case.id).get("ground") == REORGANISATION else "repair"
        why = "破产重整" if because == "bankruptcy" else "信用修复"
        reason = f"{why}（第{turn.case.id}号）：{turn.facts['reason']}"
        if isinstance(found, RecordMatter):
            mark(
                log, [found.number], "ended", on=turn.today, because=because, case=turn.case.id,
                by=turn.actor.name, reason=reason,
            )  # fmt: skip
            derived(log, found.chain, reason, turn.today, gone=True)
            copies.tell(log, [copies.News(found.key, "ended", found.source, turn.case.id)], turn.today)
        elif isinstance(found, DecisionMatter):
            take_many(
                log, "remove", [found.case.id], SYSTEM, turn.today,
                facts={"reason": reason[:2000]}, by_system=True,
            )  # fmt: skip
        tell(log, [turn])


@effect("repair.tell")
def tell(log: Appending, turns: Sequence[Turn]) -> None:
    """Tell the subject what became of its application."""
    for turn in turns:
        found = about(turn.case.key)
        zh, en = found.name() if found else (turn.case.key, turn.case.key)
        tell_subject(
            turn.case.subject_id, case=turn.case.id,
            zh=f"信用修复（{zh}）：{turn.step.zh}", en=f"repair ({en}): {turn.step.en}",
        )  # fmt: skip


# --- the nightly run ----------------------------------------------------------------------------------------


_REMEDIES = {"objection": ("异议", "objection"), "repair": ("信用修复申请", "repair")}

_FOLLOWED = """
    SELECT k.id FROM cases_case k WHERE k.procedure = 'repair' AND k.state = 'granted'
      AND NOT EXISTS (SELECT FROM decisions_copy c WHERE c.key = k.key AND c.confirmed_on IS NULL)
      AND NOT EXISTS (SELECT FROM cases_case t
        WHERE t.parent_id = k.parent_id AND t.procedure = 'measure' AND t.state = 'lifting')
    ORDER BY 1"""


def follow(today: date) -> int:
    """Close repairs of which every copy is updated and every measure lifted; returns how many."""
    with appending() as log:
        waiting = [case for (case,) in log.cursor.execute(_FOLLOWED).fetchall()]
        return len(take_many(log, "follow", waiting, SYSTEM, today, by_system=True, skip=True))


def remind(today: date) -> int:
    """Tell the credit office of objections and repairs that are overdue; returns how many are.

    Told on the first night after the last day and once a week after that; a second run on a day tells nobody.
    """
    late = Case.objects.filter(procedure__in=("objection", "repair"), due_on__lt=today, closed_on=None)
    cases = list(late.exclude(state="granted").order_by("pk"))
    with appending() as log:
        if not first_of_day(log, "remedies_overdue", today):
            return len(cases)
        for name, (zh, en) in _REMEDIES.items():
            notify_each(
                f"{name}.handle",
                [
                    Telling(
                        zh=f"{zh}第{case.pk}号已逾期（{case.due_on}），请督办",
                        en=f"{en} no. {case.pk} is overdue since {case.due_on}",
                        url=f"/work/cases/{case.pk}",
                        due=case.due_on,
                    )
                    for case in cases
                    if case.procedure == name and case.due_on and (today - case.due_on).days % 7 == 1
                ],
            )
    return len(cases)
