"""The 360° view: for a purpose, within the role's reach, each look in the ledger before the page."""

from __future__ import annotations

import csv
import io

import pytest
from django.utils import timezone

from chengxin.accounts.models import GivenRole
from chengxin.archive import held
from chengxin.archive.pages import held as page_of
from chengxin.archive.pages import parts
from chengxin.archive.seeing import sight
from chengxin.archive.tests.kept import Kept, scalar
from chengxin.archive.tests.staff import (
    WHY,
    counted_statements,
    logged_first,
    looking,
    looks,
    number_of,
    officer,
    opened,
    penalty_of,
    stating,
    the_platform,
)  # fmt: skip
from chengxin.audit.models import Access
from chengxin.ledger.actions import appending
from chengxin.ledger.verify import verify
from chengxin.portal.tests.small import NAME, RESIDENT, SHOP, Small, small_archive
from chengxin.testing.signed import actor, browser_of, person

ROLES = ("credit_office", "department_officer", "reviewer", "auditor")


@pytest.fixture
def small(database: str) -> Small:
    return small_archive()


@pytest.mark.obligation("13d")
def test_without_a_purpose_no_page_but_the_question_why_and_then_back(small: Small) -> None:
    browser, address = browser_of(person("credit_office")), f"/work/subjects/{small.code}?state=expired"
    asked = browser.get(address)
    assert asked.status_code == 302
    assert asked["Location"] == f"/work/purpose?next=%2Fwork%2Fsubjects%2F{small.code}%3Fstate%3Dexpired"
    assert not looks()
    refused = browser.post("/work/purpose", {"kind": "audit", "text": "看", "next": address})
    assert refused.status_code == 422
    assert "6至500个字" in refused.content.decode()
    assert browser.get(address).status_code == 302
    back = browser.post("/work/purpose", WHY | {"next": address})
    assert (back.status_code, back["Location"]) == (302, address)
    assert WHY["text"] in opened(browser, address)


def test_a_purpose_leads_nowhere_outside_this_site(small: Small) -> None:
    browser = browser_of(person("credit_office"))
    for foreign in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        assert browser.post("/work/purpose", WHY | {"next": foreign})["Location"] == "/work"


@pytest.mark.obligation("13d")
def test_each_look_is_in_the_ledger_before_the_page(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    held_before = logged_first(monkeypatch, page_of)
    browser = looking("credit_office")
    opened(browser, f"/work/subjects/{small.code}")
    assert held_before == [1]
    row = Access.objects.get()
    assert (row.subject, row.what, row.words) == (number_of(small.code), "subject", WHY["text"])
    assert (row.purpose, row.law, row.article, row.case_number) == ("supervision", "ecl", "6", WHY["case"])
    assert not [fault for fault in verify().faults if fault.table == "audit_access"]


@pytest.mark.obligation("12.2a")
def test_the_log_names_the_role_that_permits_this_look(small: Small) -> None:
    both = person("platform_compliance", organisation=the_platform(small))
    bureau = person("department_officer", region="350102").given_roles.get().organisation
    GivenRole.objects.create(
        user=both, role="department_officer", organisation=bureau, region="350102", given_by="test"
    )
    browser = officer(both)
    opened(browser, f"/work/subjects/{small.code}")
    row = Access.objects.get()
    assert row.role == "platform_compliance", "the shop is on the platform: the first role that permits it"
    with appending() as log:
        neighbour = Kept(log).subject("福州鼓楼邻家商贸有限公司", "91350102MA2XYZ0007")
    opened(browser, f"/work/subjects/S{neighbour}")
    row = Access.objects.get(subject=neighbour)
    assert (row.role, row.region, row.organisation) == ("department_officer", "350102", bureau and bureau.pk)


@pytest.mark.obligation("12.2a")
def test_a_region_officer_is_refused_outside_the_region_and_nothing_is_logged(small: Small) -> None:
    browser = looking("department_officer", region="350200")
    for part in ("", "/records", "/records?format=csv"):
        assert browser.get(f"/work/subjects/{small.code}{part}").status_code == 403
    assert not looks()
    assert NAME in opened(looking("department_officer", region="350100"), f"/work/subjects/{small.code}")


@pytest.mark.parametrize(
    "role", ["merchant", "carrier", "courier", "credit_agency", "association", "administrator"]
)
def test_other_roles_see_nothing(small: Small, role: str) -> None:
    own = {"subject": number_of(small.code)} if role in ("merchant", "courier") else {}
    browser = browser_of(person(role, **own))  # type: ignore[arg-type]
    assert browser.get(f"/work/subjects/{small.code}").status_code == 403


def test_a_person_who_showed_no_second_factor_sees_nothing(small: Small) -> None:
    browser = browser_of(person("credit_office"), second_factor=False)
    assert "/sign-in/second-factor" in browser.get(f"/work/subjects/{small.code}")["Location"]


def test_the_office_sees_every_state_and_the_left_out_are_none(small: Small) -> None:
    page = opened(looking("credit_office"), f"/work/subjects/{small.code}")
    for number in range(101, 111):
        assert f"〔2026〕0{number}号" in page, number
    for word in ("公示期满", "已更正", "已撤回"):
        assert word in page
    assert "不在您的查看范围" not in page
    assert SHOP in page
    assert RESIDENT not in page


@pytest.mark.obligation("13d")
def test_a_platform_sees_what_is_public_today_and_what_it_sent(small: Small) -> None:
    platform = the_platform(small)
    subject = number_of(small.code)
    sent = penalty_of(subject, platform.pk, "自报0001号", disclosure="shared")
    browser = looking("platform_compliance", organisation=platform)
    page = opened(browser, f"/work/subjects/{small.code}")
    assert f'id="record-{sent}"' in page
    assert f'id="record-{small.shown}"' in page
    for hidden in small.hidden:
        assert f'id="record-{hidden}"' not in page
    today = timezone.localdate()
    seeing = sight(actor(person("platform_compliance", organisation=platform)), held.target(subject))
    counted = held.summary(subject, today, seeing)
    whole = held.summary(subject, today)
    assert counted.left_out == sum(one.number for one in whole.seen) - sum(one.number for one in counted.seen)
    assert counted.left_out > 0
    assert f"另有{counted.left_out}条" in page
    other = looking("platform_compliance")
    assert other.get(f"/work/subjects/{small.code}").status_code == 403, "no shop of it on this platform"


def test_sight_counts_only_the_roles_that_permit_this_look(small: Small) -> None:
    both = person("platform_compliance", organisation=the_platform(small))
    bureau = person("department_officer").given_roles.get().organisation
    GivenRole.objects.create(
        user=both, role="department_officer", organisation=bureau, region="350200", given_by="test"
    )
    seeing = sight(actor(both), held.target(number_of(small.code)))
    assert seeing.grades == frozenset(), "the officer's region is another"


def test_what_needs_authorisation_is_for_the_office_not_for_departments(small: Small) -> None:
    subject = number_of(small.code)
    source = int(str(scalar(f"SELECT source_id FROM archive_record WHERE id = {small.shown}")))
    record = penalty_of(subject, source, "榕信〔2026〕0999号", disclosure="authorised")
    assert f'id="record-{record}"' in opened(looking("credit_office"), f"/work/subjects/{small.code}")
    page = opened(looking("department_officer"), f"/work/subjects/{small.code}")
    assert f'id="record-{record}"' not in page
    assert "另有1条" in page


def test_fields_of_a_grade_that_is_not_the_viewers_are_counted_not_shown(small: Small) -> None:
    platform = the_platform(small)
    seeing = sight(
        actor(person("platform_compliance", organisation=platform)), held.target(number_of(small.code))
    )
    found = {one["id"]: one for one in held.records(number_of(small.code), timezone.localdate(), seeing)}
    sealed = found[small.sealed]
    assert "CF_FR_ZJHM" not in sealed["payload"]
    assert sealed["withheld"] > 0
    whole = {one["id"]: one for one in held.records(number_of(small.code), timezone.localdate())}
    assert whole[small.sealed]["payload"]["CF_FR_ZJHM"] not in ("", RESIDENT)
    assert whole[small.sealed]["withheld"] == 0


def test_state_and_item_narrow_and_can_be_let_go(small: Small) -> None:
    browser = looking("credit_office")
    page = opened(browser, f"/work/subjects/{small.code}?state=withdrawn&item=penalty")
    assert "0105号" in page
    assert "0101号" not in page
    assert 'href="?item=penalty#records"' in page.replace("&amp;", "&"), "the state is let go"
    assert "0101号" in opened(browser, f"/work/subjects/{small.code}?state=nonsense&item=nonsense&before=x")


def test_more_than_a_page_is_paged_without_losing_or_repeating(small: Small) -> None:
    subject = number_of(small.quiet)
    source = int(str(scalar(f"SELECT source_id FROM archive_record WHERE id = {small.shown}")))
    made = {penalty_of(subject, source, f"岚〔2026〕{number}号") for number in range(held.RECORDS + 3)}
    browser, seen, address = looking("credit_office"), [], "?"
    while address:
        page = browser.get(f"/work/subjects/{small.quiet}{address}").content.decode()
        seen += [int(part.split('"')[0]) for part in page.split('id="record-')[1:]]
        after = page.partition('rel="next" href="')[2].partition("#")[0]
        address = after.replace("&amp;", "&")
    assert len(seen) == len(set(seen))
    assert set(seen) == made


@pytest.mark.obligation("13d")
def test_an_export_holds_what_is_seen_and_is_noted_before_it_leaves(small: Small) -> None:
    browser, subject = looking("credit_office"), number_of(small.code)
    page = opened(browser, f"/work/subjects/{small.code}/records")
    assert looks() == [(subject, "subject", "held-records")]
    assert "format=csv" in page
    got = browser.get(
        f"/work/subjects/{small.code}/records?format=csv&state=expired&columns=id&columns=title"
    )
    rows = list(csv.reader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert len(rows) == 2, "the head and the one record whose publication is over"
    assert "0103号" in rows[1][0]
    assert looks()[-1] == (subject, "export", "held-records.csv 1")
    workbook = browser.get(
        f"/work/subjects/{small.code}/records?format=xlsx&first=2000-01-01&last=9999-12-31"
    )
    assert workbook.content[:2] == b"PK"
    assert looks(what="export")[-1][2].startswith("held-records.xlsx ")
    assert RESIDENT not in got.content.decode()


def test_a_list_reaches_no_further_than_the_page(small: Small) -> None:
    browser = looking("platform_compliance", organisation=the_platform(small))
    got = browser.get(
        f"/work/subjects/{small.code}/records?format=csv&columns=id&columns=content"
    ).content.decode()
    ids = {line.split(",")[-1].strip() for line in got.splitlines()[1:]}
    assert str(small.shown) in ids
    assert not ids & {str(one) for one in small.hidden}


def test_a_day_and_a_kind_narrow_the_list(small: Small) -> None:
    browser, tomorrow = looking("auditor"), timezone.localdate().replace(year=2099)
    assert "0101号" in opened(browser, f"/work/subjects/{small.code}/records?item=penalty")
    assert "0101号" not in opened(browser, f"/work/subjects/{small.code}/records?first={tomorrow}")
    assert "0101号" not in opened(browser, f"/work/subjects/{small.code}/records?last=2001-01-01")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", [*ROLES, "platform_compliance"])
def test_pages_are_sound_in_both_languages(small: Small, role: str, language: str) -> None:
    organisation = the_platform(small) if role == "platform_compliance" else None
    browser = looking(role, organisation=organisation)
    for part in ("", "/records"):
        opened(browser, f"/work/subjects/{small.code}{part}", language=language)
    opened(browser_of(person(role)), "/work/purpose", language=language)


def test_who_is_not_there_and_what_is_no_code(small: Small) -> None:
    browser = looking("credit_office")
    for code in ("S999999", "91350100000000000X", "x" * 300, RESIDENT):
        for part in ("", "/records"):
            assert browser.get(f"/work/subjects/{code}{part}").status_code == 404
        assert browser.post(f"/work/subjects/{code}/unmask").status_code == 404
        assert browser.post(f"/work/subjects/{code}/door-code").status_code == 404
    assert not looks()


def test_the_page_asks_a_bounded_number_of_questions(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = looking("credit_office")
    address = f"/work/subjects/{small.code}"
    browser.get(address)
    with counted_statements(monkeypatch) as few:
        browser.get(address)
    source = int(str(scalar(f"SELECT source_id FROM archive_record WHERE id = {small.shown}")))
    for number in range(30):
        penalty_of(number_of(small.code), source, f"榕〔2025〕{number}号")
    with counted_statements(monkeypatch) as many:
        browser.get(address)
    assert len(many) == len(few), "as many for thirty records more"
    assert len(many) <= 40, many


def test_the_purpose_ends_with_the_working_day(small: Small) -> None:
    browser = looking("credit_office")
    session = browser.session
    session["purpose"] = session["purpose"] | {"until": timezone.now().timestamp() - 1}
    session.save()
    assert "/work/purpose" in browser.get(f"/work/subjects/{small.code}")["Location"]
    stating(browser)
    assert browser.get(f"/work/subjects/{small.code}").status_code == 200


def test_a_natural_person_has_no_public_page_to_link_to(small: Small) -> None:
    browser = looking("credit_office")
    assert f'href="/subjects/S{small.person}"' not in opened(browser, f"/work/subjects/S{small.person}")
    assert f'href="/subjects/{small.code}"' in opened(browser, f"/work/subjects/{small.code}")


def test_a_chart_has_as_many_colours_as_series_and_loses_no_record(small: Small) -> None:
    today, subject = timezone.localdate(), number_of(small.code)
    source = int(str(scalar(f"SELECT source_id FROM archive_record WHERE id = {small.shown}")))
    with appending() as log:
        Kept(log).record(subject, source, on=today.replace(year=today.year - 3, day=1))
    summary = held.summary(subject, today)
    chart = parts.years(summary)
    assert chart is not None
    assert len(chart.series) <= 6 < len({one.item for one in summary.seen})
    drawn = sum(int(number or 0) for _, numbers in chart.series for number in numbers)
    assert drawn == sum(one.number for one in summary.seen)
