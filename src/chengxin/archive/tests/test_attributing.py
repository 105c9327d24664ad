"""Records that were kept under the wrong subject move to the right one, and back."""

from __future__ import annotations

from datetime import date

import orjson
import pytest

from chengxin.archive.attributing import NewSubject, attribute
from chengxin.archive.following import reproject_names
from chengxin.archive.queries import full_subject, public_subject
from chengxin.archive.tests.kept import PENALTY, Kept, new_uscc, scalar
from chengxin.archive.verifying import verify_subjects
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.registry.merging import merge
from chengxin.registry.queries import search
from chengxin.registry.refusing import Refused

TODAY = date(2026, 6, 1)


def move(records: list[int], to: int | NewSubject) -> int:
    """An attribution as stewards make them."""
    return attribute(records, to, by="审核员甲", reason="处罚决定书所载代码为另一公司", on=TODAY)


def records_of(subject: int) -> list[int]:
    """The records that staff see under a subject."""
    found = full_subject(f"S{subject}", TODAY)
    assert found is not None
    return sorted(record["id"] for record in found["records"])


def rule_of(records: list[int], to: int | NewSubject) -> str:
    """The rule by which a move is refused; nothing may have changed."""
    before = scalar("SELECT max(size) FROM ledger_treehead")
    with pytest.raises(Refused) as caught:
        move(records, to)
    assert scalar("SELECT max(size) FROM ledger_treehead") == before
    return caught.value.problem.rule


@pytest.mark.obligation("9.1b")
def test_a_record_moves_and_moves_back(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        office, one, other = kept.source(), kept.subject("甲公司", new_uscc()), kept.subject("乙公司")
        stays, moves = kept.record(one, office), kept.record(one, office)
    assert move([moves], other) == other
    assert (records_of(one), records_of(other)) == ([stays], [moves])
    move([moves], one)
    assert (records_of(one), records_of(other)) == ([stays, moves], [])
    rows = (
        raw_cursor().execute("SELECT record_id, subject_id FROM archive_attribution ORDER BY id").fetchall()
    )
    assert rows == [(moves, other), (moves, one)]
    events = (
        raw_cursor().execute("SELECT body FROM ledger_event WHERE kind = 'attributed' ORDER BY id").fetchall()
    )
    assert orjson.loads(events[0][0]) == {
        "records": [moves], "from": [one], "to": other, "by": "审核员甲", "on": "2026-06-01",
        "reason": "处罚决定书所载代码为另一公司",
    }  # fmt: skip


def test_a_split_makes_a_new_subject_that_is_found_by_its_name(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        office, one = kept.source(), kept.subject("鼓浪贸易商行", new_uscc())
        moves = kept.record(one, office)
    fresh = move([moves], NewSubject("legal_person", " 鼓浪屿贸易有限公司 ", "350203"))
    assert fresh not in (one, moves)
    assert records_of(fresh) == [moves] and records_of(one) == []
    assert [found.code for found in search("鼓浪屿贸易").subjects] == [f"S{fresh}"]


def test_a_record_takes_its_corrections_along(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        office, one, other = kept.source(), kept.subject("甲公司"), kept.subject("乙公司")
        first = kept.record(one, office)
        second = kept.record(one, office, operation="correction", refers_to=first)
        third = kept.record(one, office, operation="withdrawal", refers_to=second)
        alone = kept.record(one, office)
    move([second], other)
    assert (records_of(one), records_of(other)) == ([alone], [first, second, third])


def test_a_name_goes_with_the_record_that_told_it(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        office, one, other = kept.source(), kept.subject("甲公司"), kept.subject("乙公司")
        told = kept.record(one, office, item="registration", version="2022-03-01", payload={"ZC_LB": "法人"})
        kept.renamed(one, "丙公司", date(2026, 4, 10), told)
        reproject_names(log, [one])
    assert scalar(f"SELECT name FROM registry_subject WHERE id = {one}") == "丙公司"
    move([told], other)
    assert scalar(f"SELECT name FROM registry_subject WHERE id = {one}") == "甲公司"
    assert scalar(f"SELECT name FROM registry_subject WHERE id = {other}") == "丙公司"
    assert [found.code for found in search("丙公司").subjects] == [f"S{other}"]
    move([told], one)
    assert scalar(f"SELECT name FROM registry_subject WHERE id = {one}") == "丙公司"
    assert scalar(f"SELECT name FROM registry_subject WHERE id = {other}") == "乙公司"


@pytest.mark.obligation("4.1b")
def test_shop_role_and_result_go_with_the_report_that_told_them(database: str) -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        office, one, other = kept.source(), kept.subject("甲公司", code), kept.subject("乙公司", new_uscc())
        payload = {
            "SF_MC": "甲公司", "SF_LB": "法人及非法人组织", "SF_PTDM": new_uscc(), "SF_WZ": "https://a.example.com",
            "SF_BSQ": "2026-01",
        }  # fmt: skip
        told = kept.record(
            one, office, item="identity_report", version="2021-05-01", disclosure="shared", payload=payload
        )
        kept.shop(one, "示例店", "a.example.com", new_uscc(), told)
        kept.role(one, "merchant", date(2026, 1, 10), told)
        kept.renamed(one, "甲实业公司", date(2026, 1, 10), told)
    verify_subjects([one], TODAY)

    def known(subject: int) -> list[tuple[int, ...]]:
        """How much is said of a subject from the report, to the public and to staff."""
        public = public_subject(f"S{subject}", TODAY)
        staff = full_subject(f"S{subject}", TODAY)
        assert public is not None and staff is not None
        seen = orjson.loads(public)["subject"]
        parts = ("outlets", "roles", "names")
        return [
            (*(len(seen[part]) for part in parts), int(seen["verification"] is not None)),
            (*(len(staff["subject"][part]) for part in parts), len(staff["subject"]["verifications"])),
        ]

    everything, nothing = [(1, 1, 2, 1)] * 2, [(0, 0, 1, 0)] * 2
    assert (known(one), known(other)) == (everything, nothing)
    move([told], other)
    assert (known(one), known(other)) == (nothing, everything)
    move([told], one)
    assert (known(one), known(other)) == (everything, nothing)


def test_a_record_stays_with_its_new_subject_when_the_old_one_is_merged(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        office = kept.source()
        one, other, third = (kept.subject(name) for name in ("甲公司", "乙公司", "丙公司"))
        moves = kept.record(one, office)
    move([moves], other)
    merge(third, one, by="审核员甲", reason="同一营业执照", on=TODAY)
    assert (records_of(third), records_of(other)) == ([], [moves])


def test_what_must_not_move_is_refused(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        office, one, other = kept.source(), kept.subject("甲公司"), kept.subject("乙公司")
        business = kept.subject("丙商店", kind="individual_business")
        person = kept.subject("陈小云", kind="natural_person")
        record = kept.record(one, office, payload=PENALTY)
    assert rule_of([record], one) == "nothing_moves"
    assert rule_of([], other) == "no_record"
    assert rule_of([record, 10**12], other) == "no_record"
    assert rule_of([one], other) == "no_record"
    assert rule_of([record], 10**12) == "no_subject"
    assert rule_of([record], person) == "another_kind"
    assert rule_of([record], business) == "another_kind"
    assert rule_of([record], NewSubject("natural_person", "陈小云")) == "another_kind"
    assert rule_of([record], NewSubject("legal_person", "（）")) == "not_described"
    assert rule_of([record], NewSubject("firm", "丁公司")) == "not_described"
    with pytest.raises(Refused):
        attribute([record], other, by="审核员甲", reason="", on=TODAY)
