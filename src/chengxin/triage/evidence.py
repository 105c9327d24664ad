"""The rows that a lead rests on, read out of the lake as they were when it was found.

Read with DuckDB out of the folder itself: at most so many rows of each table for one lead, the earliest
first, with the columns of the contract and nothing else. A file that can't be read is left out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from chengxin.lake.contract import Table, tables
from chengxin.lake.folders import Files, find
from chengxin.triage.contract import Line

logger = logging.getLogger(__name__)

MOST_ROWS = 300
"""Rows of one table that are kept with one lead."""

BEFORE = timedelta(days=14)
"""How far before its window prices are looked at: the baseline is that of the week before."""

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Shop:
    """A seller as the lake knows it."""

    platform: str
    seller: str
    name: str
    code: str | None
    domain: str | None
    region: str | None


@dataclass(frozen=True)
class Seen:
    """What the lake holds of one scheme: rows by table, the shops in it."""

    rows: Rows = field(default_factory=dict)
    shops: tuple[Shop, ...] = ()

    @property
    def amount(self) -> int | None:
        """What the orders come to, in fen; None where none was found."""
        orders = self.rows.get("orders")
        return sum(round(float(one.get("amount") or 0) * 100) for one in orders) if orders else None


_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "orders": (("order_id", "order"), ("waybill_no", "waybill")),
    "ratings": (("order_id", "order"), ("rating_id", "rating")),
    "parcels": (("waybill_no", "waybill"), ("order_id", "order")),
    "scans": (("waybill_no", "waybill"),),
    "payments": (("order_id", "order"), ("payee_id", "paid")),
    "prices": (("product_id", "product"),),
    "listings": (("product_id", "product"),),
    "sellers": (("seller_id", "seller"),),
    "visits": (("seller_id", "visited"),),
    "queries": (("account_id", "account"),),
}
"""By which columns a table's rows belong to a lead, and which kind of id stands in each."""

_FIRST = ("orders", "parcels", "prices", "listings")
_ORDER = (*_FIRST, *(one for one in _BY if one not in _FIRST))
_LEADS_ON: dict[str, tuple[tuple[str, str], ...]] = {
    "orders": (("waybill_no", "waybill"), ("seller_id", "seller")),
    "parcels": (("waybill_no", "waybill"),),
    "prices": (("seller_id", "seller"),),
    "listings": (("seller_id", "seller"),),
}
"""Which rows lead on to others: an order to parcel and shop, a parcel to its scans, a price to its shop."""

_WITHIN = ("prices", "visits", "queries")
"""Tables of which only rows of the lead's window are meant."""


def read(lake: Path, lines: Sequence[Line], schemes: Sequence[tuple[int, ...]]) -> list[Seen]:
    """What the lake holds of each scheme, in their order; OSError where there is no such folder."""
    if not lake.is_dir():
        raise FileNotFoundError(2, "no such folder", str(lake))
    files, _ = find(lake)
    found: list[Rows] = [{} for _ in schemes]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        _give(connection, "ids", _ids(lines, schemes), ("scheme BIGINT", "kind VARCHAR", "id VARCHAR"))
        on = {at: {lines[one].platform for one in some} for at, some in enumerate(schemes)}
        windows = [
            (at, min(lines[one].since for one in some) - BEFORE, max(lines[one].until for one in some))
            for at, some in enumerate(schemes)
        ]
        _give(connection, "windows", windows, ("scheme BIGINT", "since DATE", "until DATE"))
        for name in _ORDER:
            if name in files:
                for scheme, row in _rows(connection, tables()[name], files[name]):
                    if _belongs(row, on[scheme]):
                        found[scheme].setdefault(name, []).append(row)
            for column, kind in _LEADS_ON.get(name, ()):
                _also(connection, found, name, column, kind)
    return [Seen(rows, tuple(_shops(rows.get("sellers", [])))) for rows in found]


def _belongs(row: dict[str, Any], on: set[str]) -> bool:
    """Whether a row is of one of the platforms: ids are a platform's own.

    The platform of a waybill or courier is its carrier: what was ordered with it leads on to the shop's.
    """
    platform = row.get("platform")
    if platform is not None and platform not in on and row.get("carrier") in on:
        on.add(platform)
    return platform is None or platform in on


def _ids(lines: Sequence[Line], schemes: Sequence[tuple[int, ...]]) -> list[tuple[int, str, str]]:
    found = set()
    for at, some in enumerate(schemes):
        for one in (lines[number] for number in some):
            found |= {(at, "order", id) for id in one.evidence.get("orders", ())}
            found |= {(at, "waybill", id) for id in one.evidence.get("waybills", ())}
            found |= {(at, "seller", id) for id in one.evidence.get("accounts", ())}
            found.add((at, one.entity, one.entity_id))
            if one.entity == "buyer":
                found.add((at, "paid", one.entity_id))  # what came back to whom names no order
            if one.detector == "fake_traffic":
                found.add((at, "visited", one.entity_id))
    return sorted(found)


def _give(connection: Any, name: str, rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> None:
    connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(columns)})")
    names = [one.split()[0] for one in columns]
    if rows:
        frame = pl.DataFrame(list(rows), schema=names, orient="row").to_arrow()  # noqa: F841 - DuckDB reads it
        connection.execute(f"INSERT INTO {name} SELECT * FROM frame")


def _also(connection: Any, found: Sequence[Rows], table: str, column: str, kind: str) -> None:
    more = sorted(
        {
            (at, kind, row[column])
            for at, rows in enumerate(found)
            for row in rows.get(table, ())
            if row.get(column)
        }
    )
    if more:
        frame = pl.DataFrame(more, schema=["scheme", "kind", "id"], orient="row").to_arrow()  # noqa: F841
        connection.execute("INSERT INTO ids SELECT * FROM frame EXCEPT SELECT * FROM ids")


def _rows(connection: Any, table: Table, files: Files) -> Iterable[tuple[int, dict[str, Any]]]:
    for format, paths in files.by_format.items():
        source = _source(format, [str(one) for one in paths], partitioned=files.partitioned)
        try:
            there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
            yield from _asked(connection, table, source, there)
        except duckdb.Error as unreadable:  # what can't be read now is no evidence; the rest still is
            logger.warning("the lake's table %s was not read: %s", table.name, type(unreadable).__name__)


def _source(format: str, paths: list[str], *, partitioned: bool) -> str:
    listed = "[" + ", ".join("'" + one.replace("'", "''") + "'" for one in paths) + "]"
    options = f"union_by_name = true, hive_partitioning = {str(partitioned).lower()}"
    match format:
        case "parquet":
            return f"read_parquet({listed}, {options}, hive_types_autocast = false)"
        case "csv":
            return f"read_csv({listed}, {options}, all_varchar = true)"
        case _:
            return f"read_json({listed}, {options})"


def _asked(
    connection: Any, table: Table, source: str, there: set[str]
) -> Iterable[tuple[int, dict[str, Any]]]:
    columns = [one for one in table.columns if one.name in there]
    by = [(column, kind) for column, kind in _BY[table.name] if column in there]
    if not by:
        return
    matches = " UNION ".join(
        f"SELECT i.scheme, {', '.join(f't.{one.name}' for one in columns)} FROM {source} t "
        f"JOIN ids i ON i.kind = '{kind}' AND i.id = CAST(t.{column} AS VARCHAR)"
        for column, kind in by
    )
    clock = table.clock if table.clock in there else None
    order = ", ".join(
        ([f"m.{clock}"] if clock else []) + [f"m.{one.name}" for one in columns if one.name != clock]
    )
    names = [one.name for one in columns]
    rows = connection.execute(
        f"SELECT * EXCLUDE (place) FROM (SELECT m.*, row_number() OVER (PARTITION BY m.scheme ORDER BY "
        f"{order}) "
        f"AS place FROM ({matches}) m) WHERE place <= {MOST_ROWS * (4 if table.name in _WITHIN else 1)} "
        "ORDER BY scheme, place"
    ).pl()
    windows = {one: (since, until) for one, since, until in connection.execute("FROM windows").fetchall()}
    kept: dict[int, int] = {}
    for scheme, *values in rows.iter_rows():
        row = {
            name: said for name, value, column in zip(names, values, columns, strict=True)
            if (said := _plain(value, column.type)) is not None
        }  # fmt: skip
        if table.name in _WITHIN and not _within(row.get(clock or ""), *windows[scheme]):
            continue
        kept[scheme] = kept.get(scheme, 0) + 1
        if kept[scheme] <= MOST_ROWS:
            yield scheme, row


def _within(moment: Any, since: date, until: date) -> bool:
    return isinstance(moment, str) and since.isoformat() <= moment[:10] <= until.isoformat()


_SECONDS_UNTIL = 100_000_000_000


def _plain(value: Any, kind: str) -> Any:
    """A value as JSON keeps it: times in UTC with a Z, money and numbers as numbers; None for nothing."""
    if value is None or value == "":
        return None
    read = _READ.get(kind, str)
    try:
        return read(value)
    except (TypeError, ValueError):
        return None


def _moment(value: Any) -> str | None:
    if isinstance(value, datetime):
        at = value
    elif isinstance(value, int | float | Decimal):
        at = datetime.fromtimestamp(float(value) / (1 if value < _SECONDS_UNTIL else 1000), UTC)
    else:
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


_READ: dict[str, Callable[[Any], Any]] = {
    "time": _moment,
    "money": lambda value: round(float(value), 6),
    "number": lambda value: round(float(value), 6),
    "whole": lambda value: int(float(value)),
    "flag": lambda value: str(value).lower() in ("true", "1", "t"),
}


def _shops(rows: Iterable[dict[str, Any]]) -> Iterable[Shop]:
    for row in rows:
        yield Shop(
            str(row.get("platform", "")), str(row["seller_id"]), str(row.get("shop_name", "")),
            row.get("subject_code"), row.get("domain"), row.get("region"),
        )  # fmt: skip
