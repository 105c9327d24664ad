"""The whole life of an entry, through the pages alone: from the file that an officer sends until it is gone.

Every step is taken by the person whose part it is; the firm acts by the access code that it was served.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from chengxin.archive.tests.kept import new_uscc
from chengxin.rulebook import catalogue
from chengxin.rulebook.template import example_row
from tests.browser.test_walks import as_csv, penalties, send
from tests.browser.visiting import Visits, press, state_purpose

pytestmark = pytest.mark.takes_long


@dataclass
class Life:
    """A firm, and the pages in which everybody acts on it."""

    visits: Visits
    code: str
    name: str

    def __post_init__(self) -> None:
        self.pages: dict[str, Page] = {}

    def page(self, who: str) -> Page:
        """The page of somebody, the same one each time; "firm": the holder of its access code."""
        if who not in self.pages:
            self.pages[who] = self._firm() if who == "firm" else self.visits.page(who)
        return self.pages[who]

    def _firm(self) -> Page:
        officer = self.page("department_officer")
        self.open(officer, f"/work/subjects/{self.code}")
        officer.once("dialog", lambda asked: asked.accept())
        officer.locator("form[action$='/door-code'] button").first.click()
        shown = officer.inner_text(".code-of").strip()
        page = self.visits.page()
        page.goto("/door")
        page.fill("[name=code]", shown)
        press(page)
        page.wait_for_url("**/own")
        return page

    def open(self, page: Page, address: str) -> None:
        """Go there, by way of the purpose where one is asked."""
        page.goto(address)
        if "/work/purpose" in page.url:
            state_purpose(page, "办理名单事项")
            page.wait_for_url(f"**{address}")

    def fill(self, page: Page, facts: dict[str, str]) -> None:
        """Fill a form in by the names of its fields."""
        for name, value in facts.items():
            field = page.locator(f"main [name={name}]").first
            match (field.evaluate("e => e.tagName"), field.get_attribute("type")):
                case ("SELECT", _):
                    field.select_option(value)
                case (_, "radio"):
                    page.locator(f"main [name={name}][value={value}]").check()
                case (_, "checkbox"):
                    field.check()
                case _:
                    field.fill(value)
        press(page, page.locator("main form[method=post] button.primary").last)

    def step(self, who: str, case: str, step: str, **facts: str) -> Page:
        """Take a step of a case; a decision is signed after its summary."""
        page = self.page(who)
        where = "own" if who == "firm" else "work"
        self.open(page, f"/{where}/cases/{case}/{step}")
        if "/sign-in/second-factor" in page.url:
            page.fill("[name=code]", page.inner_text(".notice code"))
            press(page)
        self.fill(page, facts)
        sign = page.locator("button[name=do][value=sign]")
        if sign.count():
            press(page, sign)
        page.wait_for_url(re.compile(rf"/{where}/cases/{case}$"))
        return page

    def ask(self, kind: str, about: str, **facts: str) -> str:
        """The firm objects, or applies for repair; returns the number of the case."""
        page = self.page("firm")
        page.goto(f"/own/{kind}?about={about}")
        self.fill(page, facts)
        page.wait_for_url(re.compile(r"/own/cases/\d+$"))
        return page.url.rsplit("/", 1)[1]

    def public(self, address: str) -> tuple[int, str]:
        """What anybody sees there: status and text."""
        page = self.visits.page()
        answer = page.goto(address)
        assert answer is not None
        return answer.status, page.inner_text("body")


def new_life(visits: Visits, name: str, **changes: str) -> Life:
    """An officer sends a penalty of a firm that nobody knew before."""
    code = new_uscc()
    life = Life(visits, code, name := f"福州{name}{code[12:16]}电子商务有限公司")
    officer = life.page("department_officer")
    officer.goto("/work/batches/new")
    facts = {
        "CF_XDR_MC": name,
        "CF_XDR_SHXYM": life.code,
        "CF_XDR_GSZC": "",
        "CF_XDR_ZZJG": "",
        "CF_XDR_SWDJ": "",
    }
    send(officer, penalties(f"榕市监罚〔2026〕{life.code[-6:]}号", **(facts | changes)), "penalties.csv")
    expect(officer.locator("h1 .badge")).to_have_class("badge good")
    return life


def report_shop(life: Life) -> None:
    """The platform reports that the firm has a shop there."""
    known = life.visits.site.known
    row = example_row(catalogue.item("identity_report")) | {
        "SF_MC": life.name, "SF_SHXYM": life.code, "SF_PTDM": known["platform"],
        "SF_PTMC": known["platform_name"], "SF_DPMC": f"{life.name}旗舰店",
    }  # fmt: skip
    page = life.page("platform_compliance")
    page.goto("/work/batches/new")
    send(page, as_csv([row]), "shops.csv", "identity_report")
    expect(page.locator("h1 .badge")).to_have_class("badge good")


def served(today: date) -> dict[str, str]:
    return {"service_method": "direct", "served_on": today.isoformat(), "service_proof": "送达回证第12号"}


def consequences(life: Life) -> list[dict[str, object]]:
    """What the API says follows for the firm."""
    answer = life.page("department_officer").request.get(f"/api/v1/subjects/{life.code}/consequences")
    assert answer.status == 200
    found: list[dict[str, object]] = answer.json()
    return found


@pytest.mark.obligation("16.1a")
@pytest.mark.obligation("16.2b")
def test_the_whole_life_of_a_black_list_entry(visits: Visits) -> None:
    today = timezone.localdate()
    life = new_life(
        visits, "刷量", CF_WFXW="虚假交易", CF_SY="组织刷单，虚构交易", CF_CFLB="罚款", CF_NR_FK="50.000000"
    )
    officer = life.page("department_officer")
    found = re.search(r"/records/(\d+)", officer.request.get(f"/subjects/{life.code}").text())
    assert found is not None
    number = found[1]

    report_shop(life)

    # candidate, review, notice
    life.open(officer, f"/work/cases/new/listing?subject={life.code}&rule=brushing&records={number}")
    life.fill(officer, {"reason": "组织虚假交易，受到较重行政处罚", "records": number})
    officer.wait_for_url(re.compile(r"/work/cases/\d+$"))
    case = officer.url.rsplit("/", 1)[1]
    life.step("reviewer", case, "review", opinion="事实清楚，符合列入条件")
    life.step("department_officer", case, "give_notice", **served(today))
    firm = life.page("firm")
    firm.goto(f"/own/cases/{case}")
    expect(firm.locator("main")).to_contain_text("陈述")
    firm.locator("main a[href*='/documents/']").first.click()
    expect(firm.locator("main")).to_contain_text("告知书")

    # statement, decision, service, publication
    life.step("firm", case, "make_statement", statement="系代运营机构所为")
    life.step("firm", case, "waive")
    life.step(
        "decision_maker", case, "decide_entry", reason="组织刷单属实", weighed="意见不成立：店铺由其经营"
    )
    assert life.public(f"/decisions/{case}")[0] in (404, 410), "nothing is shown before it is published"
    life.step("department_officer", case, "serve_decision", **served(today))
    life.step("credit_office", case, "publish")
    for address in (f"/decisions/{case}", "/lists/brushing", f"/subjects/{life.code}/why"):
        status, text = life.public(address)
        assert status == 200 and life.name in text, address
    kinds = {one["kind"] for one in consequences(life)}
    assert {"list", "measure"} <= kinds

    # objection, refused
    objection = life.ask("object", f"case:{case}", statement="处罚过重")
    life.step("department_officer", objection, "forward")
    answering = "department_officer"
    life.step(answering, objection, "answer", stands="yes", answer="处罚决定合法有效")
    life.step("decision_maker", objection, "decide_refuse", reason="列入决定事实清楚、程序合法")
    firm.goto(f"/own/cases/{objection}")
    expect(firm.locator("main")).to_contain_text("不成立")

    # the platform's feedback
    platform = life.page("platform_compliance")
    life.open(platform, f"/work/measures?subject={life.name}")
    platform.locator("main table a[href^='/work/measures/']").first.click()
    task = platform.url.rsplit("/", 1)[1]
    life.fill(platform, {})
    life.fill(
        platform,
        {"feedback": "已限制入驻", "executed_on": today.isoformat(), "execution_proof": "平台工单88号"},
    )
    expect(platform.locator("main")).to_contain_text("已执行")

    # repair by reorganisation, and gone everywhere
    repair = life.ask(
        "repair", f"case:{case}", ground="reorganisation",
        proof="（2026）闽01破3号民事裁定书：批准重整计划", commitment="on",
    )  # fmt: skip
    life.step("department_officer", repair, "accept")
    life.step("decision_maker", repair, "decide_grant", reason="法院已裁定批准重整计划")
    firm.goto(f"/own/cases/{repair}")
    expect(firm.locator("main")).to_contain_text("证明")
    status, text = life.public(f"/decisions/{case}")
    assert status == 410 and life.name not in text
    assert life.name not in life.public("/lists/brushing")[1]
    assert case not in life.public(f"/subjects/{life.code}/why")[1]
    assert {one["kind"] for one in consequences(life)} <= {"publication"}
    listed = life.page("department_officer").request.get("/api/v1/lists/brushing").text()
    assert life.code not in listed
    platform.goto(f"/work/measures/{task}")
    expect(platform.locator("main")).to_contain_text("待解除")
    life.fill(platform, {"feedback": "已解除限制", "execution_proof": "平台工单91号"})
    expect(platform.locator("main")).to_contain_text("已解除")


@pytest.mark.obligation("16.1d")
def test_the_whole_life_of_a_red_list_entry(visits: Visits) -> None:
    life = new_life(visits, "守诺", CF_CFLB="警告", CF_NR_FK="", CF_NR_WFFF="", CF_WFXW="未按规定公示")
    officer = life.page("department_officer")
    life.open(officer, f"/work/cases/new/red_listing?subject={life.code}&rule=contract_keeping")
    life.fill(officer, {"reason": "连续两年合同履约率百分之百"})
    officer.wait_for_url(re.compile(r"/work/cases/\d+$"))
    case = officer.url.rsplit("/", 1)[1]
    life.step("reviewer", case, "review", opinion="符合条件")
    life.step("decision_maker", case, "decide_entry", reason="守合同重信用")
    life.step("credit_office", case, "publish")
    for address in (f"/decisions/{case}", "/lists/contract_keeping"):
        status, text = life.public(address)
        assert status == 200 and life.name in text, address
    assert {"list", "measure"} <= {one["kind"] for one in consequences(life)}
    life.step("firm", case, "renounce")
    assert life.name not in life.public("/lists/contract_keeping")[1]
    assert life.public(f"/decisions/{case}")[0] == 410
    assert not [one for one in consequences(life) if one["kind"] != "publication"]
