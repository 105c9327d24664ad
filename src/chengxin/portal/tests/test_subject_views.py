"""The subject's page in its other forms, and the home page: what was published last, what it costs."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengxin.archive.tests.kept import Kept
from chengxin.database import reading
from chengxin.ledger.actions import appending
from chengxin.portal.tests.small import NAME, PERSON, Small
from chengxin.portal.tests.test_markup import every_page
from chengxin.portal.tests.test_subject_page import text_of


def test_all_records_stand_once_on_the_line_of_time(archive: Small, browser: Client) -> None:
    ids = re.compile(r'id="record-(\d+)"')
    by_item = ids.findall(browser.get(f"/subjects/{archive.code}").content.decode())
    by_time = ids.findall(browser.get(f"/subjects/{archive.code}?view=timeline").content.decode())
    assert sorted(by_item) == sorted(by_time) and len(set(by_time)) == len(by_time) > 5


def test_data_for_machines_name_the_subject_and_no_record(archive: Small, browser: Client) -> None:
    page = browser.get(f"/subjects/{archive.code}").content.decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert found is not None
    said = orjson.loads(found[1])
    assert said["@type"] == "Organization" and said["name"] == NAME
    assert archive.code in [one["value"] for one in said["identifier"]]
    assert not {"employee", "founder", "review"} & said.keys()


def test_a_name_cannot_end_the_data_block(database: str, browser: Client) -> None:
    with appending() as log:
        kept = Kept(log)
        kept.source()  # takes number 0, which is nobody's
        number = kept.subject("</script><script>alert(1)</script>")
    page = browser.get(f"/subjects/S{number}").content.decode()
    assert "<script>" not in page and "alert(1)</script>" not in page


@pytest.mark.obligation("4.2b")
def test_mark_and_licences_stand_beside_the_identity(archive: Small, browser: Client) -> None:
    page = browser.get(f"/subjects/{archive.code}").content.decode()
    assert 'class="state verified"' in page
    side = page[page.index('id="licences"') :]
    link = re.search(r'href="#(record-\d+)"', side[: side.index("</section>")])
    assert link is not None and f'id="{link[1]}"' in page


def test_the_home_page_shows_what_was_published_last_and_warns(archive: Small, browser: Client) -> None:
    page = browser.get("/").content.decode()
    warnings = page[page.index('id="warnings"') : page.index('id="decisions"')]
    assert NAME in warnings and "严重违法失信名单信息" in warnings and "经营异常名录信息" in warnings
    assert f'href="/records/{archive.shown}"' in page
    for hidden in archive.hidden:
        assert f'href="/records/{hidden}"' not in page
    assert PERSON not in page and page.count("怎样计算") == 2


def test_what_is_withdrawn_leaves_the_home_page_at_once(archive: Small, browser: Client) -> None:
    assert f'href="/records/{archive.shown}"' in browser.get("/").content.decode()
    with appending() as log:
        kept = Kept(log)
        subject = reading.row("SELECT subject_id FROM archive_record WHERE id = %s", [archive.shown])
        kept.record(subject[0], kept.source(), operation="withdrawal", refers_to=archive.shown)  # type: ignore[index]
    assert f'href="/records/{archive.shown}"' not in browser.get("/").content.decode()


@contextmanager
def counted_statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the database meanwhile, by reading and by Django."""
    asked: list[str] = []
    rows, table = reading.rows, reading.table

    def counting_rows(statement: str, values: object = ()) -> list[object]:
        asked.append(statement)
        return rows(statement, values)  # type: ignore[arg-type]

    def counting_table(statement: reading.Statement, *given: str | None) -> list[reading.Row]:
        asked.append(statement.name)
        return table(statement, *given)

    monkeypatch.setattr(reading, "rows", counting_rows)
    monkeypatch.setattr(reading, "table", counting_table)
    with CaptureQueriesContext(connection) as captured:
        yield asked
        asked += [one["sql"] for one in captured.captured_queries]
    monkeypatch.undo()


MOST_STATEMENTS = 16
HEAVIEST = 200_000


def test_no_public_page_asks_much_or_weighs_much(
    archive: Small, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in every_page(archive):
        browser.get(address)  # what is counted once a day is counted
        with counted_statements(monkeypatch) as asked:
            response = browser.get(address)
        assert len(asked) <= MOST_STATEMENTS, (address, len(asked), asked)
        assert len(gzip.compress(response.content)) < HEAVIEST, address


def test_statements_say_what_is_true(database: str, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGXIN_CONTACT", "xinyong@example.com")
    for address in ("/privacy", "/accessibility"):
        assert "xinyong@example.com" in browser.get(address).content.decode()
    monkeypatch.delenv("CHENGXIN_CONTACT")
    privacy = text_of(browser.get("/privacy").content.decode())
    assert "运行本站的单位" in privacy
    for cookie in ("chengxin_language", "chengxin_session", "chengxin_csrf"):
        assert cookie in privacy
    assert not browser.get("/").cookies
