"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """Registers the tables under the label "decisions"."""

    name = "chengxin.decisions"
