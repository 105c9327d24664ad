"""Looking up over HTTP: what is public today, as OpenAPI says, under ETags, page by page, no more."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from django.utils import timezone

from chengxin.api.v1 import api
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.kernel.merkle import consistent
from chengxin.ledger.actions import appending
from chengxin.portal.tests.small import DOMAIN, NAME, PERSON, PLATFORM, RESIDENT, SHOP, SOURCE, Small
from chengxin.rulebook import catalogue


def addresses(archive: Small) -> dict[str, str]:
    """An address of each endpoint that reads → the path of OpenAPI that describes it."""
    return {
        "/api/v1/subjects?q=福州": "/api/v1/subjects",
        f"/api/v1/subjects/{archive.code}": "/api/v1/subjects/{code}",
        f"/api/v1/subjects/{archive.code}/records": "/api/v1/subjects/{code}/records",
        f"/api/v1/subjects/{archive.code}/consequences": "/api/v1/subjects/{code}/consequences",
        f"/api/v1/subjects/{archive.code}/report": "/api/v1/subjects/{code}/report",
        "/api/v1/lists": "/api/v1/lists",
        "/api/v1/lists/brushing": "/api/v1/lists/{id}",
        f"/api/v1/records/{archive.shown}": "/api/v1/records/{id}",
        f"/api/v1/records/{archive.shown}/proof": "/api/v1/records/{id}/proof",
        f"/api/v1/records/{archive.sealed}/proof": "/api/v1/records/{id}/proof",
        "/api/v1/ledger/head": "/api/v1/ledger/head",
        "/api/v1/ledger/consistency?from=1&to=9": "/api/v1/ledger/consistency",
        "/api/v1/catalogue": "/api/v1/catalogue",
        "/api/v1/catalogue/penalty": "/api/v1/catalogue/{item}",
    }


def described(path: str) -> jsonschema_rs.Draft202012Validator:
    """What OpenAPI says of the good answer of a path; every property named there, none besides."""
    document = Client().get("/api/v1/openapi.json").json()
    content = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    shapes = {name: _closed(shape) for name, shape in document["components"]["schemas"].items()}
    return jsonschema_rs.Draft202012Validator(
        content["schema"] | {"components": {"schemas": shapes}}, validate_formats=True
    )


def _closed(shape: dict[str, Any]) -> dict[str, Any]:
    return shape | {"additionalProperties": False} if "properties" in shape else shape


def test_every_answer_has_the_shape_that_openapi_gives(archive: Small, browser: Client) -> None:
    for address, path in addresses(archive).items():
        response = browser.get(address)
        assert response.status_code == 200, address
        assert response["Content-Type"] == "application/json"
        faults = [error.message for error in described(path).iter_errors(response.json())]
        assert not faults, address


def test_every_path_that_reads_without_a_token_is_among_them(archive: Small) -> None:
    paths = {
        path
        for path, methods in api.get_openapi_schema()["paths"].items()
        if "get" in methods and not methods["get"].get("security")
    }
    assert paths == set(addresses(archive).values())


def test_an_answer_that_did_not_change_is_not_sent_again(archive: Small, browser: Client) -> None:
    for address in addresses(archive):
        first = browser.get(address)
        tag = first["ETag"]
        assert tag.startswith('"') and first["Cache-Control"] == "no-cache"
        for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = browser.get(address, headers={"if-none-match": asked})
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag), address
        assert browser.get(address, headers={"if-none-match": '"other"'}).status_code == 200


def test_a_new_record_changes_the_tag(archive: Small, browser: Client) -> None:
    address, today = f"/api/v1/subjects/{archive.quiet}", timezone.localdate()
    first = browser.get(address)
    with appending() as log:
        kept = Kept(log)
        by_code = "SELECT subject_id FROM registry_identifier WHERE value = %s"
        subject = log.cursor.execute(by_code, [archive.quiet]).fetchone()
        assert subject is not None
        kept.record(subject[0], kept.source(), start=today, until=today)
    again = browser.get(address, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200 and len(again.json()["records"]) == 1


def test_head_is_like_get_without_the_body(archive: Small, browser: Client) -> None:
    for address in addresses(archive):
        got, asked = browser.get(address), browser.head(address)
        assert asked.status_code == 200
        assert asked["ETag"] == got["ETag"] and asked["Content-Length"] == got["Content-Length"]


# --- what is public --------------------------------------------------------------------------------------


@pytest.mark.obligation("9.1f")
def test_a_subject_with_all_that_is_public_of_it(archive: Small, browser: Client) -> None:
    view = browser.get(f"/api/v1/subjects/{archive.code}").json()
    subject = view["subject"]
    assert (subject["code"], subject["name"], subject["kind"]) == (archive.code, NAME, "legal_person")
    assert subject["region"] == {"code": "350102", "name": "福建省福州市鼓楼区"}
    assert subject["identifiers"] == [
        {"scheme": "uscc", "value": archive.code},
        {"scheme": "regno", "value": archive.regno},
    ]
    assert [one["name"] for one in subject["names"]] == [NAME, "福州榕味海产有限公司"]
    assert [one["role"] for one in subject["roles"]] == ["merchant"]
    (shop,) = subject["outlets"]
    assert (shop["name"], shop["platform"], shop["platform_name"]) == (SHOP, archive.platform, PLATFORM)
    assert subject["verification"]["state"] == "verified"
    record = next(one for one in view["records"] if one["id"] == archive.shown)
    assert record["source"] == SOURCE and record["law_name_zh"] == "信用修复管理办法"
    assert record["state"] == "in_force" and record["disclosure"] == "public"
    public = {one.id for one in catalogue.items(timezone.localdate()) if one.disclosure == "public"}
    assert {one["item"] for one in view["records"]} == public


def test_what_ended_was_withdrawn_or_corrected_is_nowhere(archive: Small, browser: Client) -> None:
    shown = {one["id"] for one in browser.get(f"/api/v1/subjects/{archive.code}").json()["records"]}
    assert {archive.shown, archive.last_day, archive.sealed, archive.latest} <= shown
    assert not shown & set(archive.hidden)
    for record in archive.hidden:
        assert browser.get(f"/api/v1/records/{record}").status_code == 404
        assert browser.get(f"/api/v1/records/{record}/proof").status_code == 404


@pytest.mark.obligation("13d")
def test_nothing_of_a_natural_person_is_given_out(archive: Small, browser: Client) -> None:
    for code in (f"S{archive.person}", RESIDENT):
        assert browser.get(f"/api/v1/subjects/{code}").status_code == 404
        assert browser.get(f"/api/v1/subjects/{code}/records").status_code == 404
    for asked in (PERSON, f"S{archive.person}", RESIDENT):
        assert browser.get("/api/v1/subjects", {"q": asked}).json()["subjects"] == []


@pytest.mark.obligation("13d")
def test_no_answer_holds_a_personal_number(archive: Small, browser: Client) -> None:
    for address in addresses(archive):
        if "/catalogue/" not in address:  # which gives the fictional example of each field
            assert RESIDENT not in browser.get(address).content.decode(), address
    record = browser.get(f"/api/v1/records/{archive.sealed}").json()["record"]
    assert not {"CF_FR_ZJHM", "CF_FR_ZJLX"} & record["payload"].keys()


def test_a_proof_gives_the_text_that_was_hashed_only_where_all_of_it_is_public(
    archive: Small, browser: Client
) -> None:
    open_ = browser.get(f"/api/v1/records/{archive.shown}/proof").json()
    digest = hashlib.sha256(b"\x00" + open_["body"].encode()).digest()
    assert base64.b64decode(open_["leaf_hash"]) == digest
    assert browser.get(f"/api/v1/records/{archive.sealed}/proof").json()["body"] is None


def test_the_ledger_proves_that_it_only_grew(archive: Small, browser: Client) -> None:
    size = browser.get("/api/v1/ledger/head").json()["size"]
    proof = browser.get(f"/api/v1/ledger/consistency?from=3&to={size}").json()
    raw = base64.b64decode
    path = [raw(step) for step in proof["path"]]
    assert consistent(3, size, raw(proof["from_root"]), raw(proof["to_root"]), path)


# --- pages -----------------------------------------------------------------------------------------------


def test_cursors_walk_every_record_once(database: str, browser: Client) -> None:
    code, today = new_uscc(), timezone.localdate()
    with appending() as log:
        kept = Kept(log)
        source, subject = kept.source(), kept.subject(NAME, code)
        records = [kept.record(subject, source, start=today, until=today) for _ in range(250)]
    first = browser.get(f"/api/v1/subjects/{code}").json()
    seen, following = [one["id"] for one in first["records"]], first["next"]
    while following:
        page = browser.get(f"/api/v1/subjects/{code}/records", {"after": following}).json()
        seen += [one["id"] for one in page["records"]]
        following = page["next"]
    assert sorted(seen) == records and len(seen) == len(set(seen))


def test_cursors_walk_every_search_result_once(database: str, browser: Client) -> None:
    with appending() as log:
        kept = Kept(log)
        codes = {kept.subject(f"晋江第{number}鞋服有限公司", None) for number in range(33)}
    seen: list[str] = []
    following: str | None = ""
    while following is not None:
        asked = {"q": "鞋服", "limit": "7"} | ({"after": following} if following else {})
        page = browser.get("/api/v1/subjects", asked).json()
        assert len(page["subjects"]) <= 7 and page["more"] is False
        seen += [one["code"] for one in page["subjects"]]
        following = page["next"]
    assert sorted(seen) == sorted(f"S{one}" for one in codes)


@pytest.mark.parametrize(
    ("asked", "matched"),
    [
        (NAME, "name"),
        ("福州榕味", "prefix"),
        ("味海", "part"),
        ("rongwei", "part"),
        ("rong wei hai", "part"),
        ("rwhc", "part"),
        ("榕味 商务", "part"),
        (SHOP, "shop"),
        (DOMAIN, "domain"),
        (f"http://www.{DOMAIN}/x", "domain"),
        ("350102100123458", "code"),
    ],
)
def test_search_finds_by_whatever_one_knows(
    archive: Small, browser: Client, asked: str, matched: str
) -> None:
    found = browser.get("/api/v1/subjects", {"q": asked}).json()["subjects"]
    assert (archive.code, matched) in [(one["code"], one["matched"]) for one in found]


def test_any_two_neighbouring_characters_find_the_subject(archive: Small, browser: Client) -> None:
    for at in range(len(NAME) - 1):
        found = browser.get("/api/v1/subjects", {"q": NAME[at : at + 2]}).json()["subjects"]
        assert archive.code in [one["code"] for one in found], NAME[at : at + 2]
