"""What the ingest is held against, each in a process of its own.

Run as `python -m bench.floors WAY FILE [URL | TODAY]`:

parse        Polars reads the whole file into a table of texts
copy         the parsed rows go into PostgreSQL by one COPY: a plain logged table of the file's text columns,
             with neither key nor index, made and committed before, so that the write-ahead log is written in
             full; timed from the parsed table to the end of the transaction
schema       frictionless validates the file against a Table Schema made of the catalogue: types, required
             fields, lengths, choices
rules        the same, and by the other rules of the catalogue, too (`bench.rules`)

Prints one line of JSON: rows and seconds.
"""

from __future__ import annotations

import io
import logging
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import psycopg

from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Field

_SLICE = 50_000  # rows handed to COPY at a time
_TABLE = "bench_plain"


def parse(file: Path) -> tuple[pl.DataFrame, float]:
    """The file as texts, and the seconds it took."""
    began = time.perf_counter()
    frame = pl.read_csv(file, infer_schema=False)
    return frame, time.perf_counter() - began


def copy(file: Path, url: str) -> tuple[int, float]:
    """Rows and seconds of a bare COPY."""
    frame, _ = parse(file)
    columns = ", ".join(f'"{name}" text' for name in frame.columns)
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE TABLE {_TABLE} ({columns})".encode())
        connection.commit()
        began = time.perf_counter()
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {_TABLE} FROM STDIN (FORMAT csv)".encode()) as into,
        ):
            for text in _texts(frame):
                into.write(text)
        connection.commit()
        seconds = time.perf_counter() - began
        connection.execute(f"DROP TABLE {_TABLE}".encode())
        connection.commit()
        connection.autocommit = True
        connection.execute("CHECKPOINT")
    return frame.height, seconds


def _texts(frame: pl.DataFrame) -> Iterator[bytes]:
    for part in frame.iter_slices(_SLICE):
        held = io.BytesIO()
        part.write_csv(held, include_header=False)
        yield held.getvalue()


def frictionless(file: Path, *, rules: bool, today: date) -> tuple[int, float]:
    """Rows and seconds of frictionless validating the file; ValueError when it finds fault with it."""
    from frictionless import Checklist, Resource, Schema, system  # noqa: PLC0415 - no other way needs it

    from bench.rules import ItemRules  # noqa: PLC0415

    item = catalogue.item("penalty")
    schema = Schema.from_descriptor({"fields": [_described(field) for field in item.fields]})
    checklist = Checklist(checks=[ItemRules(item, today)] if rules else [])
    logging.disable(logging.WARNING)
    began = time.perf_counter()
    with system.use_context(trusted=True):
        report = Resource(path=str(file), schema=schema, encoding="utf-8").validate(checklist)
    seconds = time.perf_counter() - began
    if not report.valid:
        raise ValueError(
            f"frictionless refuses the sample: {report.flatten(['rowNumber', 'fieldName', 'type'])[:3]}"
        )
    return report.tasks[0].stats["rows"], seconds


def _described(field: Field) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": field.required}
    kind = {"date": "date", "decimal": "number", "integer": "integer"}.get(field.type, "string")
    if kind == "string" and field.length:
        constraints["maxLength"] = field.length
    if field.choices and not field.open_choice and not field.separator:
        constraints["enum"] = list(field.choices)
    return {"name": field.code, "type": kind, "constraints": constraints}


def main() -> None:
    """As the module says."""
    way, file = sys.argv[1], Path(sys.argv[2])
    if way == "parse":
        frame, seconds = parse(file)
        rows = frame.height
    elif way == "copy":
        rows, seconds = copy(file, sys.argv[3])
    else:
        rows, seconds = frictionless(file, rules=way == "rules", today=date.fromisoformat(sys.argv[3]))
    sys.stdout.write(orjson.dumps({"rows": rows, "seconds": seconds}).decode() + "\n")


if __name__ == "__main__":
    main()
