"""What follows for a subject today: lists on which it stands and measures in force, as `measures` tells it.

One door, so that this room needs to know no more of those below than the shape of the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import Any

Told = Callable[..., list[dict[str, Any]]]


def consequences_of(subject: int, today: date, *, public: bool) -> list[dict[str, Any]]:
    """List entries and measures in force, in the shape of `/api/v1/subjects/{code}/consequences`.

    subject   number in the registry
    public    only what anybody may see
    """
    if find_spec("chengxin.measures.consequences") is None:
        return []
    told: Told = import_module("chengxin.measures.consequences").consequences_of
    return told(subject, today, public=public)
