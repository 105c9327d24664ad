"""Fictional persons: everything about one follows from the person's number."""

from __future__ import annotations

import polars as pl

from chengxin.demo import words
from chengxin.demo.draws import Draw


def name(draw: Draw, person: pl.Expr) -> pl.Expr:
    """Names with the surnames of Fujian in their proportions, two or three characters."""
    surname = draw.weighted(person, "surname", words.SURNAMES)
    first = draw.pick(person, "given first", words.GIVEN_FIRST)
    second = draw.pick(person, "given second", words.GIVEN_SECOND)
    short = draw.chance(person, "given short", 0.12)
    return pl.concat_str([surname, pl.when(short).then(pl.lit("")).otherwise(first), second])
