"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Registers the tables under the label "exchange"."""

    name = "chengxin.exchange"

    def ready(self) -> None:
        """Let the ledger know what follows from sealed rows."""
        from chengxin.exchange import projections  # noqa: F401, PLC0415 - it needs the tables first
