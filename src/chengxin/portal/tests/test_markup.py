"""Every page in both languages: well-formed, reachable, readable by everybody, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.test import Client

from chengxin.design import render
from chengxin.portal.tests.small import RESIDENT, Small
from chengxin.rulebook import catalogue
from chengxin.testing.checked import checked

STYLE = Path(render.__file__).parent / "static" / "design" / "chengxin.css"


def every_page(archive: Small) -> dict[str, int]:
    """The address of each kind of page, with the status that it answers."""
    return {
        "/": 200,
        "/search": 200,
        "/search?q=福州": 200,
        "/search?q=鳞": 200,
        "/search?q=没有这家公司": 200,
        "/search?q=福州&after=bad": 404,
        f"/subjects/{archive.code}": 200,
        f"/subjects/{archive.quiet}": 200,
        f"/subjects/{archive.code}?before={archive.latest}": 200,
        "/subjects/nobody": 404,
        f"/records/{archive.shown}": 200,
        f"/records/{archive.sealed}": 200,
        "/records/0": 404,
        "/catalogue": 200,
        **{f"/catalogue/{one.id}": 200 for one in catalogue.items()},
        "/catalogue/complaint_outcome?version=2020-01-01": 200,
        "/catalogue/nothing": 404,
        f"/subjects/{archive.code}?view=timeline": 200,
        "/search?q=福州&kind=legal_person": 200,
        "/search?q=福州&kind=individual_business": 200,
        "/sources": 200,
        "/statistics": 200,
        "/accessibility": 200,
        "/privacy": 200,
        "/about": 200,
        "/api/v1/docs": 200,
        "/nowhere": 404,
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_sound_html_for_everybody(archive: Small, browser: Client, language: str) -> None:
    for address, status in every_page(archive).items():
        joined = f"{address}{'&' if '?' in address else '?'}lang={language}"
        response = browser.get(joined)
        assert response.status_code == status, address
        page = checked(response.content.decode())
        assert not list(page.finish()), address
        assert not page.stray, address


def test_no_page_shows_a_personal_number(archive: Small, browser: Client) -> None:
    number = re.compile(r"(?<![0-9A-Z])[1-9]\d{5}(19|20)\d{9}[\dX](?![0-9A-Z])")
    for address in every_page(archive):
        text = browser.get(address).content.decode()
        assert RESIDENT not in text, address
        assert not number.search(text), address


def test_every_link_leads_somewhere_on_this_site(archive: Small, browser: Client) -> None:
    seen: dict[str, str] = {}
    for address in every_page(archive):
        page = checked(browser.get(address).content.decode())
        for link in page.links:
            seen.setdefault(urljoin(f"http://testserver{address}", link), address)
    assert len(seen) > 100
    fragments: dict[str, list[str]] = {}
    for link, origin in seen.items():
        parts = urlsplit(link)
        if parts.netloc != "testserver":
            assert parts.netloc.endswith((".example", ".example.com", "creativecommons.org")), link
            continue
        asked = parts._replace(fragment="", scheme="", netloc="").geturl()
        if asked not in fragments:
            response = browser.get(asked)
            itself = unquote(re.sub(r"[?&]lang=\w+$", "", asked))
            expected = every_page(archive).get(itself, 200)
            unasked = 422 if parts.path.startswith("/api/v1/") else 302  # a form's address, asked for nothing
            assert response.status_code in (expected, 302, unasked), f"{origin} links to {link}"
            body = b"".join(response) if response.streaming else response.content
            is_page = response.headers["Content-Type"].startswith("text/html")
            fragments[asked] = checked(body.decode()).ids if is_page else []
        icon = parts.path.endswith(".svg")
        assert not parts.fragment or icon or parts.fragment in fragments[asked], f"{origin} links to {link}"


def test_nothing_is_loaded_from_elsewhere(archive: Small, browser: Client) -> None:
    assert "//" not in re.sub(r"/\*.*?\*/", "", STYLE.read_text(), flags=re.DOTALL)
    for address in every_page(archive):
        text = browser.get(address).content.decode()
        for tag in re.findall(r"<(?:img|link|script|use|iframe|source)\b[^>]*>", text):
            if re.search(r'type="application/(ld\+)?json"', tag):
                continue  # data, not a program
            found = re.search(r'(?:href|src)="([^"]*)"', tag)
            assert found and found[1].startswith(("/", "?")), tag


def _tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))


def _luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(scheme: str) -> None:
    light, dark = STYLE.read_text().split("@media (prefers-color-scheme: dark)", 1)
    colours = _tokens(light) if scheme == "light" else _tokens(light) | _tokens(dark.split("\n}\n", 1)[0])
    assert len(colours) > 15
    grounds = ("paper", "surface", "sunken")
    pairs = [(text, ground) for text in ("ink", "soft", "link") for ground in grounds]
    pairs += [(state, f"{state}-back") for state in ("good", "warn", "bad", "still")]
    pairs += [("accent-ink", "accent")]
    for text, ground in pairs:
        assert _contrast(colours[text], colours[ground]) >= 4.5, f"{text} on {ground}"
    for mark in ("accent", "focus", "soft"):  # parts of controls: 3 to 1 (WCAG 2.2, 1.4.11)
        for ground in ("paper", "surface"):
            assert _contrast(colours[mark], colours[ground]) >= 3, f"{mark} on {ground}"
