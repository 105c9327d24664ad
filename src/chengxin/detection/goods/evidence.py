"""The few orders of a product that somebody who checks a lead should open first."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.declaring import EVIDENCE
from chengxin.lake.reading import Lake

Key = tuple[str | None, str]


def first_orders(
    lake: Lake, rows: ir.Table, key: list[str], rank: list[ir.Value], most: int = EVIDENCE
) -> dict[Key, list[str]]:
    """Of `rows` (with the key's columns and order_id) at most `most` ids for each key, lowest `rank`
    first."""
    known = rows.filter(rows.order_id.notnull())
    place = ibis.row_number().over(ibis.window(group_by=key, order_by=[*rank, "order_id"]))
    kept = known.select(*key, "order_id", place=place).filter(lambda ranked: ranked.place < most)
    found = lake.rows(kept).sort(*key, "place").group_by(key, maintain_order=True).agg("order_id")
    return {(row[0], row[1]): row[2] for row in found.iter_rows()}


def merged(*parts: Mapping[Key, list[str]]) -> dict[Key, list[str]]:
    """The ids of several searches, those of the first ones first, each once."""
    found: dict[Key, list[str]] = {}
    for part in parts:
        for key, ids in part.items():
            had = found.setdefault(key, [])
            had += [one for one in ids if one not in had]
    return found


def chosen(lake: Lake, leads: pl.DataFrame, key: list[str], name: str, *more: str) -> ir.Table:
    """The keys of the leads (and columns that go with them) as a table to join with."""
    return lake.given(leads.select(*key, *more), name)
