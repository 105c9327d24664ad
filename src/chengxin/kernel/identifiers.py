"""Identifiers of subjects and goods: spelling, validity, check digits, recognition, masking.

Every validator judges the canonical spelling (`canonical`, `canonicals`): ASCII, capitals, no blanks or
hyphens inside a code. So one code has one accepted spelling and can be unique in a register. `is_valid_*`
takes one text, `valid_*` a Polars expression of texts and gives booleans (null for null); both follow the
same rule. Zeros only are never valid, although they satisfy most check sums: that is what senders type when
they have no code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl
from stdnum import ean
from stdnum.cn import ric
from stdnum.cn import uscc as stdnum_uscc
from stdnum.iso7064 import mod_11_10

from chengxin.kernel.checksums import WeightedSum, holds_mod_11_10, null_stays
from chengxin.kernel.masking import mask_personal
from chengxin.kernel.text import fold, folded

DIGITS = "0123456789"
DIGITS_X = DIGITS + "X"
ALNUM = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z

# First two digits of GB/T 2260 by which resident identity numbers begin; 81–83 are the residence permits of
# Hong Kong, Macau and Taiwan residents (State Council order of 2018), which never had the old 15 digits.
_PERMITS = ("81", "82", "83")
_PROVINCES = tuple(
    str(number)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71))
    for number in range(first, last + 1)
)
_EARLIEST_BIRTH = date(1800, 1, 1)  # sequence numbers 996–999 were kept for people born in that century


@dataclass(frozen=True, slots=True)
class Scheme:
    """A kind of identifier. `personal`: it leads to a natural person, so it is sealed and shown masked."""

    id: str
    name_zh: str
    name_en: str
    personal: bool


SCHEMES: dict[str, Scheme] = {
    scheme.id: scheme
    for scheme in (
        Scheme("uscc", "统一社会信用代码", "unified social credit code", False),
        Scheme("regno", "工商注册号", "business registration number", False),
        Scheme("orgcode", "组织机构代码", "organisation code", False),
        Scheme("tax_no", "税务登记号", "tax registration number", False),
        Scheme("institution_no", "事业单位证书号", "public institution certificate number", False),
        Scheme("social_org_no", "社会组织登记证号", "social organisation certificate number", False),
        Scheme("resident_id", "居民身份证号", "resident identity number", True),
        Scheme("passport", "护照号", "passport number", True),
        Scheme("travel_permit", "来往内地（大陆）通行证号", "mainland travel permit number", True),
        Scheme("foreign_resident_id", "外国人永久居留身份证号", "foreign permanent resident number", True),
        Scheme("phone", "电话号码", "telephone number", True),
        Scheme("icp", "ICP备案号", "ICP filing number", False),
        Scheme("domain", "域名", "domain name", False),
        Scheme("gtin", "商品条码", "trade item number (GTIN)", False),
    )
}

# --- spelling ----------------------------------------------------------------------------------------------

_CODES = (
    *("uscc", "regno", "orgcode", "gtin"),
    *("resident_id", "passport", "travel_permit", "foreign_resident_id"),
)
_RESPELL: dict[str, tuple[tuple[str, str], ...]] = dict.fromkeys(_CODES, (("[ -]", ""),)) | {
    "icp": ((" ", ""),),
    "domain": ((r"\.$", ""),),
    "phone": (
        ("[ ()]", ""),
        (r"^\+?86-?(1[3-9][0-9]{9})$", "${1}"),
        (r"^(0[0-9]{2,3})-", "${1}"),
        (r"^([48]00)-?([0-9]{3})-?([0-9]{4})$", "${1}${2}${3}"),
    ),
}

# The same for Python's patterns, which write ${1} as \1.
_RESPELL_ONE = {
    scheme: tuple((re.compile(old), re.sub(r"\$\{(\d)\}", r"\\\1", new)) for old, new in changes)
    for scheme, changes in _RESPELL.items()
}


def normalise(text: str) -> str:
    """Full-width characters to ASCII, blanks at both ends off, ASCII letters to capitals."""
    return fold(text, "upper")


def normalised(text: pl.Expr) -> pl.Expr:
    """`normalise` over a column; null stays null."""
    return folded(text, "upper")


def canonical(scheme: str, text: str) -> str:
    """The one spelling under which an identifier of `scheme` is checked and kept; any text is accepted.

    Codes lose blanks and hyphens, telephone numbers also brackets and +86; domains are in small letters.
    """
    spelled = fold(text, "lower" if scheme == "domain" else "upper")
    for pattern, replacement in _RESPELL_ONE.get(scheme, ()):
        spelled = pattern.sub(replacement, spelled)
    return spelled


def canonicals(scheme: str, text: pl.Expr) -> pl.Expr:
    """`canonical` over a column; null stays null."""
    spelled = folded(text, "lower" if scheme == "domain" else "upper")
    for pattern, replacement in _RESPELL.get(scheme, ()):
        spelled = spelled.str.replace_all(pattern, replacement)
    return spelled


def _is_filler(text: str) -> bool:
    return not text.strip("0")


# --- unified social credit code (GB 32100-2015) ------------------------------------------------------------

_USCC = re.compile(f"[{USCC_ALPHABET}]{{2}}[0-9]{{6}}[{USCC_ALPHABET}]{{10}}")
_USCC_SUM = WeightedSum(
    alphabets=(*[USCC_ALPHABET] * 2, *[DIGITS] * 6, *[USCC_ALPHABET] * 10),
    weights=(1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1),
    modulus=31,
    remainder=0,
    values=USCC_ALPHABET,
    check_values=USCC_ALPHABET,
)


def uscc_check_digit(body: str) -> str:
    """The 18th character for the first 17 of a unified social credit code (GB 32100-2015)."""
    return str(stdnum_uscc.calc_check_digit(body))


def is_valid_uscc(text: str) -> bool:
    """Whether a unified social credit code has its 18 characters and the right check digit (GB 32100-2015).

    The check digit inside, that of the organisation code in places 9–17, is not enforced: individual
    businesses and codes converted from older registers carry organisation codes that never had one.
    """
    return bool(_USCC.fullmatch(text)) and not _is_filler(text) and uscc_check_digit(text[:17]) == text[17]


def valid_uscc(text: pl.Expr) -> pl.Expr:
    """`is_valid_uscc` over a column."""
    return _USCC_SUM.holds(text)


# --- organisation code (GB 11714) --------------------------------------------------------------------------

_ORGCODE = re.compile("[0-9A-Z]{8}[0-9X]")
_ORGCODE_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGCODE_SUM = WeightedSum(
    alphabets=(*[ALNUM] * 8, DIGITS_X),
    weights=(*_ORGCODE_WEIGHTS, 1),
    modulus=11,
    remainder=0,
    values=ALNUM,
    check_values=DIGITS_X,
)


def orgcode_check_digit(body: str) -> str:
    """The 9th character for the first 8 of an organisation code (GB 11714)."""
    total = sum(ALNUM.index(char) * weight for char, weight in zip(body, _ORGCODE_WEIGHTS, strict=True))
    return DIGITS_X[-total % 11]


def is_valid_orgcode(text: str) -> bool:
    """Whether an organisation code has 8 characters and their check digit (GB 11714); without its hyphen."""
    if not _ORGCODE.fullmatch(text) or _is_filler(text):
        return False
    return orgcode_check_digit(text[:8]) == text[8]


def valid_orgcode(text: pl.Expr) -> pl.Expr:
    """`is_valid_orgcode` over a column."""
    return _ORGCODE_SUM.holds(text)


# --- registration number of before 2015 (GS 15-2006) -------------------------------------------------------

_REGNO = re.compile("[0-9]{15}")


def regno_check_digit(body: str) -> str:
    """The 15th digit for the first 14 of a business registration number (GS 15-2006; ISO 7064 MOD 11,10)."""
    return str(mod_11_10.calc_check_digit(body))


def is_valid_regno(text: str) -> bool:
    """Whether a business registration number has 15 digits of which the last checks (GS 15-2006)."""
    return bool(_REGNO.fullmatch(text)) and not _is_filler(text) and regno_check_digit(text[:14]) == text[14]


def valid_regno(text: pl.Expr) -> pl.Expr:
    """`is_valid_regno` over a column."""
    return holds_mod_11_10(text, 15) & (text != "0" * 15)


# --- resident identity number (GB 11643-1999) --------------------------------------------------------------

_RESIDENT_18 = re.compile("[0-9]{17}[0-9X]")
_RESIDENT_15 = re.compile("[0-9]{15}")
_RESIDENT_SUM = WeightedSum(
    alphabets=(*[DIGITS] * 17, DIGITS_X),
    weights=(7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1),
    modulus=11,
    remainder=1,
    values=DIGITS,
    check_values=DIGITS_X,
)


def resident_id_check_digit(body: str) -> str:
    """The 18th character for the first 17 digits of a resident identity number (GB 11643-1999)."""
    return str(ric.calc_check_digit(body + "0"))


def _birth_date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def is_valid_resident_id(text: str, today: date | None = None) -> bool:
    """Whether a resident identity number is well formed (GB 11643-1999): region, birth date, check character.

    18 characters, or the 15 digits of before 1999, which have no check and mean births of 1900–1999. The
    birth date must be a day that was, and not after `today` where that is given. Regions are checked by
    their province only: counties come and go, numbers stay. Residence permits of Hong Kong, Macau and
    Taiwan residents (81, 82, 83) are numbers of this kind; permanent residence cards of foreigners are not.
    """
    if _RESIDENT_18.fullmatch(text):
        if text[:2] not in _PROVINCES + _PERMITS or resident_id_check_digit(text[:17]) != text[17]:
            return False
        born = _birth_date(text[6:14])
    elif _RESIDENT_15.fullmatch(text) and text[:2] in _PROVINCES:
        born = _birth_date("19" + text[6:12])
    else:
        return False
    return born is not None and born >= _EARLIEST_BIRTH and (today is None or born <= today)


def valid_resident_id(text: pl.Expr, today: date | None = None) -> pl.Expr:
    """`is_valid_resident_id` over a column."""
    old = text.str.contains("^[0-9]{15}$")
    birth = pl.when(old).then(pl.lit("19") + text.str.slice(6, 6)).otherwise(text.str.slice(6, 8))
    real = birth.str.to_date("%Y%m%d", strict=False).is_between(_EARLIEST_BIRTH, today or date.max)
    province = text.str.slice(0, 2)
    new = _RESIDENT_SUM.holds(text) & province.is_in([*_PROVINCES, *_PERMITS])
    return null_stays(text, real & (new | (old & province.is_in(list(_PROVINCES)))))


# --- ICP filing number -------------------------------------------------------------------------------------

# Eight digits, or ten in numbers given since 2020, which begin with the year. The site number may end in A
# (app), X (mini-program) or K (quick app).
_PROVINCE_CHARACTERS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_ICP = rf"[{_PROVINCE_CHARACTERS}]ICP备(?:20)?[0-9]{{8}}号(?:-[1-9][0-9]{{0,4}}[AXK]?)?"
_ICP_RE = re.compile(_ICP)


def is_valid_icp(text: str) -> bool:
    """Whether a text is an ICP filing number such as 闽ICP备12345678号-2."""
    return bool(_ICP_RE.fullmatch(text))


def valid_icp(text: pl.Expr) -> pl.Expr:
    """`is_valid_icp` over a column."""
    return text.str.contains(f"^(?:{_ICP})$")


# --- GTIN (GS1 General Specifications, 7.9) ----------------------------------------------------------------

_GTIN = re.compile("[0-9]{8}|[0-9]{12,14}")
_GTIN_SUM = WeightedSum(
    alphabets=(DIGITS,) * 14,
    weights=(3, 1) * 7,
    modulus=10,
    remainder=0,
    values=DIGITS,
    check_values=DIGITS,
)


def gtin_check_digit(body: str) -> str:
    """The last digit for the first 7, 11, 12 or 13 of a GTIN (mod 10, weights 3 and 1 from the right)."""
    return str(ean.calc_check_digit(body))


def is_valid_gtin(text: str) -> bool:
    """Whether a trade item number has 8, 12, 13 or 14 digits of which the last checks; any prefix will do."""
    return bool(_GTIN.fullmatch(text)) and not _is_filler(text) and gtin_check_digit(text[:-1]) == text[-1]


def valid_gtin(text: pl.Expr) -> pl.Expr:
    """`is_valid_gtin` over a column."""
    return _GTIN_SUM.holds(text.str.pad_start(14, "0")) & text.str.len_bytes().is_in([8, 12, 13, 14])


# --- telephone numbers and domains -------------------------------------------------------------------------

_PHONE = (
    r"(?:\+?86-?)?1[3-9][0-9]{9}"  # mobile
    r"|0[0-9]{2,3}-?[1-9][0-9]{6,7}(?:-[0-9]{1,6})?"  # fixed line with area code, and an extension
    r"|[48]00-?[0-9]{3}-?[0-9]{4}"  # paid by the callee, or shared
    r"|1[12][0-9]{3}|9[56][0-9]{3,4}"  # hotlines: 12315, 12345, 95xxx, 96xxx
)
_PHONE_RE = re.compile(_PHONE)
_LABEL = "[0-9A-Za-z\u4e00-\u9fff]"
_DOMAIN = (
    rf"(?:{_LABEL}(?:[0-9A-Za-z\u4e00-\u9fff-]{{0,61}}{_LABEL})?\.)+"
    r"(?:[A-Za-z]{2,63}|[Xx][Nn]--[0-9A-Za-z-]{1,58}[0-9A-Za-z]|[\u4e00-\u9fff]{2,})"
)
_DOMAIN_RE = re.compile(_DOMAIN)
_DOMAIN_BYTES = 253  # RFC 1035, 3.1


def is_valid_phone(text: str) -> bool:
    """Whether a text is a Chinese telephone number: mobile, fixed with area code, 400/800, or a hotline."""
    return bool(_PHONE_RE.fullmatch(text))


def valid_phone(text: pl.Expr) -> pl.Expr:
    """`is_valid_phone` over a column."""
    return text.str.contains(f"^(?:{_PHONE})$")


def is_valid_domain(text: str) -> bool:
    """Whether a text is a domain name (RFC 1035), Chinese labels included (RFC 5891); no address, no path."""
    return len(text.encode()) <= _DOMAIN_BYTES and bool(_DOMAIN_RE.fullmatch(text))


def valid_domain(text: pl.Expr) -> pl.Expr:
    """`is_valid_domain` over a column."""
    return (text.str.len_bytes() <= _DOMAIN_BYTES) & text.str.contains(f"^(?:{_DOMAIN})$")


# --- all of them -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """The validator of a scheme: for one text, and for a column."""

    one: Callable[[str], bool]
    column: Callable[[pl.Expr], pl.Expr]


# The schemes that can be checked, in the order in which `identify` tries them.
CHECKS: dict[str, Check] = {
    "resident_id": Check(is_valid_resident_id, valid_resident_id),
    "uscc": Check(is_valid_uscc, valid_uscc),
    "phone": Check(is_valid_phone, valid_phone),
    "regno": Check(is_valid_regno, valid_regno),
    "orgcode": Check(is_valid_orgcode, valid_orgcode),
    "gtin": Check(is_valid_gtin, valid_gtin),
    "icp": Check(is_valid_icp, valid_icp),
    "domain": Check(is_valid_domain, valid_domain),
}


def identify(text: str) -> str | None:
    """Say which scheme a text belongs to, in any spelling that `canonical` mends; None when it fits none.

    Personal schemes come first: a number that may be a person's is treated as one.
    """
    return next((scheme for scheme, check in CHECKS.items() if check.one(canonical(scheme, text))), None)


def mask(kind: str, text: str) -> str:
    """Hide the telling part of a detail before it is shown or logged.

    `kind` is the id of a scheme or one of the kinds of `chengxin.kernel.masking.mask_personal` (`person`,
    `address`, `email`, `bank_card`, `personal`). Identifiers that are public by law come back as they are;
    a kind that is not known is hidden altogether.
    """
    scheme = SCHEMES.get(kind)
    return text if scheme is not None and not scheme.personal else mask_personal(kind, text)
