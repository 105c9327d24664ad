"""Spelling of codes: full-width characters, case, blanks. The same rules for one text and for a column.

Only ASCII letters change case, and only the full-width forms U+FF01–U+FF5E and the ideographic space are
narrowed: full Unicode folding would alter names and differ between Python and Polars.
"""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

import polars as pl

BLANKS = " \t\r\n\v\f\u00a0\u200b\ufeff"
_NARROW = {chr(0xFF01 + offset): chr(0x21 + offset) for offset in range(94)} | {"\u3000": " "}
_UPPER = dict(zip(ascii_lowercase, ascii_uppercase, strict=True))
_LOWER = dict(zip(ascii_uppercase, ascii_lowercase, strict=True))


def _then(first: dict[str, str], second: dict[str, str]) -> dict[str, str]:
    """The replacements of `first` followed by those of `second`, as one table."""
    return second | {old: second.get(new, new) for old, new in first.items()}


_TABLES = {"": _NARROW, "upper": _then(_NARROW, _UPPER), "lower": _then(_NARROW, _LOWER)}
_TRANSLATIONS = {case: str.maketrans(table) for case, table in _TABLES.items()}


def fold(text: str, case: str = "") -> str:
    """Narrow full-width characters, strip blanks at both ends, set ASCII letters in `case` ("": as is)."""
    return text.translate(_TRANSLATIONS[case]).strip(BLANKS)


def folded(text: pl.Expr, case: str = "") -> pl.Expr:
    """`fold` over a column; null stays null."""
    table = _TABLES[case]
    return text.str.replace_many(list(table), list(table.values())).str.strip_chars(BLANKS)
