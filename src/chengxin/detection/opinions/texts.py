"""Which texts are copies: of others about the same shop, or of others anywhere.

A text is held against how the market writes, never against a list of phrases: what everybody uses is no
sign of anything however often a shop receives it, and a rare wording that comes back is. Likeness is by
MinHash (Broder 1997) over shingles of four signs, in bands of two, so that templates with a word or a
sentence exchanged are still found.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import gammainc

from chengxin.detection.statistics.surprise import MOST

Keys = NDArray[np.uint64]

SHINGLE = 4
BANDS, WIDTH = 8, 2
MOST_SIGNS = 200
_PIECE = 200_000
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


def copies(frame: pl.DataFrame) -> pl.DataFrame:
    """How odd the likeness of each text to others' is.

    `frame`: group (a shop, and whether it is praised or blamed), cell (the category), rater, text. The
    frame comes back with `within` (surprise of so many raters with this wording in the group, beside how
    much the market and the category use it), `others` (how many other raters of the group that are),
    `elsewhere` (surprise of so long a text being written by so many other raters anywhere), all 0 where
    nothing is odd.
    """
    if frame.is_empty():
        nothing = pl.lit(0.0)
        return frame.with_columns(within=nothing, others=pl.lit(0), elsewhere=nothing)
    rows = _numbered(frame)
    keys = fingerprints(frame["text"].unique(maintain_order=True))
    places = rows.select("place", "cell", "rater").unique().group_by("place", "cell").len("place_size")
    places = places.with_columns(cell_size=pl.col("place_size").sum().over("cell"))
    within, others = np.zeros(len(frame)), np.zeros(len(frame), np.int64)
    told = rows.select("place", "rater", "text").unique()
    for band in range(BANDS + 1):
        here = (
            told.select("place", "rater", key=pl.Series(keys[told["text"].to_numpy(), band]))
            .unique()
            .group_by("place", "key")
            .len("here")
        )
        found = _within(here, places)
        if found.is_empty():
            continue
        keyed = rows.select("row", "place", key=pl.Series(keys[rows["text"].to_numpy(), band]))
        met = keyed.join(found, on=["place", "key"])
        better = met.filter(pl.col("odd") > pl.Series(within[met["row"].to_numpy()]))
        within[better["row"].to_numpy()] = better["odd"].to_numpy()
        others[better["row"].to_numpy()] = better["here"].to_numpy().astype(np.int64) - 1
    return frame.with_columns(within=pl.Series(within), others=pl.Series(others), elsewhere=_elsewhere(frame))


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in numbers: row, place (the group in its category), cell, rater, text (as first seen)."""
    found = frame.select("group", "cell", "rater", "text").with_row_index("row")
    for name, by in (
        ("place", ["group", "cell"]),
        ("cell", ["cell"]),
        ("rater", ["rater"]),
        ("text", ["text"]),
    ):
        numbers = found.select(by).unique(maintain_order=True).with_row_index("number")
        known = found.join(numbers, on=by, how="left", nulls_equal=True, maintain_order="left")["number"]
        found = found.with_columns(known.alias(name if name == "place" else f"{name}_number"))
    return found.select(
        "row", "place", cell=pl.col("cell_number"), rater=pl.col("rater_number"), text=pl.col("text_number")
    )


def _within(here: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """How odd it is that so many raters of a place (`here`) share a key: place, key, here, odd.

    Only what several raters of one place share can be odd; the market is counted for those keys alone.
    """
    shared = here.filter(pl.col("here") > 1)
    known = here.join(shared.select("key").unique(), on="key", how="semi").join(places, on="place")
    counts = known.with_columns(
        market=pl.col("here").sum().over("key"), kind=pl.col("here").sum().over("cell", "key")
    ).filter(pl.col("here") > 1)
    whole = int(places["place_size"].sum())
    outside = (pl.col("market") - pl.col("here") + 1) / (whole - pl.col("place_size") + 1)
    beside = (pl.col("kind") - pl.col("here") + 1) / (pl.col("cell_size") - pl.col("place_size") + 1)
    alike = pl.max_horizontal(outside, pl.when(pl.col("kind") > pl.col("here")).then(beside).otherwise(0.0))
    counts = counts.with_columns(expected=alike * pl.col("place_size"))
    odd = surprise_of(counts["here"].to_numpy() - 1, counts["expected"].to_numpy()) - np.log10(BANDS + 1)
    return (
        counts.with_columns(odd=pl.Series(odd))
        .select("place", "key", "here", "odd")
        .filter(pl.col("odd") > 0)
    )


def surprise_of(count: NDArray[np.int64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """−log10 of the chance of `count` or more where `expected` are usual (Poisson), 0 … `MOST`."""
    chance = gammainc(np.maximum(count, 1), np.maximum(expected, 1e-12))
    found = -np.log10(np.maximum(chance, 10.0**-MOST))
    return np.where((count > expected) & (count > 0), found, 0.0)


def _elsewhere(frame: pl.DataFrame) -> pl.Series:
    """−log10 of the share of all texts that are at least as long and were written by at least as many raters.

    A long text that the whole platform fills in is a large share of the texts itself, and so no surprise.
    """
    raters = frame.select("text", "rater").unique().group_by("text").len("raters")
    both = frame.select("text").join(raters, on="text", how="left", maintain_order="left")
    length = np.minimum(both["text"].str.len_chars().to_numpy(), MOST_SIGNS) // 3
    many = np.floor(np.log2(both["raters"].to_numpy().astype(np.float64)) * 2).astype(np.int64)
    grid = np.zeros((int(length.max()) + 2, int(many.max()) + 2))
    np.add.at(grid, (length, many), 1.0)
    more = grid[::-1, ::-1].cumsum(axis=0).cumsum(axis=1)[::-1, ::-1]
    odd = -np.log10(more[length, many] / len(frame))
    return pl.Series(np.where(both["raters"].to_numpy() > 1, np.clip(odd, 0, MOST), 0.0))
