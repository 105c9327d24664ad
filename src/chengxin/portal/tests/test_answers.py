"""What every answer carries, in which language it speaks, and what is said when something goes wrong."""

from __future__ import annotations

import os
import re

import pytest
from django.test import Client

from chengxin.database import reading
from chengxin.design import render
from chengxin.design.headers import EVERY
from chengxin.portal import home_page
from chengxin.portal.tests.small import Small


def test_every_answer_carries_the_protecting_headers(archive: Small, browser: Client) -> None:
    for address in (
        "/",
        "/nowhere",
        "/static/design/chengxin.css",
        "/robots.txt",
        "/api/v1/catalogue",
        "/healthz",
    ):
        response = browser.get(address)
        for name, value in EVERY.items():
            assert response[name] == value, address
    refused = browser.get("/", headers={"host": "evil.example"})
    assert refused.status_code == 400 and refused["Content-Security-Policy"]


def test_the_policy_allows_nothing_inline() -> None:
    policy = EVERY["Content-Security-Policy"]
    assert "unsafe" not in policy and "*" not in policy and "frame-ancestors 'none'" in policy


def test_a_page_that_did_not_change_is_not_sent_again(archive: Small, browser: Client) -> None:
    subject, record = f"/subjects/{archive.code}", f"/records/{archive.shown}"
    for address in ("/", subject, record, "/catalogue/penalty", "/about"):
        first = browser.get(address)
        again = browser.get(address, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"] and again["Vary"] == first["Vary"]
        assert first["Cache-Control"] == "no-cache"


def test_the_tag_tells_the_languages_apart(archive: Small, browser: Client) -> None:
    chinese, english = browser.get("/about?lang=zh"), browser.get("/about?lang=en")
    assert chinese["ETag"] != english["ETag"]
    assert {"Cookie", "Accept-Language"} <= {one.strip() for one in english["Vary"].split(",")}


def test_pages_are_for_reading(archive: Small, browser: Client) -> None:
    response = browser.post("/about")
    assert response.status_code == 405 and response["Allow"] == "GET, HEAD"
    assert browser.head("/about").status_code == 200


# --- language -----------------------------------------------------------------------------------------


def test_chinese_first_and_english_for_whoever_prefers_it(archive: Small) -> None:
    assert 'lang="zh-Hans"' in Client().get("/").content.decode()[:60]
    preferring = Client(headers={"accept-language": "en-GB,en;q=0.9,zh;q=0.5"})
    assert 'lang="en"' in preferring.get("/").content.decode()[:60]
    unknown = Client(headers={"accept-language": "fr"})
    assert 'lang="zh-Hans"' in unknown.get("/").content.decode()[:60]


def test_the_switch_keeps_the_page_and_is_remembered(archive: Small, browser: Client) -> None:
    page = browser.get("/search", {"q": "榕味", "lang": "zh"}).content.decode()
    switch = re.search(r'<a href="(\?|/search\?)([^"]+)" lang="en" hreflang="en"', page)
    assert switch is not None
    english = browser.get(f"/search?{switch[2]}".replace("&amp;", "&")).content.decode()
    assert 'lang="en"' in english[:60] and 'value="榕味"' in english
    assert 'lang="en"' in browser.get("/about").content.decode()[:60]
    browser.get("/about?lang=zh")
    assert 'lang="zh-Hans"' in browser.get("/").content.decode()[:60]


def test_a_language_that_is_not_spoken_changes_nothing(archive: Small, browser: Client) -> None:
    response = browser.get("/?lang=fr")
    assert response.status_code == 200 and not response.cookies


# --- when something goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "said"), [("zh", "没有找到这个页面"), ("en", "There is no such page")])
def test_a_missing_page(archive: Small, browser: Client, language: str, said: str) -> None:
    response = browser.get(f"/nowhere?lang={language}")
    assert response.status_code == 404 and said in response.content.decode()
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "请求无法读取"), ("en", "The request can&#x27;t be read")]
)
def test_a_request_that_cant_be_read(archive: Small, browser: Client, language: str, said: str) -> None:
    response = browser.get(f"/about?lang={language}", headers={"host": "evil.example"})
    assert response.status_code == 400 and said in response.content.decode()
    answer = browser.get("/api/v1/catalogue", headers={"host": "evil.example"})
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours behind the home page."""

    def fail() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(home_page, "figures", fail)


@pytest.mark.parametrize(("language", "said"), [("zh", "系统出现错误"), ("en", "Something went wrong here")])
def test_a_fault_of_ours(archive: Small, browser: Client, broken: None, language: str, said: str) -> None:
    response = browser.get(f"/?lang={language}")
    text = response.content.decode()
    assert response.status_code == 500 and said in text
    assert "secret" not in text and "Traceback" not in text and "RuntimeError" not in text


def test_a_fault_even_in_the_page_for_faults(
    archive: Small, browser: Client, broken: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "demonstration", lambda: 1 / 0)
    response = browser.get("/")
    text = response.content.decode()
    assert response.status_code == 500 and "系统出现错误" in text and "Something went wrong" in text


@pytest.fixture
def without_database(archive: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is gone."""
    reading.close()
    monkeypatch.setitem(
        os.environ, "CHENGXIN_DATABASE_URL", "postgresql://127.0.0.1:9/gone?connect_timeout=1"
    )


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "服务暂时不可用"), ("en", "Not available for the moment")]
)
def test_without_the_database(without_database: None, browser: Client, language: str, said: str) -> None:
    for address in ("/", "/search?q=福州", "/subjects/91350102MA2XAB0130", "/records/1"):
        response = browser.get(f"{address}{'&' if '?' in address else '?'}lang={language}")
        text = response.content.decode()
        assert response.status_code == 503 and said in text, address
        assert response["Retry-After"] == "5" and "127.0.0.1:9" not in text
    assert browser.get("/catalogue").status_code == 200
