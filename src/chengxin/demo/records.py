"""What every record of the demonstration shares: subject, day, the catalogue's columns, faults.

The builders of the items are in `official.py` (public bodies) and `everyday.py` (platforms and others).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from chengxin.demo import naming
from chengxin.demo.draws import Draw
from chengxin.demo.shops import with_shop
from chengxin.demo.sources import Source
from chengxin.demo.subjects import World, describe
from chengxin.rulebook.catalogue import Item

REMARK = "演示数据"
FOREVER = date(2099, 12, 31)
# The tail of the shops: the top tenth has about a third of the records, the top shop some 17 times the mean.
_HEAVY, _BLUNT = 2.2, 0.05
_NAMELESS = 0.08  # of the rows whose sender need not know the code: complaints, platforms' reports
_RESPELT = 0.04
_FAULTY = 0.01
_FAULTS = ("check_digit", "future", "missing")
_KINDS = {
    "legal_person": ("法人", "法人及非法人组织"),
    "organisation": ("非法人组织", "法人及非法人组织"),
    "individual_business": ("个体工商户",),
    "natural_person": ("自然人",),
}


@dataclass(frozen=True)
class Task:
    """One file to be built.

    mark: its name, from which its draws follow; calendar: the days of its records; total: its rows;
    every: each eligible subject once, else by a heavy tail; best: the tail turned round (honours);
    platform: position of the platform whose shops it is about; authority: whose business (market, platform,
    post, commerce, credit, culture); amended: the records as a later correction has them; faulty: whether
    some rows are faulty; changes: later changes of entries; brief: texts in a line.
    """

    world: World
    item: Item
    source: Source
    mark: str
    eligible: pl.Series
    calendar: pl.Series
    total: int
    every: bool = False
    best: bool = False
    platform: int | None = None
    authority: str = "market"
    amended: bool = False
    faulty: bool = True
    changes: bool = False
    brief: bool = False

    @property
    def draw(self) -> Draw:
        """The world's draws."""
        return self.world.draw

    @property
    def today(self) -> date:
        """The day up to which there are records."""
        return self.world.today


def base(task: Task, first: int, last: int) -> pl.DataFrame:
    """Rows `first` to `last` (not included) of a task before its item's columns.

    Adds to the subject's and shop's columns: row, key (for draws), on (the record's day), goods.
    """
    offset = (zlib.crc32(task.mark.encode()) >> 2) << 32
    frame = pl.DataFrame({"row": pl.int_range(first, last, dtype=pl.Int64, eager=True)})
    frame = frame.with_columns(key=pl.col("row") + offset)
    frame = frame.with_columns(_subject=_subjects(task))
    about = describe(task.world, frame["_subject"])
    frame = with_shop(task.world, pl.concat([frame.drop("_subject"), about], how="horizontal"), task.platform)
    settled = 0 if task.every else task.draw.below(pl.col("key"), "settled", 360)
    return frame.with_columns(
        # Nothing is recorded of a firm before it was founded, nor all of it on the first day.
        on=pl.max_horizontal(_days(task), pl.col("founded") + pl.duration(days=settled)),
        goods=naming.trade_word(task.draw, "goods"),
    )


def _days(task: Task) -> pl.Expr:
    """The records' days: in the order of the rows, as their numbers are; a register's as they come."""
    drawn = task.draw.unit(pl.col("key"), "day")
    place = drawn if task.every else (pl.col("row") + drawn) / task.total
    return pl.lit(task.calendar).gather((place * len(task.calendar)).cast(pl.Int64))


def by_notoriety(world: World, ids: pl.Series) -> pl.Series:
    """The numbers in an order that is the same in every file: who comes first has most records."""
    frame = pl.DataFrame({"id": ids})
    return frame.sort(world.draw.number(pl.col("id"), "notoriety"), maintain_order=True)["id"]


def _subjects(task: Task) -> pl.Expr:
    eligible = pl.lit(task.eligible)
    if task.every:
        return eligible.gather(pl.col("row"))
    count = len(task.eligible)
    drawn = (task.draw.unit(pl.col("key"), "subject") + _BLUNT) ** _HEAVY - _BLUNT**_HEAVY
    place = (drawn / ((1 + _BLUNT) ** _HEAVY - _BLUNT**_HEAVY) * count).cast(pl.Int64).clip(0, count - 1)
    return eligible.gather(count - 1 - place if task.best else place)


def subject_columns(task: Task) -> dict[str, pl.Expr]:
    """The columns that say whose record it is, by the item's own declaration, some names respelt."""
    item, draw, key = task.item, task.draw, pl.col("key")
    subject = item.subject
    natural = pl.col("kind") == "natural_person"
    firm_only = pl.when(~natural)
    hurried = draw.chance(key, "respelt", _RESPELT if task.faulty and not task.every else 0.0) & ~natural
    name = pl.when(hurried).then(naming.respelt(draw, key, pl.col("name"))).otherwise(pl.col("name"))
    columns: dict[str, pl.Expr] = {subject.name: name}
    if subject.kind:
        columns[subject.kind] = kind_word(item)
    for scheme, code in subject.identifiers.items():
        if scheme == "uscc":
            unknown = draw.chance(key, "code unknown", 0.0 if _needs(item, code) else _NAMELESS)
            columns[code] = pl.when(~unknown).then(pl.col("uscc"))
        elif scheme == "regno":
            columns[code] = pl.when(draw.chance(pl.col("id"), "tells regno", 0.6)).then(pl.col("regno"))
        elif scheme == "orgcode":
            columns[code] = pl.when(draw.chance(key, "tells orgcode", 0.3)).then(
                pl.col("uscc").str.slice(8, 9)
            )
        elif scheme == "resident_id":
            columns[code] = pl.when(natural).then(pl.col("person_id"))
    if subject.person_id_type:
        columns[subject.person_id_type] = pl.when(natural).then(pl.lit("身份证"))
    if subject.legal_person:
        columns[subject.legal_person] = firm_only.then(pl.col("person"))
    for place, column in ((subject.phone, "phone"), (subject.address, "address"), (subject.region, "county")):
        if place:
            columns[place] = pl.col(column)
    return columns


def _needs(item: Item, code: str) -> bool:
    """Whether firms can't be reported without this code."""
    field = item.field(code)
    return field.required or bool(field.required_when) or any(code in check.fields for check in item.checks)


def kind_word(item: Item) -> pl.Expr:
    """The word of the item's kind column for each subject."""
    field = item.field(item.subject.kind or "")
    known: dict[str, str] = {}
    for kind, names in _KINDS.items():
        for name in names:
            if name in field.choices:
                known.setdefault(kind, name)
    return pl.col("kind").replace_strict(
        list(known), list(known.values()), default=None, return_dtype=pl.String
    )


def role_word(item: Item) -> pl.Expr:
    """The word of the item's role column for each subject, from the catalogue's own table."""
    known: dict[str, str] = {}
    for word, role in item.roles.items():
        known.setdefault(role, word)
    if "merchant" in known:
        known["individual_business"] = known["merchant"]
    return pl.col("role").replace_strict(
        list(known), list(known.values()), default=None, return_dtype=pl.String
    )


def by(item: Item, source: Source, prefix: str) -> dict[str, pl.Expr]:
    """The pair of columns that name an authority by name and code (`prefix`, `prefix`DM)."""
    return {
        code: pl.lit(value)
        for code, value in ((prefix, source.name), (f"{prefix}DM", source.code))
        if any(field.code == code for field in item.fields)
    }


def number(head: str, tail: str = "号", *, width: int = 0) -> pl.Expr:
    """Numbers of decisions: 闽市监处罚〔2026〕123号, the year of `on` and the row's running number."""
    running = (pl.col("row") + 1).cast(pl.String)
    if width:
        running = running.str.zfill(width)
    year = pl.col("on").dt.year().cast(pl.String)
    return pl.concat_str([pl.lit(f"{head}〔"), year, pl.lit("〕"), running, pl.lit(tail)])


def serial(head: str) -> pl.Expr:
    """Running numbers of a system: head, day, six digits."""
    running = (pl.col("row") + 1).cast(pl.String).str.zfill(6)
    return pl.concat_str([pl.lit(head), pl.col("on").dt.strftime("%Y%m%d"), running])


def finished(
    task: Task, frame: pl.DataFrame, columns: Mapping[str, pl.Expr], *, forgotten: str | None = None
) -> pl.DataFrame:
    """The file's rows: every column of the item in its order, with faults where the task has them.

    forgotten: the column that faulty rows leave empty if it is filled, else a required one.

    Dates stay dates (the file's writer spells them), all else is text. The column `_fault` names the fault.
    """
    given = {**subject_columns(task), **columns, "BZ": remark(task)}
    frame = frame.with_columns(_fault=_fault(task))
    chosen = [
        given[field.code].alias(field.code)
        if field.code in given
        else pl.lit(None, pl.String).alias(field.code)
        for field in task.item.fields
    ]
    return _spoilt(task.item, frame.select(*chosen, "_fault"), task.today, forgotten)


def remark(task: Task) -> pl.Expr:
    """Every row says that it is a demonstration, a correction that it is one."""
    return pl.lit(f"{REMARK}；更正" if task.amended else REMARK)


def _fault(task: Task) -> pl.Expr:
    if not task.faulty:
        return pl.lit(None, pl.String)
    which = task.draw.pick(pl.col("key"), "fault", _FAULTS)
    return pl.when(task.draw.chance(pl.col("key"), "faulty", _FAULTY)).then(which)


def _spoilt(item: Item, frame: pl.DataFrame, today: date, forgotten: str | None) -> pl.DataFrame:
    """Make the marked rows faulty: a wrong check digit, a day in the future, a required field left empty."""
    fault = pl.col("_fault")
    code = item.subject.identifiers["uscc"]
    last = pl.col(code).str.slice(17)
    wrong = pl.when(last == "0").then(pl.lit("1")).otherwise(pl.lit("0"))
    needed = next(field.code for field in reversed(item.fields) if field.required and field.type != "date")
    # A natural person has no code to spoil: the day is spoilt instead.
    fault = pl.when((fault == "check_digit") & pl.col(code).is_null()).then(pl.lit("future")).otherwise(fault)
    frame = frame.with_columns(_fault=fault)
    fault = pl.col("_fault")
    missing = (fault == "missing").fill_null(value=False)
    first = missing & pl.col(forgotten).is_not_null() if forgotten else pl.lit(False)
    emptied = {needed: missing & ~first} | ({forgotten: first} if forgotten else {})
    future = pl.lit(date(today.year + 1, 6, 18))
    return frame.with_columns(
        pl.when(fault == "check_digit")
        .then(pl.col(code).str.slice(0, 17) + wrong)
        .otherwise(pl.col(code))
        .alias(code),
        pl.when(fault == "future").then(future).otherwise(pl.col(item.date)).alias(item.date),
        *(pl.when(~here).then(pl.col(column)).alias(column) for column, here in emptied.items()),
    )
