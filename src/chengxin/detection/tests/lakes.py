"""Small lakes for tests: rows as dictionaries, written as files, read by the real engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from chengxin.detection.declaring import Lead
from chengxin.detection.detectors import detector
from chengxin.detection.running import Found, run
from chengxin.lake.engines import DuckEngine
from chengxin.lake.reading import Lake, open_lake

Rows = Iterable[Mapping[str, Any]]


def written(folder: Path, **tables: Rows | pl.DataFrame) -> Path:
    """Each table as one plain Parquet file in the folder of its name; returns the lake's folder."""
    for name, rows in tables.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(list(rows), infer_schema_length=None)
        frame.write_parquet(folder / name / "part.parquet")
    return folder


@contextmanager
def opened(folder: Path) -> Iterator[Lake]:
    """The lake on DuckDB."""
    engine = DuckEngine(threads=1)
    try:
        yield open_lake(folder, engine)
    finally:
        engine.close()


def found(folder: Path, *names: str) -> Found:
    """What these detectors find in the lake."""
    with opened(folder) as lake:
        return run(lake, [detector(name) for name in names])


def scores(leads: Iterable[Lead], entity: str) -> dict[str, float]:
    """The score of each entity of that kind, by its id."""
    return {one.entity_id: one.score for one in leads if one.entity == entity}
