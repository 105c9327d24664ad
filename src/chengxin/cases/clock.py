"""The played clock: demonstrations and tests play months of procedure in minutes, and say that they do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_SET = "SELECT set_config('chengxin.played_clock', %s, false)"


@contextmanager
def played() -> Iterator[None]:
    """Within it this connection may take steps on other days than today (refused otherwise)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('chengxin.played_clock', true), '')")
        (before,) = cursor.fetchone()
        cursor.execute(_SET, ["on"])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(_SET, [before])
