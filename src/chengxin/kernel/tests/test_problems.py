"""A problem says the same in both languages' keys and can't be changed after it was found."""

from __future__ import annotations

import dataclasses
import json

import pytest

from chengxin.kernel.problems import Problem

PROBLEM = Problem(
    field="JDRQ",
    value="2026-02-30",
    rule="date",
    zh="“2026-02-30”不是存在的日期",
    en="'2026-02-30' is not a real date",
    mend_zh="按 2026/03/05 的格式填写",
    mend_en="write it like 2026/03/05",
)


def test_as_dict_keeps_every_field_and_survives_json() -> None:
    told = json.loads(json.dumps(PROBLEM.as_dict(), ensure_ascii=False))
    assert Problem(**told) == PROBLEM
    assert list(told) == [field.name for field in dataclasses.fields(Problem)]


def test_a_missing_value_stays_missing_and_is_not_written_as_text() -> None:
    assert dataclasses.replace(PROBLEM, value=None).as_dict()["value"] is None


def test_a_found_problem_can_not_be_rewritten() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        PROBLEM.value = "2026-03-01"  # type: ignore[misc]
