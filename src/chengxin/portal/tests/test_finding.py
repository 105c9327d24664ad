"""Results narrowed by facets, and what is told of a person who sells: only to who names person and shop."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.archive.finding import find, shops_of
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.ledger.actions import appending
from chengxin.portal.tests.small import Small
from chengxin.portal.tests.test_subject_page import text_of

PERSON, STALL = "陈小渔", "小渔手作铺"


def _street(kept: Kept) -> dict[str, str]:
    """Four firms of one name in two cities, one of them punished, one listed."""
    today = timezone.localdate()
    source = kept.source()
    codes = {name: new_uscc() for name in ("plain", "punished", "listed", "xiamen")}
    kept.subject("云上茶庄甲", codes["plain"], kind="individual_business")
    punished = kept.subject("云上茶庄乙", codes["punished"])
    listed = kept.subject("云上茶庄丙", codes["listed"])
    kept.subject("云上茶庄丁", codes["xiamen"], region="350203")
    kept.record(punished, source, start=today, until=today)
    entry = kept.record(
        listed, source, item="serious_violation", version="2021-09-01", start=today, until=None, payload={}
    )
    kept.role(listed, "merchant", today, entry)
    return codes


@pytest.mark.obligation("9.1f")
def test_facets_count_the_results_and_narrow_them(database: str, browser: Client) -> None:
    with appending() as log:
        codes = _street(Kept(log))
    today = timezone.localdate()
    found = find("云上茶庄", today, {})
    assert found.total == 4 and not found.more
    assert found.counts["kind"] == {"legal_person": 3, "individual_business": 1}
    assert found.counts["city"] == {"350100": 3, "350200": 1}
    assert found.counts["role"] == {"merchant": 1}
    assert found.counts["standing"] == {"penalty": 1, "listed": 1, "none": 2}
    page = browser.get("/search", {"q": "云上茶庄", "standing": "listed"}).content.decode()
    assert set(re.findall(r'href="/subjects/([^"]+)"', page)) == {codes["listed"]}
    assert "列入名单" in page and "取消" in page
    page = browser.get("/search", {"q": "云上茶庄", "city": "350200"}).content.decode()
    assert set(re.findall(r'href="/subjects/([^"]+)"', page)) == {codes["xiamen"]}


def test_each_facet_is_counted_with_the_other_choices_standing(database: str) -> None:
    with appending() as log:
        _street(Kept(log))
    counts = find("云上茶庄", timezone.localdate(), {"city": "350200"}).counts
    assert counts["kind"] == {"legal_person": 1}
    assert counts["city"] == {"350100": 3, "350200": 1}


def test_a_penalty_that_ended_or_was_moved_away_counts_for_nobody_or_for_the_other(database: str) -> None:
    today = timezone.localdate()
    with appending() as log:
        kept = Kept(log)
        source = kept.source()
        one, other = kept.subject("远山茶行甲", new_uscc()), kept.subject("远山茶行乙", new_uscc())
        kept.record(one, source, start=today - 9 * timedelta(days=1), until=today - timedelta(days=1))
        kept.attributed(kept.record(one, source, start=today, until=today), other)
    found = find("远山茶行", today, {"standing": "penalty"})
    assert [hit.name for hit in found.hits] == ["远山茶行乙"]


def test_nobody_can_choose_a_value_that_does_not_exist(archive: Small, browser: Client) -> None:
    plain = browser.get("/search", {"q": "福州"}).content.decode()
    odd = browser.get("/search", {"q": "福州", "kind": "natural_person", "city": "';--"}).content.decode()
    assert text_of(odd) == text_of(plain)


def _stall(kept: Kept, state: str = "verified") -> int:
    today = timezone.localdate()
    kept.source()  # takes number 0, which is nobody's
    person = kept.subject(PERSON, None, kind="natural_person")
    report = kept.record(
        person, kept.source(), item="identity_report", version="2021-05-01", disclosure="shared", payload={}
    )
    kept.shop(person, STALL, "stall.shop.example", new_uscc(), report)
    kept.verification(person, report, state, today)
    return person


@pytest.mark.obligation("13d")
def test_a_person_is_found_by_nothing_but_exact_name_with_shop_or_number(
    database: str, browser: Client
) -> None:
    with appending() as log:
        person = _stall(Kept(log))
    for asked in (f"{PERSON} {STALL}", f"{STALL} {PERSON}", f"{PERSON} S{person}"):
        said = text_of(browser.get("/search", {"q": asked}).content.decode())
        assert "其身份已于" in said, asked
    for asked in (
        PERSON,
        STALL,
        f"S{person}",
        "陈小 小渔手作铺",
        "陈小渔 小渔手作",
        f"陈大渔 S{person}",
        "chenxiaoyu 小渔手作铺",
    ):
        page = browser.get("/search", {"q": asked}).content.decode()
        assert "其身份已于" not in page and "没有查到" in page, asked
        assert not re.search(r'href="/subjects/', page)


@pytest.mark.obligation("13d")
def test_a_sellers_answer_tells_of_the_shop_alone(database: str, browser: Client) -> None:
    with appending() as log:
        kept = Kept(log)
        _stall(kept, "mismatch")
    page = browser.get("/search", {"q": f"{PERSON} {STALL}"}).content.decode()
    section = page[page.index('aria-labelledby="sellers"') : page.index("</main>")]
    assert PERSON not in section and "没有可以公示的核验结果" in section and "不一致" not in section
    assert not re.search(r"/subjects/|/records/", section)


def test_a_shop_that_closed_or_a_report_that_was_withdrawn_tells_nothing(database: str) -> None:
    today = timezone.localdate()
    with appending() as log:
        kept = Kept(log)
        person, source = kept.subject(PERSON, None, kind="natural_person"), kept.source()
        shut = kept.record(person, source, item="identity_report", disclosure="shared", payload={})
        kept.shop(person, STALL, "a.example", new_uscc(), shut, closed_on=str(today - timedelta(days=1)))
        gone = kept.record(person, source, item="identity_report", disclosure="shared", payload={})
        kept.shop(person, f"{STALL}二店", "b.example", new_uscc(), gone)
        kept.record(
            person,
            source,
            item="identity_report",
            operation="withdrawal",
            refers_to=gone,
            disclosure="shared",
        )
    assert not shops_of(f"{PERSON} {STALL}", today) and not shops_of(f"{PERSON} {STALL}二店", today)
