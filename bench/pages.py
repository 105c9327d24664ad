"""The public pages under a steady load: home, search, faceted search, a subject's page.

Requests begin at fixed moments, RATE a second, whether the ones before are answered or not, so that a slow
answer isn't hidden by asking less. Which page, name or code is asked next is drawn beforehand.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from bench.figures import Figure, Part, Reach
from bench.fill import Size
from bench.processes import CommandFailed, chengxin, database, free_port, server

RATE = 20
"""Requests a second."""

SLOWEST = 50.0
"""Milliseconds within which 99 of 100 answers of each page must be there."""

WARM_UP = 5.0
MEASURE = 30.0
ASKERS = 16
PAGES = ("home", "search", "faceted search", "subject page")
_DRAWN = 3_000


def measure(home: Path, size: Size, seconds: float = MEASURE) -> Part:
    """Ask a serving process for pages of a filled home, all kinds mixed."""
    with database(home) as db:
        asked = _drawn(db.url, int(RATE * (seconds + WARM_UP)))
        port = free_port()
        command = chengxin("serve", "--home", str(db.home), "--port", str(port), "--workers", "1")
        with server(command, port, {"CHENGXIN_HOME": str(db.home)}):
            _counted(port)
            spent = _steadily(port, asked)
    figures = tuple(_figure(kind, spent[kind], seconds) for kind in PAGES)
    reaches = tuple(
        Reach(f"{one.name}, p99", one.p99 or 0.0, SLOWEST, at_most=True, unit="ms") for one in figures
    )
    return Part(
        title=f"Public pages at {RATE} requests/s: {size.subjects:,} subjects, {size.records:,} records",
        groups=tuple((one,) for one in figures),
        reaches=reaches,
        notes=(
            f"One process; requests begin at fixed moments, the four kinds of page in turn; {WARM_UP:g} s "
            f"warm-up, {seconds:g} s measured. Searches are for the first four characters of random "
            "subjects' names, every twentieth for a word that fits more subjects than are shown.",
        ),
    )


def _drawn(url: str, number: int) -> list[tuple[str, str]]:
    """What is asked, in turn: the kind of page and its address."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT s.name, i.value FROM registry_subject s "
            "JOIN registry_identifier i ON i.subject_id = s.id "
            "WHERE i.scheme = 'uscc' AND s.merged_into_id IS NULL AND s.kind <> 'natural_person' "
            "AND s.id IN (SELECT (random() * m)::bigint FROM generate_series(1, %s * 5), "
            "(SELECT max(id) AS m FROM registry_subject) t) LIMIT %s",
            [_DRAWN, _DRAWN],
        ).fetchall()
    if not found:
        raise CommandFailed("the home holds no subject to ask for")
    choose = random.Random(11)  # noqa: S311 - no secret
    asked = []
    for turn in range(number):
        name, code = choose.choice(found)
        q = choose.choice(("电子商务", "福州", "食品")) if turn % 40 in (1, 2) else name[:4]
        kind = PAGES[turn % len(PAGES)]
        narrowed = {"q": q, "kind": "legal_person", "standing": "penalty"}
        address = {
            "home": "/",
            "search": f"/search?{urlencode({'q': q})}",
            "faceted search": f"/search?{urlencode(narrowed)}",
            "subject page": f"/subjects/{quote(code)}",
        }[kind]
        asked.append((kind, address))
    return asked


def _counted(port: int) -> None:
    """Wait until the sums of the day are made, which the first look at the home page begins."""
    for _ in range(120):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/statistics.json")
        told = connection.getresponse().read()
        connection.close()
        if b'"day":null' not in told:
            return
        time.sleep(1)
    raise CommandFailed("the sums were not made within two minutes")


def _steadily(port: int, asked: list[tuple[str, str]]) -> dict[str, list[float]]:
    """Milliseconds of each answer after the warm-up, from the moment at which it should have been asked."""
    spent: dict[str, list[float]] = {kind: [] for kind in PAGES}
    held = threading.local()
    began = time.perf_counter() + 0.5

    def ask(turn: int) -> tuple[int, float]:
        kind, address = asked[turn]
        due = began + turn / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        connection = getattr(held, "connection", None)
        if connection is None:
            connection = held.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", address)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise CommandFailed(f"{kind}: {response.status}")
        return turn, (time.perf_counter() - due) * 1e3

    with ThreadPoolExecutor(ASKERS) as askers:
        for turn, took in askers.map(ask, range(len(asked))):
            if turn >= RATE * WARM_UP:
                spent[asked[turn][0]].append(took)
    return spent


def _figure(kind: str, spent: list[float], seconds: float) -> Figure:
    ordered = sorted(spent)
    return Figure(
        name=f"**{kind}**",
        rate=len(ordered) / seconds,
        unit="requests/s",
        p50=ordered[len(ordered) // 2],
        p99=ordered[len(ordered) * 99 // 100],
    )
