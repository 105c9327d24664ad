"""Holders of copies fetch what ended or changed behind a number, and confirm it one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts import keys
from chengxin.accounts.actions import note_organisation
from chengxin.accounts.permissions import at_the_console
from chengxin.decisions import copies
from chengxin.ledger.actions import appending

pytestmark = pytest.mark.usefixtures("database")
TODAY = timezone.localdate()


def key(name: str, *scopes: str) -> dict[str, str]:
    """The headers with which an organisation's machine asks."""
    of = note_organisation(code=None, name=name, role="agency", confirmed=True)
    until = timezone.now() + timedelta(days=30)
    made = keys.make(at_the_console("test"), of, "changes", scopes, expires_at=until)
    return {"Authorization": f"Bearer {made}"}


def test_changes_are_fetched_behind_a_number_and_confirmed() -> None:
    mine, other = key("八闽征信", "change.receive"), key("鹭岛征信", "change.receive")
    with appending() as log:
        news = [copies.News(f"record:{number}", "withdrawn", None, None) for number in (41, 42, 43)]
        assert copies.tell(log, news, TODAY) == 2
    browser = Client()
    first = browser.get("/api/v1/changes?limit=2", headers=mine).json()
    assert [one["record"] for one in first["changes"]] == [41, 42]
    assert first["more"]
    rest = browser.get(f"/api/v1/changes?after={first['next']}", headers=mine).json()
    assert [one["record"] for one in rest["changes"]] == [43]
    assert not rest["more"]
    receipt = first["changes"][0]["receipt"]
    assert browser.post(receipt, headers=other).status_code == 404
    for _ in range(2):
        confirmed = browser.post(receipt, headers=mine)
        assert confirmed.status_code == 200
        assert confirmed.json()["confirmed_on"] == TODAY.isoformat()
    assert browser.post("/api/v1/changes/999999/receipt", headers=mine).status_code == 404
    assert not copies.updated("record:41")  # the other one has still to


def test_a_key_without_the_scope_receives_nothing() -> None:
    browser = Client()
    assert browser.get("/api/v1/changes", headers=key("八闽征信", "batch.read")).status_code == 403
    assert browser.get("/api/v1/changes").status_code == 401
