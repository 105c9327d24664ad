"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    """Registers the tables under the label "measures"."""

    name = "chengxin.measures"

    def ready(self) -> None:
        """Let cases know the conditions and effects of measures, and entries what follows from them."""
        from chengxin.measures import (  # noqa: F401, PLC0415 - they need the tables first
            conditions,
            effects,
            following,
        )
