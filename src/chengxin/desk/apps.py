"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Registers the tables under the label "desk"."""

    name = "chengxin.desk"
