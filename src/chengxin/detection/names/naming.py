"""How likely a name is by chance: a model of the names in the lake, learnt from all of them.

A name built of what everybody's names are built of is found twice by accident; a rare one isn't.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf, log2

ORDER = 3
"""Characters that the next one depends on, itself included."""

MOST_LEARNT = 60_000
"""Names are learnt from; more make the model no better."""

_START, _END = "\x02", "\x03"


@dataclass
class Naming:
    """How often characters follow one another in names; `owners` counts who has each name, `least` is how
    many bits a name must have to be worth reckoning.

    Interpolated by Witten and Bell's rule (IEEE Trans. Inf. Theory 37, 1991): what follows a context in
    many ways leaves much to what has not been seen yet.
    """

    counts: dict[str, Counter[str]]
    alphabet: int
    size: int
    learnt_from: frozenset[str]
    totals: dict[str, int]
    owners: Counter[str] = field(default_factory=Counter)
    least: float = 0.0

    def at_most(self, text: str) -> float:
        """What `bits` can be at most, known without reckoning: by how many others have the name."""
        others = self.owners[text]
        return log2(max(self.size, 2) / others) if others > 0 else inf

    def bits(self, text: str, *, whole: bool = True, apart: Iterable[str] = ()) -> float:
        """−log2 of the chance that an unrelated name is this one, or (`whole` false) holds it.

        `apart` are names that were learnt from but must not speak for themselves. What is really found among
        others, by `owners`, counts where it is more than the model expects.
        """
        less = [_follows(name) for name in set(apart) & self.learnt_from]
        return min(self._spelt(text, whole, less), self.at_most(text))

    def _spelt(self, text: str, whole: bool, less: list[Mapping[str, str]]) -> float:
        if not text:
            return 0.0
        before = _START * (ORDER - 1) if whole else ""
        total = 0.0
        for c in text + (_END if whole else ""):
            total -= log2(self._chance(before[-(ORDER - 1) :], c, less))
            before += c
        # A part can stand at several places of a name: it is begun anywhere.
        return total if whole else max(total - 2.0, 0.0)

    def _chance(self, before: str, c: str, less: list[Mapping[str, str]]) -> float:
        lower = self._chance(before[1:], c, less) if before else 1.0 / self.alphabet
        known = self.counts.get(before)
        if known is None:
            return lower
        gone = "".join(follows[before] for follows in less if before in follows)
        total, kinds = self.totals[before] - len(gone), len(known)
        if total <= 0:
            return lower
        kinds -= sum(known[one] <= gone.count(one) for one in set(gone))
        return (max(known[c] - gone.count(c), 0) + kinds * lower) / (total + kinds)


def _ngrams(name: str) -> Iterator[tuple[str, str]]:
    """Each character of a name with the contexts of up to `ORDER` − 1 characters before it."""
    text = _START * (ORDER - 1) + name + _END
    for place in range(ORDER - 1, len(text)):
        for length in range(ORDER):
            yield text[place - length : place], text[place]


@lru_cache(maxsize=100_000)
def _follows(name: str) -> Mapping[str, str]:
    """What follows each context within a name."""
    found: dict[str, str] = {}
    for before, c in _ngrams(name):
        found[before] = found.get(before, "") + c
    return found


def learnt(names: Iterable[str], *, alphabet: int) -> Naming:
    """The model of these names, each counted once; `alphabet` is how many characters there might be."""
    distinct = sorted(set(names))
    step = -(-len(distinct) // MOST_LEARNT) if distinct else 1
    kept = distinct[::step]
    counts: dict[str, Counter[str]] = {}
    for name in kept:
        for before, c in _ngrams(name):
            counts.setdefault(before, Counter())[c] += 1
    totals = {before: follows.total() for before, follows in counts.items()}
    return Naming(counts, alphabet, len(distinct), frozenset(kept), totals)


def odds(bits: float) -> float:
    """Evidence in bits as a score: 0.5 for none either way, rising slowly so that the strong stay apart."""
    return 1 / (1 + 2 ** (-bits / 4)) if bits > -inf else 0.0
