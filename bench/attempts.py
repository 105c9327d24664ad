"""Commands that may fail: what each took is told all the same, and kept as it comes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from bench.figures import GIB
from bench.processes import INTERVAL, ROOT, computed, family, resident

_ERROR = re.compile(r"^(?:\w+\.)*([A-Z]\w+)(?:: .*)?$", re.MULTILINE)
"""How Python's account of a failure ends: what kind of error it was."""


@dataclass(frozen=True)
class Outcome:
    """What a command took, until its end or until it failed.

    seconds: from its start to its exit. cpu: seconds of computing of all its processes. memory: their highest
    resident memory in bytes. said: the JSON that it printed. failed: why it failed, else empty.
    """

    seconds: float
    cpu: float
    memory: int
    said: dict[str, Any]
    failed: str = ""


def attempt(
    command: list[str], environment: Mapping[str, str] | None = None, *, most: int | None = None
) -> Outcome:
    """Run a command to its end, however it ends; one that takes more than `most` bytes is ended."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command, stdout=output, stderr=errors, cwd=ROOT, env={**os.environ, **(environment or {})}
        )
        memory, cpu, over = 0, 0.0, False
        try:
            while process.poll() is None:
                memory = max(memory, resident(family(process.pid)))
                # A Java that is started along isn't waited for: it has to be looked at while it lives.
                cpu = max(cpu, computed(process.pid))
                if most is not None and memory > most:
                    over = True
                    _end(process)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(INTERVAL)
        finally:
            _end(process)
        seconds = time.perf_counter() - began
        said = _json(_read(output))
        failed = f"took more than {most / GIB:.0f} GiB" if over and most else ""
        if process.returncode and not failed:
            failed = _reason(process.returncode, _read(errors))
    return Outcome(seconds, cpu, memory, said, failed)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        for one in family(process.pid):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        process.wait()


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _json(output: str) -> dict[str, Any]:
    """What was printed, where it is an object; a command that failed may have printed anything."""
    try:
        found = orjson.loads(output)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _reason(code: int, errors: str) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    named = [found[1] for found in _ERROR.finditer(errors)]
    return named[-1] if named else f"ended with {code}"


class Journal:
    """What was measured, a line of JSON for each thing: what was interrupted goes on where it was.

    Lines of another `version` of what is measured don't count. `say` is told of each thing before and after.
    """

    def __init__(self, path: Path, version: str, say: Callable[[str], None]) -> None:
        self._path, self._version, self.say = path, version, say
        self._known: dict[str, dict[str, Any]] = {}
        if path.exists():
            lines = [_json(line) for line in path.read_text(encoding="utf-8").splitlines()]
            self._known = {one["what"]: one["found"] for one in lines if one.get("version") == version}
        if self._known:
            say(f"Going on after {len(self._known)} things measured before; remove {path} to begin anew.")

    def kept(self, what: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What `make` gives, or gave before the interruption; `what` names it on the terminal, too."""
        if what not in self._known:
            self.say(f"{what} …")
            self._known[what] = found = make()
            with self._path.open("ab") as lines:
                # A line of its own, also behind one that was cut off.
                lines.write(b"\n" + orjson.dumps({"version": self._version, "what": what, "found": found}))
        return self._known[what]

    def finish(self) -> None:
        """All was measured: the next run begins anew; the lines stay to be read."""
        if self._path.exists():
            self._path.replace(self._path.with_suffix(".last.jsonl"))
