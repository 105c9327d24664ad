"""People who look at what is not public, for tests: browsers, purposes stated, what is logged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.models import Organisation, User
from chengxin.archive.tests.kept import PENALTY, Kept
from chengxin.audit.models import Access
from chengxin.database import reading
from chengxin.ledger.actions import appending
from chengxin.portal.tests.small import PLATFORM, Small
from chengxin.registry.queries import resolve
from chengxin.testing.checked import checked
from chengxin.testing.signed import browser_of, person

WHY = {"kind": "supervision", "text": "核查网店经营资质", "case": "榕市监〔2026〕8号"}
PURPOSES = {"platform_compliance": "own_operators", "auditor": "audit"}


def stating(browser: Client, role: str = "", **given: str) -> Client:
    """The browser, in which the person has stated a purpose on the page for it."""
    form = WHY | {"kind": PURPOSES.get(role, WHY["kind"])} | given
    assert browser.post("/work/purpose", form).status_code == 302
    return browser


def looking(role: str, *, region: str | None = "350000", organisation: Organisation | None = None) -> Client:
    """A browser of somebody new with this role, who has said why they look."""
    return stating(browser_of(person(role, region=region, organisation=organisation)), role)


def officer(user: User) -> Client:
    """The same of somebody known."""
    return stating(browser_of(user))


def number_of(code: str) -> int:
    """The subject of a code."""
    found = resolve(code)
    assert found is not None
    return found


def the_platform(small: Small) -> Organisation:
    """The organisation on whose platform the shop of the small archive is."""
    return note_organisation(code=small.platform, name=PLATFORM, role="platform", confirmed=True)


def penalty_of(
    subject: int, source: int, number: str, *, disclosure: str = "public", ended: bool = False
) -> int:
    """A penalty more; `ended`: its publication is over."""
    today = timezone.localdate()
    begun, until = today - timedelta(days=90), today + timedelta(days=-1 if ended else 90)
    with appending() as log:
        return Kept(log).record(
            subject, source, on=begun, start=begun, until=until, disclosure=disclosure,
            payload=PENALTY | {"CF_WSH": number},
        )  # fmt: skip


def looks(**asked: object) -> list[tuple[int, str, str]]:
    """What the access log holds: subject, kind, detail."""
    found = Access.objects.filter(**asked).order_by("id")
    return list(found.values_list("subject", "what", "detail"))


def opened(browser: Client, address: str, *, language: str = "zh", post: dict[str, str] | None = None) -> str:
    """A page, which must be sound and of one language."""
    mark = "&" if "?" in address else "?"
    path = f"{address}{mark}lang={language}"
    response = browser.get(path) if post is None else browser.post(path, post)
    text = response.content.decode()
    assert response.status_code == 200, text[:2000]
    found = checked(text)
    assert not list(found.finish()), address
    assert not found.stray, (address, found.stray)
    return text


def logged_first(monkeypatch: pytest.MonkeyPatch, module: object) -> list[int]:
    """How many looks the log held each time that a module began to make a page."""
    held: list[int] = []
    page = module.page  # type: ignore[attr-defined]

    def noting(*parts: object, **named: object) -> object:
        held.append(Access.objects.count())
        return page(*parts, **named)

    monkeypatch.setattr(module, "page", noting)
    return held


@contextmanager
def counted_statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the database meanwhile, by reading and by Django."""
    asked: list[str] = []
    rows = reading.rows

    def counting(statement: str, values: object = ()) -> list[object]:
        asked.append(statement)
        return rows(statement, values)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "rows", counting)
    with CaptureQueriesContext(connection) as captured:
        yield asked
        asked += [one["sql"] for one in captured.captured_queries]
    monkeypatch.undo()


def day(text: str) -> date:
    """A day."""
    return date.fromisoformat(text)
