"""A large lake, invented quickly: every table of the contract, whose rows DuckDB reckons out of numbers.

The rows stand in `lake_rows.sql`; which places, categories and phrases there are comes from the invented
market, which makes smaller lakes with harder schemes. Here sizes, proportions and layout matter: files lie
and are ordered as `chengxin lake import` writes them. The same number of orders gives the same rows.
Run as `python -m bench.lake_fill --out DIR --orders N`.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import polars as pl

from chengxin.lake import partitions
from chengxin.lake.casting import literal, quoted
from chengxin.lake.contract import Table, tables
from chengxin.market import wording
from chengxin.market.categories import CATEGORIES
from chengxin.market.places import places

ROWS = Path(__file__).with_name("lake_rows.sql")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 90
GREATEST_SHOP = 0.003
"""Share of all orders that the biggest shop has, where there are shops enough."""

DAY = 86_400
_DONE, _SPILL = "filled.json", ".spill"


@dataclass(frozen=True)
class Size:
    """How large the lake is, and what follows from that."""

    orders: int
    days: int = DAYS

    @property
    def shops(self) -> int:
        """A shop for a thousand orders."""
        return max(100, self.orders // 1_000)

    @property
    def variables(self) -> dict[str, float]:
        """What `lake_rows.sql` asks for by these names."""
        return {
            "orders": self.orders,
            "shops": self.shops,
            "buyers": max(200, self.orders // 12),
            "accounts": max(500, self.orders // 2_000),
            # Couriers of one carrier in one county: each signs for some six a day.
            "couriers": max(1, self.orders // 400_000),
            # Shops drawn as (a draw to this power): the first has GREATEST_SHOP of all orders.
            "power": max(1.3, math.log(self.shops) / -math.log(GREATEST_SHOP)),
            "days": self.days,
            "begin": int(BEGIN.timestamp()),
        }


@dataclass(frozen=True)
class Layout:
    """The files of a table: its rows come at most `late` days after their order; None: they have no order."""

    name: str
    late: int | None = None

    @property
    def table(self) -> Table:
        """Its declaration in the contract."""
        return tables()[self.name]


LAYOUTS = (
    Layout("sellers"), Layout("listings"), Layout("listed"), Layout("marks"), Layout("prices"),
    Layout("queries", 1), Layout("orders", 0), Layout("visits", 1), Layout("parcels", 2),
    Layout("payments", 13), Layout("ratings", 40), Layout("scans", 25),
)  # fmt: skip


def told(lake: Path) -> dict[str, Any] | None:
    """What was written into a lake: `orders`, `rows` by table, `seconds`.

    None when it wasn't filled to the end, or by other rules than today's.
    """
    try:
        found: dict[str, Any] = orjson.loads((lake / _DONE).read_bytes())
    except FileNotFoundError:
        return None
    return found if found["rules"] == _rules() else None


def _rules() -> str:
    """What the rows were made by, in short."""
    return hashlib.sha256(ROWS.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def fill(lake: Path, size: Size, *, memory: str = "8GB") -> None:
    """Write the lake into a folder; what another filling left there goes.

    About a minute for five million orders; `memory` bounds DuckDB. ValueError when the folder holds anything
    else.
    """
    if lake.exists() and any(lake.iterdir()):
        if {one.name for one in lake.iterdir()} - {_DONE, _SPILL, *tables()}:
            raise ValueError(f"{lake} holds something else than a lake; give an empty folder")
        shutil.rmtree(lake)
    lake.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET memory_limit = {literal(memory)}")
        connection.execute(f"SET temp_directory = {literal(str(lake / _SPILL))}")
        _prepare(connection, size)
        rows = {one.name: _written(connection, lake, one, size) for one in LAYOUTS}
    shutil.rmtree(lake / _SPILL, ignore_errors=True)
    seconds = round(time.monotonic() - began, 1)
    done = {"orders": size.orders, "rows": rows, "seconds": seconds, "rules": _rules()}
    (lake / _DONE).write_bytes(orjson.dumps(done))


def _prepare(connection: Any, size: Size) -> None:
    """The variables and small tables that the rows are made with, then the rows themselves as views."""
    for name, value in size.variables.items():
        connection.execute(f"SET VARIABLE {name} = {value}")
    here = places(0)
    counties = pl.DataFrame(
        {
            "n": range(here.count), "code": here.codes,
            "lat": here.latitude.round(5), "lon": here.longitude.round(5), "until": here.cumulated,
        }
    )  # fmt: skip
    kinds = pl.DataFrame(
        [
            (
                n,
                one.name,
                one.price,
                one.weight,
                one.returned,
                one.dwell,
                one.rated,
                list(one.goods),
                one.share,
            )
            for n, one in enumerate(CATEGORIES)
        ],
        schema=["n", "category", "price", "weight", "returned", "dwell", "rated", "goods", "share"],
        orient="row",
    ).with_columns(until=pl.col("share").cum_sum())
    for name, frame, drawn in (("place", counties, "places"), ("category", kinds, "categories")):
        connection.register("given", frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        connection.execute(f"CREATE TABLE {name} AS SELECT * EXCLUDE (until) FROM given")
        # Two hundred to draw from, so many of each as its share says.
        connection.execute(
            f"SET VARIABLE {drawn} = (SELECT list(n ORDER BY slot) FROM (SELECT slot, min(n) AS n "
            "FROM given, (SELECT range AS slot FROM range(200)) "
            "WHERE until >= (SELECT max(until) FROM given) * (slot + 0.5) / 200 GROUP BY slot))"
        )
        connection.unregister("given")
    for name, phrases in _PHRASES.items():
        connection.execute(f"SET VARIABLE {name} = [{', '.join(map(literal, phrases))}]")
    connection.execute(ROWS.read_text(encoding="utf-8"))


_PHRASES = {
    "good": wording.STOCK_GOOD,
    "bad": wording.STOCK_BAD,
    **{f"good_{number}": wording.GOOD[at] for number, at in enumerate((0, 1, 2, -1), 1)},
    **{f"bad_{number}": wording.BAD[at] for number, at in enumerate((0, 1, 2, -1), 1)},
}


def _written(connection: Any, lake: Path, layout: Layout, size: Size) -> int:
    """Write the files of one table; how many rows it has."""
    table = layout.table
    columns = ", ".join(map(quoted, table.names))
    total = 0
    for part, condition in _parts(connection, layout, size):
        target = lake / partitions.folder(table, part) / partitions.FILE
        target.parent.mkdir(parents=True, exist_ok=True)
        (rows,) = connection.execute(
            f"COPY (SELECT {columns} FROM (SELECT * FROM rows_{table.name} WHERE {condition} "
            f"ORDER BY second, i)) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
        ).fetchone()
        total += rows
        if not rows:
            target.unlink()
            target.parent.rmdir()
    return total


def _parts(connection: Any, layout: Layout, size: Size) -> Iterator[tuple[partitions.Part, str]]:
    """Each partition of a table, and the condition for its rows."""
    table = layout.table
    if table.partition is None:
        yield partitions.Part(None, None), "true"
        return
    for reporter in _REPORTERS[table.partition]:
        for first, after in _months(connection, layout, size, reporter):
            month = datetime.fromtimestamp(first, UTC)
            condition = f"{table.partition} = {literal(reporter)} AND second >= {first} AND second < {after}"
            if layout.late is not None:
                begun = (first - int(BEGIN.timestamp())) // DAY
                over = (after - int(BEGIN.timestamp())) // DAY
                least, most = (day * size.orders // size.days for day in (begun - layout.late - 1, over + 1))
                condition += f" AND i BETWEEN {least} AND {most}"
            yield partitions.Part(reporter, f"{month:%Y-%m}"), condition


_REPORTERS = {
    "platform": ("harbour", "lantern", "orchard"),
    "carrier": ("comet", "granite", "heron", "swift"),
    "institution": ("reedbank", "tidepay"),
}
"""Who reports, as `lake_rows.sql` names them."""


def _months(connection: Any, layout: Layout, size: Size, reporter: str) -> Iterator[tuple[int, int]]:
    """The first second of each month that may have rows, and that of the next."""
    if layout.late is None:
        first, last = connection.execute(
            f"SELECT min(second), max(second) FROM rows_{layout.name} WHERE platform = ?", [reporter]
        ).fetchone()
    else:
        first = int(BEGIN.timestamp())
        last = first + (size.days + layout.late) * DAY
    if first is None:
        return
    month = datetime.fromtimestamp(first, UTC).replace(day=1, hour=0, minute=0, second=0)
    while (begun := int(month.timestamp())) <= last:
        year, number = divmod(month.year * 12 + month.month, 12)
        month = month.replace(year=year, month=number + 1)
        yield begun, int(month.timestamp())


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.lake_fill", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the lake")
    parser.add_argument("--orders", type=int, required=True, help="how many orders")
    parser.add_argument("--memory", default="8GB", help="of DuckDB")
    given = parser.parse_args()
    fill(given.out, Size(given.orders), memory=given.memory)


if __name__ == "__main__":
    main()
