"""What the public sees of a subject: all of it that is public and in its period, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from chengxin.archive.public import RECORDS, public_record, public_records, public_subject
from chengxin.archive.tests.kept import PENALTY, TODAY, Kept, new_uscc
from chengxin.ledger.actions import appending

pytestmark = pytest.mark.usefixtures("database")

FIRM = "福州鼓浪贸易有限公司"


def seen(code: str, today: date = TODAY) -> dict[str, Any]:
    """The public view of a subject that is there."""
    body = public_subject(code, today)
    assert body is not None
    view: dict[str, Any] = orjson.loads(body)
    return view


def shown(code: str, today: date = TODAY) -> list[int]:
    """The records that the public sees, in their order."""
    return [record["id"] for record in seen(code, today)["records"]]


@pytest.mark.obligation("9.1b")
def test_a_record_is_shown_with_its_source_its_law_and_its_period() -> None:
    code, bureau = new_uscc(), new_uscc()
    with appending() as log:
        kept = Kept(log)
        firm = kept.subject(FIRM, code)
        kept.record(firm, kept.source("福州市市场监督管理局", bureau))
    view = seen(code)
    assert view["subject"] == {
        "code": code,
        "name": FIRM,
        "kind": "legal_person",
        "region": {"code": "350102", "name": "福建省福州市鼓楼区"},
        "names": [{"name": FIRM, "since": None}],
        "identifiers": [{"scheme": "uscc", "value": code}],
        "roles": [],
        "outlets": [],
        "verification": None,
    }
    (record,) = view["records"]
    assert record["source"] == "福州市市场监督管理局"
    assert record["source_code"] == bureau
    assert record["law_name_zh"] == "信用修复管理办法"
    assert record["item_name_zh"] == "行政处罚信息"
    assert record["publication"] == {"from": "2026-04-10", "until": "2027-04-09"}
    assert record["payload"] == PENALTY
    assert view["next"] is None


def test_a_record_is_shown_from_its_first_to_its_last_day_and_on_no_other() -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        record = kept.record(kept.subject(FIRM, code), kept.source())
    assert shown(code, date(2026, 4, 9)) == []
    assert shown(code, date(2026, 4, 10)) == [record]
    assert shown(code, date(2027, 4, 9)) == [record]
    assert shown(code, date(2027, 4, 10)) == []
    assert public_record(record, date(2027, 4, 9)) is not None
    assert public_record(record, date(2027, 4, 10)) is None


def test_what_was_corrected_or_withdrawn_or_is_not_for_the_public_is_not_shown() -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        firm, source = kept.subject(FIRM, code), kept.source()
        wrong = kept.record(firm, source)
        right = kept.record(firm, source, operation="correction", refers_to=wrong)
        gone = kept.record(firm, source)
        kept.record(firm, source, operation="withdrawal", refers_to=gone)
        kept.record(firm, source, disclosure="shared")
        kept.record(firm, source, disclosure="authorised")
    assert shown(code) == [right]


def test_a_field_that_is_not_for_the_public_stays_away_however_it_is_spelt() -> None:
    code = new_uscc()
    spelt = '{"CF_XDR_MC":"\\u798f\\u5dde","CF\\u005fFR_ZJLX":"身份证"}'
    with appending() as log:
        kept = Kept(log)
        firm, source = kept.subject(FIRM, code), kept.source()
        kept.record(firm, source, payload=PENALTY | {"CF_FR_ZJLX": "身份证", "CF_XDR_ZJLX": "护照号"})
        kept.record(firm, source, payload=PENALTY | {"CF_SY": "见CF_FR_ZJLX栏"})
        escaped = kept.record(firm, source, payload_text=spelt)
    payloads = {record["id"]: record["payload"] for record in seen(code)["records"]}
    assert payloads.pop(escaped) == {"CF_XDR_MC": "福州"}
    assert list(payloads.values()) == [PENALTY | {"CF_SY": "见CF_FR_ZJLX栏"}, PENALTY]


def test_of_an_item_that_the_catalogue_does_not_know_no_field_is_shown() -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        kept.record(kept.subject(FIRM, code), kept.source(), version="1999-01-01")
    (record,) = seen(code)["records"]
    assert record["item_name_zh"] is None
    assert record["payload"] == {}


def test_natural_persons_are_not_shown_at_all() -> None:
    with appending() as log:
        kept = Kept(log)
        person = kept.subject("林示例", kind="natural_person", region=None)
        record = kept.record(person, kept.source())
    assert public_subject(f"S{person}", TODAY) is None
    assert public_records(f"S{person}", TODAY, 2**62) is None
    assert public_record(record, TODAY) is None


def test_a_subject_without_a_code_goes_by_its_number() -> None:
    with appending() as log:
        kept = Kept(log)
        kept.source()
        number = kept.subject(FIRM)
    view = seen(f"S{number}")
    assert view["subject"]["code"] == f"S{number}"
    assert view["subject"]["identifiers"] == []
    assert public_subject(f"S{number + 1}", TODAY) is None


def test_who_was_merged_is_found_under_the_one_it_is_and_brings_everything_along() -> None:
    code, absorbed_code = new_uscc(), new_uscc()
    with appending() as log:
        kept = Kept(log)
        source = kept.source()
        double = kept.subject("福州鼓浪贸易公司", absorbed_code)
        firm = kept.subject(FIRM, code)
        kept.identifier(firm, "regno", "350102100012345")
        first, second = kept.record(double, source), kept.record(firm, source)
        kept.role(double, "merchant", date(2020, 5, 1), first)
        kept.role(firm, "merchant", date(2021, 5, 1), second)
        kept.role(firm, "platform", date(2020, 5, 1), second)
        kept.renamed(double, "福州古浪贸易公司", date(2022, 1, 1), first)
        kept.merged(double, firm)
    view = seen(absorbed_code)
    assert view == seen(code) == seen(f"S{double}")
    subject = view["subject"]
    assert subject["code"] == code
    assert [one["value"] for one in subject["identifiers"]] == [code, absorbed_code, "350102100012345"]
    assert [(one["name"], one["since"]) for one in subject["names"]] == [
        ("福州鼓浪贸易公司", None),
        (FIRM, None),
        ("福州古浪贸易公司", "2022-01-01"),
    ]
    assert subject["roles"] == [
        {"role": "merchant", "since": "2020-05-01"},
        {"role": "platform", "since": "2020-05-01"},
    ]
    assert shown(code) == [second, first]


def test_a_record_found_to_belong_to_another_is_shown_there_alone_and_the_last_finding_counts() -> None:
    one_code, other_code = new_uscc(), new_uscc()
    with appending() as log:
        kept = Kept(log)
        one, other, source = kept.subject(FIRM, one_code), kept.subject(FIRM, other_code), kept.source()
        moved, returned = kept.record(one, source), kept.record(one, source)
        kept.attributed(moved, other)
        kept.attributed(returned, other)
        kept.attributed(returned, one)
    assert shown(one_code) == [returned]
    assert shown(other_code) == [moved]
    about = orjson.loads(public_record(moved, TODAY) or b"")
    assert about["subject"]["code"] == other_code


def test_shops_that_are_open_come_first_and_say_on_which_platform_they_are() -> None:
    code, platform_code = new_uscc(), new_uscc()
    with appending() as log:
        kept = Kept(log)
        firm, source = kept.subject(FIRM, code), kept.source()
        kept.subject("福建示例平台有限公司", platform_code)
        reports = [kept.record(firm, source, disclosure="shared") for _ in range(4)]
        kept.shop(firm, "早已关闭", "a.example.com", platform_code, reports[0], closed_on="2025-06-01")
        kept.shop(firm, "刚刚关闭", "b.example.com", platform_code, reports[1], closed_on="2026-05-01")
        kept.shop(firm, "营业", "c.example.com", new_uscc(), reports[2])
        kept.shop(firm, "报错", "d.example.com", platform_code, reports[3])
        kept.record(firm, source, disclosure="shared", operation="withdrawal", refers_to=reports[3])
    outlets = seen(code)["subject"]["outlets"]
    assert [one["name"] for one in outlets] == ["营业", "刚刚关闭", "早已关闭"]
    assert [one["platform_name"] for one in outlets] == [None, *["福建示例平台有限公司"] * 2]


def test_the_worst_of_the_newest_checks_is_what_a_subject_is_said_to_be() -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        firm, source = kept.subject(FIRM, code), kept.source()
        first, second, withdrawn = (kept.record(firm, source, disclosure="shared") for _ in range(3))
        kept.verification(firm, first, "mismatch", date(2026, 1, 1))
        kept.verification(firm, first, "unverified", date(2026, 2, 1))
        kept.verification(firm, second, "verified", date(2026, 3, 1))
        kept.verification(firm, withdrawn, "mismatch", date(2026, 4, 1))
        kept.record(firm, source, disclosure="shared", operation="withdrawal", refers_to=withdrawn)
    assert seen(code)["subject"]["verification"] == {"state": "unverified", "checked_on": "2026-02-01"}


def test_many_records_come_in_pages_that_miss_none_and_repeat_none() -> None:
    code = new_uscc()
    total = 2 * RECORDS + 30
    with appending() as log:
        kept = Kept(log)
        firm, source = kept.subject(FIRM, code), kept.source()
        days = [date(2026, 4, 10) + timedelta(days=number % 40) for number in range(total)]
        ids = [kept.record(firm, source, on=day) for day in days]
    page = seen(code)
    pages = [page["records"]]
    while page["next"]:
        body = public_records(code, TODAY, int(page["next"]))
        assert body is not None
        page = orjson.loads(body)
        pages.append(page["records"])
    assert [len(records) for records in pages] == [RECORDS, RECORDS, 30]
    assert sorted(record["id"] for records in pages for record in records) == ids
    for records in pages:
        order = [(record["date"], record["id"]) for record in records]
        assert order == sorted(order, reverse=True)
    assert public_records("91350102MA00000000", TODAY, 2**62) is None
