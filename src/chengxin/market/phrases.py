"""A model of what people write: slots filled from many phrases, so that short stock phrases recur and long
texts rarely do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chengxin.market.numbers import Floats, Generator, Ints
from chengxin.market.wording import BAD, COMPLAINTS, GOOD, STOCK_BAD, STOCK_GOOD

SLOTS = len(GOOD)
WITHOUT, STOCK = 0.34, 0.24  # shares of ratings without words, and with a stock phrase


@dataclass(frozen=True)
class Palettes:
    """Texts that schemes order from: each palette has rows of phrase numbers (templates × slots), −1 for
    nothing, and the chance that a writer puts a phrase of his own into a slot."""

    templates: list[NDArray[np.int64]]
    own: list[float]


def palette(random: Generator, templates: int, slots: float = 0.75) -> NDArray[np.int64]:
    """Templates for a scheme's writers."""
    rows = random.integers(0, 1 << 30, (templates, SLOTS))
    empty = random.random((templates, SLOTS)) > slots
    empty[:, 1] = False
    rows[empty] = -1
    return rows


def written(random: Generator, stars: Ints, chosen: Ints, complaint: Ints, palettes: Palettes) -> pl.Series:
    """A text for each rating, empty for many: by mood, or from the palette that the writer was given.

    `complaint` names what the discontented write of: 0 anything, else 1 + the row of COMPLAINTS.
    """
    size = len(stars)
    sort = random.random(size)
    phrase = random.integers(0, 1 << 30, (size, SLOTS))
    phrase[random.random((size, SLOTS)) > _talkative(random, size)[:, None]] = -1
    for number in np.unique(chosen[chosen >= 0]):
        rows = np.flatnonzero(chosen == number)
        templates = palettes.templates[number]
        own = random.random((len(rows), SLOTS)) < palettes.own[number]
        phrase[rows] = np.where(own, phrase[rows], templates[random.integers(0, len(templates), len(rows))])
    forged = chosen >= 0
    sort = np.where(forged, 0.9, sort)
    good = stars >= 4
    pieces = [
        np.where(phrase[:, slot] < 0, -1, phrase[:, slot] % np.where(good, len(GOOD[slot]), len(BAD[slot])))
        for slot in range(SLOTS)
    ]
    parts = []
    for slot in range(SLOTS):
        both = pl.Series([*GOOD[slot], *BAD[slot], ""])
        at = np.where(pieces[slot] < 0, len(both) - 1, pieces[slot] + np.where(good, 0, len(GOOD[slot])))
        parts.append(both.gather(at))
    parts.append(_complaints(random, stars, complaint))
    stock = pl.Series([*STOCK_GOOD, *STOCK_BAD])
    rank = np.floor(random.random(size) ** 2.2 * np.where(good, len(STOCK_GOOD), len(STOCK_BAD))).astype(
        np.int64
    )
    short = stock.gather(rank + np.where(good, 0, len(STOCK_GOOD)))
    long = pl.select(pl.concat_str(parts)).to_series()
    text = pl.DataFrame({"long": long, "short": short, "sort": sort}).select(
        pl.when(pl.col("sort") < WITHOUT)
        .then(None)
        .when((pl.col("sort") < WITHOUT + STOCK) | (pl.col("long") == ""))
        .then("short")
        .otherwise("long")
    )
    return text.to_series()


def _complaints(random: Generator, stars: Ints, complaint: Ints) -> pl.Series:
    """What the discontented add: of what let them down, and now and then of anything."""
    size = len(stars)
    flat = pl.Series([phrase for row in COMPLAINTS for phrase in row] + [""])
    starts = np.cumsum([0, *(len(row) for row in COMPLAINTS)])
    about = np.where(complaint > 0, complaint - 1, random.integers(0, len(COMPLAINTS), size))
    lengths = np.diff(starts)[about]
    said = (stars <= 2) & (random.random(size) < np.where(complaint > 0, 0.6, 0.08))
    at = starts[about] + np.floor(random.random(size) * lengths).astype(np.int64)
    return flat.gather(np.where(said, at, len(flat) - 1))


def _talkative(random: Generator, size: int) -> Floats:
    """Share of the slots that a writer fills."""
    return np.asarray(random.beta(2.0, 2.0, size), dtype=np.float64)
