"""The thread of the service that brings batches to their end."""

from __future__ import annotations

import logging
import threading

from django.db import close_old_connections

from chengxin.exchange.actions import complete_waiting

logger = logging.getLogger(__name__)

_PATIENCE = 2.0  # seconds between two looks for unfinished batches


class Worker:
    """A thread of the service that brings batches to their end, also those that an earlier one left."""

    def __init__(self) -> None:
        self._wake = threading.Event()
        self._started = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """There is something to do."""
        with self._started:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="batches", daemon=True)
                self._thread.start()
        self._wake.set()

    def _work(self) -> None:
        while True:
            self._wake.wait(_PATIENCE)
            self._wake.clear()
            close_old_connections()
            try:
                complete_waiting()
            except Exception:
                logger.exception("a batch could not be brought to its end; tried again later")


worker = Worker()
