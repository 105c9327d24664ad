"""A file of leads is taken once; a lead that is known is seen again; what it rests on is kept with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from django.db import transaction
from django.utils import timezone

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.permissions import Forbidden
from chengxin.archive.tests.kept import new_uscc
from chengxin.testing.signed import actor, person
from chengxin.triage import acting, evidence
from chengxin.triage.grouping import schemes
from chengxin.triage.models import Lead, Member, Run, Sighting
from chengxin.triage.taking import Facts, take_leads
from chengxin.triage.tests import sample
from chengxin.triage.tests.world import CONSOLE, Triage, lines_of, officer, prepared, take

TODAY = date(2026, 4, 20)


@pytest.fixture(scope="module")
def kept(one_database: str, tmp_path_factory: pytest.TempPathFactory) -> Triage:
    """Leads that were taken."""
    return prepared(tmp_path_factory.mktemp("lake"))


@pytest.fixture
def triage(kept: Triage) -> Iterator[Triage]:
    """The same; what a test does is undone."""
    with transaction.atomic():
        yield kept
        transaction.set_rollback(True)


def content(triage: Triage, **changes: object) -> bytes:
    return sample.as_file([one | changes for one in sample.leads(str(triage.platform.code))])


@pytest.mark.obligation("13f")
def test_a_scheme_is_one_item_of_the_queue_with_its_members(triage: Triage) -> None:
    assert (triage.run.lines, triage.run.schemes, triage.run.new) == (15, 5, 5)
    ring = triage.lead("brushing", members=11)
    assert Member.objects.filter(lead=ring).count() == 11
    assert ring.entity_id == "s-8801" and ring.name == "榕味海产旗舰店"
    assert ring.subject_id == triage.subject and ring.region == "350102"
    assert ring.organisation_id == triage.platform.pk
    assert Lead.objects.count() == 5
    order = list(Lead.objects.order_by("-value").values_list("detector", "members"))
    assert order[0] == ("brushing", 11), "much money and great harm come first"


def test_the_same_file_twice_is_one_run(triage: Triage) -> None:
    before = (Run.objects.count(), Sighting.objects.count(), Lead.objects.count())
    again = take(content(triage), triage.lake)
    assert again.again and again.run == triage.run.run and again.leads == triage.run.leads
    assert (Run.objects.count(), Sighting.objects.count(), Lead.objects.count()) == before


def test_a_lead_seen_again_keeps_its_history_and_what_was_decided(triage: Triage) -> None:
    ring = triage.lead("brushing", members=11)
    acting.act(ring.pk, "watch", officer(), TODAY, {"until": "2026-05-20"}, seen=0)
    again = take(content(triage, window=["2026-03-15", "2026-04-14"], ring=None)[:0] + sample.as_file([
        one | {"window": ["2026-03-15", "2026-04-14"], "score": one["score"] - 0.2} | (
            {"ring": "another-id"} if "ring" in one else {})
        for one in sample.leads(str(triage.platform.code))
    ]))  # fmt: skip
    assert (again.new, again.schemes) == (0, 5), "a ring's own id means nothing between two runs"
    seen = Lead.objects.get(pk=ring.pk)
    assert (seen.runs, seen.state, seen.members) == (2, "watching", 11)
    assert (seen.since, seen.until) == (date(2026, 3, 1), date(2026, 4, 14))
    assert seen.score == pytest.approx(0.77) and seen.rows is not None, "rows stay where no lake is at hand"
    assert Sighting.objects.filter(lead=ring).count() == 2


def test_another_window_or_platform_is_another_lead(triage: Triage) -> None:
    for changes in ({"window": ["2026-05-01", "2026-05-31"]}, {"platform": "别处"}):
        assert take(content(triage, **changes)).new == 5


def test_a_single_lead_goes_into_the_ring_in_which_it_turns_up(triage: Triage) -> None:
    single = triage.lead("brushing", members=1)
    ring = triage.lead("brushing", members=11)
    some = [one for one in sample.leads(str(triage.platform.code)) if one["detector"] == "brushing"]
    take(sample.as_file([one | {"ring": "ring-2"} for one in some]))
    assert Lead.objects.get(pk=single.pk).state == "joined"
    assert Lead.objects.get(pk=ring.pk).members == 12


def test_a_ring_is_about_its_strongest_shop_even_where_a_buyer_was_found_more_surely(triage: Triage) -> None:
    some = [
        one | {"window": ["2026-06-01", "2026-06-30"], "score": 0.99 if one["entity"] == "buyer" else 0.6}
        for one in sample.leads(str(triage.platform.code))
        if one.get("ring")
    ]
    again = take(sample.as_file(some), triage.lake)
    ring = Lead.objects.get(pk=again.leads[0])
    assert ring.entity == "buyer" and ring.subject_id == triage.subject and ring.region == "350102"


def test_a_run_of_an_earlier_day_says_so(triage: Triage) -> None:
    text = content(triage, window=["2026-01-01", "2026-01-31"])
    facts = Facts(text, "test", date(2026, 2, 2), taken_on=date(2026, 2, 2))
    taken = take_leads(CONSOLE, facts, lines_of(text))
    assert timezone.localdate(Run.objects.get(pk=taken.run).taken_at) == date(2026, 2, 2)
    assert {one.first_seen for one in Lead.objects.filter(pk__in=taken.leads)} == {date(2026, 2, 2)}


def test_the_rows_are_kept_as_they_were_seen_and_bounded(
    triage: Triage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = triage.lead("brushing", members=11)
    assert ring.rows is not None
    assert {table: len(rows) for table, rows in ring.rows.items()} == {
        "orders": 18, "ratings": 18, "parcels": 18, "scans": 90, "payments": 36, "sellers": 2,
    }  # fmt: skip
    assert ring.amount == sum(2 * (19_900 + 1_000 * at) for at in range(9))
    first = ring.rows["orders"][0]
    assert first["created_at"] == "2026-03-02T01:00:00Z" and first["amount"] == 199.0
    price = triage.lead("price_fraud").rows
    assert price is not None and len(price["prices"]) == 6
    monkeypatch.setattr(evidence, "MOST_ROWS", 7)
    lines = lines_of(content(triage))
    found = evidence.read(triage.lake, lines, schemes(lines))
    assert max(len(rows) for one in found for rows in one.rows.values()) == 7


def test_a_lake_with_tables_missing_still_shows_what_there_is(triage: Triage, tmp_path: Path) -> None:
    sample.write_lake(tmp_path, str(triage.platform.code))
    for one in (tmp_path / "orders").iterdir():
        one.write_bytes(b"")
    for name in ("payments", "sellers"):
        (tmp_path / name / "part.parquet").unlink()
    lines = lines_of(content(triage))
    found = evidence.read(tmp_path, lines, schemes(lines))
    assert found[0].amount is None
    assert any("scans" in one.rows for one in found)


def test_a_lake_in_partitions_or_as_csv_is_read_alike_and_other_platforms_rows_stay_out(
    triage: Triage, tmp_path: Path
) -> None:
    code, rows = str(triage.platform.code), sample.tables(str(triage.platform.code))
    orders = pl.DataFrame(rows["orders"])
    for platform in (code, "别处"):
        place = tmp_path / "orders" / f"platform={platform}" / "month=2026-03"
        place.mkdir(parents=True)
        orders.drop("platform").write_parquet(place / "part-0.parquet")
    (tmp_path / "ratings").mkdir()
    pl.DataFrame(rows["ratings"]).write_csv(tmp_path / "ratings" / "all.csv")
    lines = lines_of(content(triage))
    found = evidence.read(tmp_path, lines, schemes(lines))[0]
    assert found.amount == triage.lead("brushing", members=11).amount
    kept = triage.lead("brushing", members=11).rows or {}
    assert found.rows["orders"] == kept["orders"] and len(found.rows["ratings"]) == len(kept["ratings"])


def test_only_the_machine_itself_and_the_platform_take_leads_for_a_source(triage: Triage) -> None:
    other = note_organisation(code=new_uscc(), name="鹭岛集市", role="platform", confirmed=True)
    changed = content(triage, score=0.5)
    for role in ("credit_office", "department_officer", "auditor"):
        with pytest.raises(Forbidden):
            take(changed, source=triage.platform, by=actor(person(role)))
    with pytest.raises(Forbidden):
        take(changed, source=triage.platform, by=actor(person("platform_compliance", organisation=other)))
    own = actor(person("platform_compliance", organisation=triage.platform))
    assert take(changed, source=triage.platform, by=own).new == 0
