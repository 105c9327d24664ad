"""What the tests of the pages share."""

from __future__ import annotations

import pytest
from django.test import Client

from chengxin.portal.tests.small import Small, small_archive


@pytest.fixture
def archive(database: str) -> Small:
    """A small archive."""
    return small_archive()


@pytest.fixture
def browser() -> Client:
    """A browser that shows the page for an error as people see it."""
    return Client(raise_request_exception=False)
