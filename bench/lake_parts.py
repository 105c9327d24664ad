"""What is measured of the supervision models: each part a function that gives its piece of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.attempts import Outcome
from bench.figures import GIB, Figure, Reach
from bench.lake_asking import MEMORY, Asking, Both, Lake
from bench.lake_scans import CORES, Scan, of_orders
from chengxin.detection.detectors import NAMES

AGAINST_SCAN = 8.0
"""How many times as long as one plain scan with group-by of the lake all detectors may take."""

A_NEW_DAY = 60.0
"""Seconds from a day's new partitions to the leads of the whole lake."""


@dataclass(frozen=True)
class Lakes:
    """The lakes that are asked: that of the plan, one a tenth as large, one for both engines."""

    large: Lake
    small: Lake
    on_both: Lake

    @property
    def smallest(self) -> Lake:
        """That of which it is quickly said which columns are read."""
        return min(self.small, self.on_both, key=lambda one: one.orders)


@dataclass(frozen=True)
class Piece:
    """What a part gives to the page: as `figures.Part`."""

    groups: tuple[tuple[Figure, ...], ...] = ()
    reaches: tuple[Reach, ...] = ()
    notes: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def _every(asking: Asking, lakes: Lakes, lake: Lake, engine: str) -> dict[Scan, Outcome]:
    """Plain scans of all tables of a lake."""
    return {one: asking.scanned(lake, engine, one) for one in asking.scans(lakes.smallest)}


def _sum(scans: Mapping[Scan, Outcome]) -> Outcome:
    """All of them as one: what failed isn't counted, so that the floor is rather too low than too high."""
    whole = [one for one in scans.values() if not one.failed]
    failed = [f"{scan.table} {one.failed}" for scan, one in scans.items() if one.failed]
    return Outcome(
        sum(one.seconds for one in whole),
        sum(one.cpu for one in whole),
        max(one.memory for one in scans.values()),
        {},
        ", ".join(failed),
    )


def against_scans(asking: Asking, lakes: Lakes) -> Piece:
    """All detectors in one process, beside plain scans of the same lake."""
    lake = lakes.large
    scans = {engine: _every(asking, lakes, lake, engine) for engine in ("duckdb", "polars")}
    every = {engine: _sum(one) for engine, one in scans.items()}
    orders = {engine: asking.scanned(lake, engine, of_orders()) for engine in scans}
    ours = asking.detected(lake, None)
    named = [
        (f"**chengxin detect**: all {len(NAMES)} detectors", ours),
        *((f"{_ENGINES[engine]}: every table scanned and grouped", one) for engine, one in every.items()),
        *((f"{_ENGINES[engine]}: the orders alone, by seller", one) for engine, one in orders.items()),
    ]
    reaches = (
        Reach(
            "all detectors against one plain full scan with group-by of the lake (DuckDB, every table)",
            ours.seconds / max(every["duckdb"].seconds, 0.001),
            AGAINST_SCAN,
            at_most=True,
        ),
        Reach("highest memory", ours.memory / GIB, MEMORY, at_most=True, unit="GiB"),
    )
    notes = (
        f"By seconds of computing, against the same scan: {_ratio(ours.cpu, every['duckdb'].cpu)}; by time "
        f"against Polars': {_against(ours.seconds, every['polars'])}.",
        "Against a scan of the orders alone, by seller, which reads three columns of one table: "
        f"{_against(ours.seconds, orders['duckdb'])} DuckDB's, "
        f"{_against(ours.seconds, orders['polars'])} Polars'.",
        f"{sum(lake.rows.values()):,} rows in {lake.size / 1e9:.2f} GB of Parquet; "
        f"{ours.said.get('leads', 0):,} leads.",
    )
    figures = tuple(_figure(name, lake, one) for name, one in named)
    return Piece((figures,), _of_whole(reaches, ours), notes, (_by_table(lake, scans),))


def _figure(name: str, lake: Lake, one: Outcome) -> Figure:
    note = f"CPU {one.cpu:.1f} s" + (f"; **{one.failed}**" if one.failed else "")
    rate = lake.orders / max(one.seconds, 0.001)
    return Figure(name, rate, "orders/s", one.seconds, memory=one.memory, note=note)


def _of_whole(reaches: tuple[Reach, ...], *needed: Outcome) -> tuple[Reach, ...]:
    """What was reached is said of runs that came to their end."""
    return () if any(one.failed for one in needed) else reaches


_ENGINES = {"duckdb": "DuckDB", "polars": "Polars", "spark": f"Spark local[{CORES}]"}


def _by_table(lake: Lake, scans: Mapping[str, Mapping[Scan, Outcome]]) -> str:
    head = ["One plain scan of each table", "rows", "grouped by", "columns read"]
    for engine in scans:
        head += [_ENGINES[engine], "CPU", "memory"]
    rows = []
    for scan in scans["duckdb"]:
        keys = ", ".join(f"`{one}`" for one in scan.keys)
        row = [f"`{scan.table}`", f"{lake.rows.get(scan.table, 0):,}", keys]
        row.append(str(len(scan.keys) + len(scan.columns)))
        for took in scans.values():
            row += _cells(took[scan])
        rows.append(row)
    return markdown(head, rows)


def growth(asking: Asking, lakes: Lakes) -> Piece:
    """All detectors in one process and the plain scans, over both lakes; each detector's part of it."""
    both = asking.detected(lakes.small, None), asking.detected(lakes.large, None)
    scans = [_sum(_every(asking, lakes, one, "duckdb")) for one in (lakes.small, lakes.large)]
    sizes = [f"{lakes.small.orders:,} orders", f"{lakes.large.orders:,} orders"]
    times = lakes.large.orders / lakes.small.orders
    reaches = (
        Reach(
            f"all detectors' seconds of computing over {times:.0f} times the orders",
            both[1].cpu / max(both[0].cpu, 0.001),
            times,
            at_most=True,
        ),
        Reach(
            f"all leads of {lakes.small}, those of a new day among them",
            both[0].seconds,
            A_NEW_DAY,
            at_most=True,
            unit="s",
        ),
    )
    return Piece(
        reaches=_of_whole(reaches, *both),
        notes=("What detectors share is counted to the one that asks first.",),
        tables=(
            markdown(
                ["How it grows", *sizes, "×"],
                [*grown("all detectors", *both), *grown("every table scanned", *scans)],
            ),
            markdown(
                ["Detector, in one process with the others", *sizes, "×", "leads", "leads", "×"],
                told_apart(*both),
            ),
        ),
    )


def grown(whose: str, before: Outcome, after: Outcome) -> list[list[str]]:
    """A line for each cost: before, after, how many times as much; no ratio to what failed."""
    costs = {"seconds": "time", "cpu": "computing", "memory": "highest memory"}
    return [
        [
            f"{whose}: {said}",
            first,
            second,
            "" if before.failed or after.failed else _times(before, after, name),
        ]
        for (name, said), first, second in zip(costs.items(), _cells(before), _cells(after), strict=True)
    ]


def _times(before: Outcome, after: Outcome, name: str) -> str:
    return _ratio(getattr(after, name), getattr(before, name))


def told_apart(before: Outcome, after: Outcome) -> list[list[str]]:
    """A line for each detector, of what both runs say: time and leads; empty where one says nothing."""
    told = [one.said.get("detectors", {}) for one in (before, after)]
    forms = {"seconds": "{:,.1f} s", "leads": "{:,}"}
    lines = []
    for name in NAMES:
        line = [f"`{name}`"]
        for what, form in forms.items():
            few, many = (one.get(name, {}).get(what) for one in told)
            line += ["" if one is None else form.format(one) for one in (few, many)]
            line.append(_ratio(many, few) if few and many else "")
        lines.append(line)
    return lines


def on_both_engines(asking: Asking, lakes: Lakes) -> Piece:
    """Each detector on DuckDB and on Spark, with their leads side by side, and Spark's own plain scans."""
    lake = lakes.on_both
    scans = asking.scans(lakes.smallest)
    floors = {engine: asking.scanned(lake, engine, *scans) for engine in ("duckdb", "spark")}
    compared = {name: asking.on_both(lake, name) for name in NAMES}
    leads = sum(one.leads or 0 for one in compared.values())
    differ = sum(one.differences or 0 for one in compared.values())
    spent = sum(one.took["spark"].seconds for one in compared.values())
    reach = Reach(
        "detectors with the same leads on DuckDB and on Spark",
        sum(one.differences == 0 for one in compared.values()),
        len(NAMES),
        at_most=False,
        unit="detectors",
    )
    notes = (
        f"Over {lake}, {leads:,} leads were compared between the engines, each with its score, signals "
        f"and evidence: {differ:,} differ.",
        f"On Spark the detectors took {spent:.0f} s one after the other, each with a Java of its own; "
        f"against Spark's plain scans of every table in one process: {_against(spent, floors['spark'])}.",
    )
    return Piece(reaches=(reach,), notes=notes, tables=(_by_engine(lake, compared, floors),))


def _by_engine(lake: Lake, compared: Mapping[str, Both], floors: Mapping[str, Outcome]) -> str:
    head = [f"The same on both engines, {lake}"]
    for engine in floors:
        head += [_ENGINES[engine], "CPU", "memory"]
    rows = []
    for name, one in compared.items():
        numbers = ("" if number is None else f"{number:,}" for number in (one.leads, one.differences))
        rows.append(
            [f"`{name}`", *(cell for engine in floors for cell in _cells(one.took[engine])), *numbers]
        )
    rows.append(["every table scanned", *(cell for one in floors.values() for cell in _cells(one)), "", ""])
    return markdown([*head, "leads compared", "that differ"], rows)


PARTS = (against_scans, growth, on_both_engines)


def _cells(one: Outcome) -> list[str]:
    """Time, computing and memory; of what failed, why, and what it had taken until then."""
    time = f"**{one.failed}** after {one.seconds:.1f} s" if one.failed else f"{one.seconds:.1f} s"
    return [time, f"{one.cpu:.1f} s", f"{one.memory / 2**20:,.0f} MiB"]


def _against(seconds: float, floor: Outcome) -> str:
    """How many times as long as the floor that was."""
    return "not known, as it failed" if floor.failed else _ratio(seconds, floor.seconds)


def _ratio(value: float, base: float) -> str:
    return f"{value / base:.1f} ×" if base else ""


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown: the first column stands left, the others right."""
    lines = [head, ["---", *(["---:"] * (len(head) - 1))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
