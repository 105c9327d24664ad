"""The officials' page and the subject's own say of each record its class, why, and when it is repaired."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.archive.tests.kept import PENALTY, Kept
from chengxin.archive.tests.staff import looking, number_of, opened
from chengxin.kernel.calendar import Period, publication_end
from chengxin.ledger.actions import appending
from chengxin.portal.tests.small import Small, small_archive
from chengxin.testing.signed import browser_of

DAY = timedelta(days=1)


@pytest.fixture
def small(database: str) -> Small:
    return small_archive()


@pytest.fixture(params=["held", "own"])
def page(request: pytest.FixtureRequest, small: Small) -> tuple[Client, str]:
    """A browser and the address of the page on which it reads of the subject."""
    if request.param == "held":
        return looking("credit_office"), f"/work/subjects/{small.code}"
    return browser_of(subject=number_of(small.code)), "/own"


def entry(text: str, record: int) -> str:
    """What the entry of a record says, on one line."""
    found = re.search(rf'<li class="record" id="record-{record}">.*?</li>', text, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


def earliest(begun: date) -> date:
    return publication_end(begun, Period(3, "month")) + DAY


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_record_says_its_class_the_reason_and_the_earliest_day_of_repair(
    small: Small, page: tuple[Client, str], language: str
) -> None:
    said = entry(opened(*page, language=language), small.shown)
    told = {
        "zh": ("一般失信", "处罚为罚款，不属于轻微和严重情形", "现在可以申请", "《信用修复管理办法》"),
        "en": ("general dishonesty", "kinds of penalty: fine", "may be applied for now", "Credit Repair"),
    }
    begun = timezone.localdate() - timedelta(days=100)
    for part in (*told[language], earliest(begun).isoformat()):
        assert part in said, part


def test_a_warning_is_minor_and_may_be_repaired_at_once(small: Small, page: tuple[Client, str]) -> None:
    day = timezone.localdate() - timedelta(days=3)
    with appending() as log:
        kept = Kept(log)
        record = kept.record(
            number_of(small.code),
            kept.source(),
            on=day,
            disclosure="shared",
            payload=PENALTY | {"CF_CFLB": "警告"},
        )
    said = entry(opened(*page), record)
    assert "轻微失信" in said
    assert "处罚仅为警告" in said
    assert f"现在可以申请，最早申请日期 {day}" in said


def test_what_is_over_needs_no_repair_and_what_was_withdrawn_tells_no_days(
    small: Small, page: tuple[Client, str]
) -> None:
    text = opened(*page)
    _, expired, _, withdrawn, *_ = small.hidden
    over = entry(text, expired)
    assert "无需修复" in over
    assert "最早申请日期" not in over
    gone = entry(text, withdrawn)
    assert "一般失信" in gone
    assert "信用修复 " not in gone.replace("《信用修复管理办法》", "")


def test_the_list_of_records_has_class_and_day_of_repair_as_columns(small: Small) -> None:
    browser = looking("credit_office")
    got = browser.get(
        f"/work/subjects/{small.code}/records?format=csv&columns=id&columns=class&columns=repair"
    )
    rows = list(csv.reader(io.StringIO(got.content.decode("utf-8-sig"))))
    told = {tuple(row) for row in rows}
    begun = timezone.localdate() - timedelta(days=100)
    withdrawn = small.hidden[3]
    assert any({str(small.shown), "一般失信", earliest(begun).isoformat()} == set(row) for row in told)
    assert any({str(withdrawn), "一般失信", ""} == set(row) for row in told)
