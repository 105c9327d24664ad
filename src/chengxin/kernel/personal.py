"""Personal numbers and facts on minors in a text: found with their place, and masked where a text is shown.

Policy clause 15: what is published names no minor and no private fact, and no personal number stands in it.
A telephone number of an office is no personal number; that of a mobile may be somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from chengxin.kernel.identifiers import is_valid_resident_id, is_valid_uscc

_WIDE = str.maketrans("０１２３４５６７８９Ｘｘ－　", "0123456789Xx- ")
_DIGITS = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ -]?[0-9]){10,18}[Xx]?(?![0-9A-Za-z])")
_PASSPORT = re.compile(r"(?<![0-9A-Za-z])(?:E[A-HJ-NP-Z]?|[GDSP])[0-9]{7,8}(?![0-9A-Za-z])")
_AGE = re.compile(r"(?<![0-9])(?:1[0-7]|[1-9])周?岁(?!以上|以下|及|至|到|—|-)")
_MOBILE = re.compile(r"(?:86)?1[3-9][0-9]{9}")
_CARD, _ISSUERS = range(16, 20), "34569"  # digits of a bank card, and the first of them (ISO/IEC 7812)

NAMES: dict[str, tuple[str, str]] = {
    "resident_id": ("居民身份证号", "resident identity number"),
    "phone": ("手机号码", "mobile number"),
    "bank_card": ("银行卡号", "bank card number"),
    "passport": ("护照号", "passport number"),
    "minor": ("未成年人的年龄", "age of a minor"),
}


@dataclass(frozen=True)
class Place:
    """What stands at which characters of a text (from 0, `end` behind it); `kind` as in NAMES."""

    kind: str
    start: int
    end: int


def found(text: str) -> list[Place]:
    """Everything in a text that must not be published, in its order."""
    plain = text.translate(_WIDE)
    places = [*_numbers(plain)]
    places += [Place("passport", one.start(), one.end()) for one in _PASSPORT.finditer(plain)]
    places += [Place("minor", one.start(), one.end()) for one in _AGE.finditer(plain)]
    return sorted(places, key=lambda one: one.start)


def masked(text: str) -> str:
    """The text with personal numbers hidden but for their last two characters."""
    hidden = list(text)
    for one in found(text):
        if one.kind != "minor":
            hidden[one.start : one.end] = "*" * (one.end - one.start - 2) + text[one.end - 2 : one.end]
    return "".join(hidden)


def _numbers(plain: str) -> Iterator[Place]:
    for one in _DIGITS.finditer(plain):
        digits = re.sub("[ -]", "", one[0]).upper()
        if kind := _kind(digits):
            yield Place(kind, one.start(), one.end())


def _kind(digits: str) -> str | None:
    if is_valid_uscc(digits):
        return None
    if is_valid_resident_id(digits):
        return "resident_id"
    if _MOBILE.fullmatch(digits):
        return "phone"
    if digits.isdigit() and len(digits) in _CARD and digits[0] in _ISSUERS and _luhn(digits):
        return "bank_card"
    return None


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B; blocks of zeros are what people type when they have no number."""
    if all(one == other for one, other in pairwise(digits)):
        return False
    doubled = [int(one) * (1 + at % 2) for at, one in enumerate(reversed(digits))]
    return sum(one // 10 + one % 10 for one in doubled) % 10 == 0
