"""What changed in the archive between two lengths of the ledger: for nightly runs that look at that alone.

A row's `id` is its leaf, so all of it is read by ranges of primary keys: the cost grows with what came since,
and not with what is there. A long stretch (the first night) is taken in parts, `until` by `until`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Cursor

from chengxin.ledger.actions import raw_cursor


@dataclass(frozen=True)
class Changes:
    """What came with the leaves from `first` to before `end`.

    new        records kept, by the subject that they belong to today
    replaced   records that a later one corrects or withdraws: number → that one's
    marked     records that were contested, settled, ended, restored, suspended or resumed
    subjects   every subject for which something changed, today's (merged ones under the one that stands for
               all): of new, replaced and marked records, of attributions on both sides, of merges
    """

    first: int
    end: int
    new: Mapping[int, tuple[int, ...]]
    replaced: Mapping[int, int]
    marked: frozenset[int]
    subjects: frozenset[int]


_BELONGS = """coalesce((SELECT a.subject_id FROM archive_attribution a WHERE a.record_id = r.id
    ORDER BY a.id DESC LIMIT 1), r.subject_id)"""
_CANON = """coalesce((SELECT s.merged_into_id FROM registry_subject s WHERE s.id = {subject}), {subject})"""
_RECORDS = f"""
    SELECT k.id, {_CANON.format(subject="k.subject")}, k.refers_to_id FROM (
        SELECT r.id, r.refers_to_id, {_BELONGS} AS subject FROM archive_record r
        WHERE r.id >= %s AND r.id < %s OFFSET 0
    ) k ORDER BY k.id"""
_MARKED = "SELECT DISTINCT m.record_id FROM archive_mark m WHERE m.id >= %s AND m.id < %s"
_OWNERS = f"""
    SELECT DISTINCT {_CANON.format(subject="k.subject")} FROM (
        SELECT {_BELONGS} AS subject FROM unnest(%s::bigint[]) q(id)
        CROSS JOIN LATERAL (SELECT * FROM archive_record r WHERE r.id = q.id OFFSET 0) r
    ) k"""
_MOVED = f"""
    SELECT DISTINCT {_CANON.format(subject="k.subject")} FROM (
        SELECT a.subject_id AS subject FROM archive_attribution a WHERE a.id >= %(first)s AND a.id < %(end)s
        UNION
        SELECT coalesce((SELECT b.subject_id FROM archive_attribution b
            WHERE b.record_id = a.record_id AND b.id < a.id ORDER BY b.id DESC LIMIT 1), r.subject_id)
        FROM archive_attribution a JOIN archive_record r ON r.id = a.record_id
        WHERE a.id >= %(first)s AND a.id < %(end)s
        UNION
        SELECT unnest(ARRAY[m.kept_id, m.absorbed_id]) FROM registry_merge m
        WHERE m.id >= %(first)s AND m.id < %(end)s
    ) k"""


def changed_since(leaf: int, until: int | None = None, *, cursor: Cursor[Any] | None = None) -> Changes:
    """What came with the leaves from `leaf` on; `until`: to before this one, else to the end of the ledger.

    `cursor`: of the caller's turn at the ledger, whose own unfinished rows then count as well.
    """
    cursor = cursor or raw_cursor()
    end = until if until is not None else _size(cursor)
    new: dict[int, list[int]] = defaultdict(list)
    replaced: dict[int, int] = {}
    for id, subject, refers in cursor.execute(_RECORDS.encode(), [leaf, end]):
        new[subject].append(id)
        if refers is not None:
            replaced[refers] = id
    marked = frozenset(id for (id,) in cursor.execute(_MARKED, [leaf, end]))
    touched = [*marked, *replaced]
    subjects = set(new)
    subjects |= {one for (one,) in cursor.execute(_OWNERS.encode(), [touched])}
    subjects |= {one for (one,) in cursor.execute(_MOVED.encode(), {"first": leaf, "end": end})}
    return Changes(
        leaf, end, {one: tuple(ids) for one, ids in new.items()}, replaced, marked, frozenset(subjects)
    )


def _size(cursor: Cursor[Any]) -> int:
    (size,) = cursor.execute("SELECT coalesce(max(size), 0) FROM ledger_treehead").fetchone() or (0,)
    return int(size)
