"""Django's settings for tools that read the code alone (type check, search for missing migrations).

They have neither a home nor a database: the keys lie in a folder that goes with the process, and the database
is Django's `dummy`, which refuses every query.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="chengxin-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["CHENGXIN_HOME"] = _folder
os.environ["CHENGXIN_DATABASE_URL"] = "postgresql:///nowhere"

from chengxin.settings import *  # noqa: E402, F403 - they read the two variables above

DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
