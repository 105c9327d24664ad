"""Public reports of the day as files in the home: made once, handed out again, gone the day after.

What stands here is never shown without comparing it with what is public now (`sealing.public_report`).
"""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

from django.conf import settings


def _folder(today: date) -> Path:
    home: Path = settings.HOME.reports
    return home / today.isoformat()


def kept(today: date, number: int, kind: str) -> bytes | None:
    """A file of a report of today, None where it isn't there."""
    try:
        return (_folder(today) / f"{number}.{kind}").read_bytes()
    except OSError:
        return None


def keep(today: date, number: int, kind: str, body: bytes) -> None:
    """Write a whole file or none; what other days left is removed."""
    folder = _folder(today)
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        for other in folder.parent.iterdir():
            if other.name < folder.name:
                shutil.rmtree(other, ignore_errors=True)
    draft = folder / f".{number}.{kind}.{os.getpid()}"
    draft.write_bytes(body)
    draft.replace(folder / f"{number}.{kind}")
