"""Pages of joint measures: one's own tasks and nobody else's, taking steps, figures, admission, the why."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chengxin.accounts.permissions import Reach
from chengxin.archive.tests.kept import new_uscc
from chengxin.cases.actions import take
from chengxin.design.words import cited
from chengxin.measures import figures
from chengxin.measures.tests.decided import Installation, installation, listed, stands, tasks
from chengxin.rulebook.measures import measures
from chengxin.testing.signed import browser_of, person


@pytest.fixture
def here(database: str) -> Installation:
    """Actors, a merchant with a shop on one platform, a carrier."""
    return installation()


def platform_browser(here: Installation) -> Client:
    return browser_of(person("platform_compliance", organisation=here.platform))


def office_browser(here: Installation) -> Client:
    return browser_of(person("credit_office", organisation=here.office))


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.obligation("16.2b")
def test_a_platform_sees_its_own_tasks_and_never_anothers(here: Installation) -> None:
    entry, _ = listed(here, "brushing", here.merchant, here.record)
    mine = next(one for one in tasks(entry) if one.rule == "platform_downgrade")
    other = next(one for one in tasks(entry) if one.organisation_id == here.other.pk)
    browser = platform_browser(here)
    page = text(browser.get("/work/measures"))
    assert f"/work/measures/{mine.pk}" in page
    assert f"/work/measures/{other.pk}" not in page
    assert browser.get(f"/work/measures/{mine.pk}").status_code == 200
    assert browser.get(f"/work/measures/{other.pk}").status_code == 404
    post = {"step": "accept", "seen": "1"}
    assert browser.post(f"/work/measures/{other.pk}", post).status_code == 404
    assert stands(other.pk).state == "assigned"
    everybody = text(office_browser(here).get("/work/measures"))
    assert f"/work/measures/{mine.pk}" in everybody and f"/work/measures/{other.pk}" in everybody


def test_filters_narrow_the_list(here: Installation) -> None:
    entry, _ = listed(here, "brushing", here.merchant, here.record)
    browser = office_browser(here)
    wanted = next(one for one in tasks(entry) if one.rule == "finance_weigh")
    for query, shown in (
        ("measure=finance_weigh", True),
        ("measure=platform_expose", False),
        ("state=executed", False),
        ("list=brushing&actor=闽付通", True),
        ("list=express_dishonest", False),
        ("overdue=yes", True),
    ):
        assert (f"/work/measures/{wanted.pk}" in text(browser.get(f"/work/measures?{query}"))) is shown, query
    file = text(browser.get("/work/measures?measure=finance_weigh&format=csv"))
    assert "闽付通支付" in file


@pytest.mark.obligation("16.2b")
def test_a_task_is_accepted_and_its_execution_reported_on_its_page(here: Installation) -> None:
    entry, _ = listed(here, "brushing", here.merchant, here.record)
    mine = next(one for one in tasks(entry) if one.rule == "platform_downgrade")
    browser, address = platform_browser(here), f"/work/measures/{mine.pk}"
    assert "签收" in text(browser.get(address))
    assert browser.post(address, {"step": "accept", "seen": "1"}).status_code == 303
    wrong = browser.post(address, {"step": "execute", "seen": "2", "feedback": "已降级"})
    assert wrong.status_code == 422 and "执行凭证" in text(wrong)
    done = {
        "step": "execute", "seen": "2", "feedback": "由A级降为C级", "execution_proof": "工单77",
        "executed_on": timezone.localdate().isoformat(),
    }  # fmt: skip
    assert browser.post(address, done).status_code == 303
    page = text(browser.get(address))
    assert "由A级降为C级" in page and "工单77" in page
    assert stands(mine.pk).state == "executed"
    assert browser.post(address, {"step": "accept", "seen": "1"}).status_code == 303, (
        "it is too late for that"
    )


def test_a_refusal_is_answered_by_the_credit_office(here: Installation) -> None:
    entry, _ = listed(here, "brushing", here.merchant, here.record)
    mine = next(one for one in tasks(entry) if one.rule == "platform_downgrade")
    address = f"/work/measures/{mine.pk}"
    platform_browser(here).post(address, {"step": "refuse", "seen": "1", "reason": "该店铺已注销"})
    assert stands(mine.pk).state == "refused"
    office = office_browser(here)
    assert "该店铺已注销" in text(office.get(address))
    office.post(address, {"step": "excuse", "seen": "2", "reason": "情况属实"})
    assert stands(mine.pk).state == "excused"


def test_many_tasks_are_accepted_with_one_form(here: Installation) -> None:
    entry, _ = listed(here, "brushing", here.merchant, here.record)
    browser = platform_browser(here)
    browser.post("/work/measures/accept", {"measure": "platform_downgrade"})
    mine = [one for one in tasks(entry) if one.organisation_id == here.platform.pk]
    assert {one.state for one in mine if one.rule == "platform_downgrade"} == {"accepted"}
    assert {one.state for one in mine if one.rule != "platform_downgrade"} == {"assigned"}
    browser.post("/work/measures/accept", {"measure": ""})
    every = tasks(entry)
    assert {one.state for one in every if one.organisation_id == here.platform.pk} == {"accepted"}
    assert {one.state for one in every if one.organisation_id != here.platform.pk} == {"assigned"}


def test_figures_say_what_was_done_in_time_and_where_nobody_is_known(here: Installation) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record, measures="industry_ban no_office")
    mine = next(one for one in tasks(entry) if one.rule == "platform_downgrade")
    officer = here.officer(here.platform)
    take(mine.pk, "accept", officer, today)
    take(
        mine.pk, "execute", officer, today,
        {"feedback": "已降级", "executed_on": today.isoformat(), "execution_proof": "工单77"},
    )  # fmt: skip
    lines = figures.figures(Reach(everything=True), today)
    one = next(line.figures for line in lines if line.measure == "platform_downgrade")
    assert (one.assigned, one.accepted, one.accepted_in_time, one.executed, one.median_days) == (
        1,
        1,
        1,
        1,
        0,
    )
    assert figures.total(lines).assigned == len(tasks(entry))
    own = figures.figures(Reach(organisations=(here.platform.pk,)), today)
    assert {line.actor for line in own} == {here.platform.pk}
    nobody = figures.nobody_known(today)
    assert nobody["procurement_ban"] == 1, "no finance department is known here"
    assert "sampling_up" not in nobody and "no_office" not in nobody
    page = text(office_browser(here).get("/work/measures/figures"))
    assert "降低信用等级" in page
    assert "榕城优选电子商务平台" in text(office_browser(here).get("/work/measures/figures?format=csv"))


@pytest.mark.obligation("7e")
def test_the_admission_page_says_whether_and_why_not(here: Installation) -> None:
    listed(here, "express_dishonest", here.carrier, here.carrier_record)
    browser = platform_browser(here)
    refused = text(browser.post("/work/admission", {"code": here.carrier_code}))
    assert "不得准予入驻" in refused and "限制寄递企业入驻电商平台" in refused
    assert "可以入驻" in text(browser.post("/work/admission", {"code": here.merchant_code}))
    assert browser.post("/work/admission", {"code": new_uscc()}).status_code == 404
    assert browser.post("/work/admission", {"code": "!!"}).status_code == 422
    assert office_browser(here).get("/work/admission").status_code == 403


def test_a_list_of_codes_is_answered_with_a_file(here: Installation) -> None:
    listed(here, "express_dishonest", here.carrier, here.carrier_record)
    browser = platform_browser(here)
    content = f"代码,备注\n{here.carrier_code},甲\n{here.merchant_code}\n!!\n"
    for encoding in ("utf-8-sig", "gb18030"):
        file = SimpleUploadedFile("codes.csv", content.encode(encoding))
        answer = browser.post("/work/admission", {"list": "1", "codes": file})
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [row[2] for row in rows[1:]] == ["不得准予入驻", "可以入驻", "代码有误"]
    many = SimpleUploadedFile("codes.csv", b"91350102MA2XAB0130\n" * 1001)
    assert browser.post("/work/admission", {"list": "1", "codes": many}).status_code == 422
    assert browser.post("/work/admission", {"list": "1"}).status_code == 422


@pytest.mark.obligation("16.1a")
def test_anybody_follows_a_consequence_down_to_its_record_and_proof(here: Installation) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record)
    address = f"/subjects/{here.merchant_code}/why"
    page = text(Client().get(address))
    assert "刷单" in page or "刷量" in page
    assert f"/records/{here.record}" in page and f"/api/v1/records/{here.record}/proof" in page
    assert "鹭岛集市" not in page, "what a single actor has to do isn't public"
    assert page.count('<ol class="chain">') == 2, "one chain a decision, one a publication"
    assert (
        "降低信用等级" in page and "《电子商务法》第39条" in page and f"/decisions/{entry}/proof.json" in page
    )
    take(entry, "revoke", here.cast.someone("decision_maker", 900), today, {"reason": "事实不清"})
    page = text(Client().get(address))
    assert page.count('<ol class="chain">') == 1 and "降低信用等级" not in page
    assert Client().get(f"/subjects/{new_uscc()}/why").status_code == 404


@pytest.mark.obligation("16.1b", "16.1d", "16.2a")
def test_anybody_reads_which_measures_there_are_by_which_law_and_who_acts(database: str) -> None:
    page = text(Client().get("/measures"))
    today = timezone.localdate()
    for one in measures(today):
        row = page.partition(f'<tr id="{one.id}">')[2].partition("</tr>")[0]
        basis = one.law(today)
        assert one.name_zh in row and one.effect_zh in row and one.actor_zh in row and one.ends[0] in row
        assert cited(basis.law, basis.article) in row
        assert ("只在决定本身载明时" in row) is one.ordered
    assert "style=" not in page
    english = text(Client().get("/measures", headers={"Accept-Language": "en"}))
    assert "Catalogue of joint measures" in english and "only where the decision itself says so" in english
