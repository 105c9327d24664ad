"""What is measured, as values: figures of one way of doing something, and what was to be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One way of doing one thing.

    rate: units a second; what the ratios are made of. memory: highest resident memory in bytes of its
    processes, server_memory of PostgreSQL's; both None where not looked at. p50, p99: milliseconds.
    """

    name: str
    rate: float
    unit: str
    seconds: float | None = None
    p50: float | None = None
    p99: float | None = None
    memory: int | None = None
    server_memory: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Reach:
    """What was to be reached: `value` at least, or with `at_most` no more than, `limit`."""

    name: str
    value: float
    limit: float
    at_most: bool
    unit: str = "×"

    @property
    def met(self) -> bool:
        """Whether it was."""
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    def __str__(self) -> str:
        wanted = f"{'≤' if self.at_most else '≥'} {self.limit:g} {self.unit}"
        off = abs(self.value - self.limit) / self.limit
        verdict = "met" if self.met else f"**missed by {off:.0%}**"
        return f"{self.name}: {self.value:.2f} {self.unit} ({wanted}): {verdict}"


@dataclass(frozen=True)
class Part:
    """One part of the benchmark: its figures, this project's first in each group, and its reaches.

    tables: further ones in Markdown, which go behind it.
    """

    title: str
    groups: tuple[tuple[Figure, ...], ...]
    reaches: tuple[Reach, ...] = ()
    notes: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def table(part: Part) -> str:
    """The part as a table in Markdown; the last column says how many times as fast this project's way is."""
    lines = [
        f"### {part.title}",
        "",
        "| | rate | time or latency | memory | PostgreSQL | ours is |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for group in part.groups:
        ours = group[0]
        lines += [_line(one, None if one is ours else ours.rate / one.rate) for one in group]
    lines += ["", *(f"- {reach}" for reach in part.reaches), *(f"- {note}" for note in part.notes)]
    return "\n\n".join(["\n".join(lines), *part.tables])


def _line(one: Figure, ratio: float | None) -> str:
    cells = [
        one.name + (f" ({one.note})" if one.note else ""),
        f"{one.rate:,.0f} {one.unit}",
        _time(one),
        _bytes(one.memory),
        _bytes(one.server_memory),
        "" if ratio is None else f"{ratio:.2f} ×",
    ]
    return f"| {' | '.join(cells)} |"


def _time(one: Figure) -> str:
    if one.p50 is not None and one.p99 is not None:
        return f"p50 {one.p50:.2f} ms, p99 {one.p99:.2f} ms"
    return f"{one.seconds:.1f} s" if one.seconds is not None else ""


def _bytes(amount: int | None) -> str:
    return "" if amount is None else f"{amount / 2**20:,.0f} MiB"


GIB = 2**30
MOST_MEMORY = 2.0
"""GiB that the processes of this project may take at most."""


def memory_reach(figures: Sequence[Figure]) -> Reach:
    """That no process family of this project took more than MOST_MEMORY."""
    highest = max(one.memory or 0 for one in figures)
    return Reach("highest memory, PostgreSQL apart", highest / GIB, MOST_MEMORY, at_most=True, unit="GiB")
