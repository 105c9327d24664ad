"""An import that is killed leaves every partition as it was or as it shall be, and the next one goes on."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest

from chengxin.lake.journal import LOCK, STAGING, exclusive
from chengxin.lake.tests.sending import Row, order, parts, sent, utc, write

Parts = dict[str, list[Row]]


def _month(number: int) -> datetime:
    return utc(2026, 1 + number % 3, 2)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Parts, Parts]:
    """A lake; a file that changes one partition, empties one, adds two; what is there before and after."""
    folder = tmp_path_factory.mktemp("interrupted")
    sent(
        folder / "lake", write(folder / "orders.csv", [order(at, created_at=_month(at)) for at in (0, 1, 2)])
    )
    changes = [order(0, status="refunded", created_at=_month(0)), order(1, created_at=utc(2026, 5, 1))]
    file = write(folder / "orders-2.csv", [*changes, order(7, platform="jd")])
    before = parts(folder / "lake", "orders")
    shutil.copytree(folder / "lake", folder / "after")
    sent(folder / "after", file)
    return folder / "lake", file, before, parts(folder / "after", "orders")


def _killed(lake: Path, file: Path, what: str, nth: int) -> None:
    command = [sys.executable, "-m", "chengxin.lake.tests.interrupted", str(lake), str(file), what, str(nth)]
    done = subprocess.run(command, check=False, capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-500:]


@pytest.mark.parametrize(("what", "nth"), [("copy", 3), ("rename", 1), ("rename", 2), ("rename", 4)])
def test_whatever_the_moment_each_partition_is_old_or_new_and_the_next_import_goes_on(
    prepared: tuple[Path, Path, Parts, Parts], tmp_path: Path, what: str, nth: int
) -> None:
    origin, file, before, after = prepared
    lake = tmp_path / "lake"
    shutil.copytree(origin, lake)
    _killed(lake, file, what, nth)
    found = parts(lake, "orders")  # a half file could not be read
    for folder in {*found, *before, *after}:
        assert found.get(folder) in (before.get(folder), after.get(folder)), folder
    if (what, nth) == ("rename", 4):
        assert found not in (before, after)  # killed in the middle indeed
    # Any import finishes what was decided, and undoes what was not; the same one makes it whole.
    sent(lake, write(tmp_path / "marks.csv", [{"domain": "a.example", "subject_code": "C1"}]))
    assert parts(lake, "orders") == (before if what == "copy" or nth == 1 else after)
    sent(lake, file)
    assert parts(lake, "orders") == after
    assert not (lake / STAGING).exists()


def test_a_second_import_waits_for_the_first_and_says_so(tmp_path: Path) -> None:
    lake, told = tmp_path / "lake", threading.Event()
    file = write(tmp_path / "orders.csv", [order(1)])
    second = threading.Thread(target=lambda: sent(lake, file, waiting=told.set))
    with exclusive(lake):
        second.start()
        assert told.wait(30)
        assert not (lake / "orders").exists()
    second.join(30)
    assert len(parts(lake, "orders")) == 1
    assert (lake / LOCK).exists()


def test_an_import_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    assert sent(lake, write(tmp_path / "orders.csv", [{"platform": "a"}])).code == 2
    assert [path.name for path in lake.iterdir()] == [LOCK]
