"""Repair: when it may be asked for, that granting it ends everything at once, and that all copies follow."""

from __future__ import annotations

from datetime import date, timedelta

import orjson
import pytest
from django.utils import timezone

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.permissions import Forbidden
from chengxin.archive.models import Mark, Record
from chengxin.archive.queries import public_record, public_subject
from chengxin.archive.tests.kept import PENALTY
from chengxin.cases import queries
from chengxin.cases.actions import NotTaken, Opening, open_case, take
from chengxin.cases.models import Case, Document
from chengxin.cases.rules import SYSTEM
from chengxin.decisions import copies, repairs
from chengxin.decisions.models import Copy, Entry
from chengxin.decisions.papers_common import day_words
from chengxin.decisions.repairs import apply_for
from chengxin.decisions.tests.own_world import Firm, agency, firm, listed, number
from chengxin.desk.models import Notice
from chengxin.ledger.verify import verify
from chengxin.testing.signed import actor, person

pytestmark = pytest.mark.usefixtures("database")
TODAY = timezone.localdate()
RULING = "福州市中级人民法院（2026）闽01破3号民事裁定书"


def accepted(
    one: Firm, key: str, today: date = TODAY, *, ground: str = "fulfilled", proof: str = "罚款已缴"
) -> int:
    """An application that was accepted."""
    case = apply_for(key, ground, proof, one.self, today, commitment=True)
    take(case, "accept", one.someone("credit_office"), today)
    return case


def granted(one: Firm, key: str, today: date = TODAY, **told: str) -> int:
    case = accepted(one, key, today, **told)
    take(case, "decide_grant", one.someone("decision_maker"), today, {"reason": "义务已履行"})
    return case


def problem(found: pytest.ExceptionInfo[NotTaken]) -> str:
    return found.value.problems[0].rule


def paper(case: int, kind: str) -> str:
    """The words of a document."""
    body = orjson.loads(Document.objects.get(case_id=case, kind=kind).body)
    return "\n".join([body["title"], *body["paragraphs"], *(one["value"] for one in body["rows"])])


@pytest.mark.obligation("16.1a")
def test_a_granted_repair_ends_the_record_everywhere_at_once() -> None:
    one = firm(TODAY - timedelta(days=150))
    agency()
    assert public_record(one.record, TODAY) is not None
    case = granted(one, f"record:{one.record}")
    record = Record.objects.get(pk=one.record)
    assert record.ended_on == TODAY
    assert public_record(one.record, TODAY) is None
    assert f'"id":{one.record},' not in str(public_subject(one.code, TODAY))
    assert Mark.objects.get(record_id=one.record).because == "repair"
    assert Notice.objects.filter(user_id=number(one.self), url=f"/own/cases/{case}").exists()
    assert "信用修复证明" in paper(case, "repair_certificate")
    assert one.code in paper(case, "repair_certificate")
    assert str(PENALTY["CF_WSH"]) in paper(case, "repair_certificate")
    assert {one.table for one in verify().faults} <= {"exchange_batch"}


@pytest.mark.obligation("12.1d")
def test_the_case_is_followed_until_every_copy_is_confirmed() -> None:
    one = firm(TODAY - timedelta(days=150))
    of = agency()
    case = granted(one, f"record:{one.record}")
    told = {copy.organisation_id: copy for copy in Copy.objects.all()}
    assert told.keys() == {of, one.source.pk}
    assert repairs.follow(TODAY) == 0
    with pytest.raises(NotTaken) as refused:
        take(case, "follow", one.someone("credit_office"), TODAY)
    assert problem(refused) == "repair_copies_updated"
    officer = one.someone("department_officer")
    with pytest.raises(Forbidden):
        copies.confirm(told[of].pk, officer, TODAY)
    copies.confirm(told[one.source.pk].pk, officer, TODAY)
    assert repairs.follow(TODAY) == 0
    copies.confirm(told[of].pk, one.someone("credit_agency"), TODAY)
    assert repairs.follow(TODAY) == 1
    assert Case.objects.get(pk=case).state == "followed"
    assert {one.table for one in verify().faults} <= {"exchange_batch"}


def test_a_receipt_that_was_never_given_is_found_by_the_ledger() -> None:
    one = firm(TODAY - timedelta(days=150))
    granted(one, f"record:{one.record}")
    Copy.objects.update(confirmed_on=TODAY, confirmed_leaf=1, confirmed_by="无人")
    assert "decisions_copy" in {one.table for one in verify().faults}


def test_late_confirmations_are_told_to_the_credit_office() -> None:
    one = firm(TODAY - timedelta(days=150))
    granted(one, f"record:{one.record}")
    office, due = one.someone("credit_office"), copies.due(TODAY)
    Notice.objects.all().delete()
    assert copies.escalate(due) == 0
    assert copies.escalate(due + timedelta(days=1)) == 1
    assert Notice.objects.filter(user_id=number(office), action="repair.handle").count() == 1


def test_repair_too_early_is_refused_and_the_earliest_day_is_named() -> None:
    one = firm(date(2026, 9, 1))
    with pytest.raises(NotTaken) as refused:
        apply_for(
            f"record:{one.record}", "fulfilled", "罚款已缴", one.self, date(2026, 11, 25), commitment=True
        )
    assert problem(refused) == "repair_earliest"
    # three months of a general penalty, its first day not counted: to the end of 1 December
    assert "2026-12-02" in refused.value.problems[0].zh
    apply_for(f"record:{one.record}", "fulfilled", "罚款已缴", one.self, date(2026, 12, 2), commitment=True)


def test_what_is_serious_is_never_repaired_within_a_year() -> None:
    """吊销许可证件 of 10 April 2026: a year of publication ends with 10 April 2027."""
    one = firm(date(2026, 4, 10), kind="吊销许可证件")
    for day in (date(2026, 11, 25), date(2027, 4, 10)):
        with pytest.raises(NotTaken) as refused:
            apply_for(f"record:{one.record}", "fulfilled", "已整改", one.self, day, commitment=True)
        assert problem(refused) == "repair_earliest"
    assert granted(one, f"record:{one.record}", date(2027, 4, 11))


def test_reorganisation_waits_for_no_shortest_publication_but_for_a_ruling() -> None:
    one = firm(date(2026, 4, 10), kind="吊销许可证件")
    day = date(2026, 11, 25)
    with pytest.raises(NotTaken) as refused:
        apply_for(f"record:{one.record}", "reorganisation", "法院已裁定", one.self, day, commitment=True)
    assert problem(refused) == "repair_ruling"
    assert refused.value.problems[0].field == "proof"
    case = granted(one, f"record:{one.record}", day, ground="reorganisation", proof=RULING)
    assert Mark.objects.get(record_id=one.record).because == "bankruptcy"
    assert "破产重整" in paper(case, "repair_certificate")


def test_where_only_the_days_rule_repair_out_a_reorganisation_still_opens_it() -> None:
    """A serious penalty whose source ends its publication before a year has passed."""
    one = firm(date(2026, 4, 10), kind="吊销许可证件", CF_GSJZQ="2027-01-31")
    key, day = f"record:{one.record}", date(2026, 11, 25)
    with pytest.raises(NotTaken) as refused:
        apply_for(key, "fulfilled", "已整改", one.self, day, commitment=True)
    assert problem(refused) == "repair_open"
    assert granted(one, key, day, ground="reorganisation", proof=RULING)


def test_no_repair_without_a_commitment_or_proof() -> None:
    one = firm(TODAY - timedelta(days=150))
    with pytest.raises(NotTaken) as refused:
        apply_for(f"record:{one.record}", "fulfilled", " ", one.self, TODAY, commitment=False)
    assert {one.field for one in refused.value.problems} >= {"proof", "commitment"}


@pytest.mark.obligation("16.1a", "16.1c")
def test_an_entry_is_repaired_after_its_shortest_publication_and_its_measures_end_with_it() -> None:
    one = firm(date(2025, 9, 1))
    listing = listed(one, day=date(2025, 11, 3))
    key = f"case:{listing}"
    with pytest.raises(NotTaken) as refused:
        apply_for(key, "fulfilled", "已整改", one.self, date(2026, 11, 3), commitment=True)
    assert problem(refused) == "repair_earliest"
    earliest = Entry.objects.get(pk=listing).earliest_end
    assert earliest == date(2026, 11, 4)
    case = granted(one, key, date(2026, 11, 4))
    entry = Entry.objects.get(pk=listing)
    assert (entry.ended_on, entry.ended_by) == (date(2026, 11, 4), "removed")
    assert queries.case(listing).state == "removed"  # type: ignore[union-attr]
    assert not Case.objects.filter(
        procedure="measure", parent_id=listing, state__in=("assigned", "accepted", "executed")
    ).exists()
    assert queries.case(case).state == "granted"  # type: ignore[union-attr]


def test_a_repair_is_followed_only_when_the_measures_are_lifted_too() -> None:
    """A department that carried a measure out confirms that it is lifted, and then the case is closed."""
    one = firm(date(2025, 9, 1))
    province = note_organisation(code=None, name="福建省市场监督管理局", role="department", confirmed=True)
    listing = listed(one, day=date(2025, 11, 3))
    task = Case.objects.filter(procedure="measure", parent_id=listing).order_by("pk").first()
    assert task is not None
    acting = actor(person("department_officer", organisation=task.organisation or province))
    day = date(2025, 11, 4)
    take(task.pk, "accept", acting, day)
    done = {"feedback": "已列为重点监管对象", "executed_on": day.isoformat(), "execution_proof": "单号1"}
    take(task.pk, "execute", acting, day, done)
    day = date(2026, 11, 4)
    case = granted(one, f"case:{listing}", day)
    assert Case.objects.get(pk=task.pk).state == "lifting"
    assert not Case.objects.filter(procedure="measure", parent_id=listing, state="assigned").exists()
    for told in Copy.objects.filter(confirmed_on=None):
        copies.confirm(told.pk, actor(person("department_officer", organisation=told.organisation)), day)
    assert repairs.follow(day) == 0
    take(task.pk, "confirm_lifted", acting, day, {"feedback": "已解除", "execution_proof": "单号2"})
    assert repairs.follow(day) == 1
    assert Case.objects.get(pk=case).state == "followed"


def test_a_repaired_record_puts_the_listing_that_rests_on_it_in_question() -> None:
    one = firm(TODAY - timedelta(days=150))
    listing = listed(one)
    granted(one, f"record:{one.record}")
    assert Case.objects.get(pk=listing).state == "questioned"


def test_whoever_accepted_an_application_does_not_decide_on_it() -> None:
    one = firm(TODAY - timedelta(days=150))
    case = apply_for(f"record:{one.record}", "fulfilled", "罚款已缴", one.self, TODAY, commitment=True)
    both = one.someone("decision_maker", 5)
    twofold = type(both)(both.user, both.name, (*both.grants, *one.someone("department_officer", 5).grants))
    take(case, "accept", twofold, TODAY)
    with pytest.raises(NotTaken) as refused:
        take(case, "decide_grant", twofold, TODAY, {"reason": "同意"})
    assert problem(refused) == "case_another_person"


def test_a_refusal_says_why_when_to_ask_again_and_which_remedies_there_are() -> None:
    one = firm(TODAY - timedelta(days=150))
    case = accepted(one, f"record:{one.record}")
    take(case, "decide_refuse", one.someone("decision_maker"), TODAY, {"reason": "罚款尚未缴清"})
    words = paper(case, "repair_refusal")
    for told in ("罚款尚未缴清", day_words(TODAY + timedelta(days=1))[0], "60日内", "6个月内"):
        assert told in words
    assert Record.objects.get(pk=one.record).ended_on is None
    assert apply_for(
        f"record:{one.record}", "fulfilled", "已缴清", one.self, TODAY, commitment=True
    )  # it may be asked for again


def test_papers_asked_for_once_are_handed_in_and_count() -> None:
    one = firm(date(2026, 4, 10), kind="吊销许可证件")
    day = date(2026, 11, 25)
    case = apply_for(
        f"record:{one.record}", "reorganisation", "（2026）闽01破3号", one.self, day, commitment=True
    )
    take(case, "return", one.someone("credit_office"), day, {"reason": "请附裁定书"})
    assert Notice.objects.filter(user_id=number(one.self), url=f"/own/cases/{case}").count() == 1
    take(case, "complete", one.self, day, {"proof": RULING})
    assert RULING in repairs.applied(case)["proof"]


def test_what_its_authority_decides_is_not_repaired_here() -> None:
    one = firm(TODAY - timedelta(days=150))
    rule = "judgment_defaulter"
    case = open_case(
        Opening(
            "imported", f"import:{rule}:R{one.record}", one.subject, TODAY, rule=rule, region="350102",
            organisation=one.source.pk, records=(one.record,), facts={"reason": "法院认定"},
        ),
        SYSTEM, TODAY, by_system=True,
    )  # fmt: skip
    with pytest.raises(NotTaken) as refused:
        apply_for(f"case:{case}", "fulfilled", "已履行", one.self, TODAY, commitment=True)
    assert problem(refused) == "repair_open"
    assert "认定机关" in refused.value.problems[0].mend_zh


def test_overdue_work_is_told_to_the_office_in_charge_once_and_then_weekly() -> None:
    one = firm(TODAY - timedelta(days=150))
    case = apply_for(f"record:{one.record}", "fulfilled", "罚款已缴", one.self, TODAY, commitment=True)
    office, due = one.someone("credit_office"), Case.objects.get(pk=case).due_on
    assert due is not None
    Notice.objects.all().delete()
    for days, told in ((0, 0), (1, 1), (2, 1), (7, 1), (8, 2)):
        repairs.remind(due + timedelta(days=days))
        assert Notice.objects.filter(user_id=number(office)).count() == told, days
