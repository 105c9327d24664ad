"""Entries: only by a law in force, as long as its decision says, shown and ended with their case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import orjson
import pytest
from django.db import connection
from django.utils import timezone

from chengxin.archive.marking import Kind, mark
from chengxin.archive.tests.kept import Kept
from chengxin.cases.actions import NotTaken, Opening, open_case, take
from chengxin.cases.effects import CONDITIONS, DOCUMENTS, EFFECTS, Turn
from chengxin.cases.models import Case, Document
from chengxin.cases.rules import SYSTEM
from chengxin.decisions import entries
from chengxin.decisions.documents import BLOCKS, templates
from chengxin.decisions.entries import Source, stands_until
from chengxin.decisions.models import Entry
from chengxin.decisions.nightly import nightly
from chengxin.decisions.tests.own_world import Firm, firm, listed
from chengxin.decisions.tests.test_nightly import brusher, faults, state
from chengxin.ledger.actions import Appending, appending
from chengxin.rulebook.lists import listing
from chengxin.rulebook.procedures import procedures

TODAY = timezone.localdate()
SERVED = {"service_method": "direct", "service_proof": "回证1号"}


def nominated(one: Firm, rule: str = "serious_violation", today: date = TODAY, **more: str) -> int:
    opening = Opening(
        "listing", f"list:{rule}:S{one.subject}", one.subject, today, rule=rule, region="350102",
        facts={"reason": "受到较重行政处罚", "records": str(one.record)} | more, records=(one.record,),
    )  # fmt: skip
    return open_case(opening, one.someone("department_officer"), today)


def ended(one: Firm, kind: Kind = "ended", on: date = TODAY) -> None:
    with appending() as log:
        mark(log, [one.record], kind, on=on, because="repair", case=None, by="李专员", reason="已修复")


def refusal(found: pytest.ExceptionInfo[NotTaken]) -> str:
    return found.value.problems[0].rule


# --- how long -----------------------------------------------------------------------------------------------


@pytest.mark.obligation("16.1a")
def test_an_entry_stands_as_long_as_the_law_of_its_decision_says_and_not_a_day_longer() -> None:
    serious = listing("serious_violation", date(2026, 6, 1))
    assert stands_until(serious, date(2026, 6, 1), date(2026, 6, 8)) == (date(2029, 6, 8), date(2027, 6, 9))
    express = listing("express_dishonest", date(2026, 5, 1))
    assert stands_until(express, date(2026, 5, 1), date(2026, 5, 6)) == (date(2027, 5, 6), date(2026, 8, 7))
    before = listing("express_dishonest", date(2026, 3, 31))
    assert stands_until(before, date(2026, 3, 31), date(2026, 5, 6))[1] == date(2026, 5, 6)
    leap = stands_until(serious, date(2028, 2, 28), date(2028, 2, 29))
    assert leap == (date(2031, 2, 28), date(2029, 3, 1))


def test_another_authoritys_own_end_counts_where_it_is_earlier_than_the_laws() -> None:
    court = listing("judgment_defaulter", date(2026, 1, 1))
    shown = date(2026, 1, 5)
    until, earliest = stands_until(court, shown, TODAY, Source(shown, date(2027, 1, 4)))
    assert (until, earliest) == (date(2027, 1, 4), None)
    assert stands_until(court, shown, TODAY, Source(shown, date(2050, 1, 1)))[0] == date(2031, 1, 5)


# --- in a real database -------------------------------------------------------------------------------------


@pytest.mark.obligation("16.1a")
def test_the_entry_says_law_days_and_whether_it_may_be_shown(database: str) -> None:
    one = firm()
    case = listed(one)
    entry = Entry.objects.get()
    assert (entry.pk, entry.list, entry.kind, entry.subject_id) == (
        case, "serious_violation", "black", one.subject,
    )  # fmt: skip
    assert (entry.law, entry.article, entry.public) == ("serious44", "2", True)
    assert (entry.published_on, entry.until) == (one.day, entry.published_on.replace(year=one.day.year + 3))
    assert entry.decided_on == one.day - timedelta(days=5)
    assert not faults()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE decisions_entry SET suspended = true")
    assert [one.split()[0] for one in faults()] == ["decisions_entry"]


def test_suspended_it_has_no_effect_and_ended_it_is_gone(database: str) -> None:
    one = firm()
    case = listed(one)
    decider = one.someone("decision_maker", 7)
    take(case, "suspend", decider, TODAY, {"reason": "复议期间停止执行"})
    assert Entry.objects.get().suspended is True
    take(case, "resume", decider, TODAY, {"reason": "复议维持"})
    assert Entry.objects.get().suspended is False
    take(case, "revoke", decider, TODAY, {"reason": "处罚决定被撤销"})
    entry = Entry.objects.get()
    assert (entry.ended_on, entry.ended_by) == (TODAY, "revoked")
    assert not faults()


def test_rooms_above_act_in_the_same_transaction(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, str]] = []

    def hear(log: Appending, found: Sequence[Entry], turns: Sequence[Turn]) -> None:
        told.extend((one.list, one.pk, turn.step.id) for one, turn in zip(found, turns, strict=True))

    def fail(log: Appending, found: Sequence[Entry], turns: Sequence[Turn]) -> None:
        raise RuntimeError

    monkeypatch.setattr(entries, "ON_ENTRY", {"published": [hear], "ended": [fail]})
    one = firm()
    case = listed(one)
    assert told == [("serious_violation", case, "publish")]
    with pytest.raises(RuntimeError):
        take(case, "revoke", one.someone("decision_maker", 7), TODAY, {"reason": "撤销"})
    assert (state(case), Entry.objects.get().ended_on) == ("published", None), "all or nothing"


@pytest.mark.obligation("16.1a")
def test_nobody_is_listed_without_a_law_in_force_or_for_records_that_fell(database: str) -> None:
    one = firm()
    with pytest.raises(NotTaken) as found:
        nominated(one, "no_such_list")
    assert refusal(found) == "list_in_force"
    with pytest.raises(NotTaken) as found:
        nominated(one, today=date(2021, 8, 31))
    assert refusal(found) == "list_in_force"
    with pytest.raises(NotTaken) as found:
        nominated(one, "honest_merchant")
    assert refusal(found) == "list_procedure"
    with pytest.raises(NotTaken) as found:
        nominated(one, records=str(firm().record))
    assert refusal(found) == "records_stand", "somebody else's record"
    case = nominated(one)
    ended(one)
    with pytest.raises(NotTaken) as found:
        take(case, "review", one.someone("reviewer"), TODAY, {"opinion": "属实"})
    assert refusal(found) == "records_stand"
    take(case, "drop", one.someone("reviewer"), TODAY, {"reason": "已修复"})
    assert not Entry.objects.exists()


@pytest.mark.parametrize("what", ["ended", "suspended", None])
def test_what_fell_between_decision_and_publication_is_not_published(
    database: str, what: Kind | None
) -> None:
    one = brusher()
    nightly(TODAY)
    case = Case.objects.get().pk
    officer, today = one.someone("department_officer"), TODAY
    take(case, "review", one.someone("reviewer"), today, {"opinion": "属实"})
    take(case, "give_notice", officer, today, SERVED | {"served_on": today.isoformat()})
    take(case, "waive", one.self, today)
    decider = one.someone("decision_maker", 7)
    take(case, "decide_entry", decider, today, {"reason": "符合情形", "weighed": "放弃陈述"})
    take(case, "serve_decision", officer, today, SERVED | {"served_on": today.isoformat()})
    if what is None:
        with appending() as log:
            Kept(log).record(
                one.subject, one.source.pk, operation="withdrawal", refers_to=one.record, payload={}, on=today
            )
    else:
        ended(one, what)
    with pytest.raises(NotTaken) as found:
        take(case, "publish", SYSTEM, today, by_system=True)
    assert refusal(found) == "records_stand"
    assert nightly(today).counts["published"] == 0
    take(case, "revoke", decider, today, {"reason": "依据已变更"})
    assert not faults()


def test_an_entry_in_question_is_confirmed_only_if_it_still_qualifies(database: str) -> None:
    one = firm(TODAY - timedelta(days=90), CF_WFXW="虚假交易", CF_NR_FK="30.000000")
    case = listed(one, "brushing", day=one.day + timedelta(days=40))
    decider = one.someone("decision_maker", 7)
    with appending() as log:
        kept = Kept(log)
        good = {"CF_WFXW": "虚假交易", "CF_NR_FK": "25.000000", "CF_CFLB": "罚款"}
        second = kept.record(
            one.subject, one.source.pk, operation="correction", refers_to=one.record, payload=good, on=one.day
        )
    nightly(TODAY)
    assert state(case) == "questioned"
    take(case, "confirm", decider, TODAY, {"reason": "更正后仍符合"})
    with appending() as log:
        Kept(log).record(
            one.subject, one.source.pk, operation="correction", refers_to=second, on=one.day,
            payload=good | {"CF_NR_FK": "1.000000"},
        )  # fmt: skip
    assert nightly(TODAY).counts["questioned"] == 1, "what it was confirmed by is watched, too"
    with pytest.raises(NotTaken) as found:
        take(case, "confirm", decider, TODAY, {"reason": "维持"})
    assert refusal(found) == "still_qualifies"


@pytest.mark.obligation("16.1d")
def test_a_red_entry_ends_when_a_black_one_is_published_and_none_begins_beside_it(database: str) -> None:
    one = firm(kind="警告", CF_WFXW="占道经营")
    officer, reviewer = one.someone("department_officer"), one.someone("reviewer")
    decider = one.someone("decision_maker", 7)

    def red() -> int:
        opening = Opening(
            "red_listing", f"list:contract_keeping:S{one.subject}", one.subject, TODAY,
            rule="contract_keeping", region="350102", facts={"reason": "连续五年守合同"},
        )  # fmt: skip
        case = open_case(opening, officer, TODAY)
        take(case, "review", reviewer, TODAY, {"opinion": "属实"})
        take(case, "decide_entry", decider, TODAY, {"reason": "符合条件"})
        return case

    case = red()
    assert nightly(TODAY).counts["published"] == 1
    assert Entry.objects.get(pk=case).kind == "red"
    listed(one, day=TODAY)
    assert nightly(TODAY).counts["red_removed"] == 1
    assert state(case) == "removed"
    assert "移出" in orjson.loads(Document.objects.get(case_id=case, kind="red_removal").body)["title"]
    with pytest.raises(NotTaken) as found:
        red()
    assert refusal(found) in ("no_black_entry", "still_qualifies")
    assert not faults()


# --- documents ----------------------------------------------------------------------------------------------


@pytest.mark.obligation("16.1a")
def test_the_documents_name_facts_law_evidence_rights_and_how_to_repair(database: str) -> None:
    one = firm()
    case = listed(one)
    found = {paper.kind: paper for paper in Document.objects.filter(case_id=case)}
    assert set(found) == {"listing_notice", "listing_decision", "repair_notice"}
    words = {kind: "\n".join(orjson.loads(paper.body)["paragraphs"]) for kind, paper in found.items()}
    notice, decision, repair = words["listing_notice"], words["listing_decision"], words["repair_notice"]
    for text in (notice, decision):
        assert "榕市监罚〔2026〕0001号" in text
        assert "福州市市场监督管理局" in text
        assert "《" in text
        assert "受到较重行政处罚" in notice
    assert "陈述、申辩" in notice
    assert "听证" in notice
    assert "行政复议" in decision
    assert "行政诉讼" in decision
    assert "未提出" in decision
    assert "最早可以申请的日期" in repair
    assert "义务已经履行" in repair
    assert found["listing_notice"].number == f"闽信列告〔{found['listing_notice'].day.year}〕{case}号"
    assert orjson.loads(found["listing_notice"].body)["records"][0]["id"] == one.record
    for paper in found.values():
        body = orjson.loads(paper.body)
        assert "{" not in "".join([*body["paragraphs"], *body["paragraphs_en"], body["title"]])
        assert len(body["paragraphs"]) == len(body["paragraphs_en"])


def test_every_name_that_the_procedures_use_for_lists_is_registered(database: str) -> None:
    for name in ("listing", "red_listing", "imported"):
        for step in procedures()[name].steps:
            assert set(step.conditions) <= set(CONDITIONS)
            assert step.effect is None or step.effect in EFFECTS
            assert set(step.documents) <= set(DOCUMENTS)


def test_every_document_has_its_words_in_both_languages() -> None:
    for kind, template in templates().items():
        for part in (template.title, *template.paragraphs):
            assert part in BLOCKS if isinstance(part, str) else all(part), kind
        assert len({one.prefix for one in templates().values()}) == len(templates())
