"""Measures follow the decision: sent to whoever must act, by a law in force, ended with it."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connections

from chengxin.accounts.permissions import Forbidden
from chengxin.archive.tests.kept import Kept
from chengxin.cases import queries
from chengxin.cases.actions import NotTaken, Opening, Overtaken, open_case, take
from chengxin.cases.effects import CHOICES, CONDITIONS
from chengxin.cases.models import Case
from chengxin.cases.rules import SYSTEM
from chengxin.desk.models import Notice
from chengxin.ledger.actions import appending
from chengxin.ledger.verify import verify
from chengxin.measures import nightly
from chengxin.measures.tests.decided import (
    Installation,
    installation,
    listed,
    served,
    stands,
    taken_over,
    tasks,
)
from chengxin.rulebook.measures import measure, measures

DONE = {"feedback": "已限制", "execution_proof": "工单77"}


@pytest.fixture
def here(database: str) -> Installation:
    """Actors, a merchant with a shop on one platform, a carrier."""
    return installation()


def whose(entry: int) -> set[tuple[str, str]]:
    """Measures of an entry and the names of those who carry them out."""
    return {(one.rule, one.organisation.name) for one in tasks(entry) if one.organisation}


@pytest.mark.obligation("16.1c", "16.1e")
def test_an_entry_sends_each_measure_to_those_who_must_act(here: Installation) -> None:
    entry, _ = listed(here, "brushing", here.merchant, here.record)
    found = whose(entry)
    assert ("platform_downgrade", "榕城优选电子商务平台") in found
    assert ("platform_downgrade", "鹭岛集市电子商务平台") not in found, "it has no shop there"
    assert ("platform_no_entry", "鹭岛集市电子商务平台") in found, (
        "whoever may come in concerns every platform"
    )
    assert ("sampling_up", "福州市市场监督管理局") in found, "its own city's bureau"
    assert ("sampling_up", "福建省市场监督管理局") not in found
    assert ("sampling_up", "福建省邮政管理局") in found
    assert ("finance_weigh", "闽付通支付") in found
    assert not any(rule == "carrier_no_entry" for rule, _ in found), "it is no carrier"
    assert not any(rule == "platform_close" for rule, _ in found), "the decision doesn't order it"
    assert {one.state for one in tasks(entry)} == {"assigned"}
    assert not [one for one in verify().faults if one.table.startswith("cases")]


def test_actors_are_told_once_how_many_tasks_have_arrived(here: Installation) -> None:
    here.officer(here.platform)
    entry, _ = listed(here, "brushing", here.merchant, here.record)
    mine = [one for one in tasks(entry) if one.organisation_id == here.platform.pk]
    told = Notice.objects.filter(action="measure.act", user_id=here.officer(here.platform).user or 0)
    assert [str(len(mine)) in one.zh for one in told] == [True]
    assert told[0].due == mine[0].due_on


def test_what_the_decision_orders_is_sent_and_what_it_may_not_order_is_refused(here: Installation) -> None:
    entry, _ = listed(here, "brushing", here.merchant, here.record, measures="platform_close")
    assert ("platform_close", "榕城优选电子商务平台") in whose(entry)
    orderable = CONDITIONS["measure.orderable"]
    case = Case(procedure="listing", rule="brushing", subject_id=here.merchant)
    day = date(2026, 6, 3)
    assert orderable(case, {"measures": "platform_close"}, day) is None
    refused = orderable(case, {"measures": "platform_close carrier_no_entry"}, day)
    assert refused is not None and refused.field == "measures"
    assert orderable(case, {"measures": "no_such"}, day) is not None
    offered = {id for id, _ in CHOICES["measures"](case, day)}
    assert "platform_close" in offered
    for one in measures():
        if one.ordered and one.id in offered:
            assert orderable(case, {"measures": one.id}, day) is None, one.id
        elif one.ordered:
            assert orderable(case, {"measures": one.id}, day) is not None, one.id
    assert not any(id for id in offered if not measure(id).ordered), "what follows anyhow isn't asked"


@pytest.mark.obligation("16.1b")
def test_a_measure_without_a_law_in_force_cannot_be_attached(here: Installation) -> None:
    """The law against telecom fraud carries it since December 2022: not on a day before."""
    case, _ = served(here, "brushing", here.merchant, here.record)
    task = Opening(
        "measure", f"measure:platform_account:{here.payment.pk}:{case}", here.merchant, date(2022, 6, 1),
        rule="platform_account", organisation=here.payment.pk, parent=case,
    )  # fmt: skip
    with pytest.raises(NotTaken, match="没有有效的法律依据"):
        open_case(task, SYSTEM, date(2022, 6, 1), by_system=True)
    assert not tasks(case)
    assert open_case(task, SYSTEM, date(2026, 6, 1), by_system=True)


@pytest.mark.obligation("16.2b")
def test_a_task_is_accepted_executed_with_proof_and_lifted_with_confirmation(here: Installation) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record)
    task = next(one for one in tasks(entry) if one.rule == "platform_downgrade")
    officer = here.officer(here.platform)
    take(task.pk, "accept", officer, today)
    assert stands(task.pk).due == "measure.execute"
    with pytest.raises(NotTaken, match="执行凭证"):
        take(task.pk, "execute", officer, today, {"feedback": "已降级", "executed_on": today.isoformat()})
    take(task.pk, "execute", officer, today, DONE | {"executed_on": today.isoformat()})
    untouched = next(one for one in tasks(entry) if one.rule == "platform_no_entry")
    take(entry, "revoke", here.cast.someone("decision_maker", 900), today, {"reason": "事实不清"})
    assert stands(task.pk).state == "lifting"
    assert stands(untouched.pk).state == "void", "what nobody accepted need not be lifted"
    assert {one.state for one in tasks(entry)} <= {"lifting", "void"}
    take(task.pk, "confirm_lifted", officer, today, DONE)
    assert stands(task.pk).state == "lifted"
    assert not [one for one in verify().faults if one.table.startswith("cases")]


@pytest.mark.obligation("13j", "16.1d", "16.2a")
def test_an_honest_merchant_is_favoured_by_the_platform_where_it_sells_and_it_reports_how(
    here: Installation,
) -> None:
    entry, today = listed(here, "honest_merchant", here.merchant, here.record)
    favours = {one.rule: one for one in tasks(entry) if one.organisation_id == here.platform.pk}
    assert set(favours) == {"platform_rank", "platform_campaign", "platform_points"}
    assert not [one for one in tasks(entry) if one.organisation_id == here.other.pk], "it has no shop there"
    assert ("less_inspection", "福州市市场监督管理局") in whose(entry)
    officer, task = here.officer(here.platform), favours["platform_points"].pk
    take(task, "accept", officer, today)
    done = {
        "feedback": "保证金由5万元降为2万元",
        "execution_proof": "工单78",
        "executed_on": today.isoformat(),
    }
    take(task, "execute", officer, today, done)
    assert stands(task).state == "executed"
    take(entry, "renounce", here.cast.someone("merchant", 1), today)
    assert stands(task).state == "lifting", "who gives the honour up gives the favours back"


@pytest.mark.obligation("16.2b")
def test_an_order_to_suspend_payment_accounts_is_carried_out_by_the_next_working_day(
    here: Installation,
) -> None:
    with appending() as log:
        finding = Kept(log).record(
            here.merchant, here.market.pk, item="authority_list", version="2022-02-01", law="telefraud",
            payload={"RD_MD": "电信网络诈骗惩戒对象", "RD_WH": "闽公惩〔2026〕5号"},
        )  # fmt: skip
    friday = date(2026, 9, 25)  # the Mid-Autumn holiday lies on it: what is accepted then is due on the 28th
    entry = taken_over("payment_fraud", here.merchant, finding, friday)
    account, weigh = (
        next(one for one in tasks(entry) if one.rule == rule and one.organisation_id == here.payment.pk)
        for rule in ("platform_account", "finance_weigh")
    )
    officer = here.officer(here.payment)
    for one in (account, weigh):
        take(one.pk, "accept", officer, friday)
    assert (stands(account.pk).due, stands(account.pk).due_on) == (
        "measure.execute.urgent", date(2026, 9, 28),
    )  # fmt: skip
    assert stands(weigh.pk).due == "measure.execute"


def test_of_a_natural_person_only_the_platform_where_it_sells_is_told(here: Installation) -> None:
    with appending() as log:
        kept = Kept(log)
        seller = kept.subject("林某", kind="natural_person")
        record = kept.record(seller, here.market.pk)
        kept.role(seller, "individual_seller", date(2026, 1, 1), record)
        kept.shop(seller, "林某小店", "lin.shop.example", str(here.platform.code), record)
    entry, _ = listed(here, "brushing", seller, record)
    told = {name for rule, name in whose(entry) if rule == "platform_no_entry"}
    assert told == {"榕城优选电子商务平台"}


def test_when_calling_off_fails_the_entry_has_not_ended_either(
    here: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record)

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("chengxin.measures.dispatch.end_tasks", fails)
    with pytest.raises(RuntimeError, match="killed"):
        take(entry, "revoke", here.cast.someone("decision_maker", 900), today, {"reason": "事实不清"})
    assert stands(entry).state == "published"
    assert {one.state for one in tasks(entry)} == {"assigned"}


def test_suspended_measures_go_on_when_the_decision_has_effect_again(here: Installation) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record)
    task = next(one for one in tasks(entry) if one.rule == "platform_downgrade")
    take(task.pk, "accept", here.officer(here.platform), today)
    decider = here.cast.someone("decision_maker", 900)
    take(entry, "suspend", decider, today, {"reason": "复议期间停止执行"})
    assert stands(task.pk).state == "lifting"
    take(entry, "resume", decider, today, {"reason": "复议维持"})
    assert stands(task.pk).state == "assigned"
    running = [one for one in tasks(entry) if one.state == "assigned"]
    assert {(one.rule, one.organisation_id) for one in running} == {
        (one.rule, one.organisation_id) for one in tasks(entry)
    }
    assert len(running) == len({one.key for one in running}), "nobody has it twice"


@pytest.mark.obligation("16.1e")
def test_a_measure_whose_length_the_law_sets_outlives_a_removal_but_not_an_annulment(
    here: Installation,
) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record, measures="no_office")
    task = next(one for one in tasks(entry) if one.rule == "no_office")
    take(entry, "remove", SYSTEM, today, {"reason": "修复"}, by_system=True)
    for day in (today, today + timedelta(days=365)):
        assert nightly.end(day) == 0
    assert stands(task.pk).state == "assigned"
    assert nightly.end(today + timedelta(days=3 * 366)) == 1
    assert stands(task.pk).state == "void", "three years are over"


def test_one_platform_never_acts_on_anothers_task(here: Installation) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record)
    task = next(one for one in tasks(entry) if one.rule == "platform_downgrade")
    with pytest.raises(Forbidden):
        take(task.pk, "accept", here.officer(here.other), today)
    assert stands(task.pk).state == "assigned"


@pytest.mark.obligation("16.2b")
def test_overdue_tasks_are_reminded_of_once_a_period_and_the_credit_office_hears_of_it(
    here: Installation,
) -> None:
    overseer = here.overseer()
    entry, _ = listed(here, "brushing", here.merchant, here.record)
    task = tasks(entry)[0]
    assert task.due_on is not None
    assert nightly.remind(task.due_on) == 0, "the last day isn't over"
    late = task.due_on + timedelta(days=1)
    assert nightly.remind(late) == len(tasks(entry))
    assert nightly.remind(late) == nightly.remind(late + timedelta(days=1)) == 0
    assert Notice.objects.filter(action="measure.oversee", user_id=overseer.user or 0).count() == 1
    assert stands(task.pk).due_on == task.due_on, "a reminder moves no period"


def test_of_two_officers_who_accept_the_same_task_at_once_one_wins(here: Installation) -> None:
    entry, today = listed(here, "brushing", here.merchant, here.record)
    task = next(one for one in tasks(entry) if one.rule == "platform_downgrade")
    officers = [here.officer(here.platform, number) for number in (1, 2)]
    start, outcomes = threading.Barrier(2), []

    def accept(number: int) -> None:
        start.wait()
        try:
            take(task.pk, "accept", officers[number], today, seen=1)
            outcomes.append("accepted")
        except Overtaken:
            outcomes.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=accept, args=(number,)) for number in (0, 1)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["accepted", "told"]
    assert [one.step for one in queries.steps(task.pk)] == ["assign", "accept"]
