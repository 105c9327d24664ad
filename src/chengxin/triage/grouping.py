"""Which lines are one scheme, and which scheme is one seen before: pure.

Members of one ring are one item of the queue. A ring's own id means nothing from one run to the next: what
makes it the same scheme is the members that it shares with one that is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chengxin.triage.contract import Line


def schemes(lines: Sequence[Line]) -> list[tuple[int, ...]]:
    """The lines of one file, as numbers, grouped into schemes; the best line of each comes first.

    A line that stands twice (same detector, entity, platform and window) counts once, by its higher score.
    """
    best: dict[tuple[object, ...], int] = {}
    for number, one in enumerate(lines):
        same = (one.detector, one.entity, one.entity_id, one.platform, one.since, one.until)
        if same not in best or one.score > lines[best[same]].score:
            best[same] = number
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number in best.values():
        one = lines[number]
        groups[(one.detector, one.ring) if one.ring else (number,)].append(number)
    return [
        tuple(sorted(group, key=lambda number: (-lines[number].score, _rank(lines[number]))))
        for group in groups.values()
    ]


_BEFORE = ("seller", "product", "domain", "courier", "account", "waybill", "order", "rating", "buyer")
"""Whom a scheme is named after among members of equal score: those who trade before those who buy."""


def _rank(line: Line) -> tuple[int, str, str]:
    return _BEFORE.index(line.entity), line.platform, line.entity_id


@dataclass(frozen=True)
class Known:
    """A member that is known already: its number, its lead, whether somebody acted on that."""

    member: int
    lead: int
    acted: bool


@dataclass(frozen=True)
class Placed:
    """A scheme with its place: `lead` is the known one, None for a new one; `moved`: those joined to it."""

    lines: tuple[int, ...]
    lead: int | None
    members: Mapping[int, int]
    moved: frozenset[int]


def placed(groups: Sequence[tuple[int, ...]], known: Mapping[int, Sequence[Known]]) -> list[Placed]:
    """Where each scheme of a file belongs; `known`: line → the members that it is, as they are kept.

    A scheme belongs to the lead on which somebody acted already, else to that with most of its members, else
    to the oldest. Members of other leads go over to it only from leads on which nobody acted.
    """
    found: list[Placed] = []
    for group in groups:
        counted: dict[int, list[Known]] = defaultdict(list)
        for number in group:
            for one in known.get(number, ()):
                counted[one.lead].append(one)
        lead = min(
            counted, key=lambda id: (not counted[id][0].acted, -len(counted[id]), id), default=None
        )  # fmt: skip
        members: dict[int, int] = {}
        moved: set[int] = set()
        for number in group:
            mine = sorted(known.get(number, ()), key=lambda one: (one.lead != lead, one.acted, one.member))
            if mine and (mine[0].lead == lead or not mine[0].acted):
                members[number] = mine[0].member
                if mine[0].lead != lead:
                    moved.add(mine[0].lead)
        found.append(Placed(group, lead, members, frozenset(moved)))
    return found
