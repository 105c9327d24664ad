"""A flow in bands whose width is their number: pure, numbers in, shapes out.

Stages stand one after the other, bands lead from one to the next. Lying (for wide screens) the flow runs to
the right, standing (for narrow ones, and 360 px is enough) it runs downward, a stage a row, its words to the
left. Two kinds of things may flow, each to a scale of its own: cases, and the tasks that they bring.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Unit = Literal["case", "task"]

THIN = 1.5
"""Width of a band that is there, but of which no number is told or whose own would be thinner."""


@dataclass(frozen=True)
class Stage:
    """Something that stands in the flow.

    column  how far along it stands; unit: what its bar is measured in
    beside  whether it stands beside the main flow: lying "above" or "below" it, standing at the right
    """

    id: str
    column: int
    unit: Unit
    beside: Literal["", "above", "below"] = ""


@dataclass(frozen=True)
class Way:
    """From one stage to another: how much leaves the one and arrives at the other, each in its stage's unit.

    None: something, but it isn't told how much. `into` is `out` where both are measured in the same.
    """

    source: str
    target: str
    out: int | None
    into: int | None


@dataclass(frozen=True)
class Bar:
    """A stage as drawn: its rectangle, without length where nothing flows, and where its words begin."""

    id: str
    x: float
    y: float
    width: float
    height: float
    words: tuple[float, float]


@dataclass(frozen=True)
class Band:
    """A way as drawn: from the span (begin, end) on the edge of one bar to that on the edge of another.

    `leaves` and `arrives` are places along the flow, the spans across it.
    """

    source: str
    target: str
    leaves: float
    arrives: float
    begin: tuple[float, float]
    end: tuple[float, float]
    told: bool


@dataclass(frozen=True)
class Drawing:
    """The shapes; `standing`: it runs downward."""

    width: float
    height: float
    standing: bool
    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Measures:
    """Sizes of a layout in px. `lengths`: of the longest bar, a unit."""

    width: float
    edge: float
    bar: float
    words: float
    gap: float
    lengths: Mapping[Unit, float]


LYING = Measures(1120, 8, 10, 66, 20, {"case": 132, "task": 104})
STANDING = Measures(344, 2, 10, 138, 20, {"case": 88, "task": 108})


def layout(stages: Sequence[Stage], ways: Sequence[Way], *, standing: bool = False) -> Drawing:
    """Place stages and ways; the order of the stages is that of their columns, and of rows when standing."""
    sizes = STANDING if standing else LYING
    spans = _spans(stages, ways, sizes)
    bars = _rows(stages, spans, sizes) if standing else _columns(stages, spans, sizes)
    bands = _bands(stages, ways, bars, spans, standing=standing)
    lowest = max((bar.y + bar.height for bar in bars.values()), default=0)
    if standing:
        lowest = max((bar.words[1] + sizes.words / 3 for bar in bars.values()), default=0)
    return Drawing(sizes.width, lowest + sizes.edge, standing, tuple(bars.values()), tuple(bands))


# --- how wide ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Spans:
    """How wide each way leaves and arrives, and how long each stage's bar is."""

    out: Mapping[int, float]
    into: Mapping[int, float]
    bar: Mapping[str, float]


def _spans(stages: Sequence[Stage], ways: Sequence[Way], sizes: Measures) -> _Spans:
    units = {one.id: one.unit for one in stages}
    sums: dict[str, dict[str, int]] = {"out": defaultdict(int), "into": defaultdict(int)}
    for one in ways:
        sums["out"][one.source] += one.out or 0
        sums["into"][one.target] += one.into or 0
    largest = dict.fromkeys(sizes.lengths, 1)
    for side in sums.values():
        for id, number in side.items():
            largest[units[id]] = max(largest[units[id]], number)
    scale = {unit: sizes.lengths[unit] / number for unit, number in largest.items()}
    out = {at: _wide(one.out, scale[units[one.source]]) for at, one in enumerate(ways)}
    into = {at: _wide(one.into, scale[units[one.target]]) for at, one in enumerate(ways)}
    bar = {
        one.id: max(
            sum(out[at] for at, way in enumerate(ways) if way.source == one.id),
            sum(into[at] for at, way in enumerate(ways) if way.target == one.id),
        )
        for one in stages
    }
    return _Spans(out, into, bar)


def _wide(number: int | None, scale: float) -> float:
    return 0.0 if number == 0 else THIN if number is None else max(THIN, number * scale)


# --- where ------------------------------------------------------------------------------------------------


def _columns(stages: Sequence[Stage], spans: _Spans, sizes: Measures) -> dict[str, Bar]:
    """Lying: cases above, tasks below them, each with what stands beside the flow."""
    last = max((one.column for one in stages), default=0) or 1
    pitch = (sizes.width - 2 * sizes.edge) / (last + 1)
    found: dict[str, Bar] = {}
    free: dict[int, float] = defaultdict(lambda: sizes.edge)

    def place(one: Stage, top: float) -> None:
        x, y = sizes.edge + one.column * pitch, max(free[one.column], top)
        found[one.id] = Bar(one.id, x, y + sizes.words, sizes.bar, spans.bar[one.id], (x, y))
        free[one.column] = y + sizes.words + spans.bar[one.id] + sizes.gap

    cases = [one for one in stages if one.unit == "case"]
    for one in cases:
        if one.beside == "above":
            place(one, 0)
    main = max(free.values(), default=0)
    for one in cases:
        if one.beside != "above":
            place(one, 0 if one.beside else main)
    tasks = [one for one in stages if one.unit == "task"]
    beside = min((one.column for one in tasks), default=0)
    below = max((top for column, top in free.items() if column >= beside), default=0)
    for one in tasks:
        place(one, below)
    return {one.id: found[one.id] for one in stages}


def _rows(stages: Sequence[Stage], spans: _Spans, sizes: Measures) -> dict[str, Bar]:
    """Standing: a row a stage, words to the left; what leaves the flow ends at the right."""
    found: dict[str, Bar] = {}
    y = sizes.edge
    height = sizes.words / 3
    for one in stages:
        long = spans.bar[one.id]
        x = sizes.width - sizes.edge - long if one.beside else sizes.words
        found[one.id] = Bar(one.id, x, y + height / 2 - sizes.bar, long, sizes.bar, (sizes.edge, y))
        y += height + sizes.gap
    return found


def _bands(
    stages: Sequence[Stage], ways: Sequence[Way], bars: Mapping[str, Bar], spans: _Spans, *, standing: bool
) -> list[Band]:
    order = {one.id: at for at, one in enumerate(stages)}

    def across(id: str) -> tuple[float, int]:
        """Where a stage stands across the flow: bands leave in the order in which they arrive."""
        bar = bars[id]
        return (bar.x if standing else bar.y), order[id]

    leaving: dict[int, float] = {}
    arriving: dict[int, float] = {}
    for one in stages:
        bar = bars[one.id]
        start = bar.x if standing else bar.y
        at = start
        for number in sorted(
            (n for n, way in enumerate(ways) if way.source == one.id), key=lambda n: across(ways[n].target)
        ):
            leaving[number], at = at, at + spans.out[number]
        at = start
        for number in sorted(
            (n for n, way in enumerate(ways) if way.target == one.id), key=lambda n: across(ways[n].source)
        ):
            arriving[number], at = at, at + spans.into[number]
    found = []
    for number, way in enumerate(ways):
        if not spans.out[number] and not spans.into[number]:
            continue
        source, target = bars[way.source], bars[way.target]
        found.append(
            Band(
                way.source,
                way.target,
                source.y + source.height if standing else source.x + source.width,
                target.y if standing else target.x,
                (leaving[number], leaving[number] + spans.out[number]),
                (arriving[number], arriving[number] + spans.into[number]),
                way.out is not None and way.into is not None,
            )
        )
    return found
