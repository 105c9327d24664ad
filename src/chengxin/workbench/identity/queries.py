"""Identity reports whose newest check found something, within a person's reach: one statement a question."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from time import monotonic
from typing import Any

import orjson

from chengxin.accounts.permissions import Reach
from chengxin.database import reading
from chengxin.registry.queries import code_of
from chengxin.registry.verification import RULES
from chengxin.workbench import reaching

STATES = ("mismatch", "lapsed", "unverified")
"""What is put before people; the worst first."""

RULE_IDS = tuple(rule.id for rule in RULES.values() if rule.effect != "note" and rule.id != "superseded")


@dataclass(frozen=True)
class Wanted:
    """What is asked of the list; '' and None ask nothing. `region`: beginning of a GB/T 2260 code."""

    state: str = ""
    platform: str = ""
    region: str = ""
    rule: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Finding:
    """One report of a platform on one operator, and what its newest check found."""

    id: int
    report: int
    subject: int
    code: str
    name: str
    kind: str
    region: str | None
    state: str
    reasons: tuple[Mapping[str, str], ...]
    checked_on: date
    platform: str | None
    platform_name: str | None
    shop: str | None


@dataclass(frozen=True)
class Platform:
    """How a platform's reports stand; `states`: how many in each state."""

    code: str
    name: str
    states: Mapping[str, int] = field(default_factory=dict)


# The newest result of a report counts; a report after which the shop was reported again is no work.
_NEWEST = """v.state = ANY('{mismatch,lapsed,unverified}'::text[]) AND v.state <> 'verified'
    AND v.reasons NOT LIKE '[{"rule":"superseded"%%'
    AND NOT EXISTS (SELECT FROM registry_verification l WHERE l.report_id = v.report_id AND l.id > v.id)"""


# A shop that was reported before is known by its first report; then the report itself says on which platform.
_PLATFORM = "coalesce(o.platform, k.payload::jsonb ->> 'SF_PTDM')"
_SHOP = "coalesce(o.name, k.payload::jsonb ->> 'SF_DPMC')"
_CHECKS = """FROM registry_verification v JOIN registry_subject s ON s.id = v.subject_id
    JOIN registry_subject c ON c.id = coalesce(s.merged_into_id, s.id)
    JOIN archive_record k ON k.id = v.report_id
    LEFT JOIN registry_outlet o ON o.record_id = v.report_id"""


_ON_PLATFORMS = f"{_PLATFORM} = ANY(%s::text[])"


def _asked(wanted: Wanted) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for sql, value in (
        ("v.state = %s::text", wanted.state),
        (f"{_PLATFORM} = %s::text", wanted.platform),
        ("starts_with(c.region, %s::text)", wanted.region),
        ("v.reasons LIKE '%%\"rule\":\"' || %s::text || '\"%%'", wanted.rule),
        ("v.checked_on >= %s::date", wanted.since),
        ("v.checked_on <= %s::date", wanted.until),
    ):
        if value:
            parts.append(sql)
            values.append(value)
    return " AND ".join(parts) or "TRUE", values


_PLATFORM_NAME = """(SELECT p.name FROM registry_identifier i JOIN registry_subject p ON p.id = i.subject_id
    WHERE i.value = r.platform AND i.scheme = 'uscc')"""


def findings(wanted: Wanted, reach: Reach, below: int | None, limit: int) -> list[Finding]:
    """What was found, the newest first; `below`: only results numbered below where the page before ended."""
    within, who = reaching.within(reach, _ON_PLATFORMS)
    asked, what = _asked(wanted)
    found = reading.rows(
        "SELECT r.id, r.report_id, r.subject, "
        f"{code_of('c')}, c.name, c.kind, c.region, r.state, r.reasons, r.checked_on, r.platform, "
        f"{_PLATFORM_NAME}, r.shop "
        f"FROM (SELECT v.id, v.report_id, c.id AS subject, v.state, v.reasons, v.checked_on, "
        f"{_PLATFORM} AS platform, {_SHOP} AS shop {_CHECKS} "
        f"WHERE {_NEWEST} AND v.id < %s::bigint AND {within} AND {asked} "
        "ORDER BY v.id DESC LIMIT %s::int) r JOIN registry_subject c ON c.id = r.subject ORDER BY r.id DESC",
        [below if below is not None else 2**63 - 1, *who, *what, limit],
    )
    return [_finding(row) for row in found]


def _finding(row: tuple[Any, ...]) -> Finding:
    id, report, subject, code, name, kind, place, state, reasons, on, platform, platform_name, shop = row
    return Finding(
        id=id,
        report=report,
        subject=subject,
        code=code,
        name=name,
        kind=kind,
        region=place,
        state=state,
        reasons=tuple(orjson.loads(reasons)),
        checked_on=on,
        platform=platform,
        platform_name=platform_name,
        shop=shop,
    )


def finding(report: int) -> Finding | None:
    """The newest result for one report, whatever it is."""
    found = reading.row(
        "SELECT r.id, r.report_id, r.subject, "
        f"{code_of('c')}, c.name, c.kind, c.region, r.state, r.reasons, r.checked_on, r.platform, "
        f"{_PLATFORM_NAME}, r.shop "
        "FROM (SELECT v.id, v.report_id, c.id AS subject, v.state, v.reasons, v.checked_on, "
        f"{_PLATFORM} AS platform, {_SHOP} AS shop {_CHECKS} "
        "WHERE v.report_id = %s::bigint ORDER BY v.id DESC LIMIT 1) r "
        "JOIN registry_subject c ON c.id = r.subject",
        [report],
    )
    return _finding(found) if found else None


MOST_PLATFORMS = 12

FRESH = 60.0
"""Seconds for which figures stand: counting a whole province takes a second or two, and nobody decides by
the last digit."""


@dataclass(frozen=True)
class Figures:
    """How many findings there are in each state, and by platform, those with the most first."""

    states: Mapping[str, int]
    platforms: tuple[Platform, ...]


_known: dict[tuple[str, Reach], tuple[float, Figures]] = {}
_turn = Lock()


def figures(reach: Reach) -> Figures:
    """The figures of what a person may see, at most a minute old."""
    key = (os.environ.get("CHENGXIN_DATABASE_URL", ""), reach)
    now = monotonic()
    with _turn:
        held = _known.get(key)
        if held is not None and now - held[0] < FRESH:
            return held[1]
        for old in [one for one, (since, _) in _known.items() if now - since >= FRESH]:
            del _known[old]
    counted = count(reach)
    with _turn:
        _known[key] = (now, counted)
    return counted


def count(reach: Reach) -> Figures:
    """The figures as of now, in one pass."""
    within, who = reaching.within(reach, _ON_PLATFORMS)
    found = reading.rows(
        f"WITH counted AS MATERIALIZED (SELECT {_PLATFORM} AS platform, v.state, count(*) AS n {_CHECKS} "
        f"WHERE {_NEWEST} AND {within} GROUP BY 1, 2), "
        "r AS (SELECT platform, sum(n) AS total, jsonb_object_agg(state, n) AS states "
        "FROM counted GROUP BY 1) "
        f"SELECT r.platform, coalesce({_PLATFORM_NAME}, r.platform), r.states FROM r "
        "ORDER BY r.total DESC, 1",
        who,
    )
    states = {state: sum(row[2].get(state, 0) for row in found) for state in STATES}
    named = [Platform(*row) for row in found if row[0] is not None]
    return Figures(states, tuple(named[:MOST_PLATFORMS]))
