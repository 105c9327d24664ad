"""Whatever goes wrong under /api is said as problem+json, in both languages, with the way to mend it."""

from __future__ import annotations

import os

import pytest
from django.test import Client

from chengxin.archive import queries as archive_queries
from chengxin.database import reading
from chengxin.ledger import queries as ledger_queries
from chengxin.portal.tests.small import Small

WRONG = {
    "/api/v1/subjects": (422, "missing"),
    "/api/v1/subjects?q=福": (422, "string_too_short"),
    f"/api/v1/subjects?q={'福' * 101}": (422, "string_too_long"),
    "/api/v1/subjects?q=%00%01": (422, "string_pattern_mismatch"),
    "/api/v1/subjects?q=福州&limit=0": (422, "greater_than_equal"),
    "/api/v1/subjects?q=福州&limit=101": (422, "less_than_equal"),
    "/api/v1/subjects?q=福州&limit=ten": (422, "int_parsing"),
    "/api/v1/subjects?q=福州&after=!": (422, "string_pattern_mismatch"),
    "/api/v1/subjects?q=福州&after=AAAA": (404, None),
    "/api/v1/subjects/91350102MA2XAB0130": (404, None),
    f"/api/v1/subjects/{'9' * 65}": (422, "string_too_long"),
    "/api/v1/subjects/S99999999999999999999": (404, None),
    "/api/v1/subjects/nobody/records": (404, None),
    "/api/v1/subjects/nobody/records?after=x": (422, "string_pattern_mismatch"),
    "/api/v1/records/-1": (422, "greater_than_equal"),
    "/api/v1/records/one": (422, "int_parsing"),
    "/api/v1/records/9223372036854775808": (422, "less_than_equal"),
    "/api/v1/records/9223372036854775807": (404, None),
    "/api/v1/records/1/proof": (404, None),
    "/api/v1/ledger/consistency?from=9&to=3": (404, None),
    "/api/v1/ledger/consistency?from=0&to=3": (422, "greater_than_equal"),
    "/api/v1/catalogue/nothing": (404, None),
    "/api/v1/catalogue/NOTHING": (422, "string_pattern_mismatch"),
    "/api/v1/nothing": (404, None),
    "/api/v2/subjects": (404, None),
    "/api/": (404, None),
}


@pytest.mark.parametrize("address", WRONG)
def test_a_wrong_question_gets_a_problem_that_says_how_to_mend_it(
    archive: Small, browser: Client, address: str
) -> None:
    status, rule = WRONG[address]
    response = browser.get(address)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    content = response.json()
    assert content["status"] == status and content["type"].startswith("urn:chengxin:problem:")
    chinese, _, english = content["detail"].partition(" / ")
    assert any("\u4e00" <= one <= "\u9fff" for one in chinese) and english.isascii()
    if rule is not None:
        (error,) = content["errors"]
        assert error["rule"] == rule
        assert all(error[part] for part in ("field", "zh", "en", "mend_zh", "mend_en"))


def test_other_methods_are_refused_with_those_that_are_not(archive: Small, browser: Client) -> None:
    for address in ("/api/v1/subjects", f"/api/v1/subjects/{archive.code}", "/api/v1/ledger/head"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            response = browser.generic(method, address)
            assert response.status_code == 405, (method, address)
            assert response["Allow"] == "GET, HEAD"
            assert response["Content-Type"] == "application/problem+json"


def test_a_foreign_host_is_refused(archive: Small, browser: Client) -> None:
    response = browser.get("/api/v1/catalogue", headers={"host": "evil.example"})
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_without_the_database(archive: Small, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    reading.close()
    monkeypatch.setitem(
        os.environ, "CHENGXIN_DATABASE_URL", "postgresql://127.0.0.1:9/gone?connect_timeout=1"
    )
    for address in (
        "/api/v1/subjects?q=福州",
        "/api/v1/subjects/X1",
        "/api/v1/records/1",
        "/api/v1/ledger/head",
        "/healthz",
    ):
        response = browser.get(address)
        assert (response.status_code, response["Retry-After"]) == (503, "5"), address
        assert response["Content-Type"] == "application/problem+json"
        assert "127.0.0.1" not in response.content.decode()
    assert browser.get("/api/v1/catalogue").status_code == 200


def test_a_fault_of_ours_says_nothing_of_itself(
    archive: Small, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(archive_queries, "public_subject", fail)
    monkeypatch.setattr(ledger_queries, "head", fail)
    for address in (f"/api/v1/subjects/{archive.code}", "/api/v1/ledger/head"):
        response = browser.get(address)
        assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
        assert "secret" not in response.content.decode()


def test_health_is_the_databases(archive: Small, browser: Client) -> None:
    response = browser.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
