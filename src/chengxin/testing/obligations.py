"""A pytest plugin: which obligations of the plan the tests prove.

A test names the obligation that it proves with `@pytest.mark.obligation("9.1b")`; an id that the plan does
not have ends the run before it begins. With `--obligations` a run closes with a table of what is proved and
what is not: an obligation is proved when at least one of its tests passed and none failed. What was skipped
proves nothing.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest

from chengxin.rulebook.plan import obligations

CLAIM = "obligation"
"""Property of a test: an obligation that it claims to prove."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
"""Programs with which pages can be looked at; the first that is found is taken."""


def browser() -> str | None:
    """The path of a Chromium on this machine, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--obligations`."""
    parser.addoption(
        "--obligations", action="store_true", help="close with the table of the plan's obligations"
    )


def pytest_configure(config: pytest.Config) -> None:
    """One ledger a run."""
    config.addinivalue_line(
        "markers",
        "obligation(id): the obligation of the plan (its id in obligations.csv) that this test proves",
    )
    config.pluginmanager.register(Proofs(wanted=config.getoption("obligations")), "chengxin proofs")


class Proofs:
    """What one run proves."""

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted
        self.known = {one.id: one.text_en for one in obligations()}
        self.passed: Counter[str] = Counter()
        self.failed: defaultdict[str, set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        """Note on each test what it claims to prove; raise when it claims what the plan does not ask.

        A report carries its test's properties along, also from another process (pytest-xdist).
        """
        unknown = []
        for item in items:
            claimed = [id for mark in item.iter_markers("obligation") for id in mark.args]
            unknown += [f"{item.nodeid}: {id!r}" for id in claimed if id not in self.known]
            item.user_properties += [(CLAIM, id) for id in claimed]
        if unknown:
            raise pytest.UsageError("the plan has no such obligation:\n" + "\n".join(unknown))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test for each obligation that it claims, once."""
        for id in (str(value) for name, value in report.user_properties if name == CLAIM):
            if report.failed:
                self.failed[id].add(report.nodeid)
            elif report.passed and report.when == "call":
                self.passed[id] += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The table, above pytest's closing line."""
        if not self.wanted:
            return
        proved = [id for id in self.known if self.passed[id] and not self.failed[id]]
        broken = [id for id in self.known if self.failed[id]]
        missing = [id for id in self.known if id not in {*proved, *broken}]
        say = terminalreporter.write_line
        terminalreporter.section("obligations of the plan")
        for title, ids in (("proved", proved), ("broken", broken), ("not yet proved", missing)):
            if ids:
                say(f"{title}:")
            for id in ids:
                say(f"  {id:<6} {self.known[id]}{self._counted(id)}")
        say(f"{len(proved)} of {len(self.known)} obligations proved, {len(broken)} broken")
        if browser() is None:
            say("No Chromium on this machine: no page was looked at in a browser.")

    def _counted(self, id: str) -> str:
        passed, failed = self.passed[id], len(self.failed[id])
        counts = [f"{passed} passed"] * bool(passed) + [f"{failed} failed"] * bool(failed)
        return f"  [{', '.join(counts)}]" if counts else ""
