"""Words for the conditions, effects and documents that procedures name (names.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

Pair = tuple[str, str]


@cache
def _table() -> Mapping[str, Mapping[str, Pair]]:
    table = tomllib.loads((Path(__file__).parent / "names.toml").read_text(encoding="utf-8"))
    return {part: {id: (zh, en) for id, (zh, en) in names.items()} for part, names in table.items()}


def condition_name(id: str) -> Pair:
    """What a condition asks, in Chinese and English; its id where nobody gave it words."""
    return _table()["conditions"].get(id, (id, id))


def effect_name(id: str) -> Pair:
    """What an effect brings about, in Chinese and English; its id where nobody gave it words."""
    return _table()["effects"].get(id, (id, id))


def document_name(kind: str) -> Pair:
    """What a kind of document is called, in Chinese and English; its id where nobody gave it words."""
    return _table()["documents"].get(kind, (kind, kind))
