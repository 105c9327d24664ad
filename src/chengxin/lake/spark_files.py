"""Parquet files for Spark, declared column by column: what no table needs may be of any type, and what one
file calls by another type than the next is read as it is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chengxin.lake.contract import tables

Columns = tuple[tuple[str, pa.DataType], ...]


def alike(paths: Sequence[Path]) -> dict[Columns, list[Path]]:
    """The files by the columns and types that they have."""
    found: dict[Columns, list[Path]] = {}
    for path in paths:
        schema = pq.read_schema(path)
        found.setdefault(tuple(zip(schema.names, schema.types, strict=True)), []).append(path)
    return found


def declared(reader: Any, columns: Columns, paths: Sequence[str], table: str) -> Any:
    """The columns of the contract's `table` in files that are alike, in small letters, as a frame of Spark.

    Times in nanoseconds and whole numbers without a sign, which Spark doesn't know, become such as it knows.
    """
    from pyspark.sql import functions  # noqa: PLC0415 # only who asks for Spark needs it

    known = set(tables()[table].names)
    kinds = {name: kind for name, kind in columns if name.lower() in known and _said(kind)}
    schema = ", ".join(f"`{name}` {_said(kind)}" for name, kind in kinds.items())
    rows = reader.schema(schema).parquet(*paths)
    chosen: dict[str, Any] = {}
    for name in rows.columns:
        value = functions.col(f"`{name}`")
        if name in kinds and _in_nanoseconds(kinds[name]):
            value = functions.timestamp_micros(functions.floor(value / 1000).cast("bigint"))
        elif name in kinds and pa.types.is_uint64(kinds[name]):
            value = functions.expr(f"try_cast(`{name}` AS bigint)")
        chosen.setdefault(name.lower(), value)
    return rows.select(*(value.alias(name) for name, value in chosen.items()))


def _in_nanoseconds(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) and kind.unit == "ns")


_SAID = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_int8, "tinyint"),
    (pa.types.is_int16, "smallint"),
    (pa.types.is_int32, "int"),
    (pa.types.is_uint64, "decimal(20, 0)"),
    (pa.types.is_integer, "bigint"),
    (pa.types.is_float32, "float"),
    (pa.types.is_float64, "double"),
    (pa.types.is_date, "date"),
    (_in_nanoseconds, "bigint"),
    (pa.types.is_timestamp, "timestamp"),
    (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), "string"),
    (pa.types.is_binary, "binary"),
)


def _said(kind: pa.DataType) -> str | None:
    """A type in Spark's words; None for what no column of the lake can be read from."""
    if pa.types.is_dictionary(kind):
        return _said(kind.value_type)
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner = _said(kind.value_type)
        return inner and f"array<{inner}>"
    return next((said for fits, said in _SAID if fits(kind)), None)
