"""A pytest plugin: Django is set up before tests are collected, so that they import models at their top.

The home is a folder that goes with the run. The database is named only when a test asks for one (see
`databases`).
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest

_IN_MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of the run's own is made in it)
_ROOM = 4 << 30
"""Bytes that must be free there; a container often has less."""


def quick_folder(prefix: str) -> Path:
    """A new folder for what doesn't outlive the run, in memory where there is room: there a database is made
    in a quarter of the time. It goes when the process ends.
    """
    roomy = _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ROOM
    folder = tempfile.mkdtemp(prefix=prefix, dir=_IN_MEMORY if roomy else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # last of all, after its server stopped
    return Path(folder)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Choose the run's home and set Django up, before the first conftest is read."""
    os.environ["CHENGXIN_HOME"] = str(quick_folder("chengxin-tests-"))
    os.environ["CHENGXIN_DATABASE_URL"] = "postgresql:///not_asked_for"
    os.environ["DJANGO_SETTINGS_MODULE"] = "chengxin.settings"
    django.setup()
    early_config.pluginmanager.import_plugin("chengxin.testing.databases")
