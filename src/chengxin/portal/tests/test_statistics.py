"""Open statistics: sums that equal a plain count, small numbers withheld; the quality of sources."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from chengxin.archive.counting import count, counted
from chengxin.archive.statistics import platform_figures, published, subjects_by
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.ledger.actions import appending
from chengxin.portal.tests.small import Small
from chengxin.portal.tests.test_subject_page import text_of


def _sum(name: str) -> int | None:
    found = {one.of[0]: one.number for one in published("item")}
    return found.get(name)


@pytest.mark.obligation("9.1f")
def test_sums_equal_a_plain_count_of_what_the_pages_show(archive: Small, browser: Client) -> None:
    today = timezone.localdate()
    with appending() as log:
        kept = Kept(log)
        source, firm = kept.source(), kept.subject("泉州示例鞋业有限公司", new_uscc(), region="350502")
        for _ in range(6):
            kept.record(firm, source, start=today, until=today)
    assert counted(today) is not None
    page = browser.get(f"/subjects/{archive.code}").content.decode()
    shown = page[page.index('<h3 id="penalty">') :].split("</section>")[0].count('class="record"')
    assert _sum("penalty") == shown + 6
    assert {one.of: one.number for one in published("item", "city")}["penalty", "350500"] == 6


def test_sums_follow_withdrawal_merging_moving_and_the_day(database: str) -> None:
    today, day = timezone.localdate(), timedelta(days=1)
    with appending() as log:
        kept = Kept(log)
        source = kept.source()
        one, other = (
            kept.subject("一号商行", new_uscc()),
            kept.subject("二号商行", new_uscc(), region="350203"),
        )
        person = kept.subject("林一", None, kind="natural_person")
        records = [kept.record(one, source, start=today, until=today + day) for _ in range(20)]
    count(today)
    assert _sum("penalty") == 20
    with appending() as log:
        kept = Kept(log)
        kept.record(one, source, operation="withdrawal", refers_to=records[0], start=today)
        kept.attributed(records[1], person)
        for moved in records[2:8]:
            kept.attributed(moved, other)
    count(today)
    by_city = {cell.of: cell.number for cell in published("item", "city")}
    assert by_city == {("penalty", "350100"): 12, ("penalty", "350200"): 6}
    with appending() as log:
        Kept(log).merged(other, one)
    count(today)
    assert {cell.of: cell.number for cell in published("item", "city")} == {("penalty", "350100"): 18}
    count(today + 2 * day)
    assert published("item") == []


def test_numbers_below_five_are_not_published(database: str, browser: Client) -> None:
    with appending() as log:
        kept = Kept(log)
        for number in range(4):
            kept.subject(f"小店{number}号", new_uscc(), kind="individual_business")
    count(timezone.localdate())
    assert [one.number for one in subjects_by("kind")] == [None]
    page = text_of(browser.get("/statistics").content.decode())
    assert "个体工商户 不公布" in page
    rows = list(csv.DictReader(io.StringIO(browser.get("/statistics.csv").content.decode("utf-8-sig"))))
    assert [row["number"] for row in rows if row["table"] == "subjects-by-kind"] == [""]
    tables = orjson.loads(browser.get("/statistics.json").content)["tables"]
    assert tables[0]["rows"][0]["number"] is None


def test_a_single_withheld_number_takes_the_next_smallest_with_it(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        for number, kind in enumerate(
            ["legal_person"] * 9 + ["individual_business"] * 6 + ["organisation"] * 2
        ):
            kept.subject(f"示例{number}号", new_uscc(), kind=kind)
    count(timezone.localdate())
    assert {one.of[0]: one.number for one in subjects_by("kind")} == {
        "legal_person": 9,
        "individual_business": None,
        "organisation": None,
    }


@pytest.mark.obligation("15a")
def test_a_platforms_page_discloses_its_shops_and_how_many_are_verified(
    database: str, browser: Client
) -> None:
    today, code = timezone.localdate(), new_uscc()
    with appending() as log:
        kept = Kept(log)
        source, platform = kept.source(), kept.subject("闽货优选平台有限公司", code)
        first = kept.record(platform, source, start=today, until=None)
        kept.role(platform, "platform", today, first)
        for number, (state, closed) in enumerate(
            [("verified", None), ("mismatch", None), ("verified", str(today - timedelta(days=3)))]
        ):
            shop = kept.subject(f"网店{number}号有限公司", new_uscc())
            report = kept.record(shop, source, item="identity_report", disclosure="shared", payload={})
            kept.shop(shop, f"网店{number}", f"shop{number}.example", code, report, closed_on=closed)
            kept.verification(shop, report, state, today)
    count(today)
    assert (platform_figures([code]).shops, platform_figures([code]).verified) == (2, 1)
    said = text_of(browser.get(f"/subjects/{code}").content.decode())
    assert "平台信息披露" in said and "50.0%" in said and "投诉 尚未公布" in said
    assert "Disclosure of the platform" in browser.get(f"/subjects/{code}?lang=en").content.decode()


def test_a_serving_process_never_counts_while_somebody_waits(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chengxin.archive import counting  # noqa: PLC0415

    woken: list[object] = []
    monkeypatch.setenv("CHENGXIN_SERVING", "1")
    monkeypatch.setattr(counting._counter, "wake", woken.append)
    monkeypatch.setattr(counting, "count", lambda today: pytest.fail("counted"))
    assert counted(timezone.localdate()) is None and woken == [timezone.localdate()]


def test_the_quality_of_each_source_is_public(archive: Small, browser: Client) -> None:
    said = text_of(browser.get("/sources").content.decode())
    assert "福州市示例市场监督管理局" in said and "100.0%" in said
