"""Each role's home: what waits for it, what it did, and nothing that it may not open."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chengxin.accounts.permissions import roles
from chengxin.cases.actions import Opening, open_case
from chengxin.cases.pages.parts import due
from chengxin.desk.actions import notify, save_filter
from chengxin.exchange.models import Batch
from chengxin.testing.signed import ORGANISATION_OF, actor, browser_of, person
from chengxin.workbench.cards import CARDS
from chengxin.workbench.tests.opened import shown, with_purpose
from chengxin.workbench.tests.test_matching_page import three_pairs


@pytest.mark.parametrize("role", [role for role in roles() if role in ORGANISATION_OF])
def test_every_role_has_a_home_in_both_languages(database: str, role: str) -> None:
    browser = browser_of(person(role))
    text = shown(browser, "/work")
    assert "工作台" in text
    shown(browser, "/work", language="en")
    assert ("待复核匹配" in text) == (role == "credit_office")


def test_whoever_is_not_signed_in_is_sent_to_sign_in(database: str) -> None:
    assert Client().get("/work")["Location"].startswith("/sign-in?")


def test_a_merchant_finds_the_way_to_what_is_held_on_it(database: str) -> None:
    assert 'href="/own"' in shown(browser_of(person("merchant", subject=1)), "/work")
    assert 'href="/own"' in shown(browser_of(subject=1), "/work")


def test_what_waits_stands_first_with_its_working_days(database: str) -> None:
    office = person("credit_office")
    three_pairs()
    notify("match.decide", organisation=None, zh="请复核", en="please review", url="/work/matching",
           due=timezone.localdate())  # fmt: skip
    text = shown(browser_of(office), "/work")
    assert "请复核" in text
    assert "个工作日" in text
    assert "可能性92%" in text
    assert text.index("未读通知") < text.index("我最近办理的")


def test_what_was_done_is_shown_to_who_did_it(database: str) -> None:
    _, pairs = three_pairs()
    office = with_purpose(person("credit_office", name="林经办"))
    office.get(f"/work/matching/{pairs[0]}")
    office.post(f"/work/matching/{pairs[0]}", {"do": "different"})
    text = shown(office, "/work")
    assert f"第{pairs[0]}对认定为不同主体" in text
    assert "近两周我的查询" in text
    assert f"第{pairs[0]}对认定为" not in shown(browser_of(person("credit_office", name="陈另外")), "/work")


def test_the_steps_that_somebody_took_are_shown_to_nobody_else(database: str) -> None:
    office, today = person("credit_office"), timezone.localdate()
    facts = {
        "title": "谨防假冒", "body": "近期多发。", "show_until": (today + timedelta(days=30)).isoformat(),
    }  # fmt: skip
    drafted = Opening("notice", "notice:1", None, today, rule="risk_notice", region="350000", facts=facts)
    case = open_case(drafted, actor(office), today)
    assert f"第{case}号事项：起草（{today}）" in shown(browser_of(office), "/work")
    assert f"Case {case}:" in shown(browser_of(office), "/work", language="en")
    assert f"第{case}号事项：起草" not in shown(browser_of(person("credit_office")), "/work")


def test_batches_with_rejected_rows_wait_until_a_later_one_mends_them(database: str) -> None:
    sender = person("carrier")
    source = sender.given_roles.get().organisation
    assert source is not None

    def batch(**given: object) -> Batch:
        return Batch.objects.create(
            item="logistics", item_version=date(2017, 12, 28), source=source, file_name="a.csv",
            sha256=b"0" * 32, received_at=timezone.now(), received_on=timezone.localdate(), stage="kept",
            finished_at=timezone.now(), **given,
        )  # fmt: skip

    first = batch(rows=5, kept=2, rejected=3)
    browser = browser_of(sender)
    assert "3行未通过" in shown(browser, "/work")
    assert "3行未通过" not in shown(browser_of(person("association")), "/work")
    batch(rows=3, kept=3, follows=first)
    assert "3行未通过" not in shown(browser, "/work")


def test_a_role_whose_second_factor_is_missing_gets_no_home_yet(database: str) -> None:
    response = browser_of(person("credit_office"), second_factor=False).get("/work")
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/second-factor")


def test_saved_filters_can_be_opened_and_deleted_from_the_home(database: str) -> None:
    user = person("credit_office")
    save_filter(actor(user), path="/work/identity", name="福州不符", query="state=mismatch&region=3501")
    browser = browser_of(user)
    text = shown(browser, "/work")
    assert "福州不符" in text
    assert 'href="/work/identity?region=3501&amp;state=mismatch"' in text


def test_deadlines_count_working_days_of_the_official_calendar() -> None:
    friday, monday = date(2026, 6, 5), date(2026, 6, 8)
    until = due(monday, friday)
    assert until is not None
    assert (until.left, until.badge) == (1, "warn")
    over = due(friday, monday)
    assert over is not None
    assert over.left < 0
    assert over.badge == "bad"
    assert due(None, monday) is None


def test_cards_have_ids_of_their_own_and_a_home_takes_few_statements(database: str) -> None:
    assert len({card.id for card in CARDS}) == len(CARDS)
    browser = browser_of(person("credit_office"))
    browser.get("/work")
    with CaptureQueriesContext(connection) as asked:
        browser.get("/work")
    assert len(asked) < 25
