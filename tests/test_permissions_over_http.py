"""The table of permissions over HTTP: every address, every role, nobody, and without the second factor."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from chengxin.accounts import keys
from chengxin.accounts.guard import PUBLIC, SIGNED_IN
from chengxin.accounts.permissions import actions, at_the_console, roles
from chengxin.testing.examples import address
from chengxin.testing.routes import Route, operations, pages
from chengxin.testing.signed import browser_of, person
from chengxin.testing.world import World, state_purpose, undone

PAGES = list(pages())
GUARDED = [one for one in PAGES if one.permission != PUBLIC]
OPERATIONS = list(operations())

BY_POST_ONLY = {
    "saved-filters", "account-sessions", "account-recovery-codes", "invitation-take-back", "user-give-role",
    "user-end-role", "user-reset-second-factor", "matching-undo", "unmask", "door-code",
    "measures-accept", "lead-capacity",
}  # fmt: skip
"""Addresses that change something and show nothing: who opens them is refused, or led to the page before."""

DECIDED_BY = {
    "matching-pair": "match.decide",
    "case-step": "notice.approve",
    "case-new": "notice.draft",
    "lead": "lead.decide",
}
"""What a POST needs where it needs more than the page itself."""

NARROWER = {("batch-rejects", "credit_office"), ("batch-rejects", "auditor")}
"""Rejected rows in the clear are for their sender alone; whoever watches over all batches sees counts."""

STEPS_OF_SIGNING_IN = {"second-factor", "second-factor-enrol"}
"""Public, since they come before one is signed in; without a begun session they lead to its start."""


def asked(browser: Client, method: str, path: str) -> HttpResponse:
    with undone():
        answer: HttpResponse = getattr(browser, method)(path)
    assert answer.status_code < 500, f"{method} {path}: {answer.status_code}"
    return answer


def sign_in_wanted(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/sign-in?")


def second_factor_wanted(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/sign-in/second-factor")


def let_in(answer: HttpResponse) -> bool:
    return not (answer.status_code in (401, 403) or sign_in_wanted(answer) or second_factor_wanted(answer))


def named(route: Route) -> str:
    return route.name


def allowed(route: Route, role: str, method: str = "get") -> bool:
    if route.permission in (PUBLIC, SIGNED_IN):
        return True
    posted = method == "post"
    if not posted and (route.name, role) in NARROWER:
        return False
    needed = DECIDED_BY.get(route.name, route.permission) if posted else route.permission
    return role in actions()[str(needed)].roles


@pytest.mark.obligation("12.2a")
@pytest.mark.parametrize("route", GUARDED, ids=named)
def test_each_role_may_open_what_the_table_says_and_nothing_else(world: World, route: Route) -> None:
    path = address(route, world)
    wrong = []
    for role in roles():
        browser = world.browser(role)
        for method in ("get", "post"):
            answer = asked(browser, method, path)
            good = let_in(answer) if allowed(route, role, method) else answer.status_code == 403
            if not good:
                wrong.append(f"{role} {method}: {answer.status_code} {answer.get('Location', '')}")
    assert wrong == [], f"{path} ({route.permission})"


@pytest.mark.obligation("12.2a")
@pytest.mark.parametrize("route", GUARDED, ids=named)
def test_whoever_has_not_signed_in_is_asked_to(world: World, route: Route) -> None:
    path = address(route, world)
    for method in ("get", "post"):
        assert sign_in_wanted(asked(world.browser("nobody"), method, path)), method


@pytest.mark.obligation("12.2a")
@pytest.mark.parametrize("route", GUARDED, ids=named)
def test_a_password_alone_opens_nothing_where_a_second_factor_is_needed(world: World, route: Route) -> None:
    path = address(route, world)
    for role in ("credit_office", "auditor", "administrator"):
        browser = world.browser(role, second_factor=False)
        for method in ("get", "post"):
            assert second_factor_wanted(asked(browser, method, path)), (role, method)


@pytest.mark.parametrize("route", [one for one in PAGES if one.permission == PUBLIC], ids=named)
def test_public_pages_are_for_everybody(world: World, route: Route) -> None:
    path = address(route, world)
    for who in ("nobody", "merchant", "auditor", "code_holder"):
        answer = asked(world.browser(who), "get", path)
        steps = route.name in STEPS_OF_SIGNING_IN
        assert let_in(answer) or (steps and answer.status_code == 302), f"{who}: {answer.status_code}"


@pytest.mark.parametrize("route", PAGES, ids=named)
def test_what_changes_something_is_done_by_post_alone(world: World, route: Route) -> None:
    path = address(route, world)
    status = asked(_somebody(world, route), "get", path).status_code
    if route.name in BY_POST_ONLY:
        assert status in (302, 405), f"GET {path}: {status}"
    else:
        assert status != 405, f"GET {path}: {status}"


@pytest.mark.obligation("15a")
@pytest.mark.parametrize("route", GUARDED, ids=named)
def test_a_form_that_another_site_made_is_refused(world: World, route: Route) -> None:
    browser = _somebody(world, route)
    browser.handler.enforce_csrf_checks = True
    answer = asked(browser, "post", address(route, world))
    assert answer.status_code == 403
    assert b"<style" not in answer.content and "诚信" in answer.content.decode()


def _somebody(world: World, route: Route) -> Client:
    """Whoever may."""
    return world.browser(next(role for role in roles() if allowed(route, role)))


# --- not only what, but on whom ----------------------------------------


def _officer(world: World, role: str, region: str) -> Client:
    browser = browser_of(person(role, region=region, organisation=world.bureau))
    state_purpose(browser, role)
    return browser


@pytest.mark.obligation("12.2a")
@pytest.mark.parametrize("role", ["department_officer", "reviewer"])
def test_whoever_serves_one_city_sees_no_subject_of_another(world: World, role: str) -> None:
    fuzhou, xiamen = world.small.code, world.xiamen_code
    for region, own, others in (("350200", xiamen, fuzhou), ("350100", fuzhou, xiamen)):
        browser = _officer(world, role, region)
        assert asked(browser, "get", f"/work/subjects/{own}").status_code == 200
        refused = asked(browser, "get", f"/work/subjects/{others}")
        assert refused.status_code == 403
        assert "榕味" not in refused.content.decode() and "鹭岛" not in refused.content.decode()
        with undone():
            found = browser.post("/work/subjects", {"q": "公司"}).content.decode()
        assert ("鹭岛茶叶" in found, "榕味海产" in found) == (region == "350200", region == "350100")


@pytest.mark.obligation("13d")
@pytest.mark.parametrize("what", ["unmask", "door-code"])
def test_nobody_unmasks_or_serves_codes_beyond_their_city(world: World, what: str) -> None:
    path = f"/work/subjects/{world.small.code}/{what}"
    form = {"identifier": "1"}
    with undone():
        assert _officer(world, "department_officer", "350200").post(path, form).status_code == 403
    with undone():
        assert _officer(world, "department_officer", "350100").post(path, form).status_code in (200, 404)


@pytest.mark.obligation("12.2a")
def test_a_platform_sees_its_own_shops_alone(world: World) -> None:
    own, others = world.small.code, world.xiamen_code
    for platform, seen, unseen in ((world.platform, own, others), (world.other_platform, others, own)):
        browser = browser_of(person("platform_compliance", organisation=platform))
        state_purpose(browser, "platform_compliance")
        assert asked(browser, "get", f"/work/subjects/{seen}").status_code == 200
        assert asked(browser, "get", f"/work/subjects/{unseen}").status_code == 403
        report = asked(browser, "get", f"/work/identity/{world.report}").status_code
        assert report == (200 if platform == world.platform else 403)


@pytest.mark.obligation("12.2a")
@pytest.mark.parametrize("below", ["", "/progress", "/rejects.xlsx"])
def test_an_organisation_sees_its_own_batches_alone(world: World, below: str) -> None:
    browser = world.browser("department_officer")
    assert asked(browser, "get", f"/work/batches/{world.batch}{below}").status_code == 200
    assert asked(browser, "get", f"/work/batches/{world.other_batch}{below}").status_code == 404


@pytest.mark.obligation("12.2a")
def test_an_administrator_of_one_organisation_manages_its_people_alone(world: World) -> None:
    browser = world.browser("organisation_administrator")
    assert asked(browser, "get", f"/work/users/{world.managed}").status_code == 200
    stranger = world.people["department_officer"].pk
    for method, below in (
        ("get", ""),
        ("post", "/roles"),
        ("post", "/end"),
        ("post", "/reset-second-factor"),
    ):
        answer = asked(browser, method, f"/work/users/{stranger}{below}")
        assert answer.status_code in (403, 404), below
    listed = asked(browser, "get", "/work/users").content.decode()
    assert world.people["department_officer"].sign_in_name not in listed


@pytest.mark.obligation("13d")
@pytest.mark.parametrize("who", ["merchant", "courier", "carrier", "code_holder"])
def test_a_subject_sees_itself_and_nobody_else(world: World, who: str) -> None:
    own = asked(world.browser(who), "get", "/own").content.decode()
    assert "榕味海产" in own
    other = browser_of(subject=world.xiamen) if who == "code_holder" else None
    browser = other or browser_of(person(who, subject=world.xiamen))
    assert "榕味海产" not in asked(browser, "get", "/own").content.decode()
    for path in (f"/work/subjects/{world.small.code}", f"/work/subjects/{world.xiamen_code}"):
        assert asked(browser, "get", path).status_code == 403


# --- machines ----------------------------------------


@pytest.mark.obligation("12.2a")
@pytest.mark.parametrize("route", OPERATIONS, ids=named)
def test_the_api_asks_for_a_key_with_the_scope_that_the_table_names(world: World, route: Route) -> None:
    path, method = address(route, world), route.name.split()[0].lower()
    signed_in = asked(world.browser("credit_office"), method, path).status_code
    without = asked(Client(), method, path).status_code
    if route.permission == PUBLIC:
        assert without not in (401, 403)
        return
    assert (without, signed_in) == (401, 401), "a session of a browser opens nothing for machines"
    good, unfit = _key(world, str(route.permission)), _key(world, _another(str(route.permission)))
    assert asked(Client(headers=unfit), method, path).status_code == 403
    assert asked(Client(headers=good), method, path).status_code not in (401, 403)
    assert asked(Client(headers={"Authorization": "Bearer cx_" + "a" * 43}), method, path).status_code == 401


def _another(scope: str) -> str:
    return next(one for one in keys.SCOPES if one != scope)


def _key(world: World, *scopes: str) -> dict[str, str]:
    until = timezone.now() + timedelta(days=1)
    made = keys.make(at_the_console("test"), world.bureau, "one", scopes, expires_at=until)
    return {"Authorization": f"Bearer {made}"}


@pytest.mark.obligation("12.2a")
def test_a_key_shows_batches_of_its_own_organisation_alone(world: World) -> None:
    machine = Client(headers=_key(world, "batch.read"))
    assert asked(machine, "get", f"/api/v1/batches/{world.batch}").status_code == 200
    assert asked(machine, "get", f"/api/v1/batches/{world.other_batch}").status_code == 404
    listed = machine.get("/api/v1/batches").json()["batches"]
    assert [one["batch"] for one in listed] == [world.batch]
