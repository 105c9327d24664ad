"""Files of JSON Lines that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import orjson


def write_lines(path: Path, rows: Iterable[object]) -> None:
    """Write each row as a line of JSON; what stood in `path` stays until all are written."""
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as lines:
        lines.writelines(orjson.dumps(one) + b"\n" for one in rows)
    beside.replace(path)
