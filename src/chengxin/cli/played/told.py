"""Risk notices, typical cases and major events: drafted by one person, signed by another."""

from __future__ import annotations

from datetime import date

from chengxin.accounts.permissions import PROVINCE
from chengxin.cases.actions import Opening, open_case, take
from chengxin.cases.models import Case
from chengxin.cli.played.stage import REFUSED, Stage
from chengxin.demo import told
from chengxin.demo.told import Notice
from chengxin.ledger.actions import raw_cursor

_CITABLE = """
SELECT r.id, s.name FROM archive_record r JOIN registry_subject s ON s.id = r.subject_id
WHERE r.item = 'penalty' AND r.operation = 'new' AND r.disclosure = 'public' AND s.kind = 'legal_person'
  AND s.merged_into_id IS NULL AND r.ended_on IS NULL AND NOT r.suspended AND NOT r.contested
  AND r.payload::json ->> 'CF_WFXW' LIKE '%%' || %(cites)s || '%%'
  AND r.publish_from <= %(day)s AND r.publish_until > %(late)s
  AND NOT EXISTS (SELECT FROM archive_record l WHERE l.refers_to_id = r.id)
  AND NOT EXISTS (SELECT FROM cases_case k WHERE k.key = 'record:' || r.id)
ORDER BY md5(r.id::text || %(salt)s) LIMIT 1"""
_RETURNED = "请核对所引数据的统计口径，并补充消费者维权途径。"


def days(today: date) -> set[date]:
    """The days on which something is done about notices."""
    return {day for one in told.notices(today) for day in (one.drafted, one.signed, one.withdrawn)}


def publish(stage: Stage, day: date) -> None:
    """Draft and sign what is due on the day."""
    for one in told.notices(stage.today):
        try:
            if one.drafted == day:
                _draft(stage, one)
            if one.signed == day and one.ends != "drafted":
                _sign(stage, one)
            if one.withdrawn == day and one.ends == "withdrawn":
                _take(
                    stage,
                    one,
                    "withdraw",
                    "decider",
                    day,
                    {"reason": "核查已有结论，提示的风险不再存在，予以撤下。"},
                )
        except REFUSED as refused:
            stage.refused[f"notice/{one.id}: {refused}"[:120]] += 1


def _draft(stage: Stage, one: Notice) -> None:
    day = one.drafted
    facts = {"title": one.title, "body": one.body, "show_until": one.until.isoformat()}
    records: tuple[int, ...] = ()
    if one.cites:
        asked = {"day": day, "late": one.until, "salt": one.id, "cites": one.cites}
        found = raw_cursor().execute(_CITABLE, asked).fetchone()
        if found is None:
            return
        records = (found[0],)
        facts["body"] = one.body.replace("{name}", found[1])
    opening = Opening(
        "notice", one.key, None, day, rule=one.kind, region=PROVINCE, facts=facts, records=records
    )
    officer = stage.cast.officer("", PROVINCE, 0)
    open_case(opening, officer, day)


def _sign(stage: Stage, one: Notice) -> None:
    if one.ends == "returned":
        _take(stage, one, "return", "decider", one.signed, {"reason": _RETURNED})
    else:
        _take(stage, one, "approve", "decider", one.signed, {})


def _take(stage: Stage, one: Notice, step: str, who: str, day: date, facts: dict[str, str]) -> None:
    case = Case.objects.filter(key=one.key).first()
    actor = stage.cast(who, case, len(one.id))
    if case is not None and actor is not None:
        take(case.pk, step, actor, day, facts)
