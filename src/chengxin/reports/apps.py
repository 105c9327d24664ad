"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Registers the tables under the label "reports"."""

    name = "chengxin.reports"
