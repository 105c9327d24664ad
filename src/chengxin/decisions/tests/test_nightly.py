"""The nightly run: what it opens, takes over, puts in question, ends, publishes and calls to mind."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.permissions import Actor
from chengxin.archive.marking import mark
from chengxin.archive.tests.kept import Kept, new_uscc, scalar
from chengxin.cases import queries
from chengxin.cases.actions import take
from chengxin.cases.models import Case
from chengxin.decisions import changes
from chengxin.decisions.models import Entry
from chengxin.decisions.nightly import NIGHTLY, last_night, nightly
from chengxin.decisions.nights import Nights
from chengxin.decisions.tests.own_world import Firm, firm, listed
from chengxin.desk.models import Notice
from chengxin.ledger.actions import appending
from chengxin.ledger.verify import verify
from chengxin.rulebook import catalogue
from chengxin.rulebook.template import example_row

pytestmark = pytest.mark.usefixtures("database")
TODAY = timezone.localdate()
FAKE = {"CF_WFXW": "虚假交易", "CF_NR_FK": "30.000000"}


def brusher() -> Firm:
    """A firm fined heavily for fake trades."""
    return firm(CF_WFXW=FAKE["CF_WFXW"], CF_NR_FK=FAKE["CF_NR_FK"])


def notices(who: Actor, case: int) -> int:
    """How many notices of a case lie on somebody's desk."""
    return Notice.objects.filter(user_id=who.user or 0, url=changes.case_url(case)).count()


def state(case: int) -> str:
    return Case.objects.get(pk=case).state


def faults() -> list[str]:
    """What the ledger finds wrong with cases and entries (no batch stands behind the records of a test)."""
    return [f"{one.table} {one.en}" for one in verify().faults if one.table != "exchange_batch"]


def leaves() -> object:
    return scalar("SELECT max(size) FROM ledger_treehead")


def withdrawn(one: Firm) -> None:
    with appending() as log:
        Kept(log).record(
            one.subject, one.source.pk, operation="withdrawal", refers_to=one.record, payload={}, on=TODAY
        )


def defaulter(one: int, court: int, number: str, until: date | None, on: date = date(2026, 5, 4)) -> int:
    """A judgment defaulter as a court reports one."""
    item = catalogue.item("enforcement")
    left_out = {field.code for field in item.fields if field.type in ("personal", "phone")}
    row = {code: value for code, value in example_row(item).items() if code not in left_out}
    row |= {"SX_AH": number, "SX_FBRQ": on.isoformat(), "SX_JZRQ": until.isoformat() if until else ""}
    with appending() as log:
        return Kept(log).record(
            one, court, item="enforcement", version=item.version.isoformat(), on=on, start=on, until=until,
            law="defaulter17", payload={code: value for code, value in row.items() if value},
        )  # fmt: skip


def subject(name: str = "福州示例商贸有限公司", kind: str = "legal_person") -> int:
    with appending() as log:
        return Kept(log).subject(name, new_uscc() if kind != "natural_person" else None, kind)


def court() -> int:
    return note_organisation(code=None, name="福州市鼓楼区人民法院", role="court", confirmed=True).pk


# --- candidates ---------------------------------------------------------------------------------------------


@pytest.mark.obligation("16.1a")
def test_whoever_qualifies_becomes_a_candidate_with_the_records_that_say_so_and_nothing_more() -> None:
    one, other = brusher(), firm(CF_WFXW="占道经营", CF_NR_FK="0.100000")
    report = nightly(TODAY)
    assert report.counts["candidates"] == 1
    case = Case.objects.get()
    assert (case.rule, case.subject_id, case.state) == ("brushing", one.subject, "candidate")
    assert queries.cited(case.pk) == [one.record]
    assert "虚假交易" in queries.steps(case.pk)[0].facts["reason"]
    assert not Entry.objects.exists(), "nobody is listed without a person's decision"
    assert not Case.objects.filter(subject=other.subject).exists()


@pytest.mark.obligation("16.1a")
def test_a_second_run_on_the_same_day_changes_nothing() -> None:
    brusher()
    defaulter(subject(), court(), "（2026）闽0102执1号", TODAY + timedelta(days=90))
    nightly(TODAY)
    before = leaves(), Notice.objects.count()
    again = nightly(TODAY)
    assert (leaves(), Notice.objects.count()) == before
    assert set(again.counts.values()) == {0}


def test_who_was_weighed_and_dropped_comes_back_only_with_another_record() -> None:
    one = brusher()
    nightly(TODAY)
    take(Case.objects.get().pk, "drop", one.someone("reviewer"), TODAY, {"reason": "情节轻微"})
    assert nightly(TODAY).counts["candidates"] == 0
    with appending() as log:
        Kept(log).record(one.subject, one.source.pk, on=TODAY, payload={"CF_CFLB": "罚款", **FAKE})
    assert nightly(TODAY).counts["candidates"] == 1


def test_a_replay_of_everything_finds_the_same_as_the_changes_do(monkeypatch: pytest.MonkeyPatch) -> None:
    one = brusher()
    firm(CF_WFXW="占道经营", CF_NR_FK="0.100000")
    listed_by_court = subject()
    defaulter(listed_by_court, court(), "（2026）闽0102执1号", None)
    monkeypatch.setattr(changes, "LONG", 1)
    counts = nightly(TODAY).counts
    assert (counts["candidates"], counts["imported"]) == (1, 1)
    found = {
        (case.procedure, case.rule, case.subject_id) for case in Case.objects.exclude(procedure="measure")
    }
    assert found == {
        ("listing", "brushing", one.subject),
        ("imported", "judgment_defaulter", listed_by_court),
    }
    assert set(nightly(TODAY).counts.values()) == {0}


# --- entries of other authorities ---------------------------------------------------------------------------


@pytest.mark.obligation("12.1d", "16.1a")
def test_a_courts_entry_is_taken_over_until_the_courts_own_day_and_leaves_to_the_day() -> None:
    until = TODAY + timedelta(days=3)
    defaulter(subject(), court(), "（2026）闽0102执1号", until)
    assert nightly(TODAY).counts["imported"] == 1
    entry = Entry.objects.get()
    assert (entry.list, entry.kind, entry.until, entry.law) == (
        "judgment_defaulter", "black", until, "defaulter17",
    )  # fmt: skip
    assert entry.public
    nightly(until)
    assert Entry.objects.get().ended_on is None
    assert nightly(until + timedelta(days=1)).counts["expired"] == 1
    entry.refresh_from_db()
    assert (entry.ended_on, entry.ended_by) == (until + timedelta(days=1), "expired")
    assert not faults()


def test_no_source_keeps_an_entry_longer_than_the_law() -> None:
    defaulter(subject(), court(), "（2026）闽0102执1号", date(2099, 1, 1))
    nightly(TODAY)
    assert Entry.objects.get().until == date(2031, 5, 4)


def test_what_its_authority_withdraws_leaves_and_another_record_takes_its_place() -> None:
    one, by = subject(), court()
    first = defaulter(one, by, "（2026）闽0102执1号", TODAY + timedelta(days=90))
    second = defaulter(one, by, "（2026）闽0102执2号", TODAY + timedelta(days=30))
    nightly(TODAY)
    entry = Entry.objects.get()
    assert queries.cited(entry.pk) == [first], "of several the one that lasts longest"
    with appending() as log:
        Kept(log).record(
            one, by, item="enforcement", version="2017-05-01", operation="withdrawal", refers_to=first,
            payload={}, on=TODAY,
        )  # fmt: skip
    counts = nightly(TODAY).counts
    assert (counts["withdrawn"], counts["imported"]) == (1, 1)
    assert state(entry.pk) == "withdrawn"
    assert queries.cited(Entry.objects.get(ended_on=None).pk) == [second]
    assert not faults()


@pytest.mark.obligation("15b")
def test_a_natural_persons_entry_is_never_public() -> None:
    defaulter(subject("林示例", "natural_person"), court(), "（2026）闽0102执1号", None)
    nightly(TODAY)
    assert Entry.objects.get().public is False


def test_a_decision_from_before_the_lists_law_brings_no_entry() -> None:
    defaulter(subject(), court(), "（2016）闽0102执1号", None, on=date(2016, 5, 4))
    assert nightly(TODAY).counts["imported"] == 0


def honoured(one: int, by: int, number: str) -> int:
    """An honest operator as a commerce department reports one."""
    item = catalogue.item("honour")
    left_out = {field.code for field in item.fields if field.type in ("personal", "phone")}
    row = {code: value for code, value in example_row(item).items() if code not in left_out}
    row |= {"RY_LX": "诚信经营电商主体", "RY_WH": number, "RY_RQ": "2026-05-04", "RY_YXQ": "2099-05-03"}
    with appending() as log:
        return Kept(log).record(
            one, by, item="honour", version=item.version.isoformat(), on=date(2026, 5, 4),
            start=date(2026, 5, 4), until=None, payload=row,
        )  # fmt: skip


@pytest.mark.obligation("16.1a")
def test_whoever_stands_on_a_black_list_stands_on_no_red_list_of_ours_whoever_honoured_it() -> None:
    by = court()
    before, together, never, later = (subject(f"福州{name}商贸公司") for name in "甲乙丙丁")
    defaulter(before, by, "（2026）闽0102执1号", None)
    assert nightly(TODAY).counts["imported"] == 1
    for at, one in enumerate((before, together, never, later)):
        honoured(one, by, f"闽信评〔2026〕{at}号")
    defaulter(together, by, "（2026）闽0102执2号", None)
    nightly(TODAY)
    assert set(Entry.objects.values_list("subject_id", "list")) == {
        (before, "judgment_defaulter"), (together, "judgment_defaulter"), (never, "honest_merchant"),
        (later, "honest_merchant"),
    }  # fmt: skip
    defaulter(later, by, "（2026）闽0102执3号", None)
    nightly(TODAY + timedelta(days=1))
    stands = set(Entry.objects.filter(subject_id=later).values_list("list", "ended_by"))
    assert stands == {("honest_merchant", "removed"), ("judgment_defaulter", None)}


# --- what fell ----------------------------------------------------------------------------------------------


@pytest.mark.obligation("16.1a")
def test_a_record_withdrawn_puts_the_published_entry_in_question_and_tells_who_decides() -> None:
    one = firm()
    case = listed(one)
    nightly(TODAY)
    assert state(case) == "published"
    withdrawn(one)
    assert nightly(TODAY).counts["questioned"] == 1
    assert state(case) == "questioned"
    assert str(one.record) in queries.steps(case)[-1].facts["reason"]
    decider = one.someone("decision_maker", 7)
    assert notices(decider, case) == 1
    assert set(nightly(TODAY).counts.values()) == {0}


def test_a_record_that_ended_by_repair_stops_a_case_on_its_way() -> None:
    one = brusher()
    nightly(TODAY)
    case = Case.objects.get().pk
    with appending() as log:
        mark(log, [one.record], "ended", on=TODAY, because="repair", case=None, by="李专员", reason="已修复")
    officer = one.someone("department_officer")
    nightly(TODAY)
    assert notices(officer, case) == 1
    with pytest.raises(Exception, match="终止"):
        take(case, "review", one.someone("reviewer"), TODAY, {"opinion": "属实"})


# --- the clock ----------------------------------------------------------------------------------------------


@pytest.mark.obligation("16.1a")
def test_a_period_that_ends_is_called_to_mind_once_before_and_once_after() -> None:
    one = brusher()
    nightly(TODAY)
    case = Case.objects.get().pk
    officer, reviewer = one.someone("department_officer"), one.someone("reviewer")
    decider = one.someone("decision_maker", 7)
    served = {"service_method": "direct", "service_proof": "回证1号", "served_on": TODAY.isoformat()}
    take(case, "review", reviewer, TODAY, {"opinion": "属实"})
    take(case, "give_notice", officer, TODAY, served)
    take(case, "waive", one.self, TODAY)
    due = Case.objects.get(pk=case).due_on
    assert due is not None
    told = [0]
    for days in range((due - TODAY).days + 4):
        nightly(TODAY + timedelta(days=days))
        told.append(notices(decider, case))
    assert (max(told), told[-6], told[-1]) == (2, 0, 2)


@pytest.mark.obligation("16.1a")
def test_a_notice_whose_period_is_over_goes_to_the_decision_and_what_is_served_is_published() -> None:
    one = brusher()
    nightly(TODAY)
    case = Case.objects.get().pk
    officer = one.someone("department_officer")
    served = {"service_method": "direct", "service_proof": "回证1号", "served_on": TODAY.isoformat()}
    take(case, "review", one.someone("reviewer"), TODAY, {"opinion": "属实"})
    take(case, "give_notice", officer, TODAY, served)
    due = Case.objects.get(pk=case).due_on
    assert due is not None
    nightly(due)
    assert state(case) == "notified"
    day = due + timedelta(days=1)
    nightly(day)
    assert state(case) == "heard"
    decider = one.someone("decision_maker", 7)
    take(case, "decide_entry", decider, day, {"reason": "符合列入情形", "weighed": "未提出意见"})
    take(case, "serve_decision", officer, day, served | {"served_on": day.isoformat()})
    assert nightly(day).counts["published"] == 1
    entry = Entry.objects.get()
    assert (entry.pk, entry.law, entry.decided_on, entry.published_on) == (case, "serious44", day, day)
    assert not faults()


def test_rooms_above_add_their_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[date] = []

    def more(day: date) -> int:
        seen.append(day)
        return 7

    monkeypatch.setattr("chengxin.decisions.nightly.NIGHTLY", [("more", more)])
    assert nightly(TODAY).counts["more"] == 7
    assert seen == [TODAY]
    assert isinstance(NIGHTLY, list)


def test_the_service_runs_once_a_day_after_midnight_and_makes_up_for_a_missed_night() -> None:
    days = [TODAY]
    nights = Nights(lambda: days[0])
    assert nights.look() is False, "a new home waits for its first midnight"
    days[0] = TODAY + timedelta(days=1)
    assert nights.look() is True
    assert (nights.look(), last_night()) == (False, days[0])
    days[0] = TODAY + timedelta(days=3)
    assert Nights(lambda: days[0]).look() is True
