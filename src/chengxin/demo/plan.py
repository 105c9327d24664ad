"""The files of the demonstration (data/plan.toml): what each holds, and writing them all."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import polars as pl

from chengxin.demo import almanac, everyday, files, official, records, shops, sources
from chengxin.demo.files import Style
from chengxin.demo.records import Task
from chengxin.demo.sources import Source
from chengxin.demo.subjects import OPERATORS, World
from chengxin.demo.words import DATA_FOLDER
from chengxin.rulebook import catalogue

_CHUNK = 50_000  # rows built at a time
_SMALL = 5_000  # rows up to which a file keeps a format that is not streamed
_REPORTING_DAYS = 19  # a report period's files come in its first weeks
_STYLE = ("format", "headings", "dates", "turned")

SEED = 2017
"""Which of all provinces it is, where nobody asks for another."""

Builder = Callable[[Task, pl.DataFrame], pl.DataFrame]
Operation = Literal["new", "correction", "withdrawal"]
BUILDERS: Mapping[str, Builder] = {
    "registration": official.registration,
    "licence": official.licence,
    "penalty": official.penalty,
    "abnormal_operation": official.abnormal_operation,
    "serious_violation": official.serious_violation,
    "honour": official.honour,
    "enforcement": official.enforcement,
    "authority_list": official.authority_list,
    "identity_report": everyday.identity_report,
    "commitment": everyday.commitment,
    "platform_violation": everyday.platform_violation,
    "complaint_outcome": everyday.complaint_outcome,
    "logistics": everyday.logistics,
    "third_party_rating": everyday.third_party_rating,
}
"""Who builds the rows of each item of the catalogue."""


@dataclass(frozen=True)
class DemoFile:
    """A file to be sent: where it is, what it holds, who sends it.

    operation: new; correction (rows with the business key of earlier ones); withdrawal (of such rows).
    rows: data rows; faulty: how many of them break a rule of the catalogue on purpose; repeated: how many
    stand in the file twice.
    """

    path: Path
    item: str
    source_name: str
    source_code: str
    format: str
    source_role: str
    source_region: str
    operation: Operation
    rows: int
    faulty: int
    repeated: int


@dataclass(frozen=True)
class Spec:
    """A file as planned; the head of data/plan.toml says what each value means."""

    name: str
    item: str
    source: str
    style: Style
    roles: tuple[str, ...] = OPERATORS
    cities: tuple[str, ...] = ()
    slope: float = 0
    base: float = 0
    every: bool = False
    most: int | None = None
    platform: int | None = None
    authority: str = "market"
    years: float = 3
    best: bool = False
    changes: bool = False
    period: int | None = None
    again: str | None = None
    operation: Operation = "new"
    seasons: bool = False
    repeated: int = 0


@lru_cache(maxsize=1)
def specs() -> Mapping[str, Spec]:
    """The plan by name, in the order of sending: registrations first, then what is known of those."""
    tables = tomllib.loads((DATA_FOLDER / "plan.toml").read_text(encoding="utf-8"))["file"]
    return {table["name"]: _spec(table) for table in tables}


def _spec(table: dict[str, Any]) -> Spec:
    style = Style(**{name: table[name] for name in _STYLE if name in table})
    rest: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in table.items()
        if name not in _STYLE
    }
    return Spec(style=style, **rest)


def write_files(folder: Path, *, scale: float = 1.0, seed: int = SEED, today: date) -> list[DemoFile]:
    """Write the demonstration province as files into `folder` (made when missing), in the order of sending.

    scale: 1 makes about 600 subjects and 5,000 records, s about 600·s subjects and 2,000 + 3,000·s records;
    from about 50 on the big files are CSV or TSV and the other formats stay small. seed: another province.
    today: no record is later. The same arguments give the same bytes. ValueError for a scale out of bounds.
    """
    world = World(seed, scale, today)
    folder.mkdir(parents=True, exist_ok=True)
    senders = sources.sources(world)
    return [
        _write(folder, number, spec, task(world, spec, senders))
        for number, spec in enumerate(specs().values(), start=1)
    ]


def task(world: World, spec: Spec, senders: Mapping[str, Source]) -> Task:
    """What a file of the plan holds in this world."""
    # A file about earlier rows draws them as that file did: same subjects, days and numbers.
    first = specs()[spec.again] if spec.again else spec
    eligible = _eligible(world, first)
    return Task(
        world=world,
        item=catalogue.item(spec.item),
        source=senders[_sender(world, spec.source, senders)],
        mark=first.name,
        eligible=eligible,
        calendar=_calendar(world, first),
        total=_rows(world, first, len(eligible)),
        every=first.every,
        best=first.best,
        platform=first.platform,
        authority=first.authority,
        changes=first.changes,
        amended=spec.operation == "correction",
        faulty=spec.operation == "new",
    )


def _sender(world: World, token: str, senders: Mapping[str, Source]) -> str:
    """The name of the source that a token of the plan means."""
    kind, _, which = token.partition(":")
    if kind == "bureau":
        return sources.city_bureau(which)
    fixed = {"court": sources.PROVINCE_COURT, "hotline": sources.HOTLINE}
    if not which:
        return fixed.get(token, token)
    return [one.name for one in senders.values() if one.role == kind][int(which)]


def _eligible(world: World, spec: Spec) -> pl.Series:
    if spec.platform is not None:
        ids = shops.operators_on(world, spec.platform)
    else:
        ids = world.ids_in(spec.roles, spec.cities)
    return ids if spec.every else records.by_notoriety(world, ids)


def _calendar(world: World, spec: Spec) -> pl.Series:
    """The days of a file's records: never before the item's first version was in force."""
    if spec.period is not None:
        _, begins = everyday.period_of(world.today, spec.period)
        ends = min(begins + timedelta(days=_REPORTING_DAYS), world.today)
        return almanac.days(begins, ends, seasons=False, working=True)
    known = min(one.version for one in catalogue.versions() if one.id == spec.item)
    since = max(known, world.today - timedelta(days=round(365.25 * spec.years)))
    return almanac.days(min(since, world.today), world.today, seasons=spec.seasons, working=not spec.seasons)


def _rows(world: World, spec: Spec, eligible: int) -> int:
    count = (
        eligible
        if spec.every
        else max(2, round(spec.slope * world.scale + spec.base * min(1.0, world.scale)))
    )
    return count if spec.most is None else min(count, spec.most)


def _write(folder: Path, number: int, spec: Spec, task: Task) -> DemoFile:
    # Corrections and withdrawals are about the newest rows of the earlier file.
    begin = (
        task.total - min(task.total, _rows(task.world, spec, task.total)) if spec.operation != "new" else 0
    )
    style = spec.style
    if task.total - begin > _SMALL and style.format not in files.STREAMED:
        style = replace(style, format="csv")
    path = folder / f"{number:02d}-{spec.name}.{files.SUFFIXES[style.format]}"
    faulty = 0

    def chunks() -> Iterator[pl.DataFrame]:
        nonlocal faulty
        for first in range(begin, task.total, _CHUNK):
            frame = BUILDERS[spec.item](task, records.base(task, first, min(first + _CHUNK, task.total)))
            if first == begin and spec.repeated:
                frame = pl.concat([frame, frame.filter(pl.col("_fault").is_null()).head(spec.repeated)])
            faulty += len(frame) - frame["_fault"].null_count()
            yield frame.drop("_fault")

    written = files.write(path, task.item, style, chunks())
    source = task.source
    return DemoFile(
        path=path,
        item=spec.item,
        source_name=source.name,
        source_code=source.code,
        format=style.format,
        source_role=source.role,
        source_region=source.region,
        operation=spec.operation,
        rows=written,
        faulty=faulty,
        repeated=spec.repeated,
    )
