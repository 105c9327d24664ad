"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registers the tables under the label "cases"."""

    name = "chengxin.cases"
