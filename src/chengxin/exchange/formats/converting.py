"""Workbooks and trees become separated text in a process of their own, with bounded memory and time.

Whatever a hostile file does to its reader, it does it there: this process sees an exit code.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from chengxin.exchange.formats import limits
from chengxin.exchange.formats.headings import Fields
from chengxin.exchange.formats.source import Source, temporary
from chengxin.exchange.formats.unreadable import Unreadable, unreadable
from chengxin.kernel.problems import Problem

_CONVERTER = "chengxin.exchange.formats.converter"


@dataclass(frozen=True)
class Converted:
    """What the converter found: the format, the fields present in catalogue order, unknown headings."""

    format: str
    columns: tuple[str, ...]
    ignored: tuple[str, ...]


def converted(source: Source, path: Path, kind: str, fields: Fields) -> tuple[Source, Converted]:
    """The file as a spool (`reading.spooled`), written beside `path`, and what was found.

    kind: xlsx, xls, json, jsonl or xml, text already in UTF-8. Unreadable also where memory or time runs out.
    """
    spool = Source(temporary(path))
    allowed = seconds(source.size)
    order = {
        "kind": kind,
        "source": source.descriptor,
        "start": source.start,
        "spool": spool.descriptor,
        "fields": fields.rows,
        "memory": limits.CHILD_MEMORY_BYTES,
        "seconds": allowed,
        "bytes": spool_bytes(source.size, kind),
    }
    process = subprocess.Popen(  # noqa: S603 - our own module, by the interpreter that runs
        [sys.executable, "-I", "-m", _CONVERTER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback could quote the file
        pass_fds=(source.descriptor, spool.descriptor),
    )
    with process:
        try:
            answer, _ = process.communicate(json.dumps(order).encode(), timeout=allowed)
        except subprocess.TimeoutExpired:
            raise unreadable("file_too_slow") from None
        finally:
            process.kill()
    return spool, _understood(answer, process.returncode)


def seconds(size: int) -> int:
    """How long a file of so many bytes may take."""
    return limits.CHILD_SECONDS + limits.CHILD_SECONDS_PER_MIB * (size // limits.MIB)


def spool_bytes(size: int, kind: str) -> int:
    """How much text may be made of a file of so many bytes."""
    if kind == "xlsx":
        size = min(limits.ZIP_UNPACKED_BYTES, limits.ZIP_RATIO * size)
    return limits.SPOOL_BYTES + limits.SPOOL_RATIO * size


def _understood(answer: bytes, code: int) -> Converted:
    try:
        found = json.loads(answer)
    except ValueError:
        raise unreadable("file_too_slow" if code == -signal.SIGXCPU else "file_too_large") from None
    if "problem" in found:
        raise Unreadable(Problem(**found["problem"]))
    if code != 0:
        raise unreadable("file_too_large")
    return Converted(found["format"], tuple(found["columns"]), tuple(found["ignored"]))
