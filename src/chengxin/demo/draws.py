"""Random draws that are a pure function of (seed, stream, id), for whole columns at once.

A counter-based generator (SplitMix64, Steele, Lea and Flood 2014) in Polars expressions: the same id gives
the same draw in whatever chunk it is asked for, so a subject is described anew wherever it is needed
and a million of them need no memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

_GOLDEN = 0x9E3779B97F4A7C15
_MIX_1 = 0xBF58476D1CE4E5B9
_MIX_2 = 0x94D049BB133111EB
_WORD = (1 << 64) - 1


def u64(number: int) -> pl.Expr:
    """A 64-bit unsigned literal; Polars arithmetic on it wraps as the generator needs."""
    return pl.lit(number & _WORD, dtype=pl.UInt64)


def _mixed(number: pl.Expr) -> pl.Expr:
    number = (number ^ (number // u64(1 << 30))) * u64(_MIX_1)
    number = (number ^ (number // u64(1 << 27))) * u64(_MIX_2)
    return number ^ (number // u64(1 << 31))


@dataclass(frozen=True)
class Draw:
    """Draws of one world. `id` is any integer expression; `stream` names what is being drawn."""

    seed: int

    def number(self, id: pl.Expr, stream: str) -> pl.Expr:
        """64 random bits."""
        key = (zlib.crc32(stream.encode()) * _GOLDEN) ^ ((self.seed + 1) * _MIX_1)
        return _mixed(id.cast(pl.UInt64) * u64(_GOLDEN) + u64(key))

    def unit(self, id: pl.Expr, stream: str) -> pl.Expr:
        """A float in [0, 1)."""
        return (self.number(id, stream) // u64(1 << 11)).cast(pl.Float64) * 2.0**-53

    def below(self, id: pl.Expr, stream: str, limit: int | pl.Expr) -> pl.Expr:
        """An integer in [0, limit)."""
        return (self.unit(id, stream) * limit).cast(pl.Int64)

    def chance(self, id: pl.Expr, stream: str, probability: float) -> pl.Expr:
        """True with the given probability."""
        return self.unit(id, stream) < probability

    def pick(self, id: pl.Expr, stream: str, words: Sequence[str]) -> pl.Expr:
        """One of the words, all equally likely."""
        return gather(words, self.below(id, stream, len(words)))

    def weighted(self, id: pl.Expr, stream: str, weights: Mapping[str, float]) -> pl.Expr:
        """One of the words by weight (resolution 1/1000)."""
        return self.pick(id, stream, spread(weights))


def gather(words: Sequence[str], index: pl.Expr) -> pl.Expr:
    """The word at each index."""
    return pl.lit(pl.Series("words", list(words), dtype=pl.String)).gather(index)


def spread(weights: Mapping[str, float], size: int = 1000) -> tuple[str, ...]:
    """The words repeated in proportion to their weights, each at least once."""
    total = sum(weights.values())
    return tuple(
        word for word, weight in weights.items() for _ in range(max(1, round(size * weight / total)))
    )
