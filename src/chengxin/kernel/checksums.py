"""Check digits over whole columns: each position has a table from byte to share of the sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

import polars as pl

ILLEGAL = 1 << 20  # the share of a byte that may not stand in its place: outweighs every sum of lawful shares
BYTES = 256


def _bytes_of(text: pl.Expr, length: int) -> list[pl.Expr]:
    """One expression of byte values a position; null where the text is not `length` bytes long."""
    row = text.cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, length))
    return [row.arr.get(position) for position in range(length)]


def null_stays(text: pl.Expr, verdict: pl.Expr) -> pl.Expr:
    """The verdict on each text: null where there is no text, false where no verdict could be reached."""
    return pl.when(text.is_not_null()).then(verdict.fill_null(False))


@dataclass(frozen=True)
class WeightedSum:
    """A check by weighted sum: Σ value·weight, the check digit included, leaves `remainder`.

    `alphabets` lists the characters lawful in each position, `weights` their weights (1 for the check digit).
    `values` lists the characters in the order of their value; `check_values` does so for the last position.
    """

    alphabets: tuple[str, ...]
    weights: tuple[int, ...]
    modulus: int
    remainder: int
    values: str
    check_values: str

    def _table(self, position: int) -> pl.Series:
        last = position == len(self.weights) - 1
        values = self.check_values if last else self.values
        shares = [ILLEGAL] * BYTES
        for character in self.alphabets[position]:
            value = values.index(character)
            # A share is 1..modulus, and 0 for the value 0 alone: so a sum of 0 means zeros only, a filler.
            shares[ord(character)] = (value * self.weights[position] - 1) % self.modulus + 1 if value else 0
        return pl.Series(shares, dtype=pl.UInt32)

    def holds(self, text: pl.Expr) -> pl.Expr:
        """Whether each text has the right length and characters, is not zeros only, and its sum is right."""
        columns = _bytes_of(text, len(self.weights))
        total = reduce(add, (pl.lit(self._table(at)).gather(column) for at, column in enumerate(columns)))
        lawful = (total > 0) & (total < ILLEGAL)
        return null_stays(text, lawful & (total % self.modulus == self.remainder))


def holds_mod_11_10(text: pl.Expr, length: int) -> pl.Expr:
    """Whether each text is `length` digits that satisfy ISO 7064 MOD 11,10 (hybrid system, clause 8).

    The system is a machine of ten states that reads digit by digit; an eleventh state swallows illegal bytes.
    """
    swallowed = 10
    steps = pl.Series(_mod_11_10_steps(swallowed), dtype=pl.UInt16)
    state: pl.Expr = pl.lit(5, dtype=pl.UInt16)
    for column in _bytes_of(text, length):
        state = pl.lit(steps).gather(state * BYTES + column.cast(pl.UInt16))
    return null_stays(text, state == 1)


def _mod_11_10_steps(swallowed: int) -> Iterable[int]:
    for state in range(swallowed + 1):
        for byte in range(BYTES):
            digit = byte - ord("0")
            if state == swallowed or not 0 <= digit <= 9:
                yield swallowed
            else:
                yield ((state or 10) * 2 % 11 + digit) % 10
