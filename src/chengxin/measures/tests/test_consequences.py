"""Every consequence explains itself down to the leaf of the ledger, and is gone when its decision is."""

from __future__ import annotations

from datetime import date, timedelta

import orjson
import pytest

from chengxin.archive.models import LISTS
from chengxin.archive.tests.kept import Kept
from chengxin.cases import queries
from chengxin.cases.actions import take
from chengxin.ledger import queries as ledger
from chengxin.ledger.actions import appending
from chengxin.measures.consequences import consequences_of
from chengxin.measures.publications import NUMBERED
from chengxin.measures.tests.decided import DAY, Installation, installation, listed, served, tasks
from chengxin.rulebook import catalogue, severity

KEYS = {"kind", "since", "until", "because", "ends_when", "earliest_end"}
BECAUSE = {"decision", "rule", "law", "article", "records"}


@pytest.fixture
def here(database: str) -> Installation:
    """Actors, a merchant with a shop on one platform, a carrier."""
    return installation()


@pytest.mark.obligation("16.1a")
def test_each_consequence_says_why_what_ends_it_and_when(here: Installation) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record)
    found = consequences_of(here.merchant, today)
    assert [one["kind"] for one in found[:2]] == ["list", "measure"]
    for one in found:
        assert set(one) >= KEYS
        assert set(one["because"]) >= BECAUSE
        assert all({"id", "source"} <= set(each) for each in one["because"]["records"])
        assert one["because"]["law"] and one["ends_when"] and one["because"]["decision"]
        assert one["words_zh"] and one["words_en"]
        assert date.fromisoformat(one["since"]) <= today
    listing = found[0]
    assert listing["because"]["rule"] == "brushing"
    paper = next(one for one in queries.documents(entry) if one.kind == "listing_decision")
    assert listing["because"]["decision"] == paper.number
    assert [one["id"] for one in listing["because"]["records"]] == [here.record]
    assert listing["because"]["records"][0]["source"] == "福建省市场监督管理局"
    assert listing["since"] == today.isoformat() and listing["until"]
    assert {one["measure"] for one in found if one["kind"] == "measure"} == {one.rule for one in tasks(entry)}
    assert orjson.loads(orjson.dumps(found)) == found, "it is JSON as it stands"


def test_the_chain_ends_at_leaves_whose_proof_the_ledger_gives(here: Installation) -> None:
    _, today = listed(here, "brushing", here.merchant, here.record)
    listing = consequences_of(here.merchant, today)[0]
    for leaf, table in (
        (listing["because"]["records"][0]["id"], "archive_record"),
        (listing["decided_leaf"], "cases_step"),
    ):
        body = ledger.leaf_body(table, leaf)
        assert body is not None
        assert ledger.inclusion(leaf, body)["leaf"] == leaf
    decided = next(one for one in queries.steps(listing["case"]) if one.id == listing["decided_leaf"])
    assert decided.step == "decide_entry"


def test_a_penalty_shown_to_the_public_is_a_consequence_until_its_last_day(here: Installation) -> None:
    found = consequences_of(here.merchant, DAY)
    assert [(one["kind"], one["because"]["rule"]) for one in found] == [("publication", "penalty")]
    assert found[0]["because"]["decision"] == "榕市监罚〔2026〕0001号"
    assert found[0]["because"]["records"][0]["proof"] == f"/api/v1/records/{here.record}/proof"
    assert found[0]["until"] == "2027-04-09"
    assert not consequences_of(here.merchant, date(2027, 4, 10))


def test_what_the_decision_brought_is_gone_with_it(here: Installation) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record)
    take(entry, "revoke", here.cast.someone("decision_maker", 900), today, {"reason": "事实不清"})
    assert {one["kind"] for one in consequences_of(here.merchant, today)} == {"publication"}


def test_a_suspended_decision_has_no_consequence_and_a_resumed_one_has_them_again(here: Installation) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record)
    before = consequences_of(here.merchant, today)
    decider = here.cast.someone("decision_maker", 900)
    take(entry, "suspend", decider, today, {"reason": "复议期间停止执行"})
    assert {one["kind"] for one in consequences_of(here.merchant, today)} == {"publication"}
    take(entry, "resume", decider, today, {"reason": "复议维持"})
    again = consequences_of(here.merchant, today)
    assert [(one["kind"], one["name_zh"]) for one in again] == [
        (one["kind"], one["name_zh"]) for one in before
    ]


def test_an_entry_has_no_consequence_after_its_last_day_even_before_the_nightly_run(
    here: Installation,
) -> None:
    _, today = listed(here, "brushing", here.merchant, here.record)
    last = date.fromisoformat(consequences_of(here.merchant, today)[0]["until"])
    assert any(one["kind"] == "measure" for one in consequences_of(here.merchant, last))
    assert {one["kind"] for one in consequences_of(here.merchant, last + timedelta(days=1))} <= {
        "publication"
    }


def test_a_case_that_is_not_published_has_no_consequence(here: Installation) -> None:
    _, today = served(here, "brushing", here.merchant, here.record)
    assert {one["kind"] for one in consequences_of(here.merchant, today)} == {"publication"}


def test_a_record_that_was_withdrawn_stands_in_no_explanation(here: Installation) -> None:
    _, today = listed(here, "brushing", here.merchant, here.record)
    with appending() as log:
        Kept(log).record(
            here.merchant, here.market.pk, operation="withdrawal", refers_to=here.record, disclosure="shared"
        )
    found = consequences_of(here.merchant, today)
    assert not [one for one in found if one["kind"] == "publication"]
    assert all(not one["because"]["records"] for one in found)


def test_of_a_merged_subject_the_consequences_are_those_of_all_that_are_one_with_it(
    here: Installation,
) -> None:
    _, today = listed(here, "brushing", here.merchant, here.record)
    with appending() as log:
        kept = Kept(log)
        whole = kept.subject("福州刷量电子商务公司")
        kept.merged(here.merchant, whole)
    assert any(one["kind"] == "list" for one in consequences_of(whole, today))


def test_on_a_natural_person_the_public_is_told_nothing(here: Installation) -> None:
    with appending() as log:
        kept = Kept(log)
        person = kept.subject("林某", kind="natural_person")
        kept.record(person, here.market.pk)
    assert consequences_of(person, DAY) == []
    assert [one["kind"] for one in consequences_of(person, DAY, public=False)] == ["publication"]


def test_the_field_of_a_decisions_number_is_one_of_the_item_in_every_version() -> None:
    for item, code in NUMBERED.items():
        versions = [one for one in catalogue.versions() if one.id == item]
        assert versions and all(code in {field.code for field in one.fields} for one in versions), item
    numbered = {one.id for one in catalogue.items() if severity.regimes(one.id)} | {*LISTS}
    assert numbered <= set(NUMBERED), "whatever warns of a subject names its decision"
