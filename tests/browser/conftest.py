"""One service and one Chromium for all tests here; each test has a browser context of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from chengxin.testing import obligations
from chengxin.testing.django_ready import quick_folder
from tests.browser.site import Site, running_site
from tests.browser.visiting import ARGUMENTS, Visits


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """The real service over a small demonstration province."""
    _program()
    # A home that is filled already is quicker while one writes tests.
    kept = os.environ.get("CHENGXIN_BROWSER_HOME")
    with running_site(Path(kept) if kept else quick_folder("chengxin-site-")) as running:
        yield running


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    program = _program()
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's own loop runs beside; nothing here is async
    try:
        with sync_playwright() as running:
            browser = running.chromium.launch(executable_path=program, args=ARGUMENTS)
            yield browser
            browser.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
        if before is not None:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture(scope="package")
def sessions() -> dict[str, Any]:
    """Who signed in already, with the cookies: nobody has to twice."""
    return {}


@pytest.fixture
def visits(site: Site, chromium: Browser, sessions: dict[str, Any]) -> Iterator[Visits]:
    """Opens pages as anybody, on any screen; at the end no page may have complained."""
    opened = Visits(site, chromium, sessions)
    yield opened
    opened.close()
    assert opened.complaints == []


def _program() -> str:
    found = obligations.browser()
    if found is None:
        pytest.skip("no Chromium on this machine")
    return found
