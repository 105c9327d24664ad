"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Registers the tables under the label "ledger"."""

    name = "chengxin.ledger"
