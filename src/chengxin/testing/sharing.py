"""A pytest plugin: how a run is shared out among processes (pytest-xdist, `--dist=loadgroup`).

A file's tests stay together, because they share what the file prepares; all browser tests are one share,
because a service and a Chromium are started once. What takes longest is begun first, so that no process waits
at the end for another's long file.
"""

from __future__ import annotations

from pathlib import Path

import pytest

LONG = "takes_long"
"""Mark of a file (`pytestmark`) that takes a minute or more by itself."""

_ONE_SHARE = Path("tests/browser")


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", f"{LONG}: a file that takes a minute or more is begun first")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each test its share, and put the long shares first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_share(item.path.relative_to(config.rootpath))))
    items.sort(key=lambda item: item.get_closest_marker(LONG) is None)


def _share(path: Path) -> str:
    return str(_ONE_SHARE if path.is_relative_to(_ONE_SHARE) else path)
