"""The subject's own pages: all that is pending or decided, in plain words, every remedy, nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.archive.models import Record
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.archive.tests.staff import opened
from chengxin.cases.actions import Opening, open_case, take
from chengxin.cases.models import Case, Document
from chengxin.decisions import copies
from chengxin.decisions.models import Copy
from chengxin.decisions.objections import object_to
from chengxin.decisions.repairs import apply_for
from chengxin.decisions.tests.own_world import Firm, firm, listed
from chengxin.ledger.actions import appending
from chengxin.testing.signed import browser_of, person

pytestmark = pytest.mark.usefixtures("database")
TODAY = timezone.localdate()


def holder(one: Firm) -> Client:
    """The browser of somebody who came with the code on paper."""
    return browser_of(subject=one.subject)


def stranger() -> Client:
    with appending() as log:
        other = Kept(log).subject("厦门鹭岛茶叶贸易有限公司", new_uscc(), region="350203")
    return browser_of(subject=other)


def notified(one: Firm) -> int:
    """The firm was told that it may be listed."""
    case = open_case(
        Opening(
            "listing", f"list:serious_violation:S{one.subject}", one.subject, TODAY, rule="serious_violation",
            region="350102", facts={"reason": "受到较重行政处罚", "records": str(one.record)},
            records=(one.record,),
        ),
        one.someone("department_officer"), TODAY,
    )  # fmt: skip
    take(case, "review", one.someone("reviewer"), TODAY, {"opinion": "内部审核意见甲"})
    served = {"service_method": "direct", "service_proof": "回证1号", "served_on": TODAY.isoformat()}
    take(case, "give_notice", one.someone("department_officer"), TODAY, served)
    return case


def sent(browser: Client, address: str, **form: str) -> str:
    """Send a form that must be taken; returns where it leads."""
    response = browser.post(address, form)
    assert response.status_code == 302, response.content.decode()[:2000]
    return str(response["Location"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_notice_is_told_in_plain_words_with_the_last_day_to_answer(language: str) -> None:
    one = firm()
    case = notified(one)
    page = opened(holder(one), f"/own/cases/{case}", language=language)
    assert ("尚未决定" if language == "zh" else "nothing is decided yet") in page
    due = Case.objects.get(pk=case).due_on
    assert f"{'最后一日：' if language == 'zh' else 'Last day: '}{due}" in page
    for step in ("make_statement", "ask_hearing", "waive"):
        assert f"/own/cases/{case}/{step}" in page
    assert f"#record-{one.record}" in page
    assert "内部审核意见甲" not in page
    assert one.someone("reviewer").name not in page
    assert one.someone("department_officer").name not in page


def test_nothing_is_shown_of_a_listing_before_its_notice() -> None:
    one = firm()
    case = open_case(
        Opening(
            "listing", f"list:serious_violation:S{one.subject}", one.subject, TODAY, rule="serious_violation",
            region="350102", facts={"reason": "受到较重行政处罚", "records": str(one.record)},
        ),
        one.someone("department_officer"), TODAY,
    )  # fmt: skip
    browser = holder(one)
    assert browser.get(f"/own/cases/{case}").status_code == 404
    assert f"/own/cases/{case}" not in opened(browser, "/own/cases")
    assert browser.get(f"/own/object?about=case:{case}").status_code == 404


def test_whoever_holds_a_code_on_paper_makes_a_statement_and_asks_for_a_hearing() -> None:
    one = firm()
    case, browser = notified(one), holder(one)
    opened(browser, f"/own/cases/{case}/make_statement")
    told = {"seen": str(Case.objects.get(pk=case).steps), "statement": "处罚已经撤销"}
    sent(browser, f"/own/cases/{case}/make_statement", **told)
    assert "处罚已经撤销" in opened(browser, f"/own/cases/{case}")
    told = {"seen": str(Case.objects.get(pk=case).steps), "statement": "请求听证"}
    sent(browser, f"/own/cases/{case}/ask_hearing", **told)
    assert Case.objects.get(pk=case).state == "hearing"


def test_a_form_that_was_overtaken_is_told_so_and_nothing_is_taken() -> None:
    one = firm()
    case, browser = notified(one), holder(one)
    seen = Case.objects.get(pk=case).steps
    sent(browser, f"/own/cases/{case}/make_statement", seen=str(seen), statement="第一次")
    late = browser.post(f"/own/cases/{case}/make_statement", {"seen": str(seen), "statement": "第二次"})
    assert late.status_code == 409
    assert Case.objects.get(pk=case).steps == seen + 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_objecting_from_ones_own_page(language: str) -> None:
    one = firm()
    browser = holder(one)
    assert f"/own/object?about=record:{one.record}" in opened(browser, "/own", language=language)
    opened(browser, f"/own/object?about=record:{one.record}", language=language)
    empty = browser.post("/own/object", {"about": f"record:{one.record}", "statement": " "})
    assert empty.status_code == 422
    where = sent(browser, "/own/object", about=f"record:{one.record}", statement="处罚对象不是本公司")
    page = opened(browser, where, language=language)
    assert "处罚对象不是本公司" in page
    assert Record.objects.get(pk=one.record).contested
    again = browser.get(f"/own/object?about=record:{one.record}")
    assert again["Location"] == where


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_upheld_objection_says_on_the_page_what_changed(language: str) -> None:
    one = firm()
    case = object_to(f"record:{one.record}", "金额写错", one.self, TODAY)
    take(case, "forward", one.someone("credit_office"), TODAY)
    take(case, "answer", one.someone("department_officer", 2), TODAY, {"stands": "no", "answer": "写错"})
    facts = {"reason": "写错", "remedy": "correct", "corrections": "CF_NR=罚款人民币2万元"}
    take(case, "decide_uphold", one.someone("decision_maker"), TODAY, facts)
    page = opened(holder(one), f"/own/cases/{case}", language=language)
    assert "罚款人民币20万元 → 罚款人民币2万元" in page
    for paper in Document.objects.filter(case_id=case):
        opened(holder(one), f"/own/cases/{case}/documents/{paper.pk}", language=language)
    assert Document.objects.filter(case_id=case).count() == 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_repair_shows_its_conditions_and_the_earliest_day(language: str) -> None:
    one = firm()
    page = opened(holder(one), f"/own/repair?about=record:{one.record}", language=language)
    assert ("尚未满足" if language == "zh" else "Not met yet") in page
    early = holder(one).post(
        "/own/repair",
        {"about": f"record:{one.record}", "ground": "fulfilled", "proof": "罚款已缴", "commitment": "1"},
    )
    assert early.status_code == 422
    assert not Case.objects.filter(procedure="repair").exists()


def test_a_repair_from_the_application_to_the_certificate_that_anybody_can_verify() -> None:
    one = firm(TODAY - timedelta(days=150))
    browser = browser_of(person("merchant", subject=one.subject))
    assert f"/own/repair?about=record:{one.record}" in opened(browser, "/own")
    where = sent(
        browser, "/own/repair", about=f"record:{one.record}", ground="fulfilled", proof="罚款已缴",
        commitment="1",
    )  # fmt: skip
    case = int(where.rsplit("/", 1)[1])
    take(case, "accept", one.someone("credit_office"), TODAY)
    take(case, "decide_grant", one.someone("decision_maker"), TODAY, {"reason": "已履行"})
    paper = Document.objects.get(case_id=case, kind="repair_certificate")
    page = opened(browser, f"/own/cases/{case}/documents/{paper.pk}")
    assert paper.number in page
    digits = page.split("核对校验码 <code>")[1].split("</code>")[0]
    public = opened(Client(), f"/certificates?number={paper.number}")
    assert digits in public
    assert "福州刷量" not in public
    assert digits not in opened(Client(), "/certificates?number=闽电信修证〔2026〕1号")
    assert "福州市市场监督管理局" in opened(browser, f"/own/cases/{case}")  # its copy is not confirmed yet


def test_a_stranger_sees_nothing_and_does_nothing() -> None:
    one = firm(TODAY - timedelta(days=150))
    listing = listed(one)
    case = object_to(f"record:{one.record}", "金额写错", one.self, TODAY)
    browser = stranger()
    for path in (
        f"/own/cases/{listing}", f"/own/cases/{case}", f"/own/cases/{case}/withdraw",
        f"/own/object?about=record:{one.record}", f"/own/object?about=case:{listing}",
        f"/own/repair?about=record:{one.record}", f"/own/repair?about=case:{listing}",
        "/own/cases/999999999", f"/own/cases/{case}/documents/1", "/own/object?about=nothing",
    ):  # fmt: skip
        assert browser.get(path).status_code == 404, path
        assert Client().get(path).status_code == 302, path
    posted = {"about": f"record:{one.record}", "statement": "冒充"}
    assert browser.post("/own/object", posted).status_code == 404
    assert browser.post(f"/own/cases/{case}/withdraw", {"seen": "1"}).status_code == 404
    assert opened(browser, "/own/cases").count("/own/cases/") == 0
    assert Case.objects.get(pk=case).state == "received"


def test_whoever_acts_for_a_firm_acts_for_what_was_merged_into_it() -> None:
    one, other = firm(), firm(CF_WSH="榕市监罚〔2026〕0002号")
    case = object_to(f"record:{other.record}", "金额写错", other.self, TODAY)
    with appending() as log:
        Kept(log).merged(other.subject, one.subject)
    browser = holder(one)
    opened(browser, f"/own/cases/{case}")
    sent(browser, f"/own/cases/{case}/withdraw", seen="1")
    assert Case.objects.get(pk=case).state == "withdrawn"
    sent(browser, "/own/object", about=f"record:{other.record}", statement="再次提出")


def test_an_organisation_confirms_on_its_page_what_it_was_told() -> None:
    one = firm(TODAY - timedelta(days=150))
    case = apply_for(f"record:{one.record}", "fulfilled", "罚款已缴", one.self, TODAY, commitment=True)
    take(case, "accept", one.someone("credit_office"), TODAY)
    take(case, "decide_grant", one.someone("decision_maker"), TODAY, {"reason": "已履行"})
    browser = browser_of(person("department_officer", organisation=one.source))
    for language in ("zh", "en"):
        assert str(one.record) in opened(browser, "/work/changes", language=language)
    told = Copy.objects.get()
    elsewhere = browser_of(person("credit_agency"))
    assert elsewhere.post("/work/changes", {"id": str(told.pk)}).status_code == 403
    assert browser.post("/work/changes", {"id": "x"}).status_code == 404
    sent(browser, "/work/changes", id=str(told.pk))
    assert copies.updated(f"record:{one.record}")
    opened(browser, "/work/changes")
