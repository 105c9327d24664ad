"""The table of obligations at the end of a run."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

SUITE = """
import pytest

@pytest.mark.obligation("9.1b")
@pytest.mark.parametrize("subject", [1, 2])
def test_one_archive_a_subject(subject):
    assert subject

@pytest.mark.obligation("9.1c")
@pytest.mark.obligation("9.1d")
def test_pooled_by_the_catalogue():
    assert {catalogue}

@pytest.mark.obligation("8d")
@pytest.mark.skip
def test_paid_in_advance():
    pass
"""


def run(pytester: pytest.Pytester, suite: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(suite)
    return pytester.runpytest_inprocess("-p", "chengxin.testing.obligations", *options)


def test_the_table_tells_what_is_proved_and_what_is_not(pytester: pytest.Pytester) -> None:
    lines = run(pytester, SUITE.format(catalogue=True), "--obligations").outlines
    proved = lines[lines.index("proved:") : lines.index("not yet proved:")]
    assert any(line.startswith("  9.1b   a credit archive a subject  [2 passed]") for line in proved)
    assert [line.split()[0] for line in proved[1:]] == ["9.1b", "9.1c", "9.1d"]
    assert any(line.startswith("  8d ") for line in lines[lines.index("not yet proved:") :])


def test_a_failed_test_takes_the_proof_away(pytester: pytest.Pytester) -> None:
    lines = run(pytester, SUITE.format(catalogue=False), "--obligations").outlines
    broken = lines[lines.index("broken:") : lines.index("not yet proved:")]
    assert [line.split()[0] for line in broken[1:]] == ["9.1c", "9.1d"]
    assert all(line.endswith("[1 failed]") for line in broken[1:])


def test_the_last_line_stays_pytests_own(pytester: pytest.Pytester) -> None:
    result = run(pytester, SUITE.format(catalogue=True), "--obligations")
    assert "3 passed, 1 skipped" in result.outlines[-1]
    assert result.ret == pytest.ExitCode.OK


def test_without_the_option_no_table(pytester: pytest.Pytester) -> None:
    assert "obligations" not in run(pytester, SUITE.format(catalogue=True)).stdout.str()


def test_an_obligation_that_the_plan_does_not_have_ends_the_run(pytester: pytest.Pytester) -> None:
    result = run(pytester, SUITE.replace("9.1b", "99z").format(catalogue=True))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "'99z'" in result.stderr.str() + result.stdout.str()


def test_a_machine_without_a_browser_is_told_so(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert "No Chromium" in run(pytester, SUITE.format(catalogue=True), "--obligations").stdout.str()
