"""The columns that the detectors read, as DuckDB's own plans say: what a plain scan has to read, too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.detectors import NAMES, detector
from chengxin.detection.running import run
from chengxin.lake.contract import tables
from chengxin.lake.engines import DuckEngine
from chengxin.lake.folders import Files, Format
from chengxin.lake.reading import open_lake

_NOT_MOVED = "filter_pushdown,statistics_propagation,empty_result_pullup"
"""What DuckDB must not do to a plan that is only looked at: a column read for a condition is read as well."""


class _Reader(DuckEngine):
    """Keeps the lake's tables in memory, where plans call them by their names; notes what is read of them."""

    def __init__(self) -> None:
        super().__init__()
        self.read: dict[str, set[str]] = defaultdict(set)

    def raw(self, name: str, files: Files, form: Format) -> ir.Table:
        view = super().raw(name, files, form).get_name()
        self._run(f"CREATE TABLE lake_{name} AS SELECT * FROM {view}")
        return self.backend.table(f"lake_{name}")

    def kept(self, table: ir.Table) -> ir.Table:
        self._look(table)
        return super().kept(table)

    def collected(self, table: ir.Table) -> pl.DataFrame:
        self._look(table)
        return super().collected(table)

    def _look(self, table: ir.Table) -> None:
        self._run(f"SET disabled_optimizers = '{_NOT_MOVED}'")
        asked = self.backend.con.execute(f"EXPLAIN (FORMAT json) {self.backend.compile(table)}")
        self._note(orjson.loads(asked.fetchall()[0][1]))
        self._run("SET disabled_optimizers = ''")

    def _note(self, steps: list[dict[str, Any]]) -> None:
        for step in steps:
            # A look at the first rows of a table, to see which columns hold anything, isn't a scan.
            if step["name"].endswith("LIMIT"):
                continue
            known = step["extra_info"]
            _, _, table = known.get("Table", "").rpartition(".")
            if table.startswith("lake_"):
                columns = known.get("Projections", [])
                self.read[table.removeprefix("lake_")].update(
                    [columns] if isinstance(columns, str) else columns
                )
            self._note(step["children"])


def columns_read(lake: Path, names: Sequence[str] = NAMES) -> dict[str, list[str]]:
    """By table the columns that any of these detectors reads of all rows, in the contract's order.

    lake: a small one; its tables are held in memory. Of a detector that fails, what it had read until then.
    """
    engine = _Reader()
    try:
        run(open_lake(lake, engine), [detector(name) for name in names])
    finally:
        engine.close()
    return {
        name: [column for column in table.names if column in engine.read[name]]
        for name, table in tables().items()
        if engine.read[name]
    }
