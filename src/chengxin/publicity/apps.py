"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PublicityConfig(AppConfig):
    """Registers the tables under the label "publicity"."""

    name = "chengxin.publicity"
