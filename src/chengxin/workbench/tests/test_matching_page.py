"""A steward sees two subjects side by side and decides once; who may not is refused."""

from __future__ import annotations

import threading
from datetime import date

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengxin.accounts.permissions import Forbidden
from chengxin.archive import joining
from chengxin.archive.tests.kept import Kept, new_uscc, scalar
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.testing.signed import actor, browser_of, person
from chengxin.workbench.differing import compared, marked
from chengxin.workbench.tests.opened import looks, shown, with_purpose

EVIDENCE = [
    {"comparison": "prior", "zh": "先验", "en": "Prior", "level": "prior", "level_zh": "此前",
     "level_en": "before", "weight": -6.0},
    {"comparison": "name", "zh": "名称", "en": "Name", "level": "same_core", "level_zh": "除地名形式外相同",
     "level_en": "same core", "weight": 9.31},
]  # fmt: skip


def pair(one: int, other: int, probability: float = 0.7) -> int:
    found = raw_cursor().execute(
        "INSERT INTO registry_matchcandidate (subject_id, other_id, probability, evidence, state) "
        "VALUES (%s, %s, %s, %s, 'open') RETURNING id",
        [one, other, probability, orjson.dumps(EVIDENCE).decode()],
    )
    row = found.fetchone()
    assert row is not None
    return int(row[0])


def three_pairs() -> tuple[list[int], list[int]]:
    """Four firms and three pairs, the most probable first."""
    with appending() as log:
        kept = Kept(log)
        firms = [
            kept.subject("福州鼓浪贸易有限公司", new_uscc()),
            kept.subject("福州鼓浪商贸有限公司"),
            kept.subject("厦门鼓浪贸易有限公司", region="350203"),
            kept.subject("陈小云", kind="natural_person", region=None),
        ]
        kept.record(firms[0], kept.source())
    pairs = [pair(firms[0], other, odds) for other, odds in zip(firms[1:], (0.92, 0.71, 0.5), strict=True)]
    return firms, pairs


@pytest.fixture
def steward(database: str) -> Client:
    return with_purpose(person("credit_office"))


@pytest.mark.obligation("9.1b")
def test_the_queue_shows_the_most_probable_first_and_notes_who_looked(steward: Client) -> None:
    firms, _ = three_pairs()
    text = shown(steward, "/work/matching")
    places = [text.index(name) for name in ("福州鼓浪商贸有限公司", "厦门鼓浪贸易有限公司", "陈小云")]
    assert places == sorted(places)
    assert set(looks("list")) == set(firms)
    assert "陈小云" not in shown(steward, "/work/matching?least=0.7")
    assert "福州鼓浪商贸有限公司" not in shown(steward, "/work/matching?region=3502")
    assert "No pair" not in shown(steward, "/work/matching", language="en")
    exported = steward.get("/work/matching?format=csv")
    assert exported.content.decode("utf-8-sig").count("\n") == 4
    assert len(looks("export")) == 4


def test_an_empty_queue_says_so(steward: Client) -> None:
    assert "没有等待复核的匹配" in shown(steward, "/work/matching")


def test_both_sides_stand_beside_each_other_with_their_differences_marked(steward: Client) -> None:
    firms, pairs = three_pairs()
    text = shown(steward, f"/work/matching/{pairs[0]}")
    assert '福州鼓浪<mark class="differs">贸易</mark>有限公司' in text or "differs" in text
    assert "除地名形式外相同" in text
    assert "最近归集的信息" in text
    for key in ("s", "d", "j", "?"):
        assert f'data-key="{key}"' in text
    assert set(looks("match")) == {firms[0], firms[1]}
    assert "same core" in shown(steward, f"/work/matching/{pairs[0]}", language="en")


@pytest.mark.obligation("9.1b")
def test_a_decision_leads_to_the_next_pair_and_can_be_taken_back(steward: Client) -> None:
    firms, pairs = three_pairs()
    response = steward.post(f"/work/matching/{pairs[0]}", {"do": "same", "preset": "营业执照一致"})
    assert response.status_code == 302
    assert response["Location"].startswith(f"/work/matching/{pairs[1]}?decided={pairs[0]}&merge=")
    assert scalar(f"SELECT merged_into_id FROM registry_subject WHERE id = {firms[1]}") == firms[0]
    text = shown(steward, response["Location"])
    assert "撤销这次合并" in text
    merge = response["Location"].rpartition("=")[2]
    undone = steward.post("/work/matching/undo", {"merge": merge, "pair": str(pairs[0])})
    assert "恢复如前" in shown(steward, undone["Location"])
    assert scalar(f"SELECT merged_into_id FROM registry_subject WHERE id = {firms[1]}") is None
    assert "撤销这次合并" not in shown(steward, response["Location"])
    again = steward.post("/work/matching/undo", {"merge": merge})
    assert again.status_code == 404


def test_different_leaves_both_and_the_last_pair_leads_back_to_the_queue(steward: Client) -> None:
    _, pairs = three_pairs()
    where = [
        steward.post(f"/work/matching/{id}", {"do": "different", "reason": "名称相近而已"})["Location"]
        for id in pairs
    ]
    assert where[0].startswith(f"/work/matching/{pairs[1]}?")
    assert where[2].startswith("/work/matching?")
    assert "不同主体" in shown(steward, where[2])
    assert scalar("SELECT count(*) FROM registry_merge") == 0
    body = orjson.loads(str(scalar("SELECT body FROM ledger_event WHERE kind = 'match_decided' LIMIT 1")))
    assert body["reason"] == "名称相近而已"


def test_whoever_comes_second_is_told_who_decided(steward: Client) -> None:
    _, pairs = three_pairs()
    other = with_purpose(person("credit_office", name="林先到"))
    other.post(f"/work/matching/{pairs[0]}", {"do": "different"})
    text = shown(steward, f"/work/matching/{pairs[0]}", post={"do": "same"}, status=409)
    assert "已认定为不同主体" in text
    assert "林先到" in text
    assert scalar("SELECT count(*) FROM registry_merge") == 0


def test_a_decision_that_is_none_or_must_not_be_made_changes_nothing(steward: Client) -> None:
    with appending() as log:
        kept = Kept(log)
        one, other = kept.subject("鼓浪公司", new_uscc()), kept.subject("鼓浪公司", new_uscc())
    id = pair(one, other)
    shown(steward, f"/work/matching/{id}", post={"do": "perhaps"}, status=400)
    shown(steward, f"/work/matching/{id}", post={"do": "same"}, status=409)
    assert scalar(f"SELECT state FROM registry_matchcandidate WHERE id = {id}") == "open"
    shown(steward, f"/work/matching/{id + 9}", status=404)
    shown(steward, f"/work/matching/{id + 9}", post={"do": "same"}, status=404)
    shown(steward, "/work/matching/undo", post={"merge": "x"}, status=404)


def test_two_stewards_at_once_decide_once(database: str) -> None:
    _, pairs = three_pairs()
    browsers = [with_purpose(person("credit_office")) for _ in range(4)]
    start = threading.Barrier(4)
    answers: list[int] = []

    def decide(browser: Client, said: str) -> None:
        try:
            start.wait()
            answers.append(browser.post(f"/work/matching/{pairs[0]}", {"do": said}).status_code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=(browser, "same" if number % 2 else "different"))
        for number, browser in enumerate(browsers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 409, 409, 409]
    assert scalar("SELECT count(*) FROM ledger_event WHERE kind = 'match_decided'") == 1


@pytest.mark.obligation("12.2a")
def test_only_the_credit_office_decides_and_a_reviewer_only_looks(database: str) -> None:
    _, pairs = three_pairs()
    reviewer = with_purpose(person("reviewer"))
    assert 'value="same"' not in shown(reviewer, f"/work/matching/{pairs[0]}")
    shown(reviewer, f"/work/matching/{pairs[0]}", post={"do": "same"}, status=403)
    shown(reviewer, "/work/matching/undo", post={"merge": "1"}, status=403)
    for role in ("department_officer", "platform_compliance", "auditor", "administrator"):
        browser = with_purpose(person(role))
        shown(browser, "/work/matching", status=403)
        shown(browser, f"/work/matching/{pairs[0]}", status=403)
        with pytest.raises(Forbidden):
            joining.decide(pairs[0], True, by=actor(person(role)), on=date(2026, 6, 1))
    assert Client().get("/work/matching").status_code == 302
    assert scalar("SELECT count(*) FROM registry_merge") == 0


def test_without_a_purpose_nothing_is_shown(database: str) -> None:
    _, pairs = three_pairs()
    browser = browser_of(person("credit_office"))
    for path in ("/work/matching", f"/work/matching/{pairs[0]}", "/work/identity", "/work/subjects"):
        assert browser.get(path)["Location"].startswith("/work/purpose?next=")


def test_the_queue_costs_the_same_whatever_its_length(steward: Client) -> None:
    firms, _ = three_pairs()
    steward.get("/work/matching")
    with CaptureQueriesContext(connection) as few:
        steward.get("/work/matching")
    with appending() as log:
        kept = Kept(log)
        others = [kept.subject(f"福州鼓浪{number}号店") for number in range(30)]
    for other in others:
        pair(firms[0], other, 0.4)
    with CaptureQueriesContext(connection) as many:
        steward.get("/work/matching")
    assert len(many) <= len(few) + 1


def test_differences_are_marked_character_by_character() -> None:
    one, other = marked("福州鼓浪贸易有限公司", "福州鼓岭贸易有限公司")
    assert [piece.text for piece in one if piece.differs] == ["浪"]
    assert [piece.text for piece in other if piece.differs] == ["岭"]
    assert "".join(piece.text for piece in other) == "福州鼓岭贸易有限公司"
    whole, _ = marked("甲乙丙", "子丑寅")
    assert [piece.differs for piece in whole] == [True]
    assert compared("名称", None, "甲").state == "unknown"
    assert compared("名称", "甲", "甲").state == "same"
    assert compared("名称", "甲乙", "甲丙").state == "differs"
