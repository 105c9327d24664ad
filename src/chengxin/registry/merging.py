"""Two subjects found to be one, and such a finding taken back: sealed, reversible, one steward at a time.

A merge is an edge from the absorbed subject to the one kept. The edges that nobody took back make trees, and
`Subject.merged_into` is the root of each: whoever looks a subject up makes one step, however long the chain.
Records stay where they were kept; what asks for a subject asks for all that are one with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Cursor

from chengxin.ledger.actions import Appending, appending
from chengxin.registry.models import MERGE
from chengxin.registry.queries import PERSONAL_SCHEMES
from chengxin.registry.refusing import refused, signed


def merge(kept: int, absorbed: int, *, by: str, reason: str, on: date, despite_codes: bool = False) -> int:
    """Keep two subjects as one under `kept`; returns the number of the merge, by which it is taken back.

    Both must stand for themselves, not be part of another subject already. Refused (`Refused`) are a subject
    with itself, a natural person with anything else, and two subjects that their codes tell apart: each with
    a unified social credit code, or each with a personal number, of its own. `despite_codes` overrides the
    last, for a person who knows better (a number was renewed) and says so in `reason`.
    """
    signed(by, reason)
    with appending() as log:
        return merged(log, kept, absorbed, by=by, reason=reason, on=on, despite_codes=despite_codes)


def merged(
    log: Appending, kept: int, absorbed: int, *, by: str, reason: str, on: date, despite_codes: bool = False
) -> int:
    """`merge` within the caller's turn at the ledger."""
    if kept == absorbed:
        raise refused(
            "merge_of_one",
            f"S{kept}不能并入自身",
            f"S{kept} can't be merged into itself",
            "请选择两个不同的主体",
            "choose two different subjects",
        )
    sides = _locked(log.cursor, (kept, absorbed))
    for side in (sides[kept], sides[absorbed]):
        if side.merged_into is not None:
            raise refused(
                "merged_already",
                f"S{side.id}已并入S{side.merged_into}",
                f"S{side.id} was merged into S{side.merged_into} already",
                f"请核对后改用S{side.merged_into}",
                f"look at S{side.merged_into} and use that",
            )
    _same_sort(sides[kept], sides[absorbed])
    if not despite_codes:
        _same_codes(log.cursor, kept, absorbed)
    id = log.keep(MERGE, [(kept, absorbed, None, by, reason, on.isoformat())])
    log.cursor.execute(
        "UPDATE registry_subject SET merged_into_id = %(kept)s "
        "WHERE id = %(absorbed)s OR merged_into_id = %(absorbed)s",
        {"kept": kept, "absorbed": absorbed},
    )
    return id


def undo_merge(merge_id: int, *, by: str, reason: str, on: date) -> int:
    """Take a merge back; returns the number of the sealed row that says so.

    The absorbed subject stands for itself again, with all that had been merged into it. Merges made before
    and after stay as they are. Refused is what is no merge, or was taken back already.
    """
    signed(by, reason)
    with appending() as log:
        kept, absorbed = _standing_merge(log.cursor, merge_id)
        id = log.keep(MERGE, [(kept, absorbed, merge_id, by, reason, on.isoformat())])
        log.cursor.execute(_APART, {"absorbed": absorbed})
    return id


_APART = """
WITH RECURSIVE below AS (
    SELECT %(absorbed)s::bigint AS id
    UNION
    SELECT m.absorbed_id FROM below b JOIN registry_merge m ON m.kept_id = b.id
    WHERE m.undoes_id IS NULL AND NOT EXISTS (SELECT FROM registry_merge u WHERE u.undoes_id = m.id)
)
UPDATE registry_subject s SET merged_into_id = nullif(%(absorbed)s::bigint, s.id)
FROM below WHERE s.id = below.id"""


@dataclass(frozen=True)
class _Side:
    id: int
    kind: str
    merged_into: int | None


def _locked(cursor: Cursor[Any], ids: Sequence[int]) -> dict[int, _Side]:
    """The subjects, locked in the order of their ids until the transaction ends."""
    found = cursor.execute(
        "SELECT id, kind, merged_into_id FROM registry_subject WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
        [sorted(ids)],
    ).fetchall()
    sides = {id: _Side(id, kind, into) for id, kind, into in found}
    for id in ids:
        if id not in sides:
            raise refused(
                "no_subject", f"没有主体S{id}", f"there is no subject S{id}", "请核对编号", "check the number"
            )
    return sides


def _same_sort(one: _Side, other: _Side) -> None:
    if (one.kind == "natural_person") != (other.kind == "natural_person"):
        raise refused(
            "person_and_firm",
            f"S{one.id}与S{other.id}一为自然人、一为组织，不能合并",
            f"of S{one.id} and S{other.id} one is a natural person and the other isn't",
            "经营者与其个体工商户、企业是不同主体，请分别保留",
            "a person and the business that they run are two subjects: keep both",
        )


_CODES = """
SELECT array_agg(DISTINCT i.value) FILTER (WHERE i.scheme = 'uscc'),
    array_agg(DISTINCT i.fingerprint) FILTER (WHERE i.scheme = ANY(%s))
FROM registry_subject s JOIN registry_identifier i ON i.subject_id = s.id
WHERE s.id = %s OR s.merged_into_id = %s"""


def _same_codes(cursor: Cursor[Any], one: int, other: int) -> None:
    """Refuse two subjects whose codes say that they are two. Every code here passed its check digit."""
    schemes = list(PERSONAL_SCHEMES)
    codes = [
        cursor.execute(_CODES, [schemes, side, side]).fetchone() or (None, None) for side in (one, other)
    ]
    for mine, theirs in zip(*codes, strict=True):
        if mine and theirs and not set(mine) & set(theirs):
            raise refused(
                "two_codes",
                f"S{one}与S{other}各有不同的统一社会信用代码或证件号码",
                f"S{one} and S{other} have codes of their own that differ",
                "确属同一主体的，请写明依据并选择“代码不同仍合并”",
                "if they are one all the same, say why and choose to merge despite the codes",
            )


def _standing_merge(cursor: Cursor[Any], merge_id: int) -> tuple[int, int]:
    """The two subjects of a merge that still holds, locked."""
    found = cursor.execute(
        "SELECT m.kept_id, m.absorbed_id, m.undoes_id, u.id FROM registry_merge m "
        "LEFT JOIN registry_merge u ON u.undoes_id = m.id WHERE m.id = %s",
        [merge_id],
    ).fetchone()
    if found is None or found[2] is not None:
        raise refused(
            "no_merge",
            f"{merge_id}不是一次合并",
            f"{merge_id} is not the number of a merge",
            "请核对合并编号",
            "check the number of the merge",
        )
    kept, absorbed, _, undone = found
    if undone is not None:
        raise refused(
            "undone_already",
            f"合并{merge_id}已由{undone}撤销",
            f"merge {merge_id} was taken back already, by {undone}",
            "无需再次撤销",
            "nothing is left to take back",
        )
    _locked(cursor, (kept, absorbed))
    return kept, absorbed
