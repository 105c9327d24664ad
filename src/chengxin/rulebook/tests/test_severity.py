"""Classes of dishonest information: why, how long shown, from when repaired, by the law of each day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chengxin.rulebook import severity
from chengxin.rulebook.catalogue import item, items
from chengxin.rulebook.publication import publish
from chengxin.rulebook.severity import (
    UNKNOWN,
    Assessment,
    assess,
    classes,
    regimes,
    severity_faults,
    transition,
)
from chengxin.rulebook.template import example_row

PENALTY = item("penalty")
FIRM, PERSON = "法人及非法人组织", "自然人"
FOREVER = "2099-12-31"
NEW_LAW = date(2026, 4, 1)
TODAY = date(2026, 11, 25)
DAY = timedelta(days=1)
KINDS = st.lists(st.sampled_from(PENALTY.field("CF_CFLB").choices), min_size=1, max_size=4, unique=True)
DAYS = st.dates(date(2017, 1, 1), date(2035, 12, 31))


def on(text: str) -> date:
    return date.fromisoformat(text)


def penalty(kinds: str, day: date, today: date = TODAY, end: str = FOREVER, **more: str) -> Assessment:
    row = {"CF_CFLB": kinds, "CF_GSJZQ": end, "CF_XDR_LB": FIRM} | more
    found = assess(PENALTY, row, day, day, today)
    assert found is not None
    return found


def test_the_shipped_classes_hold_together() -> None:
    assert list(severity_faults()) == []
    assert list(classes()) == ["minor", "general", "serious"]


@pytest.mark.parametrize(
    ("kinds", "day", "class_", "days"),
    [
        # since 2026-04-01: general three months to a year, serious one year to three
        ("罚款", "2026-04-01", "general", ("2026-07-01", "2027-04-01", "2026-07-02")),
        ("罚款;警告", "2026-11-20", "general", ("2027-02-20", "2027-11-20", "2027-02-21")),
        ("吊销许可证件", "2026-04-01", "serious", ("2027-04-01", "2029-04-01", "2027-04-02")),
        ("罚款;责令关闭", "2026-05-31", "serious", ("2027-05-31", "2029-05-31", "2027-06-01")),
        # a leap day lies in between
        ("罚款", "2027-11-30", "general", ("2028-02-29", "2028-11-30", "2028-03-01")),
        # minor: not published, may be repaired at once
        ("警告", "2026-05-01", "minor", (None, None, "2026-05-01")),
        # the trial measures: three months to three years, whatever the class
        ("罚款", "2026-03-31", "general", ("2026-06-30", "2029-03-31", "2026-07-01")),
        ("责令停产停业", "2025-05-10", "serious", ("2025-08-10", "2028-05-10", "2025-08-11")),
    ],
)
def test_the_class_decides_how_long_and_from_when(
    kinds: str, day: str, class_: str, days: tuple[str | None, str | None, str]
) -> None:
    found = penalty(kinds, on(day))
    shortest, longest, earliest = (on(one) if one else None for one in days)
    assert found.class_ == class_
    assert (found.shortest, found.longest) == (shortest, longest)
    assert (found.repairable, found.earliest_repair) == (True, earliest)
    assert (found.repair_law, found.why_not_zh) == ("repair36", "")
    assert earliest is not None
    assert not found.open_on(earliest - DAY)
    assert found.open_on(earliest)


def test_before_the_new_law_the_older_measures_count() -> None:
    found = penalty("吊销许可证件", date(2025, 5, 10), date(2025, 6, 1))
    assert (found.repair_law, found.shortest, found.earliest_repair) == (
        "repair58",
        on("2025-08-10"),
        on("2025-08-11"),
    )
    assert found.note_zh == ""
    market = penalty("罚款", date(2022, 3, 1), date(2022, 4, 1), "2025-03-01")
    assert (market.repair_law, market.shortest, market.longest) == (
        "penpub45",
        on("2022-09-01"),
        on("2025-03-01"),
    )


def test_food_and_drugs_are_shown_a_year_at_least_under_the_trial_measures() -> None:
    for field in ("CF_WFXW", "CF_YJ", "CF_CFJG"):
        found = penalty("罚款", date(2025, 5, 10), date(2025, 6, 1), **{field: "违反食品安全管理规定"})
        assert found.shortest == on("2026-05-10")
    # the new law asks for three months only, and the shorter counts once it is in force
    later = penalty("罚款", date(2025, 5, 10), NEW_LAW, CF_WFXW="违反食品安全管理规定")
    assert (later.shortest, later.repair_law) == (on("2025-08-10"), "repair36")


def test_where_two_laws_meet_the_assumption_is_said() -> None:
    assert transition().known_from == "design"
    assert penalty("罚款", date(2025, 5, 10)).note_zh == transition().zh
    assert penalty("罚款", date(2026, 5, 10)).note_zh == ""


def test_the_assumption_is_data(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(transition(), longest="shorter", shortest="of_record")
    monkeypatch.setattr(severity, "transition", lambda: other)
    found = penalty("罚款", date(2026, 1, 10))
    assert found.longest == on("2027-01-10")
    # what would have been over before the new law ends with the old one's last day
    assert penalty("罚款", date(2025, 1, 10)).longest == NEW_LAW - DAY
    special = penalty("罚款", date(2025, 5, 10), CF_WFXW="违反药品管理规定")
    assert special.shortest == on("2026-05-10"), "its own law asks for a year"


def test_what_no_known_rule_covers_says_so() -> None:
    old = penalty("罚款", date(2018, 4, 10), date(2018, 6, 1), "2020-04-10")
    assert (old.shortest, old.longest, old.repairable) == (None, on("2020-04-10"), False)
    assert old.note_zh == UNKNOWN[0]
    assert "没有已知的修复规定" in old.why_not_zh
    assert "no rule on repair is known" in old.why_not_en


def test_what_ends_by_itself_first_is_not_repaired() -> None:
    ended = penalty("罚款", date(2026, 4, 10), end="2026-05-10")
    assert (ended.repairable, ended.earliest_repair, ended.published) == (False, None, False)
    assert "2026-05-10" in ended.why_not_zh and "2026-05-10" in ended.why_not_en
    ending = penalty("罚款", date(2026, 11, 10), end="2026-12-10")
    assert (ending.repairable, ending.published) == (False, True)
    assert "自行届满" in ending.why_not_zh


def test_a_natural_persons_penalty_is_not_shown_and_may_be_repaired_all_the_same() -> None:
    found = penalty("罚款", date(2026, 4, 10), CF_XDR_LB=PERSON)
    assert (found.published, found.longest) == (False, None)
    assert (found.class_, found.earliest_repair) == ("general", on("2026-07-11"))


@pytest.mark.parametrize(
    ("kinds", "zh", "en"),
    [
        ("吊销许可证件;罚款;责令关闭", "吊销许可证件、责令关闭", "revocation of a licence, closing"),
        ("罚款;没收违法所得", "罚款、没收违法所得", "fine, confiscation of unlawful income"),
        ("警告;通报批评", "警告、通报批评", "warning, public criticism"),
    ],
)
def test_the_reason_names_what_decided(kinds: str, zh: str, en: str) -> None:
    found = penalty(kinds, date(2026, 5, 10))
    assert zh in found.reason_zh
    assert en in found.reason_en


def test_an_entry_in_the_serious_list_may_be_repaired_after_a_year() -> None:
    one = item("serious_violation")
    day = date(2025, 7, 1)
    found = assess(one, {"YW_LB": FIRM}, day, day, TODAY)
    assert found is not None
    assert (found.class_, found.law) == ("serious", "serious44")
    assert (found.shortest, found.longest) == (on("2026-07-01"), on("2028-07-01"))
    assert found.earliest_repair == on("2026-07-02")


def test_a_judgment_defaulter_asks_the_court() -> None:
    one = item("enforcement")
    day = date(2025, 7, 1)
    found = assess(one, {"SX_LB": FIRM, "SX_YCQX": "否", "SX_JZRQ": None}, day, day, TODAY)
    assert found is not None
    assert (found.class_, found.longest) == ("serious", on("2027-07-01"))
    assert (found.repairable, found.earliest_repair) == (False, None)
    assert "法院" in found.why_not_zh and "court" in found.why_not_en


@pytest.mark.parametrize(
    ("named", "end", "longest"),
    [("重大税收违法失信主体", None, "2028-07-01"), ("电信网络诈骗惩戒对象", "2027-07-01", "2027-07-01")],
)
def test_whom_another_authority_listed_asks_that_authority(named: str, end: str | None, longest: str) -> None:
    one = item("authority_list")
    day = date(2025, 7, 1)
    found = assess(one, {"RD_LB": FIRM, "RD_MD": named, "RD_JZRQ": end}, day, day, TODAY)
    assert found is not None
    assert (found.class_, found.longest, found.repairable) == ("serious", on(longest), False)
    assert named in found.reason_zh and "认定机关" in found.why_not_zh


def test_what_is_no_dishonest_information_has_no_class() -> None:
    for id in ("licence", "registration", "honour", "commitment", "complaint_outcome"):
        one = item(id)
        assert assess(one, example_row(one), TODAY, TODAY, TODAY) is None


@given(KINDS, DAYS, DAYS, st.one_of(st.none(), DAYS), st.sampled_from([FIRM, PERSON]))
def test_the_days_stand_in_order_and_never_beyond_the_law(
    kinds: list[str], day: date, today: date, end: date | None, of: str
) -> None:
    row = {"CF_CFLB": ";".join(kinds), "CF_GSJZQ": end.isoformat() if end else FOREVER, "CF_XDR_LB": of}
    found = assess(PENALTY, row, day, day, today)
    assert found is not None
    shown = publish(PENALTY, row, day)
    assert found.class_ == shown.class_
    if found.longest is not None:
        assert shown.until is not None and found.longest <= shown.until
        assert found.shortest is None or day <= found.shortest <= found.longest
    if found.published:
        assert shown.disclosure == "public" and day <= today
        assert found.longest is not None and today <= found.longest
    assert found.repairable == (found.earliest_repair is not None) == (found.why_not_zh == "")
    if found.earliest_repair is not None:
        assert day <= found.earliest_repair
        assert found.longest is None or found.earliest_repair <= found.longest
        assert found.shortest is None or found.earliest_repair == found.shortest + DAY


@given(KINDS, DAYS, DAYS, st.integers(0, 800))
def test_time_passing_never_puts_repair_off(kinds: list[str], day: date, today: date, later: int) -> None:
    assume(day <= today)
    first = penalty(";".join(kinds), day, today)
    then = penalty(";".join(kinds), day, min(today + later * DAY, date(2036, 12, 31)))
    if first.earliest_repair and then.earliest_repair:
        assert then.earliest_repair <= first.earliest_repair


@given(KINDS, DAYS, st.integers(1, 400))
def test_under_one_law_a_later_publication_is_repaired_and_ends_no_earlier(
    kinds: list[str], day: date, later: int
) -> None:
    after = day + later * DAY
    assume(any(one.in_force <= day and (one.until or date.max) > after for one in regimes("penalty")))
    today = max(after, date(2036, 1, 1))
    row = {"CF_CFLB": ";".join(kinds), "CF_GSJZQ": FOREVER, "CF_XDR_LB": FIRM}
    first, second = (assess(PENALTY, row, begun, begun, today) for begun in (day, after))
    assert first is not None and second is not None
    for one, other in ((first.shortest, second.shortest), (first.longest, second.longest)):
        assert (one is None) == (other is None)
        assert one is None or other is None or one <= other


@given(DAYS)
def test_the_worse_the_class_the_longer_it_is_shown_under_the_new_law(day: date) -> None:
    assume(day >= NEW_LAW)
    general, serious = penalty("罚款", day, day), penalty("吊销许可证件", day, day)
    assert general.shortest and serious.shortest and general.longest and serious.longest
    assert general.shortest < serious.shortest <= serious.longest
    assert general.longest < serious.longest


def test_every_item_with_classes_has_a_regime_today() -> None:
    for one in items(TODAY):
        for rule in one.publication:
            if rule.class_:
                assert any(rule.class_ in regime.terms for regime in regimes(one.id)), one.id
