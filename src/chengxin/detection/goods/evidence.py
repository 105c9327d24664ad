"""What a lead about goods says, and the few orders that somebody who checks it should open first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.declaring import EVIDENCE, Lead, Seen, Signal
from chengxin.lake.reading import Lake

Key = tuple[str | None, str]

SAID = 0.3
"""Strength from which on a signal is worth a sentence (as odd as every second one is not)."""


def leads(
    detector: str,
    listed: pl.DataFrame,
    key: list[str],
    signals: Sequence[Signal],
    orders: Mapping[Key, list[str]],
) -> list[Lead]:
    """A lead for each row of `listed`, with the orders to look at.

    `key` is platform and the entity's id; `score` from 0 to 1; `start` and `end` are the seconds that it is
    about. A signal is said when the column of its name (its strength) reaches `SAID`, the strongest first,
    with what stands in `<name>_value` and `<name>_baseline`.
    """
    entity = key[1].removesuffix("_id")
    known = [signal for signal in signals if signal.name in listed.columns]
    return [
        Lead(
            detector, entity, row[key[1]], row["platform"] or "", row["score"], (row["start"], row["end"]),
            _seen(row, known), orders.get((row["platform"], row[key[1]]), []),
        )
        for row in listed.iter_rows(named=True)
    ]  # fmt: skip


def _seen(row: Mapping[str, Any], signals: Sequence[Signal]) -> tuple[Seen, ...]:
    said = [signal for signal in signals if (row[signal.name] or 0.0) >= SAID]
    said.sort(key=lambda signal: (-row[signal.name], signal.name))
    return tuple(
        signal.seen(row[f"{signal.name}_value"] or 0.0, row[f"{signal.name}_baseline"] or 0.0)
        for signal in said
    )


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
