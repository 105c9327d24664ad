"""Browsers of people who have said why they look, and pages whose markup is in order."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from chengxin.accounts.models import User
from chengxin.audit.purposes import _KEY
from chengxin.audit.rules import purpose_kinds
from chengxin.ledger.actions import raw_cursor
from chengxin.testing.checked import checked
from chengxin.testing.signed import browser_of


def with_purpose(user: User) -> Client:
    """A browser in which this person is signed in and has stated a purpose."""
    browser = browser_of(user)
    session = browser.session
    kind = next(iter(purpose_kinds().values()))
    stated = {"kind": kind.id, "text": "核对平台报送", "law": kind.law, "article": kind.article, "case": ""}
    session[_KEY] = {"purpose": stated, "until": timezone.now().timestamp() + 3600}
    session.save()
    return browser


def shown(
    browser: Client,
    path: str,
    *,
    language: str = "zh-hans",
    post: dict[str, str] | None = None,
    status: int = 200,
) -> str:
    """A page that answers, with markup in order and all in one language."""
    given = {"headers": {"Accept-Language": language}}
    response = browser.get(path, **given) if post is None else browser.post(path, post, **given)  # type: ignore[arg-type]
    text = response.content.decode()
    assert response.status_code == status, text[:2_000]
    found = checked(text)
    assert (faults := list(found.finish())) == [], faults
    assert found.stray == [], found.stray
    return text


def looks(what: str) -> list[int]:
    """The subjects whose looks of a kind the access log holds."""
    found = raw_cursor().execute("SELECT subject FROM audit_access WHERE what = %s ORDER BY id", [what])
    return [subject for (subject,) in found]
