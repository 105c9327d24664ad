"""Pages that one comes to only halfway through something: they have no barriers either."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.visiting import NARROW, WIDE, Visits, press, state_purpose, too_wide, violations

pytestmark = pytest.mark.takes_long


def barriers(page: Page, name: str) -> list[str]:
    """What axe-core finds on the page as it stands, wide and narrow, light and dark."""
    faults = []
    for size, scheme in ((WIDE, "light"), (NARROW, "dark")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        faults += [f"{name} {scheme}: {one}" for one in violations(page)]
        if (pixels := too_wide(page)) > 0:
            faults.append(f"{name}: {pixels} px too wide")
    return faults


@pytest.mark.parametrize("language", ["zh", "en"])
def test_signing_in_with_its_second_step_and_its_errors(visits: Visits, language: str) -> None:
    page, person = visits.page(language=language), visits.site.people["reviewer"]
    page.goto("/sign-in")
    page.fill("[name=name]", person.name)
    page.fill("[name=password]", person.password)
    press(page)
    assert "/sign-in/second-factor" in page.url
    faults = barriers(page, "second factor")
    page.fill("[name=code]", "000000")
    press(page)
    faults += barriers(page, "wrong code")
    merchant = visits.page("merchant", language=language)
    merchant.goto("/sign-in/second-factor/enrol")
    faults += barriers(merchant, "enrolment")
    assert faults == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_purpose_with_errors_the_letter_and_an_account_by_code(visits: Visits, language: str) -> None:
    known = visits.site.known
    page = visits.page("credit_office", language=language)
    page.goto("/work/purpose?next=/work")
    page.locator("main form").evaluate("form => form.noValidate = true")
    press(page)
    faults = barriers(page, "purpose with errors")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/work/subjects/{known['quiet']}")
    state_purpose(page)
    faults += barriers(page, "360° view")
    press(page, page.locator("form[action$='/door-code'] button"))
    faults += barriers(page, "letter")
    code = page.locator(".letter .code-of").inner_text()
    holder = visits.page(language=language)
    holder.goto("/door")
    holder.fill("[name=code]", code)
    press(holder)
    faults += barriers(holder, "own")
    holder.goto("/door/account")
    holder.locator("main form").last.evaluate("form => form.noValidate = true")
    press(holder, holder.locator("main form").last.locator("button.primary"))
    faults += barriers(holder, "account with errors")
    assert faults == []
