"""Documents of an objection: not taken up, the decision, and what an upheld one changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chengxin.archive import correcting
from chengxin.cases.effects import Made, Turn, document
from chengxin.cases.queries import steps
from chengxin.decisions.corrections import corrections
from chengxin.decisions.matters import Matter, RecordMatter, about
from chengxin.decisions.papers_common import Pair, Paper, day_words, law_words, made, remedies
from chengxin.exchange.checks import check
from chengxin.rulebook.procedures import procedure

_PUBLISHED: Mapping[str, Pair] = {
    "disclosure": ("公开范围", "disclosure"),
    "publish_from": ("公示自", "published from"),
    "publish_until": ("公示至", "published until"),
}


@dataclass(frozen=True)
class Changes:
    """What an upheld objection changed.

    record    number of the new record, None where a decision was annulled
    before, after, names   the fields that differ, by code, and how the catalogue calls them
    followed  what else changed because of it, in words; `told`: organisations told to update their copies
    """

    record: int | None = None
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Pair] = field(default_factory=dict)
    followed: tuple[Pair, ...] = ()
    told: int = 0


@document("objection_not_heard")
def not_heard(turn: Turn) -> Made:
    """Why an objection is not taken up, and what can be done then."""
    paper = Paper(("异议不予受理告知书", "Objection not taken up"))
    _received(paper, turn)
    paper.says(
        f"不予受理，理由：{turn.facts['reason']}", f"It is not taken up. Reasons: {turn.facts['reason']}"
    )
    paper.says(
        "补充理由或者证明材料后，可以再次提出异议。",
        "With further reasons or proof the objection may be made again.",
    )
    paper.says(*remedies(turn.today))
    return made(turn, "闽电信异告", paper)


@document("objection_decision")
def decision(turn: Turn) -> Made:
    """What was decided on an objection and why; upheld: what is corrected."""
    paper = Paper(("异议处理决定书", "Decision on an objection"))
    found = _received(paper, turn)
    answers = [one for one in steps(turn.case.id) if one.step == "answer"]
    if answers:
        said = answers[-1].facts
        stands = procedure("objection").step("answer").fields[0].choices[said["stands"]]
        paper.says(
            f"来源单位核查后答复：{stands[0]}。{said['answer']}",
            f"The source checked and answered: {stands[1]}. {said['answer']}",
        )
    paper.says(f"经审查：{turn.facts['reason']}", f"Findings: {turn.facts['reason']}")
    if turn.step.id == "decide_refuse":
        paper.says("决定：异议不成立。", "Decision: the objection is refused.")
    else:
        zh, en = procedure("objection").step("decide_uphold").fields[1].choices[turn.facts["remedy"]]
        paper.says(
            f"决定：异议成立，{zh}。据此产生的公示、名单和措施一并纠正，详见《异议纠正结果告知书》。",
            f"Decision: the objection is upheld; {en}. Publication, lists and measures derived from it are "
            "put right with it: see the notice of what changed.",
        )
        if turn.facts["remedy"] == "correct" and isinstance(found, RecordMatter):
            _corrections(paper, turn, found)
    paper.says(*remedies(turn.today))
    return made(turn, "闽电信异决", paper)


def _corrections(paper: Paper, turn: Turn, found: RecordMatter) -> None:
    before, after = correcting.proposed(found.last, corrections(turn.facts), turn.today, judge=check)
    names = {one.code: (one.name_zh, one.name_en) for one in found.item.fields} if found.item else {}
    _differences(paper, before, after, names)


def _differences(
    paper: Paper, before: Mapping[str, str], after: Mapping[str, str], names: Mapping[str, Pair]
) -> None:
    for code in dict.fromkeys([*before, *after]):
        label = names.get(code) or _PUBLISHED.get(code, (code, code))
        paper.states(label, f"{before.get(code, '—')} → {after.get(code, '—')}")


def changes(turn: Turn, found: Matter, changed: Changes) -> Made:
    """What changed because an objection was upheld, for the subject to keep."""
    zh, en = found.name()
    paper = Paper(("异议纠正结果告知书", "What changed because of the objection"))
    paper.says(
        f"您对{zh}的异议成立，已于{day_words(turn.today)[0]}纠正：",
        f"The objection ({en}) was upheld; put right on {turn.today}:",
    )
    if turn.facts["remedy"] == "withdraw":
        paper.says(
            f"该信息已撤回（撤回记录第{changed.record}号），不再公示、共享和使用。",
            f"The record is withdrawn (by record no. {changed.record}): no longer published, shared or used.",
        )
    elif turn.facts["remedy"] == "correct":
        paper.says(
            f"该信息已更正（更正记录第{changed.record}号），今后以更正后的内容为准：",
            f"The record is corrected (by record no. {changed.record}), which counts from now on:",
        )
        _differences(paper, changed.before, changed.after, changed.names)
    elif turn.facts["remedy"] == "done":
        paper.says(
            f"来源单位已自行纠正，以第{changed.record}号记录为准。",
            f"The source has put it right itself: record no. {changed.record} counts.",
        )
    else:
        paper.says(
            "该决定已撤销，自始不再作为任何措施的依据。", "The decision is annulled; nothing may rest on it."
        )
    for one_zh, one_en in changed.followed:
        paper.says(f"随之变更：{one_zh}。", f"Changed with it: {one_en}.")
    if changed.told:
        paper.says(
            f"已通知{changed.told}个可能持有副本的单位同步更新，并应当确认。",
            f"{changed.told} organisations that may hold a copy were told to update it and to confirm.",
        )
    return made(turn, "闽电信异果", paper)


def _received(paper: Paper, turn: Turn) -> Matter | None:
    found = about(turn.case.key)
    zh, en = found.name() if found else (turn.case.key, turn.case.key)
    law_zh, law_en = law_words(turn.procedure.law, turn.procedure.article)
    paper.says(
        f"您于{day_words(turn.case.opened_on)[0]}对{zh}提出的异议（案号{turn.case.id}），依照{law_zh}办理。",
        f"Your objection of {turn.case.opened_on} ({en}; case {turn.case.id}), handled by the {law_en}.",
    )
    return found
