"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Registers the tables under the label "exchange"."""

    name = "chengxin.exchange"
