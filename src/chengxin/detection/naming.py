"""How likely a name is by chance: a model of the names in the lake, learnt from all of them.

A name built of what everybody's names are built of is found twice by accident; a rare one isn't.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf, log2

ORDER = 3
"""Characters that the next one depends on, itself included."""

MOST_LEARNT = 60_000
"""Names are learnt from; more make the model no better."""

_START, _END = "\x02", "\x03"


@dataclass
class Naming:
    """How often characters follow one another in names; `owners` counts who has each name.

    Interpolated by Witten and Bell's rule (IEEE Trans. Inf. Theory 37, 1991): what follows a context in many
    ways leaves much to what has not been seen yet.
    """

    counts: dict[str, Counter[str]]
    alphabet: int
    size: int
    learnt_from: frozenset[str]
    totals: dict[str, int]
    owners: Counter[str] = field(default_factory=Counter)

    def bits(self, text: str, *, whole: bool = True, apart: Iterable[str] = ()) -> float:
        """−log2 of the chance that an unrelated name is this one, or (`whole` false) holds it.

        `apart` are names that were learnt from but must not speak for themselves. What is really found among
        others, by `owners`, counts where it is more than the model expects.
        """
        modelled = self._spelt(text, whole, _ngrams(set(apart) & self.learnt_from))
        others = self.owners[text]
        return min(modelled, log2(max(self.size, 2) / others)) if others > 0 else modelled

    def _spelt(self, text: str, whole: bool, less: dict[str, Counter[str]]) -> float:
        if not text:
            return 0.0
        before = _START * (ORDER - 1) if whole else ""
        total = 0.0
        for c in text + (_END if whole else ""):
            total -= log2(self._chance(before[-(ORDER - 1) :], c, less))
            before += c
        # A part can stand at several places of a name: it is begun anywhere.
        return total if whole else max(total - 2.0, 0.0)

    def _chance(self, before: str, c: str, less: dict[str, Counter[str]]) -> float:
        lower = self._chance(before[1:], c, less) if before else 1.0 / self.alphabet
        known, gone = self.counts.get(before, _NONE), less.get(before, _NONE)
        total = self.totals.get(before, 0) - gone.total()
        if total <= 0:
            return lower
        kinds = len(known) - sum(known[one] <= many for one, many in gone.items())
        return (max(known[c] - gone[c], 0) + kinds * lower) / (total + kinds)


_NONE: Counter[str] = Counter()


def _ngrams(names: Iterable[str]) -> dict[str, Counter[str]]:
    """What follows each context of up to `ORDER` − 1 characters, how often."""
    counts: dict[str, Counter[str]] = {}
    for name in names:
        text = _START * (ORDER - 1) + name + _END
        for place in range(ORDER - 1, len(text)):
            for length in range(ORDER):
                counts.setdefault(text[place - length : place], Counter())[text[place]] += 1
    return counts


def learnt(names: Iterable[str], *, alphabet: int) -> Naming:
    """The model of these names, each counted once; `alphabet` is how many characters there might be."""
    distinct = sorted(set(names))
    step = -(-len(distinct) // MOST_LEARNT) if distinct else 1
    kept = distinct[::step]
    counts = _ngrams(kept)
    totals = {before: follows.total() for before, follows in counts.items()}
    return Naming(counts, alphabet, len(distinct), frozenset(kept), totals)


def odds(bits: float) -> float:
    """Evidence in bits as a score: 0.5 for none either way, rising slowly so that the strong stay apart."""
    return 1 / (1 + 2 ** (-bits / 4)) if bits > -inf else 0.0
