"""Dates as departments write them: read strictly, one at a time or a column at once.

A date that could mean two days, or none, is not read: it comes back as None (null), never guessed.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import polars as pl

from chengxin.kernel.text import fold, folded

EARLIEST = date(1900, 1, 1)
LATEST = date(2099, 12, 31)  # in the files of the two publicities this day means "without end"

# A time of day is allowed and dropped. Any offset but China's own is refused: it might be another day in
# China.
_TIME = r"(?:[ T](?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?(?:\+08:?00)?)?"
_M = "([0-9]{1,2})"
_WRITTEN = (
    rf"^([0-9]{{4}})(?:/{_M}/{_M}|-{_M}-{_M}|\.{_M}\.{_M}| ?年 ?{_M} ?月 ?{_M} ?日"
    rf"|([0-9]{{2}})([0-9]{{2}})(?:\.0+)?){_TIME}$"
)
_WRITTEN_PARTS = "${1}-${2}${4}${6}${8}${10}-${3}${5}${7}${9}${11}"  # all but one of each are empty
# The two commonest ways of writing have a path of their own: ten characters in known places are cheap.
_SLASHED = "^[0-9]{4}/[0-9]{2}/[0-9]{2}$"
_ISO = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(?: 00:00:00)?$"

# A day number of Excel's 1900 system, with a time of day after the point. Five digits only (18 May 1927
# on): "2026" is a year that somebody typed and not 18 July 1905.
_SERIAL = r"^([1-9][0-9]{4})(?:\.[0-9]+)?$"
_SERIAL_ZERO = date(1899, 12, 30)
_SERIAL_OF_1970 = (date(1970, 1, 1) - _SERIAL_ZERO).days

_WRITTEN_RE = re.compile(_WRITTEN.removesuffix("$"))
_SERIAL_RE = re.compile(_SERIAL.removesuffix("$"))


def parse_date(text: str) -> date | None:
    """Read a date, or say None when the text is not one.

    Read are 2026/03/05, 2026-3-5, 2026.3.5, 20260305, 2026年3月5日 (any of them with a time of day, which is
    dropped) and Excel serials such as 46086 or 46086.0; in full-width characters too. The day must exist
    and lie between 1900-01-01 and 2099-12-31.
    """
    spelled = fold(text)
    if written := _WRITTEN_RE.fullmatch(spelled):
        year, month, day = (int(part) for part in written.groups() if part is not None)
        try:
            found = date(year, month, day)
        except ValueError:
            return None
    elif serial := _SERIAL_RE.fullmatch(spelled):
        found = _SERIAL_ZERO + timedelta(days=int(serial[1]))
    else:
        return None
    return found if EARLIEST <= found <= LATEST else None


def _only(text: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(text.str.contains(pattern)).then(text)


def _read(text: pl.Series) -> pl.Series:
    """Read a column in steps; each looks only at what the one before left (null costs next to nothing)."""
    column, rest = pl.col("text"), pl.col("rest")
    serial = (rest.str.extract(_SERIAL).cast(pl.Int32) - _SERIAL_OF_1970).cast(pl.Date)
    found = pl.col("found")
    return (
        text.to_frame("text")
        .lazy()
        .with_columns(slashed=_only(column, _SLASHED), iso=_only(column, _ISO).str.slice(0, 10))
        .with_columns(
            rest=folded(pl.when(pl.col("slashed").is_null() & pl.col("iso").is_null()).then(column))
        )
        .with_columns(written=_only(rest, _WRITTEN).str.replace(_WRITTEN, _WRITTEN_PARTS))
        .select(
            found=pl.coalesce(
                pl.col("slashed").str.to_date("%Y/%m/%d", strict=False),
                pl.col("iso").str.to_date("%Y-%m-%d", strict=False),
                pl.col("written").str.to_date("%Y-%m-%d", strict=False),
                serial,
            )
        )
        .select(pl.when(found.is_between(EARLIEST, LATEST)).then(found).alias(text.name))
        .collect()
        .to_series()
    )


def parse_dates(text: pl.Expr) -> pl.Expr:
    """`parse_date` over a column of texts: a column of pl.Date, null where there is no date to be read."""
    return text.map_batches(_read, return_dtype=pl.Date, is_elementwise=True)
