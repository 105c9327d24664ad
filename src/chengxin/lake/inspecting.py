"""The quality of what is in the lake already: the same rules as for what is sent, and nothing is changed."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from chengxin.lake import checking, merging, quality
from chengxin.lake.casting import quoted
from chengxin.lake.checking import Work
from chengxin.lake.contract import Table, tables
from chengxin.lake.importing import NotTaken, Outcome, Taken, expanded, reported, targets, view_of
from chengxin.lake.quality import Report
from chengxin.lake.sources import Unreadable, examined


def inspect(lake: Path, *, now: datetime, table: str | None = None, memory: str = checking.MEMORY) -> Outcome:
    """A report of every table of the lake (or of the one named `table`), whatever wrote its files.

    `now` is UTC without a zone. `refused` counts rows that an import would refuse. Raises KeyError for an
    unknown table, NotADirectoryError when there is no such folder.
    """
    if not lake.is_dir():
        raise NotADirectoryError(lake)
    wanted = [tables()[table]] if table else list(tables().values())
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="chengxin-check-") as folder:
        work = Work(checking.connected(Path(folder), memory), Path(folder))
        try:
            read = {one.name: found for one in wanted if (found := _read(work, lake, one, outcome))}
            views = {name: view_of(work.connection, tables()[name], found) for name, found in read.items()}
            lookups = targets(lake, {}) | {name: f"(SELECT * FROM {view})" for name, view in views.items()}
            for name, found in read.items():
                report = reported(work.connection, tables()[name], found, lookups, now)
                _repeated(work.connection, tables()[name], views[name], report)
                outcome.reports.append(report)
        finally:
            work.connection.close()
    return outcome


def _read(work: Work, lake: Path, table: Table, outcome: Outcome) -> list[Taken]:
    read = []
    single = sorted(path for path in lake.glob(f"{table.name}.*") if path.is_file())
    folder = [lake / table.name] if (lake / table.name).is_dir() else []
    for path in expanded([*single, *folder]):
        if isinstance(path, NotTaken):
            outcome.not_taken.append(path)
            continue
        number = len(list(work.scratch.glob("source-*")))
        try:
            source = examined(path, work.scratch / f"text-{number}")
            read.append(Taken(source, table, checking.check(work, table, source, number), ""))
        except Unreadable as refused:
            outcome.not_taken.append(NotTaken(str(path), str(refused)))
    return read


def _repeated(connection: Any, table: Table, view: str, report: Report) -> None:
    """Rows that say again what another says, and rows of the same key that say something else."""
    if table.key:
        same, other = merging.find_repeated(connection, table, view)
        report.duplicates = same + other
        report.findings += quality.repeated(connection, table, view, other, report.rows)
    else:
        names = ", ".join(map(quoted, table.names))
        distinct = connection.execute(
            f"SELECT count(*) FROM (SELECT DISTINCT {names} FROM {view})"
        ).fetchone()[0]
        report.duplicates = report.rows - report.refused - distinct
