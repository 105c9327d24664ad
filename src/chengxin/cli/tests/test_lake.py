"""`chengxin lake`: bulk files in, a report out, by exit codes that a nightly job can rely on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chengxin.cli.main import app
from chengxin.lake.tests.sending import kept, order, write


def _run(*arguments: object) -> Result:
    done = CliRunner().invoke(app, ["lake", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.mark.parametrize("name", ["import", "check"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    assert f"Example: chengxin lake {name}" in re.sub(r"[\s│]+", " ", _run(name, "--help").stdout)


def test_the_exit_code_says_whether_everything_something_or_nothing_was_kept(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    good = write(tmp_path / "orders.csv", [order(1), order(2)])
    some = write(tmp_path / "orders-2.csv", [order(3), order(4, amount="much")])
    (tmp_path / "empty.csv").touch()
    assert _run("import", good, "--lake", lake).exit_code == 0
    told = _run("import", some, "--lake", lake)
    assert told.exit_code == 1
    assert "amount × 1 (50.00%) 格式不能识别 / the value doesn't parse" in told.stdout
    assert "orders-2.csv 第3行 row 3: much" in told.stdout
    nothing = _run("import", tmp_path / "empty.csv", "--lake", lake)
    assert nothing.exit_code == 2
    assert "文件为空" in nothing.stderr
    assert {row["order_id"] for row in kept(lake, "orders")} == {"O1", "O2", "O3"}


def test_the_report_is_json_for_programs_and_kept_beside_the_lake(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    rows = [{name: value for name, value in order(1).items() if name != "platform"}]
    done = _run(
        "import",
        write(tmp_path / "x.jsonl", rows),
        "--table",
        "orders",
        "--lake",
        lake,
        "--reporter",
        "京东",
        "--json",
    )
    (report,) = json.loads(done.stdout)["tables"]
    assert (done.exit_code, report["rows"], report["kept"], report["findings"]) == (0, 1, 1, [])
    assert report["partitions"] == ["orders/platform=京东/month=2026-01"]
    (written,) = (lake / "_reports").iterdir()
    assert json.loads(written.read_text(encoding="utf-8"))["tables"] == [report]
    checked = json.loads(_run("check", "--lake", lake, "--json").stdout)["tables"][0]
    assert (checked["table"], checked["kept"], checked["ranges"]) == ("orders", 1, report["ranges"])


def test_a_table_or_a_lake_that_there_is_none_of_is_said(tmp_path: Path) -> None:
    unknown = _run("import", tmp_path, "--lake", tmp_path / "lake", "--table", "order")
    assert (unknown.exit_code, "没有名为“order”的表，可选：orders" in unknown.stderr) == (2, True)
    assert not (tmp_path / "lake").exists()
    nowhere = _run("check", "--lake", tmp_path / "lake")
    assert (nowhere.exit_code, "没有数据湖目录" in nowhere.stderr) == (2, True)
