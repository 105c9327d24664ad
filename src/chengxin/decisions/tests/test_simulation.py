"""What a changed rule would bring about, before anyone enacts it; and that a faulty draft is sent back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from django.utils import timezone
from typer.testing import CliRunner

from chengxin.archive.tests.kept import scalar
from chengxin.cli.main import app
from chengxin.decisions import candidates
from chengxin.decisions.candidates import untold
from chengxin.decisions.simulation import simulate
from chengxin.decisions.tests.own_world import firm, listed
from chengxin.rulebook.list_checks import load
from chengxin.rulebook.lists import FOLDER, Listing, listing

TODAY = timezone.localdate()
FILE = FOLDER / "brushing.2021-09-01.toml"


def drafted(folder: Path, *changes: tuple[str, str]) -> Path:
    text = FILE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "draft.toml"
    path.write_text(text, encoding="utf-8")
    return path


def draft(folder: Path, *changes: tuple[str, str]) -> Listing:
    return load(drafted(folder, *changes))


@pytest.mark.obligation("16.1a")
def test_a_draft_says_who_would_enter_and_leave_because_of_which_records(
    database: str, tmp_path: Path
) -> None:
    small = firm(CF_WFXW="虚假交易", CF_NR_FK="5.000000")
    large = firm(CF_WFXW="虚假交易", CF_NR_FK="50.000000")
    middle = firm(CF_WFXW="虚假交易", CF_NR_FK="30.000000")
    other = firm(CF_WFXW="虚假交易", CF_NR_FK="30.000000")
    on_it = listed(other, "brushing", day=other.day + timedelta(days=40))
    before = scalar("SELECT max(size) FROM ledger_treehead")
    wider = simulate(draft(tmp_path, ("不低于 20", "不低于 2")), TODAY)
    assert [one.code for one in wider.enter.subjects] == [small.code]
    assert [one.id for one in wider.enter.subjects[0].records] == [small.record]
    assert (wider.now, wider.then, wider.leave.count) == (3, 4, 0)
    assert wider.enter.by_region == {"350100": 1}
    assert wider.enter.by_kind == {"legal_person": 1}
    narrower = simulate(draft(tmp_path, ("不低于 20", "不低于 40")), TODAY)
    assert narrower.enter.count == 0
    assert {(one.code, one.now) for one in narrower.leave.subjects} >= {(middle.code, "qualifies")}
    assert {one.now for one in narrower.leave.subjects} == {"qualifies", "entry"}
    assert large.code not in {one.code for one in narrower.leave.subjects}
    assert simulate(draft(tmp_path), TODAY).leave.count == 0
    assert scalar("SELECT max(size) FROM ledger_treehead") == before
    assert on_it
    assert "qualifies" in narrower.as_csv()
    assert orjson.dumps(wider.as_dict())


def test_only_as_many_are_named_as_were_asked_for(database: str, tmp_path: Path) -> None:
    for _ in range(3):
        firm(CF_WFXW="虚假交易", CF_NR_FK="5.000000")
    found = simulate(draft(tmp_path, ("不低于 20", "不低于 2")), TODAY, limit=2)
    assert (found.enter.count, len(found.enter.subjects)) == (3, 2)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("至少 1 条 行政处罚信息", "至少 1 条 行政处分信息", "第1行"),
        ('"serious44"', '"nolaw"', "nolaw"),
        ('longest = "list.years"', 'longest = "list.yeers"', "list.yeers"),
        ('kind = "black"', 'kind = "black"\nkind = "red"', "TOML"),
    ],
)
def test_a_faulty_draft_ends_with_what_to_mend(tmp_path: Path, old: str, new: str, said: str) -> None:
    result = CliRunner().invoke(
        app, ["simulate", str(drafted(tmp_path, (old, new))), "--home", str(tmp_path / "h")]
    )
    assert result.exit_code == 1
    assert said in result.output
    assert not (tmp_path / "h").exists()


def test_a_rule_that_asks_what_nobody_tells_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """No grade, no candidate: whoever proposes an honest merchant has to prove it."""
    honest, brushing = listing("honest_merchant"), listing("brushing")
    assert [one.id for one in untold(honest)] == ["credit_grade", "dispute_quarter"]
    assert untold(brushing) == ()
    monkeypatch.setattr(candidates, "FACT_SOURCES", [lambda cursor, subjects, today: {}])
    assert untold(honest) == ()
