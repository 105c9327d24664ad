"""Whether what is shown is fictional: every page of a demonstration says so."""

from __future__ import annotations

import os

from chengxin.database import reading
from chengxin.demo.codes import MARK

_demonstrations: set[str] = set()


def demonstration() -> bool:
    """Whether the archive is fictional: some of its sources bear the mark of demonstration codes.

    Remembered once it is so, since no source is ever deleted.
    """
    if _database() not in _demonstrations:
        found = reading.row(
            "SELECT EXISTS (SELECT FROM accounts_organisation WHERE substr(code, 9, %s::int) = %s)",
            [len(MARK), MARK],
        )
        if not found or not found[0]:
            return False
        _demonstrations.add(_database())
    return True


def _database() -> str:
    return os.environ["CHENGXIN_DATABASE_URL"]
