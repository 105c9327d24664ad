"""Signing in through the real pages: what lets in, what doesn't, what an attacker can't do to the owner."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts import second_factor, totp
from chengxin.accounts.models import Attempt, Session, User
from chengxin.accounts.permissions import Target
from chengxin.accounts.signing_in import DEVICE_COOKIE, own_path
from chengxin.testing.signed import PASSWORD, actor, browser_of, person


def seeded(role: str = "department_officer") -> tuple[User, str]:
    """A person whose second factor is enrolled, and its seed."""
    user, seed = person(role), totp.new_seed()
    user.second_factor = second_factor.sealed_seed(user, seed)
    user.save()
    return user, seed


def typed(browser: Client, user: User, password: str = PASSWORD, **given: str) -> int:
    """Type name and password; the answer's status."""
    answer = browser.post("/sign-in", {"name": user.sign_in_name, "password": password} | given)
    return answer.status_code


def signed_in_fully(user: User, seed: str, address: str = "198.51.100.7") -> Client:
    """A browser that went through both pages."""
    browser = Client(REMOTE_ADDR=address)
    assert typed(browser, user) == 302
    User.objects.filter(pk=user.pk).update(second_factor_step=0)
    answer = browser.post("/sign-in/second-factor", {"code": pyotp.TOTP(seed).now()})
    assert answer.status_code == 302
    return browser


@pytest.mark.obligation("13d")
def test_a_role_with_power_is_used_only_after_both_factors(database: str) -> None:
    user, seed = seeded()
    browser = Client()
    assert browser.get("/account")["Location"] == "/sign-in?next=%2Faccount"
    answer = browser.post(
        "/sign-in", {"name": user.sign_in_name.upper(), "password": PASSWORD, "next": "/account"}
    )
    assert answer["Location"] == "/sign-in/second-factor?next=%2Faccount"
    assert browser.get("/account")["Location"].startswith("/sign-in/second-factor"), (
        "the password isn't enough"
    )
    wrong = browser.post("/sign-in/second-factor", {"code": "000000"})
    assert wrong.status_code == 422
    good = browser.post("/sign-in/second-factor", {"code": pyotp.TOTP(seed).now(), "next": "/account"})
    assert good["Location"] == "/account"
    page = browser.get("/account")
    assert page.status_code == 200 and page["Cache-Control"] == "no-store"
    assert "福建省市场监督管理局" in page.content.decode()


def test_a_code_is_never_taken_twice(database: str) -> None:
    user, seed = seeded()
    signed_in_fully(user, seed)
    code = pyotp.TOTP(seed).now()
    user.refresh_from_db()
    thief = Client()
    assert typed(thief, user) == 302
    assert thief.post("/sign-in/second-factor", {"code": code}).status_code == 422
    assert thief.get("/account").status_code == 302


def test_a_recovery_code_lets_in_once(database: str) -> None:
    user, _ = seeded()
    code = second_factor.new_recovery_codes(user)[0]
    for expected in (302, 422):
        browser = Client()
        typed(browser, user)
        assert browser.post("/sign-in/second-factor", {"code": code.lower()}).status_code == expected


def test_the_session_gets_a_new_key_at_each_step(database: str) -> None:
    user, seed = seeded()
    browser = Client()
    browser.get("/sign-in")
    keys = []
    typed(browser, user)
    keys.append(browser.cookies["chengxin_session"].value)
    browser.post("/sign-in/second-factor", {"code": pyotp.TOTP(seed).now()})
    keys.append(browser.cookies["chengxin_session"].value)
    assert len(set(keys)) == 2
    assert Session.objects.filter(user=user).count() == 1, "what was known before counts no more"
    cookie = browser.cookies["chengxin_session"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert not Session.objects.filter(session_key=cookie.value).exists(), "the table holds hashes only"


def test_nothing_tells_whether_a_name_exists(database: str) -> None:
    user, _ = seeded()
    pages = []
    for name in (user.sign_in_name, "nobody.at.all"):
        answer = Client().post("/sign-in", {"name": name, "password": "not the password"})
        assert answer.status_code == 422
        text = re.sub('csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
        pages.append(text.replace(name, "NAME"))
    assert pages[0] == pages[1]


def test_whoever_has_no_account_any_more_cannot_sign_in(database: str) -> None:
    user, seed = seeded()
    browser = signed_in_fully(user, seed)
    User.objects.filter(pk=user.pk).update(ended_at=timezone.now())
    assert browser.get("/account").status_code == 302
    assert typed(Client(), user) == 422


@pytest.mark.parametrize(
    "where",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "/a\nb",
        "",
    ],
)
def test_signing_in_never_leads_elsewhere(where: str) -> None:
    assert own_path(where) == "/work"


def test_own_paths_are_kept() -> None:
    assert own_path("/work/users?role=auditor&order=-name") == "/work/users?role=auditor&order=-name"


def test_a_form_of_another_site_is_refused(database: str) -> None:
    user, _ = seeded()
    browser = Client(enforce_csrf_checks=True)
    assert typed(browser, user) == 403
    token = re.search('csrfmiddlewaretoken" value="([^"]+)"', browser.get("/sign-in").content.decode())
    assert token is not None
    assert typed(browser, user, csrfmiddlewaretoken=token[1]) == 302


def test_guessing_is_slowed_and_says_so(database: str) -> None:
    user, _ = seeded()
    browser = Client(REMOTE_ADDR="203.0.113.5")
    assert [typed(browser, user, "wrong") for _ in range(6)] == [422] * 5 + [429]
    assert typed(browser, user) == 429, "the right password waits, too"
    answer = browser.post("/sign-in", {"name": user.sign_in_name, "password": "wrong"})
    assert answer["Retry-After"] and "分钟后重试" in answer.content.decode()
    Attempt.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert typed(browser, user) == 302


def test_an_attacker_cannot_lock_the_owner_out(database: str) -> None:
    user, seed = seeded()
    owner = signed_in_fully(user, seed, "198.51.100.7")
    assert DEVICE_COOKIE in owner.cookies and owner.cookies[DEVICE_COOKIE]["httponly"]
    for number in range(30):  # from many addresses, and from the owner's own (a shared network)
        typed(Client(REMOTE_ADDR=f"203.0.113.{number}"), user, "wrong")
    for _ in range(6):
        typed(Client(REMOTE_ADDR="198.51.100.7"), user, "wrong")
    assert typed(Client(REMOTE_ADDR="192.0.2.1"), user) == 429, "strangers wait, even with the password"
    assert typed(owner, user) == 302, "the owner's browser doesn't"
    owner.cookies.pop("chengxin_session")
    moved = Client(REMOTE_ADDR="192.0.2.99")
    moved.cookies[DEVICE_COOKIE] = owner.cookies[DEVICE_COOKIE].value
    assert typed(moved, user) == 302, "wherever it is"


def test_a_forged_device_cookie_is_worth_nothing(database: str) -> None:
    user, _ = seeded()
    browser = Client(REMOTE_ADDR="203.0.113.5")
    browser.cookies[DEVICE_COOKIE] = "WzFd:1abc:forged"
    assert [typed(browser, user, "wrong") for _ in range(6)][-1] == 429


def test_enrolling_shows_the_seed_takes_a_code_and_gives_recovery_codes_once(database: str) -> None:
    user = person("administrator")
    browser = Client()
    typed(browser, user)
    assert "/sign-in/second-factor/enrol" in browser.get("/work/users", follow=True).redirect_chain[-1][0]
    page = browser.get("/sign-in/second-factor/enrol").content.decode()
    assert "data:image/svg+xml" in page
    found = re.search('class="long">([A-Z2-7 ]+)<', page)
    assert found is not None
    seed = found[1].replace(" ", "")
    assert browser.post("/sign-in/second-factor/enrol", {"code": "123"}).status_code == 422
    done = browser.post("/sign-in/second-factor/enrol", {"code": pyotp.TOTP(seed).now()})
    codes = re.findall("<code>([0-9A-Z]{4}-[0-9A-Z]{4})</code>", done.content.decode())
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    user.refresh_from_db()
    assert user.second_factor is not None and seed.encode() not in bytes(user.second_factor)
    assert browser.get("/work/users").status_code == 200
    again = browser.get("/sign-in/second-factor/enrol").content.decode()
    assert seed not in again.replace(" ", "")


def test_a_merchant_needs_no_second_factor_unless_enrolled(database: str) -> None:
    user = person("merchant", subject=1)
    browser = Client()
    assert typed(browser, user, next="/account") == 302
    assert browser.get("/account").status_code == 200
    user.second_factor = second_factor.sealed_seed(user, totp.new_seed())
    user.save()
    assert browser.get("/account")["Location"].startswith("/sign-in/second-factor")


def test_sessions_end_when_idle_and_one_by_one(database: str) -> None:
    user, seed = seeded()
    first, second = signed_in_fully(user, seed), signed_in_fully(user, seed, "198.51.100.8")
    page = first.get("/account").content.decode()
    assert "198.51.100.8" in page and page.count("本机") == 1
    other = Session.objects.filter(address="198.51.100.8").get()
    first.post("/account/sessions", {"session": other.session_key[:12]})
    assert second.get("/account").status_code == 302
    assert first.get("/account").status_code == 200
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=61))
    assert first.get("/account")["Location"].startswith("/sign-in?")


def test_a_session_lasts_twelve_hours_at_most(database: str) -> None:
    user, seed = seeded()
    browser = signed_in_fully(user, seed)
    row = Session.objects.get(user=user)
    assert row.expire_date - row.started_at == timedelta(hours=12)
    browser.get("/account")
    Session.objects.update(expire_date=timezone.now())
    assert browser.get("/account").status_code == 302


def test_a_new_password_ends_the_other_sessions(database: str) -> None:
    user, seed = seeded()
    here, there = signed_in_fully(user, seed), signed_in_fully(user, seed, "198.51.100.8")
    new = "four unrelated words 桥"
    for old, again, expected in (("wrong", new, 422), (PASSWORD, "other", 422), (PASSWORD, new, 302)):
        answer = here.post("/account/password", {"old": old, "password": new, "again": again})
        assert answer.status_code == expected
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    assert typed(Client(REMOTE_ADDR="198.51.100.9"), user) == 422
    assert typed(Client(REMOTE_ADDR="198.51.100.9"), user, new) == 302


def test_what_is_sensitive_asks_for_the_second_factor_again(database: str) -> None:
    user, seed = seeded("administrator")
    browser = signed_in_fully(user, seed)
    assert browser.get("/work/users/invite").status_code == 200
    session = browser.session
    session["second_factor"] -= 16 * 60
    session.save()
    assert browser.get("/work/users").status_code == 200
    assert browser.get("/work/users/invite")["Location"].startswith("/sign-in/second-factor?")


def test_signing_out_ends_the_session_and_needs_a_post(database: str) -> None:
    user, seed = seeded()
    browser = signed_in_fully(user, seed)
    browser.get("/sign-out")
    assert browser.get("/account").status_code == 200
    assert browser.post("/sign-out").status_code == 302
    assert browser.get("/account").status_code == 302
    assert not Session.objects.filter(user=user).exists()


@pytest.mark.obligation("13d")
def test_a_code_from_the_office_opens_the_subjects_own_door(database: str) -> None:
    from chengxin.accounts import doorcodes  # noqa: PLC0415
    from chengxin.accounts.models import DoorCode  # noqa: PLC0415

    officer = actor(person("department_officer", region="350100"))
    code = doorcodes.issue(officer, 77, target=Target(region="350102", subject=77))
    assert re.fullmatch("([2-9A-HJKMNP-Z]{4}-){3}[2-9A-HJKMNP-Z]{4}", code)
    with pytest.raises(PermissionError):
        doorcodes.issue(officer, 78, target=Target(region="350200", subject=78))
    browser = Client()
    assert browser.post("/door", {"code": "AAAA-BBBB-CCCC-DDDD"}).status_code == 422
    assert browser.post("/door", {"code": code.lower().replace("-", " ")})["Location"] == "/own"
    row = Session.objects.get(user=None)
    assert row.expire_date - row.started_at == timedelta(hours=1)
    assert browser.get("/account").status_code in (302, 404), "a code holder has no account"
    assert browser.get("/work/users").status_code == 403
    DoorCode.objects.update(uses_left=1)
    assert doorcodes.used(code) == 77
    assert doorcodes.used(code) is None
    newer = doorcodes.issue(officer, 77, target=Target(region="350102", subject=77))
    DoorCode.objects.update(uses_left=5)
    assert doorcodes.used(code) is None, "an earlier code ends with the next"
    DoorCode.objects.update(expires_at=timezone.now())
    assert doorcodes.used(newer) is None


def test_guessing_access_codes_is_slowed(database: str) -> None:
    browser = Client(REMOTE_ADDR="203.0.113.77")
    answers = [browser.post("/door", {"code": "AAAA"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_passkey_answers_are_refused_without_a_challenge(database: str) -> None:
    user, seed = seeded()
    browser = signed_in_fully(user, seed)
    assert 'data-passkey="create"' in browser.get("/account/passkeys").content.decode()
    browser.post("/account/passkeys", {"credential": '{"id":"x"}', "name": "x"})
    browser.post("/account/passkeys", {"credential": "no json", "name": "x"})
    assert user.passkeys.count() == 0


def test_a_browser_that_skipped_the_page_is_known_to_be_missing_a_factor(database: str) -> None:
    user, _ = seeded()
    assert browser_of(user, second_factor=False).get("/account").status_code == 302
    assert browser_of(user).get("/account").status_code == 200
