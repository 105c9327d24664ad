"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    """Registers the tables under the label "archive"."""

    name = "chengxin.archive"

    def ready(self) -> None:
        """Let the ledger know what follows from sealed rows."""
        from chengxin.archive import projections  # noqa: F401, PLC0415 - it needs the tables first
