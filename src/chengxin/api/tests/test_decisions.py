"""Consequences and the admission check over HTTP: the contract's names, who may ask, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts import keys
from chengxin.accounts.permissions import at_the_console
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.audit.models import Access
from chengxin.cases.actions import take
from chengxin.ledger.actions import appending
from chengxin.measures.tests.decided import Installation, installation, listed


@pytest.fixture
def here(database: str) -> Installation:
    """Actors, a merchant with a shop on one platform, a carrier."""
    return installation()


def key(here: Installation, *scopes: str) -> dict[str, str]:
    """The header with a new key of the first platform."""
    until = timezone.now() + timedelta(days=30)
    made = keys.make(at_the_console("test"), here.platform, "gate", scopes, expires_at=until)
    return {"Authorization": f"Bearer {made}"}


@pytest.mark.obligation("16.1a")
def test_anybody_reads_what_follows_for_a_subject_and_why(here: Installation) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record)
    address = f"/api/v1/subjects/{here.merchant_code}/consequences"
    answer = Client().get(address)
    assert answer.status_code == 200
    found = answer.json()
    assert found[0]["kind"] == "list"
    assert set(found[0]["because"]) >= {"decision", "rule", "law", "article", "records"}
    again = Client().get(address, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    take(entry, "revoke", here.cast.someone("decision_maker", 900), today, {"reason": "事实不清"})
    gone = Client().get(address, headers={"If-None-Match": answer["ETag"]})
    assert gone.status_code == 200
    assert not [one for one in gone.json() if one["kind"] != "publication"]


def test_of_nobody_and_of_natural_persons_nothing_is_told(here: Installation) -> None:
    with appending() as log:
        person = Kept(log).subject("林某", kind="natural_person")
    for code in (new_uscc(), f"S{person}"):
        answer = Client().get(f"/api/v1/subjects/{code}/consequences")
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.obligation("7e")
def test_a_platforms_key_asks_who_may_come_in(here: Installation) -> None:
    listed(here, "express_dishonest", here.carrier, here.carrier_record)
    shown = key(here, "admission.check")
    refused = Client().get("/api/v1/admission", {"code": here.carrier_code}, headers=shown)
    assert refused.status_code == 200
    told = refused.json()
    assert {"code", "name", "admitted", "answer", "reasons", "checked_on"} <= set(told)
    assert (told["code"], told["admitted"], told["answer"]) == (here.carrier_code, False, "refuse")
    assert {"kind", "since", "until", "because", "ends_when", "earliest_end"} <= set(told["reasons"][0])
    assert told["reasons"][0]["kind"] == "measure"
    admitted = Client().get("/api/v1/admission", {"code": here.merchant_code}, headers=shown).json()
    assert (admitted["admitted"], admitted["answer"], admitted["reasons"]) == (True, "admit", [])
    assert Access.objects.filter(what="admission", organisation=here.platform.pk).count() == 2


def test_who_shows_no_key_or_one_for_other_things_is_told_nothing(here: Installation) -> None:
    address = f"/api/v1/admission?code={here.merchant_code}"
    assert Client().get(address).status_code == 401
    assert Client().get(address, headers=key(here, "batch.read")).status_code == 403
    assert not Access.objects.exists()


def test_a_code_that_is_missing_wrong_or_unknown_is_a_problem_with_a_way_to_mend_it(
    here: Installation,
) -> None:
    shown = key(here, "admission.check")
    for query in ({}, {"code": ""}, {"code": "!!"}, {"code": "91350102MA2XAB0131"}):
        answer = Client().get("/api/v1/admission", query, headers=shown)
        assert answer.status_code == 422, query
        (problem,) = answer.json()["errors"]
        assert problem["field"] == "code" and problem["mend_zh"] and problem["mend_en"]
    unknown = Client().get("/api/v1/admission", {"code": new_uscc()}, headers=shown)
    assert unknown.status_code == 404
    assert unknown["Content-Type"] == "application/problem+json"
