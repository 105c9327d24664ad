"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    """Registers the tables under the label "workbench"."""

    name = "chengxin.workbench"
