"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """Registers the tables under the label "decisions"."""

    name = "chengxin.decisions"

    def ready(self) -> None:
        """Register what steps of the procedures bring about, and what follows from sealed steps."""
        from chengxin.decisions import (  # noqa: F401, PLC0415 - they need the tables first
            conditions,
            copies,
            documents,
            entries,
            objections,
            papers_objection,
            papers_repair,
            projections,
            repairs,
            repairs_nightly,
        )
