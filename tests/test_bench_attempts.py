"""The benchmark's commands may fail, and the benchmark itself may be interrupted: what was measured stays."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bench.attempts import Journal, attempt

MIB = 2**20


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_command_is_told_by_what_it_took_and_said() -> None:
    done = attempt(_python("sum(range(20_000_000)); b = b'x' * 200_000_000; print('{\"leads\": 3}')"))
    assert done.failed == ""
    assert done.said == {"leads": 3}
    assert 0 < done.cpu <= done.seconds * 1.5
    assert done.memory < 400 * MIB


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("raise MemoryError('of the model')", "MemoryError"),
        ("class EngineMissing(Exception): ...\nraise EngineMissing('no Java')", "EngineMissing"),
        ("import sys; print('{\"leads\": 2}'); sys.exit(3)", "ended with 3"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by SIGKILL"),
    ],
)
def test_a_command_that_fails_says_why(code: str, why: str) -> None:
    done = attempt(_python(code))
    assert done.failed == why
    assert done.said == ({"leads": 2} if "leads" in code else {})


def test_a_command_that_takes_too_much_memory_is_ended() -> None:
    done = attempt(_python("b = b'x' * 300_000_000; import time; time.sleep(60)"), most=200 * MIB)
    assert done.failed.startswith("took more than")
    assert done.seconds < 30
    assert done.memory > 200 * MIB


def test_what_was_measured_before_an_interruption_is_not_measured_again(tmp_path: Path) -> None:
    measured: list[str] = []

    def made(what: str) -> dict[str, Any]:
        measured.append(what)
        return {"seconds": len(measured)}

    def journal(version: str) -> Journal:
        return Journal(tmp_path / "lake.jsonl", version, lambda _said: None)

    first = journal("one")
    assert first.kept("scan", lambda: made("scan")) == {"seconds": 1}
    with (tmp_path / "lake.jsonl").open("a") as lines:
        lines.write('\n{"version": "one", "what": "a line that was cut o')
    again = journal("one")
    assert again.kept("scan", lambda: made("scan")) == {"seconds": 1}
    assert again.kept("detector", lambda: made("detector")) == {"seconds": 2}
    assert journal("one").kept("detector", lambda: made("detector")) == {"seconds": 2}
    assert journal("another").kept("scan", lambda: made("scan")) == {"seconds": 3}
    again.finish()
    assert journal("one").kept("scan", lambda: made("scan")) == {"seconds": 4}
