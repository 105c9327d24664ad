"""Marks on records: contested (异议), ended (终止), suspended (中止), and what takes each of them back.

A mark is a sealed row; what a record's marks come to stands in columns of the record itself, so that every
reading sees it at once. A mark counts for the record and for every one that corrects it, those kept later
included (`carry`): what was repaired does not come back because its source sends it once more. What a case
marked only the same case takes back, so that of two objections to one record each is settled by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

import polars as pl

from chengxin.archive import identity
from chengxin.archive.counting import kept_up
from chengxin.archive.models import MARK
from chengxin.archive.verifying import verify_subjects
from chengxin.ledger.actions import Appending
from chengxin.registry.refusing import known_records, signed

Kind = Literal["contested", "settled", "ended", "restored", "suspended", "resumed"]

TAKES_BACK: Mapping[str, str] = {"settled": "contested", "restored": "ended", "resumed": "suspended"}
"""What each kind takes back."""

BECAUSE: Mapping[str, tuple[str, str]] = {
    "repair": ("信用修复", "credit repair"),
    "objection": ("异议", "objection"),
    "annulment": ("决定被撤销", "annulment of the decision"),
    "bankruptcy": ("破产重整", "bankruptcy reorganisation"),
    "source": ("信息来源单位", "its source"),
    "expiry": ("期限届满", "expiry"),
}
"""What brings a mark about, in words."""

REPAIRS = ("repair", "bankruptcy")
"""What repairs a record (信用修复); an end because of anything else is no repair."""

STANDING = """m.kind IN ('contested', 'ended', 'suspended') AND NOT EXISTS (
    SELECT FROM archive_mark l WHERE l.record_id = m.record_id AND l.id > m.id
      AND l.case_id IS NOT DISTINCT FROM m.case_id
      AND l.kind = CASE m.kind
          WHEN 'contested' THEN 'settled' WHEN 'ended' THEN 'restored' ELSE 'resumed' END)"""
"""SQL: the mark `m` was not taken back."""

COME_TO = f"""SELECT m.record_id, min(m."on") FILTER (WHERE m.kind = 'ended') AS ended_on,
    bool_or(m.kind = 'contested') AS contested, bool_or(m.kind = 'suspended') AS suspended
FROM archive_mark m WHERE {STANDING}"""
"""SQL: what the marks of each record come to; to be grouped by record_id."""

_CHAIN = """
WITH RECURSIVE chain AS (
    SELECT r.id FROM archive_record r WHERE r.id = ANY(%s::bigint[])
    UNION
    SELECT l.id FROM chain c CROSS JOIN LATERAL (
        SELECT r.id FROM archive_record r WHERE r.refers_to_id = c.id OFFSET 0) l
)
SELECT id FROM chain ORDER BY id"""
_STANDING = f"""SELECT m.record_id, m.kind, m."on", m.because, m.case_id, m.by, m.reason
FROM archive_mark m WHERE m.record_id = ANY(%s::bigint[]) AND {STANDING} ORDER BY m.id"""
_PROJECT = f"""
UPDATE archive_record r
SET ended_on = d.ended_on, contested = coalesce(d.contested, false), suspended = coalesce(d.suspended, false)
FROM unnest(%s::bigint[]) q(id) LEFT JOIN ({COME_TO} AND m.record_id = ANY(%s::bigint[]) GROUP BY 1) d
    ON d.record_id = q.id
WHERE r.id = q.id AND (r.ended_on IS DISTINCT FROM d.ended_on
    OR r.contested <> coalesce(d.contested, false) OR r.suspended <> coalesce(d.suspended, false))
RETURNING r.id"""

_OWNERS = """
SELECT DISTINCT coalesce((SELECT a.subject_id FROM archive_attribution a WHERE a.record_id = r.id
    ORDER BY a.id DESC LIMIT 1), r.subject_id)
FROM archive_record r WHERE r.id = ANY(%s::bigint[]) AND r.item = ANY(%s::text[])"""


def mark(
    log: Appending,
    record_ids: Sequence[int],
    kind: Kind,
    *,
    on: date,
    because: str,
    case: int | None,
    by: str,
    reason: str,
    today: date | None = None,
) -> tuple[int, ...]:
    """Mark records, and those that correct them, in the caller's turn at the ledger.

    on: from which day it counts (an end may lie ahead); because: one of BECAUSE; case: the number of the case
    that brings it about, None where there is none; only the same case takes its mark back. Marking what the
    case has marked already, or taking back what it never marked, writes nothing and is no error. Where a
    register's record is marked, its subject's shops are verified anew as of `today` (`on` without it).
    Returns the records for which something changed. Refused where a record is unknown or nobody signs.
    """
    signed(by, reason)
    chain = [id for (id,) in log.cursor.execute(_CHAIN, [list(record_ids)]).fetchall()]
    known_records(record_ids, chain)
    held: dict[int, list[date]] = defaultdict(list)
    for record, what, since, _, whose, *_ in log.cursor.execute(_STANDING.encode(), [chain]).fetchall():
        if whose == case and what == TAKES_BACK.get(kind, kind):
            held[record].append(since)
    marked = [id for id in chain if _says_more(kind, on, held[id])]
    changed = _written(log, [(id, kind, on, because, case, by, reason) for id in marked])
    if changed:
        _verified_anew(log, changed, today or on)
    return changed


def carry(log: Appending, kept: pl.DataFrame) -> None:
    """Let records just kept (`id`, `refers_to_id`) bear the marks of those that they correct."""
    rows = kept.select("id", "refers_to_id").filter(pl.col("refers_to_id").is_not_null()).sort("id").rows()
    if not rows:
        return
    standing: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    before = sorted({refers for _, refers in rows})
    for record, *rest in log.cursor.execute(_STANDING.encode(), [before]).fetchall():
        standing[record].append(tuple(rest))
    if standing:
        for id, refers in rows:
            standing[id] += standing.get(refers, [])
        _written(log, [(id, *rest) for id, _ in rows for rest in standing[id]])


def _verified_anew(log: Appending, records: Sequence[int], today: date) -> None:
    """Verify the subjects of records that identities are verified by: what ended is no longer held against
    them."""
    items = [*identity.registers(), *identity.reports()]
    subjects = [one for (one,) in log.cursor.execute(_OWNERS, [list(records), items]).fetchall()]
    if subjects:
        verify_subjects(subjects, today, log=log)


def _says_more(kind: Kind, on: date, held: Sequence[date]) -> bool:
    """Whether a mark changes anything, given the days of the case's standing marks of that kind."""
    if kind in TAKES_BACK:
        return bool(held)
    return not held or (kind == "ended" and on < min(held))


def _written(log: Appending, rows: Sequence[tuple[Any, ...]]) -> tuple[int, ...]:
    """Write marks and bring the records in line; returns those that changed."""
    if not rows:
        return ()
    records = sorted({id for id, *_ in rows})
    with kept_up(log.cursor, records):
        log.keep(MARK, [(id, kind, on.isoformat(), *rest) for id, kind, on, *rest in rows])
        changed = log.cursor.execute(_PROJECT.encode(), [records, records]).fetchall()
    return tuple(sorted(id for (id,) in changed))
