"""Columns of the lake from numbers: money, times, network addresses."""

from __future__ import annotations

import numpy as np
import polars as pl

from chengxin.market.numbers import Ints, opaque

FIRST_BYTES = ("36", "59", "110", "117", "120", "183", "218", "222")
NEIGHBOURS = 8  # numbers in a row lie in one subnet


def money(fen: Ints) -> pl.Series:
    """Fen as the lake's decimal yuan."""
    return (pl.Series(fen) / 100).cast(pl.Decimal(18, 2))


def time(seconds: Ints) -> pl.Series:
    """Epoch seconds as the lake's UTC timestamps; negative ones are empty."""
    series = pl.Series(seconds.astype(np.int64)).set(pl.Series(seconds < 0), None)
    return (series * 1_000_000).cast(pl.Datetime("us", "UTC"))


def network_addresses(seed: int, number: Ints) -> pl.Series:
    """Numbers as dotted quads."""
    block = opaque(seed, "subnet", number // NEIGHBOURS)
    last = number % NEIGHBOURS * 29 + 3 + (block % np.uint64(23)).astype(np.int64)
    first = pl.Series(FIRST_BYTES).gather((block % np.uint64(len(FIRST_BYTES))).astype(np.int64))
    second = ((block >> np.uint64(8)) % np.uint64(254) + np.uint64(1)).astype(np.int64)
    third = ((block >> np.uint64(20)) % np.uint64(254) + np.uint64(1)).astype(np.int64)
    parts = [first, *(pl.Series(part).cast(pl.String) for part in (second, third, last))]
    return pl.select(pl.concat_str(parts, separator=".")).to_series()
