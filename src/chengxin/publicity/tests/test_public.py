"""Lists for everybody: nobody's private number, no natural person, page by page; what is wrong is said."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import timedelta

import orjson
import psycopg
import pytest
from django.test import Client
from django.utils import timezone

from chengxin.api.tests.test_look_up import described
from chengxin.archive.tests.kept import Kept
from chengxin.database import reading
from chengxin.decisions.tests.own_world import Firm, firm, listed
from chengxin.design.headers import EVERY
from chengxin.ledger.actions import appending
from chengxin.portal.tests.small import RESIDENT
from chengxin.portal.tests.test_subject_views import counted_statements
from chengxin.publicity import entries
from chengxin.publicity.tests.everywhere import PLACES, Where, read
from chengxin.publicity.tests.published import defaulter

TODAY = timezone.localdate()
COURT = "judgment_defaulter"
PERSON = "林某某"
FORMULA = "=示例商贸有限公司"


@dataclass(frozen=True)
class Public:
    """Five firms of a court's list, the last first; a firm listed by our own decision; a natural person."""

    firms: tuple[int, ...]
    own: Firm
    own_case: int
    person: int
    person_case: int


@pytest.fixture(scope="module")
def here(one_database: str) -> Public:
    """Written once; nothing here changes it."""
    names = ["福州示例一", "福州示例二", "福州示例三", f"福州示例四身份证{RESIDENT}", FORMULA]
    cases = [
        defaulter(name, number=f"（2026）闽0102执{at}号{RESIDENT if at == 2 else ''}")[2]
        for at, name in enumerate(names)
    ]
    person, _, of_person = defaulter(PERSON, kind="natural_person", number="（2026）闽0102执9号")
    one = firm()
    return Public(tuple(reversed(cases)), one, listed(one), person, of_person)


@pytest.fixture(scope="module")
def browser() -> Client:
    """Somebody of the public."""
    return Client(raise_request_exception=False)


def body(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return read(answer)


# --- who and what is never shown ----------------------------------------------------------------------------


@pytest.mark.obligation("15b")
@pytest.mark.obligation("13d")
def test_no_natural_person_and_no_personal_number_is_at_any_place(here: Public, browser: Client) -> None:
    known = Where(here.person_case, f"S{here.person}", COURT)
    for place in PLACES:
        answer = browser.get(place.format(one=known))
        assert answer.status_code in (200, 404), place
        said = read(answer)
        assert PERSON not in said and "闽0102执9号" not in said, place
        assert f'href="/decisions/{here.person_case}"' not in said, place
        assert RESIDENT not in said, place
    assert browser.get(f"/decisions/{here.person_case}").status_code == 404, "not even that there was one"
    assert browser.get(f"/decisions/{here.person_case}/proof.json").status_code == 404
    masked = body(browser, f"/lists/{COURT}")
    assert f"****************{RESIDENT[-2:]}" in masked
    for case in here.firms:
        assert RESIDENT not in body(browser, f"/decisions/{case}")


def test_what_never_was_public_is_unknown_and_not_gone(here: Public, browser: Client) -> None:
    for address in ("/decisions/999999999", f"/decisions/{2**63}", "/notices/999999999", "/lists/nowhere"):
        assert browser.get(address).status_code == 404, address
    assert browser.get("/data/lists/nowhere.csv").status_code == 404


# --- page by page -------------------------------------------------------------------------------------------


@pytest.mark.obligation("15b")
def test_a_list_is_told_page_by_page_the_newest_first_and_each_entry_once(
    here: Public, browser: Client
) -> None:
    found, after = [], ""
    for _ in range(3):
        answer = browser.get(f"/api/v1/lists/{COURT}?limit=2{after}").json()
        assert not list(described("/api/v1/lists/{id}").iter_errors(answer))
        found += [one["case"] for one in answer["entries"]]
        after = f"&after={answer['next']}"
    assert tuple(found) == here.firms and answer["next"] is None
    assert answer["list"]["law_zh"] and answer["list"]["keeper_zh"] and answer["list"]["ends_when_zh"]
    page = body(browser, f"/lists/{COURT}?after={here.firms[1]}")
    assert f"/decisions/{here.firms[2]}" in page and f"/decisions/{here.firms[1]}" not in page
    assert tuple(one.case for one in entries.everything(COURT, TODAY, at_once=2)) == here.firms


def test_a_list_is_narrowed_by_name_code_and_region(here: Public, browser: Client) -> None:
    by_name = body(browser, f"/lists/{COURT}?q=示例二")
    assert "福州示例二" in by_name and "福州示例三" not in by_name
    assert here.own.code in body(browser, f"/lists/serious_violation?q={here.own.code}&region=350100")
    assert here.own.code not in body(browser, "/lists/serious_violation?region=350200")


def test_the_files_hold_what_the_pages_show_and_run_no_formula(here: Public, browser: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(body(browser, f"/data/lists/{COURT}.csv").lstrip("\ufeff"))))
    assert [int(one["case"]) for one in rows] == list(here.firms)
    assert next(one["name"] for one in rows if FORMULA in one["name"]) != FORMULA
    whole = orjson.loads(body(browser, "/data/entries.json"))
    assert whole["day"] == TODAY.isoformat() and whole["licence"]
    assert {one["case"] for one in whole["entries"]} == {*here.firms, here.own_case}


def test_a_file_that_cannot_be_read_now_says_so_before_it_begins(
    here: Public, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr(reading, "row", away)
    for address in ("/data/entries.json", f"/data/lists/{COURT}.csv"):
        answer = browser.get(address)
        assert answer.status_code == 503 and answer.headers["Retry-After"], address
    assert browser.head("/data/entries.json").headers["Content-Type"] == "application/json"


# --- what a page says ---------------------------------------------------------------------------------------


@pytest.mark.obligation("16.1a")
def test_a_list_says_who_keeps_it_by_which_law_how_many_stand_and_how_one_gets_off(
    here: Public, browser: Client
) -> None:
    page = body(browser, "/lists/serious_violation")
    for said in (
        "市场监督管理部门",
        "《市场监督管理严重违法失信名单管理办法》",
        "<b>1</b> 个主体",
        "怎样移出",
        "法律允许的",
    ):
        assert said in page, said
    all_lists = body(browser, "/lists")
    assert 'href="/lists/serious_violation"' in all_lists and ">5<" in all_lists


@pytest.mark.obligation("16.1a")
@pytest.mark.obligation("16.1e")
def test_a_decision_says_what_why_until_when_what_follows_and_what_ends_it(
    here: Public, browser: Client
) -> None:
    page = body(browser, f"/decisions/{here.own_case}")
    said = {
        "decision": f"〕{here.own_case}号",
        "law": "《市场监督管理严重违法失信名单管理办法》",
        "record": f'href="/records/{here.own.record}"',
        "number of the penalty": "榕市监罚〔2026〕0001号",
        "source": "福州市市场监督管理局",
        "last day": f"{here.own.day.year + 3}-",
        "earliest end": "最早可以在",
        "objection": "/about#objection",
        "court": "行政复议法",
        "proof": f"/decisions/{here.own_case}/proof.json?leaf=",
    }
    assert [what for what, words in said.items() if words not in page] == []
    english = browser.get(f"/decisions/{here.own_case}", headers={"accept-language": "en"}).content.decode()
    assert "What ends it" in english and "Removal may be applied for from" in english


def test_home_search_and_the_subjects_page_warn_of_standing_entries(here: Public, browser: Client) -> None:
    for address in (f"/search?q={here.own.code}", f"/subjects/{here.own.code}", "/"):
        assert f'href="/decisions/{here.own_case}"' in body(browser, address), address
    assert f'href="/subjects/{here.own.code}/why"' in body(browser, f"/subjects/{here.own.code}")
    for address in ("/lists", "/notices", "/data", "/widget", "/procedures", "/certificates"):
        assert f'href="{address}"' in body(browser, "/"), address


def test_a_page_asks_as_often_for_many_entries_as_for_one(
    here: Public, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(address: str) -> int:
        with counted_statements(monkeypatch) as statements:
            body(browser, address)
        return len(statements)

    assert asked("/search?q=福州示例二") == asked("/search?q=福州示例")
    assert asked(f"/lists/{COURT}?q=示例二") == asked(f"/lists/{COURT}")
    assert asked("/widget/query?q=福州示例二") == asked("/widget/query?q=福州示例")
    assert asked("/lists/serious_violation/feed.json") == asked(f"/lists/{COURT}/feed.json")


# --- what is wrong is said ----------------------------------------------------------------------------------


def test_the_api_names_the_field_the_value_the_rule_and_how_to_mend_it(here: Public, browser: Client) -> None:
    for query in ("limit=0", "limit=101", "limit=x", "after=x", f"after={10**20}"):
        answer = browser.get(f"/api/v1/lists/{COURT}?{query}")
        assert answer.status_code == 422, query
        assert answer.headers["Content-Type"] == "application/problem+json"
        (error,) = answer.json()["errors"]
        assert error["field"] == query.partition("=")[0]
        assert all(error[key] for key in ("rule", "zh", "en", "mend_zh", "mend_en")), error
    unknown = browser.get("/api/v1/lists/nowhere")
    assert unknown.status_code == 404 and COURT in unknown.json()["detail"]
    assert unknown.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("address", "named"),
    [
        (f"/lists/{COURT}?region=999", "“地区”不能为“999”"),
        (f"/lists/{COURT}?after=x", "没有这一页，已回到第一页"),
        (f"/lists/{COURT}?columns=secret", "“显示的列”不能为“secret”"),
        ("/notices?kind=secret", "种类不能为“secret”"),
        ("/notices?after=x", "没有这一页，已回到第一页"),
        ("/widget/query?q=x", "请输入2至100个字符"),
    ],
)
def test_a_page_names_what_it_left_out_and_how_to_mend_it(
    here: Public, browser: Client, address: str, named: str
) -> None:
    page = body(browser, address)
    assert named in page
    if "widget" not in address:
        assert page.partition(named)[2].partition("</p>")[0].strip("，已忽略。"), "and what to do"


# --- headers ------------------------------------------------------------------------------------------------


@pytest.mark.obligation("15d")
def test_the_query_window_may_be_framed_by_any_site_and_nothing_else_may(
    here: Public, browser: Client
) -> None:
    answer = browser.get(f"/widget/query?q={here.own.code}&hl=en")
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not answer.cookies and "<script" not in answer.content.decode()
    assert 'lang="en"' in answer.content.decode() and "black list" in answer.content.decode()
    again = browser.get(
        f"/widget/query?q={here.own.code}&hl=en", headers={"if-none-match": answer.headers["ETag"]}
    )
    assert again.status_code == 304 and "X-Frame-Options" not in again.headers
    assert again.headers["Content-Security-Policy"] == answer.headers["Content-Security-Policy"]
    for address in (
        "/widget", "/lists", f"/lists/{COURT}", f"/decisions/{here.own_case}", "/notices", "/data", "/search",
        f"/lists/{COURT}/feed.atom", "/api/v1/lists", "/sign-in", "/robots.txt",
    ):  # fmt: skip
        other = browser.get(address)
        assert other.headers["X-Frame-Options"] == "DENY", address
        assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"], address
    assert browser.post("/widget/query").headers["X-Frame-Options"] == "DENY", "its errors neither"
    assert EVERY["X-Frame-Options"] == "DENY"


@pytest.mark.obligation("15d")
def test_the_query_window_finds_by_name_and_code_and_says_what_nothing_means(
    here: Public, browser: Client
) -> None:
    found = body(browser, "/widget/query?q=福州刷量")
    assert "严重违法失信名单" in found and f"/decisions/{here.own_case}" in found
    assert "不表示信用好或不好" in body(browser, "/widget/query?q=查无此人此店")
    assert PERSON not in body(browser, f"/widget/query?q={PERSON}").replace(f'value="{PERSON}"', "")


@pytest.mark.obligation("15b")
def test_search_engines_keep_nothing_that_must_vanish(here: Public, browser: Client) -> None:
    rules = body(browser, "/robots.txt")
    for path in ("/data/", "/widget/query", "/search"):
        assert f"Disallow: {path}\n" in rules
    for address in (
        f"/lists/{COURT}", f"/decisions/{here.own_case}", "/notices", "/widget/query?q=福州",
        f"/lists/{COURT}/feed.atom", "/data/entries.json", f"/data/lists/{COURT}.csv",
        f"/decisions/{here.own_case}/proof.json",
    ):  # fmt: skip
        assert browser.get(address).headers["X-Robots-Tag"] == "noindex, noarchive", address
    for address in ("/lists", "/data", "/widget"):  # they name nobody
        assert "X-Robots-Tag" not in browser.get(address).headers, address


def test_an_entry_follows_a_subject_that_turned_out_to_be_another(one_database: str, browser: Client) -> None:
    subject, _, case = defaulter("福州重名商贸有限公司", number="（2026）闽0102执77号")
    with appending() as log:
        kept = Kept(log)
        whole = kept.subject("福州重名商贸公司", "91350102MA2XAB0130")
        kept.merged(subject, whole)
    assert [one.case for one in entries.of_code("91350102MA2XAB0130", TODAY)] == [case]
    assert "91350102MA2XAB0130" in body(browser, f"/decisions/{case}")
    assert entries.standing([whole], TODAY)[whole][0].since <= TODAY - timedelta(days=1)
