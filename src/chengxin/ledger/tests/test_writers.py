"""Several writers at once: leaves stay without gaps, each writer's rows stay together, every head holds."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.db import connection

from chengxin.ledger import queries
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.ledger.models import EVENT, Event, TreeHead
from chengxin.ledger.verify import verify

TURNS, ROWS = 12, 23

WRITER = """
import os, sys
import django
django.setup()
from django.db import connection
from chengxin.settings import database_from_url
from chengxin.ledger.actions import appending
connection.settings_dict.update(database_from_url(os.environ["CHENGXIN_DATABASE_URL"]))
print("ready", flush=True)
sys.stdin.readline()
name, turns, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for turn in range(turns):
    with appending() as log:
        for number in range(rows):
            log.event(name, {"turn": turn, "number": number})
"""


def test_two_processes_that_write_at_once(database: str) -> None:
    named = {**os.environ, "CHENGXIN_HOME": str(settings.HOME.path), "CHENGXIN_DATABASE_URL": database}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, name, str(TURNS), str(ROWS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=named, text=True,
        )
        for name in ("one", "other")
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    _dense_and_together(("one", "other"))


def test_threads_of_one_process_that_write_at_once(database: str) -> None:
    def write(name: str) -> None:
        try:
            for turn in range(TURNS):
                with appending() as log:
                    for number in range(ROWS):
                        log.event(name, {"turn": turn, "number": number})
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[name]) for name in ("one", "other", "third")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _dense_and_together(("one", "other", "third"))


def _dense_and_together(names: tuple[str, ...]) -> None:
    rows = list(Event.objects.order_by("id").values_list("id", "kind", "body"))
    assert [leaf for leaf, *_ in rows] == list(range(len(names) * TURNS * ROWS))
    for first in range(0, len(rows), ROWS):
        turn = rows[first : first + ROWS]
        assert len({kind for _, kind, _ in turn}) == 1, "nobody else wrote in between"
        assert [f'"number":{number}' in body for number, (*_, body) in enumerate(turn)] == [True] * ROWS
    heads = list(TreeHead.objects.order_by("size").values_list("size", "previous"))
    assert heads == [(size, size - ROWS) for size in range(ROWS, len(rows) + 1, ROWS)]
    assert verify().holds and verify().leaves == len(rows)


def test_a_turn_that_fails_leaves_nothing(database: str) -> None:
    with appending() as log:
        log.event("kept", {})
    with pytest.raises(ZeroDivisionError), appending() as log:
        log.event("lost", {})
        assert log.next_leaf == 2
        raise ZeroDivisionError
    with appending():
        pass
    assert Event.objects.count() == TreeHead.objects.count() == queries.size() == 1
    with appending() as log:
        assert log.next_leaf == 1
        log.event("kept", {})
    assert verify().holds


def test_whoever_has_the_turn_keeps_others_waiting(database: str) -> None:
    order: list[str] = []

    def second() -> None:
        with appending() as log:
            order.append("second")
            log.event("second", {})
        connection.close()

    with appending() as log:
        waiting = threading.Thread(target=second)
        waiting.start()
        while not raw_cursor().execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
            pass
        log.event("first", {})
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    assert list(Event.objects.order_by("id").values_list("kind", flat=True)) == order


@pytest.mark.parametrize("sizes", [[255, 1, 1], [256, 256], [1, 255, 257], [600, 0, 1]])
def test_heads_across_the_border_of_a_tile(database: str, sizes: list[int]) -> None:
    for size in sizes:
        with appending() as log:
            log.keep(
                EVENT, [("note", "2026-06-01T00:00:00.000000+00:00", str(number)) for number in range(size)]
            )
    verdict = verify()
    assert verdict.holds and verdict.leaves == sum(sizes)
