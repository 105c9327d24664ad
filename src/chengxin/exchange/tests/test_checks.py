"""Judging rows: the verdict agrees with catalogue, schema and examples, and tells all that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import jsonschema_rs
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.demo import plan, records, sources
from chengxin.demo.plan import BUILDERS, specs
from chengxin.demo.subjects import World
from chengxin.exchange.checking.telling import RULES
from chengxin.exchange.checks import check
from chengxin.exchange.tests.rows import TODAY, archived, broken, frame, judge, kept, problems, without
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Field, Item, holds, versions
from chengxin.rulebook.examples import value_fault
from chengxin.rulebook.template import codes, example_row, json_schema

ALL = pytest.mark.parametrize("one", versions(), ids=lambda one: f"{one.id}.{one.version}")
PENALTY = catalogue.item("penalty")
FIRM = example_row(PENALTY)
PERSON_NUMBER = PENALTY.field("CF_XDR_ZJHM").example
PERSON = without(FIRM, "CF_XDR_SHXYM", "CF_FRDB") | {
    "CF_XDR_LB": "自然人",
    "CF_XDR_ZJLX": "身份证",
    "CF_XDR_ZJHM": PERSON_NUMBER,
}


# --- examples and the demonstration -----------------------------------------------------------------------


@ALL
def test_the_example_row_is_accepted_unchanged(one: Item) -> None:
    row = example_row(one)
    checked = judge(one, row)
    assert checked.rejected == ()
    assert checked.accepted.columns == ["_row", *codes(one)]
    assert kept(one, row) == archived(one, row)


@ALL
def test_every_required_field_is_missed_and_named(one: Item) -> None:
    row = example_row(one)
    for field in one.fields:
        if field.required:
            assert (field.code, "required") in broken(one, without(row, field.code))


@pytest.mark.parametrize("name", list(specs()))
def test_of_the_demonstration_just_the_faulty_rows_are_rejected(name: str) -> None:
    today = date(2026, 6, 30)
    world = World(2017, 1.0, today)
    spec = specs()[name]
    one = catalogue.item(spec.item)
    task = plan.task(world, spec, sources.sources(world))
    built = BUILDERS[spec.item](task, records.base(task, 0, task.total))
    meant = {number for number, fault in enumerate(built["_fault"]) if fault is not None}
    rows = built.drop("_fault").with_columns(pl.col(pl.Date).cast(pl.String)).with_row_index("_row")
    sent = rows.select(pl.col("_row").cast(pl.Int64), pl.lit(None, pl.String).alias("_fault"), *codes(one))
    checked = check(one, sent, today)
    assert {row.row for row in checked.rejected} == meant
    assert checked.accepted.height == built.height - len(meant)


# --- agreement with the schema and with the rulebook's own reading of one row -----------------------------

MENDED = ("decimal", "integer", "url", "phone")  # of which the generators make spellings that are mended
JUNK = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)


def _values(field: Field) -> st.SearchStrategy[str]:
    """Values of a field: its example, other lawful ones, near misses, junk."""
    near = {
        "date": st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(date.isoformat),
        "decimal": st.decimals(0, 10**14, places=(field.scale or 0) + 1, allow_nan=False).map(str),
        "integer": st.integers(0, 10**14).map(str),
        "region": st.sampled_from(["350000", "350100", "350128", "000000", "359999"]),
        "boolean": st.sampled_from(["是", "否", "无"]),
        "url": st.sampled_from(["https://a.example.com", "http://例子.中国/甲", "ftp://a.example.com", "x"]),
        "phone": st.sampled_from(["13900000000", "0591-87000001", "12315", "1390000000"]),
        "personal": st.sampled_from([field.example, field.example[:-1] + "X", "E12345678"]),
    }.get(field.type, st.just(field.example))
    if field.choices:
        near = st.sampled_from([*field.choices, *([f"{field.open_choice}甲"] if field.open_choice else [])])
    if field.type == "codes":
        near = st.lists(near, min_size=1, max_size=3, unique=True).map((field.separator or "").join)
    long = st.just("长" * ((field.length or 50) + 1))
    return st.one_of(st.just(field.example), near, near, JUNK, long)


@st.composite
def rows(draw: st.DrawFn, one: Item) -> dict[str, str]:
    """An example row of which some fields are emptied or filled otherwise."""
    row = example_row(one)
    for field in draw(st.lists(st.sampled_from(one.fields), max_size=4)):
        if draw(st.booleans()):
            row.pop(field.code, None)
        else:
            row[field.code] = draw(_values(field))
    return row


def _oracle(one: Item, row: dict[str, str]) -> Iterator[str]:
    """The fields that break the catalogue on an archived row, as the rulebook reads one row."""
    for field in one.fields:
        value = row.get(field.code)
        needed = field.required or (field.required_when and holds(one, field.required_when, row))
        if value is None:
            yield from [field.code] if needed else []
            continue
        forbidden = field.forbidden_when and holds(one, field.forbidden_when, row)
        future = field.not_future and value > TODAY.isoformat()
        first = row.get(field.not_before or "", "")
        early = value_fault(field, first) is None and value < first  # only where there are two days
        number = field.type != "personal" and value_fault(field, value) is not None
        if forbidden or future or early or number:
            yield field.code
    for rule in one.checks:
        if holds(one, rule.when, row) and not any(code in row for code in rule.fields):
            yield rule.fields[0]


@ALL
@settings(max_examples=60)
@given(data=st.data())
def test_the_verdict_agrees_with_schema_and_rulebook(one: Item, data: st.DataObject) -> None:
    validator = jsonschema_rs.Draft202012Validator(json_schema(one), validate_formats=True)
    row = data.draw(rows(one))
    archived = kept(one, row)
    if archived is not None:
        assert list(validator.iter_errors(archived)) == []
        assert list(_oracle(one, archived)) == []
        return
    told = broken(one, row)
    # Beyond the rulebook's reading of one row: what a code says of its owner, what a document's number is.
    beyond = {field for field, rule in told if rule in {"kind_code", "document"} or "resident" in rule}
    found = {field for field, _ in told} - beyond
    meant = set(_oracle(one, row))
    mended = {field.code for field in one.fields if field.type in MENDED}
    assert found <= meant
    assert meant - mended <= found | beyond


@ALL
def test_every_single_fault_is_found_and_named(one: Item) -> None:
    row = example_row(one)
    cases = [(field.code, rule, row | {field.code: value}) for field, rule, value in _spoilt(one)]
    checked = judge(one, *(spoilt for _, _, spoilt in cases))
    assert checked.accepted.is_empty()
    for (code, rule, spoilt), rejected in zip(cases, checked.rejected, strict=True):
        told = {(problem.field, problem.rule): problem for problem in rejected.problems}
        assert (code, rule) in told, (code, rule, spoilt[code], list(told))
        problem = told[code, rule]
        assert one.field(code).name_zh in problem.zh and one.field(code).name_en in problem.en
        assert problem.mend_zh and problem.mend_en
        assert "{" not in problem.zh + problem.en + problem.mend_zh + problem.mend_en
        assert rejected.values == spoilt


def _spoilt(one: Item) -> Iterator[tuple[Field, str, str]]:
    """For each field that the example row fills: rule and a value that breaks it."""
    row = example_row(one)
    wrong: dict[str, list[tuple[str, str]]] = {
        "uscc": [
            ("code.check_digit", "91350102MA2XAB0131"),
            ("code.length", "91350102MA2XAB013"),
            ("code.characters", "9135O102MA2XAB0130"),
            ("code.characters", "91350102MA2XAB01I0"),
            ("code.filler", "0" * 18),
            ("digits_lost", "911100000000001000"),
            ("digits_lost", "9.1110E+17"),
            ("code.other_scheme", PERSON_NUMBER),
            ("code.other_scheme", "350100100001237"),
        ],
        "regno": [("code.check_digit", "350100100001238"), ("code.length", "35010010000123")],
        "orgcode": [("code.check_digit", "MA2XAB014"), ("code.characters", "MA2XAB01Y")],
        "gtin": [("code.check_digit", "6901234567893"), ("code.length", "69012345678")],
        "date": [("date", "03/05/2026"), ("date.no_day", "2026-02-30"), ("date.range", "1826-02-03")],
        "decimal": [
            ("number", "20万元"), ("number", "1,23"), ("number.negative", "-1"),
            ("number.scientific", "1.2E+05"), ("number.scale", "1.1234567"), ("number.size", "1" * 17),
        ],
        "integer": [("number", "十"), ("number.fraction", "1.5"), ("length", "1" * 13)],
        "region": [("region", "359999"), ("region.form", "福州")],
        "boolean": [("boolean", "或许")],
        "url": [
            ("url.scheme", "shop.example.com"), ("url.blanks", "https://a.example.com/ b"),
            ("url.user", "https://taobao.com@example.com/"), ("url", "https://example/"),
        ],
        "phone": [("phone", "1390000000")],
        "code": [("choice", "没有这一项")],
        "codes": [("choice", "没有这一项")],
        "text": [("control_character", "甲\x01乙"), ("damaged_character", "福州\ufffd公司")],
    }  # fmt: skip
    for field in one.fields:
        if field.code not in row:
            continue
        for rule, value in wrong.get(field.type, []):
            yield field, rule, value
        if field.type == "text" and field.length is not None:
            yield field, "length", "长" * (field.length + 1)
        if field.type == "text" and field.disclosure == "public":
            yield field, "person_in_text", f"当事人张某（{PERSON_NUMBER}）"
        if field.not_future:
            yield field, "not_future", "2028-01-01"
        if field.not_before in row:
            yield field, "not_before", "1990-01-01"


def test_every_rule_that_has_words_can_be_broken() -> None:
    met = {rule for one in versions() for _, rule, _ in _spoilt(one)}
    elsewhere = {
        *("required", "required_when", "forbidden_when", "one_of", "kind_code", "document"),
        *(rule for rule in RULES if rule.startswith("resident_id.")),
    }
    assert met | elsewhere == set(RULES)


# --- conditions -------------------------------------------------------------------------------------------


def test_a_condition_says_in_words_when_a_field_is_needed() -> None:
    (problem,) = problems(PENALTY, without(FIRM, "CF_XDR_SHXYM"))
    assert (problem.field, problem.rule, problem.value) == ("CF_XDR_SHXYM", "required_when", None)
    assert "“行政相对人类别”为“法人及非法人组织”或“个体工商户”时必填" in problem.zh
    assert "required when 'kind of the subject' is" in problem.en
    assert "91350102MA2XAB0130" in problem.mend_zh and "“行政相对人类别”" in problem.mend_zh


def test_a_condition_looks_at_what_was_read_not_at_how_it_was_spelt() -> None:
    row = without(FIRM, "CF_NR_FK") | {"CF_CFLB": "罚 款；没收违法所得"}
    assert broken(PENALTY, row) == [("CF_NR_FK", "required_when")]


def test_a_field_that_must_be_empty_is_named() -> None:
    row = PERSON | {"CF_XDR_SHXYM": FIRM["CF_XDR_SHXYM"]}
    (problem,) = problems(PENALTY, row)
    assert (problem.field, problem.rule) == ("CF_XDR_SHXYM", "forbidden_when")
    assert "“行政相对人类别”为“自然人”时须为空" in problem.zh


def test_one_of_several_codes_is_needed() -> None:
    licence = catalogue.item("licence")
    row = without(
        example_row(licence), *(f"XK_XDR_{end}" for end in ("SHXYM", "GSZC", "ZZJG", "SWDJ", "SYDW", "SHZZ"))
    )
    (problem,) = problems(licence, row)
    assert (problem.field, problem.rule) == ("XK_XDR_SHXYM", "one_of")
    assert "行政相对人代码_6(社会组织登记证号)" in problem.mend_zh


def test_all_problems_of_a_row_are_told_in_the_order_of_its_fields() -> None:
    row = without(FIRM, "CF_SY") | {
        "CF_XDR_SHXYM": "91350102MA2XAB0131",
        "CF_JDRQ": "2031-01-01",
        "CF_NR_FK": "-3",
    }
    assert broken(PENALTY, row) == [
        ("CF_XDR_SHXYM", "code.check_digit"),
        ("CF_SY", "required"),
        ("CF_NR_FK", "number.negative"),
        ("CF_JDRQ", "not_future"),
    ]


def test_good_rows_pass_beside_bad_ones_and_keep_their_numbers() -> None:
    checked = judge(PENALTY, FIRM, without(FIRM, "CF_SY"), PERSON)
    assert checked.accepted["_row"].to_list() == [2, 4]
    assert [one.row for one in checked.rejected] == [3]


def test_an_empty_chunk_and_a_chunk_of_empty_rows() -> None:
    assert judge(PENALTY).accepted.is_empty()
    (rejected,) = judge(PENALTY, {}).rejected
    assert rejected.values == {} and {one.rule for one in rejected.problems} == {"required"}


# --- dates from today -------------------------------------------------------------------------------------


def test_today_is_not_the_future_and_tomorrow_is() -> None:
    row = FIRM | {"CF_JDRQ": "2026-06-30"}
    assert broken(PENALTY, row, today=date(2026, 6, 30)) == []
    assert broken(PENALTY, row, today=date(2026, 6, 29)) == [("CF_JDRQ", "not_future")]


def test_a_day_before_another_names_both() -> None:
    licence = catalogue.item("licence")
    row = example_row(licence) | {"XK_YXQZ": "2026/3/5", "XK_YXQZI": "2026年3月4日"}
    (problem,) = problems(licence, row)
    assert (problem.field, problem.rule) == ("XK_YXQZI", "not_before")
    assert "2026-03-04早于“有效期自”2026-03-05" in problem.zh


# --- persons ----------------------------------------------------------------------------------------------


def test_a_number_is_checked_as_its_document_says() -> None:
    assert broken(PENALTY, PERSON) == []
    assert broken(PENALTY, PERSON | {"CF_XDR_ZJHM": "350102199003071235"}) == [
        ("CF_XDR_ZJHM", "resident_id.check_digit")
    ]
    assert broken(PENALTY, PERSON | {"CF_XDR_ZJLX": "护照号", "CF_XDR_ZJHM": "E12345678"}) == []
    assert broken(PENALTY, PERSON | {"CF_XDR_ZJLX": "护照号", "CF_XDR_ZJHM": "见附件"}) == [
        ("CF_XDR_ZJHM", "document")
    ]
    assert broken(PENALTY, PERSON | {"CF_XDR_ZJHM": "E12345678"}) == [("CF_XDR_ZJHM", "resident_id.length")]


def test_the_legal_representatives_number_goes_by_its_own_document() -> None:
    passport = FIRM | {"CF_FR_ZJLX": "护照号", "CF_FR_ZJHM": "E12345678"}
    card = FIRM | {"CF_FR_ZJLX": "身份证", "CF_FR_ZJHM": "E12345678"}
    assert broken(PENALTY, passport) == []
    assert broken(PENALTY, card) == [("CF_FR_ZJHM", "resident_id.length")]
    registration = catalogue.item("registration")  # names documents without saying what they are
    row = example_row(registration) | {"ZC_FR_ZJLX": "港澳居民来往内地通行证", "ZC_FR_ZJHM": "H1234567801"}
    assert broken(registration, row) == []


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("35010219900307123", "resident_id.length"),
        ("35010219900307A234", "resident_id.characters"),
        ("350102199002301234", "resident_id.birth"),
        ("350102209003071234", "resident_id.birth"),
        ("350102199003071235", "resident_id.check_digit"),
        ("350102199003071000", "digits_lost"),
        ("3.50102199003071E+17", "digits_lost"),
        ("990102199003071233", "resident_id.region"),
    ],
)
def test_what_is_wrong_with_a_resident_number(number: str, rule: str) -> None:
    assert broken(PENALTY, PERSON | {"CF_XDR_ZJHM": number}) == [("CF_XDR_ZJHM", rule)]


def test_an_unknown_document_does_not_let_a_wrong_resident_number_pass() -> None:
    row = without(PERSON, "CF_XDR_ZJLX") | {"CF_XDR_ZJHM": "350102199003071235"}
    assert set(broken(PENALTY, row)) == {
        ("CF_XDR_ZJLX", "required_when"),
        ("CF_XDR_ZJHM", "resident_id.check_digit"),
    }


@pytest.mark.obligation("9.1b")
def test_no_problem_shows_a_persons_number() -> None:
    wrong = "350102199003071235"
    phone = catalogue.item("registration")
    cases = [
        (PENALTY, PERSON | {"CF_XDR_ZJHM": wrong}),
        (PENALTY, PERSON | {"CF_XDR_LB": wrong}),
        (PENALTY, FIRM | {"CF_XDR_SHXYM": PERSON_NUMBER}),
        (PENALTY, FIRM | {"CF_XDR_SHXYM": wrong}),
        (PENALTY, FIRM | {"CF_JDRQ": f"张三{PERSON_NUMBER}"}),
        (PENALTY, FIRM | {"BZ": f"联系人13900000000，证件{PERSON_NUMBER}" + "长" * 512}),
        (phone, example_row(phone) | {"ZC_DH": "1390000000a"}),
    ]
    for one, row in cases:
        found = problems(one, row)
        assert found
        for problem in found:
            told = "".join(str(part) for part in problem.as_dict().values())
            for number in (PERSON_NUMBER, wrong, "13900000000", "1390000000a"):
                assert number not in told, problem
    (masked,) = problems(PENALTY, PERSON | {"CF_XDR_ZJHM": wrong})
    assert masked.value == "3501************35"


# --- codes ------------------------------------------------------------------------------------------------


def test_a_wrong_check_digit_is_named_but_not_offered_as_the_mend() -> None:
    (problem,) = problems(PENALTY, FIRM | {"CF_XDR_SHXYM": "91350102MA2XAB0131"})
    assert "应为0" in problem.zh
    assert "请核对全部18位，不要只改末位" in problem.mend_zh
    assert "don't just change the last" in problem.mend_en


def test_a_letter_typed_for_a_digit_is_pointed_at() -> None:
    (problem,) = problems(PENALTY, FIRM | {"CF_XDR_SHXYM": "91350I02MA2XAB0130"})
    assert "第6位“I”有误" in problem.zh and "疑为“1”" in problem.zh


def test_a_code_in_the_wrong_column_is_sent_to_the_right_one() -> None:
    (problem,) = problems(PENALTY, FIRM | {"CF_XDR_SHXYM": "350100100001237"})
    assert problem.rule == "code.other_scheme" and "工商注册号" in problem.zh
    assert "行政相对人代码_2(工商注册号)" in problem.mend_zh
    (authority,) = problems(PENALTY, FIRM | {"CF_CFJGDM": "350100100001237"})
    assert "代码_2" not in authority.mend_zh


@pytest.mark.parametrize(
    ("kind", "code", "agrees"),
    [
        ("法人及非法人组织", "91350102MA2XAB0130", True),
        ("个体工商户", "91350102MA2XAB0130", False),
        ("法人及非法人组织", "92350102MA2XAB013W", False),
        ("个体工商户", "92350102MA2XAB013W", True),
        ("个体工商户", "11350100003551027Y", False),
    ],
)
def test_a_code_that_contradicts_the_kind_is_told(kind: str, code: str, agrees: bool) -> None:
    row = FIRM | {"CF_XDR_LB": kind, "CF_XDR_SHXYM": code}
    found = broken(PENALTY, row)
    assert found == ([] if agrees else [("CF_XDR_SHXYM", "kind_code")])


# --- rows that are not well made --------------------------------------------------------------------------


def test_a_row_with_too_many_cells_is_told_just_that() -> None:
    checked = check(PENALTY, frame(PENALTY, [without(FIRM, "CF_SY"), FIRM], ["too_many_cells"]), TODAY)
    (rejected,) = checked.rejected
    assert [(one.field, one.rule) for one in rejected.problems] == [("", "too_many_cells")]
    assert rejected.values == without(FIRM, "CF_SY")
    assert checked.accepted["_row"].to_list() == [3]


def test_other_faults_of_make_come_first_and_the_rest_after() -> None:
    checked = check(PENALTY, frame(PENALTY, [without(FIRM, "CF_SY")], ["nested_value"]), TODAY)
    assert [one.rule for one in checked.rejected[0].problems] == ["nested_value", "required"]
    (unknown,) = check(PENALTY, frame(PENALTY, [FIRM], ["something_new"]), TODAY).rejected
    assert unknown.problems[0].rule == "something_new" and unknown.problems[0].mend_zh


@settings(max_examples=150)
@given(
    st.lists(
        st.one_of(
            st.text(min_size=1, max_size=40),
            st.text("0123456789X.,-+EeOIQ;；、 年月日/:@%#?=＝", min_size=1, max_size=20),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_whatever_is_sent_every_row_is_either_kept_or_told_why(texts: list[str]) -> None:
    for one in versions():
        checked = judge(one, *(dict.fromkeys(codes(one), text) for text in texts))
        assert checked.accepted.height + len(checked.rejected) == len(texts)
        for row in checked.rejected:
            assert row.problems
            assert all(problem.zh and problem.en and problem.mend_zh for problem in row.problems)
