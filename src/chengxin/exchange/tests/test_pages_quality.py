"""The pages on the quality of what is sent: own shares, the median of all, the faults of a source."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.models import Organisation
from chengxin.exchange.measures import median
from chengxin.exchange.quality import first_month
from chengxin.exchange.tests.sending import SOURCE, example, send
from chengxin.exchange.tests.test_pages import NUMBER, shown
from chengxin.testing.signed import browser_of, person

OTHERS = ("福建省税务局", "福州海关", "福建省通信管理局")


@pytest.fixture
def sources(database: str, tmp_path: Path) -> list[Organisation]:
    """Four sources; the first one's rows are half rejected, the others' are good."""
    today = timezone.localdate()
    found = []
    for place, name in enumerate((SOURCE, *OTHERS)):
        source = note_organisation(code=None, name=name, role="department", confirmed=True)
        numbers = [NUMBER.format(f"{place}1"), "" if place == 0 else NUMBER.format(f"{place}2")]
        rows = [example("penalty", CF_WSH=number) for number in numbers]
        send(tmp_path, "penalty", rows, source=name, today=today)
        found.append(source)
    return found


@pytest.mark.obligation("9.1d")
def test_a_source_sees_its_own_shares_beside_the_median_of_all(sources: list[Organisation]) -> None:
    page = shown(browser_of(person("department_officer")), "/work/quality")
    assert "50.0%" in page
    assert "中位数100.0%" in page
    assert "怎样计算" in page
    assert not any(name in page for name in OTHERS)


def test_who_sees_all_sees_every_source(sources: list[Organisation]) -> None:
    page = shown(browser_of(person("auditor")), "/work/quality")
    assert all(name in page for name in (SOURCE, *OTHERS))


def test_the_faults_of_a_source_are_listed_with_what_to_do(sources: list[Organisation]) -> None:
    page = shown(browser_of(person("department_officer")), f"/work/quality/{sources[0].pk}")
    assert "行政处罚决定书文号" in page
    assert "怎样改正" in page
    assert "常缺的字段" in page


def test_a_source_of_others_is_not_shown(sources: list[Organisation]) -> None:
    browser = browser_of(person("department_officer"))
    assert browser.get(f"/work/quality/{sources[1].pk}").status_code == 404


def test_the_median_is_not_told_of_fewer_than_three_sources(database: str, tmp_path: Path) -> None:
    today = timezone.localdate()
    for name in OTHERS[:2]:
        note_organisation(code=None, name=name, role="department", confirmed=True)
        send(tmp_path, "penalty", [example("penalty", CF_WSH=name)], source=name, today=today)
    assert median("", first_month(today)) is None


def test_the_table_filters_and_exports(sources: list[Organisation]) -> None:
    browser = browser_of(person("auditor"))
    answer = browser.get(f"/work/quality?format=csv&source={OTHERS[0]}&order=-accepted")
    text = answer.content.decode()
    assert OTHERS[0] in text
    assert OTHERS[1] not in text
