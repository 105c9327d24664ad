"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class TriageConfig(AppConfig):
    """Registers the tables under the label "triage"."""

    name = "chengxin.triage"

    def ready(self) -> None:
        """Register what inspections bring about, what the night brings, and what follows from sealed acts."""
        from chengxin.triage import effects, nightly, own, projections  # noqa: F401, PLC0415 - they need the tables
