"""Reading the rulebook's CSV tables."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

DATA_FOLDER = Path(__file__).parent / "data"


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a UTF-8 CSV file as heading → text; ValueError names the line whose columns do not fit."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(
                    f"{path.name}: 第{reader.line_num}行列数与标题不符 / "
                    f"line {reader.line_num} does not have the columns of the heading"
                )
            rows.append(row)
    return rows


def day(text: str) -> date | None:
    """An ISO date, or None for an empty cell."""
    return date.fromisoformat(text) if text else None


def in_force(since: date | None, until: date | None, on: date) -> bool:
    """Whether a row holds on a day; `until` is the first day on which it no longer does."""
    return (since is None or since <= on) and (until is None or on < until)
