"""Home, catalogue, templates, API described, about, robots: true and complete."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.api.v1 import api
from chengxin.archive.tests.kept import Kept, scalar
from chengxin.design.words import halves
from chengxin.exchange.models import Batch
from chengxin.ledger.actions import appending
from chengxin.portal.figures import figures
from chengxin.portal.tests.small import Small
from chengxin.rulebook import catalogue


def test_the_home_pages_figures_are_those_of_the_archive(archive: Small, browser: Client) -> None:
    shown = re.findall(r"<b>([\d,]+)</b>", browser.get("/").content.decode().partition('id="figures"')[2])
    subjects, sources = (
        scalar("SELECT count(*) FROM registry_subject"),
        scalar("SELECT count(*) FROM accounts_organisation"),
    )
    leaves = scalar("SELECT max(size) FROM ledger_treehead")
    assert [int(one.replace(",", "")) for one in shown] == [subjects, 11, sources, leaves]


def test_figures_follow_what_is_kept_later_and_merged(archive: Small) -> None:
    before = figures()
    with appending() as log:
        kept = Kept(log)
        first, second = kept.subject("福鼎白茶有限公司"), kept.subject("福鼎白茶公司")
        kept.source()
        kept.merged(second, first)
    Batch.objects.update(kept=12, rows=13)
    after = figures()
    assert after.subjects == before.subjects + 1
    assert after.records == before.records + 1
    assert after.sources == before.sources + 1
    assert after.leaves == before.leaves + 3


def test_an_empty_archive_has_a_home_page(database: str, browser: Client) -> None:
    page = browser.get("/").content.decode()
    assert re.findall(r"<b>([\d,]+)</b>", page) == ["0"] * 8, "lists and notices, then the archive"
    assert "演示站点" not in page


def test_a_demonstration_says_so_on_every_page(archive: Small, browser: Client) -> None:
    for address in ("/", "/about", f"/subjects/{archive.code}", "/nowhere"):
        assert "演示站点：信用主体和信用信息均属虚构。" in browser.get(address).content.decode()


def test_an_archive_of_real_sources_is_no_demonstration(database: str, browser: Client) -> None:
    with appending() as log:
        Kept(log).source(code="11350000003591037X")
    assert "演示站点" not in browser.get("/").content.decode()


@pytest.mark.obligation("9.1c")
def test_the_catalogue_lists_every_item_in_force(database: str, browser: Client) -> None:
    page = browser.get("/catalogue").content.decode()
    items = catalogue.items(timezone.localdate())
    assert len(items) >= 13
    for one in items:
        assert f'<a href="/catalogue/{one.id}">{one.name_zh}</a>' in page


@pytest.mark.obligation("9.1c")
def test_an_items_page_names_every_field_with_its_disclosure(database: str, browser: Client) -> None:
    for item in catalogue.items(timezone.localdate()):
        page = unescape(browser.get(f"/catalogue/{item.id}").content.decode())
        for field in item.fields:
            assert f"{field.name_zh} <code>{field.code}</code>" in page
            if field.type in ("personal", "phone"):
                assert field.example not in page
        assert len(re.findall(r"<tr>\s*<th scope=\"row\">", page)) == len(item.fields)


def test_the_publication_rules_of_an_item_stand_in_words(database: str, browser: Client) -> None:
    page = unescape(re.sub(r"<[^>]+>", "", browser.get("/catalogue/penalty").content.decode()))
    for said in (
        "“处罚类别”仅为警告、通报批评",
        "“行政相对人类别”为自然人，且“处罚类别”含吊销许可证件、责令停产停业、责令关闭、限制从业、行政拘留之一",
        "最长公示 3年，不超过“公示截止期”",
        "其他情形",
    ):
        assert said in page


def test_an_earlier_version_is_shown_as_such(database: str, browser: Client) -> None:
    page = browser.get("/catalogue/complaint_outcome?version=2020-01-01").content.decode()
    assert "这不是现行版本" in page and "报送模板" not in page
    assert browser.get("/catalogue/complaint_outcome?version=1999-01-01").status_code == 404


def test_the_api_is_described_whole_and_its_commands_work(archive: Small, browser: Client) -> None:
    page = unescape(browser.get("/api/v1/docs").content.decode())
    document = api.get_openapi_schema()
    for path, methods in document["paths"].items():
        assert f"<code>{path}</code>" in page
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                assert f"<code>{parameter['name']}</code>" in page
    for name in document["components"]["schemas"]:
        assert name in page
    commands = re.findall(r"curl -s '(http://testserver[^']+)'", page)
    assert len(commands) >= 9
    for address in commands:
        parts = urlsplit(address)
        answer = browser.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        assert answer.status_code in (200, 404), address
        assert "json" in answer["Content-Type"]


def test_about_says_how_to_object_and_what_is_never_shown(database: str, browser: Client) -> None:
    page = browser.get("/about").content.decode()
    for said in (
        "怎样提出异议",
        "《福建省公共信用信息管理暂行办法》",
        "自然人的信息从不公示",
        "不在网上受理异议",
    ):
        assert said in page


def test_robots_may_see_the_pages_but_keep_no_record(archive: Small, browser: Client) -> None:
    rules = browser.get("/robots.txt").content.decode()
    assert "Disallow: /search" in rules and "Disallow: /subjects/*/report\n" in rules
    assert rules.count("/subjects") == 1  # reports are made on request; the pages themselves may be visited
    for address in (f"/subjects/{archive.code}", f"/records/{archive.shown}", "/search?q=福州"):
        response = browser.get(address)
        assert response["X-Robots-Tag"] == "noindex, noarchive"
        assert '<meta name="robots" content="noindex, noarchive">' in response.content.decode()
    for address in ("/", "/catalogue", "/about", "/api/v1/docs"):
        assert "X-Robots-Tag" not in browser.get(address)


def test_the_api_is_described_in_both_languages() -> None:
    document = api.get_openapi_schema()
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    described = [one["description"] for one in operations] + [one["summary"] for one in operations]
    described += [
        parameter["description"]
        for one in operations
        for parameter in one.get("parameters", [])
        if parameter.get("description")
    ]
    described += [
        one["description"] for one in document["components"]["schemas"].values() if "properties" in one
    ]
    assert len(described) > 60
    for text in described:
        chinese, english = halves(text)
        assert re.search("[\u4e00-\u9fff]", chinese), text
        assert not re.search("[\u4e00-\u9fff]", english), text
