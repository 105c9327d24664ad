"""What can be asked of the access log: for the auditor by anything, for a subject about itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chengxin.database import reading


@dataclass(frozen=True)
class Look:
    """One row of the access log; `id` is its leaf in the ledger and the number by which it can be cited."""

    id: int
    at: datetime
    user: int | None
    person: str
    role: str
    organisation: str | None
    region: str | None
    subject: int
    what: str
    kind: str
    words: str
    law: str
    article: str
    case: str
    detail: str


@dataclass(frozen=True)
class Wanted:
    """What an auditor looks for; None leaves a condition out. Days are both included, in China's time."""

    subjects: Sequence[int] | None = None
    user: int | None = None
    person: str | None = None
    organisation: str | None = None
    what: str | None = None
    kind: str | None = None
    case: str | None = None
    first: date | None = None
    last: date | None = None


_COLUMNS = """a.id, a.at, a."user", a.person, a.role, o.name, a.region, a.subject, a.what, a.purpose, a.words,
    a.law, a.article, a.case_number, a.detail"""

_FROM = "FROM audit_access a LEFT JOIN accounts_organisation o ON o.id = a.organisation"


def looks(wanted: Wanted, *, before: int | None = None, limit: int = 50) -> list[Look]:
    """The rows that fit, the newest first, at most `limit`, behind the row `before`."""
    conditions, given = _conditions(wanted)
    if before is not None:
        conditions.append("a.id < %s::bigint")
        given.append(before)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    found = reading.rows(
        f"SELECT {_COLUMNS} {_FROM} {where} ORDER BY a.id DESC LIMIT %s::int", [*given, limit]
    )
    return [Look(*row) for row in found]


def _conditions(wanted: Wanted) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    given: list[Any] = []

    def add(condition: str, value: Any) -> None:
        conditions.append(condition)
        given.append(value)

    if wanted.subjects is not None:
        add("a.subject = ANY(%s::bigint[])", list(wanted.subjects))
    if wanted.user is not None:
        add('a."user" = %s::bigint', wanted.user)
    for column, value in (
        ("a.person", wanted.person),
        ("o.name", wanted.organisation),
        ("a.case_number", wanted.case),
    ):
        if value:
            add(f"position(%s::text IN {column}) > 0", value)
    for column, value in (("a.what", wanted.what), ("a.purpose", wanted.kind)):
        if value:
            add(f"{column} = %s::text", value)
    if wanted.first is not None:
        add("a.at >= %s::date::timestamp AT TIME ZONE 'Asia/Shanghai'", wanted.first)
    if wanted.last is not None:
        add("a.at < %s::date::timestamp AT TIME ZONE 'Asia/Shanghai'", wanted.last + timedelta(days=1))
    return conditions, given


def looks_at(subjects: Sequence[int], *, before: int | None = None, limit: int = 50) -> list[Look]:
    """Who looked at a subject (with all that were merged into it), the newest first (PIPL art. 44)."""
    return looks(Wanted(subjects=subjects), before=before, limit=limit)


def day(on: date, *, most: int = 50_000) -> list[Look]:
    """All rows of one day in China, at most `most` of the newest."""
    return looks(Wanted(first=on, last=on), limit=most)


def usual(on: date) -> dict[int | None, float]:
    """How many subjects each user looked at a day, on average of the 30 days before `on`."""
    found = reading.rows(
        """SELECT d.person, sum(d.number)::float8 / 30 FROM (
            SELECT a."user" AS person, (a.at AT TIME ZONE 'Asia/Shanghai')::date AS on_day,
                count(DISTINCT a.subject) AS number
            FROM audit_access a WHERE a.at >= %s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
                AND a.at < %s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
            GROUP BY 1, 2) d GROUP BY d.person""",
        [on - timedelta(days=30), on],
    )
    return dict(found)
