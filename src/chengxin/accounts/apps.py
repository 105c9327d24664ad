"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the tables under the label "accounts"."""

    name = "chengxin.accounts"
