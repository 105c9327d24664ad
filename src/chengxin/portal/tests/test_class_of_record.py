"""A record's page says its class, why, how long it is shown, and from when it may be repaired."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.archive.tests.kept import PENALTY, Kept, new_uscc
from chengxin.kernel.calendar import Period, publication_end
from chengxin.ledger.actions import appending
from chengxin.portal.tests.small import Small
from chengxin.portal.tests.test_subject_page import text_of
from chengxin.rulebook import catalogue
from chengxin.rulebook.publication import publication_inputs

DAY = timedelta(days=1)


def section(browser: Client, record: int, language: str = "zh") -> str:
    page = browser.get(f"/records/{record}?lang={language}").content.decode()
    found = re.search(r'<section aria-labelledby="class">.*?</section>', page, re.DOTALL)
    return text_of(found[0]) if found else ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_general_penalty_says_class_reason_and_earliest_day_of_repair(
    archive: Small, browser: Client, language: str
) -> None:
    said = section(browser, archive.shown, language)
    begun = timezone.localdate() - timedelta(days=100)
    shortest = publication_end(begun, Period(3, "month"))
    told = {
        "zh": (
            "一般失信",
            "处罚为罚款，不属于轻微和严重情形",
            "现在可以申请",
            "《信用修复管理办法》",
            "作出信用承诺",
        ),
        "en": ("general dishonesty", "kinds of penalty: fine", "may be applied for now", "a commitment"),
    }
    for part in (*told[language], shortest.isoformat(), (shortest + DAY).isoformat()):
        assert part in said, part


def test_a_serious_penalty_waits_for_a_year(database: str, browser: Client) -> None:
    begun, code = timezone.localdate() - timedelta(days=30), new_uscc()
    with appending() as log:
        kept = Kept(log)
        record = kept.record(
            kept.subject("福州示例重罚有限公司", code),
            kept.source(),
            on=begun,
            start=begun,
            until=publication_end(begun, Period(3, "year")),
            payload=PENALTY | {"CF_CFLB": "罚款;吊销许可证件"},
        )
    said = section(browser, record)
    assert "严重失信" in said
    assert "处罚含吊销许可证件" in said
    assert "现在可以申请" not in said
    assert f"最早申请日期 {publication_end(begun, Period(1, 'year')) + DAY}" in said
    assert f"最长至 {publication_end(begun, Period(3, 'year'))}" in said


def test_what_ends_by_itself_first_says_why_it_is_not_repaired(archive: Small, browser: Client) -> None:
    today = timezone.localdate()
    with appending() as log:
        kept = Kept(log)
        short = kept.record(
            kept.subject("福州示例短期公示有限公司", new_uscc()),
            kept.source(),
            on=today - DAY,
            start=today - DAY,
            until=today + DAY,
            payload=PENALTY,
        )
    said = section(browser, short)
    assert f"公示期至{today + DAY}自行届满" in said
    assert "最早申请日期" not in said


def test_what_is_no_dishonest_information_has_no_class(archive: Small, browser: Client) -> None:
    page = browser.get(f"/subjects/{archive.code}").content.decode()
    entry = page[page.index('id="licence"') :]
    licence = re.search(r'href="/records/(\d+)"', entry)
    assert licence is not None
    assert section(browser, int(licence[1])) == ""


@pytest.mark.parametrize(("language", "badge"), [("zh", "一般失信"), ("en", "general dishonesty")])
def test_the_subjects_page_says_the_class_of_each_record(
    archive: Small, browser: Client, language: str, badge: str
) -> None:
    page = browser.get(f"/subjects/{archive.code}?lang={language}").content.decode()
    heads = dict(re.findall(r'id="record-(\d+)">.*?<summary>(.*?)</summary>', page, re.DOTALL))
    assert badge in heads[str(archive.shown)]
    group = page[page.index('id="licence"') :]
    licence = re.search(r'id="record-(\d+)"', group)
    assert licence is not None
    assert 'class="badge' not in heads[licence[1]]


def test_whatever_decides_a_class_is_public_so_that_every_page_says_the_same() -> None:
    for item in catalogue.versions():
        if any(rule.class_ for rule in item.publication):
            for code in publication_inputs(item):
                assert item.field(code).disclosure == "public", (item.id, code)
