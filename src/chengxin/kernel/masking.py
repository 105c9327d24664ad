"""What of a personal detail may be shown to those who need not know it (PIPL art. 51: de-identification)."""

from __future__ import annotations

import re
from collections.abc import Callable

HIDDEN_AT_LEAST = 4  # fewer stars than this could be guessed, so a short text shows its first character only
CLOSED = "****"  # fixed length: says nothing about what is behind it

# Two-character surnames still in use; every other Chinese name is taken to have a surname of one character.
_COMPOUND = (
    "欧阳司马上官诸葛司徒东方独孤南宫夏侯皇甫尉迟公孙慕容令狐长孙宇文闻人端木西门"
    "司空轩辕百里呼延澹台公冶宗政濮阳淳于太叔申屠仲孙鲜于闾丘钟离亓官拓跋歐陽司馬諸葛"
)
COMPOUND_SURNAMES = frozenset(_COMPOUND[at : at + 2] for at in range(0, len(_COMPOUND), 2))

_ADDRESS_HEAD = re.compile(
    r"(?:[\u4e00-\u9fff]{2,8}?(?:特别行政区|自治区|省))?"
    r"(?:[\u4e00-\u9fff]{2,10}?(?:自治州|地区|盟|市))?"
    # A county, not a housing estate (小区), community (社区), park (园区) or campus (校区, 厂区).
    r"(?:[\u4e00-\u9fff]{1,8}?(?:自治县|县|旗|市|(?<![小社园校厂])区))?"
)


def _ends(text: str, first: int, last: int) -> str:
    """Keep the first and last characters; a text too short to hide four between them shows its first only."""
    hidden = len(text) - first - last
    if hidden < HIDDEN_AT_LEAST:
        return text[:1] + "*" * (len(text) - 1) if len(text) > 1 else "*" * len(text)
    return text[:first] + "*" * hidden + (text[-last:] if last else "")


def _personal_id(text: str) -> str:
    return _ends(text, 4, 2)


def _passport(text: str) -> str:
    return _ends(text, 1, 2)


def _bank_card(text: str) -> str:
    return _ends(text, 0, 4)


def _phone(text: str) -> str:
    return _ends(text, 3, 4)


def _person(text: str) -> str:
    surname = 2 if text[:2] in COMPOUND_SURNAMES and len(text) > 2 else 1
    if len(text) <= surname:
        return "*" * len(text)
    return text[:surname] + "*" * (len(text) - surname)


def _email(text: str) -> str:
    name, at, domain = text.rpartition("@")
    return name[:1] + CLOSED + at + domain if at and len(name) > 1 else CLOSED + at + (domain if at else "")


def _address(text: str) -> str:
    head = _ADDRESS_HEAD.match(text)
    return (head.group() if head else "") + CLOSED


_KINDS: dict[str, Callable[[str], str]] = {
    "resident_id": _personal_id,
    "passport": _passport,
    "travel_permit": _passport,
    "foreign_resident_id": _personal_id,
    "personal": _personal_id,
    "phone": _phone,
    "bank_card": _bank_card,
    "person": _person,
    "address": _address,
    "email": _email,
}


def mask_personal(kind: str, text: str) -> str:
    """Hide the telling part of a personal detail.

    `kind` is one of `resident_id`, `passport`, `travel_permit`, `foreign_resident_id`, `personal` (some
    number of a person), `phone`, `bank_card`, `person` (a name), `address`, `email`. An identity number
    keeps 4 + 2 characters, a phone 3 + 4, a passport 1 + 2, a bank card its last 4, a name the surname, an
    address its county, an e-mail its first letter and domain. A kind that is not known is hidden
    altogether.
    """
    stripped = text.strip()
    hide = _KINDS.get(kind)
    return hide(stripped) if hide and stripped else CLOSED if stripped else ""
