"""An officer goes from the queue to a ring, reads its evidence, and opens a case on it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visiting import Visits, press, state_purpose

REASON = "核查监管线索涉及的店铺"


@pytest.mark.obligation("17b")
@pytest.mark.obligation("13f")
@pytest.mark.parametrize("scripts", [False, True], ids=["no scripts", "scripts"])
def test_an_officer_goes_from_the_queue_to_the_ring_its_evidence_and_a_case(
    visits: Visits, scripts: bool
) -> None:
    page = visits.page("department_officer", scripts=scripts)
    page.goto("/work/purpose?next=/work/leads")
    state_purpose(page, REASON)
    page.locator("ol.today a", has_text="是不是一伙刷单的").first.click()
    expect(page.locator("h1")).to_contain_text("是不是一伙刷单的")
    expect(page.locator("ul.signals")).to_contain_text("共用3部设备")
    expect(page.locator("ul.twins")).to_contain_text("团购")
    if scripts:
        expect(page.locator("[data-ring]")).to_have_attribute("data-nodes", re.compile("^1[0-9]$"))
        expect(page.locator("[data-ring] canvas").first).to_be_visible()
        page.locator("[data-ring-table] summary").click()
    expect(page.locator("[data-ring-table]")).to_contain_text("转账回")
    expect(page.locator("#rows-orders tbody tr")).to_have_count(12)
    page.locator("#rows-orders a").click()
    expect(page.locator("#rows-orders tbody tr")).to_have_count(18)
    assert "b-4100" not in page.content(), "buyers are masked"
    if not scripts:  # the lead stays for the other run, which opens a case on it
        page.locator("ul.ways a", has_text="误报").click()
        expect(page.locator("form fieldset legend")).to_contain_text("为什么是误报")
        return
    page.fill("[name=words]", "货款全部转回买家，需要核查")
    page.fill("[name=subject]", visits.site.known["code"])  # whose shop it is, nobody reported here
    press(page, page.locator("section[aria-labelledby=decide] button.primary"))
    expect(page.locator(".notice.good")).to_contain_text("已办理")
    page.locator("section[aria-labelledby=decide] a.button").click()
    expect(page.locator("h1")).to_contain_text("线索核查")
    expect(page.locator("main")).to_contain_text("货款全部转回买家，需要核查")
