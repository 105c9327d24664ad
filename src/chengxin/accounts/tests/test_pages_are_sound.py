"""Every page of accounts in both languages: sound HTML, one heading, no Chinese left in the English."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts import invitations, keys, second_factor, totp
from chengxin.accounts.invitations import Invited
from chengxin.accounts.models import ApiKey, Passkey
from chengxin.accounts.permissions import at_the_console
from chengxin.testing.checked import checked
from chengxin.testing.signed import actor, browser_of, person


def sound(browser: Client, address: str, language: str, status: int = 200) -> None:
    response = browser.get(address, {"lang": language})
    assert response.status_code == status, address
    page = checked(response.content.decode())
    assert not list(page.finish()), address
    assert not page.stray, address


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_sound_in_both_languages(database: str, language: str) -> None:
    administrator, leaving = person("administrator"), person("platform_compliance")
    administrator.second_factor = second_factor.sealed_seed(administrator, totp.new_seed())
    administrator.save()
    Passkey.objects.create(user=administrator, name="办公电脑", credential=b"c", public_key=b"k")
    office = administrator.given_roles.get().organisation
    assert office is not None
    token = invitations.invite(
        at_the_console("test"), Invited("林核对", "lin.hd", "reviewer", office, region="350000")
    )
    expires = timezone.now() + timedelta(days=9)
    keys.make(actor(administrator), office, "报送系统", ["batch.send"], expires_at=expires)
    browser, half, unenrolled = browser_of(administrator), Client(), browser_of(leaving, second_factor=False)
    for address in (
        "/account", "/account/password", "/account/recovery-codes", "/account/passkeys", "/sign-out",
        "/work/users", "/work/users?state=ended&role=auditor", "/work/users/invite",
        f"/work/users/{administrator.pk}", f"/work/users/{leaving.pk}", f"/work/users/{leaving.pk}/end",
        "/work/keys", "/work/keys/new", f"/work/keys/{ApiKey.objects.get().pk}", "/sign-in/second-factor",
        "/sign-in/second-factor/enrol",
    ):  # fmt: skip
        sound(browser, address, language)
    for address in ("/sign-in", "/door", "/permissions", f"/join/{token}"):
        sound(half, address, language)
    sound(half, "/join/nothing", language, 404)
    sound(unenrolled, "/sign-in/second-factor/enrol", language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_answers_to_mistakes_are_sound_and_say_how_to_mend(database: str, language: str) -> None:
    browser, stranger = browser_of(person("administrator")), Client()
    answers = [
        stranger.post(f"/sign-in?lang={language}", {"name": "x", "password": "y"}),
        stranger.post(f"/door?lang={language}", {"code": "AAAA"}),
        browser.post(f"/account/password?lang={language}", {"old": "a", "password": "b", "again": "c"}),
        browser.post(f"/work/users/invite?lang={language}", {"name": "", "organisation": "无此单位"}),
        browser.post(f"/work/keys/new?lang={language}", {"organisation": "福建省发展和改革委员会"}),
    ]
    for answer in answers:
        assert answer.status_code == 422
        page = checked(answer.content.decode())
        assert not list(page.finish())
        assert 'class="notice bad errors"' in answer.content.decode()
