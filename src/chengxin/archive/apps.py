"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    """Registers the tables under the label "archive"."""

    name = "chengxin.archive"
