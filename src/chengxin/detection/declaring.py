"""What a detector is, what it says, and what it says it with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chengxin.detection.clock import day_of
from chengxin.lake.reading import Lake


@dataclass(frozen=True)
class Signal:
    """Something that can look odd about an entity, declared: its name, its words, and what it is seen in.

    `zh` and `en` are sentences with places for `{value}` and `{baseline}`, formatted by `shown` ("percent"
    for a share, "number" for a count or an amount of something, "plain" for what is neither). `needs` names
    tables and columns of the lake (`orders.dwell_s`); without one of them the signal is off and the run says
    so. `kind` groups signals that see the same side of a scheme (time, money, text …): they are one witness,
    not several.
    """

    name: str
    kind: str
    zh: str
    en: str
    needs: tuple[str, ...] = ()
    shown: str = "percent"
    weight: float = 1.0

    def seen(self, value: float, baseline: float) -> Seen:
        """The signal with what was found and what would be usual."""
        return Seen(self, float(value), float(baseline))


@dataclass(frozen=True)
class Seen:
    """A signal as it was seen about one entity, beside what is usual for its category and season."""

    signal: Signal
    value: float
    baseline: float

    def as_dict(self) -> dict[str, object]:
        """The keys of the contract."""
        words = {"value": self._worded(self.value), "baseline": self._worded(self.baseline)}
        return {
            "name": self.signal.name,
            "value": round(self.value, 6),
            "baseline": round(self.baseline, 6),
            "why_zh": self.signal.zh.format(**words),
            "why_en": self.signal.en.format(**words),
        }

    def _worded(self, number: float) -> str:
        match self.signal.shown:
            case "percent":
                return f"{100 * number:.1f}%" if abs(number) < 0.1 else f"{100 * number:.0f}%"
            case "number":
                return f"{number:,.0f}" if abs(number) >= 10 or number == int(number) else f"{number:.1f}"
            case _:
                return f"{number:g}"


EVIDENCE = 50
"""How many ids of each kind a lead carries: what an inspector can look at, not all there is."""


@dataclass(frozen=True)
class Lead:
    """A question about one entity, with the signals that raised it and the rows to look at.

    `window` is the first and the last moment that it is about, in epoch seconds.
    """

    detector: str
    entity: str
    entity_id: str
    platform: str
    score: float
    window: tuple[int, int]
    signals: tuple[Seen, ...]
    orders: Sequence[str] = ()
    waybills: Sequence[str] = ()
    accounts: Sequence[str] = ()
    ring: str | None = None

    def as_dict(self) -> dict[str, object]:
        """The keys of the contract (lake.md), `ring` only for members of one."""
        found: dict[str, object] = {
            "detector": self.detector,
            "entity": self.entity,
            "entity_id": self.entity_id,
            "platform": self.platform,
            "score": round(min(max(self.score, 0.0), 1.0), 6),
            "window": [day_of(self.window[0]).isoformat(), day_of(self.window[1]).isoformat()],
        }
        if self.ring is not None:
            found["ring"] = self.ring
        found["signals"] = [one.as_dict() for one in self.signals]
        found["evidence"] = {
            "orders": list(self.orders)[:EVIDENCE],
            "waybills": list(self.waybills)[:EVIDENCE],
            "accounts": list(self.accounts)[:EVIDENCE],
        }
        return found


@dataclass(frozen=True)
class Detector:
    """A supervision model: what it looks for, whom it is about, what it cannot do without, and how it finds.

    `obligations` are the clauses of the plan it serves; the question that a lead of it puts stands with what
    else people need to decide it, in `triage/detectors.toml`. Without one of `needs` it is off; its signals
    have needs of their own.
    """

    name: str
    zh: str
    en: str
    obligations: tuple[str, ...]
    entities: tuple[str, ...]
    needs: tuple[str, ...]
    signals: tuple[Signal, ...]
    find: Callable[[Lake, frozenset[str]], list[Lead]] = field(repr=False)
    """Takes the lake and the names of the signals that can be seen in it; returns leads in any order."""
