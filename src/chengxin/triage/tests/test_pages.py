"""The pages of leads: what an officer sees and sends, what stays hidden, what a merchant reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import note_organisation
from chengxin.archive.tests.kept import new_uscc
from chengxin.audit.models import Access
from chengxin.ledger.models import Event
from chengxin.testing.signed import browser_of, person
from chengxin.testing.world import state_purpose
from chengxin.triage.models import Act, Capacity, Lead
from chengxin.triage.pages import queue
from chengxin.triage.tests import sample
from chengxin.triage.tests.world import Triage, prepared, take

RAW = (*sample.BUYERS, "dev-0", "dev-1", "addr-0", "ip-0", "c-1", "sender-1")
"""Ids of persons and of what is theirs, as the lake has them: none may stand on a page."""


@pytest.fixture(scope="module")
def triage(one_database: str, tmp_path_factory: pytest.TempPathFactory) -> Triage:
    """Leads that were taken."""
    return prepared(tmp_path_factory.mktemp("lake"))


@pytest.fixture
def officer(triage: Triage) -> Client:
    """An officer's browser."""
    return _browser("department_officer")


_months = count(1)


def fresh(triage: Triage) -> int:
    """A lead of its own for a test that decides on it: the subject's shop in another month."""
    month = f"2025-{next(_months):02}"
    one = sample.lead(
        "brushing", ("seller", "榕味海产旗舰店"), str(triage.platform.code), 0.4, [sample.BACK],
        window=(f"{month}-01", f"{month}-28"),
    )  # fmt: skip
    return take(sample.as_file([one])).leads[0]


def _browser(role: str, **given: object) -> Client:
    browser = browser_of(person(role, **given))  # type: ignore[arg-type]
    state_purpose(browser, role)
    return browser


def of(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


@pytest.mark.obligation("13f")
def test_one_screen_holds_the_question_the_evidence_the_twins_and_the_decision(
    triage: Triage, officer: Client
) -> None:
    ring = triage.lead("brushing", members=11)
    text = of(officer, f"/work/leads/{ring.pk}")
    for said in (
        "这11个账号和店铺是不是一伙刷单的", "9个买家共用3部设备", "先排除这些正常情况",
        "宿舍、单位、村里的团购", "谁和谁有关", "转账回", "包裹的时间", "先确认后签收", "<polyline",
        "质量很好，物流很快，下次还来",
        "12条，9人", "原始记录", "4,302.00元", "榕味海产旗舰店", triage.code, "立案前核查",
    ):  # fmt: skip
        assert said in text, said
    for detector, said in (("price_fraud", "此前七日最低售价"), ("look_alikes", "没有保存原始记录")):
        assert said in of(officer, f"/work/leads/{triage.lead(detector).pk}")
    english = Client(headers={"accept-language": "en"})
    english.cookies = officer.cookies
    text = of(english, f"/work/leads/{ring.pk}")
    assert "Are these 11 accounts and shops one brushing ring?" in text and "Rule these out first" in text


@pytest.mark.obligation("13d")
def test_persons_are_masked_on_the_page_and_in_the_graph(triage: Triage, officer: Client) -> None:
    ring = triage.lead("brushing", members=11)
    page = of(officer, f"/work/leads/{ring.pk}?table=orders")
    drawn = of(officer, f"/work/leads/{ring.pk}/ring.json")
    for raw in RAW:
        assert raw not in page and raw not in drawn, raw
    graph = orjson.loads(drawn)
    assert sorted({one["kind"] for one in graph["nodes"]}) == ["address", "buyer", "device", "ip", "shop"]
    back = [one for one in graph["edges"] if one["kind"] == "back"]
    assert len(back) == 18 and {one["yuan"] for one in back if one["target"] == "buyer1"} == {207.0}
    assert of(officer, "/work/leads").count(sample.BUYERS[0]) == 0


@pytest.mark.obligation("12.2a")
def test_a_look_asks_for_a_purpose_and_is_noted(triage: Triage) -> None:
    ring, alike = triage.lead("brushing", members=11), triage.lead("look_alikes")
    without = browser_of(person("department_officer"))
    for path in ("/work/leads", f"/work/leads/{ring.pk}", f"/work/leads/{ring.pk}/ring.json"):
        assert without.get(path)["Location"].startswith("/work/purpose?"), path
    of(_browser("auditor"), f"/work/leads/{ring.pk}")
    looks = Access.objects.filter(subject=triage.subject, what="lead", detail=str(ring.pk))
    assert looks.latest("id").role == "auditor"
    of(_browser("reviewer"), f"/work/leads/{alike.pk}")
    said = Event.objects.filter(kind="lead_looked").latest("id").body
    assert orjson.loads(said)["lead"] == str(alike.pk)


@pytest.mark.obligation("12.2a")
def test_whoever_serves_another_city_or_platform_finds_no_such_lead(triage: Triage) -> None:
    ring = triage.lead("brushing", members=11)
    other = note_organisation(code=new_uscc(), name="鹭岛集市", role="platform", confirmed=True)
    elsewhere = _browser("platform_compliance", organisation=other)
    for browser in (_browser("department_officer", region="350200"), elsewhere):
        assert browser.get(f"/work/leads/{ring.pk}").status_code == 404
        assert "榕味海产" not in of(browser, "/work/leads")
    own = _browser("platform_compliance", organisation=triage.platform)
    assert "榕味海产" in of(own, f"/work/leads/{ring.pk}")
    assert own.post(f"/work/leads/{ring.pk}", {"do": "watch"}).status_code == 403


def test_the_queue_narrows_pages_and_goes_on(
    triage: Triage, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = of(officer, "/work/leads")
    assert whole.index("这11个账号和店铺") < whole.index("rongvvei"), "the most worth looking at first"
    assert "今日清单" in whole
    for query, seen, unseen in (
        ("detector=price_fraud", "p-9", "rongvvei"), ("state=false_alarm", "没有符合条件", "rongvvei"),
        ("since=2026-04-01", "没有符合条件", "rongvvei"),
        ("until=2026-03-31&state=waiting", "rongvvei", "没有符合条件"),
    ):  # fmt: skip
        listed = of(officer, f"/work/leads?{query}").partition("线索列表")[2]
        assert seen in listed and unseen not in listed, query
    assert "没有这一页" in of(officer, "/work/leads?after=nowhere")
    monkeypatch.setattr(queue, "TABLE", replace(queue.TABLE, size=2))
    first = of(officer, "/work/leads").partition("线索列表")[2]
    following = (
        first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    )
    second = of(officer, following).partition("线索列表")[2]
    assert "这11个账号" in first and "这11个账号" not in second and "YT770000" in second
    rows = officer.get("/work/leads?format=csv").content.decode()
    assert (
        rows.count("\n") == 6
        and Access.objects.filter(what="export", detail__startswith="leads.csv").exists()
    )


def test_an_officer_decides_and_whoever_comes_second_keeps_what_was_typed(
    triage: Triage, officer: Client
) -> None:
    lead = fresh(triage)
    path = f"/work/leads/{lead}"
    assert "为什么是误报" in of(officer, f"{path}?do=false_alarm")
    wrong = officer.post(path, {"do": "false_alarm", "seen": "0"})
    assert wrong.status_code == 422 and "没有选择误报的理由" in wrong.content.decode()
    assert officer.post(path, {"do": "nonsense", "seen": "x"}).status_code == 400
    until = (timezone.localdate() + timedelta(days=9)).isoformat()
    answer = officer.post(path, {"do": "watch", "seen": "0", "until": until})
    assert answer.status_code == 302 and Lead.objects.get(pk=lead).state == "watching"
    late = officer.post(path, {"do": "false_alarm", "seen": "0", "reason": "twin", "words": "团购的宿舍楼"})
    assert late.status_code == 409
    text = late.content.decode()
    assert "刚刚已办理“继续观察”" in text and "团购的宿舍楼" in text
    assert "已办1条" in of(officer, "/work/leads")


@pytest.mark.obligation("17b")
def test_a_case_is_reached_from_the_lead(triage: Triage, officer: Client) -> None:
    lead = fresh(triage)
    officer.post(f"/work/leads/{lead}", {"do": "case", "seen": "0", "words": "货款全部转回买家"})
    case = Lead.objects.get(pk=lead).case_id
    assert f"/work/cases/{case}" in of(officer, f"/work/leads/{lead}")
    text = of(officer, f"/work/cases/{case}")
    assert "线索核查" in text and "货款全部转回买家" in text and "刷单炒信" in text


def test_an_office_sets_how_much_it_can_do_a_day(triage: Triage, officer: Client) -> None:
    for number, kept in (("3", 3), ("0", 3), ("viele", 3), ("501", 3)):
        assert officer.post("/work/leads/capacity", {"daily": number}).status_code == 302
        assert Capacity.objects.get().daily == kept
    text = of(officer, "/work/leads")
    assert "每日3条" in text and 1 <= text.count('<li><a href="/work/leads/') <= 3


@pytest.mark.obligation("5.2b")
def test_a_merchant_reads_the_hint_and_answers_the_question_on_its_own_page(
    triage: Triage, officer: Client
) -> None:
    lead = fresh(triage)
    merchant = browser_of(person("merchant", subject=triage.subject))
    path = f"/own/leads/{lead}"
    assert merchant.get(path).status_code == 404, "nothing was asked yet"
    officer.post(f"/work/leads/{lead}", {"do": "warn", "seen": "0"})
    assert "刷单炒信" in of(merchant, "/own")
    assert "虚构交易、编造评价为法律所禁止" in of(merchant, path)
    until = (timezone.localdate() + timedelta(days=9)).isoformat()
    officer.post(
        f"/work/leads/{lead}", {"do": "ask", "seen": "1", "until": until, "words": "请说明三月的转账"}
    )
    assert f"请在{until}以前答复" in of(merchant, "/own")
    text = of(merchant, path)
    assert "请说明三月的转账" in text and "不是处罚" in text
    assert not any(raw in text for raw in RAW), "who else is in the lead is nobody else's business"
    assert merchant.post(path, {"words": " "}).status_code == 422
    assert merchant.post(path, {"words": "员工内购，已停止"}).status_code == 302
    assert "已经收到" in of(merchant, path)
    assert "员工内购，已停止" in of(officer, f"/work/leads/{lead}")
    outside = of(_browser("platform_compliance", organisation=triage.platform), f"/work/leads/{lead}")
    assert "请商家说明" in outside and "请说明三月的转账" not in outside and "部门经办人甲" not in outside
    assert Act.objects.filter(lead=lead, kind="answer").get().role == "merchant"
    stranger = browser_of(person("merchant", subject=triage.subject + 1))
    assert stranger.get(path).status_code == 404


def test_the_models_precision_is_shown_by_month(triage: Triage, officer: Client) -> None:
    lead = fresh(triage)
    officer.post(f"/work/leads/{lead}", {"do": "case", "seen": "0", "words": "货款全部转回买家"})
    text = of(officer, "/work/leads").partition("模型说得准不准")[2]
    assert "100%" in text and " – 100%" in text and 'class="above"' in text and "60%" in text


def test_the_style_and_scripts_of_the_room_are_its_own_files() -> None:
    static = Path(__file__).parents[1] / "static" / "triage"
    assert (
        "http" not in (static / "ring.js").read_text() and "url(" not in (static / "triage.css").read_text()
    )
