"""The engines that read the lake through Ibis: DuckDB, and Spark for clusters. Only here do they differ."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import partial, reduce
from pathlib import Path
from typing import Any, Protocol

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.lake.folders import Files, Format


class EngineMissing(RuntimeError):
    """The engine that was asked for isn't installed."""

    zh = "未安装Spark：请安装附加组件 chengxin[spark]，并确保有Java 17以上版本"
    en = "Spark isn't installed: install the extra chengxin[spark], and Java 17 or newer"


class Engine(Protocol):
    """What a detector needs of an engine."""

    name: str

    def raw(self, name: str, files: Files, form: Format) -> ir.Table:
        """A view of the files as they are, columns as they were written, partition keys as text."""

    def kept(self, table: ir.Table) -> ir.Table:
        """The table, worked out once and kept until the engine is closed."""

    def given(self, frame: pl.DataFrame, name: str) -> ir.Table:
        """A small frame as a table of the engine."""

    def collected(self, table: ir.Table) -> pl.DataFrame:
        """The rows of a table, in no order."""

    def close(self) -> None:
        """Give everything back."""


class DuckEngine:
    """DuckDB, embedded."""

    name = "duckdb"

    def __init__(self, *, memory: str | None = None, threads: int | None = None) -> None:
        self._spill = tempfile.TemporaryDirectory(prefix="chengxin-lake-")
        self.backend = ibis.duckdb.connect()
        self._keeps = 0
        self._run("SET TimeZone = 'UTC'")
        self._run("SET preserve_insertion_order = false")
        self._run(f"SET temp_directory = '{self._spill.name}'")
        self._run(f"SET threads = {threads or os.cpu_count() or 1}")
        if memory:
            self._run(f"SET memory_limit = '{memory}'")

    def _run(self, statement: str, values: Sequence[Any] = ()) -> None:
        self.backend.con.execute(statement, list(values))

    def raw(self, name: str, files: Files, form: Format) -> ir.Table:
        paths = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files.by_format[form])
        keys = (
            "hive_partitioning = true, hive_types_autocast = false"
            if files.partitioned
            else "hive_partitioning = false"
        )
        reader = {
            "parquet": f"read_parquet([{paths}], union_by_name = true, {keys})",
            "csv": f"read_csv([{paths}], union_by_name = true, all_varchar = true, header = true, "
            f"ignore_errors = true, null_padding = true, strict_mode = false, {keys})",
            "jsonl": f"read_json([{paths}], format = 'newline_delimited', union_by_name = true, "
            f"ignore_errors = true, {keys})",
        }[form]
        view = f"raw_{name}_{form}"
        self._run(f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM {reader}")
        return self.backend.table(view)

    def kept(self, table: ir.Table) -> ir.Table:
        self._keeps += 1
        self._run(f"CREATE TEMP TABLE kept_{self._keeps} AS {self.backend.compile(table)}")
        return self.backend.table(f"kept_{self._keeps}")

    def given(self, frame: pl.DataFrame, name: str) -> ir.Table:
        self.backend.con.register("given", frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        self._run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM given")
        self.backend.con.unregister("given")
        return self.backend.table(name)

    def collected(self, table: ir.Table) -> pl.DataFrame:
        return _framed(self.backend.to_pyarrow(table))

    def close(self) -> None:
        self.backend.disconnect()
        self._spill.cleanup()


class SparkEngine:
    """Spark: `local[2]` within this process unless SPARK_MASTER names a cluster. Needs the extra `spark`."""

    name = "spark"

    def __init__(self) -> None:
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415 # only who asks for Spark needs it
        except ImportError as missing:
            raise EngineMissing from missing
        self.session = (
            SparkSession.builder.master(os.environ.get("SPARK_MASTER", "local[2]"))
            .appName("chengxin")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.memory", os.environ.get("SPARK_DRIVER_MEMORY", "4g"))
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "8")
            .config("spark.sql.ansi.enabled", "false")
            .config("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
            .config("spark.sql.execution.arrow.pyspark.enabled", "true")
            .config("spark.log.level", "ERROR")
            .getOrCreate()
        )
        self.backend = ibis.pyspark.connect(self.session)

    def _reader(self, files: Files) -> Any:
        reader = self.session.read
        return reader.option("basePath", str(files.root)) if files.partitioned else reader

    def raw(self, name: str, files: Files, form: Format) -> ir.Table:
        from pyspark.sql import DataFrame  # noqa: PLC0415 # only who asks for Spark needs it

        def csv(path: str) -> Any:
            """One file: each has its columns in an order of its own."""
            return self._reader(files).option("header", "true").option("multiLine", "true").csv(path)

        paths = [str(path) for path in files.by_format[form]]
        frame = {
            "parquet": lambda: self._reader(files).option("mergeSchema", "true").parquet(*paths),
            "csv": lambda: reduce(partial(DataFrame.unionByName, allowMissingColumns=True), map(csv, paths)),
            "jsonl": lambda: self._reader(files).json(paths),
        }[form]()
        view = f"raw_{name}_{form}"
        frame.createOrReplaceTempView(view)
        return self.backend.table(view)

    def kept(self, table: ir.Table) -> ir.Table:
        return table.cache()

    def given(self, frame: pl.DataFrame, name: str) -> ir.Table:
        folder = Path(tempfile.mkdtemp(prefix="chengxin-given-"))
        frame.write_parquet(folder / "rows.parquet")
        self.session.read.parquet(str(folder)).createOrReplaceTempView(name)
        return self.backend.table(name)

    def collected(self, table: ir.Table) -> pl.DataFrame:
        return _framed(self.backend.to_pyarrow(table))

    def close(self) -> None:
        with suppress(Exception):  # the session may have ended with the machine's Java
            self.session.stop()


def _framed(table: Any) -> pl.DataFrame:
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)  # noqa: S101 # an Arrow table becomes a frame
    return found


ENGINES = {"duckdb": DuckEngine, "spark": SparkEngine}
