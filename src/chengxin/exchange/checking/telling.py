"""Problems of values, in the words of words.toml; what of a sent value may stand in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from chengxin.kernel import identifiers
from chengxin.kernel.problems import Problem
from chengxin.rulebook.catalogue import Field

SHOWN = 60  # characters
_SHORTEST = 11  # characters of the shortest number of a person
_LOOKED_AT = 400  # characters in which such numbers are sought

# A resident number anywhere, even one mistyped: a date of birth stands in its middle. A mobile number.
_RESIDENT = r"[1-8][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
_PERSONAL = re.compile(rf"(?<![0-9A-Za-z])(?:({_RESIDENT})|(1[3-9][0-9]{{9}}))(?![0-9A-Za-z])")


@dataclass(frozen=True)
class _Words:
    zh: str
    en: str
    mend_zh: str
    mend_en: str


_OWN = re.compile(r"\{(name|name_en|example)\}")
_BRACES = str.maketrans("{}", "｛｝")  # so that a name never passes for a detail to be filled in
_TABLE = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
_WORDS: Mapping[str, _Words] = {rule: _Words(**words) for rule, words in _TABLE.items()}
RULES: tuple[str, ...] = tuple(_WORDS)
"""The ids of all rules that a value can break."""


def tell(rule: str, field: Field, text: str | None, /, **details: object) -> Problem:
    """The problem of a field that breaks a rule. text: what was sent there, None for nothing."""
    value = None if text is None else shown(field, text)
    zh, en, mend_zh, mend_en = _about(rule, field.name_zh, field.name_en, field.example)
    if not details:
        return Problem(field.code, value, rule, zh, en, mend_zh, mend_en)
    return Problem(
        field.code,
        value,
        rule,
        zh.format_map(details),
        en.format_map(details),
        mend_zh.format_map(details),
        mend_en.format_map(details),
    )


@lru_cache(maxsize=4096)
def _about(rule: str, name: str, name_en: str, example: str) -> tuple[str, str, str, str]:
    """The words of a rule with the field's own names in them."""
    words, known = _WORDS[rule], {"name": name, "name_en": name_en, "example": example}

    def told(text: str) -> str:
        return _OWN.sub(lambda found: known[found[1]].translate(_BRACES), text)

    return told(words.zh), told(words.en), told(words.mend_zh), told(words.mend_en)


def shown(field: Field, text: str) -> str:
    """The value as it may be shown: masked in personal fields, long ones cut, never a person's number."""
    if field.type in {"personal", "phone"}:
        return identifiers.mask(field.type, text)
    if field.disclosure == "never":
        return identifiers.mask("personal", text)
    if len(text) < _SHORTEST:
        return text
    masked = _PERSONAL.sub(_masked, text[:_LOOKED_AT])
    return masked if len(masked) <= SHOWN else masked[:SHOWN] + "……"


def _masked(found: re.Match[str]) -> str:
    return identifiers.mask("resident_id" if found[1] else "phone", found[0])
