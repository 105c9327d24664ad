"""The demonstration province goes in by the front door: its files are written, then sent like everybody's."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.demonstrated import MARK
from chengxin.archive.models import Record
from chengxin.cases.models import Case
from chengxin.cli import demonstration_lake
from chengxin.cli.demonstration_lake import Desk, NoModels
from chengxin.cli.demonstration_people import make_people, own_code
from chengxin.cli.played.history import play
from chengxin.demo.plan import SEED, DemoFile, write_files
from chengxin.demo.sources import sources
from chengxin.demo.subjects import World
from chengxin.exchange import batches
from chengxin.exchange.actions import ingest_file
from chengxin.registry.models import Subject
from chengxin.rulebook.measures import measures
from chengxin.triage.models import Lead

Progress = Callable[[str, int, float], None]

HISTORY = "demonstration_history.json"
"""Lies in the home while the history is played: which case is which life of the plan."""


_FILES, _LAKE = 0.3, 0.15
"""The files' and the lake's share of the work, where a history follows."""


class NotEmpty(ValueError):
    """The home holds something already."""


def _mark() -> Path:
    path: Path = settings.HOME.path
    return path / MARK


def wanted() -> bool:
    """Whether the home is empty, or its demonstration was interrupted."""
    if _mark().exists():
        return not json.loads(_mark().read_text())["done"]
    return not Record.objects.exists()


def filled() -> bool:
    """Whether the home holds a demonstration that is complete."""
    return _mark().exists() and bool(json.loads(_mark().read_text())["done"])


def fill(
    scale: float, today: date, progress: Progress, *, history: bool = True, lake: bool = True
) -> dict[str, Any]:
    """Write the files of the province, send them, and let its people deal with them for some months; goes on
    where an earlier call of the same scale was stopped.

    history: whether lists, objections, repairs, measures and notices are played, too (cli/played)
    lake: whether there is a lake with leads of the supervision models; without the extra `detection` none is
    made, and the answer says so (`lake`: made, none or missing)
    Raises NotEmpty when the home holds anything else, ValueError for a scale out of bounds.
    """
    begun = json.loads(_mark().read_text()) if _mark().exists() else None
    if (begun is None and Record.objects.exists()) or (begun and (begun["done"] or begun["scale"] != scale)):
        raise NotEmpty(
            "数据目录不是空的，演示数据只写入空目录；请用 --home 另选目录 / "
            "the home is not empty, and a demonstration goes into an empty one: choose another with --home"
        )
    state = begun or {"scale": scale, "today": today.isoformat(), "sent": 0, "done": False}
    day = date.fromisoformat(state["today"])
    _mark().write_text(json.dumps(state))
    folder = settings.HOME.path / "demonstration"
    files = write_files(folder, scale=scale, today=day)
    total, rows = sum(one.rows for one in files) or 1, 0
    share = _FILES if history else 1.0 - (_LAKE if lake else 0.0)
    for number, one in enumerate(files):
        if number >= state["sent"]:
            _send(one, day, _from(progress, rows, total, share))
            state["sent"] = number + 1
            _mark().write_text(json.dumps(state))
        rows += one.rows
    note_actors(scale, day)
    make_people()
    progress("lake", 0, share)
    desk = _desk(folder, scale, day) if lake else None
    refused: dict[str, int] = {}
    if history:
        kept, share = settings.HOME.path / HISTORY, share + _LAKE
        refused = play(
            scale,
            day,
            kept,
            lambda stage, rows, done: progress(stage, rows, share + (1 - share) * done),
            desk,
        )
    elif desk is not None:
        desk.take(day)
    _mark().write_text(json.dumps(state | {"done": True}))
    return {
        "subjects": Subject.objects.count(), "records": Record.objects.count(), "files": len(files),
        "cases": Case.objects.count(), "leads": Lead.objects.exclude(state="joined").count(),
        "lake": "made" if desk else "missing" if lake else "none", "refused": refused,
    }  # fmt: skip


def _desk(folder: Path, scale: float, day: date) -> Desk | None:
    """The lake and its leads; None where the models aren't installed."""
    try:
        demonstration_lake.make(folder, scale, day, own_code())
    except NoModels:
        return None
    return demonstration_lake.desk(folder, day)


def note_actors(scale: float, today: date) -> None:
    """Note those whom measures ask to act and who send no file: departments and payment institutions."""
    asked = {name for one in measures() for name in one.departments}
    for one in sources(World(SEED, scale, today)).values():
        if one.role == "institution" or one.name in asked:
            note_organisation(code=one.code, name=one.name, role=one.role, confirmed=True)


def _from(progress: Progress, before: int, total: int, most: float) -> Progress:
    """The progress of one file as that of all, which take `most` of the whole."""
    return lambda stage, rows, share: progress(stage, before + rows, most * min(1.0, (before + rows) / total))


def _send(file: DemoFile, today: date, progress: Progress) -> None:
    note_organisation(code=file.source_code, name=file.source_name, role=file.source_role, confirmed=True)
    receipt = ingest_file(
        file.path, file.item, file.source_code, today, operation=file.operation, progress=progress
    )
    batches.receipt_given(receipt.batch)
