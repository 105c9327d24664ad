"""Taking files into the lake: read, checked, merged, and put in place whole or not at all.

One call is one sending: all its files are read before anything of the lake changes, so that a key may point
into a file that comes after. See `journal` for what an interruption leaves, `merging` for which row counts,
`quality` for what is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from chengxin.lake import checking, merging, quality
from chengxin.lake.casting import literal, quoted
from chengxin.lake.checking import BROKEN, Checked, Work
from chengxin.lake.contract import Table, tables
from chengxin.lake.guessing import guessed
from chengxin.lake.journal import STAGING, Change, commit, exclusive, inside
from chengxin.lake.quality import Report
from chengxin.lake.sources import Source, Unreadable, examined

ENDINGS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".parquet")
_PACKED = (".gz", ".zst")


@dataclass(frozen=True)
class NotTaken:
    """A file of which nothing was taken, and why, in both languages."""

    file: str
    why: str


@dataclass
class Outcome:
    """What became of a sending: a report for each table, files not taken, files taken before."""

    reports: list[Report] = field(default_factory=list)
    not_taken: list[NotTaken] = field(default_factory=list)
    already: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        """0 when everything was kept, 1 when something was refused, 2 when nothing was taken."""
        if not self.reports and not self.already:
            return 2
        return 1 if self.not_taken or any(one.refused for one in self.reports) else 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "tables": [one.as_dict() for one in self.reports],
            "not_taken": [vars(one) for one in self.not_taken],
            "already_taken": self.already,
        }


@dataclass(frozen=True)
class Taken:
    """A file of a sending as it was read, and the name of the note that it was taken."""

    source: Source
    table: Table
    checked: Checked
    record: str


def take(
    files: Sequence[Path],
    lake: Path,
    *,
    now: datetime,
    table: str | None = None,
    reporter: str | None = None,
    replace: bool = False,
    memory: str = checking.MEMORY,
    waiting: Callable[[], None] = lambda: None,
) -> Outcome:
    """Take files (or folders of them) into the lake at `lake`, which is made when it isn't there.

    `now` is UTC without a zone; `table` the table of all of them (else each is guessed); `reporter` the
    platform, carrier or institution that sends them: it fills an empty column, and rows of others are
    refused. With `replace`, every partition that is sent holds what was sent alone. `memory` bounds DuckDB;
    `waiting` is called when another import must be waited for.

    Raises KeyError for a table that there is none of, journal.Escaping for a symbolic link in the lake,
    partitions.PlainTable and merging.TooManyParts.
    """
    wanted = tables()[table] if table else None
    outcome = Outcome()
    lake = lake.resolve()
    with exclusive(lake, waiting) as staging:
        work = Work(checking.connected(staging, memory), staging, reporter)
        try:
            taken = list(_read(work, files, None if replace else lake, wanted, outcome))
            outcome.reports, changes = _merged(work.connection, lake, taken, now, replace=replace)
        finally:
            work.connection.close()
        if taken:
            changes += _noted(lake, taken, now, outcome)
            commit(lake, changes)
    return outcome


def expanded(files: Iterable[Path]) -> Iterator[Path | NotTaken]:
    """The files, folders replaced by what lies in them, in the order of their names.

    A symbolic link that somebody names is followed; one that lies in a folder is not.
    """
    for one in files:
        if one.is_file():
            yield one
        elif not one.is_dir():
            yield NotTaken(str(one), f"没有文件 {one} / there is no file {one}")
        else:
            yield from _folder(one)


def _folder(folder: Path) -> Iterator[Path | NotTaken]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if any(part.startswith(("_", ".")) for part in parts):
            continue
        if path.is_symlink():
            yield NotTaken(
                str(path), "文件夹内的符号链接不予读取 / a symbolic link in a folder isn't followed"
            )
        elif path.is_file() and _bare(path.name.lower()).endswith(ENDINGS):
            yield path


def _bare(name: str) -> str:
    for ending in _PACKED:
        name = name.removesuffix(ending)
    return name


def _read(
    work: Work, files: Sequence[Path], lake: Path | None, wanted: Table | None, outcome: Outcome
) -> Iterator[Taken]:
    """Every file read and checked; the outcome gets what can't be read, and what `lake` took before."""
    seen = set()
    for number, path in enumerate(expanded(files)):
        if isinstance(path, NotTaken):
            outcome.not_taken.append(path)
            continue
        try:
            source = examined(path, work.scratch / f"text-{number}")
            table = wanted or guessed(path, source, checking.columns_of(work, source, number), work.reporter)
            record = _record(source, table, work.reporter)
            if record in seen or (lake and _known(lake, table, record)):
                outcome.already.append(path.name)
                continue
            seen.add(record)
            yield Taken(source, table, checking.check(work, table, source, number), record)
        except Unreadable as refused:
            outcome.not_taken.append(NotTaken(str(path), str(refused)))
        except OSError as failed:
            outcome.not_taken.append(NotTaken(str(path), f"无法读取：{failed.strerror} / it can't be read"))


def _record(source: Source, table: Table, reporter: str | None) -> str:
    """The file that notes that this content was taken; who sent it is part of what was sent."""
    said = json.dumps([source.sha256, reporter, source.keys])
    return f"_taken/{table.name}/{hashlib.sha256(said.encode()).hexdigest()}.json"


def _known(lake: Path, table: Table, record: str) -> bool:
    """Whether it was taken, and the table is still there: somebody may have removed its folder since."""
    return (lake / record).is_file() and next((lake / table.name).rglob("*.parquet"), None) is not None


def view_of(connection: Any, table: Table, read: Sequence[Taken]) -> str:
    """All kept rows of a table's files as one view, with `_name`, the name of the file."""
    files = [one.checked for one in read]
    rows = " UNION ALL ".join(f"SELECT *, {literal(one.name)} AS _name FROM {one.kept_view}" for one in files)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW sent_{table.name} AS {rows}")
    return f"sent_{table.name}"


def _merged(
    connection: Any, lake: Path, taken: list[Taken], now: datetime, *, replace: bool
) -> tuple[list[Report], list[Change]]:
    """A report for every table of the sending; the changes that make it part of the lake."""
    by_table: dict[str, list[Taken]] = {}
    for one in taken:
        by_table.setdefault(one.table.name, []).append(one)
    views = {name: view_of(connection, tables()[name], some) for name, some in by_table.items()}
    lookups = targets(lake, views)
    changes: list[Change] = []
    reports: list[Report] = []
    for name, some in sorted(by_table.items()):
        table, view = tables()[name], views[name]
        inside(lake, lake / name)
        report = reported(connection, table, some, lookups, now)
        merged = merging.merge(connection, lake, table, view, replace=replace)
        report.findings += quality.repeated(connection, table, view, merged.repeated, report.rows)
        report.duplicates, report.changed = merged.duplicates, merged.changed
        report.added = report.kept - merged.changed
        report.partitions = merged.partitions
        changes += merged.changes
        for one in some:
            if one.checked.refused:
                target = f"_refused/{name}/{one.source.sha256[:16]}.csv"
                changes.append(Change(target, _refused(connection, lake, one)))
                report.refused_files.append(target)
        reports.append(report)
    return reports, changes


def reported(
    connection: Any, table: Table, read: Sequence[Taken], lookups: dict[str, str], now: datetime
) -> Report:
    """The report of a table as far as its files say: what was refused, and what speaks against the others."""
    view = view_of(connection, table, read)
    files = [one.checked for one in read]
    report = Report(
        table.name, rows=sum(one.rows for one in files), refused=sum(one.refused for one in files)
    )
    report.files = [
        {
            "file": source.name, "sha256": source.sha256, "form": source.form, "encoding": source.encoding,
            "rows": one.rows, "refused": one.refused,
        }
        for source, one in ((one.source, one.checked) for one in read)
    ]  # fmt: skip
    report.unknown = sorted({name for one in files for name in one.unknown})
    report.findings = quality.refused(connection, table, files, report.rows)
    warned, report.ranges = quality.measured(connection, table, view, report.rows, now)
    nowhere, report.unchecked = quality.references(connection, table, view, lookups, report.rows)
    report.findings += warned + nowhere
    return report


def targets(lake: Path, views: dict[str, str]) -> dict[str, str]:
    """What keys can point to: for every table of which there is something, the relation of its rows."""
    targets = {}
    for name, table in tables().items():
        folder = lake / name
        files = (
            sorted(path for path in folder.rglob("*.parquet") if path.is_file()) if folder.is_dir() else []
        )
        names = ", ".join(map(quoted, table.names))
        parts = [f"SELECT {names} FROM {merging.stored(table, files)}"] if files else []
        parts += [f"SELECT {names} FROM {views[name]}"] if name in views else []
        if parts:
            targets[name] = f"({' UNION ALL '.join(parts)})"
    return targets


def _refused(connection: Any, lake: Path, one: Taken) -> str:
    """Stage the refused rows of a file: what they said, where they stood, and what is wrong with each value.

    The names of the columns that are ours begin with `_`: the file can be mended and sent again as it is.
    """
    reasons = ", ".join(
        f"CASE (_broken >> {2 * at}) & 3 "
        + " ".join(
            f"WHEN {code} THEN {literal(f'{column.name}:{rule}')}" for code, rule in enumerate(BROKEN, 1)
        )
        + " END"
        for at, column in enumerate(one.table.columns)
    )
    names = ", ".join(map(quoted, one.table.names))
    staged = f"{STAGING}/refused-{one.checked.number}.csv"
    connection.execute(
        f"COPY (SELECT {names}, _row, concat_ws('; ', {reasons}, 'line:' || lower(_why)) AS _reasons, _line "
        f"FROM {one.checked.refused_view} ORDER BY _row) TO {literal(str(lake / staged))} "
        "(FORMAT csv, HEADER)"
    )
    return staged


def _noted(lake: Path, taken: list[Taken], now: datetime, outcome: Outcome) -> list[Change]:
    """The report and the notes of what was taken, staged."""
    changes = []
    notes = {one.record: {"file": one.source.name, "taken_at": f"{now:%Y-%m-%dT%H:%M:%SZ}"} for one in taken}
    name = hashlib.sha256("".join(sorted(notes)).encode()).hexdigest()[:8]
    notes |= {f"_reports/{now:%Y%m%dT%H%M%SZ}-{name}.json": outcome.as_dict()}
    for number, (target, content) in enumerate(notes.items()):
        staged = f"{STAGING}/note-{number}.json"
        (lake / staged).write_text(
            json.dumps(content, ensure_ascii=False, indent=1, default=str), encoding="utf-8"
        )
        changes.append(Change(target, staged))
    return changes
