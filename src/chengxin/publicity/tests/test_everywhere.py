"""What ends is gone from every page, feed, file, answer and report at once, and the ledger proves it."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from chengxin.archive.models import Record
from chengxin.archive.tests.kept import PENALTY, Kept
from chengxin.cases.actions import Opening, open_case, take
from chengxin.cases.models import Case
from chengxin.cases.rules import SYSTEM
from chengxin.decisions.models import Entry
from chengxin.decisions.nightly import nightly
from chengxin.decisions.objections import object_to
from chengxin.decisions.repairs import apply_for
from chengxin.decisions.tests.own_world import Firm, agency, firm, listed
from chengxin.ledger.actions import appending
from chengxin.measures.consequences import consequences_of, entries_of
from chengxin.publicity.tests.everywhere import PLACES, Where, seen
from chengxin.publicity.tests.published import defaulter, withdrawn
from chengxin.registry.models import Identifier

TODAY = timezone.localdate()
PROGRAM = Path(__file__).parents[4] / "docs" / "check_proof.py"
BLACK, COURT, RED = "serious_violation", "judgment_defaulter", "contract_keeping"
NAMED_BY_CASE = {one for one in PLACES if "/why" in one or "/report" in one}
"""Places that name a decision by its number: of a court's entries that is the court's own."""


@pytest.fixture(scope="module", autouse=True)
def here(one_database: str) -> None:
    """One database for all; each test has a firm of its own."""
    agency()


@pytest.fixture(scope="module")
def browser() -> Client:
    """Somebody of the public."""
    return Client()


def where(one: Firm, case: int, rule: str = BLACK) -> Where:
    return Where(case, one.code, rule)


def of_court(subject: int, case: int) -> Where:
    return Where(case, Identifier.objects.get(subject_id=subject, scheme="uscc").value or "", COURT)


def proofs(browser: Client, case: int, monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[str]:
    """What the public proof of a case says happened, in order, each proof checked by the public's program."""
    held = orjson.loads(browser.get(f"/decisions/{case}/proof.json").content)
    for one in held["events"]:
        alone = browser.get(f"/decisions/{case}/proof.json?leaf={one['leaf']}").content
        (folder / "proof.json").write_bytes(alone)
        monkeypatch.setattr(sys, "argv", ["check_proof.py", str(folder / "proof.json")])
        runpy.run_path(str(PROGRAM))  # exits where the proof doesn't hold
    return [one["what"] for one in held["events"]]


# --- how an entry of our own ends ---------------------------------------------------------------------------


def annulled(one: Firm, case: int) -> None:
    take(case, "annul", one.someone("decision_maker", 7), TODAY, {"reason": "复议决定撤销"})


def revoked(one: Firm, case: int) -> None:
    take(case, "revoke", one.someone("decision_maker", 7), TODAY, {"reason": "处罚决定被撤销"})


def repaired(one: Firm, case: int) -> None:
    asked = apply_for(f"case:{case}", "fulfilled", "罚款已缴", one.self, TODAY, commitment=True)
    take(asked, "accept", one.someone("credit_office"), TODAY)
    take(asked, "decide_grant", one.someone("decision_maker"), TODAY, {"reason": "义务已履行"})


def objected(one: Firm, case: int) -> None:
    upheld(one, f"case:{case}", "annul")


def record_withdrawn(one: Firm, case: int) -> None:
    upheld(one, f"record:{one.record}", "withdraw")


def upheld(one: Firm, key: str, remedy: str) -> None:
    asked = object_to(key, "本公司没有该行为", one.self, TODAY)
    take(asked, "forward", one.someone("credit_office"), TODAY)
    take(asked, "answer", one.someone("department_officer", 3), TODAY, {"stands": "no", "answer": "经核查"})
    facts = {"reason": "确有错误", "remedy": remedy}
    take(asked, "decide_uphold", one.someone("decision_maker"), TODAY, facts)


@pytest.mark.obligation("15b")
@pytest.mark.obligation("16.1a")
@pytest.mark.parametrize(
    ("end", "step"),
    [
        (annulled, "annul"), (revoked, "revoke"), (repaired, "remove"), (objected, "annul"),
        (record_withdrawn, None),
    ],
)  # fmt: skip
def test_what_ends_is_gone_everywhere_at_once_and_the_ledger_proves_it(
    browser: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    end: Callable[[Firm, int], None], step: str | None,
) -> None:  # fmt: skip
    one = firm(TODAY - timedelta(days=500))
    case = listed(one)
    known = where(one, case)
    assert seen(browser, known) == set(PLACES)
    end(one, case)
    assert seen(browser, known) == set(), "no nightly run came in between"
    gone = browser.get(f"/decisions/{case}")
    assert gone.status_code == 410
    assert gone.headers["X-Robots-Tag"] == "noindex, noarchive"
    told = proofs(browser, case, monkeypatch, tmp_path)
    assert told[:2] == ["decide_entry", "shown"]
    if step is None:  # nobody has decided anew yet: the case stands, and nothing of it is shown
        assert Case.objects.get(pk=case).state == "questioned" and told[2:] == []
        staff = consequences_of(one.subject, TODAY, public=False)
        assert [each["kind"] for each in staff] == ["list"], "staff see that it waits; it has no effect"
        assert entries_of(one.subject, TODAY) == [], "nor does admission rest on it"
    else:
        assert told[2:] == [step, "gone"]
        assert (
            f"leaf={orjson.loads(browser.get(f'/decisions/{case}/proof.json').content)['events'][-1]['leaf']}"
            in (gone.content.decode())
        )
    feed = browser.get(f"/lists/{BLACK}/feed.atom").content.decode()
    assert f'ref="urn:chengxin:decision:{case}"' in feed, "who keeps a copy is told to delete it"


@pytest.mark.obligation("16.1a")
def test_suspended_it_is_nowhere_and_resumed_it_is_everywhere_again(browser: Client) -> None:
    one = firm()
    case = listed(one)
    take(case, "suspend", one.someone("decision_maker", 7), TODAY, {"reason": "复议期间停止执行"})
    assert seen(browser, where(one, case)) == set()
    take(case, "resume", one.someone("decision_maker", 7), TODAY, {"reason": "复议维持"})
    assert seen(browser, where(one, case)) == set(PLACES)


@pytest.mark.obligation("15b")
@pytest.mark.obligation("16.1d")
def test_an_honest_firm_is_shown_with_what_favours_it_until_it_gives_that_up(
    browser: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = firm(kind="警告", CF_WFXW="占道经营")
    opening = Opening(
        "red_listing", f"list:{RED}:S{one.subject}", one.subject, TODAY, rule=RED, region="350102",
        facts={"reason": "连续五年守合同"},
    )  # fmt: skip
    case = open_case(opening, one.someone("department_officer"), TODAY)
    take(case, "review", one.someone("reviewer"), TODAY, {"opinion": "属实"})
    take(case, "decide_entry", one.someone("decision_maker", 7), TODAY, {"reason": "符合条件"})
    known = where(one, case, RED)
    assert seen(browser, known) == set()
    take(case, "publish", SYSTEM, TODAY, by_system=True)
    assert seen(browser, known) == set(PLACES)
    page = browser.get(f"/decisions/{case}").content.decode()
    assert "守信激励名单" in page and "这个决定不引用单条信息" in page
    assert 'class="badge good"' in browser.get(f"/subjects/{one.code}").content.decode()
    assert "法律允许的" in browser.get(f"/lists/{RED}").content.decode(), "what favours it"
    take(case, "renounce", one.self, TODAY)
    assert seen(browser, known) == set()
    assert proofs(browser, case, monkeypatch, tmp_path) == ["decide_entry", "shown", "renounce", "gone"]


@pytest.mark.obligation("15b")
def test_it_is_shown_on_its_last_day_and_nowhere_on_the_next(
    browser: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    subject, _, last = defaulter(until=TODAY, on=TODAY - timedelta(days=90), number="（2026）闽0102执11号")
    assert seen(browser, of_court(subject, last)) == set(PLACES) - NAMED_BY_CASE
    yesterday = TODAY - timedelta(days=1)
    subject, _, over = defaulter(
        until=yesterday, on=TODAY - timedelta(days=90), number="（2026）闽0102执12号"
    )
    assert Entry.objects.get(pk=over).ended_on is None, "no nightly run has come to it"
    assert seen(browser, of_court(subject, over)) == set()
    assert browser.get(f"/decisions/{over}").status_code == 410
    nightly(TODAY)
    assert proofs(browser, over, monkeypatch, tmp_path) == ["shown", "expire", "gone"]
    assert proofs(browser, last, monkeypatch, tmp_path) == ["shown"]


@pytest.mark.obligation("16.1a")
@pytest.mark.parametrize("what", ["withdrawal", "correction"])
def test_an_entry_of_a_court_goes_with_the_record_that_it_is(browser: Client, what: str) -> None:
    subject, record, case = defaulter(number=f"（2026）闽0102执2{what}号")
    known = of_court(subject, case)
    assert seen(browser, known) == set(PLACES) - NAMED_BY_CASE
    court = Record.objects.get(pk=record).source_id
    with appending() as log:
        Kept(log).record(
            subject, court, item="enforcement", version="2026-01-01", operation=what, refers_to=record,
            payload={},
        )  # fmt: skip
    assert seen(browser, known) == set()
    assert Entry.objects.get(pk=case).ended_on is None, "the nightly run ends it; nothing waits for that"


@pytest.mark.obligation("16.1a")
def test_a_firm_that_was_taken_for_another_is_nowhere_as_soon_as_that_is_found(browser: Client) -> None:
    one, other = firm(), firm()
    case = listed(one)
    subject, record, of_court_case = defaulter(number="（2026）闽0102执31号")
    with appending() as log:
        for moved in (one.record, record):
            Kept(log).attributed(moved, other.subject)
    assert seen(browser, where(one, case)) == set()
    assert seen(browser, of_court(subject, of_court_case)) == set()
    with appending() as log:
        Kept(log).attributed(one.record, one.subject)
    assert "/decisions/{one.case}" in seen(browser, where(one, case)), "moved back, it is the firm's again"


@pytest.mark.obligation("16.1a")
def test_an_entry_of_our_own_stays_while_anything_that_it_cites_is_left(browser: Client) -> None:
    one = firm()
    with appending() as log:
        second = Kept(log).record(
            one.subject, one.source.pk, on=one.day, start=one.day, payload=PENALTY | {"CF_WSH": "榕罚2号"}
        )
    case = listed_with(one, (one.record, second))
    known = where(one, case)
    withdrawn(one, one.record)
    assert seen(browser, known) == set(PLACES), "a person decides whether the other one is enough"
    with appending() as log:
        third = Kept(log).record(
            one.subject, one.source.pk, operation="correction", refers_to=second, on=one.day, start=one.day,
            payload=PENALTY | {"CF_WSH": "榕罚3号"},
        )  # fmt: skip
    assert seen(browser, known) == set(PLACES), "corrected, it still carries the entry"
    withdrawn(one, third)
    assert seen(browser, known) == set(), "what was corrected and then withdrawn is withdrawn"


def listed_with(one: Firm, records: tuple[int, ...]) -> int:
    """An entry that cites several records."""
    begin = one.day - timedelta(days=30)
    opening = Opening(
        "listing", f"list:{BLACK}:S{one.subject}", one.subject, begin, rule=BLACK, region="350102",
        facts={"reason": "受到较重行政处罚", "records": "\n".join(map(str, records))}, records=records,
    )  # fmt: skip
    case = open_case(opening, one.someone("department_officer"), begin)
    take(case, "review", one.someone("reviewer"), begin, {"opinion": "属实"})
    served = {"service_method": "direct", "service_proof": "回证1号", "served_on": begin.isoformat()}
    officer = one.someone("department_officer")
    take(case, "give_notice", officer, begin, served)
    take(case, "waive", one.self, begin)
    said = {"reason": "符合列入情形", "weighed": "放弃"}
    take(case, "decide_entry", one.someone("decision_maker", 7), begin, said)
    take(case, "serve_decision", officer, begin, served)
    take(case, "publish", SYSTEM, one.day, by_system=True)
    return case
