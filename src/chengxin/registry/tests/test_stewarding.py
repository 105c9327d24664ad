"""The steward sees doubtful pairs, the most probable first, and decides each once."""

from __future__ import annotations

import threading
from datetime import date

import orjson
import pytest
from django.conf import settings
from django.db import connection

from chengxin.archive.tests.kept import Kept, new_uscc, scalar
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.registry.merging import merge, undo_merge
from chengxin.registry.queries import BadCursor
from chengxin.registry.refusing import Refused
from chengxin.registry.stewarding import decide, queue

TODAY = date(2026, 6, 1)
EVIDENCE = [{"comparison": "name", "zh": "名称", "en": "Name", "level": "same_core", "weight": 5.31}]


def pair(one: int, other: int, probability: float = 0.7) -> int:
    """A pair as matching puts it before the steward."""
    found = raw_cursor().execute(
        "INSERT INTO registry_matchcandidate (subject_id, other_id, probability, evidence, state) "
        "VALUES (%s, %s, %s, %s, 'open') RETURNING id",
        [one, other, probability, orjson.dumps(EVIDENCE).decode()],
    )
    row = found.fetchone()
    assert row is not None
    return int(row[0])


def subjects(count: int) -> list[int]:
    with appending() as log:
        kept = Kept(log)
        return [kept.subject(f"福州鼓浪{number}贸易有限公司") for number in range(count)]


def decided(id: int, same: bool, by: str = "审核员甲") -> int | None:
    return decide(id, same, by=by, on=TODAY)


def rule_of(id: int, same: bool) -> str:
    """The rule by which a decision is refused."""
    with pytest.raises(Refused) as caught:
        decided(id, same)
    assert caught.value.problem.zh and caught.value.problem.en
    return caught.value.problem.rule


def test_the_most_probable_come_first_page_by_page(database: str) -> None:
    ids = subjects(12)
    odds = [0.3, 0.9, 0.5, 0.9, 0.5, 0.5, 0.31, 0.9999999999999999, 0.5, 0.4, 0.6]
    pairs = [pair(ids[0], other, odd) for other, odd in zip(ids[1:], odds, strict=True)]
    expected = [id for _, id in sorted((-odd, id) for odd, id in zip(odds, pairs, strict=True))]
    seen: list[int] = []
    after: str | None = None
    while True:
        page = queue(after, 3)
        seen += [one.id for one in page.candidates]
        if page.next is None:
            break
        after = page.next
    assert seen == expected
    assert queue(limit=0).candidates[0].id == expected[0]


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0x!", "WyJhIiwgMV0", "WzEuMCwgLTFd", "bnVsbA"])
def test_a_cursor_that_was_not_given_out_is_refused(database: str, cursor: str) -> None:
    with pytest.raises(BadCursor):
        queue(cursor)


def test_both_sides_are_shown_with_what_they_were_compared_by(database: str) -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        office, firm, branch = (
            kept.source(),
            kept.subject("福州鼓浪贸易有限公司", code),
            kept.subject("鼓浪贸易分部"),
        )
        kept.renamed(firm, "福州鼓浪实业有限公司", date(2025, 1, 1), kept.record(firm, office))
        person = kept.subject("陈小云", kind="natural_person", region=None)
        number = "350102199003071234"
        kept.sealed_identifier(
            person, "resident_id", settings.KEYRING.fingerprint("resident_id", number),
            settings.KEYRING.encrypt(number.encode(), b"identifier"),
        )  # fmt: skip
        kept.sealed_identifier(person, "passport", b"1" * 32, b"broken")
    merge(firm, branch, by="审核员甲", reason="分部", on=TODAY)
    pair(branch, person)
    (candidate,) = queue().candidates
    assert candidate.evidence == tuple(EVIDENCE)
    assert candidate.probability == 0.7
    assert (candidate.one.id, candidate.one.code, candidate.one.kind) == (firm, code, "legal_person")
    assert candidate.one.region == {"code": "350102", "name": "福建省福州市鼓楼区"}
    assert set(candidate.one.names) == {"福州鼓浪贸易有限公司", "福州鼓浪实业有限公司", "鼓浪贸易分部"}
    assert candidate.one.identifiers == (("uscc", code),)
    assert candidate.other.code == f"S{person}"
    assert candidate.other.identifiers == (("resident_id", "3501************34"), ("passport", "****"))


def test_same_merges_under_the_one_with_the_official_code(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        old, coded = kept.subject("福州鼓浪贸易公司"), kept.subject("福州鼓浪贸易有限公司", new_uscc())
    id = pair(old, coded)
    made = decided(id, True)
    assert scalar(f"SELECT merged_into_id FROM registry_subject WHERE id = {old}") == coded
    assert scalar(f"SELECT (state, decided_by)::text FROM registry_matchcandidate WHERE id = {id}") == (
        "(same,审核员甲)"
    )
    body = orjson.loads(str(scalar("SELECT body FROM ledger_event WHERE kind = 'match_decided'")))
    assert body == {
        "candidate": id, "subjects": [old, coded], "same": True, "merge": made, "by": "审核员甲",
        "on": "2026-06-01", "reason": "",
    }  # fmt: skip
    assert queue().candidates == ()


def test_of_two_without_a_code_the_older_is_kept(database: str) -> None:
    old, new = subjects(2)
    decided(pair(new, old), True)
    assert scalar(f"SELECT merged_into_id FROM registry_subject WHERE id = {new}") == old


def test_different_leaves_both_as_they_are(database: str) -> None:
    one, other = subjects(2)
    assert decided(pair(one, other), False) is None
    assert scalar("SELECT count(*) FROM registry_merge") == 0
    assert queue().candidates == ()
    assert scalar("SELECT count(*) FROM ledger_event WHERE kind = 'match_decided'") == 1


def test_a_pair_is_decided_once(database: str) -> None:
    one, other = subjects(2)
    id = pair(one, other)
    decided(id, False)
    assert rule_of(id, True) == "decided_already"
    assert rule_of(id + 1, True) == "no_candidate"


def test_what_must_not_be_merged_stays_in_the_queue(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        one, other = kept.subject("鼓浪公司", new_uscc()), kept.subject("鼓浪公司", new_uscc())
        person = kept.subject("陈小云", kind="natural_person")
    codes, kinds = pair(one, other), pair(one, person)
    head = scalar("SELECT max(size) FROM ledger_treehead")
    assert rule_of(codes, True) == "two_codes"
    assert rule_of(kinds, True) == "person_and_firm"
    assert scalar("SELECT max(size) FROM ledger_treehead") == head
    assert [one.id for one in queue().candidates] == [codes, kinds]
    decided(codes, False)


def test_a_pair_that_a_merge_has_settled_leaves_the_queue_until_it_is_undone(database: str) -> None:
    one, other, third = subjects(3)
    first, second = pair(one, other, 0.8), pair(one, third)
    made = merge(third, other, by="审核员甲", reason="同一", on=TODAY)
    decided(second, True)  # one is now third's, and so is other
    assert queue().candidates == ()
    assert decided(first, True) is None
    undo_merge(made, by="审核员甲", reason="误认", on=TODAY)
    assert queue().candidates == ()


def test_two_stewards_at_once_decide_once(database: str) -> None:
    one, other = subjects(2)
    id = pair(one, other)
    start = threading.Barrier(4)
    outcomes: list[str] = []

    def steward(number: int) -> None:
        try:
            start.wait()
            decided(id, number % 2 == 0, by=f"审核员{number}")
            outcomes.append("decided")
        except Refused as no:
            outcomes.append(no.problem.rule)
        finally:
            connection.close()

    threads = [threading.Thread(target=steward, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided", *["decided_already"] * 3]
    assert scalar("SELECT count(*) FROM ledger_event WHERE kind = 'match_decided'") == 1
