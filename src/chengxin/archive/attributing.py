"""Records found to belong to another subject than they were kept under: a split, and its way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import polars as pl
from psycopg import Cursor

from chengxin.archive.following import reproject_names
from chengxin.archive.identity import kinds_allowed
from chengxin.archive.models import ATTRIBUTION
from chengxin.archive.verifying import verify_subjects
from chengxin.ledger.actions import Appending, appending
from chengxin.registry.models import KINDS, SUBJECT
from chengxin.registry.names import normalise_name, search_tokens
from chengxin.registry.refusing import known_records, refused, signed


@dataclass(frozen=True)
class NewSubject:
    """A subject that is made for the records that are split off; `region` by GB/T 2260."""

    kind: str
    name: str
    region: str | None = None


def attribute(record_ids: Sequence[int], subject: int | NewSubject, *, by: str, reason: str, on: date) -> int:
    """Let records belong to another subject, or to a new one; returns that subject's number.

    A record goes with its corrections and withdrawals, and takes along what was known from it: names, roles,
    shops. Both subjects are named and verified anew. Attributing back undoes it. Refused (`Refused`) are
    unknown records or subjects, a subject of a kind that the record can't be about, and a move that moves
    nothing.
    """
    signed(by, reason)
    with appending() as log:
        target, kind = _target(log, subject)
        moved = [one for one in _chains(log.cursor, record_ids) if one.subject != target]
        if not moved:
            raise refused(
                "nothing_moves",
                f"所选记录已属于S{target}",
                f"the records belong to S{target} already",
                "请选择其他主体的记录",
                "choose records of another subject",
            )
        for record in moved:
            _fits(record, kind)
        log.keep(ATTRIBUTION, [(record.id, target, by, reason) for record in moved])
        left = sorted({record.subject for record in moved})
        log.event(
            "attributed",
            {
                "records": [record.id for record in moved],
                "from": left,
                "to": target,
                "by": by,
                "on": on.isoformat(),
                "reason": reason,
            },
        )
        reproject_names(log, [*left, target])
        verify_subjects([*left, target], on, log=log)
    return target


def _target(log: Appending, subject: int | NewSubject) -> tuple[int, str]:
    """The subject's number and kind; it is made where it is new, else locked."""
    if isinstance(subject, NewSubject):
        name = subject.name.strip()
        if not normalise_name(name) or subject.kind not in KINDS:
            raise refused(
                "not_described",
                "新主体须有名称和类别",
                "a new subject needs a name and a kind",
                "请填写名称并选择主体类别",
                "give its name and choose its kind",
            )
        tokens = search_tokens(pl.Series([name]))[0].to_list()
        id = log.keep(
            SUBJECT,
            [(subject.kind, name, subject.region)],
            name=[name],
            normalised=[normalise_name(name)],
            tokens=[tokens],
        )
        return id, subject.kind
    found = log.cursor.execute(
        "SELECT id, kind FROM registry_subject WHERE id = %s FOR UPDATE", [subject]
    ).fetchone()
    if found is None:
        raise refused(
            "no_subject",
            f"没有主体S{subject}",
            f"there is no subject S{subject}",
            "请核对编号",
            "check the number",
        )
    return int(found[0]), str(found[1])


@dataclass(frozen=True)
class _Moved:
    id: int
    subject: int
    item: str
    version: date
    payload: str


_CHAINS = """
WITH RECURSIVE chain AS (
    SELECT r.id, r.refers_to_id FROM archive_record r WHERE r.id = ANY(%(records)s::bigint[])
    UNION
    SELECT r.id, r.refers_to_id FROM chain c
    CROSS JOIN LATERAL (
        SELECT up.id, up.refers_to_id FROM archive_record up WHERE up.id = c.refers_to_id
        UNION ALL
        SELECT down.id, down.refers_to_id FROM archive_record down WHERE down.refers_to_id = c.id
    ) r
)
SELECT r.id, coalesce((SELECT a.subject_id FROM archive_attribution a WHERE a.record_id = r.id
        ORDER BY a.id DESC LIMIT 1), r.subject_id), r.item, r.item_version, r.payload
FROM (SELECT DISTINCT id FROM chain) c JOIN archive_record r ON r.id = c.id ORDER BY r.id"""


def _chains(cursor: Cursor[Any], record_ids: Sequence[int]) -> list[_Moved]:
    """The records with what corrects or withdraws them and what they correct; Refused if one is unknown."""
    found = [_Moved(*row) for row in cursor.execute(_CHAINS.encode(), {"records": list(record_ids)})]
    known_records(record_ids, (one.id for one in found))
    return found


def _fits(record: _Moved, kind: str) -> None:
    allowed = kinds_allowed(record.item, record.version, orjson.loads(record.payload))
    if allowed and kind not in allowed:
        raise refused(
            "another_kind",
            f"记录{record.id}所述主体不是该类别的主体",
            f"record {record.id} is about another kind of subject",
            "请选择与记录所载类别相符的主体",
            "choose a subject of the kind that the record states",
        )
