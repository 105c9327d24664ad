"""The search page: finds, says how it found, and helps where it finds nothing."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.ledger.actions import appending
from chengxin.portal.tests.small import DOMAIN, NAME, SHOP, Small


@pytest.mark.parametrize(
    ("asked", "how"),
    [
        (NAME, "名称相同"),
        ("福州榕味", "名称开头相同"),
        ("榕味", "名称中含有，或读音相同"),
        ("rongwei", "名称中含有，或读音相同"),
        ("rwhc", "名称中含有，或读音相同"),
        (SHOP, f"店铺：{SHOP}"),
        (DOMAIN, f"域名：{DOMAIN}"),
        (f"https://{DOMAIN}/goods/1?x=2", f"域名：{DOMAIN}"),
        ("350102100123458", "代码相同"),
    ],
)
def test_a_subject_is_found_and_the_page_says_how(
    archive: Small, browser: Client, asked: str, how: str
) -> None:
    page = browser.get("/search", {"q": asked}).content.decode()
    assert f'<a href="/subjects/{archive.code}">{NAME}</a>' in page
    assert how in page


def test_a_code_finds_its_subject_alone(archive: Small, browser: Client) -> None:
    page = browser.get("/search", {"q": archive.code}).content.decode()
    assert re.findall(r'href="/subjects/([^"]+)"', page) == [archive.code]
    assert "查到1个信用主体" in page


def test_too_short_or_too_long_is_said_beside_the_box(archive: Small, browser: Client) -> None:
    for asked in ("福", "福" * 101):
        page = browser.get("/search", {"q": asked}).content.decode()
        assert "请输入2至100个字符" in page and 'aria-invalid="true"' in page


def test_nothing_found_says_what_else_to_try_and_what_it_does_not_mean(
    archive: Small, browser: Client
) -> None:
    page = browser.get("/search", {"q": "龘龘<b>"}).content.decode()
    assert "没有查到“龘龘&lt;b&gt;”" in page and "不表示信用好或不好" in page


def test_paging_walks_every_result_once(database: str, browser: Client) -> None:
    with appending() as log:
        kept = Kept(log)
        codes = {new_uscc() for _ in range(53)}
        for number, code in enumerate(sorted(codes)):
            kept.subject(f"莆田第{number}鞋业有限公司", code)
    seen: list[str] = []
    address = "/search?q=鞋业"
    while address:
        page = browser.get(address).content.decode()
        seen += re.findall(r'href="/subjects/([^"]+)"', page)
        following = re.search(r'rel="next" href="(\?[^"]+)"', page)
        address = "/search" + following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == sorted(codes)


def test_a_query_that_fits_too_many_says_so(database: str, browser: Client) -> None:
    with appending() as log:
        kept = Kept(log)
        for number in range(310):
            kept.subject(f"泉州{number}茶业有限公司", None)
    assert "只列出最相近的一部分" in browser.get("/search", {"q": "茶业"}).content.decode()


def test_control_characters_are_blanks(archive: Small, browser: Client) -> None:
    page = browser.get("/search", {"q": "\x00榕味\x07"}).content.decode()
    assert NAME in page and "\x00" not in page
