"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    """Registers the tables under the label "measures"."""

    name = "chengxin.measures"
