"""Cases and their steps in a real database: what is sealed, what is refused, who comes second."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import orjson
import psycopg
import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.permissions import Actor
from chengxin.archive.tests.kept import Kept, new_uscc, scalar
from chengxin.cases import actions as engine
from chengxin.cases import clock, queries
from chengxin.cases.actions import NotTaken, Opening, Overtaken, open_case, open_many, take, take_many
from chengxin.cases.models import STEP, Case
from chengxin.cases.rules import SYSTEM
from chengxin.cases.tests.walking import FIRST_DAY, Cast, facts, nothing_follows, paths
from chengxin.kernel.merkle import leaf_hash
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.ledger.verify import verify
from chengxin.rulebook.procedures import procedure

LISTING = procedure("listing")


@pytest.fixture(scope="module")
def lasting(one_database: str) -> Cast:
    """People of one organisation, and of one subject; what tests do with them stays."""
    bureau = note_organisation(code=None, name="福州市市场监督管理局", role="department", confirmed=True)
    with appending() as log:
        subject = Kept(log).subject("福州刷量电子商务有限公司", new_uscc())
    return Cast(subject, bureau)


@pytest.fixture
def cast(lasting: Cast) -> Iterator[Cast]:
    """The same; what a test does is undone after it."""
    with transaction.atomic():
        yield lasting
        transaction.set_rollback(True)


@contextmanager
def refused_by_the_database(match: str | None = None) -> Iterator[None]:
    """A statement that PostgreSQL refuses, and what came before it stands."""
    with pytest.raises(psycopg.Error, match=match), transaction.atomic():
        yield


def stands(case: int) -> Case:
    found = queries.case(case)
    assert found is not None
    return found


@contextmanager
def tampered(case: int, **columns: str) -> Iterator[None]:
    """A case changed by somebody who may do anything in the database, and put right again."""
    cursor, names = raw_cursor(), ", ".join(columns)
    before = cursor.execute(f"SELECT {names} FROM cases_case WHERE id = %s".encode(), [case]).fetchone()
    put = "UPDATE cases_case SET ({}) = ROW ({}) WHERE id = {}"
    cursor.execute("SET session_replication_role = replica")
    cursor.execute(put.format(names, ", ".join(columns.values()), case).encode())
    yield
    cursor.execute(put.format(names, ", ".join(["%s"] * len(columns)), case).encode(), before)
    cursor.execute("SET session_replication_role = origin")


def altered(case: int) -> set[str]:
    """The columns of a case that verification names; nothing else is at fault."""
    faults = verify().faults
    assert {(one.leaf, one.table) for one in faults} <= {(case, "cases_case")}
    return {one.en.split("'")[1] for one in faults}


@pytest.mark.obligation("16.1a")
def test_every_step_is_a_leaf_of_the_ledger_and_where_a_case_stands_follows_from_them(lasting: Cast) -> None:
    with nothing_follows():
        case, _ = lasting.lead(LISTING, paths(LISTING)["served"])
    taken = queries.steps(case)
    assert [one.number for one in taken] == list(range(1, len(taken) + 1))
    assert taken[0].id == case
    assert verify().holds
    with tampered(case, state="'expired'", closed_on="since", due_on="NULL", due="NULL"):
        assert altered(case) == {"state", "closed_on"}


@pytest.mark.obligation("16.1a")
def test_what_a_case_is_about_is_sealed_with_its_opening(lasting: Cast) -> None:
    with nothing_follows():
        case, _ = lasting.lead(LISTING, paths(LISTING)["candidate"])
    changes = {
        "rule": "'food_safety'", "key": "'list:x'", "subject_id": "NULL", "region": "'350200'",
        "organisation_id": "NULL", "parent_id": "id", "law_day": "law_day - 1", "opened_on": "opened_on - 1",
        "procedure": "'red_listing'",
    }  # fmt: skip
    for column, value in changes.items():
        with refused_by_the_database("append-only"):
            raw_cursor().execute(f"UPDATE cases_case SET {column} = {value}".encode())
    with tampered(case, **changes):
        assert altered(case) == set(changes)
    assert verify().holds


def test_a_case_opened_before_its_matter_was_sealed_keeps_its_leaf(cast: Cast) -> None:
    """The leaf of such a step was made without the column that it hasn't got."""
    body = STEP.body(("x", 1, None), "{}")
    assert body == orjson.dumps(["cases_step", "x", 1]) + b"\n{}"
    assert list(STEP.hashes([("x", 1, None, "{}")])) == [leaf_hash(body)]


@pytest.mark.obligation("16.1a")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_step SET facts = '{}'",
        "DELETE FROM cases_step",
        "TRUNCATE cases_step CASCADE",
        "UPDATE cases_document SET body = '{}'",
        "DELETE FROM cases_document",
    ],
)
def test_steps_and_documents_are_never_changed(cast: Cast, statement: str) -> None:
    with nothing_follows():
        cast.lead(LISTING, paths(LISTING)["notified"])
    with refused_by_the_database("append-only"):
        raw_cursor().execute(statement.encode())


_STEP = """
    INSERT INTO cases_step (id, case_id, number, step, from_state, to_state, at, day, "user", person, role,
        decides, facts)
    SELECT 900000, case_id, number + {skip}, '{step}', {state}, 'x', {at}, day + {days}, {user}, 'p',
        '{role}', {decides}, '{{}}' FROM cases_step WHERE case_id = %s ORDER BY number DESC LIMIT 1"""
_GOOD = {
    "skip": "1", "step": "s", "state": "to_state", "at": "at", "days": "0", "user": "1", "role": "reviewer",
    "decides": "false",
}  # fmt: skip


@pytest.mark.obligation("16.1a")
@pytest.mark.parametrize(
    "wrong",
    [
        {"skip": "2"},
        {"skip": "0"},
        {"state": "'candidate'"},
        {"at": "at - interval '1 second'"},
        {"days": "-1"},
        {"decides": "true", "user": "NULL"},
        {"decides": "true", "user": '(SELECT "user" FROM cases_step WHERE id = case_id LIMIT 1)'},
    ],
)
def test_the_database_itself_refuses_a_step_skipped_backdated_or_decided_by_its_proposer(
    cast: Cast, wrong: dict[str, str]
) -> None:
    with nothing_follows():
        case, _ = cast.lead(LISTING, paths(LISTING)["heard"])
    with refused_by_the_database():
        raw_cursor().execute(_STEP.format(**(_GOOD | wrong)).encode(), [case])
    raw_cursor().execute(_STEP.format(**_GOOD).encode(), [case])


def test_no_step_is_taken_on_an_earlier_day(cast: Cast) -> None:
    with nothing_follows():
        case, today = cast.lead(LISTING, paths(LISTING)["reviewed"])
        step = LISTING.step("give_notice")
        yesterday = today - timedelta(days=1)
        with pytest.raises(NotTaken, match="不得早于"):
            take(case, step.id, cast.whoever_may(step, 1), yesterday, facts(step, yesterday))


@pytest.mark.obligation("16.1a")
def test_the_period_of_a_notice_counts_from_its_service_in_working_days(cast: Cast) -> None:
    """Served on Wednesday 6 May 2026, with 9 May a make-up working day: 7, 8, 9, 11 and 12 May."""
    with nothing_follows():
        case, today = cast.lead(LISTING, paths(LISTING)["notified"])
        assert today == FIRST_DAY == date(2026, 5, 6)
        assert stands(case).due_on == date(2026, 5, 12)
        close = LISTING.step("close_notice")
        with pytest.raises(NotTaken, match="届满后"):
            take(case, close.id, SYSTEM, date(2026, 5, 12), by_system=True)
        speak, owner = LISTING.step("make_statement"), cast.someone("merchant")
        take(case, speak.id, owner, date(2026, 5, 12), {"statement": "系会计差错"})
        assert stands(case).due_on == date(2026, 5, 12), "a statement doesn't move the period"
        with pytest.raises(NotTaken, match="届满"):
            take(case, speak.id, owner, date(2026, 5, 13), {"statement": "又及"})
        take(case, close.id, SYSTEM, date(2026, 5, 13), by_system=True)
        assert stands(case).state == "heard"


@pytest.mark.obligation("16.1a")
def test_of_two_who_decide_in_the_same_second_one_wins_and_the_other_is_told(lasting: Cast) -> None:
    cast = lasting
    with nothing_follows():
        case, today = cast.lead(LISTING, paths(LISTING)["heard"])
        seen = stands(case).steps
        start = threading.Barrier(2)
        outcomes: list[str] = []

        def decide(who: int, step: str) -> None:
            declared = LISTING.step(step)
            actor, given = people[who], facts(declared, today)
            start.wait()
            try:
                take(case, step, actor, today, given, seen=seen)
                outcomes.append("won")
            except Overtaken as late:
                outcomes.append(late.problems[0].zh)
            finally:
                connections.close_all()

        people = [cast.someone("decision_maker", 1), cast.someone("decision_maker", 2)]
        both = [
            threading.Thread(target=decide, args=(0, "decide_entry")),
            threading.Thread(target=decide, args=(1, "decide_none")),
        ]
        for one in both:
            one.start()
        for one in both:
            one.join()
    assert sorted(outcomes)[0] == "won" and "他人刚刚已办理" in sorted(outcomes)[1]
    assert stands(case).steps == seen + 1
    assert verify().holds


def test_of_two_who_open_the_same_matter_one_wins(cast: Cast) -> None:
    with nothing_follows():
        opening = cast.opening(LISTING)
        open_case(opening, SYSTEM, FIRST_DAY, by_system=True)
        with pytest.raises(NotTaken, match="已有办理中"):
            open_case(opening, SYSTEM, FIRST_DAY, by_system=True)
        with appending() as log:
            new = [cast.opening(LISTING), opening, cast.opening(LISTING)]
            assert len(open_many(log, new, SYSTEM, FIRST_DAY, by_system=True, skip=True)) == 2


def test_a_period_of_which_no_law_is_known_keeps_a_case_from_being_opened(cast: Cast) -> None:
    """Nobody can say until when a department would have had to accept a measure in 2019."""
    day = date(2019, 3, 4)
    opening = Opening("measure", "measure:old", cast.subject, day, rule="sampling_up")
    with nothing_follows():
        with pytest.raises(NotTaken, match="2020-12-07") as refused:
            open_case(opening, SYSTEM, day, by_system=True)
        assert "核对日期" in refused.value.problems[0].mend_zh
        with appending() as log:
            assert open_many(log, [opening], SYSTEM, day, by_system=True, skip=True) == []


def test_many_take_a_step_at_once_and_those_that_cannot_are_left_out(cast: Cast) -> None:
    with nothing_follows():
        cases = [cast.lead(LISTING, paths(LISTING)[state])[0] for state in ("served", "served", "heard")]
        day = timezone.localdate()
        with pytest.raises(NotTaken), appending() as log:
            take_many(log, "publish", cases, SYSTEM, day, by_system=True)
        assert {stands(case).state for case in cases} == {"served", "heard"}
        with appending() as log:
            assert len(take_many(log, "publish", cases, SYSTEM, day, by_system=True, skip=True)) == 2
    assert [stands(case).state for case in cases] == ["published", "published", "heard"]
    assert "cases_case" not in {
        one.table for one in verify().faults
    }  # there are no entries: nothing followed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("served_on", "2026-02-30"),
        ("served_on", "2099-01-01"),
        ("served_on", "2020-01-01"),
        ("service_method", "pigeon"),
        ("service_proof", "  "),
        ("service_proof", "x" * 201),
        ("another", "x"),
    ],
)
def test_a_step_filled_in_wrongly_is_refused_and_names_the_field(cast: Cast, field: str, value: str) -> None:
    with nothing_follows():
        case, today = cast.lead(LISTING, paths(LISTING)["reviewed"])
        step = LISTING.step("give_notice")
        with pytest.raises(NotTaken) as refused:
            take(case, step.id, cast.whoever_may(step, 1), today, facts(step, today) | {field: value})
    assert [one.field for one in refused.value.problems] == [field]
    assert all(one.zh and one.en and one.mend_zh and one.mend_en for one in refused.value.problems)


@pytest.mark.obligation("16.1a")
def test_whoever_is_killed_in_the_middle_of_a_step_leaves_nothing_half_done(lasting: Cast) -> None:
    """A child process is killed -9 at each stage between its first statement and its commit."""
    cast = lasting
    with nothing_follows():
        case, today = cast.lead(LISTING, paths(LISTING)["heard"])
        step, signer = LISTING.step("decide_entry"), cast.someone("decision_maker", 1)
        before, leaves = stands(case).steps, scalar("SELECT max(size) FROM ledger_treehead")
        connections.close_all()
        for stage in ("stored", "_write_steps", "_move", "_follow"):
            heard, told = os.pipe()
            child = os.fork()
            if child == 0:
                _taken_slowly(case, step.id, signer, today, stage=stage, told=told)
                os._exit(0)
            assert os.read(heard, 1) == b".", stage
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        assert stands(case).state == "heard" and stands(case).steps == before
        assert scalar("SELECT max(size) FROM ledger_treehead") == leaves
        assert [one.step for one in queries.documents(case)] == [3], "the notice, and no decision"
        take(case, step.id, signer, today, facts(step, today))
    assert verify().holds


def _taken_slowly(case: int, step: str, signer: Actor, today: date, *, stage: str, told: int) -> None:
    """Take the step, but tell and hang after a stage: there the parent kills."""
    original = getattr(engine, stage)

    def slow(*arguments: object) -> None:
        original(*arguments)
        os.write(told, b".")
        time.sleep(60)

    setattr(engine, stage, slow)
    take(case, step, signer, today, facts(LISTING.step(step), today))


@pytest.mark.obligation("16.1a")
def test_outside_a_played_clock_no_step_bears_another_day_than_today(cast: Cast) -> None:
    with connection.cursor() as cursor, nothing_follows():
        cursor.execute("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")  # whose day counts
        (today,) = cursor.fetchone()
        cursor.execute("SET chengxin.played_clock = 'off'")
        for other in (today - timedelta(days=2), today + timedelta(days=1)):
            with refused_by_the_database("is dated"):
                open_case(cast.opening(LISTING), SYSTEM, other, by_system=True)
            with clock.played():
                open_case(cast.opening(LISTING), SYSTEM, other, by_system=True)
        open_case(cast.opening(LISTING), SYSTEM, today, by_system=True)
