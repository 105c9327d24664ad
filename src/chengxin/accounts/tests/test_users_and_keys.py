"""People and machines are let in and out by those who may, within their own scope, on the record."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from chengxin.accounts import demonstrated, invitations, keys, managing, second_factor, totp
from chengxin.accounts.actions import note_organisation
from chengxin.accounts.demonstrated import Person
from chengxin.accounts.invitations import Invited, NotDone
from chengxin.accounts.models import ApiKey, GivenRole, Invitation, Organisation, Session, User
from chengxin.accounts.permissions import Forbidden, Target, at_the_console
from chengxin.ledger.models import Event
from chengxin.testing.signed import actor, browser_of, person

NEW_PASSWORD = "河边有一只会飞的蓝色大象"  # noqa: S105 - of people who exist in tests only
PLATFORM = "榕城优选电子商务平台"


def events(kind: str) -> list[dict[str, object]]:
    """What the ledger says of a kind of change."""
    return [json.loads(one.body) for one in Event.objects.filter(kind=kind).order_by("id")]


def organisation(name: str, role: str) -> Organisation:
    return note_organisation(code=None, name=name, role=role, confirmed=True)


@pytest.mark.obligation("12.2a")
def test_an_invitation_is_checked_handed_over_and_taken_once(database: str) -> None:
    inviter = person("organisation_administrator")
    browser = browser_of(inviter)
    answers = {
        "name": "郑守约", "sign_in_name": "zheng.sy", "role": "platform_compliance", "organisation": PLATFORM,
        "region": "",
    }  # fmt: skip
    checked = browser.post("/work/users/invite", answers | {"step": "check"}).content.decode()
    assert "郑守约" in checked and not Invitation.objects.exists(), "nothing is sent before it was checked"
    sent = browser.post("/work/users/invite", answers | {"step": "send"}).content.decode()
    link = re.search("/join/[A-Za-z0-9_-]+", sent)
    assert link is not None
    assert sha256(link[0].rpartition("/")[2].encode()).digest() == bytes(Invitation.objects.get().token)
    guest = Client()
    assert "郑守约" in guest.get(link[0]).content.decode()
    for password, again in (("short", "short"), (NEW_PASSWORD, "other")):
        assert guest.post(link[0], {"password": password, "again": again}).status_code == 422
    joined = guest.post(link[0], {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert joined["Location"] == "/sign-in/second-factor/enrol"
    assert Client().get(link[0]).status_code == 404, "a link counts once"
    assert Client().post(link[0], {"password": NEW_PASSWORD, "again": NEW_PASSWORD}).status_code == 404
    user = User.objects.get(sign_in_name="zheng.sy")
    assert [one.role for one in managing.held(user)] == ["platform_compliance"]
    assert events("user_invited")[0]["by"] == inviter.pk
    assert events("user_joined")[0]["user"] == user.pk
    assert "郑守约" not in "".join(Event.objects.values_list("body", flat=True)), "the ledger names no person"


def test_an_invitation_ends_after_a_week_or_when_taken_back(database: str) -> None:
    administrator = actor(person("administrator"))
    of = organisation("福建省审计厅", "department")
    first = invitations.invite(administrator, Invited("甲", "aa", "auditor", of))
    second = invitations.invite(administrator, Invited("乙", "bb", "auditor", of))
    Invitation.objects.filter(sign_in_name="aa").update(expires_at=timezone.now())
    invitations.take_back(administrator, Invitation.objects.get(sign_in_name="bb").pk)
    for token in (first, second, "nonsense"):
        assert Client().get(f"/join/{token}").status_code == 404
        with pytest.raises(LookupError):
            invitations.join(token, NEW_PASSWORD)


def test_an_organisations_administrator_stays_within_the_organisation(database: str) -> None:
    chief = person("organisation_administrator")
    own, other = organisation(PLATFORM, "platform"), organisation("福建省商务厅", "department")
    for role, of in (("administrator", own), ("credit_office", own), ("department_officer", own),
                     ("department_officer", other), ("platform_compliance", other)):  # fmt: skip
        with pytest.raises((NotDone, Forbidden)):
            invitations.invite(actor(chief), Invited("某人", "somebody", role, of, region="350000"))
    stranger, colleague = person("department_officer"), person("platform_compliance")
    administrator = person("administrator", organisation=own)
    browser = browser_of(chief)
    assert browser.get(f"/work/users/{stranger.pk}").status_code == 404
    listed = browser.get("/work/users").content.decode()
    assert colleague.sign_in_name in listed and stranger.sign_in_name not in listed
    with pytest.raises(Forbidden):
        managing.end_user(actor(chief), administrator, None)
    with pytest.raises(Forbidden):
        managing.end_user(actor(chief), stranger, None)


def test_nobody_gives_a_role_to_themselves(database: str) -> None:
    user = person("administrator")
    office = managing.held(user)[0].organisation
    assert office is not None
    with pytest.raises(NotDone):
        managing.give_role(actor(user), user, "credit_office", office)
    browser = browser_of(user)
    answer = browser.post(
        f"/work/users/{user.pk}/roles", {"role": "credit_office", "organisation": office.name, "region": ""}
    )
    assert answer.status_code == 422 and not GivenRole.objects.filter(role="credit_office").exists()


def test_the_last_administrator_stays(database: str) -> None:
    first, second = person("administrator"), person("administrator")
    managing.end_user(actor(first), second, None)
    with pytest.raises(NotDone):
        managing.end_user(at_the_console("test"), first, None)
    with pytest.raises(NotDone):
        managing.end_role(at_the_console("test"), first, managing.held(first)[0].pk)
    assert [one.pk for one in managing.administrators()] == [first.pk]


@pytest.mark.obligation("12.2a")
def test_ending_access_is_at_once_and_hands_work_over(database: str) -> None:
    administrator = person("administrator")
    leaving, colleague = person("platform_compliance"), person("platform_compliance")
    of = managing.held(leaving)[0].organisation
    assert of is not None
    key = keys.make(at_the_console("test"), of, "报送系统", ["batch.read"],
                    expires_at=timezone.now() + timedelta(days=9))  # fmt: skip
    ApiKey.objects.update(made_by=leaving)
    browser = browser_of(leaving)
    assert browser.get("/account").status_code == 200
    chief = browser_of(administrator)
    assert chief.get(f"/work/users/{leaving.pk}/end").status_code == 200
    assert chief.post(f"/work/users/{leaving.pk}/end", {"colleague": str(colleague.pk)}).status_code == 302
    assert browser.get("/account").status_code == 302
    assert not Session.objects.filter(user=leaving).exists()
    assert managing.held(leaving) == []
    assert ApiKey.objects.get().made_by_id == colleague.pk and keys.actor_of_key(key) is not None
    [told] = events("user_ended")
    assert told["colleague"] == colleague.pk and told["by"] == administrator.pk
    assert told["moved"] == told["moved"] | {"api_keys": 1}  # type: ignore[operator]
    managing.end_user(actor(administrator), colleague, None)
    assert keys.actor_of_key(key) is None, "what nobody takes over ends"


def test_a_lost_second_factor_is_taken_back_by_another(database: str) -> None:
    administrator, user = person("administrator"), person("auditor")
    User.objects.update(second_factor=b"x")
    second_factor.new_recovery_codes(user)
    chief = browser_of(administrator)
    assert chief.post(f"/work/users/{administrator.pk}/reset-second-factor").status_code == 403
    assert chief.post(f"/work/users/{user.pk}/reset-second-factor").status_code == 302
    user.refresh_from_db()
    assert user.second_factor is None and second_factor.recovery_codes_left(user) == 0
    assert events("second_factor_reset") == [{"user": user.pk, "by": administrator.pk, "console": False}]


@pytest.mark.obligation("12.2a")
def test_a_key_is_shown_once_and_does_only_what_its_scopes_name(database: str) -> None:
    chief = browser_of(person("organisation_administrator"))
    year = (timezone.localdate() + timedelta(days=300)).isoformat()
    given = {"name": "报送系统", "organisation": PLATFORM, "expires": year, "per_minute": "3"}
    assert chief.post("/work/keys/new", given).status_code == 422, "a key without a scope"
    late = (timezone.localdate() + timedelta(days=800)).isoformat()
    assert (
        chief.post("/work/keys/new", given | {"scope-batch.read": "on", "expires": late}).status_code == 422
    )
    made = chief.post("/work/keys/new", given | {"scope-batch.read": "on"}).content.decode()
    found = re.search("cx_[A-Za-z0-9_-]+", made)
    assert found is not None
    key = found[0]
    row = ApiKey.objects.get()
    assert bytes(row.sha256) == sha256(key.encode()).digest() and key not in str(row.__dict__)
    assert key not in chief.get("/work/keys").content.decode()
    machine = keys.actor_of_key(key)
    assert machine is not None and machine.may("batch.read", Target(organisation=row.organisation_id))
    assert not machine.may("batch.read", Target(organisation=999_999))
    assert not machine.may("batch.send") and not machine.may("user.manage")
    client = Client(headers={"Authorization": f"Bearer {key}"})
    read = client.get("/api/v1/batches")
    assert (read.status_code, read["RateLimit-Limit"], read["RateLimit-Remaining"]) == (200, "3", "1")
    refused = client.post("/api/v1/batches?item=penalty")
    assert refused.status_code in (403, 422)
    limited = client.get("/api/v1/batches")
    assert limited.status_code == 429 and limited["Content-Type"] == "application/problem+json"
    assert int(limited["Retry-After"]) <= 60 and limited["RateLimit-Remaining"] == "0"
    assert chief.post(f"/work/keys/{row.pk}").status_code == 302
    assert client.get("/api/v1/batches").status_code == 401
    assert [len(events("key_made")), len(events("key_revoked"))] == [1, 1]


def test_a_key_that_ran_out_is_none(database: str) -> None:
    of = organisation(PLATFORM, "platform")
    key = keys.token(of)
    assert keys.actor_of_key(key) is not None
    ApiKey.objects.update(expires_at=timezone.now())
    assert keys.actor_of_key(key) is None


def test_tokens_of_an_earlier_home_keep_working(database: str, tmp_path: Path) -> None:
    of = organisation(PLATFORM, "platform")
    held = {sha256(b"old token").hexdigest(): str(of.pk), sha256(b"of nobody").hexdigest(): "999999"}
    (tmp_path / keys.OLD_FILE).write_text(json.dumps(held))
    assert keys.take_over(tmp_path) == 1
    assert keys.take_over(tmp_path) == 0 and not (tmp_path / keys.OLD_FILE).exists()
    machine = keys.actor_of_key("old token")
    assert machine is not None and machine.may("batch.send", Target(organisation=of.pk))
    assert keys.actor_of_key("of nobody") is None


def test_another_organisations_key_is_not_ones_to_revoke(database: str) -> None:
    keys.token(organisation("福建省商务厅", "department"))
    chief = browser_of(person("organisation_administrator"))
    id = ApiKey.objects.get().pk
    assert chief.get(f"/work/keys/{id}").status_code == 404
    assert chief.post(f"/work/keys/{id}").status_code == 404


@pytest.mark.parametrize("marked", ["nothing", "home", "home and file of another", "all"])
def test_the_second_factor_is_shown_on_a_demonstration_only(
    database: str, monkeypatch: pytest.MonkeyPatch, marked: str
) -> None:
    user = person("administrator")
    user.second_factor = second_factor.sealed_seed(user, totp.new_seed())
    user.save()
    other = person("administrator")
    other.second_factor = second_factor.sealed_seed(other, totp.new_seed())
    other.save()
    home: Path = settings.HOME.path
    try:
        demonstrated.note([Person(user.sign_in_name, user.name, "administrator", "x")])
        if marked != "nothing":
            (home / demonstrated.MARK).write_text("{}")
        if marked == "home and file of another":
            kept = json.loads((home / demonstrated.FILE).read_text())
            kept["people"][0]["sign_in_name"] = other.sign_in_name
            (home / demonstrated.FILE).write_text(json.dumps(kept))
        monkeypatch.setattr(demonstrated, "demonstration", lambda: marked != "home")
        page = browser_of(user).get("/sign-in/second-factor").content.decode()
        assert ("演示：当前验证码" in page) == (marked == "all")
        assert "演示：当前验证码" not in browser_of(other).get("/sign-in/second-factor").content.decode()
        assert (home / demonstrated.FILE).stat().st_mode & 0o077 == 0
    finally:
        (home / demonstrated.FILE).unlink(missing_ok=True)
        (home / demonstrated.MARK).unlink(missing_ok=True)


def test_a_demonstrations_archive_alone_shows_nothing(database: str) -> None:
    assert demonstrated.people() == []


def test_a_role_that_ended_allows_nothing_more(database: str) -> None:
    user = person("administrator")
    person("administrator")
    browser = browser_of(user)
    assert browser.get("/work/users").status_code == 200
    managing.end_role(at_the_console("test"), user, managing.held(user)[0].pk)
    assert browser.get("/work/users").status_code == 403


def test_whoever_reads_users_only_changes_none(database: str) -> None:
    browser, other = browser_of(person("auditor")), person("merchant", subject=1)
    assert browser.get(f"/work/users/{other.pk}").status_code == 200
    for path in ("roles", "end", "reset-second-factor"):
        assert browser.post(f"/work/users/{other.pk}/{path}").status_code == 403
    assert browser.get("/work/keys").status_code == 403
