"""The lake of the demonstration: when the models are asked, and what is said where they aren't installed."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.cli import demonstration_lake
from chengxin.cli.demonstration_lake import MONTHS, NoModels, make, run_days
from chengxin.demo.subjects import World
from chengxin.kernel.calendar import is_working_day


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_the_models_are_asked_at_the_begin_of_a_month_about_the_months_before(today: date) -> None:
    days = run_days(today)
    assert len(days) == MONTHS and days == sorted(days) and days[-1] <= today
    assert all(is_working_day(day) for day in days)
    for day in days:
        since = (day.replace(day=1) + timedelta(days=one) for one in range(day.day - 1))
        assert not any(is_working_day(one) for one in since), "the first working day"


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 3, 31), date(2026, 10, 8), date(2026, 12, 1)])
def test_nothing_in_the_lake_lies_after_the_last_run(today: date) -> None:
    days = run_days(today)
    plan = demonstration_lake.plan(World(2017, 0.1, today))
    assert datetime.fromtimestamp(plan.end, UTC).date() == days[-1].replace(day=1)


def test_without_the_models_there_is_no_lake_and_it_is_said_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ibis", None)  # as where the extra isn't installed
    for name in [one for one in sys.modules if one.startswith("chengxin.detection") or one in _OF_IBIS]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(NoModels, match="ibis"):
        make(tmp_path, 0.1, date(2026, 9, 30))
    assert list(tmp_path.iterdir()) == []


_OF_IBIS = ("chengxin.lake.engines", "chengxin.lake.reading")
