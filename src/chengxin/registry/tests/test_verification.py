"""Whether an operator is who the platform says, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.kernel.calendar import is_working_day
from chengxin.registry.verification import (
    ENDED,
    RULES,
    Held,
    Licence,
    Listing,
    Outcome,
    Registration,
    Report,
    likeness,
    reported_until,
    superseded,
    verify,
)
from chengxin.rulebook import catalogue

TODAY = date(2026, 6, 1)
FIRM = Registration(
    name="福州鼓浪贸易有限公司",
    kind="legal_person",
    status="存续",
    approved=date(2024, 5, 20),
    code="91350102MA2XAB0130",
    legal_person="林示例",
    region="350102",
    address="福建省福州市鼓楼区示例路1号",
    established=date(2019, 6, 18),
)
REPORT = Report(
    id=1,
    name="福州鼓浪贸易有限公司",
    natural=False,
    kinds=("legal_person", "organisation"),
    platform="91350200MA2XAB03XT",
    shop="HTTPS://SHOP.EXAMPLE.COM/1",
    period="2026-01",
    code="91350102MA2XAB0130",
    legal_person="林示例",
    region="350102",
    address="福州市鼓楼区示例路1号",
    opened=date(2020, 3, 1),
)
PERSON = replace(REPORT, name="陈小云", natural=True, kinds=("natural_person",), code=None, number=b"1")
FOOD = Licence(
    "陈小云", "准予行政许可决定书", "食品经营许可证", date(2024, 1, 1), date(2028, 12, 31), True, b"1"
)
HELD = Held((FIRM,))


def found(outcome: Outcome) -> tuple[str, list[str]]:
    return outcome.state, [reason.rule for reason in outcome.reasons]


@pytest.mark.obligation("4.1b")
def test_a_report_that_agrees_with_the_register_is_verified() -> None:
    assert found(verify(REPORT, HELD, TODAY)) == ("verified", ["agrees"])
    assert "2024-05-20" in verify(REPORT, HELD, TODAY).reasons[0].zh


@pytest.mark.parametrize(
    "written",
    [
        "福州鼓浪貿易有限公司",
        "福州鼓浪贸易 有限公司",
        "鼓浪贸易（福州）有限公司".replace("鼓浪贸易（福州）", "福州（鼓浪）贸易"),
    ],
)
def test_ways_of_typing_a_name_are_no_mismatch(written: str) -> None:
    assert verify(replace(REPORT, name=written), HELD, TODAY).state == "verified"


@pytest.mark.obligation("4.1b")
@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"name": "福州海天贸易有限公司"}, "name"),
        ({"code": "91350102MA2XAB0131"}, "code"),
        ({"legal_person": "陈示例"}, "legal_person"),
        ({"kinds": ("individual_business",)}, "kind"),
        ({"address": "福建省泉州市晋江市虚拟大厦集群注册三层"}, "address"),
        ({"address": None, "region": "350582"}, "region"),
    ],
)
def test_what_contradicts_the_register_is_a_mismatch_that_names_the_field(
    changed: dict[str, object], rule: str
) -> None:
    outcome = verify(replace(REPORT, **changed), HELD, TODAY)  # type: ignore[arg-type]
    assert found(outcome) == ("mismatch", [rule])


def test_another_county_of_the_same_city_is_no_mismatch() -> None:
    assert verify(replace(REPORT, address=None, region="350105"), HELD, TODAY).state == "verified"


def test_what_the_platform_left_out_contradicts_nothing() -> None:
    silent = replace(REPORT, legal_person=None, region=None, address=None, code=None, opened=None)
    assert found(verify(silent, HELD, TODAY)) == ("verified", ["agrees"])


def test_everything_that_differs_is_listed() -> None:
    wrong = replace(REPORT, name="福州海天贸易有限公司", legal_person="陈示例", period="2025-01")
    assert found(verify(wrong, HELD, TODAY)) == ("mismatch", ["name", "legal_person", "report_overdue"])


@pytest.mark.parametrize(
    "register",
    [
        (replace(FIRM, name="福州鼓浪实业有限公司", former_name="福州鼓浪贸易有限公司"),),
        (replace(FIRM, name="福州鼓浪实业有限公司"), replace(FIRM, approved=date(2020, 1, 1))),
    ],
)
def test_a_former_name_is_verified_and_said_to_be_one(register: tuple[Registration, ...]) -> None:
    assert found(verify(REPORT, Held(register), TODAY)) == ("verified", ["agrees", "former_name"])


def test_whom_no_register_knows_stays_unverified() -> None:
    assert found(verify(REPORT, Held(), TODAY)) == ("unverified", ["no_registration"])


@pytest.mark.parametrize("status", ENDED)
def test_a_registration_that_has_ended_lapses(status: str) -> None:
    ended = Held((replace(FIRM, status=status, since=date(2026, 2, 3)),))
    outcome = verify(REPORT, ended, TODAY)
    assert found(outcome) == ("lapsed", ["ended"])
    assert status in outcome.reasons[0].zh and "2026-02-03" in outcome.reasons[0].zh


def test_a_suspended_business_is_still_itself() -> None:
    outcome = verify(REPORT, Held((replace(FIRM, status="停业"),)), TODAY)
    assert found(outcome) == ("verified", ["agrees", "suspended"])


def test_the_words_of_the_register_are_those_of_the_catalogue() -> None:
    choices = set(catalogue.item("registration").field("ZC_ZT").choices)
    assert {*ENDED, "停业"} | {"存续"} == choices
    reasons = catalogue.item("abnormal_operation").field("JY_LRYY").choices
    assert "通过登记的住所或者经营场所无法联系" in reasons


@pytest.mark.obligation("4.1c")
def test_a_licence_counts_until_its_last_day_and_a_new_one_takes_its_place() -> None:
    firm = replace(FOOD, name=FIRM.name, number=None, ends=date(2026, 5, 31))
    valid = Held((FIRM,), (firm,))
    assert verify(REPORT, valid, date(2026, 5, 31)).state == "verified"
    assert found(verify(REPORT, valid, TODAY)) == ("lapsed", ["licence_ended"])
    renewed = replace(firm, starts=date(2026, 5, 1), ends=date(2031, 4, 30))
    assert verify(REPORT, Held((FIRM,), (firm, renewed)), TODAY).state == "verified"
    assert verify(
        REPORT, Held((FIRM,), (replace(firm, stands=False, ends=date(2099, 12, 31)),)), TODAY
    ).state == ("lapsed")


def test_a_decision_without_a_paper_is_no_licence_to_trade() -> None:
    once = replace(FOOD, name=FIRM.name, certificate="", ends=date(2025, 1, 1))
    assert verify(REPORT, Held((FIRM,), (once,)), TODAY).state == "verified"


def test_a_shop_that_has_stopped_needs_no_check() -> None:
    closed = replace(REPORT, name="别的名称", closed=date(2026, 5, 31))
    assert verify(closed, HELD, date(2026, 5, 31)).state == "mismatch"
    assert found(verify(closed, HELD, TODAY)) == ("lapsed", ["shop_closed"])


def test_not_found_at_the_registered_address_is_a_mismatch_until_removed() -> None:
    listing = Listing("通过登记的住所或者经营场所无法联系", date(2026, 3, 12))
    assert found(verify(REPORT, Held((FIRM,), (), (listing,)), TODAY)) == ("mismatch", ["not_found"])
    removed = replace(listing, removed=date(2026, 5, 1))
    assert verify(REPORT, Held((FIRM,), (), (removed,)), TODAY).state == "verified"
    other = replace(listing, reason="未依照规定的期限公示年度报告")
    assert found(verify(REPORT, Held((FIRM,), (), (other,)), TODAY)) == ("verified", ["agrees", "listed"])


def test_a_shop_older_than_its_operator_is_noted() -> None:
    early = replace(REPORT, opened=date(2018, 1, 1))
    assert found(verify(early, HELD, TODAY)) == ("verified", ["agrees", "before_registration"])


# --- natural persons ----------------------------------------------------------------------------------------


@pytest.mark.obligation("4.1b")
def test_a_natural_person_is_verified_by_a_licence_record() -> None:
    assert found(verify(PERSON, Held(), TODAY)) == ("unverified", ["no_licence"])
    assert found(verify(PERSON, Held((), (FOOD,)), TODAY)) == ("verified", ["agrees_licence"])
    assert found(verify(PERSON, Held((), (replace(FOOD, number=b"2"),)), TODAY)) == ("mismatch", ["number"])
    assert found(verify(PERSON, Held((FIRM,)), TODAY)) == ("mismatch", ["kind"])


def test_persons_are_masked_in_the_reasons() -> None:
    outcome = verify(PERSON, Held((), (replace(FOOD, name="陈大云"),)), TODAY)
    assert found(outcome) == ("mismatch", ["name"])
    told = verify(replace(REPORT, legal_person="欧阳示例"), HELD, TODAY).reasons[0]
    home = replace(FIRM, kind="individual_business", address="福建省泉州市晋江市某小区3号楼502室")
    lives = verify(replace(REPORT, kinds=("individual_business",)), Held((home,)), TODAY).reasons[0]
    for text in (outcome.reasons[0].zh, outcome.reasons[0].en, told.zh, told.en, lives.zh, lives.en):
        assert not any(secret in text for secret in ("小云", "大云", "示例", "502"))
    assert "陈**" in outcome.reasons[0].zh
    assert "欧阳**" in told.zh


# --- periods ------------------------------------------------------------------------------------------------


@pytest.mark.obligation("4.1c")
@pytest.mark.parametrize(
    ("period", "last_day"),
    [
        ("2026-01", date(2026, 7, 31)),
        ("2025-07", date(2026, 2, 2)),  # 31 January 2026 is a Saturday
        ("2025-01", date(2025, 7, 31)),
    ],
)
def test_a_report_holds_until_the_month_of_the_next_one_is_over(period: str, last_day: date) -> None:
    assert reported_until(period, TODAY) == last_day
    report = replace(REPORT, period=period)
    assert verify(report, HELD, last_day).state == "verified"
    assert found(verify(report, HELD, date.fromordinal(last_day.toordinal() + 1))) == (
        "lapsed",
        ["report_overdue"],
    )


def test_before_the_law_nothing_was_overdue() -> None:
    assert reported_until("2020-01", date(2021, 4, 30)) is None


@given(st.integers(2021, 2035), st.sampled_from([1, 7]))
def test_the_limit_is_a_working_day_in_or_just_after_the_next_month_of_reports(year: int, month: int) -> None:
    limit = reported_until(f"{year}-{month:02d}", TODAY)
    assert limit is not None and is_working_day(limit)
    following = date(year + (month == 7), 7 if month == 1 else 1, 28)
    assert 0 < (limit - following).days < 14


def test_an_older_report_of_a_shop_gives_way_to_the_newer() -> None:
    assert found(superseded(replace(REPORT, period="2026-07"))) == ("lapsed", ["superseded"])


# --- the table ----------------------------------------------------------------------------------------------


def test_every_rule_speaks_both_languages_of_the_same_details() -> None:
    for rule in RULES.values():
        said = [
            {part.split("}")[0].removesuffix("_en") for part in text.split("{")[1:]}
            for text in (rule.zh, rule.en)
        ]
        assert said[0] == said[1], rule.id


@given(
    st.text(alphabet="福建省福州市鼓楼区仓山示例路大厦0123456789号室", max_size=24),
    st.text(alphabet="福建省福州市鼓楼区仓山示例路大厦0123456789号室", max_size=24),
)
def test_likeness_is_symmetric_and_full_for_equals(one: str, other: str) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, one) == 1
