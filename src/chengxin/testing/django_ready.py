"""A pytest plugin: Django is set up before tests are collected, so that they import models at their top.

The home is a folder that goes with the run. The database is named only when a test asks for one (see
`databases`).
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

import django
import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Choose the run's home and set Django up, before the first conftest is read."""
    home = tempfile.mkdtemp(prefix="chengxin-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # last of all, after its server stopped
    os.environ["CHENGXIN_HOME"] = home
    os.environ["CHENGXIN_DATABASE_URL"] = "postgresql:///not_asked_for"
    os.environ["DJANGO_SETTINGS_MODULE"] = "chengxin.settings"
    django.setup()
    early_config.pluginmanager.import_plugin("chengxin.testing.databases")
