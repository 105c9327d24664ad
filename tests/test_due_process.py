"""Random people try random steps on random days, records fall, and nothing unlawful ever comes of it.

Hypothesis drives the procedures with everything that really follows from them: conditions, effects,
documents, measures, marks. After each turn it looks at the database as an outsider would.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.permissions import Forbidden, roles
from chengxin.archive.tests.kept import PENALTY, Kept, new_uscc
from chengxin.cases import queries
from chengxin.cases.actions import NotTaken, Opening, open_case, take
from chengxin.cases.rules import SYSTEM
from chengxin.cases.tests.walking import Cast, facts, paths
from chengxin.decisions import objections, repairs
from chengxin.decisions.nightly import nightly
from chengxin.ledger.actions import appending
from chengxin.measures.consequences import consequences_of
from chengxin.rulebook import measures
from chengxin.rulebook.laws import law
from chengxin.rulebook.procedures import procedure
from chengxin.testing.databases import fresh_database

pytestmark = pytest.mark.takes_long

START = date(2026, 4, 20)
PENALISED = PENALTY | {
    "CF_WFXW": "虚假交易",
    "CF_SY": "组织刷单，虚构交易",
    "CF_CFLB": "罚款",
    "CF_NR_FK": "50.000000",
    "CF_JDRQ": "2026-04-10",
}
WHO = [*roles(), "system"]
EXAMPLES = int(os.environ.get("CHENGXIN_EXAMPLES", "12"))
"""Firms whose lives are played; `make lives` plays hundreds."""

SERVER: list[str] = []
"""URL of the server on which each run gets a database of its own."""


@contextmanager
def _tried() -> Iterator[None]:
    """What is refused is refused, and leaves nothing behind."""
    try:
        with transaction.atomic():
            yield
    except (NotTaken, Forbidden):
        pass


class DueProcess(RuleBasedStateMachine):
    """One firm with two penalties for brushing; anybody may try anything on any later day."""

    @initialize(far=st.sampled_from(["candidate", "notified", "heard", "served", "published", "published"]))
    def firm(self, far: str) -> None:
        self.database = fresh_database(SERVER[0])
        self.database.__enter__()
        bureau = note_organisation(code=None, name="福州市市场监督管理局", role="department", confirmed=True)
        platform = note_organisation(code=new_uscc(), name="榕城优选平台", role="platform", confirmed=True)
        with appending() as log:
            kept = Kept(log)
            self.subject = kept.subject("福州刷量电子商务有限公司", new_uscc())
            self.records = [
                kept.record(
                    self.subject,
                    bureau.pk,
                    on=date(2026, 4, 10),
                    payload=PENALISED | {"CF_WSH": f"榕罚{n}号"},
                )
                for n in (1, 2)
            ]
            kept.shop(self.subject, "刷量小店", "shop.example", str(platform.code), self.records[0])
        self.bureau, self.today, self.cast = bureau.pk, START, Cast(self.subject, bureau)
        self._open(self.records[0])
        for step in paths(procedure("listing"))[far][1:]:
            (case,) = [one for one, _ in self._cases()][:1]
            found = queries.case(case)
            if step.after_due and found is not None and found.due_on is not None:
                self.today = found.due_on + timedelta(days=1)
            who = self.cast.whoever_may(step, 20)
            take(case, step.id, who, self.today, facts(step, self.today), by_system=who is SYSTEM)

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.__exit__(None, None, None)

    def _open(self, record: int) -> None:
        opening = Opening(
            "listing", f"list:brushing:S{self.subject}", self.subject, self.today, rule="brushing",
            region="350102", facts={"reason": "组织刷单"}, records=(record,),
        )  # fmt: skip
        with _tried():
            open_case(opening, self.cast.someone("department_officer", 7), self.today)

    def _cases(self) -> list[tuple[int, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, procedure FROM cases_case WHERE closed_on IS NULL ORDER BY id")
            return list(cursor.fetchall())

    @rule(days=st.sampled_from([0, 1, 3, 8, 30, 200, 400]))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(
        which=st.integers(0, 30), who=st.sampled_from(WHO), number=st.integers(0, 1), step=st.integers(0, 30)
    )
    def somebody_tries_something(self, which: int, who: str, number: int, step: int) -> None:
        open_cases = self._cases()
        if open_cases:
            case, named = open_cases[which % len(open_cases)]
            steps = procedure(named).steps
            self._try(case, steps[step % len(steps)].id, who, number)

    @rule(which=st.integers(0, 30), number=st.integers(0, 3), choice=st.integers(0, 10))
    def somebody_does_what_is_their_part(self, which: int, number: int, choice: int) -> None:
        """As above, but what the state allows, so that cases get far."""
        open_cases = self._cases()
        if open_cases:
            case, named = open_cases[which % len(open_cases)]
            found = queries.case(case)
            assert found is not None
            steps = procedure(named).from_state(found.state)
            step = steps[choice % len(steps)]
            who = self.cast.whoever_may(step, number)
            with _tried():
                take(case, step.id, who, self.today, facts(step, self.today), by_system=who is SYSTEM)

    @rule(seed=st.integers(0, 2**32 - 1))
    def a_busy_month(self, seed: int) -> None:
        """Eight turns of the above, mostly of those whose part it is, so that runs go deep."""
        draw = random.Random(seed)
        for _ in range(8):
            match draw.choice(["part", "part", "part", "part", "try", "own", "night"]):
                case "part":
                    self.somebody_does_what_is_their_part(
                        draw.randrange(30), draw.randrange(9), draw.randrange(11)
                    )
                case "try":
                    who = draw.choice(WHO)
                    self.somebody_tries_something(
                        draw.randrange(30), who, draw.randrange(2), draw.randrange(30)
                    )
                case "own":
                    about, what = draw.choice(["record", "case"]), draw.choice(["object", "repair"])
                    self.the_firm_objects_or_applies(about, draw.randrange(5), what)
                case "night":
                    self.today += timedelta(days=draw.choice([1, 6, 15, 370]))
                    self.a_night_passes()

    def _try(self, case: int, step: str, who: str, number: int) -> None:
        actor = SYSTEM if who == "system" else self.cast.someone(who, number)
        named = queries.case(case)
        assert named is not None
        given = facts(procedure(named.procedure).step(step), self.today)
        with _tried():
            take(case, step, actor, self.today, given, by_system=actor is SYSTEM)

    @rule(
        about=st.sampled_from(["record", "case"]),
        at=st.integers(0, 5),
        what=st.sampled_from(["object", "repair"]),
    )
    def the_firm_objects_or_applies(self, about: str, at: int, what: str) -> None:
        listed = [case for case, named in self._cases() if named == "listing"]
        if about == "case" and not listed:
            return
        key = f"case:{listed[at % len(listed)]}" if about == "case" else f"record:{self.records[at % 2]}"
        owner = self.cast.someone("merchant")
        with _tried():
            if what == "object":
                objections.object_to(key, "与事实不符", owner, self.today)
            else:
                repairs.apply_for(key, "fulfilled", "罚款已缴", owner, self.today, commitment=True)

    @rule(at=st.integers(0, 1))
    def the_source_withdraws(self, at: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM archive_record WHERE refers_to_id = %s", [self.records[at]])
            if cursor.fetchone():
                return
        with appending() as log:
            Kept(log).record(
                self.subject, self.bureau, operation="withdrawal", refers_to=self.records[at], payload={}
            )

    @rule()
    def another_nomination(self) -> None:
        self._open(self.records[1])

    @rule()
    def a_night_passes(self) -> None:
        self.today += timedelta(days=1)
        nightly(self.today)

    # --- what never happens ---------------------------------------------------------------------------------

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    @invariant()
    def every_step_is_one_of_the_declaration(self) -> None:
        for named, step, before, after in self._rows(
            "SELECT c.procedure, s.step, s.from_state, s.to_state FROM cases_step s "
            "JOIN cases_case c ON c.id = s.case_id"
        ):
            declared = procedure(named).step(step)
            assert (before in declared.from_) if before else declared.opens
            assert after == (declared.to or before)

    @invariant()
    def nobody_decides_on_what_they_proposed(self) -> None:
        assert not self._rows(
            "SELECT 1 FROM cases_step d JOIN cases_step o ON o.case_id = d.case_id AND o.number = 1 "
            'WHERE d.decides AND d."user" = o."user"'
        )
        assert not self._rows(
            """SELECT 1 FROM cases_step WHERE decides AND "user" IS NULL AND role <> 'system'"""
        )

    @invariant()
    def what_is_shown_stands_on_a_decision_in_its_period_and_on_a_law_in_force(self) -> None:
        if not hasattr(self, "subject"):
            return
        for one in consequences_of(self.subject, self.today, public=True):
            said = one.as_dict() if hasattr(one, "as_dict") else one
            assert said["since"] <= self.today.isoformat()
            assert said["until"] is None or said["until"] >= self.today.isoformat(), said
            assert said["because"]["law"] and said["because"]["rule"] and said["because"]["decision"]
            assert said["because"]["records"] or said["kind"] == "publication"
        for state, suspended in self._rows(
            "SELECT c.state, e.suspended FROM decisions_entry e JOIN cases_case c ON c.id = e.case_id "
            "WHERE e.ended_on IS NULL"
        ):
            assert state in ("suspended",) if suspended else state in ("published", "questioned")

    @invariant()
    def no_measure_without_a_law_and_a_decision_in_force(self) -> None:
        for id, law_day, state, ended, suspended in self._rows(
            "SELECT c.rule, c.law_day, c.state, e.ended_on, e.suspended FROM cases_case c "
            "LEFT JOIN decisions_entry e ON e.case_id = c.parent_id WHERE c.procedure = 'measure'"
        ):
            bases = measures.measure(id, law_day).bases
            assert any(law(basis.law).holds_on(law_day) for basis in bases), id
            if state in ("assigned", "accepted", "executed"):
                assert ended is None or measures.measure(id, law_day).outlives
                assert not suspended

    @invariant()
    def the_firm_always_has_a_remedy(self) -> None:
        """Against every entry in force an objection is open to it, or is being dealt with."""
        for (case,) in self._rows("SELECT case_id FROM decisions_entry WHERE ended_on IS NULL"):
            if self._rows(
                "SELECT 1 FROM cases_case WHERE procedure = 'objection' AND key = %s AND closed_on IS NULL",
                f"case:{case}",
            ):
                continue
            with transaction.atomic():
                assert objections.object_to(
                    f"case:{case}", "与事实不符", self.cast.someone("merchant"), self.today
                )
                transaction.set_rollback(True)


@pytest.mark.obligation("16.1a")
def test_no_sequence_of_people_steps_and_days_breaks_due_process(server: str) -> None:
    SERVER[:] = [server]
    run_state_machine_as_test(
        DueProcess,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes; the seed is told
            suppress_health_check=list(HealthCheck),
        ),
    )
