"""Reading coded values: a choice in any harmless spelling, or by its Chinese label; lists of choices.

What is not certainly one of the choices is not read: `nearest` names the one that may have been meant, and
the sender decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from chengxin.kernel.text import fold
from chengxin.rulebook.catalogue import Field

_LINES = re.compile(r"\s*[\r\n\u2028\u2029]+\s*")
_DASHES = "-－—–‐−:："
_SEPARATORS = ";；，,、\r\n"
_LIKE_ENOUGH = 0.5
_COMPARED = 60  # characters of a value that are compared: no choice is longer
_LONGEST = 10_000  # characters of a list; a longer one is none


def loose(text: str) -> str:
    """The text without what senders vary without meaning it: width, case, blanks."""
    return "".join(fold(text, "upper").split())


def _pairs(text: str) -> frozenset[str]:
    """The characters and pairs of neighbours of a text, by which likeness is measured."""
    return frozenset([*text, *(text[at : at + 2] for at in range(len(text) - 1))])


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two sets share (Dice): 1 for the same, 0 for none."""
    return 2 * len(one & other) / (len(one) + len(other) or 1)


@dataclass(frozen=True)
class _Shape:
    """A choice as it is compared: first its characters, and only if they are alike its pairs of them."""

    value: str
    signs: frozenset[str]
    pairs: frozenset[str]


@dataclass(frozen=True)
class Choices:
    """The choices of one field of type code or codes."""

    field: Field

    def read(self, text: str) -> str | None:
        """The value as the archive keeps it, or None when it is none of the choices."""
        if self.field.type == "codes":
            found, strange = self.parts(text)
            return (self.field.separator or "").join(found) if found and not strange else None
        return self._closed(text) or self._open(text)

    def parts(self, text: str) -> tuple[list[str], list[str]]:
        """The choices that a list names, each once, in its order, and the parts that are none.

        Lists may be joined by the field's separator or by ；，、 or line breaks. Where a choice has such a
        sign in itself, the longest choice that fits is taken; what follows "其他-" belongs to it up to the
        next choice.
        """
        if len(text) > _LONGEST:
            return [], [text]
        pieces = self._splitting.split(text)  # value, sign, value, sign, …, value
        found: dict[str, None] = {}
        strange: list[str] = []
        at = 0
        while at < len(pieces):
            if not pieces[at].strip():
                at += 2
                continue
            value, following = self._longest(pieces, at)
            if value is not None:
                found[value] = None
            else:
                strange.append(pieces[at].strip())
            at = following
        return list(found), strange

    def strange(self, text: str) -> str:
        """What of an unread text is none of the choices: of a list its first such part."""
        if self.field.type == "codes":
            _, strange = self.parts(text)
            return strange[0] if strange else text
        return text

    def nearest(self, text: str) -> str | None:
        """The choice that looks most like the text, or None when none is like it."""
        spelled = loose(text[:_COMPARED])
        signs = frozenset(spelled)
        likely = [
            one
            for one in self._shapes
            if not signs.isdisjoint(one.signs) and _likeness(signs, one.signs) >= _LIKE_ENOUGH
        ]
        if not likely:
            return None
        pairs = _pairs(spelled)
        return max(likely, key=lambda one: _likeness(pairs, one.pairs)).value

    @cached_property
    def listed(self) -> str:
        """All choices in a line, coded ones with their meaning: 1（有效）、2（无效）、其他-……."""
        labels = self.field.labels_zh
        words = [
            value if labels[value] == value else f"{value}（{labels[value]}）" for value in self.field.choices
        ]
        if self.field.open_choice is not None:
            words.append(f"{self.field.open_choice}……")
        return "、".join(words)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """Loose spelling → choice: of the values, of their labels, of numbers as spreadsheets write them."""
        known: dict[str, str] = {}
        for value in self.field.choices:
            known.setdefault(loose(self.field.labels_zh[value]), value)
        for value in self.field.choices:
            if value.isdecimal():
                known[f"{value}.0"] = value
        return known | {loose(value): value for value in self.field.choices}

    @cached_property
    def _shapes(self) -> tuple[_Shape, ...]:
        words = [(value, value) for value in self.field.choices]
        words += [(value, label) for value, label in self.field.labels_zh.items() if label != value]
        spelled = [(value, loose(word)) for value, word in words]
        return tuple(_Shape(value, frozenset(word), _pairs(word)) for value, word in spelled)

    @cached_property
    def _splitting(self) -> re.Pattern[str]:
        return re.compile("([" + re.escape(_SEPARATORS + (self.field.separator or "")) + "])")

    @cached_property
    def _reach(self) -> int:
        """How many pieces the choice with most separating signs takes up."""
        return max(len(self._splitting.split(value)) for value in self.field.choices)

    def _closed(self, text: str) -> str | None:
        return self._spellings.get(loose(text))

    def _open(self, text: str) -> str | None:
        opening = self.field.open_choice
        if opening is None:
            return None
        told = _LINES.sub(" ", text.strip())
        if told.startswith(opening) and told[len(opening) :].strip():
            return told
        stem = opening.rstrip(_DASHES)
        rest = told.removeprefix(stem).lstrip()
        if stem and told.startswith(stem) and rest[:1] and rest[0] in _DASHES:
            detail = rest.lstrip(_DASHES + " \u3000")
            return opening + detail if detail else None
        return None

    def _longest(self, pieces: list[str], at: int) -> tuple[str | None, int]:
        """The choice that begins with the piece `at`, and the piece after it."""
        known = self._known_at(pieces, at)
        if known is not None:
            return known
        following = at + 2
        if self._open(pieces[at]) is None:
            return None, following
        while following < len(pieces) and pieces[following - 1] != self.field.separator:
            if self._known_at(pieces, following) is not None:
                break
            following += 2
        return self._open("".join(pieces[at : following - 1]).rstrip(_SEPARATORS + " ")), following

    def _known_at(self, pieces: list[str], at: int) -> tuple[str, int] | None:
        for end in range(min(at + self._reach, len(pieces)), at, -1):
            if (end - at) % 2:
                value = self._closed("".join(pieces[at:end]))
                if value is not None:
                    return value, end + 1
        return None


@lru_cache(maxsize=1024)
def choices(field: Field) -> Choices:
    """The choices of a field, prepared once."""
    return Choices(field)
