"""The home folder: everything of one installation that is not code."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True)
class Home:
    """Paths inside one home folder."""

    path: Path

    @property
    def postgres(self) -> Path:
        """Data directory of the embedded PostgreSQL."""
        return self.path / "postgres"

    @property
    def keys(self) -> Path:
        """The keyring (mode 0600)."""
        return self.path / "keys.json"

    @property
    def inbox(self) -> Path:
        """Received files, named by their SHA-256."""
        return self.path / "inbox"

    @property
    def rejects(self) -> Path:
        """Workbooks of rejected rows, a file a batch."""
        return self.path / "rejects"

    @property
    def reports(self) -> Path:
        """Credit reports of the day as they were made, to be handed out again."""
        return self.path / "reports"


def chosen_home(given: Path | None = None) -> Home:
    """`--home`, else CHENGXIN_HOME, else the platform's data directory."""
    named = (
        given or os.environ.get("CHENGXIN_HOME") or platformdirs.user_data_dir("chengxin", appauthor=False)
    )
    return Home(Path(named).expanduser().resolve())
