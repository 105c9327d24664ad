"""Deciding on leads: who may, what follows, two at once, and what outcomes teach."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from chengxin.accounts.permissions import Actor, Forbidden, Grant, actions, roles
from chengxin.cases import queries as cases
from chengxin.cases.actions import take as step
from chengxin.desk.models import Notice
from chengxin.ledger.faults import Fault
from chengxin.ledger.verify import verify
from chengxin.testing.signed import actor, person
from chengxin.triage import nightly, queries, rules
from chengxin.triage.acting import NotDone, Overtaken, act
from chengxin.triage.models import Act, Lead
from chengxin.triage.tests import sample
from chengxin.triage.tests.world import Triage, officer, prepared, take

TODAY = date(2026, 4, 20)
LATER = (TODAY + timedelta(days=10)).isoformat()
FACTS = {
    "case": {"words": "货款全部转回，需要核查"},
    "ask": {"words": "请说明这些订单的来源", "until": LATER},
    "watch": {"until": LATER},
    "false_alarm": {"reason": "twin"},
    "warn": {},
    "reopen": {"words": "又有新的证据"},
    "answer": {"words": "是员工内购"},
    "feedback": {"finding": "acted"},
}


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


def someone(role: str, triage: Triage) -> Actor:
    """A person with the role, on the side of the lead."""
    if role == "code_holder":
        return Actor(None, "持查询码人", (Grant("code_holder", subject=triage.subject),))
    if role in ("merchant", "carrier", "courier"):
        return actor(person(role, subject=triage.subject))
    return actor(person(role, organisation=triage.platform if role == "platform_compliance" else None))


@pytest.mark.obligation("12.2a")
def test_each_role_does_with_a_lead_in_each_state_what_the_table_says_and_nothing_else(
    triage: Triage,
) -> None:
    ring, wrong = triage.lead("brushing", members=11).pk, []
    people = {role: someone(role, triage) for role in roles()}
    for state in rules.STATES:
        Lead.objects.filter(pk=ring).update(state=state)
        for role, who in people.items():
            for id, kind in rules.KINDS.items():
                if kind.permission is None:
                    continue
                may = role in actions()[kind.permission].roles
                due = "forbidden" if not may else "done" if state in kind.from_ else "refused"
                if (got := outcome(ring, id, who)) != due:
                    wrong.append(f"{state} {role} {id}: {got}, not {due}")
    assert wrong == []


def outcome(lead: int, kind: str, who: Actor) -> str:
    """What comes of trying; nothing of it stays."""
    found = "done"
    point = transaction.savepoint()
    try:
        act(lead, kind, who, TODAY, FACTS[kind])
    except Forbidden:
        found = "forbidden"
    except NotDone:
        found = "refused"
    transaction.savepoint_rollback(point)
    return found


def test_an_officer_of_one_city_decides_on_leads_of_no_other(triage: Triage) -> None:
    ring, unknown = triage.lead("brushing", members=11), triage.lead("look_alikes")
    with pytest.raises(Forbidden):
        act(ring.pk, "watch", officer("350200"), TODAY, FACTS["watch"])
    with pytest.raises(Forbidden):
        act(unknown.pk, "watch", officer("350100"), TODAY, FACTS["watch"])
    act(ring.pk, "watch", officer("350100"), TODAY, FACTS["watch"])
    with pytest.raises(Forbidden):  # a subject that lies elsewhere can't be named to get at it
        act(unknown.pk, "ask", officer("350200"), TODAY, FACTS["ask"] | {"subject": triage.code})


@pytest.mark.obligation("17b")
def test_a_case_goes_from_the_lead_through_the_procedure_and_its_end_teaches_the_model(
    triage: Triage,
) -> None:
    ring = triage.lead("brushing", members=11)
    like = sample.lead("brushing", ("seller", "s-7002"), str(triage.platform.code), 0.96, [sample.BACK])
    single = Lead.objects.get(pk=take(sample.as_file([like])).leads[0])
    act(ring.pk, "case", officer(), TODAY, FACTS["case"], seen=0)
    lead = Lead.objects.get(pk=ring.pk)
    found = cases.case(lead.case_id or 0)
    assert found is not None and found.procedure == "inspection" and found.subject_id == triage.subject
    assert found.due_on is not None and found.rule == "brushing"
    assert (lead.state, lead.hit, lead.decided_on) == ("case", True, TODAY)
    after = Lead.objects.get(pk=single.pk)
    assert after.probability > single.probability and after.value > single.value
    step(found.pk, "report_inspection", actor(person("department_officer")), TODAY, {"opinion": "无法证实"})
    step(found.pk, "not_file", actor(person("decision_maker")), TODAY, {"reason": "证据不足"})
    lead.refresh_from_db()
    assert (lead.state, lead.hit, lead.acts) == ("unfounded", False, 2)
    assert Lead.objects.get(pk=single.pk).probability < single.probability
    assert [one.kind for one in Act.objects.filter(lead=ring).order_by("number")] == ["case", "dismiss"]


def test_a_case_needs_a_subject_and_the_officer_names_it(triage: Triage) -> None:
    alike = triage.lead("look_alikes")
    with pytest.raises(NotDone) as refused:
        act(alike.pk, "case", officer(), TODAY, FACTS["case"])
    assert refused.value.problems[0].field == "subject"
    with pytest.raises(NotDone):
        act(alike.pk, "case", officer(), TODAY, FACTS["case"] | {"subject": "没有这个代码"})
    act(alike.pk, "case", officer(), TODAY, FACTS["case"] | {"subject": triage.code})
    assert Lead.objects.get(pk=alike.pk).subject_id == triage.subject


def test_whoever_is_second_is_told_what_the_first_did(triage: Triage) -> None:
    ring = triage.lead("brushing", members=11).pk
    first = actor(person("credit_office", name="甲先办"))
    act(ring, "watch", first, TODAY, FACTS["watch"], seen=0)
    with pytest.raises(Overtaken) as refused:
        act(ring, "false_alarm", officer(), TODAY, FACTS["false_alarm"], seen=0)
    assert "甲先办" in refused.value.problems[0].zh and "继续观察" in refused.value.problems[0].zh
    assert Act.objects.filter(lead=ring).count() == 1


@pytest.mark.obligation("5.1e")
def test_a_merchant_is_asked_answers_on_its_own_and_the_lead_comes_back(triage: Triage) -> None:
    ring, merchant = triage.lead("brushing", members=11).pk, person("merchant", subject=triage.subject)
    act(ring, "ask", officer(), TODAY, FACTS["ask"])
    assert Notice.objects.filter(user=merchant, url=f"/own/leads/{ring}").exists()
    with pytest.raises(Forbidden):
        act(ring, "answer", actor(person("merchant", subject=triage.subject + 1)), TODAY, FACTS["answer"])
    act(ring, "answer", actor(merchant), TODAY, FACTS["answer"])
    lead = Lead.objects.get(pk=ring)
    assert (lead.state, lead.due) == ("answered", None)
    assert lead.state in rules.WAITING


def test_a_warning_leaves_the_lead_where_it_stands_and_only_where_the_model_lets_it(triage: Triage) -> None:
    ring, alike = triage.lead("brushing", members=11), triage.lead("look_alikes")
    act(ring.pk, "warn", officer(), TODAY)
    lead = Lead.objects.get(pk=ring.pk)
    assert (lead.state, lead.warned_on, lead.acts) == ("open", TODAY, 1)
    with pytest.raises(NotDone):
        act(alike.pk, "warn", officer(), TODAY, {"subject": triage.code})


def test_what_is_watched_or_unanswered_waits_again_when_its_day_has_passed(triage: Triage) -> None:
    ring = triage.lead("brushing", members=11).pk
    act(ring, "watch", officer(), TODAY, FACTS["watch"])
    assert nightly.leads_due(TODAY + timedelta(days=10)) == 0
    assert nightly.leads_due(TODAY + timedelta(days=11)) == 1
    assert Lead.objects.get(pk=ring).state == "open"
    assert Act.objects.filter(lead=ring, kind="due", role="system").exists()


def test_what_is_missing_in_a_form_is_said_field_by_field(triage: Triage) -> None:
    ring = triage.lead("brushing", members=11).pk
    for kind, facts, field in (
        ("case", {}, "words"), ("ask", {"words": "请说明"}, "until"), ("false_alarm", {"reason": "mood"},
        "reason"),
        ("false_alarm", {"reason": "other"}, "words"), ("watch", {"until": TODAY.isoformat()}, "until"),
        ("watch", {"until": "morgen"}, "until"), ("case", {"words": "长" * 2001}, "words"),
    ):  # fmt: skip
        with pytest.raises(NotDone) as refused:
            act(ring, kind, officer(), TODAY, facts)
        assert refused.value.problems[0].field == field, (kind, facts)
    with pytest.raises(LookupError):
        act(2**40, "watch", officer(), TODAY, FACTS["watch"])


# --- what is committed ----------------------------------------------------------------------------------


@pytest.mark.obligation("13f")
def test_a_model_below_its_bar_is_told_to_its_owner_once_a_month(kept: Triage) -> None:
    owner, who = person("credit_office", name="模型负责人"), officer()
    platform = str(kept.platform.code)
    some = [
        sample.lead("fake_traffic", ("seller", f"t-{at}"), platform, 0.5 + at / 100,
        [sample.QUICK]) for at in range(12)
    ]  # fmt: skip
    for id in take(sample.as_file(some)).leads:
        act(id, "false_alarm", who, TODAY, FACTS["false_alarm"])
    (judged,) = [one for one in queries.precisions(TODAY) if one.detector == "fake_traffic"]
    assert (judged.hits, judged.all, judged.below) == (0, 12, True)
    assert nightly.models_judged(TODAY) == 1
    assert Notice.objects.filter(user=owner, action="model.own", zh__contains="虚假流量").count() == 1
    assert nightly.models_judged(TODAY + timedelta(days=3)) == 0
    assert nightly.models_judged(TODAY + timedelta(days=31)) == 1


def test_of_two_officers_at_once_one_decides_and_the_other_is_told(kept: Triage) -> None:
    id = take(
        sample.as_file([sample.lead("counterfeit", ("product", "p-1"), "别处", 0.9, [sample.RAISED])])
    ).leads[0]
    people, told, start = [officer(), officer()], [], threading.Barrier(2)

    def decide(who: Actor) -> None:
        try:
            start.wait()
            act(id, "false_alarm", who, TODAY, FACTS["false_alarm"], seen=0)
            told.append("done")
        except Overtaken:
            told.append("overtaken")
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(one,)) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == ["done", "overtaken"]
    assert Act.objects.filter(lead=id).count() == 1
    assert faults() == [], "where leads stand follows from the sealed acts"
    Lead.objects.filter(pk=id).update(state="open")
    assert [one.table for one in faults()] == ["triage_lead"]
    Lead.objects.filter(pk=id).update(state="false_alarm")


def faults() -> list[Fault]:
    """What a verification finds in this room."""
    return [one for one in verify().faults if one.table.startswith("triage_")]
