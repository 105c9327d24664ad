"""Kinds of notice (kinds.toml): under which law each is published."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from chengxin.rulebook.laws import law


@dataclass(frozen=True)
class Kind:
    """One kind. `laws`: (law, article), the first in force is cited."""

    id: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    laws: tuple[tuple[str, str], ...]
    known_from: str

    def ground(self, on: date) -> tuple[str, str] | None:
        """The law to cite for a notice signed on a day, None where none is in force."""
        return next(((id, article) for id, article in self.laws if law(id).holds_on(on)), None)


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its id."""
    table: dict[str, dict[str, Any]] = tomllib.loads(
        (Path(__file__).parent / "kinds.toml").read_text(encoding="utf-8")
    )
    return {
        id: Kind(id, **(one | {"laws": tuple((law_id, article) for law_id, article in one["laws"])}))
        for id, one in table.items()
    }
