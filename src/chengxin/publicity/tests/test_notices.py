"""Risk notices, typical cases and major events: by law, by two people, naming nobody, gone to the day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts.permissions import Forbidden
from chengxin.cases.actions import NotTaken, take
from chengxin.decisions.nightly import nightly
from chengxin.decisions.tests.own_world import Firm, firm
from chengxin.kernel.personal import found, masked
from chengxin.ledger.tests.filled import tamperer
from chengxin.ledger.verify import verify
from chengxin.portal.tests.small import RESIDENT
from chengxin.publicity.models import Notice
from chengxin.publicity.tests.published import TITLE, drafted, signed, withdrawn

TODAY = timezone.localdate()


@pytest.fixture(scope="module")
def one(one_database: str) -> Firm:
    """A firm with a public penalty, and the people of the credit office."""
    return firm()


@pytest.fixture(scope="module")
def browser() -> Client:
    """Somebody of the public."""
    return Client()


def places(browser: Client, case: int) -> set[str]:
    """Where a notice is told of."""
    found = set()
    for address in (f"/notices/{case}", "/notices", "/notices/feed.atom", "/notices/feed.json", "/"):
        answer = browser.get(address)
        body = answer.content.decode()
        told = answer.status_code == 200 and (
            f'href="/notices/{case}"' in body or f'/notices/{case}"' in body or address.endswith(str(case))
        )
        if told:
            found.add(address)
    return found


def everywhere(case: int) -> set[str]:
    return {f"/notices/{case}", "/notices", "/notices/feed.atom", "/notices/feed.json", "/"}


@pytest.mark.obligation("13h")
@pytest.mark.obligation("15b")
def test_a_notice_is_shown_once_another_person_signed_it_with_its_law(one: Firm, browser: Client) -> None:
    case = drafted(one, TODAY)
    assert places(browser, case) == set()
    assert browser.get(f"/notices/{case}").status_code == 404
    with pytest.raises((NotTaken, Forbidden)):
        take(case, "approve", one.someone("credit_office"), TODAY)
    take(case, "approve", one.someone("decision_maker"), TODAY)
    assert places(browser, case) == everywhere(case)
    page = browser.get(f"/notices/{case}").content.decode()
    assert TITLE in page and "12315" in page, "an office's number is nobody's"
    assert "法律依据" in page and "《" in page and f"/decisions/{case}/proof.json" in page
    take(case, "withdraw", one.someone("decision_maker"), TODAY, {"reason": "情况已经变化"})
    assert places(browser, case) == set()
    gone = browser.get(f"/notices/{case}")
    assert gone.status_code == 410 and TITLE not in gone.content.decode()
    assert f'ref="urn:chengxin:notice:{case}"' in browser.get("/notices/feed.atom").content.decode()
    told = orjson.loads(browser.get(f"/decisions/{case}/proof.json").content)["events"]
    assert [each["what"] for each in told] == ["approve", "shown", "withdraw", "gone"]


@pytest.mark.obligation("18b")
def test_a_typical_case_goes_with_the_record_that_it_cites(one: Firm, browser: Client) -> None:
    other = firm()
    case = signed(other, TODAY, kind="typical_case", title="刷单典型案例", records=str(other.record))
    assert places(browser, case) == everywhere(case)
    assert f'href="/records/{other.record}"' in browser.get(f"/notices/{case}").content.decode()
    assert f'href="/notices/{case}"' in browser.get("/notices?kind=typical_case").content.decode()
    assert f'href="/notices/{case}"' not in browser.get("/notices?kind=major_event").content.decode()
    withdrawn(other, other.record)
    assert places(browser, case) == set(), "at once"
    assert browser.get(f"/notices/{case}").status_code == 410
    with pytest.raises(NotTaken) as refused:
        drafted(other, TODAY, kind="typical_case", records=(other.record,))
    assert refused.value.problems[0].rule == "notice_records"


@pytest.mark.obligation("15b")
def test_a_notice_stands_on_its_last_day_and_not_on_the_next(one: Firm, browser: Client) -> None:
    begun, yesterday = TODAY - timedelta(days=9), TODAY - timedelta(days=1)
    last = signed(one, begun, title="今天为止", body="一。", show_until=TODAY.isoformat())
    over = signed(one, begun, title="昨天为止", body="二。", show_until=yesterday.isoformat())
    assert places(browser, last) == everywhere(last)
    assert places(browser, over) == set()
    assert browser.get(f"/notices/{over}").status_code == 410
    assert nightly(TODAY).counts["notices_expired"] == 1
    assert Notice.objects.get(pk=over).ended_on == TODAY, "the first day on which it no longer stood"
    assert Notice.objects.get(pk=last).ended_on is None
    assert {each.table for each in verify().faults} <= {"exchange_batch"}


@pytest.mark.obligation("13d")
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"当事人身份证{RESIDENT}", "resident_id"),
        ("联系电话13800138000", "phone"),
        ("电话 138-0013-8000", "phone"),
        ("账号6222021234567890128", "bank_card"),
        ("护照E12345678", "passport"),
        ("一名15岁学生", "minor"),
    ],
)
def test_a_draft_that_names_a_private_number_or_a_minor_is_refused_with_its_place(
    one: Firm, text: str, kind: str
) -> None:
    assert [each.kind for each in found(text)] == [kind]
    with pytest.raises(NotTaken) as refused:
        drafted(one, TODAY, body=f"近期多发。{text}。")
    problem = refused.value.problems[0]
    assert (problem.field, problem.rule) == ("body", "notice_private")
    assert "第" in problem.zh and problem.mend_zh
    assert problem.value is None, "the number isn't repeated"


def test_offices_numbers_codes_and_ages_of_adults_may_stand_in_a_notice() -> None:
    for text in ("拨打12315", "0591-87654321", "91350102MA2XAB0130", "18岁以上", "罚款350000元", "14岁以上"):
        assert found(text) == [], text
        assert masked(text) == text


def test_what_is_masked_keeps_its_length_and_two_characters() -> None:
    assert masked(f"号{RESIDENT}。") == f"号{'*' * 16}{RESIDENT[-2:]}。"


@pytest.mark.obligation("15b")
def test_whoever_bends_what_was_shown_or_taken_down_is_found_by_the_ledger(one: Firm) -> None:
    standing = signed(one, TODAY, title="照原样")
    gone = signed(one, TODAY, title="已经撤下")
    take(gone, "withdraw", one.someone("decision_maker"), TODAY, {"reason": "情况已经变化"})
    bent: list[tuple[str, str, int, Any]] = [
        ("publicity_notice", "title", standing, "另一个标题"),
        ("publicity_notice", "body", standing, "另一段话"),
        ("publicity_notice", "kind", standing, "major_event"),
        ("publicity_notice", "show_until", standing, TODAY + timedelta(days=300)),
        ("publicity_notice", "ended_on", standing, TODAY),
        ("publicity_notice", "ended_on", gone, None),
        ("publicity_change", "place", standing, "brushing"),
        ("publicity_change", "day", standing, TODAY - timedelta(days=1)),
        ("publicity_change", "what", standing, "gone"),
        ("publicity_change", "leaf", standing, 1),
    ]
    with tamperer() as by:
        for table, column, case, value in bent:
            with by.instead(table, column, f"case_id = {case}", value):
                assert table in {each.table for each in verify().faults}, column
    assert {each.table for each in verify().faults} <= {"exchange_batch"}
