"""The lake of the demonstration: an invented market whose shops the province's operators keep, and its leads.

It lies in the home beside the files of the province. What was made before an interruption stays.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from chengxin import __version__
from chengxin.accounts.permissions import at_the_console
from chengxin.demo import keepers
from chengxin.demo.history import working
from chengxin.demo.plan import SEED
from chengxin.demo.subjects import World
from chengxin.triage import evidence, grouping
from chengxin.triage.contract import Line, read
from chengxin.triage.evidence import Seen
from chengxin.triage.taking import Facts, Taken, take_leads

if TYPE_CHECKING:
    import polars as pl

    from chengxin.detection.declaring import Lead
    from chengxin.market import Plan

Progress = Callable[[str, int, float], None]

LAKE, TRUTH, LEADS = "lake", "lake_truth", "leads.jsonl"
"""What lies in the demonstration's folder: the lake, who is guilty of what in it, and what the models ask."""

ORDERS, MONTHS, SHARE = 20_000, 5, 0.06
"""A small market of five months; more of it is dishonest than anywhere, so that there is something to see."""

SCHEMES, OF_SHOP = 25, 3
"""Leads of each model that are kept, a ring being one; and how many of them about one shop's goods."""

TRIES, RING = 4, (5, 40)
"""Markets that are invented until the first model finds a ring in one; how many members can be drawn."""

OWN = ("price_fraud", "brushing", "not_as_described", "fake_traffic", "empty_parcels")
"""Models that may find something of the demonstration's merchant: its shop is one that they should find."""

Known = frozenset[tuple[str, str, str]]


class NoModels(LookupError):
    """The models aren't installed."""


def run_days(today: date) -> list[date]:
    """On which days the models were asked: the first working day of each month, the last not after today."""
    first, found = today.replace(day=1), list[date]()
    while len(found) < MONTHS:
        day = working(first - timedelta(days=1), 1)
        if day <= today:
            found.append(day)
        first = (first - timedelta(days=1)).replace(day=1)
    return found[::-1]


def make(folder: Path, scale: float, today: date, own: str | None = None) -> None:
    """Invent the market and ask the models about it, unless that was done.

    folder: of the demonstration; own: code of the firm for which the demonstration's merchant signs in.
    Raises NoModels where the extra `detection` isn't installed.
    """
    if (folder / LEADS).exists():
        return
    try:
        from chengxin.detection import detectors, running
        from chengxin.lake.engines import ENGINES
        from chengxin.lake.reading import open_lake
        from chengxin.market import build
    except ImportError as missing:
        raise NoModels(str(missing.name)) from missing
    world = World(SEED, scale, today)

    def keep(shops: pl.DataFrame) -> pl.DataFrame:
        return keepers.keepers(world, shops, own, OWN)

    first, *others = (detectors.detector(name) for name in detectors.NAMES)
    for attempt in range(TRIES):
        for name in (LAKE, TRUTH):
            shutil.rmtree(folder / name, ignore_errors=True)
        build(folder / LAKE, plan(world, attempt), keep).write(folder / TRUTH)
        engine = ENGINES["duckdb"]()
        try:
            lake = open_lake(folder / LAKE, engine)
            rings = running.run(lake, [first])
            if attempt + 1 < TRIES and not _ring(rings.leads):
                continue
            rest = running.run(lake, others)
            break
        finally:
            engine.close()
    chosen = tuple(_first((*rings.leads, *rest.leads), _shops(folder / LAKE)))
    running.write(running.Found(chosen, rest.notes), folder / LEADS)


def _ring(leads: Iterable[Lead]) -> bool:
    """Whether there is a ring that can be looked at whole."""
    sizes = Counter(one.ring for one in leads if one.ring is not None)
    return any(RING[0] <= size <= RING[1] for size in sizes.values())


def plan(world: World, attempt: int = 0) -> Plan:
    """The market: it ends where the month of the last run begins."""
    from chengxin.market import Plan

    first = run_days(world.today)[0].replace(day=1) - timedelta(days=1)
    return Plan(
        seed=SEED + attempt, orders=ORDERS, first_month=f"{first:%Y-%m}", months=MONTHS, share=SHARE,
        platforms=keepers.platforms(), carriers=keepers.carriers(world, 4),
    )  # fmt: skip


def _shops(lake: Path) -> dict[str, str]:
    """Whose goods they are."""
    import polars as pl

    offered = pl.scan_parquet(lake / "listings" / "**" / "*.parquet").select("product_id", "seller_id")
    return dict(offered.unique().collect().iter_rows())


def _first(leads: Iterable[Lead], shops: Mapping[str, str]) -> list[Lead]:
    """The first leads of each model, rings whole; few about the goods of one shop."""
    places: dict[str, dict[object, int]] = {}
    counted: Counter[tuple[str, str]] = Counter()
    kept = []
    for number, one in enumerate(leads):
        if one.entity == "product" and one.ring is None:
            shop = one.detector, shops.get(one.entity_id, one.entity_id)
            counted[shop] += 1
            if counted[shop] > OF_SHOP:
                continue
        of = places.setdefault(one.detector, {})
        if of.setdefault(one.ring or number, len(of)) < SCHEMES:
            kept.append(one)
    return kept


@dataclass(frozen=True)
class Desk:
    """The leads of the demonstration as they lie before the officers, month by month.

    texts   the lines as they stand in the file; `schemes`: which of them are one, `seen`: what the lake holds
    guilty  entities (kind, id, platform) that did what some model looks for, `twins`: that only look it
    runs    days on which the models were asked
    """

    texts: Sequence[bytes]
    lines: Sequence[Line]
    schemes: Sequence[tuple[int, ...]]
    seen: Sequence[Seen]
    guilty: frozenset[tuple[str, str, str, str]]
    twins: Known
    runs: Sequence[date]

    def take(self, day: date) -> Taken:
        """Take in what the models ask on a day: leads whose time lies in the months before; at last, all."""
        last = day >= self.runs[-1]
        chosen = [
            number
            for number, some in enumerate(self.schemes)
            if last or max(self.lines[one].until for one in some) < day.replace(day=1)
        ]
        numbers = sorted(one for number in chosen for one in self.schemes[number])
        place = {one: at for at, one in enumerate(numbers)}
        content = b"\n".join(self.texts[one] for one in numbers)
        return take_leads(
            at_the_console("chengxin demo"), Facts(content, __version__, day, taken_on=day),
            [self.lines[one] for one in numbers],
            schemes=[tuple(place[one] for one in self.schemes[number]) for number in chosen],
            seen=[self.seen[number] for number in chosen],
        )  # fmt: skip


def desk(folder: Path, today: date) -> Desk:
    """What `make` left, ready to be taken in."""
    from chengxin.market import truth

    content = (folder / LEADS).read_bytes()
    lines = read(content)
    schemes = grouping.schemes(lines)
    known = truth.read(folder / TRUTH)
    return Desk(
        [one for one in content.splitlines() if one.strip()], lines, schemes,
        evidence.read(folder / LAKE, lines, schemes),
        frozenset(known.entities.select("detector", "entity", "entity_id", "platform").iter_rows()),
        frozenset(known.twins.select("entity", "entity_id", "platform").iter_rows()),
        run_days(today),
    )  # fmt: skip
