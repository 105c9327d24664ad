"""A record is shown as long as the law of its date allows, and never longer than its source says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.rulebook.catalogue import item, items
from chengxin.rulebook.publication import Publication, publication_inputs, publish
from chengxin.rulebook.template import example_row

PENALTY = item("penalty")
FIRM, PERSON, SHOP = "法人及非法人组织", "自然人", "个体工商户"
FOREVER = "2099-12-31"
KINDS = st.lists(
    st.sampled_from([*PENALTY.field("CF_CFLB").choices, "其他-训诫"]), min_size=1, max_size=4, unique=True
)
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))


def penalty(kinds: str, on: date, end: str = FOREVER, of: str = FIRM) -> Publication:
    return publish(PENALTY, {"CF_CFLB": kinds, "CF_GSJZQ": end, "CF_XDR_LB": of}, on)


@pytest.mark.parametrize(
    ("kinds", "on", "end", "until", "ground"),
    [
        # since 2026-04-01: general one year, serious three years
        ("罚款", date(2026, 4, 1), FOREVER, date(2027, 4, 1), ("penalty.general.max", "repair36")),
        ("罚款;警告", date(2026, 4, 10), FOREVER, date(2027, 4, 10), ("penalty.general.max", "repair36")),
        ("罚款", date(2026, 4, 10), "2026-12-31", date(2026, 12, 31), ("penalty.general.max", "repair36")),
        ("罚款", date(2026, 4, 10), "2029-04-10", date(2027, 4, 10), ("penalty.general.max", "repair36")),
        ("吊销许可证件", date(2026, 4, 1), FOREVER, date(2029, 4, 1), ("penalty.serious.max", "repair36")),
        ("罚款;责令关闭", date(2026, 5, 31), FOREVER, date(2029, 5, 31), ("penalty.serious.max", "repair36")),
        # until then three years for all, under the trial measures
        ("罚款", date(2026, 3, 31), FOREVER, date(2029, 3, 31), ("penalty.general.max", "repair58")),
        ("责令停产停业", date(2026, 3, 31), FOREVER, date(2029, 3, 31), ("penalty.general.max", "repair58")),
        ("罚款", date(2023, 5, 1), FOREVER, date(2026, 5, 1), ("penalty.general.max", "repair58")),
        ("罚款", date(2024, 2, 29), FOREVER, date(2027, 2, 28), ("penalty.general.max", "repair58")),
        # before the earliest known rule: the source's end, at most as long as that rule
        ("罚款", date(2023, 4, 30), "2024-04-30", date(2024, 4, 30), (None, "repair58")),
        ("罚款", date(2023, 4, 30), "2030-01-01", date(2026, 4, 30), (None, "repair58")),
        ("吊销许可证件", date(2020, 6, 1), "2030-01-01", date(2023, 6, 1), (None, "repair58")),
    ],
)
def test_a_penalty_is_shown_as_long_as_the_law_of_its_date_allows(
    kinds: str, on: date, end: str, until: date, ground: tuple[str | None, str]
) -> None:
    found = penalty(kinds, on, end)
    assert (found.disclosure, found.start, found.until) == ("public", on, until)
    assert (found.deadline_id, found.law) == ground
    assert not found.verified


@pytest.mark.parametrize("on", [date(2022, 1, 5), date(2024, 1, 5), date(2026, 6, 1)])
@pytest.mark.parametrize("kinds", ["警告", "通报批评", "警告;通报批评"])
def test_warnings_and_criticism_alone_are_never_shown_to_the_public(kinds: str, on: date) -> None:
    found = penalty(kinds, on)
    assert (found.disclosure, found.class_) == ("shared", "minor")
    assert (found.start, found.until) == (None, None)
    assert found.law == ("repair36" if on >= date(2026, 4, 1) else "repair58")


def test_before_the_earliest_known_rule_a_penalty_without_an_end_is_not_public() -> None:
    assert penalty("罚款", date(2023, 4, 30)).disclosure == "shared"
    assert penalty("罚款", date(2023, 5, 1)).disclosure == "public"


def test_a_penalty_whose_end_lies_before_its_date_is_not_public() -> None:
    assert penalty("罚款", date(2026, 4, 10), "2026-04-09").disclosure == "shared"
    assert penalty("罚款", date(2026, 4, 10), "2026-04-10").until == date(2026, 4, 10)


@given(KINDS, DAYS)
def test_penalties_of_natural_persons_are_not_public(kinds: list[str], on: date) -> None:
    found = penalty(";".join(kinds), on, of=PERSON)
    assert (found.disclosure, found.start, found.until) == ("shared", None, None)
    assert found.class_ == penalty(";".join(kinds), on, of=SHOP).class_


@given(KINDS, DAYS, st.one_of(st.none(), DAYS))
def test_no_penalty_is_shown_longer_than_three_years_or_than_its_source_says(
    kinds: list[str], on: date, end: date | None
) -> None:
    found = penalty(";".join(kinds), on, end.isoformat() if end else FOREVER)
    if found.disclosure != "public":
        assert found.start is None
        assert found.until is None
        return
    assert found.start == on
    assert found.until is not None
    assert on <= found.until <= on + timedelta(days=3 * 366)
    assert end is None or found.until <= end


@given(st.data(), DAYS)
def test_nothing_but_the_inputs_decides(data: st.DataObject, on: date) -> None:
    one = data.draw(st.sampled_from(items()))
    row = example_row(one)
    inputs = publication_inputs(one)
    alone = {code: row.get(code) for code in inputs}
    others = {field.code: "变" for field in one.fields if field.code not in inputs}
    assert inputs[0] == one.date
    assert publish(one, alone, on) == publish(one, row | others, on)


def test_a_licence_is_public_until_it_ends() -> None:
    licence = item("licence")
    row = {"XK_XDR_LB": FIRM, "XK_YXQZI": "2031-03-04"}
    found = publish(licence, row, date(2026, 3, 5))
    assert (found.disclosure, found.start, found.until) == ("public", date(2026, 3, 5), date(2031, 3, 4))
    without_end = publish(licence, row | {"XK_YXQZI": FOREVER}, date(2026, 3, 5))
    assert (without_end.disclosure, without_end.until) == ("public", None)
    assert publish(licence, row | {"XK_XDR_LB": PERSON}, date(2026, 3, 5)).disclosure == "shared"


def test_an_abnormal_operation_is_public_until_it_is_mended() -> None:
    one = item("abnormal_operation")
    assert publish(one, {}, date(2025, 7, 1)).until is None
    assert publish(one, {"JY_YCRQ": "2025-09-01"}, date(2025, 7, 1)).until == date(2025, 9, 1)


def test_a_serious_violation_is_public_for_three_years_or_until_removed() -> None:
    one = item("serious_violation")
    row = {"YW_LB": FIRM}
    assert publish(one, row, date(2025, 7, 1)).until == date(2028, 7, 1)
    assert publish(one, row | {"YW_YCRQ": "2026-08-01"}, date(2025, 7, 1)).until == date(2026, 8, 1)


def test_a_judgment_defaulter_is_public_for_two_years_unless_the_court_extended_it() -> None:
    one = item("enforcement")
    row = {"SX_LB": FIRM, "SX_YCQX": "否", "SX_JZRQ": None}
    assert publish(one, row, date(2025, 7, 1)).until == date(2027, 7, 1)
    extended = row | {"SX_YCQX": "是", "SX_JZRQ": "2029-07-01"}
    assert publish(one, extended, date(2025, 7, 1)).until == date(2029, 7, 1)


@pytest.mark.parametrize("id", ["identity_report", "platform_violation", "complaint_outcome"])
def test_reports_that_no_department_decided_are_not_public(id: str) -> None:
    one = item(id)
    assert publish(one, example_row(one), date(2026, 3, 1)).disclosure == "shared"
