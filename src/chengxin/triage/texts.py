"""Ratings in the same words: texts that are equal but for signs and blanks, grouped. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST = 8
"""Groups that are shown."""

_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Cluster:
    """Ratings in the same words: the text as it was first written, how many, by how many, of which days."""

    text: str
    number: int
    raters: int
    since: str
    until: str
    score: float


def clusters(ratings: Iterable[Mapping[str, Any]]) -> list[Cluster]:
    """The groups of two and more, the largest first."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for one in ratings:
        text = _SIGNS.sub("", str(one.get("text", ""))).casefold()
        if len(text) >= 2:
            groups.setdefault(text, []).append(one)
    found = [_cluster(some) for some in groups.values() if len(some) > 1]
    return sorted(found, key=lambda one: (-one.number, one.since))[:MOST]


def _cluster(some: Sequence[Mapping[str, Any]]) -> Cluster:
    ordered = sorted(some, key=lambda one: str(one.get("created_at", "")))
    days = [str(one.get("created_at", ""))[:10] for one in ordered]
    return Cluster(
        str(ordered[0]["text"]), len(some), len({one.get("rater_id") for one in some}), days[0], days[-1],
        sum(float(one.get("score") or 0) for one in some) / len(some),
    )  # fmt: skip
