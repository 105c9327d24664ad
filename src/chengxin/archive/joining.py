"""What follows for the archive when subjects are joined, parted or decided on: they are verified anew.

The same use cases as in the registry, in one transaction with their consequences: pages and commands call
these, the registry itself knows no records. Each asks whether who decides may.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from chengxin.accounts.permissions import Actor
from chengxin.archive.verifying import verify_subjects
from chengxin.ledger.actions import raw_cursor
from chengxin.registry import merging, stewarding


def merge(kept: int, absorbed: int, *, by: Actor, reason: str, on: date, despite_codes: bool = False) -> int:
    """`registry.merging.merge`; the records of both are then verified as of one subject."""
    by.must("match.decide")
    with transaction.atomic():
        id = merging.merge(kept, absorbed, by=by.name, reason=reason, on=on, despite_codes=despite_codes)
        verify_subjects([kept], on)
    return id


def undo_merge(merge_id: int, *, by: Actor, reason: str, on: date) -> int:
    """`registry.merging.undo_merge`; each of the two is then verified by its own records again."""
    by.must("merge.undo")
    with transaction.atomic():
        id = merging.undo_merge(merge_id, by=by.name, reason=reason, on=on)
        verify_subjects(_sides(merge_id), on)
    return id


def decide(candidate_id: int, same: bool, *, by: Actor, on: date, reason: str = "") -> int | None:
    """`registry.stewarding.decide`; where it merged two subjects, they are verified as one."""
    by.must("match.decide")
    with transaction.atomic():
        merge_id = stewarding.decide(candidate_id, same, by=by.name, on=on, reason=reason)
        if merge_id is not None:
            verify_subjects(_sides(merge_id), on)
    return merge_id


def _sides(merge_id: int) -> list[int]:
    found = (
        raw_cursor()
        .execute("SELECT kept_id, absorbed_id FROM registry_merge WHERE id = %s", [merge_id])
        .fetchone()
    )
    return list(found or ())
