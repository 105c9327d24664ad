"""Lines of Chinese and Latin text: where a line may end (GB/T 15834, and W3C's requirements for Chinese).

Pure. A line may end between two Chinese characters, but never before a closing mark or after an opening one;
words, numbers and codes stay whole where they fit on a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Measure = Callable[[str], float]
"""Width of a text, in any unit."""

_NOT_FIRST = frozenset("，。、；：？！）》」』】〕”’…—·％%,.;:?!)]}›»℃°")
_NOT_LAST = frozenset("（《「『【〔“‘([{‹«￥$")
_UNITS = frozenset("条款项年月日元万件家号页个次岁")
"""Stay with the number before them."""

_WORD = re.compile(r"[A-Za-z0-9À-ɏ]+(?:[-_./:@+'’#&=?]{1,3}[A-Za-z0-9À-ɏ]+)*|\s+|.", re.DOTALL)
MISSING = "〓"
"""What printers set where they have no type (U+3013)."""


def printable(text: str, known: Callable[[str], bool]) -> str:
    """Text with only characters that the type has; others become 〓, what can't be seen becomes a space."""
    if text.isascii() and text.isprintable():
        return text
    seen = (one if known(one) else " " if not one.isprintable() else MISSING for one in text)
    return "".join(seen)


def mostly_chinese(text: str) -> bool:
    """Whether a line may be spread by a little room between its characters, as Chinese is and Latin isn't."""
    return 2 * sum(one > "\u2e7f" for one in text) > len(text)


def wrapped(text: str, width: float, measure: Measure) -> list[str]:
    """The lines of a text that is at most `width` wide; at least one, and each line feed ends one."""
    return [line for part in text.split("\n") for line in _wrapped(part, width, measure)]


def _wrapped(text: str, width: float, measure: Measure) -> Iterator[str]:
    line, taken = "", 0.0
    for piece in _pieces(text):
        wide = measure(piece)
        if taken + measure(piece.rstrip()) <= width:
            line, taken = line + piece, taken + wide
            continue
        if line.strip():
            yield line.rstrip()
            line, taken = "", 0.0
        line = piece.lstrip()
        while measure(line) > width and len(line) > 1:  # a word wider than the line
            fits = next((at for at in range(1, len(line)) if measure(line[: at + 1]) > width), 1)
            yield line[:fits]
            line = line[fits:]
        taken = measure(line)
    yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Parts that stay together: a word, or a character with the marks that cling to it."""
    held = ""
    for found in _WORD.finditer(text):
        part = found[0]
        clings = part[0] in _NOT_FIRST or part.isspace() or (held[-1:].isdigit() and part in _UNITS)
        if held and not clings and held[-1] not in _NOT_LAST:
            yield held
            held = ""
        held += part
    if held:
        yield held
