"""Demonstration codes: their check digits are right, and none of them can be anybody's."""

from __future__ import annotations

from math import gcd

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from chengxin.demo import codes
from chengxin.kernel import identifiers

SERIALS = st.lists(st.integers(0, codes.SERIALS - 2), min_size=1, max_size=50, unique=True)
PERSONS = st.lists(st.integers(0, codes.PERSONS - 1), min_size=1, max_size=50, unique=True)


def _column(value: int, like: pl.Series) -> pl.Series:
    return pl.Series([value] * len(like), dtype=pl.Int64)


@given(serials=SERIALS, department=st.sampled_from([1, 5, 9]), kind=st.integers(1, 3))
def test_unified_codes_are_valid_distinct_and_marked(serials: list[int], department: int, kind: int) -> None:
    serial = pl.Series(serials, dtype=pl.Int64)
    found = codes.uscc(_column(department, serial), _column(kind, serial), _column(350128, serial), serial)
    assert all(identifiers.is_valid_uscc(code) for code in found)
    assert all(code[8:10] == codes.MARK and code[2:8] == "350128" for code in found)
    assert found.n_unique() == len(serials)


@given(serials=SERIALS)
def test_the_organisation_code_inside_has_its_own_check_digit(serials: list[int]) -> None:
    serial = pl.Series(serials, dtype=pl.Int64)
    found = codes.uscc(_column(9, serial), _column(1, serial), _column(350102, serial), serial)
    inside = pl.DataFrame({"code": found}).select(codes.orgcode(pl.col("code"))).to_series()
    assert all(identifiers.is_valid_orgcode(code) for code in inside)


@given(serials=SERIALS, individual=st.booleans())
def test_registration_numbers_are_valid(serials: list[int], individual: bool) -> None:
    serial = pl.Series(serials, dtype=pl.Int64)
    found = codes.regno(_column(350102, serial), serial, pl.Series([individual] * len(serials)))
    assert all(identifiers.is_valid_regno(number) for number in found)
    assert all(number[6] == ("6" if individual else "1") for number in found)


@given(persons=PERSONS)
def test_resident_numbers_are_valid_distinct_and_of_nobody_alive(persons: list[int]) -> None:
    found = codes.resident_id(pl.Series(persons, dtype=pl.Int64))
    assert all(identifiers.is_valid_resident_id(number) for number in found)
    assert all(number.startswith("350000190") for number in found)
    assert found.n_unique() == len(persons)


@given(persons=PERSONS)
def test_phones_are_well_formed_and_of_the_prefix_without_a_carrier(persons: list[int]) -> None:
    found = codes.phone(pl.Series(persons, dtype=pl.Int64))
    assert all(identifiers.is_valid_phone(number) and number.startswith("154") for number in found)
    assert found.n_unique() == len(persons)


@given(products=PERSONS)
def test_article_numbers_are_valid_and_for_shops_own_use(products: list[int]) -> None:
    found = codes.gtin(pl.Series(products, dtype=pl.Int64))
    assert all(identifiers.is_valid_gtin(number) and number.startswith("20") for number in found)


def test_multipliers_have_no_factor_in_common_with_their_moduli() -> None:
    assert gcd(codes._SERIAL_STEP, codes.SERIALS) == 1
    assert gcd(codes._NUMBER_STEP, 10) == 1
