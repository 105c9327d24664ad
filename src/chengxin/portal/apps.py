"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Registers the tables under the label "portal"."""

    name = "chengxin.portal"
