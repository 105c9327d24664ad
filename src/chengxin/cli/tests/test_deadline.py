"""`chengxin deadline`: the clock by itself, with the days it counted and the law that it counted by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chengxin.cli.main import app
from chengxin.rulebook import deadlines


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["deadline", *arguments])


def told(*arguments: str) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def days(month: str, *numbers: int) -> list[str]:
    return [f"{month}-{day:02}" for day in numbers]


@pytest.mark.parametrize(
    ("id", "start", "due", "counted", "law", "article"),
    [
        (
            "pooling.sevendays", "2017-01-24", "2017-02-08",
            [*days("2017-01", 25, 26), *days("2017-02", 3, 4, 6, 7, 8)], "gbf2020-49", "",
        ),
        (
            "list.notice", "2021-09-28", "2021-10-11",
            [*days("2021-09", 29, 30), *days("2021-10", 8, 9, 11)], "apl", "64",
        ),
        ("list.notice", "2026-02-12", "2026-02-26", days("2026-02", 13, 14, 24, 25, 26), "apl", "64"),
        # the third day lies in the holiday, the counted days are told as they are
        ("list.withdraw", "2026-04-30", "2026-05-06", days("2026-05", 1, 2, 3), "apl", "48"),
        # months and years by their ends
        (
            "penalty.general.min", "2026-07-03", "2026-10-03",
            ["2026-08-03", "2026-09-03", "2026-10-03"], "repair36", "",
        ),
        (
            "list.years", "2024-02-29", "2027-02-28",
            ["2025-02-28", "2026-02-28", "2027-02-28"], "serious44", "",
        ),
    ],
)  # fmt: skip
def test_it_tells_the_day_the_days_counted_and_the_law(
    id: str, start: str, due: str, counted: list[str], law: str, article: str
) -> None:
    found = told(id, "--from", start)
    assert {name: found[name] for name in ("due", "counted", "law", "article")} == {
        "due": due, "counted": counted, "law": law, "article": article,
    }  # fmt: skip


def test_the_law_of_another_day_may_decide() -> None:
    new = told("complaint.mediate", "--from", "2026-04-20")
    old = told("complaint.mediate", "--from", "2026-04-20", "--law-date", "2026-04-14")
    assert (new["due"], new["law"], new["article"]) == ("2026-06-22", "complaint121", "23")
    assert (old["due"], old["law"], old["article"]) == ("2026-06-25", "complaint20", "21")
    assert (len(new["counted"]), len(old["counted"])) == (60, 45)


def test_what_waits_for_the_next_notice_says_so() -> None:
    assert told("list.notice", "--from", "2026-12-25")["provisional"]
    assert "provisional" in run("list.notice", "--from", "2026-12-25").stdout
    assert not told("list.notice", "--from", "2026-12-01")["provisional"]
    assert "按周末和固定日期的节日暂算" in run("list.notice", "--from", "2026-12-25").stdout
    old = run("objection.source", "--from", "2003-12-29", "--law-date", "2026-01-01").stdout
    assert "2004年以前的放假安排" in old and "no calendar before 2004" in old


def test_without_json_it_speaks_both_languages() -> None:
    said = run("list.notice", "--from", "2026-02-12").stdout
    law = ("《行政处罚法》第64条", "Administrative Penalty Law, art. 64")
    for part in ("2026-02-26", "星期四", "Thursday", *law, "5个工作日", "5 working days", "2026-02-14"):
        assert part in said, part


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["list.notic", "--from", "2026-02-12"], "请选用：list.notice", "no deadline 'list.notic': choose"),
        (["abc", "--from", "2026-02-12"], "没有期限“abc”", "complaint.accept"),
        (["list.notice", "--from", "2017-02-12"], "自2021-07-15起", "earliest known is of 2021-07-15"),
        (["penalty.special.min", "--from", "2026-04-01"], "没有有效规定", "2023-05-01 – 2026-03-31"),
        (["list.notice", "--from", "2026-02-12", "--law-date", "2020-01-01"], "--law-date", "2021-07-15"),
        (["list.notice", "--from", "2026-02-30"], "--from “2026-02-30”", "write it like 2026-02-12"),
        (["list.notice", "--from", "12.2.2026"], "--from “12.2.2026”", "write it like 2026-02-12"),
        (["list.notice", "--from", "2026-02-12", "--law-date", "2026"], "--law-date “2026”", "write it like"),
        (["list.notice", "--from", "9999-12-31"], "9999-12-31", "2099-12-31"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_what_cannot_be_counted_says_how_to_mend_it(
    arguments: list[str], zh: str, en: str, form: list[str]
) -> None:
    done = run(*arguments, *form)
    assert (done.exit_code, done.stdout) == (1, "")
    assert zh in done.stderr
    assert en in done.stderr


def test_without_a_day_it_is_a_wrong_use() -> None:
    assert run("list.notice").exit_code == 2


@pytest.mark.parametrize(
    ("start", "end", "due"),
    [
        ("2026-01-30", "2026-01-31", "2026-02-02"),  # a Saturday
        ("2026-01-31", "2026-07-31", "2026-07-31"),  # the day itself isn't counted
        ("2025-12-31", "2026-01-31", "2026-02-02"),
        ("2024-08-01", "2025-01-31", "2025-02-05"),  # in Spring Festival
        ("2021-06-30", "2021-07-31", "2021-08-02"),
    ],
)
def test_what_is_due_in_january_and_july_runs_to_the_end_of_the_next_of_them(
    start: str, end: str, due: str
) -> None:
    found = told("platform.identity", "--from", start, "--law-date", "2026-01-01")
    assert (found["due"], found["counted"], found["law"], found["article"]) == (due, [end], "ntsm", "25")
    assert "一月和七月" in run("platform.identity", "--from", "2026-01-01").stdout


def test_every_deadline_is_counted_on_its_first_day() -> None:
    for one in deadlines.deadlines():
        found = told(one.id, "--from", one.in_force.isoformat())
        assert (found["law"], len(found["counted"])) == (one.law, one.length or 1)


def test_it_needs_no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHENGXIN_HOME", str(tmp_path / "none"))
    assert run("list.notice", "--from", "2026-02-12").exit_code == 0
    assert not (tmp_path / "none").exists()
