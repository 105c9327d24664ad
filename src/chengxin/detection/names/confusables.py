"""What looks alike: letters of other scripts, digits for letters, characters that differ by a stroke.

Two texts with one skeleton can be taken for one another (Unicode Technical Standard #39, section 4). The
table `confusables.csv` is ours and short: what is met in the names of shops and sites.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

TABLE = Path(__file__).with_name("confusables.csv")

KEYBOARD = ("1234567890-", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def _rows(kind: str) -> Iterator[tuple[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["kind"] == kind:
                yield row["meant"], row["seen"]


@cache
def _letters() -> dict[int, str]:
    return {ord(seen): meant for meant, many in _rows("letter") for seen in many}


@cache
def _runs() -> tuple[tuple[str, str], ...]:
    return tuple((seen, meant) for meant, seen in _rows("run"))


@cache
def _characters() -> dict[int, str]:
    return {ord(seen): meant for meant, many in _rows("character") for seen in many}


@cache
def _simplified() -> dict[int, str]:
    """Traditional to simplified, by OpenCC's table (first candidate)."""
    text = (resources.files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.partition("\t")[::2] for line in text.splitlines() if line)
    return {ord(one): many.split(" ")[0] for one, many in pairs if len(one) == 1 and many.split(" ")[0]}


def plain(text: str) -> str:
    """The text as it is meant to be read by a machine: one width, small letters, simplified characters."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_simplified())


@cache
def skeleton(text: str) -> str:
    """What the eye makes of a text: equal for texts that can be taken for one another.

    Accents go, letters of other scripts and digits become the Latin letter that they resemble, `rn` m and
    `vv` w, and characters that differ by a stroke become one of them.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain(text)) if not unicodedata.combining(c))
    shown = bare.translate(_letters()).translate(_characters())
    for seen, meant in _runs():
        shown = shown.replace(seen, meant)
    return shown


def in_one_script(text: str) -> bool:
    """Whether the letters of a text belong to one script: a name written in two is made to deceive.

    Latin beside Chinese is usual and counts as one.
    """
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in text if c.isalpha()}
    return len(scripts - {"CJK"}) <= 1 and not scripts & {"FULLWIDTH", "MATHEMATICAL"}


@cache
def beside_on_keyboard() -> frozenset[tuple[str, str]]:
    """Pairs of keys that touch on the usual keyboard, both ways."""
    # A row is set half a key to the right of the one above it.
    where = {key: (x + y / 2, y) for y, row in enumerate(KEYBOARD) for x, key in enumerate(row)}
    return frozenset(
        (one, other)
        for one, (x, y) in where.items()
        for other, (u, v) in where.items()
        if one != other and abs(y - v) <= 1 and np.hypot(x - u, y - v) < 1.2
    )
