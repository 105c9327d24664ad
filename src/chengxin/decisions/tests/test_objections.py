"""Objections: who may object to what, who answers, who decides, and what an upheld one mends."""

from __future__ import annotations

from datetime import date

import orjson
import pytest
from django.utils import timezone

from chengxin.accounts.permissions import Actor, Forbidden, Grant
from chengxin.archive import correcting
from chengxin.archive.models import Mark, Record
from chengxin.archive.queries import public_record
from chengxin.archive.tests.kept import new_uscc
from chengxin.cases import queries
from chengxin.cases.actions import NotTaken, take
from chengxin.cases.models import Case, Document
from chengxin.decisions import copies, objections
from chengxin.decisions.models import Copy, Entry
from chengxin.decisions.objections import object_to
from chengxin.decisions.tests.own_world import Firm, agency, firm, listed, number
from chengxin.desk.models import Notice
from chengxin.ledger.actions import appending
from chengxin.ledger.verify import verify
from chengxin.rulebook.suspension import Suspension
from chengxin.testing.signed import actor, person

pytestmark = pytest.mark.usefixtures("database")
TODAY = timezone.localdate()


def answered(one: Firm, key: str, *, stands: str = "no", today: date = TODAY) -> int:
    """An objection that the source has answered."""
    case = object_to(key, "本公司没有该行为，处罚决定书写错了名称", one.someone("code_holder"), today)
    take(case, "forward", one.someone("credit_office"), today)
    take(case, "answer", one.someone("department_officer", 3), today, {"stands": stands, "answer": "经核查"})
    return case


def decided(one: Firm, case: int, **facts: str) -> None:
    take(case, "decide_uphold", one.someone("decision_maker"), TODAY, {"reason": "确有错误"} | facts)


def problem(found: pytest.ExceptionInfo[NotTaken]) -> str:
    return found.value.problems[0].rule


def sound() -> bool:
    """The ledger holds; the batch of records that no file brought is none of it."""
    return {one.table for one in verify().faults} <= {"exchange_batch"}


def paper(case: int, kind: str) -> str:
    """The words of a document."""
    body = orjson.loads(Document.objects.get(case_id=case, kind=kind).body)
    return "\n".join([body["title"], *body["paragraphs"], *(one["value"] for one in body["rows"])])


def test_a_contested_record_is_marked_at_once_and_stays_published() -> None:
    one = firm()
    object_to(f"record:{one.record}", "金额写错", one.self, TODAY)
    assert Record.objects.get(pk=one.record).contested
    assert public_record(one.record, TODAY) is not None
    assert Notice.objects.count() == 0  # nobody of the credit office is there yet
    assert Case.objects.get(procedure="objection").organisation_id == one.source.pk


def test_the_office_in_charge_and_the_source_are_told() -> None:
    one = firm()
    office, source = one.someone("credit_office"), one.someone("department_officer", 3)
    case = object_to(f"record:{one.record}", "金额写错", one.self, TODAY)
    assert Notice.objects.get(user_id=number(office)).url == f"/work/cases/{case}"
    take(case, "forward", office, TODAY)
    assert Notice.objects.filter(user_id=number(source), action="objection.answer").count() == 1


@pytest.mark.obligation("13d")
def test_an_upheld_objection_corrects_the_record_and_says_what_changed() -> None:
    one = firm()
    case = answered(one, f"record:{one.record}")
    decided(one, case, remedy="correct", corrections="CF_NR=罚款人民币2万元\nCF_NR_FK＝2.000000")
    new = Record.objects.get(refers_to_id=one.record)
    assert new.operation == "correction"
    assert orjson.loads(new.payload)["CF_NR"] == "罚款人民币2万元"
    assert not new.contested
    assert not Record.objects.get(pk=one.record).contested
    assert public_record(one.record, TODAY) is None
    shown = public_record(new.pk, TODAY)
    assert shown is not None
    assert "罚款人民币2万元".encode() in orjson.dumps(orjson.loads(shown))
    told = paper(case, "objection_changes")
    assert "罚款人民币20万元 → 罚款人民币2万元" in told
    assert f"更正记录第{new.pk}号" in told
    assert "异议成立" in paper(case, "objection_decision")
    assert sound()


def test_an_upheld_objection_takes_the_record_back_and_puts_the_listing_in_question() -> None:
    one = firm()
    listing = listed(one)
    case = answered(one, f"record:{one.record}")
    decided(one, case, remedy="withdraw")
    assert public_record(one.record, TODAY) is None
    assert Record.objects.get(refers_to_id=one.record).operation == "withdrawal"
    assert Case.objects.get(pk=listing).state == "questioned"
    assert f"第{listing}号）已提请复核" in paper(case, "objection_changes")


@pytest.mark.obligation("16.1a")
def test_an_upheld_objection_to_a_decision_annuls_it_and_ends_the_entry_the_same_moment() -> None:
    one = firm()
    listing = listed(one)
    case = answered(one, f"case:{listing}")
    assert objections.contested([listing]) == {listing}
    assert Entry.objects.get(pk=listing).ended_on is None
    decided(one, case, remedy="annul")
    entry = Entry.objects.get(pk=listing)
    assert (entry.ended_on, entry.ended_by) == (TODAY, "annulled")
    assert queries.case(listing).state == "annulled"  # type: ignore[union-attr]
    assert objections.contested([listing]) == frozenset()
    assert "该决定已撤销" in paper(case, "objection_changes")
    assert sound()


def test_a_refused_objection_leaves_the_record_as_it_was_and_names_the_remedies() -> None:
    one = firm()
    case = answered(one, f"record:{one.record}", stands="yes")
    take(case, "decide_refuse", one.someone("decision_maker"), TODAY, {"reason": "处罚属实"})
    record = Record.objects.get(pk=one.record)
    assert not record.contested
    assert public_record(one.record, TODAY) is not None
    assert "60日内" in paper(case, "objection_decision")
    assert "属实" in paper(case, "objection_decision")
    assert Notice.objects.filter(user_id=number(one.self)).count() == 0  # the code's holder has no desk


def test_the_subject_withdraws_its_objection() -> None:
    one = firm()
    case = object_to(f"record:{one.record}", "金额写错", one.self, TODAY)
    take(case, "withdraw", one.self, TODAY)
    assert not Record.objects.get(pk=one.record).contested
    assert [one.kind for one in Mark.objects.order_by("pk")] == ["contested", "settled"]


def test_nobody_objects_for_another() -> None:
    one = firm()
    stranger = Actor(None, "他人", (Grant("code_holder", subject=one.subject + 10_000),))
    with pytest.raises(Forbidden):
        object_to(f"record:{one.record}", "与我无关", stranger, TODAY)
    with pytest.raises(Forbidden):
        object_to(f"record:{one.record}", "代为提出", one.someone("credit_office"), TODAY)
    assert not Case.objects.exists()


def test_the_one_who_answered_for_the_source_does_not_decide() -> None:
    one = firm()
    case = object_to(f"record:{one.record}", "金额写错", one.self, TODAY)
    both = one.someone("decision_maker", 5)
    twofold = Actor(both.user, both.name, (*both.grants, *one.someone("department_officer", 5).grants))
    take(case, "forward", one.someone("credit_office"), TODAY)
    take(case, "answer", twofold, TODAY, {"stands": "yes", "answer": "属实"})
    with pytest.raises(NotTaken) as refused:
        take(case, "decide_refuse", twofold, TODAY, {"reason": "属实"})
    assert problem(refused) == "case_another_person"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"remedy": "annul"}, "remedy"),
        ({"remedy": "done"}, "remedy"),
        ({"remedy": "correct"}, "corrections"),
        ({"remedy": "correct", "corrections": "罚款写错了"}, "corrections"),
        ({"remedy": "correct", "corrections": "CF_NO_SUCH=1"}, "corrections"),
        ({"remedy": "correct", "corrections": "CF_JDRQ=2026-02-30"}, "corrections"),
        ({"remedy": "correct", "corrections": "CF_NR=罚款人民币20万元"}, "corrections"),
        ({"remedy": "correct", "corrections": f"CF_XDR_SHXYM={new_uscc()}"}, "corrections"),
    ],
)
def test_a_remedy_that_does_not_fit_is_refused_and_nothing_is_changed(
    facts: dict[str, str], field: str
) -> None:
    one = firm()
    case = answered(one, f"record:{one.record}")
    with pytest.raises(NotTaken) as refused:
        decided(one, case, **facts)
    assert refused.value.problems[0].field == field
    assert refused.value.problems[0].mend_zh
    assert Record.objects.count() == 1
    assert Case.objects.get(pk=case).state == "answered"


def test_a_decision_is_not_corrected_like_a_record() -> None:
    one = firm()
    case = answered(one, f"case:{listed(one)}")
    with pytest.raises(NotTaken) as refused:
        decided(one, case, remedy="withdraw")
    assert problem(refused) == "objection_remedy"


def test_what_has_ended_or_is_not_there_is_no_matter_for_an_objection() -> None:
    one = firm()
    case = answered(one, f"record:{one.record}")
    decided(one, case, remedy="withdraw")
    for key, rule in ((f"record:{one.record}", "objection_stands"),):
        with pytest.raises(NotTaken) as refused:
            object_to(key, "仍有异议", one.self, TODAY)
        assert problem(refused) == rule
    for key in ("record:999999", "case:999999", "nothing", "record:x"):
        with pytest.raises((NotTaken, Forbidden)):
            object_to(key, "不存在", one.self, TODAY)


def test_two_objections_to_one_record_are_not_open_at_once() -> None:
    one = firm()
    object_to(f"record:{one.record}", "金额写错", one.self, TODAY)
    with pytest.raises(NotTaken) as refused:
        object_to(f"record:{one.record}", "再说一次", one.self, TODAY)
    assert problem(refused) == "case_once"


@pytest.mark.obligation("12.1d", "16.1a")
def test_whoever_decides_may_stop_the_publication_meanwhile_and_it_goes_on_after_a_refusal() -> None:
    one = firm()
    agency()
    listing = listed(one)
    case = answered(one, f"case:{listing}")
    take(case, "suspend", one.someone("decision_maker"), TODAY, {"reason": "继续公示可能造成重大损害"})
    assert Entry.objects.get(pk=listing).suspended
    assert told_of(f"case:{listing}") == ["suspended"]
    take(case, "decide_refuse", one.someone("decision_maker"), TODAY, {"reason": "决定正确"})
    assert not Entry.objects.get(pk=listing).suspended
    assert Case.objects.get(pk=listing).state == "published"
    assert told_of(f"case:{listing}") == ["suspended", "resumed"]
    assert sound()


def test_an_upheld_objection_to_a_suspended_entry_annuls_it_without_showing_it_again() -> None:
    one = firm()
    agency()
    listing = listed(one)
    case = answered(one, f"case:{listing}")
    take(case, "suspend", one.someone("decision_maker"), TODAY, {"reason": "继续公示可能造成重大损害"})
    decided(one, case, remedy="annul")
    assert Case.objects.get(pk=listing).state == "annulled"
    assert set(told_of(f"case:{listing}")) == {"suspended", "annulled"}


def test_a_stopped_record_is_not_shown_until_the_objection_is_decided() -> None:
    one = firm()
    case = answered(one, f"record:{one.record}")
    take(case, "suspend", one.someone("decision_maker"), TODAY, {"reason": "可能造成重大损害"})
    assert public_record(one.record, TODAY) is None
    take(case, "decide_refuse", one.someone("decision_maker"), TODAY, {"reason": "属实"})
    assert public_record(one.record, TODAY) is not None
    first, last = Copy.objects.order_by("pk")
    assert (first.what, last.what) == ("suspended", "resumed")
    copies.confirm(last.pk, actor(person("department_officer", organisation=one.source)), TODAY)
    assert copies.updated(f"record:{one.record}"), "whoever confirmed the last has confirmed what came before"
    assert sound()


def told_of(key: str) -> list[str]:
    """What was told of something, a word for each organisation."""
    return list(Copy.objects.filter(key=key).order_by("pk").values_list("what", flat=True))


def test_where_the_law_says_so_the_filing_itself_stops_the_publication(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = Suspension(
        "record", "filing", "fjpub", "", date(2015, 10, 1), "design", "依法停止", "stopped by law"
    )
    monkeypatch.setattr(objections, "suspension", lambda about, on: rule)
    one = firm()
    case = object_to(f"record:{one.record}", "金额写错", one.self, TODAY)
    assert public_record(one.record, TODAY) is None
    take(case, "withdraw", one.self, TODAY)
    assert public_record(one.record, TODAY) is not None


@pytest.mark.obligation("12.1d")
def test_whoever_may_hold_a_copy_is_told_of_an_upheld_objection() -> None:
    one = firm()
    case = answered(one, f"record:{one.record}")
    decided(one, case, remedy="withdraw")
    told = Copy.objects.get()
    assert (told.key, told.what, told.organisation_id) == (f"record:{one.record}", "withdrawn", one.source.pk)


def test_an_objection_not_taken_up_says_why_and_ends_the_mark() -> None:
    one = firm()
    case = object_to(f"record:{one.record}", "不服", one.self, TODAY)
    take(case, "refuse_to_hear", one.someone("credit_office"), TODAY, {"reason": "没有说明何处有误"})
    assert not Record.objects.get(pk=one.record).contested
    assert "没有说明何处有误" in paper(case, "objection_not_heard")
    assert Notice.objects.filter(user_id=number(one.self), url=f"/own/cases/{case}").count() == 1


def test_what_its_source_has_mended_meanwhile_needs_no_second_correction() -> None:
    one = firm()
    case = answered(one, f"record:{one.record}")
    with appending() as log:
        correcting.withdraw(log, one.record, on=TODAY, by="来源单位", case=None, reason="自行更正")
    decided(one, case, remedy="done")
    assert Case.objects.get(pk=case).state == "upheld"
    assert "来源单位已自行纠正" in paper(case, "objection_changes")
