"""Consequences and the admission check over HTTP: the contract's names, who may ask, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts import keys
from chengxin.accounts.permissions import at_the_console
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.audit.models import Access
from chengxin.cases import queries
from chengxin.cases.actions import take
from chengxin.cases.rules import SYSTEM
from chengxin.ledger.actions import appending
from chengxin.measures.tests.decided import DAY, Installation, installation, listed, taken_over
from chengxin.rulebook import catalogue, laws, lists


@pytest.fixture
def here(database: str) -> Installation:
    """Actors, a merchant with a shop on one platform, a carrier."""
    return installation()


def key(here: Installation, *scopes: str) -> dict[str, str]:
    """The header with a new key of the first platform."""
    until = timezone.now() + timedelta(days=30)
    made = keys.make(at_the_console("test"), here.platform, "gate", scopes, expires_at=until)
    return {"Authorization": f"Bearer {made}"}


def kept(write: Callable[[Kept], int]) -> int:
    """What is written in one turn at the ledger."""
    with appending() as log:
        return write(Kept(log))


def trades(subject: int, record: int) -> None:
    """Let a subject be a merchant, as a record says."""
    with appending() as log:
        Kept(log).role(subject, "merchant", DAY, record)


def read(code: str) -> list[dict[str, Any]]:
    """What anybody is told of a subject, held against the contract as somebody outside would do it."""
    answer = Client().get(f"/api/v1/subjects/{code}/consequences")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    found: list[dict[str, Any]] = answer.json()
    for one in found:
        because = one["because"]
        assert one["kind"] in ("list", "measure", "publication")
        since = date.fromisoformat(one["since"])
        for end in ("until", "earliest_end"):
            assert one[end] is None or date.fromisoformat(one[end]) >= since, end
        if one["until"] and one["earliest_end"]:
            last = date.fromisoformat(one["until"])
            assert date.fromisoformat(one["earliest_end"]) <= last + timedelta(days=1)
        assert because["decision"] and because["rule"]
        assert laws.law(because["law"]).in_force <= since, "no consequence without a law"
        assert isinstance(because["article"], str)
        assert one.get("list_kind") == "red" or because["records"]
        for record in because["records"]:
            assert isinstance(record["id"], int) and record["source"]
            if record["proof"]:
                assert Client().get(record["proof"]).status_code == 200
        zh, _, en = one["ends_when"].partition(" / ")
        assert (zh, en) == (one["ends_when_zh"], one["ends_when_en"])
        assert any("\u4e00" <= sign <= "\u9fff" for sign in zh) and en.isascii(), one["ends_when"]
    return found


@pytest.mark.obligation("16.1a", "16.1d", "16.1e")
def test_the_contract_holds_whatever_follows_for_a_subject(here: Installation) -> None:
    black, _ = listed(here, "brushing", here.merchant, here.record, measures="no_office")
    red_code, owed_code, shown_code = new_uscc(), new_uscc(), new_uscc()
    honoured = kept(lambda one: one.subject("福州诚信茶业有限公司", red_code))
    honour = kept(lambda one: one.record(honoured, here.market.pk, item="honour", law="gf2016-33"))
    trades(honoured, honour)
    listed(here, "honest_merchant", honoured, honour)
    owing = kept(lambda one: one.subject("福州欠款商贸有限公司", owed_code))
    debt = kept(
        lambda one: one.record(
            owing, here.market.pk, item="enforcement", law="defaulter17", until=None,
            version=catalogue.item("enforcement").version.isoformat(),
            payload={"SX_AH": "（2026）闽0102执1号", "SX_FBRQ": "2026-04-10"},
        )
    )  # fmt: skip
    owed = taken_over("judgment_defaulter", owing, debt, DAY)
    fraud_code, public_security = new_uscc(), "福建省公安厅"
    fraud = kept(lambda one: one.subject("福州引流支付有限公司", fraud_code))
    found_by = kept(lambda one: one.source(public_security))
    finding = kept(
        lambda one: one.record(
            fraud, found_by, item="authority_list", law="telefraud",
            version=catalogue.item("authority_list").version.isoformat(),
            payload={"RD_MD": "电信网络诈骗惩戒对象", "RD_WH": "闽公惩〔2026〕5号", "RD_RQ": "2026-04-10"},
        )
    )  # fmt: skip
    trades(fraud, finding)
    taken_over("payment_fraud", fraud, finding, DAY)
    abnormal = kept(lambda one: one.subject("福州失联网络有限公司", shown_code))
    kept(
        lambda one: one.record(
            abnormal, here.market.pk, item="abnormal_operation", law="entity746", until=None,
            version=catalogue.item("abnormal_operation").version.isoformat(),
            payload={"JY_LRWH": "榕市监异〔2026〕3号", "JY_LRRQ": "2026-04-10"},
        )
    )  # fmt: skip

    told = read(here.merchant_code)
    assert [one["kind"] for one in told if one["kind"] != "measure"] == ["list", "publication"]
    entry, measures = told[0], {one["measure"]: one for one in told if one["kind"] == "measure"}
    rule = lists.listing("brushing", date.fromisoformat(entry["since"]))
    assert entry["ends_when"] == f"{rule.ends_when_zh} / {rule.ends_when_en}"
    assert (entry["since"], entry["until"]) == ("2026-06-03", "2029-06-03"), "three full years are shown"
    assert entry["earliest_end"] == "2027-06-04", "repair comes after a full year"
    office = measures["no_office"]
    assert office["until"] and office["earliest_end"] > office["until"], "the law sets its length"
    assert "法定期限届满" in office["ends_when_zh"] and "移出名单" not in office["ends_when_zh"]
    assert measures["finance_weigh"]["earliest_end"] == entry["earliest_end"]

    told = read(red_code)
    assert {one["list_kind"] for one in told} == {"red"}
    assert {one["measure_kind"] for one in told if one["kind"] == "measure"} == {"reward"}

    told = read(owed_code)
    assert [one["because"]["decision"] for one in told] == ["（2026）闽0102执1号"] * len(told)
    assert told[0]["kind"] == "list" and not [one for one in told if one["kind"] == "publication"], "once"
    decider = here.cast.someone("decision_maker", 900)
    take(owed, "suspend", decider, DAY, {"reason": "异议核查"})
    assert not [one for one in read(owed_code) if one["kind"] != "publication"]
    take(owed, "resume", decider, DAY, {"reason": "查明无误"})
    assert read(owed_code)[0]["decided_leaf"] == queries.steps(owed)[0].id, "not the step that suspended it"

    told = read(fraud_code)
    account = next(one for one in told if one.get("measure") == "platform_account")
    assert (account["because"]["law"], account["because"]["article"]) == ("telefraud", "31")
    assert account["until"] == told[0]["until"] and "移出名单" in account["ends_when_zh"]
    assert account["because"]["records"] == [
        {
            "id": finding, "source": public_security, "item": "authority_list",
            "document": "闽公惩〔2026〕5号", "public": True, "proof": f"/api/v1/records/{finding}/proof",
        }
    ]  # fmt: skip

    (shown,) = read(shown_code)
    assert (shown["kind"], shown["until"], shown["earliest_end"]) == ("publication", None, None)
    assert "来源单位" in shown["ends_when_zh"], "no period ends it"

    take(black, "remove", SYSTEM, timezone.localdate(), {"reason": "修复"}, by_system=True)
    left = [one for one in read(here.merchant_code) if one["kind"] != "publication"]
    assert [one["measure"] for one in left] == ["no_office"], "repair ends the rest at once"


def test_what_a_decision_rests_on_is_told_as_it_reads_now_however_often_it_was_corrected(
    here: Installation,
) -> None:
    listed(here, "brushing", here.merchant, here.record)
    last = here.record
    for _ in range(2):
        again = last
        last = kept(
            lambda one: one.record(
                here.merchant,
                here.market.pk,
                operation="correction",
                refers_to=again,  # noqa: B023 - at once
            )
        )
    assert {record["id"] for one in read(here.merchant_code) for record in one["because"]["records"]} == {
        last
    }


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
    wrong = here.merchant_code[:-1] + ("0" if here.merchant_code[-1] != "0" else "1")
    for code in (new_uscc(), f"S{person}", wrong, "nobody", "S99999999"):
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


@pytest.mark.obligation("16.2b")
def test_a_platform_is_told_of_a_ban_that_nobody_was_told_to_carry_out(here: Installation) -> None:
    """The decision forbids the trade; the merchant has a shop nowhere, so no platform got a task."""
    code = new_uscc()
    moved = kept(lambda one: one.subject("福州改头换面商贸有限公司", code))
    record = kept(lambda one: one.record(moved, here.market.pk))
    trades(moved, record)
    listed(here, "brushing", moved, record, measures="platform_close")
    told = Client().get("/api/v1/admission", {"code": code}, headers=key(here, "admission.check")).json()
    assert (told["admitted"], told["answer"]) == (False, "refuse")
    by_answer = {one["admission"]: one["measure"] for one in told["reasons"]}
    assert by_answer["refuse"] == "platform_close" and by_answer["restrict"] == "platform_no_entry"
    assert set(by_answer) <= {"refuse", "restrict", "warn"}
    assert told["reasons"][0]["admission"] == "refuse", "what keeps it out stands first"
    assert all(one["because"]["law"] and one["ends_when"] for one in told["reasons"])


def test_who_shows_no_key_or_one_for_other_things_is_told_nothing(here: Installation) -> None:
    address = f"/api/v1/admission?code={here.merchant_code}"
    for shown, status in (
        ({}, 401),
        ({"Authorization": "Bearer nonsense"}, 401),
        (key(here, "batch.read"), 403),
    ):
        answer = Client().get(address, headers=shown)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
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
