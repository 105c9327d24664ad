"""The columns that follow from sealed rows, recomputed: a subject's name, spelling, tokens, merges; what a
record's marks come to.

The rules are those by which `following`, the merging of subjects and `marking` write them.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from psycopg import Cursor

from chengxin.archive.marking import COME_TO
from chengxin.archive.models import FREE
from chengxin.ledger.faults import Fault, projection
from chengxin.ledger.projections import projected
from chengxin.registry.names import normalised, search_tokens

_TABLE = "registry_subject"
_APART = "\x1f"  # in no token: normalised names hold no control characters
_AT_ONCE = 16_384  # leaves; names and tokens of so many subjects take some 20 MB
_DEEPEST = 1_000  # merges in a chain; more is a circle

_SUBJECTS = """
    SELECT id, registered_name, name, normalised, array_to_string(tokens, %s), cardinality(tokens),
        merged_into_id
    FROM registry_subject WHERE id >= %s AND id < %s ORDER BY id"""

# Later names that count: their record was neither corrected nor withdrawn. The last one is the name.
_NAMES = """
    SELECT n.subject_id, n.name FROM registry_name n WHERE n.subject_id >= %s AND n.subject_id < %s
      AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = n.record_id)
    ORDER BY n.subject_id, n.since, n.id"""

# The newest merge of a subject that wasn't undone leads to the one that stands for it, and so on to the last.
_STANDING = """
    SELECT m.kept_id FROM registry_merge m WHERE m.absorbed_id = {subject} AND m.undoes_id IS NULL
      AND NOT EXISTS (SELECT FROM registry_merge u WHERE u.undoes_id = m.id)
    ORDER BY m.id DESC LIMIT 1"""
_KEEPERS = f"""
    WITH RECURSIVE up AS (
        SELECT a.absorbed_id AS subject, k.kept_id AS keeper, 1 AS steps
        FROM (SELECT DISTINCT absorbed_id FROM registry_merge WHERE absorbed_id >= %s AND absorbed_id < %s) a
        CROSS JOIN LATERAL ({_STANDING.format(subject="a.absorbed_id")}) k
        UNION ALL
        SELECT up.subject, k.kept_id, up.steps + 1
        FROM up CROSS JOIN LATERAL ({_STANDING.format(subject="up.keeper")}) k WHERE up.steps < {_DEEPEST}
    )
    SELECT DISTINCT ON (subject) subject, keeper FROM up ORDER BY subject, steps DESC"""


def check_subjects(cursor: Cursor[Any], first: int, end: int) -> list[Fault]:
    """Faults in the projections of the subjects with numbers from `first` to before `end`."""
    found: list[Fault] = []
    for start in range(first, end, _AT_ONCE):
        found += _part(cursor, start, min(end, start + _AT_ONCE))
    return found


def _part(cursor: Cursor[Any], first: int, end: int) -> list[Fault]:
    later: dict[int, list[str]] = {}
    for subject, name in cursor.execute(_NAMES, [first, end]).fetchall():
        later.setdefault(subject, []).append(name)
    keepers = dict(cursor.execute(_KEEPERS, [first, end]).fetchall())
    return _compared(cursor.execute(_SUBJECTS, [_APART, first, end]).fetchall(), later, keepers)


def _compared(rows: list[Any], later: dict[int, list[str]], keepers: dict[int, int]) -> list[Fault]:
    names = [[registered, *later.get(id, ())] for id, registered, *_ in rows]
    last = pl.Series("name", [each[-1] for each in names], dtype=pl.String)
    spelled = pl.DataFrame({"name": last}).select(normalised(pl.col("name"))).to_series().to_list()
    every = pl.Series([name for each in names for name in each], dtype=pl.String)
    tokens = iter(search_tokens(every).list.join(_APART).to_list())
    found: list[Fault] = []
    for row, each, plain in zip(rows, names, spelled, strict=True):
        id, _, name, normal, joined, count, merged_into = row
        expected = [next(tokens) for _ in each]
        if name != each[-1]:
            found.append(projection(id, _TABLE, "name"))
        if normal != plain:
            found.append(projection(id, _TABLE, "normalised"))
        if not _same_tokens(joined, count, expected):
            found.append(projection(id, _TABLE, "tokens"))
        if merged_into != keepers.get(id):
            found.append(projection(id, _TABLE, "merged_into"))
    return found


def _same_tokens(joined: str | None, count: int | None, expected: list[str]) -> bool:
    """Whether a subject has just the tokens of all its names, in whatever order."""
    if len(expected) == 1 and joined == expected[0]:
        return True
    held = joined.split(_APART) if joined else []
    wanted = {token for each in expected for token in each.split(_APART) if token}
    return len(held) == count and set(held) == wanted


projected(_TABLE, check_subjects)


_MARKED = f"""
    SELECT r.id, r.ended_on IS NOT DISTINCT FROM d.ended_on,
        r.contested IS NOT DISTINCT FROM coalesce(d.contested, false),
        r.suspended IS NOT DISTINCT FROM coalesce(d.suspended, false)
    FROM archive_record r
    LEFT JOIN ({COME_TO} AND m.record_id >= %s AND m.record_id < %s GROUP BY 1) d ON d.record_id = r.id
    WHERE r.id >= %s AND r.id < %s AND (r.ended_on IS DISTINCT FROM d.ended_on
        OR r.contested IS DISTINCT FROM coalesce(d.contested, false)
        OR r.suspended IS DISTINCT FROM coalesce(d.suspended, false))
    ORDER BY r.id"""


def check_records(cursor: Cursor[Any], first: int, end: int) -> list[Fault]:
    """Faults in what stands beside the seal of the records with numbers from `first` to before `end`."""
    return [
        projection(id, "archive_record", column)
        for id, *holds in cursor.execute(_MARKED.encode(), [first, end] * 2)
        for column, right in zip(FREE, holds, strict=True)
        if not right
    ]


projected("archive_record", check_records)
