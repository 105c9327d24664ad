"""The thread of the service that does the nightly run once a day, soon after midnight in China.

Where several processes serve one home, one of them runs: it holds a lock of the database meanwhile. A night
that was missed is made up for at the start; a home that never had a run waits for its first midnight.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import date

from django.db import close_old_connections
from django.utils import timezone

from chengxin.decisions.nightly import last_night, nightly
from chengxin.ledger.actions import raw_cursor

logger = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds between two looks at the day."""

_LOCK = 20170117  # advisory lock: one nightly run at a time


class Nights:
    """Looks at the day again and again, and runs when it is another one than that of the last run."""

    def __init__(self, today: Callable[[], date] = timezone.localdate) -> None:
        self._today = today
        self._since: date | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look, in a thread of its own."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="nights", daemon=True)
            self._thread.start()

    def look(self) -> bool:
        """Run if a day has begun for which there was none; whether it ran."""
        today = self._today()
        self._since = self._since or today
        if (last_night() or self._since) >= today:
            return False
        cursor = raw_cursor()
        found = cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
        if not found or not found[0]:
            return False
        try:
            nightly(today)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        return True

    def _work(self) -> None:
        wait = threading.Event()
        while True:
            close_old_connections()
            try:
                self.look()
            except Exception:
                logger.exception("the nightly run could not be brought to its end; tried again later")
            wait.wait(PATIENCE)


nights = Nights()
