"""Batches as pages list them, the chain in which they mend each other, their rejected rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from django.conf import settings

from chengxin.accounts.permissions import Reach
from chengxin.database import reading
from chengxin.exchange.actions import REJECT_PURPOSE
from chengxin.kernel.crypto import SealBroken
from chengxin.kernel.problems import Problem

SORTED = ("id", "rows", "kept", "duplicate", "rejected")
"""By which columns batches can be listed."""


@dataclass(frozen=True)
class Listed:
    """A batch in a list."""

    id: int
    item: str
    file_name: str
    operation: str
    source: str
    received_at: datetime
    stage: str
    rows: int
    kept: int
    duplicate: int
    rejected: int


@dataclass(frozen=True)
class Wanted:
    """Which batches are asked for; empty: all. `source`: part of a name; since, until: days of receipt."""

    item: str = ""
    source: str = ""
    stage: str = ""
    since: date | None = None
    until: date | None = None


_COLUMNS = "b.id, b.item, b.file_name, b.operation, o.name, b.received_at, b.stage, b.rows, b.kept, \
b.duplicate, b.rejected"

_LIST = """
    SELECT {columns} FROM exchange_batch b JOIN accounts_organisation o ON o.id = b.source_id
    WHERE (%s::boolean OR b.source_id = ANY(%s::bigint[]))
        AND (%s::text = '' OR b.item = %s::text)
        AND (%s::text = '' OR strpos(o.name, %s::text) > 0)
        AND (%s::text = '' OR b.stage = %s::text)
        AND (%s::date IS NULL OR b.received_on >= %s::date)
        AND (%s::date IS NULL OR b.received_on <= %s::date)
        AND (%s::bigint IS NULL OR (b.{order}, b.id) {beyond} (%s::bigint, %s::bigint))
    ORDER BY b.{order} {way}, b.id {way} LIMIT %s"""

_PLACE = re.compile(r"(\d{1,18})\.(\d{1,10})", re.ASCII)


def listed(
    reach: Reach, wanted: Wanted, order: str = "-id", after: str | None = None, size: int = 50
) -> tuple[list[Listed], str | None]:
    """Batches within reach that are wanted, and from where to go on; `after`: what an earlier call gave."""
    column = order.removeprefix("-")
    if column not in SORTED:
        column, order = "id", "-id"
    down = order.startswith("-")
    place = _PLACE.fullmatch(after or "")
    value, last = (int(place[1]), int(place[2])) if place else (None, None)
    sql = _LIST.format(
        columns=_COLUMNS, order=column, way="DESC" if down else "ASC", beyond="<" if down else ">"
    )
    found = [
        Listed(*row)
        for row in reading.rows(
            sql,
            [
                reach.everything, list(reach.organisations),
                wanted.item, wanted.item, wanted.source, wanted.source, wanted.stage, wanted.stage,
                wanted.since, wanted.since, wanted.until, wanted.until,
                value, value, last, size + 1,
            ],
        )
    ]  # fmt: skip
    if len(found) <= size:
        return found, None
    end = found[size - 1]
    return found[:size], f"{getattr(end, column)}.{end.id}"


@dataclass(frozen=True)
class Link:
    """A batch of a chain."""

    id: int
    received_at: datetime
    stage: str
    kept: int
    rejected: int


_CHAIN = """
    WITH RECURSIVE up(id, follows_id, depth) AS (
        SELECT id, follows_id, 0 FROM exchange_batch WHERE id = %s
        UNION ALL
        SELECT b.id, b.follows_id, up.depth + 1 FROM up JOIN exchange_batch b ON b.id = up.follows_id
        WHERE up.depth < 100),
    down(id, depth) AS (
        SELECT id, 0 FROM exchange_batch WHERE id = %s
        UNION ALL
        SELECT b.id, down.depth + 1 FROM down JOIN exchange_batch b ON b.follows_id = down.id
        WHERE down.depth < 100)
    SELECT b.id, b.received_at, b.stage, b.kept, b.rejected FROM exchange_batch b
    WHERE b.id IN (SELECT id FROM up UNION SELECT id FROM down) ORDER BY b.id LIMIT 200"""


def chain(batch: int) -> list[Link]:
    """The batches that a batch mends and those that mend it, itself among them, the first one first."""
    return [Link(*row) for row in reading.rows(_CHAIN, [batch, batch])]


@dataclass(frozen=True)
class RejectedRow:
    """A rejected row as its sender is shown it: its problems, and what was sent (masked by whoever shows)."""

    row: int
    problems: Sequence[Problem]
    values: Mapping[str, str]


_REJECTED = """
    SELECT row, problems::text, values FROM exchange_reject WHERE batch_id = %s ORDER BY row LIMIT %s"""


def rejected(batch: int, most: int) -> list[RejectedRow]:
    """The first rejected rows of a batch; without values where their seal is broken."""
    return [
        RejectedRow(row, [Problem(**one) for one in orjson.loads(problems)], _opened(bytes(sealed)))
        for row, problems, sealed in reading.rows(_REJECTED, [batch, most])
    ]


def _opened(sealed: bytes) -> dict[str, Any]:
    try:
        values: dict[str, Any] = orjson.loads(settings.KEYRING.decrypt(sealed, REJECT_PURPOSE))
    except SealBroken:
        return {}
    return values
