"""The engines that read the lake through Ibis: DuckDB, and Spark for clusters. Only here do they differ."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, reduce
from pathlib import Path
from typing import Any, Protocol

import ibis
import polars as pl
from ibis.expr import datatypes as dt
from ibis.expr import types as ir

from chengxin.lake.folders import Files, Format
from chengxin.lake.spark_files import alike, declared


class EngineMissing(RuntimeError):
    """The engine that was asked for can't be had: `zh` and `en` say why, and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class Engine(Protocol):
    """What a detector needs of an engine."""

    name: str

    def raw(self, name: str, files: Files, form: Format) -> ir.Table:
        """A view of the files as they are, columns as they were written, partition keys as text."""

    def kept(self, table: ir.Table) -> ir.Table:
        """The table, worked out once and kept until the engine is closed."""

    def dropped(self, table: ir.Table) -> None:
        """Give back what a kept table takes; nothing may ask it afterwards."""

    def given(self, frame: pl.DataFrame, name: str) -> ir.Table:
        """A small frame as a table of the engine."""

    def hashed(self, values: Sequence[ir.StringValue]) -> ir.IntegerValue:
        """A number of 63 or 64 bits out of texts, none empty: of other texts another one, as good as
        always."""

    def seconds(self, moment: ir.TimestampValue) -> ir.IntegerValue:
        """Whole seconds since 1970 (UTC); a begun second counts as that second."""

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

    def dropped(self, table: ir.Table) -> None:
        self._run(f"DROP TABLE {table.get_name()}")

    def given(self, frame: pl.DataFrame, name: str) -> ir.Table:
        self.backend.con.register("given", frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        self._run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM given")
        self.backend.con.unregister("given")
        return self.backend.table(name)

    def hashed(self, values: Sequence[ir.StringValue]) -> ir.IntegerValue:
        parts = {f"part_{place}": value for place, value in enumerate(values)}
        # DuckDB's are without a sign: one bit less fits everywhere. Ibis takes what was shifted for signed.
        return (_hash_of(len(parts))(ibis.struct(parts)) >> 1).cast("uint64").cast("int64")

    def seconds(self, moment: ir.TimestampValue) -> ir.IntegerValue:
        # Seventy times as fast as Ibis's epoch_seconds: that looks up the time zone row by row.
        plain = moment if moment.type().timezone else moment.cast("timestamp")
        return (_EPOCH_US(plain) / 1_000_000).floor().cast("int64")

    def collected(self, table: ir.Table) -> pl.DataFrame:
        return _framed(self.backend.to_pyarrow(table))

    def written(self, table: ir.Table, path: Path) -> None:
        """Write a table as one Parquet file that any engine reads: what is nested becomes text."""
        kinds = {name: kind for name, kind in table.schema().items() if not _plain(kind)}
        flat = table.mutate(**{name: table[name].cast("string") for name in kinds}) if kinds else table
        self._run(f"COPY ({self.backend.compile(flat)}) TO '{path}' (FORMAT parquet)")

    def close(self) -> None:
        self.backend.disconnect()
        self._spill.cleanup()


class SparkEngine:
    """Spark: on the cores of this machine unless SPARK_MASTER names a cluster. Needs the extra `spark`.

    SPARK_SCRATCH names the folder for what is worked out on the way; on a cluster it must be one that every
    machine sees, like the lake's. SPARK_DRIVER_MEMORY (`8g`) is half of the machine's unless given.
    """

    name = "spark"

    def __init__(self) -> None:
        if not java():
            raise EngineMissing(*NO_JAVA)
        self._scratch = _folder()
        self._files = 0
        self._bytes = 0
        try:
            self.session = _session(Path(self._scratch.name))
            self.backend = ibis.pyspark.connect(self.session)
        except ImportError as missing:
            self._scratch.cleanup()
            raise EngineMissing(*NO_PYSPARK) from missing
        except EngineMissing:
            self._scratch.cleanup()
            raise

    def raw(self, name: str, files: Files, form: Format) -> ir.Table:
        paths = list(files.by_format[form])
        partitioned = files.partitioned
        if form != "parquet":
            paths, partitioned = [self._as_parquet(name, files, form)], False
        self._bytes += sum(path.stat().st_size for path in paths)
        # As many parts as there are 32 MB to shuffle: with more, small lakes would wait for empty ones.
        parts = max(2 * (os.cpu_count() or 1), self._bytes >> 25)
        self.session.conf.set("spark.sql.shuffle.partitions", str(parts))
        frames = []
        for schema, some in alike(paths).items():
            for inside in (True, False):
                if chosen := [str(path) for path in some if path.is_relative_to(files.root) == inside]:
                    reader = self.session.read
                    if partitioned and inside:
                        reader = reader.option("basePath", str(files.root))
                    frames.append(declared(reader, schema, chosen, name))
        view = f"raw_{name}_{form}"
        both = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), frames)
        both.createOrReplaceTempView(view)
        return self.backend.table(view)

    def _as_parquet(self, name: str, files: Files, form: Format) -> Path:
        """Text read by DuckDB: two readers would make different rows of the same broken line."""
        path = self._file()
        reader = DuckEngine()
        try:
            reader.written(reader.raw(name, files, form), path)
        finally:
            reader.close()
        return path

    def _file(self) -> Path:
        self._files += 1
        return Path(self._scratch.name, f"kept_{self._files}.parquet")

    def kept(self, table: ir.Table) -> ir.Table:
        # A file, not a cache: what is asked of it needn't be planned anew down to the lake each time.
        path = self._file()
        self.session.sql(self.backend.compile(table)).write.parquet(str(path))
        return self._read(path, path.stem)

    def dropped(self, table: ir.Table) -> None:
        self.session.catalog.dropTempView(table.get_name())
        shutil.rmtree(Path(self._scratch.name, f"{table.get_name()}.parquet"), ignore_errors=True)

    def given(self, frame: pl.DataFrame, name: str) -> ir.Table:
        path = self._file()
        frame.write_parquet(path)
        return self._read(path, name)

    def _read(self, path: Path, name: str) -> ir.Table:
        self.session.read.parquet(str(path)).createOrReplaceTempView(name)
        return self.backend.table(name)

    def hashed(self, values: Sequence[ir.StringValue]) -> ir.IntegerValue:
        # Spark's hash() has 32 bits only: a million keys would meet.
        return _XXHASH64(reduce(lambda one, other: one + "\x1f" + other, values))

    def seconds(self, moment: ir.TimestampValue) -> ir.IntegerValue:
        return moment.truncate("s").epoch_seconds().cast("int64")

    def collected(self, table: ir.Table) -> pl.DataFrame:
        # Not through Ibis: on its way, pandas, whole numbers beside empty ones become fractions.
        found = self.session.sql(self.backend.compile(table)).toArrow()
        return _framed(found.cast(table.schema().to_pyarrow()))

    def close(self) -> None:
        with suppress(Exception):  # the session may have ended with the machine's Java
            self.session.stop()
        self._scratch.cleanup()


def _microseconds(moment: object) -> int:
    """DuckDB's own, like the next one Spark's."""
    raise NotImplementedError


_EPOCH_US = ibis.udf.scalar.builtin(name="epoch_us", signature=((dt.Timestamp(),), dt.int64))(_microseconds)


@cache
def _hash_of(parts: int) -> Any:
    """DuckDB's own: Ibis would take it through a string of bits, row by row."""
    texts = dt.Struct({f"part_{place}": dt.string for place in range(parts)})
    return ibis.udf.scalar.builtin(name="hash", signature=((texts,), dt.uint64))(_hash_of_64_bits)


def _hash_of_64_bits(text: str) -> int:
    """Spark's own: only its name and its types are told to Ibis."""
    raise NotImplementedError


_XXHASH64 = ibis.udf.scalar.builtin(name="xxhash64")(_hash_of_64_bits)

NO_PYSPARK = (
    "未安装Spark：请安装附加组件 chengxin[spark]",
    "Spark isn't installed: install the extra chengxin[spark]",
)
NO_JAVA = (
    "未找到Java：Spark需要Java 17以上版本，请安装后设置JAVA_HOME或PATH",
    "there is no Java: Spark needs Java 17 or newer; install it and set JAVA_HOME or PATH",
)
NOT_STARTED = (
    "Spark未能启动，请核对Java版本（17以上）及SPARK_MASTER、SPARK_DRIVER_MEMORY",
    "Spark did not start; compare the version of Java (17 or newer), SPARK_MASTER and SPARK_DRIVER_MEMORY",
)


def java() -> str | None:
    """The Java that Spark would run on; None when there is none."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which(str(Path(home, "bin", "java"))) if home else shutil.which("java")


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(
        prefix="chengxin-spark-", dir=os.environ.get("SPARK_SCRATCH"), ignore_cleanup_errors=True
    )


@cache
def _process_folder() -> tempfile.TemporaryDirectory[str]:
    """Java, which outlives an engine, goes on using the folder that it was started with; it goes with us."""
    return _folder()


def _session(scratch: Path) -> Any:
    """A session of Spark that writes nothing but into `scratch` and says nothing on the terminal."""
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 # only who asks for Spark needs it
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    settings = SparkConf().setAll([*_SETTINGS.items(), *_places(scratch).items()])
    said = Path(_process_folder().name, "spark.log")
    try:
        if SparkContext._gateway is None:
            with said.open("wb") as log:
                quiet = {"stdout": subprocess.DEVNULL, "stderr": log}
                launch: Any = launch_gateway  # it has no types
                SparkContext(conf=settings, gateway=launch(settings, quiet))
        return SparkSession.builder.config(conf=settings).getOrCreate()
    except Exception as failed:  # whatever Java and Spark say when they don't fit
        last = (said.read_text(errors="replace").strip() if said.exists() else str(failed)).splitlines()[-1:]
        reason = f": {last[0][:200]}" if last else ""
        raise EngineMissing(NOT_STARTED[0] + reason, NOT_STARTED[1] + reason) from failed


def _places(scratch: Path) -> dict[str, str]:
    master = os.environ.get("SPARK_MASTER", "local[*]")
    # A cluster calls back to this machine by its name; alone it needs no network.
    here = dict.fromkeys(("spark.driver.bindAddress", "spark.driver.host"), "127.0.0.1")
    return (here if master.startswith("local") else {}) | {
        "spark.master": master,
        "spark.driver.memory": os.environ.get("SPARK_DRIVER_MEMORY", f"{_half_of_memory()}m"),
        "spark.local.dir": _process_folder().name,
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
    }


def _half_of_memory() -> int:
    """MB; what a container allows counts where it is less than the machine has."""
    have = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 8 << 30
    with suppress(OSError, ValueError):  # no container, or one without a limit
        have = min(have, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return max(1024, have >> 21)


_SETTINGS = {
    "spark.app.name": "chengxin",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.caseSensitive": "true",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


def _plain(kind: Any) -> bool:
    """Whether a type means the same everywhere."""
    temporal = kind.is_timestamp() or kind.is_date()
    return bool(kind.is_string() or kind.is_numeric() or kind.is_boolean() or temporal)


def _framed(table: Any) -> pl.DataFrame:
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)  # noqa: S101 # an Arrow table becomes a frame
    return found


ENGINES = {"duckdb": DuckEngine, "spark": SparkEngine}
