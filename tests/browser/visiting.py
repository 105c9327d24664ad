"""Browser contexts for whoever visits: the screen, the language, the colours, and who is signed in."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

from tests.browser.site import Site

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOCALES = {"zh": "zh-CN", "en": "en-GB"}

axe = Axe()


class Visits:
    """Pages opened in one test; `complaints` are faults that the browser itself noticed."""

    def __init__(self, site: Site, browser: Browser, sessions: dict[str, Any]) -> None:
        self.site, self.browser, self.sessions = site, browser, sessions
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def context(
        self, role: str | None = None, *, language: str = "zh", narrow: bool = False, dark: bool = False,
        scripts: bool = True,
    ) -> BrowserContext:  # fmt: skip
        """A new context, signed in as `role` through the pages the first time, by its cookies after that."""
        if role is not None and role not in self.sessions:
            self.sessions[role] = self._signed_in(role)
        opened = self.browser.new_context(
            base_url=self.site.address,
            locale=LOCALES[language],
            viewport=NARROW if narrow else WIDE,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            storage_state=self.sessions.get(role) if role else None,
            reduced_motion="reduce",
        )
        opened.set_default_timeout(20_000)
        self.contexts.append(opened)
        return opened

    def page(self, role: str | None = None, **given: Any) -> Page:
        """A new page in a new context."""
        return self.watched(self.context(role, **given).new_page())

    def watched(self, page: Page) -> Page:
        """The page, whose console counts as complaints."""
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        answered = "Failed to load resource: the server responded with a status of 4" in message.text
        if message.type in ("error", "warning") and not answered:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _signed_in(self, role: str) -> Any:
        page = self.page()
        sign_in(page, self.site, role)
        return page.context.storage_state()

    def close(self) -> None:
        """Close what was opened."""
        for one in self.contexts:
            one.close()


def press(page: Page, button: Locator | None = None) -> None:
    """Send the form in, by the page's own button unless another is named, and wait for the answer.

    A click alone returns before the answer is there: who asks then what the page shows asks the old page.
    """
    with page.expect_navigation():
        (button or page.locator("main form button.primary")).click()


def sign_in(page: Page, site: Site, role: str, following: str = "/account") -> None:
    """Name, password, and the second factor that a demonstration shows."""
    person = site.people[role]
    page.goto(f"/sign-in?next={following}")
    page.fill("[name=name]", person.name)
    page.fill("[name=password]", person.password)
    press(page)
    while "/sign-in/second-factor" in page.url:
        shown = page.inner_text(".notice code")
        page.fill("[name=code]", shown)
        press(page)
        # A code counts once: who signed in within the same half minute waits for the next.
        for _ in range(35):
            if "/sign-in/second-factor" not in page.url or page.inner_text(".notice code") != shown:
                break
            page.wait_for_timeout(1_000)
            page.goto(page.url)
    if "/sign-in" in page.url:
        raise AssertionError(f"{role} could not sign in: {page.inner_text('main')}")


def state_purpose(page: Page, text: str = "核对平台报送的信息") -> None:
    """On the page that asks for a purpose: the first kind, and a reason."""
    if "/work/purpose" in page.url:
        page.locator("[name=kind]").first.check()
        page.fill("[name=text]", text)
        press(page)


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds: rule, how many, and where first."""
    chosen = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
    found = axe.run(page, options={"runOnly": chosen, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']} ×{len(one['nodes'])}: {one['nodes'][0]['html'][:160]} "
        f"({one['nodes'][0].get('failureSummary', '')[:200]})"
        for one in found
    ]


def too_wide(page: Page) -> int:
    """Pixels by which the page is wider than its window, once charts have drawn themselves anew."""
    pixels = 0
    for _ in range(10):
        pixels = int(page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.documentElement)"))
        if pixels <= 0:
            break
        page.wait_for_timeout(200)
    return pixels
