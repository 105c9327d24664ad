"""What is known of each supervision model: its question, law, weight, prior, bar and honest twins."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chengxin.rulebook.laws import law
from chengxin.triage.calibration import Prior

Pair = tuple[str, str]


@dataclass(frozen=True)
class Detector:
    """A model; see detectors.toml."""

    id: str
    zh: str
    en: str
    ask: Pair
    ask_ring: Pair
    law: Pair
    harm: int
    prior: Prior
    bar: float
    twins: tuple[Pair, ...]
    warn: Pair | None = None
    list: str | None = None

    def question(self, who: Pair, members: int) -> Pair:
        """What a lead asks of `who` (in both languages), or of the members of a scheme."""
        if members > 1:
            return self.ask_ring[0].format(n=members), self.ask_ring[1].format(n=members)
        return self.ask[0].format(who=who[0]), self.ask[1].format(who=who[1])


@cache
def _table() -> tuple[Mapping[str, Detector], Mapping[str, Pair]]:
    table = tomllib.loads(Path(__file__).with_name("detectors.toml").read_text(encoding="utf-8"))
    reasons = {id: (zh, en) for id, (zh, en) in table.pop("reasons").items()}
    return {id: _detector(id, given) for id, given in table.items()}, reasons


def _detector(id: str, given: dict[str, Any]) -> Detector:
    pairs = {name: tuple(given[name]) for name in ("ask", "ask_ring", "law")}
    law(pairs["law"][0])  # one that isn't there ends the start
    low, high = given["prior"]
    return Detector(
        id=id, zh=given["zh"], en=given["en"], harm=given["harm"],
        prior=Prior(low, high, given["strength"]), bar=given["bar"],
        twins=tuple((zh, en) for zh, en in given["twins"]),
        warn=tuple(given["warn"]) if "warn" in given else None, list=given.get("list"), **pairs,
    )  # fmt: skip


def detectors() -> Mapping[str, Detector]:
    """Every model by its id, in the order of the file."""
    return _table()[0]


def reasons() -> Mapping[str, Pair]:
    """Why a lead can be a false alarm."""
    return _table()[1]
