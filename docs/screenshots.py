"""Pictures of the site for the documentation, and of every page for whoever wants to look at them all.

    python docs/screenshots.py --url http://127.0.0.1:8000              # docs/pictures/*.png (--only NAME …)
    python docs/screenshots.py --url http://127.0.0.1:8000 --look DIR   # each page, at 1440 and 360 px, light
                                                                        # and dark, in both languages, printed

Needs Chromium, a Chinese font (Debian: chromium fonts-noto-cjk) and a running `make run`, whose people
sign in with the passwords that lie in the home (--home when it is not the usual one).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from chengxin.database.home import chosen_home

PICTURES = Path(__file__).parent / "pictures"
LARGEST = 330_000
"""Bytes of a picture in the documentation."""

WIDE, NARROW = 1440, 360
LONGEST = 6_000
"""Pixels of height after which a picture is cut."""

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
LOCALES = {"zh": "zh-CN", "en": "en-GB"}


@dataclass(frozen=True)
class View:
    """A page: its name as a picture, who opens it, its address or how to find it, how tall its picture is."""

    name: str
    role: str | None
    where: str | Callable[[Page], str]
    tallest: int = 1300
    of_documentation: bool = True


def say(text: str) -> None:
    """A line for whoever waits."""
    sys.stderr.write(f"{text}\n")


@dataclass
class Site:
    """A running demonstration, and who can sign in there."""

    root: str
    browser: Browser
    people: dict[str, tuple[str, str]]
    signed_in: dict[str, Any]

    @contextmanager
    def page(self, role: str | None, language: str, *, width: int, dark: bool = False) -> Iterator[Page]:
        """A page of a new context, signed in as `role`."""
        context = self._context(language, width, dark, self.cookies(role) if role else None)
        try:
            yield context.new_page()
        finally:
            context.close()

    def _context(self, language: str, width: int, dark: bool, cookies: Any) -> BrowserContext:
        return self.browser.new_context(
            base_url=self.root,
            locale=LOCALES[language],
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            storage_state=cookies,
            reduced_motion="reduce",
        )

    def cookies(self, role: str) -> Any:
        """What the browser keeps of somebody with this role who signed in, and said what for."""
        if role not in self.signed_in:
            context = self._context("zh", WIDE, False, None)
            page, (name, password) = context.new_page(), self.people[role]
            page.goto("/sign-in?next=/account")
            page.fill("[name=name]", name)
            page.fill("[name=password]", password)
            with page.expect_navigation():
                page.click("main form button.primary")
            if "/sign-in/second-factor" in page.url:
                page.fill("[name=code]", page.inner_text(".notice code"))
                with page.expect_navigation():
                    page.click("main form button.primary")
            page.goto("/work/purpose?next=/work")
            if page.locator("[name=kind]").count():
                page.locator("[name=kind]").first.check()
                page.fill("[name=text]", "核对平台报送的经营者登记信息")
                with page.expect_navigation():
                    page.click("main form button.primary")
            self.signed_in[role] = context.storage_state()
            context.close()
        return self.signed_in[role]


def telling_subject(root: str, query: str) -> tuple[str, int]:
    """A subject with many kinds of records, and one of its penalties (else its newest record)."""
    found = _asked(f"{root}/api/v1/subjects?{urllib.parse.urlencode({'q': query, 'limit': 40})}")["subjects"]
    views = [_asked(f"{root}/api/v1/subjects/{one['code']}") for one in found]
    best = max(
        views,
        key=lambda view: (
            (view["subject"]["verification"] or {}).get("state") == "verified",
            len({one["item"] for one in view["records"]}),
            len(view["subject"]["outlets"]),
            -len(view["records"]),
        ),
    )
    records = sorted(best["records"], key=lambda one: one["item"] != "penalty")
    return best["subject"]["code"], records[0]["id"]


def _asked(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - the site that was named
        return json.load(answer)


def first_link(listed: str, *selectors: str) -> Callable[[Page], str]:
    """The address behind the first link on a list; the first selector that finds any counts."""

    def find(page: Page) -> str:
        page.goto(listed)
        found = next((one for one in selectors if page.locator(one).count()), selectors[-1])
        return page.locator(found).first.get_attribute("href") or listed

    return find


def views(root: str, query: str) -> list[View]:
    """The pages, with what this site holds."""
    code, record = telling_subject(root, query)
    asked = urllib.parse.urlencode({"q": query})
    case = "tbody tr:has(.badge.warn) a[href^='/work/cases/']"
    batch = "a[href^='/work/batches/']:not([href$='new'])"
    ring, *any_lead = (
        "tbody a:has-text('是不是一伙刷单的')",
        "tbody a[href^='/work/leads/']",
        "a[href^='/work/leads']",
    )
    shown = [
        View("home", None, "/", 900),
        View("search", None, f"/search?{asked}", 1000),
        View("subject", None, f"/subjects/{code}", 1300),
        View("record", None, f"/records/{record}", 1400),
        View("workbench", "credit_office", "/work", 1000),
        View(
            "batch", "department_officer", first_link("/work/batches", f"tr:has(.badge.warn) {batch}", batch)
        ),
        View("matching-pair", "credit_office", first_link("/work/matching", "a[href^='/work/matching/']")),
        View("quality", "credit_office", "/work/quality", 1400),
        View("flow", None, "/flow", 1010),
        View("decision", None, first_link("/lists/serious_violation", "tbody a[href^='/decisions/']"), 1400),
        View(
            "case",
            "decision_maker",
            first_link("/work/cases?waiting=me", case, "tbody a[href^='/work/cases/']"),
        ),
        View("leads", "credit_office", "/work/leads", 1500),
        View(
            "lead",
            "credit_office",
            first_link("/work/leads?detector=brushing&state=waiting", ring, *any_lead),
            1520,
        ),
        View("own", "merchant", "/own"),
        View("access-log", "auditor", "/work/access-log"),
        View("design", None, "/design"),
    ]
    others = {
        None: ("/search?q=%E9%BE%98%E9%BE%98", "/catalogue", "/catalogue/penalty", "/sources", "/statistics",
               "/api/v1/docs", "/about", "/privacy", "/accessibility", "/permissions", "/sign-in", "/door",
               "/no-such-page", "/lists", "/lists/serious_violation", "/lists/judgment_defaulter", "/notices",
               "/data", "/widget", "/measures", "/procedures", "/procedures/listing", "/certificates",
               "/reports", f"/subjects/{code}/report"),
        "credit_office": (f"/work/subjects/{code}", "/work/subjects", "/work/matching", "/work/identity",
                          "/work/batches", "/work/notices", "/account", "/work/cases",
                          "/work/measures/figures", "/work/cases/new/notice"),
        "department_officer": ("/work", "/work/batches/new", "/work/measures"),
        "platform_compliance": ("/work/measures", f"/work/admission?code={code}"),
        "merchant": ("/own/cases", "/own/object", "/own/repair"),
        "administrator": ("/work/users", "/work/users/invite", "/work/keys", "/work/keys/new"),
    }  # fmt: skip
    serious = "/lists/serious_violation"
    for name, whose, listed, link in (
        ("notice", None, "/notices", "a[href^='/notices/']"),
        ("why", None, serious, "tbody a[href^='/subjects/']"),
        ("own-case", "merchant", "/own/cases", "a[href^='/own/cases/']"),
        ("own-lead", "merchant", "/own", "a[href^='/own/leads/']"),
        ("lead-price", "credit_office", "/work/leads?detector=price_fraud", "tbody a[href^='/work/leads/']"),
        (
            "lead-parcel",
            "credit_office",
            "/work/leads?detector=empty_parcels",
            "tbody a[href^='/work/leads/']",
        ),
        ("task", "platform_compliance", "/work/measures", "tbody a[href^='/work/measures/']"),
    ):
        shown.append(View(name, whose, first_link(listed, link), of_documentation=False))
    for role, paths in others.items():
        for path in paths:
            name = urllib.parse.urlsplit(path).path.strip("/").replace("/", "-")
            name = "nothing-found" if name == "search" else name.replace(code, "held")
            shown.append(View(name if name != "work" else "officer", role, path, of_documentation=False))
    return shown


def opened(page: Page, view: View) -> None:
    """Open the page of a view."""
    page.goto(view.where if isinstance(view.where, str) else view.where(page))
    page.wait_for_load_state("networkidle")


def height(page: Page) -> int:
    """How tall the page is; says so when it is wider than its window."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        say(f"{page.url}: {wide} px too wide")
    return int(page.evaluate("document.documentElement.scrollHeight"))


def for_documentation(site: Site, query: str, only: Sequence[str] = ()) -> None:
    """The pictures that the documentation shows; `only`: some of them, by name."""
    PICTURES.mkdir(exist_ok=True)
    for view in views(site.root, query):
        if not view.of_documentation or (only and view.name not in only):
            continue
        with site.page(view.role, "zh", width=1200) as page:
            opened(page, view)
            tall = min(height(page), view.tallest)
            page.set_viewport_size({"width": 1200, "height": tall})
            path = PICTURES / f"{view.name}.png"
            page.screenshot(path=path)
        size = path.stat().st_size
        say(f"{path}  {size:,} bytes")
        if size > LARGEST:
            sys.exit(f"{path} is larger than {LARGEST:,} bytes: take a lower part of the page")


def for_looking(site: Site, query: str, folder: Path) -> None:
    """Every page in every way that it is looked at."""
    folder.mkdir(parents=True, exist_ok=True)
    for view in views(site.root, query):
        for language in LOCALES:
            with site.page(view.role, language, width=WIDE) as page:
                opened(page, view)
                for width in (WIDE, NARROW):
                    page.set_viewport_size({"width": width, "height": 900})
                    for look in ("light", "dark"):
                        page.emulate_media(color_scheme="dark" if look == "dark" else "light")
                        cut = {"x": 0, "y": 0, "width": width, "height": min(height(page), LONGEST)}
                        path = folder / f"{view.name}-{language}-{width}-{look}.png"
                        page.screenshot(path=path, full_page=True, clip=cut)  # type: ignore[arg-type]
                page.emulate_media(color_scheme="light")
                page.pdf(path=folder / f"{view.name}-{language}.pdf", format="A4", prefer_css_page_size=True)
        say(view.name)


def main() -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the site is")
    parser.add_argument("--query", default="福州", help="what is searched for on the picture of a search")
    parser.add_argument("--only", nargs="+", default=[], help="names of the pictures to take; else all")
    parser.add_argument("--look", type=Path, help="folder for pictures of every page")
    parser.add_argument("--home", type=Path, help="the home of the running demonstration")
    given = parser.parse_args()
    program = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    if program is None:
        sys.exit("no Chromium is installed (Debian: apt-get install chromium fonts-noto-cjk)")
    kept = json.loads((chosen_home(given.home).path / "demonstration_users.json").read_text(encoding="utf-8"))
    people = {one["role"]: (one["sign_in_name"], one["password"]) for one in kept["people"]}
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=ARGUMENTS)
        site = Site(given.url.rstrip("/"), browser, people, {})
        if given.look:
            for_looking(site, given.query, given.look)
        else:
            for_documentation(site, given.query, given.only)
        browser.close()


if __name__ == "__main__":
    main()
