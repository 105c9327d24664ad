"""One import at a time, and whole or not at all: the lock of a lake, the staging folder, and the journal.

Everything is written under `_staging` first. Then the journal is written, in one rename; from there on the
import counts as made. What it lists is renamed into place file by file, each rename whole in itself. Whoever
takes the lock next finishes what a journal lists, or, when there is none, throws away what was staged.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

STAGING = "_staging"
LOCK = "_lock"
_JOURNAL = "journal.json"


class Escaping(ValueError):
    """A path in the lake that leads out of it (a symbolic link was laid there)."""


@dataclass(frozen=True)
class Change:
    """A file of the lake: `staged` takes the place of `target`; without `staged`, `target` is removed.

    Both are paths below the lake's folder.
    """

    target: str
    staged: str | None = None


@contextmanager
def exclusive(lake: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[Path]:
    """The lake for this process alone, what was interrupted finished or undone; gives the staging folder.

    `waiting` is called once when another import holds the lake, before waiting for it.
    """
    lake.mkdir(parents=True, exist_ok=True)
    with (lake / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        recover(lake)
        staging = lake / STAGING
        staging.mkdir()
        try:
            yield staging
        finally:
            if not (staging / _JOURNAL).exists():
                shutil.rmtree(staging, ignore_errors=True)


def commit(lake: Path, changes: list[Change]) -> None:
    """Make the changes count, then make them. Only under `exclusive`."""
    for change in changes:
        inside(lake, lake / change.target)
        if change.staged:
            _sync(lake / change.staged)
    staging = lake / STAGING
    _write(staging / _JOURNAL, json.dumps([asdict(one) for one in changes], ensure_ascii=False))
    recover(lake)


def recover(lake: Path) -> None:
    """Finish what a journal lists, and throw the staging folder away. Only with the lock held."""
    staging = lake / STAGING
    journal = staging / _JOURNAL
    if journal.exists():
        for one in json.loads(journal.read_text(encoding="utf-8")):
            _make(lake, Change(**one))
        journal.unlink()
    if staging.is_symlink():
        staging.unlink()
    shutil.rmtree(staging, ignore_errors=True)


def inside(lake: Path, path: Path) -> Path:
    """The path, when it stays within the lake's folder and meets no symbolic link there; else Escaping."""
    below = Path(os.path.normpath(path)).relative_to(lake)
    walked = lake
    for part in below.parts:
        walked = walked / part
        if walked.is_symlink():
            raise Escaping(
                f"数据湖内不得有符号链接：{walked} / no symbolic link may stand in the lake: {walked}"
            )
    return path


def _make(lake: Path, change: Change) -> None:
    target = inside(lake, lake / change.target)
    if change.staged is None:
        target.unlink(missing_ok=True)
        if target.parent.is_dir() and not any(target.parent.iterdir()):
            target.parent.rmdir()
    elif (staged := lake / change.staged).exists():  # else it was made before the interruption
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged, target)  # noqa: PTH105 # one rename: the old or the new, never half
        _sync(target.parent)


def _write(path: Path, text: str) -> None:
    """A whole file or none."""
    draft = path.with_name(path.name + ".draft")
    draft.write_text(text, encoding="utf-8")
    _sync(draft)
    _sync(path.parent)
    os.replace(draft, path)  # noqa: PTH105 # as above
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
