"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers the tables under the label "audit"."""

    name = "chengxin.audit"
