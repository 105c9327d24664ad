"""Search among all subjects: as far as a role reaches, never in an address, always noted."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.permissions import Reach
from chengxin.portal.tests.small import DOMAIN, NAME, PERSON, RESIDENT, SHOP, Small, small_archive
from chengxin.testing.signed import person
from chengxin.workbench.search.queries import Wanted, search
from chengxin.workbench.tests.opened import looks, shown, with_purpose

ALL = Reach(everything=True)


@pytest.fixture
def small(database: str) -> Small:
    return small_archive()


def found(browser: Client, q: str, **more: str) -> str:
    return shown(browser, "/work/subjects", post={"q": q, **more})


@pytest.mark.obligation("13d")
def test_a_persons_own_number_finds_them_and_stands_in_no_address(small: Small) -> None:
    office = with_purpose(person("credit_office"))
    response = office.post("/work/subjects", {"q": RESIDENT})
    assert response.status_code == 200
    assert PERSON in response.content.decode()
    assert looks("search") == [small.person]
    ignored = office.get(f"/work/subjects?q={RESIDENT}")
    assert PERSON not in ignored.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_people_are_found_in_their_trade_role_by_name_code_shop_and_domain(small: Small) -> None:
    office = with_purpose(person("credit_office"))
    assert f"/work/subjects/S{small.person}" in found(office, PERSON)
    for q in (NAME, small.code, small.regno, SHOP, DOMAIN, "榕味"):
        text = found(office, q)
        assert f"/work/subjects/{small.code}" in text, q
    assert "没有找到" in found(office, "不存在的名称")
    found_en = shown(office, "/work/subjects", post={"q": "榕味"}, language="en")
    assert "1 subject found" in found_en


def test_facets_count_and_narrow(small: Small) -> None:
    hits = search("350102100123458", Wanted(), ALL)
    assert hits.facets["kind"] == {"legal_person": 1}
    assert hits.facets["region"] == {"3501": 1}
    assert hits.facets["role"] == {"merchant": 1}
    assert search("榕味", Wanted(kind="natural_person"), ALL).total == 0
    assert search("榕味", Wanted(role="merchant", region="3501"), ALL).total == 1
    assert search("榕味", Wanted(role="courier"), ALL).total == 0
    assert search("榕味", Wanted(), ALL, 2).found == ()
    office = with_purpose(person("credit_office"))
    assert "没有找到" in found(office, "榕味", kind="natural_person")
    assert "没有找到" not in found(office, "榕味", kind="'; DROP", page="x")


@pytest.mark.obligation("12.2a")
def test_nobody_finds_beyond_their_reach(small: Small) -> None:
    xiamen = with_purpose(person("department_officer", region="350200"))
    assert "没有找到" in found(xiamen, NAME)
    assert "没有找到" in found(xiamen, RESIDENT)
    assert looks("search") == []
    fuzhou = with_purpose(person("department_officer", region="350100"))
    assert f"/work/subjects/{small.code}" in found(fuzhou, NAME)
    mine = note_organisation(code=small.platform, name="海丝优选", role="platform", confirmed=True)
    of_platform = with_purpose(person("platform_compliance", organisation=mine, region=None))
    assert f"/work/subjects/{small.code}" in found(of_platform, NAME)
    assert "没有找到" in found(of_platform, PERSON)
    assert search(NAME, Wanted(), Reach()).total == 0
    for role in ("carrier", "association", "administrator"):
        shown(with_purpose(person(role)), "/work/subjects", status=403)
    assert Client().get("/work/subjects").status_code == 302


def test_a_query_that_is_too_short_or_too_long_is_told_so(small: Small) -> None:
    office = with_purpose(person("credit_office"))
    for q in ("", "榕", "榕" * 101, "\x00"):
        assert "个字符" in found(office, q)
    assert looks("search") == []


def test_a_search_takes_few_statements(small: Small) -> None:
    office = with_purpose(person("credit_office"))
    found(office, NAME)
    with CaptureQueriesContext(connection) as asked:
        found(office, NAME)
    assert len(asked) < 20
