"""A subject to whom a code was served makes an account of it."""

from __future__ import annotations

import pytest
from django.test import Client

from chengxin.accounts import doorcodes
from chengxin.accounts.models import GivenRole, User
from chengxin.accounts.permissions import Target, at_the_console
from chengxin.portal.tests.small import Small, small_archive
from chengxin.testing.signed import browser_of, person

PASSWORD = "seven herons under a banyan"  # noqa: S105 - of somebody who exists in tests only
FORM = {
    "role": "merchant",
    "name": "陈小渔",
    "sign_in_name": "Chen.Yu",
    "password": PASSWORD,
    "again": PASSWORD,
}


@pytest.fixture
def archive(database: str) -> Small:
    return small_archive()


def _with_code(archive: Small) -> Client:
    code = doorcodes.issue(at_the_console("test"), archive.person, target=Target())
    browser = Client()
    assert browser.post("/door", {"code": code})["Location"] == "/own"
    return browser


@pytest.mark.obligation("13d")
def test_with_a_code_an_account_is_made_that_sees_this_subject_and_no_other(archive: Small) -> None:
    browser = _with_code(archive)
    assert "/door/account" in browser.get("/own").content.decode()
    assert browser.post("/door/account", FORM)["Location"] == "/own"
    user = User.objects.get(sign_in_name="chen.yu")
    (given,) = GivenRole.objects.filter(user=user)
    assert (given.role, given.subject, given.organisation) == ("merchant", archive.person, None)
    later = Client()
    assert later.post("/sign-in", {"name": "chen.yu", "password": PASSWORD}).status_code == 302
    assert "陈小渔" in later.get("/own").content.decode()
    assert later.get(f"/work/subjects/{archive.code}").status_code == 403


def test_what_is_wrong_is_said_at_each_field_and_nothing_is_made(archive: Small) -> None:
    browser = _with_code(archive)
    bad = FORM | {"role": "auditor", "name": "", "sign_in_name": "鱼", "password": "short", "again": "short"}
    answer = browser.post("/door/account", bad)
    assert answer.status_code == 422 and answer.content.decode().count('class="error"') == 4
    assert not User.objects.exists()


def test_it_is_for_holders_of_a_code_alone(archive: Small) -> None:
    assert Client().post("/door/account", FORM)["Location"].startswith("/sign-in")
    assert browser_of(person("credit_office")).post("/door/account", FORM).status_code == 403
    merchant = browser_of(person("merchant", subject=archive.person))
    assert merchant.post("/door/account", FORM)["Location"] == "/own"
    assert not User.objects.filter(sign_in_name="chen.yu").exists()
