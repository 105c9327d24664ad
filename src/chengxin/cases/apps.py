"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registers the tables under the label "cases"."""

    name = "chengxin.cases"

    def ready(self) -> None:
        """Let the ledger know what follows from sealed steps."""
        from chengxin.cases import projections  # noqa: F401, PLC0415 - it needs the tables first
