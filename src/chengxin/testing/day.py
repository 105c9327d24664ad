"""A pytest plugin: a run stays on the day on which it began, also when midnight in China passes meanwhile."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

_plain = timezone.localdate


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Hold the day, for tests and for what they call; processes of their own have their own."""
    began = _plain()

    def held(value: datetime.datetime | None = None, zone: datetime.tzinfo | None = None) -> datetime.date:
        return began if value is None and zone is None else _plain(value, zone)

    timezone.localdate = held  # type: ignore[assignment]
