"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Registers the tables under the label "registry"."""

    name = "chengxin.registry"
