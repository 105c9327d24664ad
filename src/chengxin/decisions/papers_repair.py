"""Documents of a repair: the decision, the certificate for the subject to show, the refusal with remedies."""

from __future__ import annotations

from datetime import date, timedelta

from chengxin.cases.effects import Made, Turn, document
from chengxin.cases.models import Document
from chengxin.decisions.matters import Matter, RecordMatter, about
from chengxin.decisions.papers_common import Paper, addressee, day_words, law_words, made, number_of, remedies
from chengxin.decisions.papers_measures import after_repair
from chengxin.decisions.repairs import REORGANISATION, applied, terms
from chengxin.registry.models import Identifier
from chengxin.rulebook.procedures import procedure

CERTIFICATE = "repair_certificate"


@document("repair_decision")
def decision(turn: Turn) -> Made:
    """That repair is granted, why, and what ends with it."""
    paper, found = _begun(("信用修复决定书", "Decision to grant repair"), turn)
    paper.says(f"经审查：{turn.facts['reason']}", f"Findings: {turn.facts['reason']}")
    paper.says("决定：同意修复。", "Decision: repair is granted.")
    for said in after_repair(found, turn.today):
        paper.says(*said)
    paper.says(
        "可能持有副本的单位已被通知同步更新，并应当确认。",
        "Whoever may hold a copy is told to update it and confirms that.",
    )
    paper.says(
        "信用修复不收取任何费用。任何单位仍公示或者使用上述信息的，可以凭《信用修复证明》要求更正，或者向本平台提出。",
        "Repair is free of charge. Who still shows or uses the information can be asked to mend that with "
        "the certificate of repair, or be named to this platform.",
    )
    return made(turn, "闽电信修决", paper)


@document(CERTIFICATE)
def certificate(turn: Turn) -> Made:
    """What the subject shows to others: that it is repaired since when, without what the matter was about."""
    paper = Paper(("信用修复证明", "Certificate of credit repair"))
    found = about(turn.case.key)
    paper.says("兹证明下列信用信息已经修复：", "This is to certify that the following is repaired:")
    paper.states(("主体", "subject"), addressee(turn.case.subject_id))
    code = Identifier.objects.filter(subject=turn.case.subject_id, scheme="uscc").values_list(
        "value", flat=True
    )
    if named := code.first():
        paper.states(("统一社会信用代码", "unified social credit code"), str(named))
    if found is not None:
        paper.states(("修复的信用信息", "what is repaired"), found.name()[0])
        if numbered := _number(found):
            paper.states(("文书号", "number of the document"), numbered)
    ground = procedure("repair").opening.fields[0].choices[_ground(turn)]
    paper.states(("修复事由", "ground"), ground[0])
    if _ground(turn) == REORGANISATION:
        paper.states(("标注", "noted as"), "破产重整")
    paper.states(("修复日期", "repaired on"), day_words(turn.today)[0])
    for said in after_repair(found, turn.today):
        paper.says(*said)
    paper.says("特此证明。", "Certified.")
    return made(turn, "闽电信修证", paper)


@document("repair_refusal")
def refusal(turn: Turn) -> Made:
    """Why repair is not granted, when it may be asked for again, and which remedies there are."""
    paper, found = _begun(("不予信用修复决定书", "Decision not to grant repair"), turn)
    paper.says(f"经审查：{turn.facts['reason']}", f"Findings: {turn.facts['reason']}")
    paper.says("决定：不予修复。", "Decision: repair is not granted.")
    again = _again(found, turn.today)
    paper.says(
        f"补齐证明材料、消除上述原因后，自{day_words(again)[0]}起可以再次申请。",
        "Once the reasons named are removed and the proof is complete, repair may be asked for again from "
        f"{again} on.",
    )
    paper.says(*remedies(turn.today))
    return made(turn, "闽电信修驳", paper)


def _again(found: Matter | None, today: date) -> date:
    """The first day on which it may be asked for again: nothing makes it wait but the shortest term."""
    earliest = terms(found, today).earliest if found is not None else None
    tomorrow = today + timedelta(days=1)
    return max(earliest, tomorrow) if earliest else tomorrow


def _number(found: Matter) -> str:
    """The number under which others know what was repaired: of the record's document, or of the decision."""
    if isinstance(found, RecordMatter):
        return number_of(found.item, found.row) if found.item else ""
    papers = Document.objects.filter(case=found.case, kind="listing_decision").order_by("pk")
    return papers.values_list("number", flat=True).last() or ""


def _ground(turn: Turn) -> str:
    return applied(turn.case.id)["ground"]


def _begun(title: tuple[str, str], turn: Turn) -> tuple[Paper, Matter | None]:
    paper, found = Paper(title), about(turn.case.key)
    zh, en = found.name() if found else (turn.case.key, turn.case.key)
    law_zh, law_en = law_words(turn.procedure.law, turn.procedure.article)
    ground = procedure("repair").opening.fields[0].choices[_ground(turn)]
    paper.says(
        f"您于{day_words(turn.case.opened_on)[0]}就{zh}申请信用修复（案号{turn.case.id}），事由：{ground[0]}。依照{law_zh}办理。",
        f"Your application of {turn.case.opened_on} for repair ({en}; case {turn.case.id}), ground: "
        f"{ground[1]}. Handled by the {law_en}.",
    )
    return paper, found
