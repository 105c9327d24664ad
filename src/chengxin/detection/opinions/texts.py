"""Which texts are copies: of others about the same shop, or of others anywhere.

A text is held against how the market writes, never against a list of phrases: what everybody uses is no
sign of anything however often a shop receives it, and a rare wording that comes back is. Likeness is by
MinHash (Broder 1997) over shingles of four signs, in bands of two, so that templates with a word or a
sentence exchanged are still found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import gammainc

from chengxin.detection.statistics.surprise import MOST

Keys = NDArray[np.uint64]
Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]

SHINGLE = 4
BANDS, WIDTH = 8, 2
MOST_SIGNS = 200
_PIECE = 5_000
"""Texts at once: so many that what is reckoned of their signs stays in the processor's cache."""

_ODD = np.uint64(0x9E3779B97F4A7C15)


def mixed(value: Keys) -> Keys:
    """A whole number scattered over 64 bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def fingerprints(texts: pl.Series) -> Keys:
    """For each text `BANDS` + 1 keys: equal ones mean alike in that band; the last is the same for equal
    texts only."""
    parts = [_keys(texts[start : start + _PIECE].to_list()) for start in range(0, len(texts), _PIECE)]
    return np.concatenate(parts) if parts else np.zeros((0, BANDS + 1), np.uint64)


def _keys(texts: list[str]) -> Keys:
    padded = [text[:MOST_SIGNS].ljust(SHINGLE, "\0") for text in texts]
    signs = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in padded])
    starts = np.cumsum(lengths) - lengths
    shingles = np.zeros(len(signs), np.uint64)
    for step in range(SHINGLE):
        shingles = mixed(shingles * _ODD + np.roll(signs, -step) + np.uint64(1))
    # The last three signs of a text begin no shingle of it.
    ends = np.arange(len(signs)) > np.repeat(starts + lengths - SHINGLE, lengths)
    whole, lengths = shingles[~ends], lengths - SHINGLE + 1
    starts = np.cumsum(lengths) - lengths
    keys = np.empty((len(texts), BANDS + 1), np.uint64)
    for band in range(BANDS):
        key = np.full(len(texts), band + 1, np.uint64)
        for line in range(WIDTH):
            # Scattered anew for each line: a factor alone leaves the orders too alike to find templates.
            seed = mixed(np.array([band * WIDTH + line + 1], np.uint64))[0]
            key = mixed(key * _ODD + np.minimum.reduceat(mixed(whole ^ seed), starts))
        keys[:, band] = key
    place = np.arange(len(whole)) - np.repeat(starts, lengths)
    keys[:, BANDS] = np.add.reduceat(mixed(whole + mixed(place.astype(np.uint64))), starts)
    return keys


@dataclass(frozen=True)
class Said:
    """Who said what, and where: a row for each time, all in whole numbers.

    `text` counts the texts from 0; how `group`, `cell` and `rater` are numbered doesn't matter. A group (a
    shop, and whether it is praised or blamed) lies in one cell (its category).
    """

    group: Numbers
    cell: Numbers
    rater: Numbers
    text: Numbers


def numbered(values: NDArray[Any]) -> Numbers:
    """Equal values as equal numbers, from 0 on."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64, copy=False)


def counted(values: Numbers) -> tuple[Numbers, Numbers]:
    """The different values, in order, and how often each occurs."""
    # By sorting: NumPy's own way for values alone is ten times as slow with so many.
    values = np.sort(values)
    starts = np.flatnonzero(
        np.concatenate((np.ones(min(len(values), 1), np.bool_), values[1:] != values[:-1]))
    )
    return values[starts], np.diff(starts, append=len(values))


def wordings(texts: pl.Series) -> NDArray[np.int32]:
    """For each text and band the number of its wording: texts with equal ones are alike there."""
    keys = fingerprints(texts)
    found = np.empty(keys.shape, np.int32)
    for band in range(BANDS + 1):
        found[:, band] = numbered(keys[:, band])
    return found


def repeated(wording: NDArray[np.int32], said: Said) -> Floats:
    """For each row, how odd it is that so many raters of its group use its wording, beside how much the
    market and the cell use it (−log10 of the chance; 0 where nothing is odd).

    `wording`: of each text in each band, as of `wordings`.
    """
    odd = np.zeros(len(said.text))
    if len(odd) == 0:
        return odd
    place, rater = numbered(said.group), numbered(said.rater)
    many = int(rater.max()) + 1
    voices, voice = np.unique(place * many + rater, return_inverse=True)
    place_of = voices // many
    size = np.bincount(place_of)
    cell_of = np.zeros(len(size), np.int64)
    cell_of[place] = numbered(said.cell)
    for band in range(BANDS + 1):
        used = wording[said.text, band]
        kinds = int(used.max()) + 1
        # Each rater of a place counts once for a wording.
        once, _ = counted(voice * kinds + used)
        spots, here = counted(place_of[once // kinds] * kinds + once % kinds)
        surprise = _within(spots, here, kinds, size, cell_of)
        spots, surprise = spots[surprise > 0], surprise[surprise > 0]
        if len(spots) == 0:
            continue
        met = np.flatnonzero(_among(spots // kinds, len(size))[place] & _among(spots % kinds, kinds)[used])
        spot = place[met] * kinds + used[met]
        at = np.minimum(np.searchsorted(spots, spot), len(spots) - 1)
        odd[met] = np.maximum(odd[met], np.where(spots[at] == spot, surprise[at], 0.0))
    return odd


def _within(spots: Numbers, here: Numbers, kinds: int, size: Numbers, cell_of: Numbers) -> Floats:
    """How odd it is that so many raters of a place (`here`) share a wording.

    `spots` are place · `kinds` + wording, in order; `size` counts the raters of each place, `cell_of` is its
    cell. Only what several raters of one place share can be odd.
    """
    found = np.zeros(len(spots))
    market = np.bincount(spots % kinds, here, kinds).astype(np.int64)
    asked = np.flatnonzero(_among(spots[here > 1] % kinds, kinds)[spots % kinds])
    place, wording, here = spots[asked] // kinds, spots[asked] % kinds, here[asked]
    both = numbered(cell_of[place] * kinds + wording)
    in_cell = np.bincount(both, here).astype(np.int64)[both]
    cell_size = np.bincount(cell_of, size).astype(np.int64)[cell_of]
    several = here > 1
    asked, place, wording, here, in_cell = (part[several] for part in (asked, place, wording, here, in_cell))
    outside = (market[wording] - here + 1) / (int(size.sum()) - size[place] + 1)
    beside = (in_cell - here + 1) / (cell_size[place] - size[place] + 1)
    alike = np.maximum(outside, np.where(in_cell > here, beside, 0.0))
    found[asked] = surprise_of(here - 1, alike * size[place]) - np.log10(BANDS + 1)
    return found


def _among(some: Numbers, many: int) -> NDArray[np.bool_]:
    """For each number from 0 to `many` whether it is among these."""
    found = np.zeros(many, np.bool_)
    found[some] = True
    return found


def surprise_of(count: Numbers, expected: Floats) -> Floats:
    """−log10 of the chance of `count` or more where `expected` are usual (Poisson), 0 … `MOST`."""
    found = np.zeros(len(count))
    more = np.flatnonzero((count > expected) & (count > 0))
    chance = gammainc(count[more], np.maximum(expected[more], 1e-12))
    found[more] = -np.log10(np.maximum(chance, 10.0**-MOST))
    return found


def elsewhere(signs: Numbers, text: Numbers, rater: Numbers) -> Floats:
    """For each row −log10 of the share of all rows whose text is at least as long and was written by at
    least as many raters; 0 where nobody else wrote it. `signs`: the length of each text.

    A long text that the whole platform fills in is a large share of the texts itself, and so no surprise.
    """
    if len(text) == 0:
        return np.zeros(0)
    who = numbered(rater)
    many = int(who.max()) + 1
    raters = np.bincount(counted(text * many + who)[0] // many, minlength=len(signs))[text]
    length = np.minimum(signs[text], MOST_SIGNS) // 3
    times = np.floor(np.log2(raters.astype(np.float64)) * 2).astype(np.int64)
    grid = np.zeros((int(length.max()) + 2, int(times.max()) + 2))
    np.add.at(grid, (length, times), 1.0)
    more = grid[::-1, ::-1].cumsum(axis=0).cumsum(axis=1)[::-1, ::-1]
    odd = -np.log10(more[length, times] / len(text))
    return np.where(raters > 1, np.clip(odd, 0, MOST), 0.0)
