"""What can be asked of cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from chengxin.accounts.permissions import Target
from chengxin.cases.models import Case
from chengxin.cases.rules import Situation, Taken
from chengxin.ledger.actions import Appending, raw_cursor

COLUMNS = (
    "id", "procedure", "rule", "key", "subject_id", "region", "organisation_id", "parent_id", "law_day",
    "state", "steps", "opened_on", "since", "due", "due_on", "closed_on",
)  # fmt: skip


def stored(log: Appending, cases: Iterable[int]) -> list[Case]:
    """Cases as they stand, locked until the transaction ends, by number."""
    rows = log.cursor.execute(
        f"SELECT {', '.join(COLUMNS)} FROM cases_case WHERE id = ANY(%s) ORDER BY id FOR UPDATE".encode(),
        [list(cases)],
    ).fetchall()
    return [Case(**dict(zip(COLUMNS, row, strict=True))) for row in rows]


def situations(log: Appending, cases: Sequence[Case]) -> dict[int, Situation]:
    """What the rules ask of cases, by number."""
    taken: dict[int, list[Taken]] = defaultdict(list)
    for case, step, user, day in log.cursor.execute(
        'SELECT case_id, step, "user", day FROM cases_step WHERE case_id = ANY(%s) ORDER BY case_id, number',
        [[one.id for one in cases]],
    ):
        taken[case].append(Taken(step, user, day))
    return {one.id: _situation(one, taken[one.id]) for one in cases}


def _situation(case: Case, taken: Sequence[Taken]) -> Situation:
    target = Target(region=case.region, organisation=case.organisation_id, subject=case.subject_id)
    return Situation(case.state, target, case.due_on, tuple(taken))


@dataclass(frozen=True)
class StepTaken:
    """A step as pages show it."""

    id: int
    number: int
    step: str
    from_state: str
    to_state: str
    at: datetime
    day: date
    user: int | None
    person: str
    role: str
    said: str

    @property
    def facts(self) -> Mapping[str, str]:
        """What was filled in, by field."""
        found: dict[str, str] = orjson.loads(self.said)
        return found


def case(id: int) -> Case | None:
    """One case, None where there is none of that number."""
    return Case.objects.filter(pk=id).select_related("subject", "organisation").first()


def steps(case_id: int) -> list[StepTaken]:
    """The steps of a case in order."""
    rows = raw_cursor().execute(
        'SELECT id, number, step, from_state, to_state, at, day, "user", person, role, facts '
        "FROM cases_step WHERE case_id = %s ORDER BY number",
        [case_id],
    )
    return [StepTaken(*row) for row in rows.fetchall()]


def situation(found: Case) -> Situation:
    """What the rules ask of a case as it stands now (for pages; actions look again under lock)."""
    taken = [Taken(one.step, one.user, one.day) for one in steps(found.pk)]
    return _situation(found, taken)


def cited(case_id: int) -> list[int]:
    """The records on which a case rests."""
    rows = raw_cursor().execute(
        "SELECT record FROM cases_cited WHERE case_id = %s ORDER BY record", [case_id]
    )
    return [record for (record,) in rows.fetchall()]


def citing(records: Sequence[int], *, open_only: bool = True) -> dict[int, list[int]]:
    """The cases that rest on records: record → cases."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = raw_cursor().execute(
        "SELECT c.record, c.case_id FROM cases_cited c JOIN cases_case k ON k.id = c.case_id "
        "WHERE c.record = ANY(%s) AND (k.closed_on IS NULL OR NOT %s) ORDER BY c.case_id",
        [list(records), open_only],
    )
    for record, number in rows.fetchall():
        found[record].append(number)
    return found


@dataclass(frozen=True)
class Paper:
    """A document of a case, without its words."""

    id: int
    step: int
    kind: str
    number: str
    day: date


def documents(case_id: int) -> list[Paper]:
    """The documents of a case."""
    rows = raw_cursor().execute(
        "SELECT id, step, kind, number, day FROM cases_document WHERE case_id = %s ORDER BY id", [case_id]
    )
    return [Paper(*row) for row in rows.fetchall()]


def document(id: int) -> tuple[int, Paper, dict[str, Any]] | None:
    """One document: its case, itself, its words; None where there is none."""
    row = (
        raw_cursor()
        .execute("SELECT case_id, id, step, kind, number, day, body FROM cases_document WHERE id = %s", [id])
        .fetchone()
    )
    return None if row is None else (row[0], Paper(*row[1:6]), orjson.loads(row[6]))
