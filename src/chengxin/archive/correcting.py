"""Correcting or withdrawing a record by a decision: the way a source's own correction goes, without a file.

A new record refers to the one before; publication, names, roles, shops and verification follow from it as
from any other. It belongs to no batch (`DECIDED`); an event of the ledger says by which case it came. What
the source sends again afterwards in its old words is a duplicate and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import polars as pl
from django.conf import settings
from psycopg import Cursor

from chengxin.archive.following import follow, reproject_names
from chengxin.archive.keeping import Operation, keep_records, stated_anew
from chengxin.archive.models import DECIDED
from chengxin.archive.personal import opened
from chengxin.archive.preparing import SEALED_TYPES, Preparation
from chengxin.archive.restating import Judge, framed, restated
from chengxin.archive.verifying import verify_subjects
from chengxin.design.words import VERIFICATION
from chengxin.kernel.identifiers import mask
from chengxin.ledger.actions import Appending, raw_cursor
from chengxin.registry.refusing import refused, signed
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import SUBJECT_ROLES, Item

Words = tuple[str, str]
"""Chinese and English."""


@dataclass(frozen=True)
class Changed:
    """What a decision changed in the archive.

    record          number of the new record, which corrects or withdraws the one before
    before, after   fields that differ, code → text (personal ones masked), and the publication where it
                    differs (disclosure, publish_from, publish_until); `after` is empty for a withdrawal
    followed        what changed for the subject because of it, in words
    """

    record: int
    before: dict[str, str]
    after: dict[str, str]
    followed: tuple[Words, ...]


def withdraw(log: Appending, record_id: int, *, on: date, by: str, case: int | None, reason: str) -> Changed:
    """Withdraw a record (撤回), in the caller's turn at the ledger: as its source would.

    record_id: the record or an earlier one that it corrects. Refused where there is none, or it is withdrawn
    already.
    """
    signed(by, reason)
    last = _last(log.cursor, record_id)
    return _changed(log, last, last.row, "withdrawal", on=on, by=by, case=case, reason=reason)


def correct(
    log: Appending,
    record_id: int,
    changes: Mapping[str, str | None],
    *,
    on: date,
    by: str,
    case: int | None,
    reason: str,
    judge: Judge | None = None,
) -> Changed:
    """Correct fields of a record (更正), in the caller's turn at the ledger: as its source would.

    changes: field code → new text, None or "" to empty it; judge: judges the corrected row as a sender's file
    is judged (`exchange.checks.check`), besides what the catalogue itself says. Publication is counted anew,
    names, roles, shops and verification follow, marks stay. Refused: no such record, withdrawn, no such
    field, no value of its type, a code that means another subject (move the record: `attributing.attribute`).
    """
    signed(by, reason)
    last = _last(log.cursor, record_id)
    row = _corrected(last, changes, on, judge)
    return _changed(log, last, row, "correction", on=on, by=by, case=case, reason=reason)


def proposed(
    record_id: int, changes: Mapping[str, str | None], on: date, *, judge: Judge | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """What `correct` would change: the fields that differ, before and after (personal ones masked).

    Refused as `correct` would be; nothing is written.
    """
    last = _last(raw_cursor(), record_id)
    row = _corrected(last, changes, on, judge)
    differing = [code for code in {**last.row, **row} if last.row.get(code) != row.get(code)]
    return (
        {code: _shown(last.item, code, last.row[code]) for code in differing if code in last.row},
        {code: _shown(last.item, code, row[code]) for code in differing if code in row},
    )


def _corrected(
    last: _Last, changes: Mapping[str, str | None], on: date, judge: Judge | None
) -> dict[str, str]:
    row = restated(last.item, last.row, changes, on, judge)
    for code in last.item.subject.identifiers.values():
        if row.get(code) != last.row.get(code):
            raise refused(
                "another_subject",
                "主体代码不能以更正改动",
                "the code of whom it is about can't be changed by a correction",
                "请将记录改归正确的主体",
                "move the record to the right subject instead",
            )
    return row


# --- the record before --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Last:
    """The last record of a chain: `subject` is whose it is today, `kept_under` whose it was when kept."""

    id: int
    item: Item
    source: int
    subject: int
    kept_under: int
    published: tuple[str | None, ...]
    row: dict[str, str]


_LAST = """
WITH RECURSIVE chain AS (
    SELECT r.id FROM archive_record r WHERE r.id = %s
    UNION
    SELECT l.id FROM chain c CROSS JOIN LATERAL (
        SELECT r.id FROM archive_record r WHERE r.refers_to_id = c.id OFFSET 0) l
)
SELECT r.id, r.item, r.item_version, r.source_id, r.operation, r.subject_id,
    coalesce((SELECT a.subject_id FROM archive_attribution a WHERE a.record_id = r.id
        ORDER BY a.id DESC LIMIT 1), r.subject_id),
    r.disclosure, r.publish_from::text, r.publish_until::text, r.personal, r.payload
FROM archive_record r WHERE r.id = (SELECT max(id) FROM chain)"""
_PUBLISHED = ("disclosure", "publish_from", "publish_until")


def _last(cursor: Cursor[Any], record_id: int) -> _Last:
    found = cursor.execute(_LAST, [record_id]).fetchone()
    if found is None:
        raise refused(
            "no_record",
            f"没有记录{record_id}",
            f"there is no record {record_id}",
            "请核对记录编号",
            "check the number of the record",
        )
    id, item_id, version, source, operation, kept_under, subject, *published, personal, payload = found
    if operation == "withdrawal":
        raise refused(
            "withdrawn_already",
            f"记录{record_id}已被撤回",
            f"record {record_id} is withdrawn already",
            "无须再更正或撤回",
            "there is nothing left to correct or withdraw",
        )
    same = [one for one in catalogue.versions() if one.id == item_id]
    item = next((one for one in same if one.version == version), same[-1])
    row = orjson.loads(payload) | opened(personal, settings.KEYRING)
    return _Last(id, item, source, subject, kept_under, tuple(published), row)


# --- the record that follows it -----------------------------------------------------------------------------


def _changed(
    log: Appending,
    last: _Last,
    row: Mapping[str, str],
    operation: Operation,
    *,
    on: date,
    by: str,
    case: int | None,
    reason: str,
) -> Changed:
    subjects = sorted({last.subject, last.kept_under})
    known = _known(log, last.subject)
    kept = _kept(log, last, row, operation, on)
    follow(log, last.item, kept)
    if last.item.names:
        reproject_names(log, subjects)
    if last.item.verifies or last.item.rechecks:
        verify_subjects(subjects, on, log=log)
    record = int(kept["id"][0])
    log.event(
        "record_decided",
        {
            "record": record,
            "refers_to": last.id,
            "operation": operation,
            "on": on.isoformat(),
            "case": case,
            "by": by,
            "reason": reason,
        },
    )
    before = last.row | _filled(dict(zip(_PUBLISHED, last.published, strict=True)))
    after = {} if operation == "withdrawal" else {**row, **_filled(kept.row(0, named=True))}
    differing = [code for code in {**before, **after} if before.get(code) != after.get(code)]
    return Changed(
        record,
        {code: _shown(last.item, code, before[code]) for code in differing if code in before},
        {code: _shown(last.item, code, after[code]) for code in differing if code in after},
        _followed(known, _known(log, last.subject)),
    )


def _kept(
    log: Appending, last: _Last, row: Mapping[str, str], operation: Operation, on: date
) -> pl.DataFrame:
    """Write the record; the frame of one row that what follows from it is read from."""
    prepared = Preparation(last.item, last.source, on, settings.KEYRING).prepared(framed(last.item, row))
    digest = stated_anew(operation, prepared["digest"][0], last.id, settings.KEYRING)
    return keep_records(
        log,
        prepared.with_columns(
            pl.lit(digest).alias("digest"),
            pl.lit(last.subject, pl.Int64).alias("subject_id"),
            pl.lit(last.item.id).alias("item"),
            pl.lit(last.item.version.isoformat()).alias("item_version"),
            pl.lit(last.source, pl.Int64).alias("source_id"),
            pl.lit(DECIDED, pl.Int64).alias("batch_id"),
            pl.lit(operation).alias("operation"),
            pl.lit(last.id, pl.Int64).alias("refers_to_id"),
        ),
    )


def _filled(told: Mapping[str, Any]) -> dict[str, str]:
    """The publication in a row, as far as there is one."""
    return {name: told[name] for name in _PUBLISHED if told[name] is not None}


def _shown(item: Item, code: str, text: str) -> str:
    sealed = code not in _PUBLISHED and item.field(code).type in SEALED_TYPES
    return mask("personal", text) if sealed else text


# --- what followed ------------------------------------------------------------------------------------------

_KNOWN: Mapping[str, tuple[Words, str]] = {
    "name": (("主体名称", "name"), "SELECT name FROM registry_subject WHERE id = %s"),
    "role": (
        ("电子商务角色", "role"),
        "SELECT role FROM registry_role WHERE subject_id = %s AND NOT EXISTS ("
        "SELECT FROM archive_record later WHERE later.refers_to_id = record_id)",
    ),
    "outlet": (
        ("店铺或网站", "shop or website"),
        "SELECT concat_ws(' ', name, url) FROM registry_outlet WHERE subject_id = %s AND NOT EXISTS ("
        "SELECT FROM archive_record later WHERE later.refers_to_id = record_id)",
    ),
    "verification": (
        ("身份核验结果", "identity check"),
        "SELECT v.state FROM registry_verification v WHERE v.subject_id = %s AND NOT EXISTS ("
        "SELECT FROM registry_verification l WHERE l.report_id = v.report_id AND l.id > v.id) "
        "AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = v.report_id)",
    ),
}
"""What is known of a subject from its records: in words, and how it is read."""


def _known(log: Appending, subject: int) -> dict[str, frozenset[str]]:
    return {
        what: frozenset(value for (value,) in log.cursor.execute(sql.encode(), [subject]).fetchall())
        for what, (_, sql) in _KNOWN.items()
    }


def _followed(before: Mapping[str, frozenset[str]], after: Mapping[str, frozenset[str]]) -> tuple[Words, ...]:
    """What is no longer known of the subject, and what is known instead."""
    found: list[Words] = []
    for what, ((zh, en), _) in _KNOWN.items():
        gone, come = (_worded(what, one) for one in (before[what] - after[what], after[what] - before[what]))
        if gone[0] and come[0]:
            found.append((f"{zh}由“{gone[0]}”改为“{come[0]}”", f"{en}: '{gone[1]}' became '{come[1]}'"))
        elif gone[0]:
            found.append((f"{zh}不再有“{gone[0]}”", f"{en}: no longer '{gone[1]}'"))
        elif come[0]:
            found.append((f"{zh}新增“{come[0]}”", f"{en}: now '{come[1]}'"))
    return tuple(found)


def _worded(what: str, values: frozenset[str]) -> Words:
    pairs = [_NAMES.get(what, {}).get(value, (value, value)) for value in sorted(values)]
    return "、".join(zh for zh, _ in pairs), ", ".join(en for _, en in pairs)


_NAMES: Mapping[str, Mapping[str, Words]] = {
    "role": SUBJECT_ROLES,
    "verification": {state: name for state, (name, _) in VERIFICATION.items()},
}
