"""The quality of sources as pages show it: by month, beside the median of all, and one source's faults.

Each is one statement over batches of at most twelve months.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from chengxin.accounts.permissions import Reach
from chengxin.database import reading
from chengxin.exchange.quality import Quality

_SUMS = """count(*)::bigint AS files, (count(*) FILTER (WHERE b.stage = 'refused'))::bigint AS refused,
    sum(b.rows)::bigint AS rows, sum(b.kept)::bigint AS kept, sum(b.duplicate)::bigint AS duplicate,
    sum(b.rejected)::bigint AS rejected, sum(b.late)::bigint AS late,
    sum(b.without_code)::bigint AS without_code, sum(b.cells)::bigint AS cells,
    sum(b.filled)::bigint AS filled"""

_SHARES = {
    "accepted": "1 - rejected::float8 / nullif(rows, 0)",
    "late": "late::float8 / nullif(kept, 0)",
    "filled": "filled::float8 / nullif(cells, 0)",
    "duplicate": "duplicate::float8 / nullif(rows, 0)",
    "without_code": "without_code::float8 / nullif(kept, 0)",
}
"""How each share is calculated from sums."""

SORTED: Mapping[str, str] = {"month": "month", "files": "files", "rows": "rows"} | _SHARES
"""By which columns the table can be ordered, and how each is calculated."""

_WITHIN = """(%s::boolean OR b.source_id = ANY(%s::bigint[]))
        AND (%s::text = '' OR b.item = %s::text) AND b.received_on >= %s::date"""


@dataclass(frozen=True)
class Shares:
    """Shares from 0 to 1, None where there is nothing to count; `sources`: of how many they are."""

    accepted: float | None = None
    late: float | None = None
    filled: float | None = None
    duplicate: float | None = None
    without_code: float | None = None
    rows: int = 0
    kept: int = 0
    rejected: int = 0
    duplicates: int = 0
    files: int = 0
    refused: int = 0
    sources: int = 0


_SHARES_SQL = ", ".join(f"{sql} AS share_{name}" for name, sql in _SHARES.items())

_MONTHS = f"""
    WITH sums AS (
        SELECT to_char(b.received_on, 'YYYY-MM') AS month, count(DISTINCT b.source_id) AS sources, {_SUMS}
        FROM exchange_batch b WHERE {_WITHIN} GROUP BY 1)
    SELECT month, {_SHARES_SQL}, rows, kept, rejected, duplicate, files, refused, sources FROM sums"""

_TOTAL = f"""
    WITH sums AS (
        SELECT count(DISTINCT b.source_id) AS sources, {_SUMS} FROM exchange_batch b WHERE {_WITHIN})
    SELECT {_SHARES_SQL}, rows, kept, rejected, duplicate, files, refused, sources FROM sums
    WHERE files > 0"""


def by_month(reach: Reach, item: str, since: date) -> dict[str, Shares]:
    """Shares over everything within reach, by month ('2026-11')."""
    values = [reach.everything, list(reach.organisations), item, item, since]
    return {month: Shares(*rest) for month, *rest in reading.rows(_MONTHS, values)}


def total(reach: Reach, item: str, since: date) -> Shares:
    """The same over all months together."""
    found = reading.row(_TOTAL, [reach.everything, list(reach.organisations), item, item, since])
    return Shares(*found) if found else Shares()


FEWEST = 3
"""Sources below which no median is told: of two, each would know the other's."""

_OF_EACH = """percentile_cont(0.5) WITHIN GROUP (ORDER BY share_{name}) AS {name}"""
_MIDDLE = ", ".join(_OF_EACH.format(name=name) for name in _SHARES)

_MEDIANS = f"""
    WITH sums AS (
        SELECT to_char(b.received_on, 'YYYY-MM') AS month, b.source_id, {_SUMS}
        FROM exchange_batch b WHERE b.received_on >= %s::date AND (%s::text = '' OR b.item = %s::text)
        GROUP BY 1, 2),
    shares AS (SELECT month, {_SHARES_SQL} FROM sums WHERE rows > 0)
    SELECT month, {_MIDDLE} FROM shares GROUP BY month HAVING count(*) >= %s"""

_MEDIAN = f"""
    WITH sums AS (
        SELECT b.source_id, {_SUMS}
        FROM exchange_batch b WHERE b.received_on >= %s::date AND (%s::text = '' OR b.item = %s::text)
        GROUP BY 1),
    shares AS (SELECT {_SHARES_SQL} FROM sums WHERE rows > 0)
    SELECT {_MIDDLE}, count(*) FROM shares HAVING count(*) >= %s"""


def medians(item: str, since: date) -> dict[str, Shares]:
    """The source in the middle of all, by month; nothing for months with too few sources."""
    found = reading.rows(_MEDIANS, [since, item, item, FEWEST])
    return {month: Shares(*rest) for month, *rest in found}


def median(item: str, since: date) -> Shares | None:
    """The same over all months together."""
    found = reading.row(_MEDIAN, [since, item, item, FEWEST])
    return replace(Shares(*found[:-1]), sources=found[-1]) if found else None


_LISTED = f"""
    WITH sums AS (
        SELECT to_char(b.received_on, 'YYYY-MM') AS month, o.name AS source, b.item, o.id, {_SUMS}
        FROM exchange_batch b JOIN accounts_organisation o ON o.id = b.source_id
        WHERE {_WITHIN} AND (%s::text = '' OR strpos(o.name, %s::text) > 0)
            AND (%s::text = '' OR to_char(b.received_on, 'YYYY-MM') = %s::text)
        GROUP BY 1, 2, 3, 4)
    SELECT month, source, item, files, refused, rows, kept, duplicate, rejected, late, without_code, cells,
        filled, id
    FROM sums ORDER BY {{order}} {{way}} NULLS LAST, month DESC, source, item LIMIT %s OFFSET %s"""


@dataclass(frozen=True)
class Wanted:
    """Which lines of the table are asked for; empty: all."""

    month: str = ""
    source: str = ""
    item: str = ""


def listed(
    reach: Reach, wanted: Wanted, since: date, *, order: str = "-month", offset: int = 0, size: int = 50
) -> tuple[list[Quality], bool]:
    """Month by month, source by source, item by item; and whether there is more."""
    column = order.removeprefix("-")
    if column not in SORTED:
        column, order = "month", "-month"
    sql = _LISTED.format(order=SORTED[column], way="DESC" if order.startswith("-") else "ASC")
    values = [
        reach.everything, list(reach.organisations), wanted.item, wanted.item, since,
        wanted.source, wanted.source, wanted.month, wanted.month, size + 1, offset,
    ]  # fmt: skip
    found = [Quality(*row) for row in reading.rows(sql, values)]
    return found[:size], len(found) > size


@dataclass(frozen=True)
class Fault:
    """A kind of fault of one source: how often, in how many files, when last; with an example's words."""

    item: str
    field: str
    rule: str
    count: int
    files: int
    last: date
    zh: str
    en: str
    mend_zh: str
    mend_en: str


_FAULTS = """
    WITH found AS (
        SELECT b.item, f.one->>'field' AS field, f.one->>'rule' AS rule,
            sum((f.one->>'count')::bigint)::bigint AS count, count(*) AS files,
            max(b.received_on) AS last, (array_agg(f.one ORDER BY b.id DESC))[1] AS told
        FROM exchange_batch b CROSS JOIN LATERAL jsonb_array_elements(b.faults) f(one)
        WHERE b.source_id = %s::bigint AND b.received_on >= %s::date GROUP BY 1, 2, 3)
    SELECT item, field, rule, count, files, last, told->>'zh', told->>'en', told->>'mend_zh',
        told->>'mend_en'
    FROM found ORDER BY count DESC, item, field, rule LIMIT %s"""


def faults(source: int, since: date, most: int = 20) -> list[Fault]:
    """A source's most frequent faults."""
    return [Fault(*row) for row in reading.rows(_FAULTS, [source, since, most])]


@dataclass(frozen=True)
class Filled:
    """How often a source fills a field of an item."""

    item: str
    field: str
    filled: int
    rows: int


_FILLED = """
    SELECT b.item, f.key, sum(f.value::bigint)::bigint, sum(b.cells / n.fields)::bigint
    FROM exchange_batch b
    CROSS JOIN LATERAL (SELECT count(*) AS fields FROM jsonb_object_keys(b.filled_fields)) n
    CROSS JOIN LATERAL jsonb_each_text(b.filled_fields) f(key, value)
    WHERE b.source_id = %s::bigint AND b.received_on >= %s::date AND b.cells > 0
    GROUP BY 1, 2 HAVING sum(f.value::bigint) < sum(b.cells / n.fields)
    ORDER BY sum(f.value::bigint)::float8 / nullif(sum(b.cells / n.fields), 0), 1, 2 LIMIT %s"""


def seldom_filled(source: int, since: date, most: int = 15) -> list[Filled]:
    """The fields that a source leaves empty most often."""
    return [Filled(*row) for row in reading.rows(_FILLED, [source, since, most])]
