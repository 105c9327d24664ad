"""Whether one name is made to be taken for another, and how much that says.

Pairs are found by blocking: names within one edit share a name with one letter left out (the deletion
neighbourhood of SymSpell, Bocek et al. 2007), names that hold another are found by one automaton for all
(Aho and Corasick 1975). What a likeness says is Bayes' rule over the ways of making it: of an imitation the
mark and the way must be chosen, which costs bits; of a coincidence the whole name must fall out so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import log2

import polars as pl

from chengxin.detection.names import confusables
from chengxin.detection.names.naming import Naming
from chengxin.detection.names.shop_names import claims, decorations, reading

WAYS = 10
"""Ways of imitating, taken to be equally usual: the choice of one costs log2 of it."""

LEAST_EDITED = 4
"""Letters that a Latin name must have before one changed letter is looked at."""

LEAST_HELD = 4

COMMON = 300
"""Names that hold a word up to which it is anybody's mark; one in more names is a word of the language."""

_SOUNDS = 30
"""Characters in use that share a syllable, about (3,500 common characters, 400 syllables, unevenly)."""
_COMMON_CHARACTERS = 3500


@dataclass(frozen=True)
class Likeness:
    """How a name is like a mark: the way, and what it says in bits (before which mark was chosen)."""

    way: str
    bits: float


def near(candidates: Sequence[str], marks: Sequence[str]) -> set[tuple[int, int]]:
    """Pairs (candidate, mark) that may be equal or one edit apart; to be looked at closely."""
    table: dict[str, list[int]] = {}
    for number, mark in enumerate(marks):
        for key in _shortened(mark):
            table.setdefault(key, []).append(number)
    return {
        (number, mark)
        for number, candidate in enumerate(candidates)
        for key in _shortened(candidate)
        if key in table
        for mark in table[key]
    }


def _shortened(text: str) -> set[str]:
    if not text:
        return set()
    return {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))} - {""}


def held(candidates: Sequence[str], marks: Sequence[str], least: int) -> set[tuple[int, int]]:
    """Pairs (candidate, mark) in which the candidate holds the mark, of at least `least` characters."""
    numbers: dict[str, list[int]] = {}
    for number, mark in enumerate(marks):
        if len(mark) >= least:
            numbers.setdefault(mark, []).append(number)
    if not numbers or not candidates:
        return set()
    found = pl.Series(candidates, dtype=pl.String).str.extract_many(sorted(numbers), overlapping=True)
    often = Counter(word for words in found.to_list() for word in words or ())
    return {
        (number, mark)
        for number, words in enumerate(found.to_list())
        for word in words or ()
        if often[word] <= COMMON or candidates[number] == word
        for mark in numbers[word]
    }


def edit(mark: str, other: str) -> tuple[str, float] | None:
    """The one edit that makes `other` of `mark`, and the bits of choosing it; None if it takes more.

    Ways: transposed, omitted, doubled, hyphenated, added, neighbour (on the keyboard), replaced.
    """
    start = 0
    while start < min(len(mark), len(other)) and mark[start] == other[start]:
        start += 1
    size = max(len(mark), 2)
    one, two = mark[start:], other[start:]
    way = ""
    match len(other) - len(mark):
        case 0 if one and one[1:] == two[1:]:
            beside = (one[0], two[0]) in confusables.beside_on_keyboard()
            way = "neighbour" if beside else "replaced"
        case 0 if len(one) > 1 and one[:2] == two[1::-1] and one[2:] == two[2:]:
            way = "transposed"
        case 1 if one == two[1:]:
            doubled = start > 0 and two[0] == other[start - 1]
            way = "hyphenated" if two[0] == "-" else "doubled" if doubled else "added"
        case -1 if one[1:] == two:
            way = "omitted"
    return (way, log2(size * _CHOICES.get(way, 1))) if way else None


_CHOICES = {"neighbour": 5, "replaced": 36, "added": 37}
"""What may be put at each place of a name; nothing is to be chosen when something is left out or doubled."""


def label_likeness(label: str, mark: str, naming: Naming) -> Likeness | None:
    """How a domain's label is like a mark's label (both decoded); None where it isn't.

    The same label under another suffix is `suffix`.
    """
    if label == mark:
        return Likeness("suffix", naming.bits(label, apart=(label, mark)) - log2(WAYS))
    shown, meant = confusables.skeleton(label), confusables.skeleton(mark)
    if shown == meant:
        # Each letter might have been put otherwise in a few ways.
        return Likeness(
            "confusable", naming.bits(label, apart=(label, mark)) - log2(WAYS * max(len(mark), 2) * 3)
        )
    found = [edited for edited in (_edited(label, mark, naming), _edited(shown, meant, naming)) if edited]
    found += [one for one in (_holding(label, mark, shown, meant, naming),) if one]
    return max(found, key=lambda one: one.bits, default=None)


def _edited(label: str, mark: str, naming: Naming, least: int = LEAST_EDITED) -> Likeness | None:
    if len(mark) < least or not (made := edit(mark, label)):
        return None
    return Likeness(made[0], naming.bits(label, apart=(label, mark)) - log2(WAYS) - made[1])


def _holding(label: str, mark: str, shown: str, meant: str, naming: Naming) -> Likeness | None:
    """The mark with something beside it: `gulang-official`; what it says depends on how rare the mark is."""
    pieces = [part for part in label.replace("_", "-").split("-") if part]
    joined = "".join(pieces)
    if "-" not in mark and joined == mark:
        return Likeness("hyphenated", naming.bits(mark, apart=(label, mark)) - log2(WAYS * max(len(mark), 2)))
    for text, sought, cost in ((label, mark, 0.0), (shown, meant, log2(max(len(mark), 2) * 3))):
        if sought not in text:
            continue
        rest = text.replace(sought, "-", 1)
        words = [word for word in rest.split("-") if word]
        decorated = bool(words) and all(_decorating(word, "domain") for word in words)
        if len(mark) < LEAST_HELD and not decorated:
            continue
        bits = naming.bits(mark, whole=False, apart=(label, mark)) - log2(WAYS) - cost
        if not decorated:
            return Likeness("held", bits - log2(WAYS))
        return Likeness("combined", bits + (2.0 if any(claims("domain", word) for word in words) else 0.0))
    return _decorated_edit(pieces, mark, naming)


def _decorated_edit(pieces: list[str], mark: str, naming: Naming) -> Likeness | None:
    """`gulagn-vip`: decorated and misspelt."""
    rest = [piece for piece in pieces if not _decorating(piece, "domain")]
    if len(rest) != 1 or len(rest) == len(pieces):
        return None
    found = _edited(rest[0], mark, naming)
    return Likeness(found.way, found.bits - 1.0) if found else None


def decorated(label: str, name: str) -> bool:
    """Whether a label is a name and nothing but decorations and figures in front of it or behind."""
    at = label.find(name)
    rests = (label[:at], label[at + len(name) :])
    return at >= 0 and all(_decorating(word, "domain") for rest in rests for word in rest.split("-") if word)


def besides(text: str, mark: str) -> bool:
    """Whether something other than decorations stands beside a mark that a name holds."""
    rest = text.replace(mark, "-", 1).split("-")
    return any(not _decorating(word, "domain") for word in rest if word)


def _decorating(word: str, kind: str) -> bool:
    """Whether a word is nothing but decorations and figures."""
    known = _decorating_words(kind)
    fits = [True] + [False] * len(word)
    for end in range(1, len(word) + 1):
        fits[end] = any(
            fits[start] and (word[start:end] in known or word[start:end].isdigit())
            for start in range(max(0, end - 12), end)
        )
    return fits[-1]


@cache
def _decorating_words(kind: str) -> frozenset[str]:
    return decorations(kind) | {confusables.skeleton(one) for one in decorations(kind)}


def name_likeness(name: str, mark: str, naming: Naming) -> Likeness | None:
    """How the core of a shop's name is like a mark's core (both from `shop_names.core`); None where it
    isn't.
    """
    if name == mark:
        if naming.at_most(name) < naming.least:
            return None
        return Likeness("same", naming.bits(name, apart=(name, mark)) - log2(WAYS))
    size = max(len(mark), 2)
    found: list[Likeness] = []
    if confusables.skeleton(name) == confusables.skeleton(mark):
        found.append(Likeness("confusable", naming.bits(name, apart=(name, mark)) - log2(WAYS * size * 3)))
    if len(name) == len(mark) and reading(name) == reading(mark):
        changed = sum(one != other for one, other in zip(name, mark, strict=True))
        found.append(
            Likeness(
                "homophone",
                naming.bits(name, apart=(name, mark)) - log2(WAYS * size) - changed * log2(_SOUNDS),
            )
        )
    if len(mark) >= 3 and len(name) >= 3 and (made := edit(mark, name)):
        far = log2(_COMMON_CHARACTERS / 36) if made[0] in ("replaced", "added", "neighbour") else 0.0
        found.append(Likeness(made[0], naming.bits(name, apart=(name, mark)) - log2(WAYS) - made[1] - far))
    if len(mark) >= 2 and mark in name and naming.at_most(mark) >= naming.least:
        found.append(Likeness("held", naming.bits(mark, whole=False, apart=(name, mark)) - 2 * log2(WAYS)))
    return max(found, key=lambda one: one.bits, default=None)


def pairs_of_names(names: Sequence[str], marks: Sequence[str]) -> set[tuple[int, int]]:
    """Pairs of cores that look, sound or are spelt nearly alike, or of which one holds the other."""
    looks = confusables.skeleton
    found = near([looks(name) for name in names], [looks(mark) for mark in marks])
    found = {
        pair for pair in found if len(marks[pair[1]]) >= 3 or looks(names[pair[0]]) == looks(marks[pair[1]])
    }
    sounds: dict[tuple[str, ...], list[int]] = {}
    for number, mark in enumerate(marks):
        sounds.setdefault(reading(mark), []).append(number)
    found |= {(number, mark) for number, name in enumerate(names) for mark in sounds.get(reading(name), ())}
    return found | held(names, marks, 2)


def pairs_of_labels(labels: Sequence[str], marks: Sequence[str]) -> set[tuple[int, int]]:
    """Pairs of labels that may be alike: as written, by their looks, and without their decorations."""
    looks = confusables.skeleton
    shown, meant = [looks(one) for one in labels], [looks(one) for one in marks]
    found = near(shown, meant) | held(shown, meant, 3)
    bare = ["".join(_undecorated(label)) for label in labels]
    return found | near(bare, list(marks))


def _undecorated(label: str) -> Iterable[str]:
    return [part for part in label.split("-") if part and not _decorating(part, "domain")]
