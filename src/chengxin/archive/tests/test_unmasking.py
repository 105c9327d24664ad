"""A sealed number in the clear: by permission, with a recent second factor, for a purpose, once, logged."""

from __future__ import annotations

import re
from time import time

import pytest
from django.conf import settings
from django.test import Client

from chengxin.accounts.sessions import SECOND_FACTOR
from chengxin.archive.pages import held as page_of
from chengxin.archive.tests.kept import Kept
from chengxin.archive.tests.staff import logged_first, looking, looks, number_of, opened, stating
from chengxin.audit.models import Access
from chengxin.kernel.identifiers import mask
from chengxin.ledger.actions import appending
from chengxin.ledger.models import Event
from chengxin.portal.tests.small import RESIDENT, Small, small_archive
from chengxin.registry.models import Identifier
from chengxin.testing.signed import browser_of, person


@pytest.fixture
def small(database: str) -> Small:
    return small_archive()


def sealed_number(small: Small) -> dict[str, str]:
    return {"identifier": str(Identifier.objects.get(subject_id=small.person, cipher__isnull=False).pk)}


@pytest.mark.obligation("13d")
def test_a_number_is_masked_shown_on_request_logged_and_masked_again(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, address = looking("credit_office"), f"/work/subjects/S{small.person}"
    page = opened(browser, address)
    assert RESIDENT not in page
    assert mask("resident_id", RESIDENT) in page
    held_before = logged_first(monkeypatch, page_of)
    shown = browser.post(f"{address}/unmask", sealed_number(small))
    assert RESIDENT in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert held_before == [2], "the look stands in the log before the page is made"
    assert looks(what="unmask") == [(small.person, "unmask", "resident_id")]
    assert RESIDENT not in opened(browser, address)


@pytest.mark.obligation("13d")
def test_a_field_of_a_record_is_logged_by_its_name_and_record(small: Small) -> None:
    browser, address = looking("department_officer", region="350100"), f"/work/subjects/{small.code}"
    page = opened(browser, address)
    assert 'name="field" value="CF_FR_ZJHM"' in page
    field = {"record": str(small.sealed), "field": "CF_FR_ZJHM"}
    for language in ("en", "zh"):
        assert RESIDENT in opened(browser, f"{address}/unmask", post=field, language=language)
    assert looks(what="unmask") == [(number_of(small.code), "unmask", f"CF_FR_ZJHM #{small.sealed}")] * 2
    row = Access.objects.filter(what="unmask")[0]
    assert (row.role, row.region) == ("department_officer", "350100")
    assert RESIDENT not in opened(browser, address)


@pytest.mark.parametrize("role", ["auditor", "reviewer"])
def test_who_may_look_but_not_unmask(small: Small, role: str) -> None:
    browser, address = looking(role), f"/work/subjects/S{small.person}"
    assert 'name="identifier"' not in opened(browser, address)
    refused = browser.post(f"{address}/unmask", sealed_number(small))
    assert refused.status_code == 403
    assert RESIDENT not in refused.content.decode()
    assert not looks(what="unmask")


def aged(browser: Client) -> Client:
    session = browser.session
    session[SECOND_FACTOR] = int(time()) - 16 * 60
    session.save()
    return browser


@pytest.mark.parametrize("act", ["unmask", "door-code"])
def test_an_old_second_factor_is_asked_for_again(small: Small, act: str) -> None:
    browser, address = aged(looking("credit_office")), f"/work/subjects/S{small.person}/{act}"
    asked = browser.post(address, sealed_number(small))
    assert asked.status_code == 302
    assert asked["Location"].startswith("/sign-in/second-factor?next=")
    assert not looks(what="unmask")
    fresh = looking("credit_office").get(address)
    assert (fresh.status_code, fresh["Location"]) == (302, f"/work/subjects/S{small.person}"), (
        "back, not shown"
    )


def test_without_a_purpose_nothing_is_unmasked(small: Small) -> None:
    browser = browser_of(person("credit_office"))
    asked = browser.post(f"/work/subjects/S{small.person}/unmask", sealed_number(small))
    assert asked.status_code == 302
    assert asked["Location"].startswith("/work/purpose")
    assert not looks()


def test_outside_the_region_nothing_is_unmasked(small: Small) -> None:
    browser = looking("department_officer", region="350200")
    field = {"record": str(small.sealed), "field": "CF_FR_ZJHM"}
    assert browser.post(f"/work/subjects/{small.code}/unmask", field).status_code == 403
    assert not looks()


def test_a_number_of_somebody_else_or_of_nothing_is_not_there(small: Small) -> None:
    browser = looking("credit_office")
    for asked in (
        sealed_number(small), {"identifier": "9999999"}, {"identifier": "x"}, {},
        {"record": str(small.shown), "field": "CF_FR_ZJHM"}, {"record": str(small.sealed), "field": "none"},
    ):  # fmt: skip
        answer = browser.post(f"/work/subjects/{small.code}/unmask", asked)
        assert answer.status_code == 404, asked
        assert RESIDENT not in answer.content.decode()
    assert not looks(what="unmask")


def test_a_field_of_a_record_that_the_officer_does_not_see_stays_sealed(small: Small) -> None:
    with appending() as log:
        kept = Kept(log)
        cipher = settings.KEYRING.encrypt(f'{{"CF_FR_ZJHM":"{RESIDENT}"}}'.encode(), b"record")
        record = kept.record(number_of(small.code), kept.source(), disclosure="authorised", personal=cipher)
    field = {"record": str(record), "field": "CF_FR_ZJHM"}
    address = f"/work/subjects/{small.code}/unmask"
    assert looking("department_officer", region="350100").post(address, field).status_code == 404
    assert RESIDENT in opened(looking("credit_office"), address, post=field)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.obligation("13d")
def test_the_letters_code_opens_the_door_of_this_subject_alone(small: Small, language: str) -> None:
    browser, address = looking("credit_office"), f"/work/subjects/{small.code}/door-code"
    letter = opened(browser, address, language=language, post={})
    found = re.search(r"\b(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}\b", letter)
    assert found
    assert "福建省发展和改革委员会" in letter
    stranger = Client()
    let_in = stranger.post("/door", {"code": found[0]})
    assert let_in.status_code == 302
    own = opened(stranger, "/own", language=language)
    assert small.code in own
    others = stranger.get(f"/own?subject={number_of(small.quiet)}").content.decode()
    assert small.quiet not in others
    assert stranger.get(f"/work/subjects/{small.code}").status_code in (302, 403)
    assert Event.objects.filter(kind="door_code_served").count() == 1


def test_a_new_letter_ends_the_earlier_code(small: Small) -> None:
    browser, address = (
        looking("department_officer", region="350102"),
        f"/work/subjects/{small.code}/door-code",
    )
    codes = [
        re.findall(r"(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}", browser.post(address).content.decode())[0] for _ in "12"
    ]
    assert Client().post("/door", {"code": codes[0]}).status_code != 302
    assert Client().post("/door", {"code": codes[1]}).status_code == 302
    assert looking("department_officer", region="350200").post(address).status_code == 403
    assert stating(browser_of(person("auditor")), "auditor").post(address).status_code == 403
