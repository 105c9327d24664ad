"""How rare a thing is that has a size but no count: the share of the market that goes as far.

A price, a depth, a number of returns of the same promotion has no law of chance behind it that holds in every
market. What can be said of it is how few others go that far: what many do is their custom, whatever the
scheme."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST = 4.0
"""A rarity counts no more than this (one in ten thousand): one witness, however odd, is one."""

PRIOR = 40.0
"""As how many others the prior counts, so that of five shops not each is the rarest."""


def rarity(size: Floats, usual: float, among: int | None = None) -> Floats:
    """−log10 of the share that goes as far as each, 0 for what has no size (≤ 0), at most `MOST`.

    `usual` is the mean size that one would expect of honest differences, without having seen the market: an
    exponential tail of that mean counts as `PRIOR` others. `among` is how many entities there are in all; the
    rest has no size. Equal sizes are equally rare.
    """
    size = np.asarray(size, np.float64)
    others = max(among or 0, len(size)) - 1
    ordered = np.sort(size)
    as_far = len(size) - np.searchsorted(ordered, size, side="left") - 1
    prior = PRIOR * np.exp(-np.maximum(size, 0) / usual)
    share = np.minimum((as_far + prior) / max(others + PRIOR, 1), 1.0)
    found = np.minimum(-np.log10(np.maximum(share, 10.0**-MOST)), MOST)
    return np.where(size > 0, found, 0.0)


def as_likely(evidence: Floats, half: float = 2.0) -> Floats:
    """Evidence in powers of ten as a score: 0.5 at `half` (one in a hundred: as rare as schemes are), 0.8 at
    twice that, 0.9 only at three times, which takes several witnesses."""
    square = np.maximum(evidence, 0.0) ** 2
    return square / (square + half**2)
