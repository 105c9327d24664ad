"""Every page: no barrier that axe-core knows, no sideways scrolling at 360 px, nothing on the console."""

from __future__ import annotations

import pytest

from chengxin.testing.routes import Route
from tests.browser.pages import address, shown, whose
from tests.browser.visiting import NARROW, WIDE, Visits, state_purpose, too_wide, violations

pytestmark = pytest.mark.takes_long

CONTRAST = ["color-contrast"]
"""All rules look at Chinese on a wide screen and at English on a narrow, dark one; contrast on every one."""


def named(route: Route) -> str:
    return route.name


@pytest.mark.obligation("9.1f")
@pytest.mark.parametrize("route", list(shown()), ids=named)
def test_a_page_has_no_barriers_in_either_language_on_any_screen(visits: Visits, route: Route) -> None:
    path, role = address(route, visits.site.known), whose(route)
    page = visits.page(role)
    faults: list[str] = []
    for language, wide_rules, narrow_rules in (("zh", None, CONTRAST), ("en", CONTRAST, None)):
        page.context.set_extra_http_headers({"Accept-Language": language})
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="light")
        answer = page.goto(path)
        state_purpose(page)
        assert answer is not None and answer.status < 400, f"{path}: {answer and answer.status}"
        faults += [f"{language} wide light: {one}" for one in violations(page, wide_rules)]
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="dark")
        if (pixels := too_wide(page)) > 0:
            faults.append(f"{language}: {pixels} px too wide at 360")
        faults += [f"{language} narrow dark: {one}" for one in violations(page, narrow_rules)]
    assert faults == [], path


@pytest.mark.obligation("9.1f")
def test_the_public_reads_everything_without_scripts(visits: Visits) -> None:
    page = visits.page(scripts=False, narrow=True)
    for route in shown():
        if whose(route) is None:
            answer = page.goto(address(route, visits.site.known))
            assert answer is not None and answer.status < 400, route.path
            assert len(page.inner_text("main")) > 8, route.path
            assert page.locator("main :is(h1)").count() == 1, route.path
