"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class DesignConfig(AppConfig):
    """Brings templates, styles and words; it has no tables."""

    name = "chengxin.design"
