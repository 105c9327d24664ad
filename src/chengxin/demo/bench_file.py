"""The benchmark's file: a million penalties in one CSV, as a province's monthly full export looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from chengxin.demo import almanac, files, official, records, sources
from chengxin.demo.files import Style
from chengxin.demo.records import Task
from chengxin.demo.subjects import FULL_SCALE, World
from chengxin.rulebook import catalogue

_CHUNK = 50_000
_MIX = (("merchant", 0.85), ("individual_business", 0.13), ("individual_seller", 0.02))
_MERCHANTS = 0.37  # the least share of merchants in a world: room for the mix
_YEARS = 4


def write_penalty_file(
    path: Path, rows: int, subjects: int, seed: int = 2017, *, today: date = date(2026, 6, 30)
) -> int:
    """Write a CSV (UTF-8, headings by code) of penalties with every column of the item; the bytes written.

    rows: data rows of some 550 bytes, none of them faulty; subjects: over how many they spread (85 % legal
    persons and organisations, 13 % individual businesses, 2 % natural persons); today: no decision is later.
    The same arguments give the same bytes. ValueError where there can't be so many subjects.
    """
    world = World(seed, max(1.0, subjects / FULL_SCALE / _MERCHANTS), today)
    pools = [world.segments[role].ids().head(max(1, round(subjects * share))) for role, share in _MIX]
    task = Task(
        world=world,
        item=catalogue.item("penalty"),
        source=sources.sources(world)[sources.MARKET],
        mark="bench-penalty",
        eligible=records.by_notoriety(world, pl.concat(pools)),
        calendar=almanac.days(today - timedelta(days=365 * _YEARS), today, seasons=False, working=True),
        total=rows,
        faulty=False,
        brief=True,
    )

    def chunks() -> Iterator[pl.DataFrame]:
        for first in range(0, rows, _CHUNK):
            frame = official.penalty(task, records.base(task, first, min(first + _CHUNK, rows)))
            yield frame.drop("_fault")

    files.write(path, task.item, Style(headings="code"), chunks())
    return path.stat().st_size
