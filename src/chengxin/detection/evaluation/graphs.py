"""Who dealt with whom, for the ways of finding fraud that look at nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from ibis.expr import types as ir

from chengxin.lake.reading import Lake

APART = "\x1f"
"""Stands between platform and id where one name is made of both."""


@dataclass(frozen=True)
class Graph:
    """The graph in which a detector's entities could form a dense block: a table, its two sides, its rows.

    `sides` says which of the two the detector is about.
    """

    table: str
    buyer: str
    seller: str
    sides: tuple[str, ...]
    rows: Callable[[ir.Table], ir.BooleanValue]


GRAPHS: Mapping[str, Graph] = {
    "brushing": Graph(
        "orders", "buyer_id", "seller_id", ("seller", "buyer"), lambda rows: rows.buyer_id.notnull()
    ),
    "inflated_ratings": Graph("ratings", "rater_id", "ratee_id", ("seller",), lambda rows: rows.score > 0),
    "malicious_ratings": Graph("ratings", "rater_id", "ratee_id", ("buyer",), lambda rows: rows.score < 0),
    "fake_traffic": Graph(
        "visits", "visitor_id", "seller_id", ("seller",), lambda rows: rows["at"].notnull()
    ),
}


def graphs(lake: Lake, names: Sequence[str]) -> dict[str, pl.DataFrame]:
    """For each detector that has one its graph: buyer_id and seller_id, each with the platform before it."""
    return {name: _graph(lake, GRAPHS[name]) for name in names if name in GRAPHS}


def _graph(lake: Lake, one: Graph) -> pl.DataFrame:
    rows = lake.table(one.table)
    if one.table == "ratings":
        rows = rows.filter(rows.direction == "buyer_to_seller")
    kept = rows.filter(one.rows(rows)).select(
        platform=rows.platform, buyer_id=rows[one.buyer], seller_id=rows[one.seller]
    )
    pairs = lake.rows(kept.distinct()).drop_nulls()
    return pairs.select(pl.concat_str("platform", name, separator=APART).alias(name) for name in _SIDES)


_SIDES = ("buyer_id", "seller_id")
