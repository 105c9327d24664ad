"""What changed since a leaf: nothing is missed, nothing else is told, and only what came is read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chengxin.accounts.permissions import at_the_console
from chengxin.archive.attributing import attribute
from chengxin.archive.changed import Changes, changed_since
from chengxin.archive.correcting import correct, withdraw
from chengxin.archive.joining import merge, undo_merge
from chengxin.archive.marking import mark
from chengxin.archive.tests.kept import TODAY, Kept, new_uscc
from chengxin.ledger.actions import appending, raw_cursor

pytestmark = pytest.mark.usefixtures("database")

BY: dict[str, Any] = {"by": "林审核", "reason": "核查属实"}


def size() -> int:
    """How many leaves there are."""
    (found,) = raw_cursor().execute("SELECT coalesce(max(size), 0) FROM ledger_treehead").fetchone() or (0,)
    return int(found)


def firms() -> tuple[list[int], list[int]]:
    """Three firms, each with two penalties: subjects, records."""
    with appending() as log:
        kept = Kept(log)
        source = kept.source()
        subjects = [kept.subject(f"福州示例{at}贸易有限公司", new_uscc()) for at in range(3)]
        return subjects, [kept.record(one, source) for one in subjects for _ in range(2)]


def test_records_that_came_stand_under_their_subjects() -> None:
    subjects, records = firms()
    assert changed_since(0) == Changes(
        0,
        size(),
        {one: (records[2 * at], records[2 * at + 1]) for at, one in enumerate(subjects)},
        {},
        frozenset(),
        frozenset(subjects),
    )
    assert changed_since(size()) == Changes(size(), size(), {}, {}, frozenset(), frozenset())


def test_the_parts_of_a_stretch_are_the_whole() -> None:
    subjects, records = firms()
    halves = [changed_since(0, records[3]), changed_since(records[3])]
    assert halves[0].subjects == set(subjects[:2]) and halves[1].subjects == set(subjects[1:])
    assert sorted(id for half in halves for ids in half.new.values() for id in ids) == records


def test_corrections_withdrawals_and_marks_name_what_they_touch() -> None:
    subjects, records = firms()
    before = size()
    with appending() as log:
        corrected = correct(log, records[0], {"CF_NR_FK": "2"}, on=TODAY, case=1, **BY).record
        gone = withdraw(log, records[2], on=TODAY, case=2, **BY).record
        mark(log, [records[4]], "contested", on=TODAY, because="objection", case=3, **BY)
        unfinished = changed_since(before, log.next_leaf, cursor=log.cursor)
    found = changed_since(before)
    assert found.replaced == {records[0]: corrected, records[2]: gone}
    assert found.new == {subjects[0]: (corrected,), subjects[1]: (gone,)}
    assert found.marked == {records[4]}
    assert found.subjects == set(subjects)
    assert unfinished == found, "a turn at the ledger sees its own rows"


def test_moves_and_merges_touch_both_sides() -> None:
    subjects, records = firms()
    one, other, third = subjects
    before = size()
    attribute([records[0]], other, on=TODAY, **BY)
    assert changed_since(before).subjects == {one, other}
    before = size()
    with appending() as log:
        mark(log, [records[0]], "ended", on=TODAY, because="repair", case=3, **BY)
    assert changed_since(before).subjects == {other}, "whose it is today"
    before, office = size(), at_the_console("林审核")
    made = merge(other, third, by=office, reason="同一营业执照", on=date(2026, 6, 1), despite_codes=True)
    assert changed_since(before).subjects == {other}, "the one that stands for both"
    assert changed_since(0).new.keys() == {one, other}
    before = size()
    undo_merge(made, by=office, reason="误认", on=date(2026, 6, 1))
    assert changed_since(before).subjects == {other, third}
