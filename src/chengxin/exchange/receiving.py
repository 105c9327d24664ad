"""Files come in: kept in the inbox under their SHA-256, so that what was sent can be shown and read again."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from chengxin.kernel.problems import Problem

BLOCK = 1 << 20
LARGEST = 8 << 30
"""Bytes of one file: 8 GiB. Larger exports are cut by their senders."""

_STALE = 24 * 3600  # seconds

Progress = Callable[[float], None]


class NotReceived(ValueError):
    """The file could not be taken in; `problem` says why in both languages."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.zh}。{problem.mend_zh} / {problem.en}: {problem.mend_en}")
        self.problem = problem


@dataclass(frozen=True)
class Received:
    """A file in the inbox."""

    path: Path
    sha256: bytes
    size: int


LONGEST_NAME = 200  # characters


def file_name(given: str) -> str:
    """The name of a file as its sender gave it, without folders and signs that can't be seen."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in last if sign.isprintable()).strip(". ")
    return shown[-LONGEST_NAME:] or "file"


def receive_file(inbox: Path, given: Path, progress: Progress = lambda share: None) -> Received:
    """Take a file from the disk into the inbox; NotReceived when it can't be read."""
    try:
        if not given.is_file():
            raise _not_received("file", given.name, "不是文件", "is not a file")
        with given.open("rb") as stream:
            return receive(inbox, stream, given.stat().st_size, progress)
    except OSError as failed:
        reason = failed.strerror or type(failed).__name__
        raise _not_received(
            "readable", given.name, f"不能读取（{reason}）", f"can't be read ({reason})"
        ) from failed


def receive(inbox: Path, stream: BinaryIO, size: int, progress: Progress = lambda share: None) -> Received:
    """Copy a stream into the inbox; whole or not at all. `size`: bytes expected, for progress."""
    inbox.mkdir(parents=True, exist_ok=True, mode=0o700)
    _clear(inbox)
    digest, taken = sha256(), 0
    handle, name = tempfile.mkstemp(dir=inbox, prefix=".coming-")
    try:
        with os.fdopen(handle, "wb") as copy:
            while block := stream.read(BLOCK):
                taken += len(block)
                if taken > LARGEST:
                    raise _not_received("size", "", "超过8 GiB", "is larger than 8 GiB")
                digest.update(block)
                copy.write(block)
                progress(min(1.0, taken / size) if size else 1.0)
            copy.flush()
            os.fsync(copy.fileno())
        path = inbox / digest.hexdigest()
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Received(path, digest.digest(), taken)


def _clear(inbox: Path) -> None:
    """Remove what a process left half copied when it was killed, a day or longer ago."""
    for left in inbox.glob(".coming-*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _STALE:
                left.unlink()


def _not_received(rule: str, name: str, zh: str, en: str) -> NotReceived:
    return NotReceived(
        Problem(
            "file", name, rule, f"文件“{name}”{zh}", f"the file '{name}' {en}",
            "请检查文件路径、权限和大小", "check its path, permissions and size",
        )
    )  # fmt: skip
