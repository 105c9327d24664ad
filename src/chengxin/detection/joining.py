"""Joining rows of the lake: with what another table says of them, by names or by numbers that stand for
them."""

from __future__ import annotations

import ibis
from ibis.expr import types as ir

from chengxin.lake.reading import Lake


def joined(rows: ir.Table, other: ir.Table, on: str | list[str]) -> ir.Table:
    """The rows with what `other` says of them, empty where nothing."""
    whole = rows.left_join(other, on)
    return whole.drop(*(name for name in whole.columns if name.endswith("_right")))


def key_of(lake: Lake, *names: ir.Value) -> ir.IntegerValue:
    """A number that stands for these names taken together, an empty one as if it were ""."""
    return lake.engine.hashed([name.fill_null("") for name in names])


def number_of(lake: Lake, name: ir.StringValue, *within: ir.StringValue) -> ir.IntegerValue:
    """A number that stands for a name (`within` others, as an account on its platform); empty where the name
    is."""
    return name.notnull().ifelse(key_of(lake, *within, name), ibis.null("int64"))
