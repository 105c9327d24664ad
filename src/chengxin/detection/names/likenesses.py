"""Which sites and shops' names are like which certified marks, and what that says beside chance.

Chance is measured, not only modelled: names that nobody certified are put in the marks' place, and however
many likenesses they meet is what honest names come to by themselves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from chengxin.detection.names import imitation
from chengxin.detection.names.domains import Domain
from chengxin.detection.names.naming import Naming, learnt

STAND_INS = 2000
"""Names put in the marks' place, at most."""

FEWEST_MET = 3
"""So many likenesses of stand-ins are needed to speak of a rate; beyond the third-best the model goes on
alone.
"""

LETTERS, CHARACTERS = 40, 4000
"""Characters that labels and shops' names might be written with, about."""

LEAST_SAID = 6.0
"""Bits: a word that more than one in 64 names hold can't be told from chance."""

_CROWD = 3
"""Owners of one and the same name up to which they may be a gang; more share a common word."""

_SIGNALS = 5
"""Signals of a kind, by any of which an imitation may be seen."""


@dataclass(frozen=True)
class Mark:
    """A certified site: whose it is, how it is shown, its domain in parts, the cores of the names it goes
    by.
    """

    owner: str | None
    shown: str
    title: str
    domain: Domain | None
    names: tuple[str, ...]


@dataclass(frozen=True)
class Like:
    """A likeness of a name to a mark: the way, and what it says in bits, the choice of the mark included."""

    mark: Mark
    way: str
    bits: float


Compare = Callable[[str, str, Naming], imitation.Likeness | None]
Pairs = Callable[[Sequence[str], Sequence[str]], set[tuple[int, int]]]


def to_marks(
    owners: Mapping[str, set[str]],
    marks: Sequence[tuple[str, Mark]],
    *,
    pairs: Pairs,
    compare: Compare,
    signal: Callable[[str], str],
    alphabet: int,
) -> dict[str, list[Like]]:
    """The likenesses of each name to marks, `way` put into the words of `signal`.

    `owners` holds the candidates, each with those who bear it; `marks` the names to be protected. Whether a
    bearer is the mark's owner is the caller's to ask.
    """
    texts = sorted(owners)
    if not texts or not marks:
        return {}
    protected = {name for name, _ in marks}
    honest = [text for text in texts if text not in protected]
    step = -(-len(honest) // STAND_INS) if honest else 1
    stand_ins = honest[::step]
    sought = [name for name, _ in marks] + stand_ins
    found_pairs = sorted(pairs(texts, sought))
    naming = _naming(texts, sought, found_pairs, owners, alphabet)
    choice = log2(len({mark.shown for _, mark in marks}))
    # What says less than the choice of a mark costs can't come to anything.
    naming.least = max(choice, LEAST_SAID)
    likes: dict[str, list[Like]] = {}
    met: dict[str, dict[int, float]] = {}
    for text, number in found_pairs:
        name = texts[text]
        protects = number < len(marks)
        # A stand-in doesn't meet its own owner, but whoever else bears its name.
        if (
            not protects
            and owners[name] <= owners[sought[number]]
            and (name != sought[number] or len(owners[name]) < 2)
        ):
            continue
        like = compare(name, sought[number], naming)
        if like is None:
            continue
        way = signal(like.way)
        if protects:
            likes.setdefault(name, []).append(Like(marks[number][1], way, like.bits))
        elif name not in likes and name not in protected:
            best = met.setdefault(way, {})
            best[text] = max(best.get(text, -99.0), like.bits)
    rate = len(marks) / max(len(stand_ins), 1) / len(texts)
    measured = {way: sorted(-bits for bits in best.values()) for way, best in met.items()}
    return {
        name: [
            Like(one.mark, one.way, _calibrated(one.bits, choice, measured.get(one.way, []), rate))
            for one in some
        ]
        for name, some in likes.items()
    }


def _calibrated(bits: float, choice: float, met: Sequence[float], rate: float) -> float:
    """What a likeness says: no more than by the model, nor than by how often stand-ins met as much.

    `met`: the bits of their likenesses, negative, ascending; `rate`: the chance of a name to meet a mark
    for each.
    """
    modelled = bits - choice
    if len(met) < FEWEST_MET:
        return modelled
    edge = -met[FEWEST_MET - 1]
    as_many = max(bisect_left(met, -min(bits, edge) + 1e-9), FEWEST_MET)
    measured = -log2(as_many * rate) - log2(_SIGNALS) + max(bits - edge, 0.0)
    return min(modelled, measured)


def _naming(
    texts: Sequence[str],
    marks: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    owners: Mapping[str, set[str]],
    alphabet: int,
) -> Naming:
    """What names are like; a word that stands in many names beside all sorts of things is a common one."""
    naming = learnt(texts, alphabet=alphabet)
    naming.owners = Counter({text: max(len(some) - _CROWD, 0) for text, some in owners.items()})
    holding: dict[str, set[str]] = {}
    for text, mark in pairs:
        if marks[mark] in texts[text] and imitation.besides(texts[text], marks[mark]):
            holding.setdefault(marks[mark], set()).update(owners[texts[text]])
    for held, some in holding.items():
        naming.owners[held] = max(naming.owners[held], len(some) - 1)
    return naming


def common_endings(cores: Sequence[str]) -> frozenset[str]:
    """Endings of two characters that many names have: the trade (食品, 服饰), as these data have it."""
    ends = Counter(core[-2:] for core in set(cores) if len(core) >= 4)
    least = max(5, len(set(cores)) // 200)
    return frozenset(end for end, many in ends.items() if many >= least)
