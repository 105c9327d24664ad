"""Names a second of screening a list against a filled home."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import orjson
import polars as pl
import psycopg

from bench.figures import Figure, Part, memory_reach
from bench.fill import Size
from bench.processes import CommandFailed, Database, chengxin, database, run

QUERIES = 100_000
"""Names and codes in one list, the most that screening takes."""

_SHARES = {"name": 0.5, "respelt": 0.2, "code": 0.2, "unknown": 0.1}
_SEED = 11


def measure(home: Path, size: Size) -> Part:
    """Screen a list of half exact names, a fifth respelt ones, a fifth codes, a tenth unknown ones."""
    with database(home) as db:
        file, total = _list(db)
        done = run(chengxin("screen", str(file), "--home", str(home), "--json"), db.postmaster)
    matches = Counter(orjson.loads(line)["match"] for line in done.output.splitlines())
    if matches.total() != total:
        raise CommandFailed(f"{matches.total()} answers to {total} queries")
    figure = Figure(
        name="**chengxin screen**",
        rate=total / done.seconds,
        unit="names/s",
        seconds=done.seconds,
        memory=done.memory,
        server_memory=done.server_memory,
    )
    found = ", ".join(f"{matches[one]:,} {one}" for one in ("exact", "probable", "none"))
    return Part(
        title=f"Screening: {total:,} names and codes against {size.subjects:,} subjects",
        groups=((figure,),),
        reaches=(memory_reach([figure]),),
        notes=(
            f"Half names as registered, a fifth respelt, a fifth codes, a tenth unknown; found: {found}.",
            "Timed from the start of the command to its exit.",
        ),
    )


def _list(db: Database) -> tuple[Path, int]:
    file = db.home / "screened.txt"
    if not file.exists():
        file.write_text("\n".join(_queries(db)) + "\n", encoding="utf-8")
    return file, len(file.read_text(encoding="utf-8").splitlines())


def _queries(db: Database) -> list[str]:
    with psycopg.connect(db.url) as connection:
        firms = connection.execute(
            "SELECT s.name, i.value FROM registry_subject s "
            "JOIN registry_identifier i ON i.subject_id = s.id WHERE i.scheme = 'uscc' ORDER BY s.id"
        ).fetchall()
    total = min(QUERIES, len(firms))
    draw = random.Random(_SEED)  # noqa: S311 - no secret
    drawn = draw.sample(firms, total)
    names, codes = [name for name, _ in drawn], [code for _, code in drawn]
    ends, queries, first = {}, [], 0
    for kind, share in _SHARES.items():
        ends[kind] = (first, first + round(total * share))
        first = ends[kind][1]
    for kind, (start, end) in ends.items():
        if kind == "code":
            queries += codes[start:end]
        elif kind == "respelt":
            queries += _respelt(names[start:end])
        elif kind == "unknown":
            queries += [f"查无此名{number}号商贸有限公司" for number in range(end - start)]
        else:
            queries += names[start:end]
    draw.shuffle(queries)
    return queries


def _respelt(names: list[str]) -> list[str]:
    from chengxin.demo.draws import Draw  # noqa: PLC0415
    from chengxin.demo.naming import respelt  # noqa: PLC0415

    frame = pl.DataFrame({"name": names}).with_row_index("key").with_columns(pl.col("key").cast(pl.Int64))
    return frame.select(respelt(Draw(_SEED), pl.col("key"), pl.col("name"))).to_series().to_list()
