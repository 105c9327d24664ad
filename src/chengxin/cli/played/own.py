"""What those who can sign in find of their own: a notice to answer, an objection under way, a repair."""

from __future__ import annotations

from datetime import date, timedelta

from chengxin.accounts.permissions import PROVINCE
from chengxin.cases.actions import Opening, open_case, take
from chengxin.cases.models import Case
from chengxin.cli.played.stage import REFUSED, Stage
from chengxin.decisions import candidates, repairs
from chengxin.decisions.matters import RecordMatter, about, opening
from chengxin.decisions.standing import records_of
from chengxin.demo.history import working
from chengxin.ledger.actions import raw_cursor
from chengxin.registry.models import Subject

_LIST = "serious_violation"
_OBJECTION = "该信息所载情况与实际不符：涉案订单已在投诉当日全额退款，附退款流水，请来源单位核查更正。"
_PROOF = "罚款缴款书、整改报告、平台复查通过通知、信用承诺书"


def days(today: date) -> set[date]:
    """The days on which something of theirs happens."""
    return {working(today, -number) for number in (9, 5, 4, 3, 1)}


def act(stage: Stage, day: date) -> None:
    """What happens on the day to those who can sign in."""
    before = {working(stage.today, -number): number for number in (9, 5, 4, 3, 1)}
    number = before.get(day)
    if number is None:
        return
    for subject in sorted(stage.cast.owners):
        try:
            _of(stage, subject, number, day)
        except REFUSED as refused:
            stage.refused[f"own/{number}: {refused}"[:120]] += 1


def _of(stage: Stage, subject: int, number: int, day: date) -> None:
    """One day of one of them: firms are told of a candidacy, everybody objects, firms apply for repair."""
    firm = Subject.objects.filter(pk=subject).exclude(kind="natural_person").exists()
    merchant = firm and _penalties(subject, day)
    match number:
        case 9 if merchant:
            _nominate(stage, subject, day)
        case 5:
            _listing(
                stage, subject, "review", "reviewer", day, {"opinion": "已调阅案卷，事实清楚，同意告知。"}
            )
        case 4:
            _object(stage, subject, day)
        case 3:
            found = Case.objects.filter(procedure="objection", subject_id=subject, state="received").first()
            if found is not None and (office := stage.cast("office", found, 0)):
                take(found.pk, "forward", office, day)
        case 1:
            served = {
                "service_method": "electronic", "served_on": day.isoformat(),
                "service_proof": f"电子送达系统回执{day:%Y%m%d}01",
            }  # fmt: skip
            _listing(stage, subject, "give_notice", "officer", day, served)
            if not merchant or _apply_twice(subject, day):
                _apply(stage, subject, day)
        case _:
            pass


def _nominate(stage: Stage, subject: int, day: date) -> None:
    record = _penalties(subject, day)[-1]
    key = candidates.key(_LIST, subject)
    region = Subject.objects.values_list("region", flat=True).get(pk=subject)
    facts = {"reason": "一年内因违法经营受到行政处罚，经研判提请审核是否列入。"}
    opening = Opening(
        "listing", key, subject, day, rule=_LIST, region=region or PROVINCE, facts=facts, records=(record,)
    )
    open_case(opening, stage.cast.officer(_LIST, region, 0), day)


def _listing(stage: Stage, subject: int, step: str, who: str, day: date, facts: dict[str, str]) -> None:
    found = Case.objects.filter(procedure="listing", subject_id=subject, closed_on=None).last()
    if found is not None and found.state in ("candidate", "reviewed"):
        actor = stage.cast(who, found, 0)
        if actor is not None:
            take(found.pk, step, actor, day, facts)


def _object(stage: Stage, subject: int, day: date) -> None:
    """Object to the newest record that nobody objects to; the source must be there to answer."""
    for record in reversed(_records(subject, day)):
        found = about(f"record:{record}")
        if not isinstance(found, RecordMatter) or found.source not in stage.cast.of:
            continue
        if Case.objects.filter(key=found.key).exists():
            continue
        facts = {"statement": _OBJECTION, "proof": "退款流水、订单截图"}
        wanted = opening("objection", found.key, day, facts)
        try:
            open_case(wanted, stage.cast.subject(subject), day)
        except REFUSED:
            continue
        return


def _apply_twice(subject: int, day: date) -> bool:
    """Whether more than one penalty may be repaired: one application is under way, one is left to make."""
    return len(_repairable(subject, day)) > 1


def _apply(stage: Stage, subject: int, day: date) -> None:
    for key in _repairable(subject, day)[:1]:
        facts = {"ground": "fulfilled", "proof": _PROOF, "commitment": "on"}
        open_case(opening("repair", key, day, facts), stage.cast.subject(subject), day)


def _repairable(subject: int, day: date) -> list[str]:
    found = []
    for record in _penalties(subject, day):
        matter = about(f"record:{record}")
        if isinstance(matter, RecordMatter) and repairs.terms(matter, day).open_on(day):
            found.append(matter.key)
    return found


def _penalties(subject: int, day: date) -> list[int]:
    held = records_of(raw_cursor(), [subject], ["penalty"], day).get(subject, [])
    return [one.id for one in sorted(held, key=lambda one: one.on) if one.on <= day]


def _records(subject: int, day: date) -> list[int]:
    items = ["complaint_outcome", "platform_violation", "logistics", "penalty"]
    held = records_of(raw_cursor(), [subject], items, day).get(subject, [])
    recent = day - timedelta(days=400)
    return [one.id for one in sorted(held, key=lambda one: one.on) if recent <= one.on <= day]
