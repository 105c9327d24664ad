"""What is asked of the access log: by China's days, by what a person usually does."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chengxin.audit import queries
from chengxin.audit.actions import looked
from chengxin.audit.rules import Purpose
from chengxin.testing.signed import actor, person

WHY = Purpose("supervision", "核查网店经营资质", "ecl", "6")


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr("chengxin.audit.actions.timezone.now", lambda: moment)


@pytest.mark.obligation("12.2a")
def test_a_day_begins_and_ends_at_midnight_in_china(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = actor(person("credit_office"))
    for subject, moment in enumerate(
        (
            datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC),
            datetime(2026, 11, 24, 16, 0, tzinfo=UTC),
            datetime(2026, 11, 25, 15, 59, 59, tzinfo=UTC),
            datetime(2026, 11, 25, 16, 0, tzinfo=UTC),
        )
    ):
        at(monkeypatch, moment)
        looked(officer, [subject], "subject", WHY)
    assert [one.subject for one in queries.day(date(2026, 11, 25))] == [2, 1]


def test_what_is_usual_is_the_average_of_the_thirty_days_before(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, other = actor(person("credit_office")), actor(person("auditor"))
    at(monkeypatch, datetime(2026, 10, 20, 3, tzinfo=UTC))
    looked(officer, list(range(100)), "list", WHY)  # more than 30 days ago
    at(monkeypatch, datetime(2026, 11, 10, 3, tzinfo=UTC))
    looked(officer, [1, 2, 3], "list", WHY)
    looked(officer, [1, 2], "subject", WHY)  # the same subjects, the same day
    at(monkeypatch, datetime(2026, 11, 11, 3, tzinfo=UTC))
    looked(officer, [1, 2, 3], "list", WHY)
    looked(other, [1], "subject", WHY)
    at(monkeypatch, datetime(2026, 11, 25, 3, tzinfo=UTC))
    looked(officer, [7], "subject", WHY)  # the day itself
    assert queries.usual(date(2026, 11, 25)) == {
        officer.user: pytest.approx(6 / 30), other.user: pytest.approx(1 / 30),
    }  # fmt: skip


def test_rows_are_read_onwards_from_where_the_last_page_ended(database: str) -> None:
    looked(actor(person("credit_office")), list(range(5)), "list", WHY)
    first = queries.looks_at([0, 1, 2, 3], limit=2)
    assert [one.subject for one in first] == [3, 2]
    assert [one.subject for one in queries.looks_at([0, 1, 2, 3], before=first[-1].id)] == [1, 0]
