"""Django app of this room."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Registers the tables under the label "desk", and what is handed over when somebody leaves."""

    name = "chengxin.desk"

    def ready(self) -> None:
        """Models are there now."""
        import_module("chengxin.desk.handing_over")
