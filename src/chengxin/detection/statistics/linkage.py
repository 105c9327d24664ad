"""Whether two records are of one person: agreements weighed by how rare they are (Fellegi and Sunter,
Journal of the American Statistical Association 64, 1969).

How often a true pair agrees is learnt by the EM rule (Winkler 1988) from the pairs at hand, held near a
first guess where there are few; how often an untrue pair agrees is counted for each value (Winkler 1989): a
telephone shared by two says much, an address shared by a market hall nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

ROUNDS = 12
GUESS = 6.0
"""How many true pairs the first guess is worth."""


@dataclass(frozen=True)
class Compared:
    """A field of all pairs: which level each pair shows (−1 where it can't be said), and how likely an untrue
    pair shows it (`by_chance`, for each pair the chance of the level that it shows)."""

    level: NDArray[np.int64]
    by_chance: Numbers
    guess: tuple[float, ...]
    """How often a true pair shows each level, guessed; adds up to one."""


def weigh(fields: Mapping[str, Compared], before: float) -> tuple[dict[str, Numbers], Numbers]:
    """The weight of each field in bits, and their sum with `before` (the bits of being a true pair, unseen).

    Fields are taken to be independent given whether a pair is true.
    """
    names = sorted(fields)
    often = {name: np.asarray(fields[name].guess) for name in names}
    weights = {name: _weights(fields[name], often[name]) for name in names}
    total = before + _summed(weights, names)
    for _ in range(ROUNDS):
        true = 1 / (1 + 2.0 ** -np.clip(total, -60, 60))
        for name in names:
            field = fields[name]
            known = field.level >= 0
            # Sums in the order of size: the same for every order of rows.
            seen = np.array(
                [np.sum(np.sort(true[known & (field.level == at)])) for at in range(len(field.guess))]
            )
            often[name] = (seen + GUESS * np.asarray(field.guess)) / (seen.sum() + GUESS)
        weights = {name: _weights(fields[name], often[name]) for name in names}
        total = before + _summed(weights, names)
    return weights, total


def _weights(field: Compared, often: Numbers) -> Numbers:
    known = field.level >= 0
    ratio = np.log2(often[np.maximum(field.level, 0)] / np.clip(field.by_chance, 1e-9, 1.0))
    return np.where(known, ratio, 0.0)


def _summed(weights: Mapping[str, Numbers], names: list[str]) -> Numbers:
    return np.asarray(np.sum([weights[name] for name in names], axis=0), dtype=np.float64)


def components(edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The connected groups of a graph, each sorted, in the order of their first members."""
    over: dict[str, str] = {}

    def top(node: str) -> str:
        while over.setdefault(node, node) != node:
            over[node] = over[over[node]]
            node = over[node]
        return node

    for one, other in edges:
        first, last = sorted((top(one), top(other)))
        over[last] = first
    groups: dict[str, list[str]] = {}
    for node in sorted(over):
        groups.setdefault(top(node), []).append(node)
    return sorted(groups.values())
