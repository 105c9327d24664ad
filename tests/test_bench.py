"""The benchmark's own parts: what it reports must be what was measured."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import date

import pytest

from bench.figures import Figure, Part, Reach, table
from bench.load import CONNECTIONS, load
from bench.report import figures, renewed

BODY = b'{"subject": null}' * 5_000


def _serve(listening: socket.socket) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=[connection], daemon=True).start()


def _answer(connection: socket.socket) -> None:
    """Answers come in pieces, the head split in the middle; whoever asks may leave at any time."""
    with connection, contextlib.suppress(ConnectionError):
        while request := connection.recv(4096):
            status = b"404 Not Found" if b"/missing " in request else b"200 OK"
            connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-")
            time.sleep(0.002)
            connection.sendall(b"Length: %d\r\n\r\n" % len(BODY) + BODY[:100])
            connection.sendall(BODY[100:])


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_serve, args=[listening], daemon=True).start()
        yield listening.getsockname()[1]


def test_the_load_is_as_many_whole_answers_as_there_were(port: int) -> None:
    seen = load(port, ["one", "two", "three"], warm_up=0.1, measure=0.5)
    assert seen.failures == 0
    assert seen.requests == pytest.approx(seen.rate * 0.5, rel=0.2)
    assert 2.0 <= seen.p50 <= seen.p99
    assert seen.rate <= CONNECTIONS / 0.002


def test_an_answer_that_is_not_200_counts_as_a_failure(port: int) -> None:
    seen = load(port, ["missing"], warm_up=0.1, measure=0.2)
    assert seen.failures == seen.requests > 0


def test_a_reach_says_by_how_much_it_was_missed() -> None:
    assert str(Reach("ingest", 1.5, 2.0, at_most=True)) == "ingest: 1.50 × (≤ 2 ×): met"
    assert str(Reach("ingest", 3.0, 2.0, at_most=True)) == "ingest: 3.00 × (≤ 2 ×): **missed by 50%**"
    assert str(Reach("look-up", 0.9, 1.0, at_most=False)) == "look-up: 0.90 × (≥ 1 ×): **missed by 10%**"


def test_the_table_says_how_many_times_as_fast_ours_is() -> None:
    ours = Figure("ours", 200.0, "rows/s", seconds=5.0, memory=2**20)
    theirs = Figure("theirs", 50.0, "rows/s", seconds=20.0)
    lines = table(Part("Ingest", ((ours, theirs),))).splitlines()
    assert "| ours | 200 rows/s | 5.0 s | 1 MiB |  |  |" in lines
    assert "| theirs | 50 rows/s | 20.0 s |  |  | 4.00 × |" in lines


def test_a_part_measured_alone_takes_its_own_place_on_the_page() -> None:
    figure = Figure("ours", 200.0, "rows/s")
    first = figures([Part(title, ((figure,),)) for title in ("Ingest: one file", "Screening: one list")])
    page = f"# Benchmarks\n\n## Figures\n\n{first}\n\n## What is compared\n\n**Ingest.** As it is.\n"
    again = Part("Ingest: another file", ((figure,),))
    new = Part("Supervision models: a lake", ((figure,),), tables=("| by detector |",))
    for part in (again, new, new):
        page = renewed(page, part, "python -m bench --only it", date(2026, 2, 2), 0.2)
    titles = [line for line in page.splitlines() if line.startswith("#")]
    assert titles == [
        "# Benchmarks", "## Figures", "### Ingest: another file", "### Screening: one list",
        "### Supervision models: a lake", "## What is compared",
    ]  # fmt: skip
    assert page.count("| by detector |\n\n- Measured alone on 2026-02-02") == 1
    assert page.count("\n\n### ") == 3
    assert page.endswith("\n\n## What is compared\n\n**Ingest.** As it is.\n")
