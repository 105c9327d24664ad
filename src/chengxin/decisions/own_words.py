"""What a case means for its subject, in plain words: by procedure and state (own_words.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from chengxin.cases.models import Case

Pair = tuple[str, str]

_SAME_AS = {"red_listing": "listing", "imported": "listing"}


@cache
def _table() -> Mapping[str, Mapping[str, Pair]]:
    table = tomllib.loads((Path(__file__).parent / "own_words.toml").read_text(encoding="utf-8"))
    return {part: {state: (zh, en) for state, (zh, en) in words.items()} for part, words in table.items()}


def means(case: Case) -> Pair:
    """What the state of a case means for its subject; ("", "") where nobody wrote it."""
    part = _SAME_AS.get(case.procedure, case.procedure)
    return _table().get(part, {}).get(case.state, ("", ""))
