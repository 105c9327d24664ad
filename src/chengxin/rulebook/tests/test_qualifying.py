"""Rules that say who qualifies for a list: read as a lawyer wrote them, judged in three values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.kernel.calendar import Period, publication_end
from chengxin.rulebook import catalogue
from chengxin.rulebook.qualifying import (
    AllOf,
    AnyOf,
    Expression,
    FactTest,
    Judge,
    Listed,
    Not,
    ParseError,
    Record,
    Records,
    Test,
    evaluate,
    facts,
    items,
    lists,
    parse,
    sql,
    window_start,
    words,
    write,
)
from chengxin.rulebook.qualifying.tree import SEVERITY, TODAY, walk
from chengxin.rulebook.qualifying.vocabulary import (
    COMPARE,
    allowed_ops,
    choices,
    field_of,
    list_names,
    named_facts,
)

BRUSHING = """至少 1 条 行政处罚信息，3 年内，其中
    （处罚类别 含 吊销许可证件、责令停产停业、责令关闭、限制从业 之一 或 罚款金额(万元) 不低于 20）
    且 违法行为类型 提到 虚假交易、刷单、炒信 之一"""
HONEST = """未列入 任何黑名单 并且 没有 行政处罚信息，3 年内 并且 事实 信用等级 不低于 A"""
DAY = date(2026, 11, 25)


def penalty(id: int = 1, on: date = date(2026, 3, 2), **payload: str) -> Record:
    held = {"CF_CFLB": "罚款;没收违法所得", "CF_NR_FK": "25.000000", "CF_WFXW": "组织刷单"} | payload
    return Record(id, "penalty", on, held)


# --- reading ------------------------------------------------------------------------------


def test_a_rule_is_read_against_the_catalogue() -> None:
    found = parse(BRUSHING)
    assert isinstance(found, Records)
    assert (found.item, found.least, found.within) == ("penalty", 1, Period(3, "year"))
    tests = [one for one in walk(found) if isinstance(one, Test)]
    assert [(one.field, one.op) for one in tests] == [
        ("CF_CFLB", "has"),
        ("CF_NR_FK", "at_least"),
        ("CF_WFXW", "mentions"),
    ]
    assert tests[0].values == ("吊销许可证件", "责令停产停业", "责令关闭", "限制从业")


def test_codes_and_ids_may_stand_for_headings_and_names() -> None:
    assert parse("至少 1 条 penalty，其中 CF_NR_FK 高于 2") == parse(
        "至少1条行政处罚信息，其中罚款金额(万元)高于2"
    )


def test_a_rule_says_what_it_looks_at() -> None:
    found = parse(f"{HONEST} 并且 没有 失信被执行人信息")
    assert items(found) == ("penalty", "enforcement")
    assert facts(found) == ("credit_grade",)
    assert lists(found) == ("any:black",)


def test_a_rule_is_told_in_both_languages() -> None:
    found = parse(BRUSHING)
    assert "罚款金额(万元) 不低于 20" in words(found, "zh")
    english = words(found, "en")
    assert english.startswith("at least 1 record of 'Administrative penalty' within 3 years where (")
    assert "amount of the fine (10,000 yuan) is at least 20" in english
    assert "not on any black list" in words(parse(HONEST), "en")
    assert "有效期至 不早于 当日" in words(parse("至少 1 条 守信荣誉信息，其中 有效期至 不早于 当日"), "zh")


FAULTS = [  # | marks the place
    ("|", "", "至少 1 条"),
    ("至少 1 条 |行政处罚", "行政处罚", "行政处罚信息"),
    ("至少 |0 条 行政处罚信息", "0", "至少 1 条"),
    ("至少 1 条 行政处罚信息，|0 年内", "0", "3 年内"),
    ("没有 行政处罚信息，其中 |罚金 高于 2", "罚金", "罚款金额(万元)"),
    ("没有 行政处罚信息，其中 处罚类别 含 |罚金", "罚金", "罚款"),
    ("没有 行政处罚信息，其中 处罚类别 |高于 2", "高于", "改用"),
    ("没有 行政处罚信息，其中 罚款金额(万元) 高于 |多", "多", "阿拉伯数字"),
    ("没有 行政处罚信息，其中 处罚决定日期 早于 |2026-02-30", "2026-02-30", "2026-04-01"),
    ("没有 行政处罚信息，其中 |证件号码 已填", "证件号码", "不能作为条件"),
    ("没有 行政处罚信息，其中 违法事实 提到 甲、乙|", "", "之一"),
    ("没有 行政处罚信息，其中 备注 已填 且 备注 已填 |或 备注 未填", "或", "括号"),
    ("没有 行政处罚信息 并且 没有 行政许可信息 |或者 已列入 任何黑名单", "或者", "括号"),
    ("没有 行政处罚信息 |且 没有 行政许可信息", "且", "并且"),
    ("（没有 行政处罚信息|", "", "右括号"),
    ("并非 |没有 行政处罚信息", "没有", "括号"),
    ("未列入 |白名单", "白名单", "名单"),
    ("事实 |心情 不低于 A", "心情", "信用等级"),
    ("事实 信用等级 不低于 |Z", "Z", "AAA"),
    ("没有 行政处罚信息，其中 备注 为 |“未完", "“", "右引号"),
]


@pytest.mark.parametrize(("marked", "found", "mend"), FAULTS)
def test_what_cannot_be_read_is_named_with_its_place_and_mend(marked: str, found: str, mend: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(marked.replace("|", ""))
    problem = caught.value.problem
    assert (problem.position, problem.found) == (marked.index("|"), found)
    assert mend in problem.mend_zh
    told = problem.as_problem()
    assert told.rule == "qualifying"
    assert told.zh
    assert told.en
    assert told.mend_en


def test_the_place_is_counted_in_lines() -> None:
    with pytest.raises(ParseError) as caught:
        parse("没有 行政处罚信息\n并且 没有 行政处分信息")
    assert (caught.value.problem.line, caught.value.problem.column) == (2, 7)
    assert "第2行第7字" in caught.value.problem.zh


def test_brackets_within_brackets_have_a_limit() -> None:
    with pytest.raises(ParseError, match="12层括号"):
        parse("（" * 50 + "没有 行政处罚信息" + "）" * 50)


# --- judging ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "holds"),
    [
        (penalty(), True),
        (penalty(CF_NR_FK="19.999999"), False),
        (penalty(CF_NR_FK="20"), True),
        (penalty(CF_NR_FK="1", CF_CFLB="罚款;责令关闭"), True),
        (penalty(CF_WFXW="价格欺诈"), False),
        (penalty(on=date(2023, 11, 25)), True),
        (penalty(on=date(2023, 11, 24)), False),
        (penalty(on=date(2026, 11, 26)), False),
        (replace(penalty(), item="licence"), False),
    ],
    ids=["heavy", "too small", "exactly", "closed", "other conduct", "last day", "too old", "later", "item"],
)
def test_a_record_within_the_period_that_meets_the_conditions_qualifies(record: Record, holds: bool) -> None:
    found = evaluate(parse(BRUSHING), [record], DAY)
    assert found.holds is holds
    assert found.cited == ((record.id,) if holds else ())


def test_all_conditions_are_asked_of_one_and_the_same_record() -> None:
    small_brushing, heavy_other = penalty(1, CF_NR_FK="1"), penalty(2, CF_WFXW="价格欺诈")
    assert evaluate(parse(BRUSHING), [small_brushing, heavy_other], DAY).holds is False


def test_as_many_records_as_the_rule_asks_for() -> None:
    rule = parse("至少 2 条 行政处罚信息，1 年内")
    assert evaluate(rule, [penalty(1)], DAY).holds is False
    found = evaluate(rule, [penalty(2), penalty(1)], DAY)
    assert found.holds is True
    assert found.cited == (1, 2)


TESTS = [
    ("处罚类别 只含 罚款、没收违法所得", True),
    ("处罚类别 只含 罚款", False),
    ("处罚类别 含 罚款", True),
    ("处罚类别 提到 没收", True),
    ("备注 未填", True),
    ("备注 已填", False),
    ("备注 提到 甲", False),
    ("并非（备注 为 甲）", True),
    ("处罚决定日期 早于 当日", True),
    ("处罚决定日期 等于 2026-03-02", True),
    ("处罚决定日期 晚于 2026-03-02", False),
    ("罚款金额(万元) 等于 25", True),
    ("罚款金额(万元) 不高于 24.9", False),
    ("没收违法所得、没收非法财物的金额(万元) 低于 5", None),
    ("并非（没收违法所得、没收非法财物的金额(万元) 低于 5）", None),
    ("没收违法所得、没收非法财物的金额(万元) 低于 5 或 备注 未填", True),
    ("没收违法所得、没收非法财物的金额(万元) 低于 5 且 备注 已填", False),
    ("失信等级 为 严重", True),
    ("失信等级 为 轻微、一般 之一", False),
]


@pytest.mark.parametrize(("condition", "holds"), TESTS)
def test_conditions_on_fields(condition: str, holds: bool | None) -> None:
    record = replace(penalty(CF_JDRQ="2026-03-02"), severity="serious")
    assert evaluate(parse(f"至少 1 条 行政处罚信息，其中 {condition}"), [record], DAY).holds is holds


def test_a_class_that_nobody_knows_is_unknown() -> None:
    assert evaluate(parse("至少 1 条 行政处罚信息，其中 失信等级 为 严重"), [penalty()], DAY).holds is None


GRADED: list[tuple[dict[str, Any], dict[str, str] | None, list[Record], bool | None]] = [
    ({"credit_grade": "AA"}, {}, [], True),
    ({"credit_grade": "BBB"}, {}, [], False),
    ({"credit_grade": "优"}, {}, [], None),
    ({}, {}, [], None),
    ({"credit_grade": "AA"}, None, [], None),
    ({"credit_grade": "AA"}, {"brushing": "black"}, [], False),
    ({"credit_grade": "AA"}, {"tax_a": "red"}, [], True),
    ({"credit_grade": "AA"}, {}, [penalty()], False),
    ({}, {}, [penalty()], False),
    ({"credit_grade": "AA"}, {}, [penalty(on=date(2020, 1, 1))], True),
]


@pytest.mark.parametrize(("known", "listed", "records", "holds"), GRADED)
def test_what_is_not_known_is_neither_true_nor_false(
    known: dict[str, Any], listed: dict[str, str] | None, records: list[Record], holds: bool | None
) -> None:
    assert evaluate(parse(HONEST), records, DAY, known, listed).holds is holds


def test_a_finding_gives_its_reasons_in_both_languages() -> None:
    listed = {"brushing": "black"}
    against = evaluate(parse(HONEST), [penalty(7)], DAY, {"credit_grade": "AA"}, listed)
    assert against.cited == (7,)
    told = [(one.zh, one.en, one.holds) for one in against.reasons]
    assert told == [
        (
            "未列入 任何黑名单：列在电子商务领域炒信黑名单",
            "not on any black list: on Credit-speculation (brushing) list",
            False,
        ),
        (
            "没有 行政处罚信息，3 年内：符合的有 1 条",
            "no record of 'Administrative penalty' within 3 years: 1 found",
            False,
        ),
    ]
    unknown = evaluate(parse(HONEST), [], DAY, {}, {})
    assert [one.zh for one in unknown.reasons] == ["事实 信用等级 不低于 A：未提供"]


@pytest.mark.parametrize(
    ("on", "period", "start"),
    [
        (date(2026, 11, 25), Period(3, "year"), date(2023, 11, 25)),
        (date(2027, 2, 28), Period(3, "year"), date(2024, 2, 28)),  # a year from 29 February ends on the 28th
        (date(2024, 2, 29), Period(1, "year"), date(2023, 3, 1)),
        (date(2026, 3, 31), Period(1, "month"), date(2026, 3, 1)),
        (date(2026, 4, 30), Period(1, "month"), date(2026, 3, 30)),
        (date(2026, 1, 10), Period(30, "calendar_day"), date(2025, 12, 11)),
    ],
)
def test_a_period_counts_back_to_its_first_day(on: date, period: Period, start: date) -> None:
    assert window_start(on, period) == start


@given(
    st.dates(date(2000, 1, 1), date(2090, 12, 31)),
    st.builds(Period, st.integers(1, 60), st.sampled_from(["calendar_day", "month", "year"])),
)
def test_the_window_is_what_the_calendar_counts(on: date, period: Period) -> None:
    start = window_start(on, period)
    assert publication_end(start, period) >= on
    assert publication_end(start - timedelta(days=1), period) < on


# --- any rule -----------------------------------------------------------------------------

ITEMS = tuple(one.id for one in catalogue.items())
_letters = st.text(
    st.characters(categories=("L", "N", "P", "Zs"), max_codepoint=0x9FFF), min_size=1, max_size=6
)
FREE = _letters.map(str.strip).filter(
    lambda one: one and not ({"”", "」"} <= set(one)) and "\u3000" not in one
)
NUMBERS = st.decimals(-999, 999, places=2).map(str)
DAYS = st.one_of(st.just(TODAY), st.dates(date(2015, 1, 1), date(2030, 1, 1)).map(date.isoformat))


@st.composite
def conditions(draw: st.DrawFn, item: str) -> Test:
    codes = [one.code for one in catalogue.item(item).fields if one.type != "personal"]
    field = field_of(item, draw(st.sampled_from([*codes, SEVERITY])))
    op = draw(st.sampled_from(allowed_ops(field)))
    if op in {"filled", "empty"}:
        return Test(field.code, op)
    if op in COMPARE:
        return Test(field.code, op, (draw(DAYS if field.type == "date" else NUMBERS),))
    known = () if op == "mentions" else choices(field)
    values = st.lists(st.sampled_from(known) if known else FREE, min_size=1, max_size=3, unique=True)
    return Test(field.code, op, tuple(draw(values)))


def joined(parts: st.SearchStrategy[Any], negated: bool) -> st.SearchStrategy[Any]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    found = [st.builds(AllOf, several), st.builds(AnyOf, several)]
    return st.one_of(*found, *([st.builds(Not, parts)] if negated else []))


@st.composite
def records_rules(draw: st.DrawFn, negated: bool = True, positive: bool = False) -> Records:
    item = draw(st.sampled_from(ITEMS))
    inner = st.recursive(conditions(item), lambda parts: joined(parts, negated), max_leaves=4)
    within = st.builds(Period, st.integers(1, 40), st.sampled_from(["calendar_day", "month", "year"]))
    least = draw(st.integers(1 if positive else 0, 3))
    return Records(item, least, draw(st.none() | within), draw(st.none() | inner))


@st.composite
def fact_tests(draw: st.DrawFn) -> FactTest:
    fact = draw(st.sampled_from(list(named_facts().values())))
    if fact.type == "number":
        return FactTest(fact.id, draw(st.sampled_from(COMPARE)), (draw(NUMBERS),))
    op = draw(st.sampled_from([*COMPARE, "is"]))
    most = 3 if op == "is" else 1
    values = st.lists(st.sampled_from(fact.order), min_size=1, max_size=most, unique=True)
    return FactTest(fact.id, op, tuple(draw(values)))


LISTED = st.lists(st.sampled_from(list(list_names())), min_size=1, max_size=2, unique=True).map(
    lambda ids: Listed(tuple(ids))
)
RULES: st.SearchStrategy[Expression] = st.recursive(
    st.one_of(records_rules(), fact_tests(), LISTED), lambda parts: joined(parts, True), max_leaves=4
)
WITHOUT_NOT: st.SearchStrategy[Expression] = st.recursive(
    records_rules(positive=True), lambda parts: joined(parts, False), max_leaves=3
)


@st.composite
def cases(draw: st.DrawFn, rules: st.SearchStrategy[Expression]) -> tuple[Expression, list[Record]]:
    """A rule, and records that often meet it: their values are taken from its conditions."""
    rule = draw(rules)
    found: list[Record] = []
    for number in range(draw(st.integers(0, 5))):
        item = draw(st.sampled_from(items(rule) or ITEMS))
        asked = [one for one in walk(rule) if isinstance(one, Test) and one.field != SEVERITY]
        payload = {one.field: draw(st.sampled_from([*one.values, "甲", ""])) for one in asked}
        payload = {code: DAY.isoformat() if value == TODAY else value for code, value in payload.items()}
        on = draw(st.dates(date(2022, 1, 1), date(2027, 1, 1)))
        severity = draw(st.none() | st.sampled_from(get_args(catalogue.Severity)))
        found.append(Record(number, item, on, payload, severity))
    return rule, found


@given(RULES)
@settings(max_examples=150)
def test_what_is_written_is_read_as_the_same_rule(rule: Expression) -> None:
    assert parse(write(rule)) == rule


@given(RULES)
@settings(max_examples=40)
def test_every_rule_has_words_in_both_languages_and_a_statement(rule: Expression) -> None:
    assert words(rule, "zh")
    assert words(rule, "en")
    assert "subject_id" in sql(rule, DAY).text
    assert sql(rule, DAY).text.count("%s") == len(sql(rule, DAY).values)


@given(cases(WITHOUT_NOT), st.data())
@settings(max_examples=100)
def test_a_further_record_never_takes_anybody_off(
    case: tuple[Expression, list[Record]], data: st.DataObject
) -> None:
    rule, held = case
    kept = data.draw(st.integers(0, len(held)))
    before, after = evaluate(rule, held[:kept], DAY).holds, evaluate(rule, held, DAY).holds
    assert not (before is True and after is not True)
    assert not (before is None and after is False)


SUPPLIED = st.fixed_dictionaries(
    {},
    optional={
        "credit_grade": st.sampled_from(named_facts()["credit_grade"].order),
        "dispute_quarter": st.integers(1, 4),
    },
)
STANDS_ON = st.dictionaries(
    st.sampled_from([id for id in list_names() if ":" not in id]), st.none(), max_size=3
).map(lambda ids: {id: list_names()[id].kind for id in ids})


@given(cases(RULES), SUPPLIED, STANDS_ON)
@settings(max_examples=150)
def test_what_is_told_without_facts_stays_so_whatever_they_are(
    case: tuple[Expression, list[Record]], known: dict[str, Any], listed: dict[str, str]
) -> None:
    """An unknown fact lists nobody: who qualifies without it qualifies with any. `holds` says the same."""
    rule, held = case
    blind, seeing = evaluate(rule, held, DAY).holds, evaluate(rule, held, DAY, known, listed).holds
    if blind is not None:
        assert seeing is blind
    judge = Judge(rule, DAY)
    assert judge.holds(held) is blind
    assert judge.holds(held, known, listed) is seeing


@given(cases(RULES))
@settings(max_examples=100)
def test_only_records_that_were_given_are_cited(case: tuple[Expression, list[Record]]) -> None:
    rule, held = case
    found = evaluate(rule, held, DAY)
    assert set(found.cited) <= {one.id for one in held if one.date <= DAY}
    assert {id for reason in found.reasons for id in reason.records} >= set(found.cited)
    assert found.reasons


def test_who_has_no_record_is_judged_once_for_all() -> None:
    assert evaluate(parse(BRUSHING), [], DAY).holds is False
    assert evaluate(parse("没有 行政处罚信息"), [], DAY).holds is True
