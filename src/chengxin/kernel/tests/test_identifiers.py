"""Codes: what the standards accept and refuse; a column is judged like each of its texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chengxin.kernel import identifiers as ids

digits = st.text(ids.DIGITS, min_size=0)
TODAY = date(2026, 3, 5)


def column(check: Callable[[pl.Expr], pl.Expr], texts: list[str | None]) -> list[bool | None]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return frame.select(check(pl.col("text")).alias("valid"))["valid"].to_list()


# --- codes as their standards make them ---


@st.composite
def usccs(draw: st.DrawFn) -> str:
    register = draw(st.text(ids.USCC_ALPHABET, min_size=2, max_size=2))
    region = draw(st.text(ids.DIGITS, min_size=6, max_size=6))
    body = register + region + draw(st.text(ids.USCC_ALPHABET, min_size=9, max_size=9))
    assume(body.strip("0"))
    return body + ids.uscc_check_digit(body)


@st.composite
def orgcodes(draw: st.DrawFn) -> str:
    body = draw(st.text(ids.ALNUM, min_size=8, max_size=8))
    assume(body.strip("0"))
    return body + ids.orgcode_check_digit(body)


@st.composite
def regnos(draw: st.DrawFn) -> str:
    body = draw(st.text(ids.DIGITS, min_size=14, max_size=14))
    assume(body.strip("0"))
    return body + ids.regno_check_digit(body)


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    province = draw(st.sampled_from(["11", "35", "44", "65", "71", "81", "82", "83"]))
    county = draw(st.text(ids.DIGITS, min_size=4, max_size=4))
    born = draw(st.dates(date(1900, 1, 1), TODAY))
    body = province + county + born.strftime("%Y%m%d") + f"{draw(st.integers(0, 999)):03}"
    return body + ids.resident_id_check_digit(body)


@st.composite
def gtins(draw: st.DrawFn) -> str:
    length = draw(st.sampled_from([7, 11, 12, 13]))
    body = draw(st.text(ids.DIGITS, min_size=length, max_size=length))
    assume(body.strip("0"))
    return body + ids.gtin_check_digit(body)


MADE = {
    "uscc": usccs(),
    "orgcode": orgcodes(),
    "regno": regnos(),
    "resident_id": resident_ids(),
    "gtin": gtins(),
}

# Lawful examples that were checked by hand or are printed in the standards' own explanations.
KNOWN = {
    "uscc": ["91110000600037341L"],
    "orgcode": ["D2143569X"],  # GB 11714, worked example
    "resident_id": ["11010519491231002X", "440524188001010014"],  # GB 11643-1999, both worked examples
    "gtin": ["6901234567892", "73513537", "98412345678908", "036000291452"],
    "icp": ["闽ICP备12345678号-2", "闽ICP备12345678号", "京ICP备2021012345号-1A"],
    "phone": [
        "13805910000",
        "0591-87654321",
        "059187654321",
        "400-800-1234",
        "12345",
        "95588",
        "+8613805910000",
    ],
    "domain": ["fujian.gov.cn", "诚信.中国", "a-b.xn--fiqs8s"],
}
REFUSED = {
    "uscc": [
        "91110000600037341M",
        "9111000060003734IL",
        "91110000600037341",
        "91110000600037341l",
        "0" * 18,
        "",
    ],
    "orgcode": ["D21435690", "D2143569-X", "000000000", "D2143569"],
    "resident_id": ["110105194912310021", "110105194902300020", "990105194912310020", "11010519491231002x"],
    "gtin": ["6901234567893", "00000000", "0000000000000", "690123456789", "69012345678920"],
    "icp": ["ICP备12345678号", "闽ICP备1234567号", "闽ICP备12345678号-0", "闽B2-20080100"],
    "phone": ["12805910000", "1380591000", "87654321", "138059100001"],
    "domain": [
        "fujian",
        "-a.cn",
        "a-.cn",
        "a..cn",
        "127.0.0.1",
        "http://a.cn",
        "a.cn/x",
        "",
        "a" * 64 + ".cn",
    ],
}


@pytest.mark.parametrize(
    ("scheme", "text"), [(scheme, text) for scheme, texts in KNOWN.items() for text in texts]
)
def test_known_codes_are_valid(scheme: str, text: str) -> None:
    assert ids.CHECKS[scheme].one(text)
    assert column(ids.CHECKS[scheme].column, [text]) == [True]


@pytest.mark.parametrize(
    ("scheme", "text"), [(scheme, text) for scheme, texts in REFUSED.items() for text in texts]
)
def test_broken_codes_are_refused(scheme: str, text: str) -> None:
    assert not ids.CHECKS[scheme].one(text)
    assert column(ids.CHECKS[scheme].column, [text]) == [False]


@pytest.mark.parametrize("scheme", MADE)
@given(data=st.data())
def test_a_code_made_by_its_standard_is_valid(scheme: str, data: st.DataObject) -> None:
    code = data.draw(MADE[scheme])
    assert ids.CHECKS[scheme].one(code)
    assert column(ids.CHECKS[scheme].column, [code]) == [True]


# Two characters that the weighted sum can't tell apart: values differ by a multiple of the modulus (orgcode:
# A and L). Everywhere else one wrong character is always seen.
def indistinguishable(scheme: str, old: str, new: str) -> bool:
    return scheme == "orgcode" and (ids.ALNUM.index(old) - ids.ALNUM.index(new)) % 11 == 0


@pytest.mark.parametrize("scheme", MADE)
@given(data=st.data())
def test_one_wrong_character_is_refused(scheme: str, data: st.DataObject) -> None:
    code = data.draw(MADE[scheme])
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from(ids.ALNUM))
    assume(wrong != code[place] and not indistinguishable(scheme, code[place], wrong))
    broken = code[:place] + wrong + code[place + 1 :]
    assert not ids.CHECKS[scheme].one(broken)
    assert column(ids.CHECKS[scheme].column, [broken]) == [False]


@pytest.mark.parametrize("scheme", ["uscc", "resident_id", "gtin", "orgcode"])
@given(data=st.data())
def test_two_neighbours_swapped_are_refused(scheme: str, data: st.DataObject) -> None:
    code = data.draw(MADE[scheme])
    place = data.draw(st.integers(0, len(code) - 2))
    left, right = code[place], code[place + 1]
    assume(left != right)
    if scheme == "gtin":  # weights 3 and 1: a difference of 5 escapes (GS1 General Specifications)
        assume(abs(int(left) - int(right)) != 5)
    if scheme == "orgcode":  # X is worth 10 as the check, but 33 among the others: their swap may escape
        assume(not indistinguishable(scheme, left, right))
        assume("X" not in (left, right) or place < 7)
    swapped = code[:place] + right + left + code[place + 2 :]
    assert not ids.CHECKS[scheme].one(swapped)
    assert column(ids.CHECKS[scheme].column, [swapped]) == [False]


# --- a column is judged like each of its texts ---

near_codes = st.text(ids.ALNUM + "x- ．９Ａ闽号京ICP备.+", max_size=20)
any_texts = st.lists(
    st.one_of(
        st.none(), st.text(max_size=20), near_codes, *MADE.values(), digits.map(lambda text: text[:18])
    ),
    max_size=30,
)


@pytest.mark.parametrize("scheme", ids.CHECKS)
@given(texts=any_texts)
@example(
    texts=[None, "", "９１１１００００６０００３７３４１Ｌ", "0" * 15, "0" * 18, "\n", "91110000600037341L\n"]
)
def test_a_column_is_judged_like_each_text(scheme: str, texts: list[str | None]) -> None:
    check = ids.CHECKS[scheme]
    expected = [None if text is None else check.one(text) for text in texts]
    assert column(check.column, texts) == expected


@pytest.mark.parametrize("scheme", [*ids.SCHEMES, "unknown"])
@given(texts=any_texts)
@example(
    texts=[
        " ９１－１Ｌ　",
        "(0591) 8765-4321",
        "+86 138 0591 0000",
        "8613805910000",
        "Fujian.GOV.cn.",
        "400-800-1234",
    ]
)
def test_a_column_is_spelled_like_each_text(scheme: str, texts: list[str | None]) -> None:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    spelled = frame.select(ids.canonicals(scheme, pl.col("text")))["text"].to_list()
    assert spelled == [None if text is None else ids.canonical(scheme, text) for text in texts]
    narrowed = frame.select(ids.normalised(pl.col("text")))["text"].to_list()
    assert narrowed == [None if text is None else ids.normalise(text) for text in texts]


def test_a_column_may_be_judged_in_a_filter_a_group_and_a_stream() -> None:
    frame = pl.DataFrame({"code": ["91110000600037341L", "x", None], "group": [1, 1, 2]})
    valid = ids.valid_uscc(pl.col("code"))
    assert frame.filter(valid)["code"].to_list() == ["91110000600037341L"]
    assert frame.lazy().filter(valid).collect(engine="streaming").height == 1
    assert frame.group_by("group", maintain_order=True).agg(valid.alias("v"))["v"].to_list() == [
        [True, False],
        [None],
    ]
    assert frame.clear().select(valid).height == 0


# --- rules of single schemes ---


def test_a_public_body_may_be_registered_by_a_department_with_a_letter() -> None:
    body = "Y1350100000000001"
    assert ids.is_valid_uscc(body + ids.uscc_check_digit(body))


def test_the_organisation_code_inside_needs_no_check_digit_of_its_own() -> None:
    body = "92350102" + "MA31ABCD" + "1"
    assert not ids.is_valid_orgcode(body[8:])
    assert ids.is_valid_uscc(body + ids.uscc_check_digit(body))


@given(born=st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_nobody_is_born_after_today(born: date) -> None:
    body = "350102" + born.strftime("%Y%m%d") + "123"
    number = body + ids.resident_id_check_digit(body)
    assert ids.is_valid_resident_id(number)
    assert ids.is_valid_resident_id(number, TODAY) == (born <= TODAY)
    assert column(lambda text: ids.valid_resident_id(text, TODAY), [number]) == [born <= TODAY]


@given(year=st.integers(1790, 2100), month=st.integers(0, 13), day=st.integers(0, 32), old=st.booleans())
def test_a_birth_date_is_a_real_day(year: int, month: int, day: int, old: bool) -> None:
    if old:
        year = 1900 + year % 100
        number = f"350102{year % 100:02}{month:02}{day:02}123"
    else:
        body = f"350102{year:04}{month:02}{day:02}123"
        number = body + ids.resident_id_check_digit(body)
    try:
        real = date(year, month, day) >= date(1800, 1, 1)
    except ValueError:
        real = False
    assert ids.is_valid_resident_id(number) == real
    assert column(ids.valid_resident_id, [number]) == [real]


@pytest.mark.parametrize(("prefix", "valid"), [("350102", True), ("810000", False), ("010102", False)])
def test_fifteen_digits_are_an_old_number_but_never_a_permit(prefix: str, valid: bool) -> None:
    assert ids.is_valid_resident_id(prefix + "670401123") is valid
    assert column(ids.valid_resident_id, [prefix + "670401123"]) == [valid]


# --- recognising ---


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("９１１１００００６０００３７３４１ｌ", "uscc"),
        (" 9111 0000 6000 3734 1L ", "uscc"),
        ("11010519491231002x", "resident_id"),
        ("350102670401123", "resident_id"),
        ("D2143569-X", "orgcode"),
        ("6901234567892", "gtin"),
        ("+86 138 0591 0000", "phone"),
        ("(0591)87654321", "phone"),
        ("闽icp备12345678号-2", "icp"),
        ("Fujian.GOV.cn", "domain"),
        ("福州某某贸易有限公司", None),
        ("", None),
    ],
)
def test_a_text_is_recognised_in_any_usual_spelling(text: str, scheme: str | None) -> None:
    assert ids.identify(text) == scheme


@pytest.mark.parametrize("scheme", MADE)
@given(data=st.data())
def test_a_code_is_taken_for_its_own_scheme_or_for_one_tried_before(scheme: str, data: st.DataObject) -> None:
    order = list(ids.CHECKS)
    found = ids.identify(data.draw(MADE[scheme]))
    assert found is not None
    assert order.index(found) <= order.index(scheme)


@given(number=resident_ids())
@pytest.mark.obligation("13d")
def test_a_number_that_may_be_a_persons_is_always_treated_as_one(number: str) -> None:
    assert ids.identify(number) == "resident_id"
    assert ids.SCHEMES["resident_id"].personal


def test_every_checked_scheme_is_a_scheme_with_names_in_both_languages() -> None:
    assert set(ids.CHECKS) <= set(ids.SCHEMES)
    for key, scheme in ids.SCHEMES.items():
        assert scheme.id == key
        assert scheme.name_zh
        assert scheme.name_en


@given(day=st.dates(date(1900, 1, 1), TODAY - timedelta(days=1)))
def test_an_old_number_that_is_also_a_registration_number_is_treated_as_a_persons(day: date) -> None:
    body = "350102" + day.strftime("%y%m%d") + "12"
    assume(ids.is_valid_resident_id(body + "3"))  # 29 February of a year that has none in 1900–1999
    assert ids.identify(body + ids.regno_check_digit(body)) == "resident_id"
