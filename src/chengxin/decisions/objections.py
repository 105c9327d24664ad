"""Objections to a record or to a decision: what filing, suspending meanwhile and deciding bring about.

From the filing on what is objected to is marked as contested; it stays in force unless the law stops it
(rulebook/suspension.py). An objection upheld corrects the archive and everything derived from it in the same
transaction, and a sealed document says what changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import orjson

from chengxin.accounts.permissions import Actor
from chengxin.archive import correcting
from chengxin.archive.marking import mark
from chengxin.cases.actions import open_case, take_many
from chengxin.cases.effects import Turn, condition, effect
from chengxin.cases.models import DOCUMENT, Case
from chengxin.cases.queries import steps
from chengxin.cases.rules import SYSTEM
from chengxin.decisions import copies, papers_objection
from chengxin.decisions.corrections import corrections
from chengxin.decisions.derived import derived, steps_from
from chengxin.decisions.matters import DecisionMatter, Matter, RecordMatter, about, opening
from chengxin.decisions.models import Copy
from chengxin.decisions.own_notices import tell_subject
from chengxin.desk.actions import notify
from chengxin.exchange.checks import check
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import Appending
from chengxin.registry.refusing import Refused
from chengxin.rulebook.suspension import suspension

_MEANWHILE = ("suspended", "resumed")
"""What copies are told of something that goes on being dealt with."""

Words = tuple[str, str]
"""Chinese and English."""

ANNULS: Mapping[str, str] = {"listing": "annul", "red_listing": "annul", "imported": "withdraw"}
"""The step that takes a decision back, by its procedure."""


def object_to(key: str, statement: str, actor: Actor, today: date, *, proof: str = "") -> int:
    """Object to a record ("record:<number>") or a decision ("case:<number>"); returns the objection's number.

    Raises NotTaken (what keeps it from being) and Forbidden (it isn't the person's own).
    """
    facts = {"statement": statement} | ({"proof": proof} if proof.strip() else {})
    return open_case(opening("objection", key, today, facts), actor, today)


def contested(decisions: Sequence[int]) -> frozenset[int]:
    """Which of these listing cases somebody objects to, without that being decided yet."""
    found = Case.objects.filter(
        procedure="objection", closed_on=None, key__in=[f"case:{one}" for one in decisions]
    )
    return frozenset(found.values_list("parent_id", flat=True))


# --- conditions ---------------------------------------------------------------------------------------------


@condition("objection.open")
def is_open(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """What is objected to is there, and still says or decides something."""
    found = about(case.key)
    if found is None:
        return _problem(
            "objection_of_something", "没有这条信用信息或者这项决定", "there is no such record or decision",
            "请核对编号", "check the number",
        )  # fmt: skip
    if isinstance(found, RecordMatter):
        if found.last != found.number or found.withdrawn:
            words = ("已被撤回", "was withdrawn") if found.withdrawn else ("已被更正", "was corrected")
            return _problem(
                "objection_stands", f"该信息{words[0]}", f"the record {words[1]} already",
                f"如对后来的第{found.last}号记录有异议，请对其提出",
                f"if record no. {found.last}, which came later, is wrong, object to that one",
            )  # fmt: skip
        return None
    if found.case.closed_on is not None:
        return _problem(
            "objection_stands", "该决定已经终止", "the decision has ended already",
            "无须再提出异议；对其后果有疑问的，请联系经办机关",
            "there is nothing left to object to; ask the office in charge about what followed from it",
        )  # fmt: skip
    if ANNULS[found.case.procedure] not in steps_from(found.case):
        return _problem(
            "objection_stands", "尚未作出决定", "nothing is decided yet",
            "请在告知书载明的期限内陈述、申辩", "make a statement within the period of the notice",
        )  # fmt: skip
    return None


@condition("objection.remedy_fits")
def remedy_fits(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """A record is withdrawn, or corrected as the catalogue lets it be; a decision is annulled."""
    found, remedy = about(case.key), facts.get("remedy", "")
    if isinstance(found, DecisionMatter):
        if remedy != "annul":
            return _wrong_remedy("决定只能撤销", "a decision can only be annulled", "撤销决定", "annul it")
        return is_open(case, facts, today)
    if isinstance(found, RecordMatter):
        return _record_remedy(found, remedy, facts, today) or _mended_meanwhile(found, remedy)
    return is_open(case, facts, today)


def _record_remedy(found: RecordMatter, remedy: str, facts: Mapping[str, str], today: date) -> Problem | None:
    if remedy not in ("withdraw", "correct", "done"):
        return _wrong_remedy(
            "信用信息应当撤回或者更正", "a record is withdrawn or corrected",
            "撤回信息或者更正信息", "withdraw or correct it",
        )  # fmt: skip
    if remedy == "correct" and not found.withdrawn:
        try:
            correcting.proposed(found.last, corrections(facts), today, judge=check)
        except Refused as refused:
            told = refused.problem
            return Problem("corrections", None, told.rule, told.zh, told.en, told.mend_zh, told.mend_en)
    return None


def _mended_meanwhile(found: RecordMatter, remedy: str) -> Problem | None:
    """What its source has done already needn't be done again; what it hasn't, isn't done."""
    if remedy == "done" and found.last == found.number:
        return _wrong_remedy(
            "来源单位尚未更正或者撤回该信息", "its source has neither corrected nor withdrawn it",
            "撤回信息或者更正信息", "withdraw or correct it",
        )  # fmt: skip
    if remedy != "done" and found.withdrawn:
        return _wrong_remedy(
            "该信息已由来源单位撤回", "its source has withdrawn it already",
            "来源单位已自行纠正", "the source has put it right itself",
        )  # fmt: skip
    return None


@condition("objection.may_suspend")
def may_suspend(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """The law of today lets whoever decides stop the publication meanwhile."""
    found = about(case.key)
    rule = suspension(found.key_kind, today) if found is not None else None
    if rule is not None and rule.suspends in ("order", "filing"):
        return None
    return _problem(
        "objection_suspends", "没有规定可以在异议期间停止公示",
        "no law lets an objection stop the publication",
        "请继续办理异议", "go on with the objection",
    )  # fmt: skip


# --- effects ------------------------------------------------------------------------------------------------


@effect("objection.contest")
def contest(log: Appending, turns: Sequence[Turn]) -> None:
    """Mark what is objected to, stop it where the law does, and tell the office in charge."""
    for turn in turns:
        found = _about(turn)
        if isinstance(found, RecordMatter):
            _mark(log, turn, found, "contested", "主体提出异议")
        rule = suspension(found.key_kind, turn.today)
        if rule is not None and rule.suspends == "filing":
            _suspended(log, turn, found, SYSTEM, rule.zh)
        notify(
            "objection.handle", organisation=None, region=turn.case.region, url=f"/work/cases/{turn.case.id}",
            zh=f"收到对{found.name()[0]}的异议", en=f"an objection: {found.name()[1]}",
        )  # fmt: skip


@effect("objection.ask_source")
def ask_source(log: Appending, turns: Sequence[Turn]) -> None:
    """Tell the source that it has to answer."""
    for turn in turns:
        zh, en = _about(turn).name()
        notify(
            "objection.answer", organisation=turn.case.organisation_id, url=f"/work/cases/{turn.case.id}",
            zh=f"请核查并答复对{zh}的异议", en=f"please check and answer the objection: {en}",
        )  # fmt: skip


@effect("objection.ask_decision")
def ask_decision(log: Appending, turns: Sequence[Turn]) -> None:
    """Tell whoever may decide that the source has answered."""
    for turn in turns:
        zh, en = _about(turn).name()
        notify(
            "objection.decide", organisation=None, region=turn.case.region,
            url=f"/work/cases/{turn.case.id}", zh=f"来源单位已答复，请对{zh}的异议作出决定",
            en=f"the source has answered; please decide on the objection: {en}",
        )  # fmt: skip


@effect("objection.suspend")
def suspend(log: Appending, turns: Sequence[Turn]) -> None:
    """Whoever decides stops the publication until the objection is decided."""
    for turn in turns:
        _suspended(log, turn, _about(turn), turn.actor, turn.facts["reason"])


@effect("objection.settle")
def settle(log: Appending, turns: Sequence[Turn]) -> None:
    """What was objected to is no longer contested, and shown again where the objection had stopped it."""
    for turn in turns:
        found = _about(turn)
        if _settled(log, turn, found) and isinstance(found, RecordMatter):
            copies.tell(log, [copies.News(found.key, "resumed", found.source, turn.case.id)], turn.today)
        if turn.step.whose != "subject":
            _tell(turn, found)


@effect("objection.uphold")
def uphold(log: Appending, turns: Sequence[Turn]) -> None:
    """Correct the archive, or annul the decision, and everything derived from it; keep what changed."""
    for turn in turns:
        found, remedy = _about(turn), turn.facts["remedy"]
        reason = f"异议成立（第{turn.case.id}号）：{turn.facts['reason']}"
        if isinstance(found, RecordMatter):
            changed = _changed_record(log, turn, found, remedy, reason)
            _settled(log, turn, found)
        else:
            changed = _annulled(log, turn, found, reason)
        made = papers_objection.changes(turn, found, changed)
        log.keep(
            DOCUMENT,
            [
                (turn.case.id, turn.number, "objection_changes", made.number, turn.today,
                 orjson.dumps(made.body).decode())
            ],
        )  # fmt: skip
        _tell(turn, found)


def _changed_record(
    log: Appending, turn: Turn, found: RecordMatter, remedy: str, reason: str
) -> papers_objection.Changes:
    by, case = turn.actor.name, turn.case.id
    if remedy == "done":
        what = "withdrawn" if found.withdrawn else "corrected"
        told = copies.tell(log, [copies.News(found.key, what, found.source, case)], turn.today)
        return papers_objection.Changes(record=found.last, told=told)
    if remedy == "withdraw":
        done = correcting.withdraw(log, found.last, on=turn.today, by=by, case=case, reason=reason)
    else:
        done = correcting.correct(
            log, found.last, corrections(turn.facts), on=turn.today, by=by, case=case, reason=reason,
            judge=check,
        )  # fmt: skip
    what = "withdrawn" if remedy == "withdraw" else "corrected"
    followed = list(done.followed)
    followed += derived(log, found.chain, reason, turn.today, gone=remedy == "withdraw")
    told = copies.tell(log, [copies.News(found.key, what, found.source, case)], turn.today)
    fields = {one.code: (one.name_zh, one.name_en) for one in found.item.fields} if found.item else {}
    return papers_objection.Changes(
        record=done.record, before=done.before, after=done.after, names=fields,
        followed=tuple(followed), told=told,
    )  # fmt: skip


def _annulled(log: Appending, turn: Turn, found: DecisionMatter, reason: str) -> papers_objection.Changes:
    case = found.case
    take_many(
        log, ANNULS[case.procedure], [case.id], SYSTEM, turn.today, facts={"reason": reason}, by_system=True
    )
    tasks = Case.objects.filter(procedure="measure", parent_id=case.id).count()
    followed: list[Words] = []
    if found.entry is not None:
        followed.append(
            ("名单公示、共享和使用自即日停止", "the entry is no longer published, shared or used")
        )
    if tasks:
        followed.append(
            (f"据此派发的{tasks}项措施同时终止、解除", f"{tasks} measures that followed from it end with it")
        )
    told = Copy.objects.filter(key=found.key, told_on=turn.today).exclude(what__in=_MEANWHILE).count()
    return papers_objection.Changes(followed=tuple(followed), told=told)


# --- parts --------------------------------------------------------------------------------------------------


def _about(turn: Turn) -> Matter:
    found = about(turn.case.key)
    if found is None:
        raise LookupError(f"case {turn.case.id} is about nothing: {turn.case.key}")
    return found


def _mark(log: Appending, turn: Turn, found: RecordMatter, kind: str, reason: str) -> bool:
    """Mark a record; whether that changed anything."""
    changed = mark(
        log, [found.number], kind,  # type: ignore[arg-type] # one of its kinds
        on=turn.today, because="objection", case=turn.case.id, by=turn.actor.name or "主体", reason=reason,
    )  # fmt: skip
    return bool(changed)


def _meanwhile(case: int) -> str:
    """How the reason of a stop begins that an objection brought about, to be recognised when it ends."""
    return f"异议（第{case}号）期间停止："


def _suspended(log: Appending, turn: Turn, found: Matter, actor: Actor, reason: str) -> None:
    words = _meanwhile(turn.case.id) + reason
    if isinstance(found, RecordMatter):
        if _mark(log, turn, found, "suspended", words):
            copies.tell(log, [copies.News(found.key, "suspended", found.source, turn.case.id)], turn.today)
    elif "suspend" in steps_from(found.case):
        take_many(
            log, "suspend", [found.case.id], actor, turn.today,
            facts={"reason": words[:2000]}, by_system=actor is SYSTEM,
        )  # fmt: skip


def _settled(log: Appending, turn: Turn, found: Matter) -> bool:
    """Take back the marks of the objection; returns whether it had stopped a record, which is shown again."""
    words = f"异议办结（第{turn.case.id}号）：{turn.step.zh}"
    if isinstance(found, RecordMatter):
        _mark(log, turn, found, "settled", words)
        return _mark(log, turn, found, "resumed", words)
    if found.case.state != "suspended":
        return False
    last = [one for one in steps(found.case.id) if one.step == "suspend"][-1:]
    if last and last[0].facts["reason"].startswith(_meanwhile(turn.case.id)):
        # one whose period ended or whose records fell meanwhile stays stopped: the nightly run ends it
        take_many(
            log, "resume", [found.case.id], SYSTEM, turn.today,
            facts={"reason": words}, by_system=True, skip=True,
        )  # fmt: skip
    return False


def _tell(turn: Turn, found: Matter) -> None:
    zh, en = found.name()
    tell_subject(
        turn.case.subject_id, case=turn.case.id,
        zh=f"您对{zh}的异议：{turn.step.zh}", en=f"your objection ({en}): {turn.step.en}",
    )  # fmt: skip


def _problem(rule: str, zh: str, en: str, mend_zh: str, mend_en: str) -> Problem:
    return Problem("", None, rule, zh, en, mend_zh, mend_en)


def _wrong_remedy(zh: str, en: str, mend_zh: str, mend_en: str) -> Problem:
    return Problem("remedy", None, "objection_remedy", zh, en, f"请选择：{mend_zh}", f"choose: {mend_en}")
