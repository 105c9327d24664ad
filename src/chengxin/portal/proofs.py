"""The program with which anybody checks a proof of a record, as it stands in the documentation."""

from __future__ import annotations

from functools import cache
from pathlib import Path

PROGRAM = Path(__file__).parents[3] / "docs" / "check_proof.py"


@cache
def check_program() -> str | None:
    """Its text; None where the documentation is not installed beside the code."""
    try:
        return PROGRAM.read_text(encoding="utf-8")
    except OSError:
        return None
