"""Verifying who operators are, whenever a report comes in, a register changes, or time passes (plan 4.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import Any

import orjson
from django.conf import settings
from psycopg import Cursor

from chengxin.archive import identity
from chengxin.archive.belonging import OWN, Standing, group, in_slices, standing
from chengxin.ledger.actions import Appending, appending, raw_cursor
from chengxin.registry.models import VERIFICATION
from chengxin.registry.verification import Held, Outcome, Report, reported_until, superseded, verify
from chengxin.rulebook import catalogue

SLICE = 5_000
"""Subjects that are verified in one transaction."""

_REPORTED = f"WITH {group()}, {OWN} SELECT DISTINCT canon FROM own"


def verify_subjects(subject_ids: Sequence[int], today: date, *, log: Appending | None = None) -> int:
    """Hold the newest report of each shop of these subjects against the registers as of `today`.

    Subjects that are merged are looked at as one, records where they were last attributed. A result is kept
    only where it is another than the last one for that report, so that a second run keeps nothing. Each
    slice of subjects is one turn at the ledger; with `log` everything happens in the caller's turn. Returns
    how many results were kept.
    """
    kept = 0
    for part in in_slices(subject_ids, SLICE):
        # Most subjects that a register speaks of run no shop: the log is not held up for them.
        reported = part if log is not None else _reported(raw_cursor(), part)
        if reported:
            turn: AbstractContextManager[Appending] = nullcontext(log) if log is not None else appending()
            with turn as current:
                kept += _verified(current, reported, today)
    return kept


def _reported(cursor: Cursor[Any], subjects: list[int]) -> list[int]:
    given = {"subjects": subjects, "items": identity.reports()}
    return [canon for (canon,) in cursor.execute(_REPORTED.encode(), given)]


def _verified(log: Appending, subjects: list[int], today: date) -> int:
    reports = _by_subject(standing(log.cursor, subjects, identity.reports(), today))
    registers = _by_subject(standing(log.cursor, list(reports), identity.registers(), today))
    owners = {record.id: record.member for records in reports.values() for record in records}
    before = _last_results(log.cursor, list(owners))
    rows: list[tuple[int, int, str, str, str]] = []
    for canon, records in reports.items():
        known = identity.held(registers.get(canon, ()), settings.KEYRING)
        for report, outcome in _outcomes(records, known, today):
            reasons = orjson.dumps([reason.as_dict() for reason in outcome.reasons]).decode()
            if before.get(report) != (owners[report], outcome.state, reasons):
                rows.append((owners[report], report, outcome.state, today.isoformat(), reasons))
    if rows:
        log.keep(VERIFICATION, sorted(rows, key=lambda row: row[1]))
    return len(rows)


def _by_subject(records: Iterator[Standing]) -> dict[int, list[Standing]]:
    found: dict[int, list[Standing]] = defaultdict(list)
    for record in records:
        found[record.canon].append(record)
    return dict(found)


def _outcomes(records: list[Standing], known: Held, today: date) -> Iterator[tuple[int, Outcome]]:
    """The outcome for each report of one subject: a shop's newest is verified and supersedes the others."""
    shops: dict[tuple[str, str], list[Report]] = defaultdict(list)
    for record in records:
        report = identity.report(record, settings.KEYRING)
        shops[report.platform, report.shop].append(report)
    for of_shop in shops.values():
        *older, newest = sorted(of_shop, key=lambda one: (one.period, one.id))
        yield newest.id, verify(newest, known, today)
        for report in older:
            yield report.id, superseded(newest)


def _last_results(cursor: Cursor[Any], reports: list[int]) -> dict[int, tuple[int, str, str]]:
    found = cursor.execute(
        "SELECT DISTINCT ON (report_id) report_id, subject_id, state, reasons FROM registry_verification "
        "WHERE report_id = ANY(%s) ORDER BY report_id, id DESC",
        [reports],
    )
    return {report: (subject, state, reasons) for report, subject, state, reasons in found}


# --- what changes by time alone -----------------------------------------------------------------------------

_RUNNING = """
    SELECT s.id, s.merged_into_id FROM registry_subject s WHERE s.id IN (SELECT subject_id FROM running)"""
_DUE = f"""
WITH result AS MATERIALIZED (
    SELECT DISTINCT ON (v.report_id) v.report_id, v.subject_id, v.reasons::jsonb AS reasons, v.checked_on
    FROM registry_verification v ORDER BY v.report_id, v.id DESC
),
running AS MATERIALIZED (
    SELECT v.*, r.payload::jsonb AS payload FROM result v JOIN archive_record r ON r.id = v.report_id
    WHERE NOT v.reasons @> '[{{"rule": "superseded"}}]' AND NOT v.reasons @> '[{{"rule": "shop_closed"}}]'
      AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id)
),
{group(_RUNNING)}, {OWN},
licence AS MATERIALIZED (
    SELECT canon, (payload::jsonb ->> '{identity.STARTS}')::date AS starts,
        (payload::jsonb ->> '{identity.ENDS}')::date AS ends
    FROM standing
)
SELECT subject_id FROM running
WHERE (payload ->> '{identity.CLOSED}')::date < %(today)s::date
   OR payload ->> '{identity.PERIOD}' = ANY(%(over)s::text[])
      AND NOT reasons @> '[{{"rule": "report_overdue"}}]'
UNION
SELECT v.subject_id FROM running v JOIN member m ON m.id = v.subject_id JOIN licence l ON l.canon = m.canon
WHERE l.ends >= v.checked_on AND l.ends < %(today)s::date
   OR l.starts > v.checked_on AND l.starts <= %(today)s::date
ORDER BY 1"""


def due_for_recheck(today: date) -> list[int]:
    """Subjects whose verification may have changed by the mere passing of time, for a job that runs daily.

    A shop's announced end has passed, the next report is overdue (rulebook: `platform.recheck`), or a licence
    began or ended since the last result.
    """
    given = {"today": today, "over": _periods_over(today), "items": [identity.LICENCE]}
    return [subject for (subject,) in raw_cursor().execute(_DUE.encode(), given)]


def _periods_over(today: date) -> list[str]:
    """The report periods of which nothing is fresh any more."""
    periods = {
        period
        for item in catalogue.versions()
        if item.verifies
        for period in item.field(identity.PERIOD).choices
    }
    limits = {period: reported_until(period, today) for period in periods}
    return sorted(period for period, limit in limits.items() if limit is not None and limit < today)
