"""Numbers in bulk: opaque ids, draws from groups, and the types of arrays."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Generator = np.random.Generator

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def generator(seed: int, *parts: str | int) -> Generator:
    """A source of chance of its own for each purpose, so that no part's draws shift another's."""
    return np.random.default_rng([seed, *(crc32(str(part).encode()) for part in parts)])


def opaque(seed: int, kind: str, number: Ints | NDArray[Any]) -> Words:
    """Distinct 64-bit words for distinct numbers, in an order that tells nothing (SplitMix64, a
    bijection)."""
    with np.errstate(over="ignore"):
        start = np.uint64(int(generator(seed, "id", kind).integers(0, 2**63)))
        word = (number.astype(np.uint64) + start) * _STEP
        word = (word ^ (word >> np.uint64(30))) * _FIRST
        word = (word ^ (word >> np.uint64(27))) * _SECOND
        return np.asarray(word ^ (word >> np.uint64(31)), dtype=np.uint64)


def texts(words: Words | Ints, absent: Flags | None = None) -> pl.Series:
    """The words as the text ids of the lake, empty where absent."""
    series = pl.Series(words).cast(pl.String)
    return series if absent is None else series.set(pl.Series(absent), None)


def weighted(random: Generator, cumulated: Floats, size: int) -> Ints:
    """Draws of positions with the weights whose running sum is given."""
    at = random.random(size) * cumulated[-1]
    where = np.searchsorted(cumulated, at, side="right")
    return np.asarray(np.minimum(where, len(cumulated) - 1), dtype=np.int64)


def spread(random: Generator, size: int, centre: float | Floats, sigma: float) -> Floats:
    """Log-normal draws around a median."""
    return np.asarray(centre * np.exp(random.normal(0.0, sigma, size)), dtype=np.float64)
