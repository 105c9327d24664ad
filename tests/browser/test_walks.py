"""Ways that people go through the pages, from where they come in to what they came for."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO
from pathlib import Path

import pyotp
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from chengxin.rulebook import catalogue
from chengxin.rulebook.template import example_row
from tests.browser.visiting import Visits, press, sign_in, state_purpose

pytestmark = pytest.mark.takes_long

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REASON = "核对投诉涉及的经营者登记信息"
WAIT = 45_000
"""Milliseconds within which a small file is through."""


def penalties(*numbers: str, **changes: str) -> bytes:
    """A CSV of penalties."""
    rows = [example_row(catalogue.item("penalty")) | {"CF_WSH": one} for one in numbers]
    rows[-1] |= changes
    return as_csv(rows)


def as_csv(rows: list[dict[str, str]]) -> bytes:
    """Rows as a file."""
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def send(page: Page, content: bytes, name: str, item: str = "penalty") -> None:
    """Fill the form in and wait until the batch has ended."""
    if "/work/batches/new" not in page.url:
        page.goto("/work/batches/new")
    if page.locator("select[name=item]").count():
        page.select_option("[name=item]", item)
    page.set_input_files("[name=file]", {"name": name, "mimeType": "text/csv", "buffer": content})
    page.locator("main form[enctype] button.primary").click()
    page.wait_for_url(re.compile(r"/work/batches/\d+$"))
    ended(page)


def ended(page: Page) -> None:
    """Reload, as a page without scripts does, until the batch has ended."""
    for _ in range(WAIT // 500):
        if page.locator("h1 .badge.good, h1 .badge.warn, h1 .badge.bad").count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"the batch does not end: {page.inner_text('h1')}")


@pytest.mark.obligation("9.1f")
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_somebody_looks_a_firm_up_and_follows_a_record_to_its_source(visits: Visits, scripts: bool) -> None:
    page, known = visits.page(scripts=scripts), visits.site.known
    page.goto("/")
    page.locator("main input[type=search]").first.fill(known["name"])
    page.keyboard.press("Enter")
    page.locator("ol.results h3 a").first.click()
    expect(page.locator("h1")).to_contain_text(known["name"])
    page.locator("main a[href^='/records/']").first.click()
    expect(page.locator("main")).to_contain_text(known["name"])
    page.locator("main a[href^='/catalogue/']").first.click()
    expect(page.locator("h1")).to_be_visible()


@pytest.mark.obligation("4.1b")
def test_an_officer_mends_what_was_rejected_and_it_is_accepted(visits: Visits) -> None:
    page = visits.page("department_officer")
    page.goto("/work/batches/new")
    send(
        page,
        penalties("榕市监罚〔2026〕7001号", "榕市监罚〔2026〕7002号", CF_JDRQ="2026-02-31"),
        "penalties.csv",
    )
    expect(page.locator("main")).to_contain_text("没有这一天")
    with page.expect_download() as waiting:
        page.locator("a[href$='rejects.xlsx']").first.click()
    book = load_workbook(BytesIO(Path(waiting.value.path()).read_bytes()))
    sheet = next(
        one for one in book.worksheets if "决定日期" in str([cell.value for row in one for cell in row])
    )
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == "2026-02-31"]
    assert cells, "the faulty value stands in the workbook"
    cells[0].value = "2026-02-11"
    mended = BytesIO()
    book.save(mended)
    form = page.locator("form[action$='/work/batches/new']")
    form.locator("input[type=file]").set_input_files(
        {"name": "rejects.xlsx", "mimeType": XLSX, "buffer": mended.getvalue()}
    )
    before = page.url
    form.locator("button.primary").click()
    page.wait_for_url(lambda address: address != before)
    ended(page)
    expect(page.locator("h1 .badge")).to_have_class("badge good")


@pytest.mark.obligation("12.2a")
def test_a_new_colleague_joins_enrols_a_second_factor_and_comes_to_the_workbench(visits: Visits) -> None:
    page = visits.page()
    page.goto(f"/join/{visits.site.known['token']}")
    for field in page.locator("main input[type=password]").all():
        field.fill("海丝之路 correct horse 2026 battery")
    press(page)
    if "/enrol" not in page.url:
        page.goto("/sign-in?next=/work")
        page.fill("[name=name]", visits.site.known["new_name"])
        page.fill("[name=password]", "海丝之路 correct horse 2026 battery")
        press(page)
    assert "/sign-in/second-factor/enrol" in page.url
    seeds = [one.replace(" ", "") for one in page.locator("main code").all_inner_texts()]
    seed = max(seeds, key=len)
    page.fill("[name=code]", pyotp.TOTP(seed).now())
    press(page)
    expect(page.locator("main")).to_contain_text("恢复码")
    page.goto("/work")
    expect(page.locator("nav.work-menu")).to_be_visible()


@pytest.mark.obligation("4.1b")
def test_a_steward_decides_a_doubtful_pair_by_keys_alone(visits: Visits) -> None:
    page = visits.page()
    sign_in(page, visits.site, "credit_office", "/work")
    visits.sessions["credit_office"] = page.context.storage_state()
    assert page.url.endswith("/work")
    page.goto(f"/work/matching/{visits.site.known['pair']}")
    state_purpose(page, REASON)
    expect(page.locator("h1")).to_contain_text("是不是同一主体")
    page.keyboard.press("d")
    page.wait_for_url("**decided=*")
    page.goto(f"/work/matching/{visits.site.known['pair']}")
    expect(page.locator(".notice.info")).to_contain_text("不同主体")


@pytest.mark.obligation("13d")
def test_the_subject_sees_by_its_code_what_is_held_and_downloads_it(visits: Visits) -> None:
    page, known = visits.page(), visits.site.known
    page.goto("/door")
    page.fill("[name=code]", known["door_code"])
    press(page)
    expect(page).to_have_url(f"{visits.site.address}/own")
    expect(page.locator("h1")).to_contain_text(known["name"])
    with page.expect_download() as waiting:
        page.locator("a[href*='format=xlsx']").first.click()
    assert load_workbook(BytesIO(Path(waiting.value.path()).read_bytes())).sheetnames
    page.goto("/work")
    assert "/work/subjects" not in page.content()


@pytest.mark.obligation("13d")
def test_a_merchant_sees_the_own_page_by_account(visits: Visits) -> None:
    page = visits.page("merchant")
    page.goto("/own")
    expect(page.locator("#looks")).to_be_visible()
    with page.expect_download() as waiting:
        page.locator("a[href*='format=json']").first.click()
    assert Path(waiting.value.path()).stat().st_size > 200


@pytest.mark.obligation("12.2a")
def test_the_auditor_and_the_subject_find_the_look_that_an_officer_made(visits: Visits) -> None:
    known = visits.site.known
    officer = visits.page("department_officer")
    officer.goto(f"/work/purpose?next=/work/subjects/{known['code']}")  # whatever was said for another case
    state_purpose(officer, REASON)
    expect(officer.locator("h1")).to_contain_text(known["name"])
    auditor = visits.page("auditor")
    auditor.goto(f"/work/access-log?code={known['code']}")
    expect(auditor.locator("table").last).to_contain_text(REASON)
    subject = visits.page()
    subject.goto("/door")
    subject.fill("[name=code]", known["door_code"])
    press(subject)
    expect(subject.locator("section[aria-labelledby=looks]")).to_contain_text(REASON)


def test_without_scripts_one_signs_in_and_sends_a_file(visits: Visits) -> None:
    page = visits.page(scripts=False)
    sign_in(page, visits.site, "platform_compliance")
    officer = visits.page("department_officer", scripts=False)
    officer.goto("/work/batches/new")
    send(officer, penalties("榕市监罚〔2026〕7101号"), "penalties.csv")
    expect(officer.locator("h1 .badge")).to_have_class("badge good")


def test_by_keyboard_the_skip_link_comes_first_and_focus_is_seen(visits: Visits) -> None:
    page = visits.page()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reached = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.tagName + (document.activeElement.type || '')"))
        shown = page.evaluate(
            "(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none')"
            "(getComputedStyle(document.activeElement))"
        )
        assert shown, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    assert "INPUTsearch" in reached
