"""Days and hours as people in China live them, out of moments in epoch seconds (UTC)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from ibis.expr import types as ir

MINUTE, HOUR, DAY = 60, 3600, 86400

CHINA = 8 * HOUR
"""What the clock in China is ahead of UTC, in seconds; the whole country, all the year."""


def day_of(moment: int) -> date:
    """The day in China of a moment."""
    return (datetime.fromtimestamp(moment, UTC) + timedelta(seconds=CHINA)).date()


def day_number(at: ir.IntegerValue) -> ir.IntegerValue:
    """The day in China of a moment, as days since 1970."""
    return ((at + CHINA) / DAY).floor().cast("int64")


def hour_of_day(at: ir.IntegerValue) -> ir.IntegerValue:
    """The hour (0–23) that the clock in China shows at a moment."""
    return ((at + CHINA) % DAY / HOUR).floor().cast("int64")
