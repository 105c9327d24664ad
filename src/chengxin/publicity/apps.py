"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PublicityConfig(AppConfig):
    """Registers the tables under the label "publicity"."""

    name = "chengxin.publicity"

    def ready(self) -> None:
        """Let notices be signed, and what is shown and taken down be noted in the ledger."""
        from chengxin.publicity import changes, notices, projections  # noqa: F401, PLC0415 - they need the tables
