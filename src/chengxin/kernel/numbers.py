"""Numbers that strangers write: of rows, of pages."""

from __future__ import annotations

import re

_DIGITS = re.compile("[0-9]{1,18}", re.ASCII)
"""18 digits fit into PostgreSQL's bigint whatever they are; int() itself refuses thousands of them."""


def row_number(text: str) -> int | None:
    """The number that a text names, as tables number their rows; None for anything else."""
    return int(text) if _DIGITS.fullmatch(text) else None
