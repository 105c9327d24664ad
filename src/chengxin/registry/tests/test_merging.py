"""Two subjects become one and two again; whatever the order, the sealed rows say which are one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chengxin.archive.tests.kept import Kept, new_uscc, scalar
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.registry.merging import merge, undo_merge
from chengxin.registry.queries import resolve
from chengxin.registry.refusing import Refused

TODAY = date(2026, 6, 1)


def join(kept: int, absorbed: int) -> int:
    """A merge as stewards make them."""
    return merge(kept, absorbed, by="审核员甲", reason="同一营业执照", on=TODAY)


def part(merge_id: int) -> int:
    """A merge taken back."""
    return undo_merge(merge_id, by="审核员乙", reason="误认", on=TODAY)


def subjects(*names: str, kind: str = "legal_person") -> list[int]:
    with appending() as log:
        kept = Kept(log)
        return [kept.subject(name, kind=kind) for name in names]


def members() -> dict[int, int]:
    """Every subject and the one that stands for it, as the table has it."""
    found = raw_cursor().execute("SELECT id, coalesce(merged_into_id, id) FROM registry_subject").fetchall()
    return dict(found)


def replayed() -> dict[int, int]:
    """The same from the sealed rows alone, one after the other."""
    cursor = raw_cursor()
    ids = [id for (id,) in cursor.execute("SELECT id FROM registry_subject").fetchall()]
    edges: dict[int, tuple[int, int]] = {}
    for id, kept, absorbed, undoes in cursor.execute(
        "SELECT id, kept_id, absorbed_id, undoes_id FROM registry_merge ORDER BY id"
    ).fetchall():
        if undoes is None:
            edges[id] = (absorbed, kept)
        else:
            assert edges.pop(undoes) == (absorbed, kept)
    parent = dict(edges.values())

    def root(id: int) -> int:
        return root(parent[id]) if id in parent else id

    return {id: root(id) for id in ids}


def rule_of(action: Callable[[], Any]) -> str:
    """The rule by which something is refused; nothing may have changed."""
    before = members(), scalar("SELECT max(size) FROM ledger_treehead")
    with pytest.raises(Refused) as caught:
        action()
    assert (members(), scalar("SELECT max(size) FROM ledger_treehead")) == before
    problem = caught.value.problem
    assert problem.zh and problem.en and problem.mend_zh and problem.mend_en
    return problem.rule


def test_a_chain_of_merges_points_to_its_end_and_unwinds(database: str) -> None:
    a, b, c = subjects("甲公司", "乙公司", "丙公司")
    first = join(b, a)
    second = join(c, b)
    assert members() == {a: c, b: c, c: c}
    part(second)
    assert members() == {a: b, b: b, c: c}
    part(first)
    assert members() == {a: a, b: b, c: c}


def test_an_early_merge_is_taken_back_under_a_later_one(database: str) -> None:
    a, b, c, d = subjects("甲公司", "乙公司", "丙公司", "丁公司")
    join(a, d)
    first = join(b, a)
    join(c, b)
    part(first)
    assert members() == {a: a, d: a, b: c, c: c}


def test_a_merge_is_sealed_signed_and_dated(database: str) -> None:
    a, b = subjects("甲公司", "乙公司")
    made = join(a, b)
    undone = undo_merge(made, by="审核员乙", reason="误认", on=date(2026, 6, 2))
    rows = raw_cursor().execute("SELECT * FROM registry_merge ORDER BY id").fetchall()
    assert [row[0] for row in rows] == [made, undone]
    assert scalar("SELECT max(size) FROM ledger_treehead") == undone + 1
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute("UPDATE registry_merge SET reason = 'x'")


def test_what_must_not_be_merged_is_refused(database: str) -> None:
    a, b, c = subjects("甲公司", "乙公司", "丙公司")
    (person,) = subjects("陈小云", kind="natural_person")
    join(b, a)
    assert rule_of(lambda: join(b, b)) == "merge_of_one"
    assert rule_of(lambda: join(b, a)) == "merged_already"
    assert rule_of(lambda: join(a, c)) == "merged_already"
    assert rule_of(lambda: join(b, person)) == "person_and_firm"
    assert rule_of(lambda: join(b, 10**12)) == "no_subject"
    assert rule_of(lambda: merge(b, c, by="审核员甲", reason=" ", on=TODAY)) == "no_reason"
    assert rule_of(lambda: merge(b, c, by="", reason="同一执照", on=TODAY)) == "unsigned"


def test_what_must_not_be_undone_is_refused(database: str) -> None:
    a, b = subjects("甲公司", "乙公司")
    made = join(a, b)
    undone = part(made)
    assert rule_of(lambda: part(made)) == "undone_already"
    assert rule_of(lambda: part(undone)) == "no_merge"
    assert rule_of(lambda: part(a)) == "no_merge"


def test_two_codes_are_two_subjects_unless_a_person_says_otherwise(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        a, b, c = (
            kept.subject("甲公司", new_uscc()),
            kept.subject("甲公司", new_uscc()),
            kept.subject("甲公司"),
        )
    join(c, b)
    assert rule_of(lambda: join(a, c)) == "two_codes"
    merge(a, c, by="审核员甲", reason="换发代码，旧代码注销", on=TODAY, despite_codes=True)
    assert members() == {a: a, b: a, c: a}


def test_two_persons_with_numbers_of_their_own_are_two(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        one, other = (kept.subject("陈小云", kind="natural_person") for _ in range(2))
        kept.sealed_identifier(one, "resident_id", b"1" * 32, b"c")
        kept.sealed_identifier(other, "resident_id", b"2" * 32, b"c")
        kept.sealed_identifier(one, "phone", b"3" * 32, b"c")
    assert rule_of(lambda: join(one, other)) == "two_codes"
    merge(one, other, by="审核员甲", reason="证件换发", on=TODAY, despite_codes=True)


def test_a_code_leads_to_the_subject_that_was_kept(database: str) -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        a, b, c = kept.subject("甲公司", code), kept.subject("乙公司"), kept.subject("丙公司")
    join(b, a)
    last = join(c, b)
    assert resolve(code) == c
    part(last)
    assert resolve(code) == b


def test_two_stewards_at_once_make_no_circle(database: str) -> None:
    ids = subjects(*(f"公司{number}" for number in range(6)))
    start = threading.Barrier(6)
    outcomes: list[str] = []

    def steward(number: int) -> None:
        try:
            start.wait()
            join(ids[(number + 1) % 6], ids[number])
            outcomes.append("merged")
        except Refused as no:
            outcomes.append(no.problem.rule)
        finally:
            connection.close()

    threads = [threading.Thread(target=steward, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(outcomes) <= {"merged", "merged_already"} and "merged" in outcomes
    assert scalar("SELECT count(*) FROM registry_merge") == outcomes.count("merged")
    assert members() == replayed()


class Stewards(RuleBasedStateMachine):
    """Any merges and undoings, in any order."""

    @initialize()
    def begin(self) -> None:
        self.ids = subjects(*(f"公司{number}" for number in range(7)))
        self.merges: list[int] = []

    def mine(self) -> dict[int, int]:
        return {id: into for id, into in members().items() if id in self.ids}

    @rule(kept=st.integers(0, 6), absorbed=st.integers(0, 6))
    def joined(self, kept: int, absorbed: int) -> None:
        before = self.mine()
        one, other = self.ids[kept], self.ids[absorbed]
        try:
            self.merges.append(join(one, other))
            allowed = True
        except Refused:
            allowed = False
            assert self.mine() == before
        assert allowed == (one != other and before[one] == one and before[other] == other)

    @rule(which=st.integers(0, 30))
    def parted(self, which: int) -> None:
        if self.merges:
            made = self.merges.pop(which % len(self.merges))
            part(made)
            assert rule_of(lambda: part(made)) == "undone_already"

    @rule()
    def joined_and_parted_at_once(self) -> None:
        before = self.mine()
        roots = [id for id, into in before.items() if id == into]
        if len(roots) > 1:
            part(join(roots[0], roots[1]))
            assert self.mine() == before

    @invariant()
    def the_sealed_rows_say_who_is_one(self) -> None:
        if hasattr(self, "ids"):
            assert members() == replayed()


def test_any_sequence_of_merges_and_undoings_agrees_with_the_sealed_rows(database: str) -> None:
    run_state_machine_as_test(
        Stewards,
        settings=settings(max_examples=12, stateful_step_count=15, suppress_health_check=list(HealthCheck)),
    )
