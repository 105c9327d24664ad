"""Demonstration codes with right check digits, for whole columns at once.

Rules: GB 32100-2015, GB 11714, GB 11643-1999, GS 15-2006. The functions take and give Series, because a check
digit uses its digits many times and expressions would compute them anew each time.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MARK = "DM"
"""How the organisation part of every demonstration code begins."""
SERIALS = 31**6
"""How many demonstration codes there are (six characters of 31 after the mark)."""
RESIDENT_REGION = 350000
"""The province itself; resident numbers are issued under its counties, so none is real."""
PERSONS = 3652 * 499
"""How many demonstration resident numbers there are: births of 1900 to 1909, 499 a day."""

_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_VALUES = pl.Series([int(character, 36) for character in USCC_ALPHABET], dtype=pl.Int64)
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
_DAYS_TO_1900 = 25567  # from 1900-01-01 to 1970-01-01
# Multipliers without a common factor with the modulus: running numbers look drawn and stay unique.
_SERIAL_STEP = 387_420_491
_NUMBER_STEP = 38_196_601


def uscc(department: pl.Series, kind: pl.Series, region: pl.Series, serial: pl.Series) -> pl.Series:
    """Unified social credit codes.

    `department` and `kind`: the first two digits (9 and 1 for a company); `region`: the county's code as an
    integer; `serial`: a running number below `SERIALS`, unique in the world. All Int64.
    """
    scattered = (serial.cast(pl.Int64) + 1) * _SERIAL_STEP % SERIALS
    serials = [_digit(scattered, place, 31) for place in range(5, -1, -1)]
    sum_of = sum(w * int(c, 36) for w, c in zip(_ORG_WEIGHTS, MARK, strict=False)) + 0 * scattered
    for weight, digit in zip(_ORG_WEIGHTS[2:], serials, strict=True):
        sum_of += _ORG_VALUES.gather(digit) * weight
    check = (11 - sum_of % 11) % 11
    organisation_check = check + (check == 10).cast(pl.Int64) * (USCC_ALPHABET.index("X") - 10)
    head = department.cast(pl.Int64) * 10_000_000 + kind.cast(pl.Int64) * 1_000_000 + region.cast(pl.Int64)
    positions = [_digit(head, place, 10) for place in range(7, -1, -1)]
    positions += [0 * head + USCC_ALPHABET.index(c) for c in MARK]
    positions += [*serials, organisation_check]
    total = 0 * head
    for weight, position in zip(_USCC_WEIGHTS, positions, strict=True):
        total += position * weight
    tail = [_letters(USCC_ALPHABET, one) for one in (*serials, organisation_check, (31 - total % 31) % 31)]
    return _joined(head.cast(pl.String), pl.Series([MARK]), *tail)


def orgcode(code: pl.Expr) -> pl.Expr:
    """The organisation code inside a unified social credit code."""
    return code.str.slice(8, 9)


def regno(region: pl.Series, serial: pl.Series, individual: pl.Series) -> pl.Series:
    """Old 15-digit registration numbers: region, number (6… for individual businesses), check digit."""
    first = 1 + individual.cast(pl.Int64) * 5
    scattered = (serial.cast(pl.Int64) + 1) * _NUMBER_STEP % 10_000_000
    body = region.cast(pl.Int64) * 10**8 + first * 10**7 + scattered
    product = 0 * body + 10
    for place in range(13, -1, -1):  # ISO 7064 MOD 11,10; a rest of 0 counts as 10
        product = ((product + _digit(body, place, 10) + 9) % 10 + 1) * 2 % 11
    return (body * 10 + (11 - product) % 10).cast(pl.String)


def resident_id(person: pl.Series) -> pl.Series:
    """Resident identity numbers that no living person can have (`person` < PERSONS, each its own number)."""
    number = person.cast(pl.Int64)
    born = (number % 3652 - _DAYS_TO_1900).cast(pl.Int32).cast(pl.Date)
    birth = born.dt.year().cast(pl.Int64) * 10_000 + born.dt.month().cast(pl.Int64) * 100 + born.dt.day()
    sequence = number // 3652 * 2 + 1 + number % 2
    body = RESIDENT_REGION * 10**11 + birth * 1000 + sequence
    total = 0 * body
    for place, weight in zip(range(16, -1, -1), _RESIDENT_WEIGHTS, strict=True):
        total += _digit(body, place, 10) * weight
    return _joined(body.cast(pl.String), _letters(_RESIDENT_CHECKS, total % 11))


def phone(person: pl.Series) -> pl.Series:
    """Mobile numbers under the prefix 154, which is allotted to no carrier."""
    return (15_400_000_000 + (person.cast(pl.Int64) + 1) * _NUMBER_STEP % 10**8).cast(pl.String)


def gtin(product: pl.Series) -> pl.Series:
    """13-digit article numbers of the prefix 20, which GS1 leaves to shops' own use: nobody else's goods."""
    body = 20 * 10**10 + (product.cast(pl.Int64) + 1) * _NUMBER_STEP % 10**10
    total = 0 * body
    for place in range(12):
        total += _digit(body, place, 10) * (3 if place % 2 == 0 else 1)
    return (body * 10 + (10 - total % 10) % 10).cast(pl.String)


def _digit(number: pl.Series, place: int, base: int) -> pl.Series:
    digit: pl.Series = number // base**place % base
    return digit


def _letters(alphabet: Sequence[str], positions: pl.Series) -> pl.Series:
    return pl.Series(list(alphabet), dtype=pl.String).gather(positions)


def _joined(*parts: pl.Series) -> pl.Series:
    return pl.select(pl.concat_str([pl.lit(part) for part in parts])).to_series()
