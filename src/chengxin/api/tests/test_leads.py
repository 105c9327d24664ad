"""Leads both ways over HTTP: a platform sees its own, reports its own, and says what it found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts import keys
from chengxin.accounts.actions import note_organisation
from chengxin.accounts.models import Organisation
from chengxin.accounts.permissions import at_the_console
from chengxin.api.tests.test_look_up import described
from chengxin.archive.tests.kept import new_uscc
from chengxin.triage.models import Act, Lead, Run
from chengxin.triage.tests import sample
from chengxin.triage.tests.world import take

pytestmark = pytest.mark.usefixtures("database")


def key(of: Organisation, *scopes: str) -> Client:
    """A machine with a key of the organisation."""
    until = timezone.now() + timedelta(days=30)
    made = keys.make(at_the_console("test"), of, "leads", scopes, expires_at=until)
    return Client(headers={"Authorization": f"Bearer {made}"})


@pytest.fixture
def platform() -> Organisation:
    """A platform."""
    return note_organisation(code=new_uscc(), name="榕城优选电子商务平台", role="platform", confirmed=True)


@pytest.fixture
def other() -> Organisation:
    """Another platform."""
    return note_organisation(code=new_uscc(), name="鹭岛集市", role="platform", confirmed=True)


def report(machine: Client, leads: list[dict[str, Any]]) -> Any:
    return machine.post("/api/v1/leads", {"leads": leads}, content_type="application/json")


@pytest.mark.obligation("13f")
def test_a_platform_fetches_the_leads_on_its_own_platform_page_by_page(
    platform: Organisation, other: Organisation
) -> None:
    for of, score in ((platform, 0.9), (other, 0.8)):
        take(sample.as_file([one | {"score": score} for one in sample.leads(str(of.code))]))
    machine = key(platform, "lead.read")
    first = machine.get("/api/v1/leads?limit=3")
    assert first.status_code == 200
    body = first.json()
    assert not [error.message for error in described("/api/v1/leads").iter_errors(body)]
    rest = machine.get(f"/api/v1/leads?after={body['next']}&limit=3").json()
    listed = [*body["leads"], *rest["leads"]]
    assert len(listed) == 5 and rest["next"] is None
    assert {one["platform"] for one in listed} == {platform.code}
    (ring,) = [one for one in listed if len(one["members"]) > 1]
    assert len(ring["members"]) == 11 and ring["members"][0]["evidence"]["orders"]
    assert [one["detector"] for one in machine.get("/api/v1/leads?detector=price_fraud").json()["leads"]] == [
        "price_fraud"
    ]
    assert machine.get("/api/v1/leads?detector=dowsing").status_code == 422
    assert key(other, "lead.report").get("/api/v1/leads").status_code == 403


@pytest.mark.obligation("13e")
def test_a_platform_reports_its_leads_all_or_none_and_once(
    platform: Organisation, other: Organisation
) -> None:
    machine = key(platform, "lead.report")
    good = sample.leads(str(platform.code))
    first = report(machine, good)
    assert first.status_code == 201 and first.json()["new"] == 5 and not first.json()["again"]
    again = report(machine, good)
    assert again.json() | {"again": False} == first.json() and again.json()["again"]
    assert Run.objects.get().source == platform and Lead.objects.count() == 5
    assert set(Lead.objects.values_list("organisation", flat=True)) == {platform.pk}
    foreign = [one | {"platform": str(other.code)} for one in good[:2]]
    wrong = report(machine, [*good[:1], *foreign])
    assert wrong.status_code == 422 and wrong["Content-Type"] == "application/problem+json"
    assert [one["field"] for one in wrong.json()["errors"]] == ["2.platform", "3.platform"]
    for change in (
        {"score": 2},
        {"window": ["2026-03-09", "2026-03-01"]},
        {"entity": "ghost"},
        {"entity_id": ""},
    ):
        assert report(machine, [good[0], good[1] | change]).status_code == 422, change
    assert report(machine, []).status_code == 422
    assert report(machine, good[:1] * 501).status_code == 422
    assert Run.objects.count() == 1, "nothing of it was taken"


@pytest.mark.obligation("13e")
def test_a_platform_says_what_it_found_of_its_own_leads_alone(
    platform: Organisation, other: Organisation
) -> None:
    take(sample.as_file(sample.leads(str(platform.code))))
    lead = Lead.objects.order_by("-value")[0]
    path, said = f"/api/v1/leads/{lead.pk}/feedback", {"finding": "acted", "words": "已下架并冻结货款"}
    stranger = key(other, "lead.report").post(path, said, content_type="application/json")
    assert stranger.status_code == 404
    answer = key(platform, "lead.report").post(path, said, content_type="application/json")
    assert answer.status_code == 201
    act = Act.objects.get(pk=answer.json()["leaf"])
    assert (act.kind, act.organisation, act.to_state) == ("feedback", platform.pk, "open")
    assert Lead.objects.get(pk=lead.pk).hit is None, "whether it is true the office decides"
    bad = key(platform, "lead.report").post(path, {"finding": "maybe"}, content_type="application/json")
    assert bad.status_code == 422
