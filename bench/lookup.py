"""The look-up by code over HTTP, against FastAPI on the same database, and a bare loop of psycopg."""

from __future__ import annotations

import http.client
import random
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import psycopg

from bench.figures import Figure, Part, Reach, memory_reach
from bench.fill import Size
from bench.load import CONNECTIONS, MEASURE, WARM_UP, Load
from bench.processes import (
    CommandFailed,
    Database,
    chengxin,
    database,
    family,
    free_port,
    proportional,
    python,
    resident,
    run,
    server,
)

WORKERS = (1, 2)
"""Processes that each server has."""

ROUNDS = 2
"""Each server is measured so many times, in turn with the others; the median counts."""

CODES = 200_000
"""Codes drawn from those that exist; every request asks for one of them."""

COMPARED = 300
"""Answers that must be equal JSON from all servers before anything is measured."""


_PIECE = 1 << 22


@dataclass(frozen=True)
class _Server:
    name: str
    port: int
    pid: int


def measure(home: Path, size: Size, seconds: float = MEASURE) -> Part:
    """Ask the servers in turn for random subjects of a filled home."""
    with database(home) as db:
        _read_through(home / "postgres" / "base")
        codes = _codes(db)
        groups, memory = [], []
        for workers in WORKERS:
            with _servers(db, workers) as servers:
                _compare(servers, random.Random(7).sample(codes, min(COMPARED, len(codes))))  # noqa: S311
                figures = _measure(servers, db, workers, seconds)
            groups.append(figures)
            memory.append(figures[0])
        groups[0] += (_loop(db, seconds),)
    reaches = [
        Reach(
            f"look-up against the faster FastAPI, {one} process{'es' if one > 1 else ''}", ratio, 1.0, False
        )
        for one, group in zip(WORKERS, groups, strict=True)
        if (ratio := group[0].rate / max(peer.rate for peer in group[1:3]))
    ]
    busy = max(one.busy for group in groups for one in group if isinstance(one, _Loaded))
    return Part(
        title=f"Look-up over HTTP: {size.subjects:,} subjects, {size.records:,} records",
        groups=tuple(groups),
        reaches=(*reaches, memory_reach(memory)),
        notes=(
            f"{CONNECTIONS} kept-alive connections, random existing codes, {WARM_UP:g} s warm-up, "
            f"{seconds:g} s measured, {ROUNDS} times in turn; the median is shown.",
            "The database's files were read through before, so that the system holds what it can of them.",
            f"The answers of {COMPARED} subjects were equal JSON from all servers.",
            "FastAPI, JSON by PostgreSQL: one prepared statement whose JSON is passed through. "
            "FastAPI, our statement: our own rows and composition behind FastAPI, asyncpg and uvicorn.",
            f"The load generator took at most {busy:.0%} of a core.",
        ),
    )


@dataclass(frozen=True)
class _Loaded(Figure):
    """A figure from the load generator, and the share of a core that it took itself."""

    busy: float = 0.0


@contextmanager
def _servers(db: Database, workers: int) -> Iterator[list[_Server]]:
    """This project's server and both peers, on the same database."""
    ports = [free_port() for _ in range(3)]
    serving = ["serve", "--home", str(db.home), "--port", str(ports[0]), "--workers", str(workers)]
    home = {"CHENGXIN_HOME": str(db.home)}
    started = [
        ("**chengxin serve**", chengxin(*serving)),
        (
            "FastAPI + asyncpg, JSON by PostgreSQL",
            python("peer", "json", db.url, str(ports[1]), str(workers)),
        ),
        ("FastAPI + asyncpg, our statement", python("peer", "rows", db.url, str(ports[2]), str(workers))),
    ]
    with ExitStack() as running:
        yield [
            _Server(name, port, running.enter_context(server(command, port, home)).pid)
            for (name, command), port in zip(started, ports, strict=True)
        ]


def _measure(servers: list[_Server], db: Database, workers: int, seconds: float) -> tuple[Figure, ...]:
    file = db.home / "codes.txt"
    loads: dict[str, list[Load]] = {one.name: [] for one in servers}
    memory = {one.name: 0 for one in servers}
    for _ in range(ROUNDS):
        for one in servers:
            command = python("load", str(one.port), str(file), f"{WARM_UP}", f"{seconds}")
            load = Load(**orjson.loads(run(command, db.postmaster).output))
            if load.failures:
                raise CommandFailed(f"{one.name}: {load.failures} of {load.requests} answers were not 200")
            loads[one.name].append(load)
            memory[one.name] = max(memory[one.name], resident(family(one.pid)))
    used = proportional(family(db.postmaster))
    return tuple(
        _Loaded(
            name=one.name,
            note=f"{workers} process{'es' if workers > 1 else ''}",
            rate=statistics.median(load.rate for load in loads[one.name]),
            unit="requests/s",
            p50=statistics.median(load.p50 for load in loads[one.name]),
            p99=statistics.median(load.p99 for load in loads[one.name]),
            memory=memory[one.name],
            server_memory=used if one is servers[0] else None,
            busy=max(load.busy for load in loads[one.name]),
        )
        for one in servers
    )


def _codes(db: Database) -> list[str]:
    """Codes that name a subject, in a file for the load generator."""
    file = db.home / "codes.txt"
    if not file.exists():
        with psycopg.connect(db.url) as connection:
            found = connection.execute(
                "SELECT value FROM registry_identifier WHERE scheme = 'uscc' ORDER BY id"
            ).fetchall()
        drawn = random.Random(9).sample(found, min(CODES, len(found)))  # noqa: S311 - no secret
        file.write_text("\n".join(code for (code,) in drawn), encoding="utf-8")
    return file.read_text(encoding="utf-8").split()


def _read_through(folder: Path) -> None:
    """Read all files once, so that no server finds more of the database in memory than the one before."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                while file.read(_PIECE):
                    pass


def _compare(servers: list[_Server], codes: list[str]) -> None:
    """Every server gives the same JSON. CommandFailed where they differ."""
    answers = []
    for one in servers:
        connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=30)
        bodies = []
        for code in codes:
            connection.request("GET", f"/api/v1/subjects/{code}")
            response = connection.getresponse()
            bodies.append(orjson.loads(response.read()))
        connection.close()
        answers.append(bodies)
    for one, bodies in zip(servers[1:], answers[1:], strict=True):
        different = [
            code for code, ours, theirs in zip(codes, answers[0], bodies, strict=True) if ours != theirs
        ]
        if different:
            raise CommandFailed(
                f"{one.name} answers {len(different)} of {len(codes)} codes otherwise than ours"
            )


def _loop(db: Database, seconds: float) -> Figure:
    """One connection, one statement after the other, no HTTP at all."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    done = run(
        python("loop", db.url, str(db.home / "codes.txt"), today.isoformat(), str(seconds)), db.postmaster
    )
    said = orjson.loads(done.output)
    return Figure(
        name="psycopg in a bare loop, our statement",
        note="no HTTP, one connection",
        rate=said["requests"] / said["seconds"],
        unit="look-ups/s",
        p50=said["p50"],
        p99=said["p99"],
        memory=done.memory,
    )
