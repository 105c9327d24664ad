"""`chengxin detect`: a lake in, leads out, by exit codes and lines that other programs rely on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chengxin.cli.main import app
from chengxin.detection.detectors import NAMES
from chengxin.detection.tests.lakes import written
from chengxin.detection.tests.test_brushing import RING, RING_SHOPS, Market

KEYS = ["detector", "entity", "entity_id", "platform", "score", "window", "ring", "signals", "evidence"]


def _run(*arguments: object) -> Result:
    done = CliRunner().invoke(app, ["detect", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small market with a ring of three shops and twelve accounts."""
    market = Market()
    for buyer in RING:
        for shop in RING_SHOPS:
            market.order(shop, buyer, dwell_s=1.0, buyer_device="d-x")
    return written(tmp_path_factory.mktemp("lake"), orders=market.frame())


def test_there_is_help_with_an_example() -> None:
    assert "Example: chengxin detect" in re.sub(r"[\s│]+", " ", _run("--help").stdout)


@pytest.mark.obligation("13f")
def test_leads_are_written_by_the_contract_best_first(lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "leads.jsonl"
    told = _run("--lake", lake, "--out", out)
    assert told.exit_code == 0
    assert "fake_traffic: 虚假流量：缺少" in told.stderr, "what is missing is said"
    leads = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert {one["detector"] for one in leads} <= {*NAMES}
    sellers = [one["entity_id"] for one in leads if one["entity"] == "seller"]
    assert {*sellers[:3]} == {*RING_SHOPS}
    for one in leads:
        assert list(one) == [key for key in KEYS if key in one]
        assert 0 < one["score"] <= 1
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in one["window"])
        assert set(one["evidence"]) == {"orders", "waybills", "accounts"}
        for signal in one["signals"]:
            assert list(signal) == ["name", "value", "baseline", "why_zh", "why_en"]
    scores = [one["score"] for one in leads if one["detector"] == "brushing" and one["entity"] == "seller"]
    assert scores == sorted(scores, reverse=True)


def test_only_the_models_asked_for_and_only_so_many_leads(lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "leads.jsonl"
    assert _run("--lake", lake, "--out", out, "--detector", "brushing", "--top", 2).exit_code == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 2


def test_a_lake_with_nothing_in_it_has_no_leads(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    assert _run("--lake", tmp_path / "lake", "--out", tmp_path / "leads.jsonl").exit_code == 0
    assert (tmp_path / "leads.jsonl").read_bytes() == b""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"--lake": "nowhere"}, "没有数据湖目录"),
        ({"--detector": "guessing"}, "没有名为“guessing”的模型"),
        ({"--out": "nowhere/leads.jsonl"}, "没有目录"),
        ({"--engine": "abacus"}, "abacus"),
        ({"--top": "0"}, "--top"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(
    lake: Path, tmp_path: Path, change: dict[str, str], told: str
) -> None:
    given = {"--lake": str(lake), "--out": str(tmp_path / "leads.jsonl")} | change
    result = _run(*(word for pair in given.items() for word in pair))
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "leads.jsonl").exists()


def test_what_a_run_came_to_is_told_to_programs(lake: Path, tmp_path: Path) -> None:
    asked = ("--lake", lake, "--out", tmp_path / "leads.jsonl", "--json", "--memory", "1GB")
    told = json.loads(_run(*asked, "--detector", "brushing", "--detector", "price_fraud").stdout)
    lines = (tmp_path / "leads.jsonl").read_text("utf-8").splitlines()
    assert told["leads"] == told["detectors"]["brushing"]["leads"] == len(lines) > 0
    assert told["detectors"]["brushing"]["seconds"] > 0
    assert told["failed"] == []
    assert "brushing.money_back" in {one["about"] for one in told["notes"]}, "what is missing is said"


def test_what_was_kept_of_an_earlier_run_gives_the_same_leads(lake: Path, tmp_path: Path) -> None:
    first, second, cut = (tmp_path / name for name in ("first", "second", "cut"))
    asked = ("--lake", lake, "--keep", tmp_path / "kept")
    assert _run(*asked, "--out", first).exit_code == 0
    again = _run(*asked, "--out", second)
    assert second.read_bytes() == first.read_bytes()
    assert "fake_traffic: 虚假流量：缺少" in again.stderr, "what is missing is said again"
    _run(*asked, "--out", cut, "--top", "2")
    assert cut.read_bytes().splitlines() == first.read_bytes().splitlines()[:2]


def test_a_folder_for_what_is_kept_that_is_a_file_is_told(lake: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    told = _run("--lake", lake, "--out", tmp_path / "leads.jsonl", "--keep", tmp_path / "kept")
    assert told.exit_code == 2
    assert "name a folder" in told.stderr


@pytest.mark.parametrize("memory", ["lots", "10", "-1GB", "1GB; DROP TABLE x"])
def test_a_bound_of_memory_that_is_none_is_told(lake: Path, tmp_path: Path, memory: str) -> None:
    told = _run("--lake", lake, "--out", tmp_path / "leads.jsonl", f"--memory={memory}")
    assert told.exit_code == 2
    assert "--memory is" in told.stderr


def test_an_error_of_ours_is_a_sentence_even_where_no_database_was_ever_set_up(
    lake: Path, tmp_path: Path
) -> None:
    broken = "import chengxin.lake.engines as engines; engines.DuckEngine.__init__ = lambda self: 1 / 0; "
    asked = f"sys.argv = ['chengxin', 'detect', '--lake', {str(lake)!r}, '--out', {str(tmp_path / 'o')!r}]; "
    bare = {"PATH": os.environ["PATH"], "CHENGXIN_HOME": str(tmp_path), "HOME": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; {broken}{asked}from chengxin.cli.main import app; app()"],
        env=bare, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.returncode == 70, told.stderr
    assert "something went wrong here" in told.stderr
    assert "Traceback" not in told.stderr
