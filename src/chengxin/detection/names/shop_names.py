"""What tells a shop or a site from others: its name without the words that decorate it."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import orjson

from chengxin.detection.names.confusables import plain
from chengxin.rulebook import places

WORDS = Path(__file__).with_name("naming.toml")

_LEAST = 2
"""Characters that must be left: fewer tell nothing apart."""


@cache
def _declared() -> dict[str, dict[str, tuple[str, ...]]]:
    words = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return {
        kind: {name: tuple(plain(word) for word in some) for name, some in lists.items()}
        for kind, lists in words.items()
    }


@cache
def decorations(kind: str) -> frozenset[str]:
    """The words that decorate names of a kind (`shop`, `domain`)."""
    return frozenset(word for some in _declared()[kind].values() for word in some)


def claims(kind: str, rest: str) -> bool:
    """Whether what stands beside a name passes for its owner (official, flagship)."""
    return any(word in rest for word in _declared()[kind]["claims"])


@cache
def _regions() -> frozenset[str]:
    names = {region.name for region in places.regions()}
    short = {name[:-1] for name in names if len(name) > 2 and name[-1] in "省市县"}
    return frozenset(names | short)


@cache
def _aside(regions: bool) -> tuple[frozenset[str], int]:
    known = decorations("shop") | (_regions() if regions else frozenset())
    return known, max(map(len, known))


@cache
def tidy(name: str) -> str:
    """A shop's name in one spelling: one width, simplified, small letters, without signs and spaces."""
    return "".join(c for c in plain(name) if unicodedata.category(c)[0] in "LN")


@cache
def core(name: str, *, regions: bool = True) -> str:
    """What is left of a shop's name without decorations and forms, and (`regions`) without regions in front
    or behind; never under two characters.

    `福州鼓浪官方旗舰店` and `鼓浪 专卖店（福州）` give `鼓浪`. A region may also be
    a part of the name (古浪 is a county): whoever compares names looks at both.
    """
    rest = tidy(name)
    while True:
        shorter = _shortened(rest, regions)
        if shorter == rest:
            return rest
        rest = shorter


def forms(name: str) -> list[str]:
    """The cores that a name may be taken for: without regions and with them."""
    return sorted({core(name), core(name, regions=False)} - {""})


def _shortened(text: str, regions: bool) -> str:
    known, longest = _aside(regions)
    for length in range(min(longest, len(text) - _LEAST), 0, -1):
        if text[:length] in known:
            return text[length:]
        if text[-length:] in known:
            return text[:-length]
    return text


@cache
def _readings() -> dict[str, str]:
    """How characters are read, by code point, readings parted by commas: the table that comes with pypinyin.

    Read from its file: the library itself reads a much larger one of phrases first, a second each time.
    """
    found = find_spec("pypinyin")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pypinyin")
    table = Path(found.origin).with_name("pinyin_dict.json")
    readings: dict[str, str] = orjson.loads(table.read_bytes())
    return readings


@cache
def _sound(character: str) -> str:
    """The first reading of a character without its tone; the character itself where it has none."""
    return _toneless(_readings().get(str(ord(character)), "").partition(",")[0]) or character


def _toneless(marked: str) -> str:
    letters = unicodedata.normalize("NFD", marked).replace("u\u0308", "v")
    return "".join(c for c in letters if c.isascii() and c.isalpha())


@cache
def reading(text: str) -> tuple[str, ...]:
    """How a text sounds: a syllable without tone for each Chinese character, other characters as they are."""
    return tuple(map(_sound, text))


def has_han(text: str) -> bool:
    """Whether Chinese characters stand in a text."""
    return any("\u3400" <= c <= "\u9fff" for c in text)
