"""`chengxin report` as others call it: on a home of its own, one and many, verified and tampered with."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chengxin.cli.tests.running import objects, run, serving
from chengxin.testing.django_ready import quick_folder

pytestmark = pytest.mark.takes_long

WHY = ("--full", "--purpose", "核查投诉案件中的经营者", "--by", "陈经办")


@pytest.fixture(scope="module")
def province() -> Iterator[Path]:
    """A home with a small demonstration in it."""
    home = quick_folder("chengxin-reports-") / "a home"
    run("demo", "--home", home, "--scale", "0.1", "--no-history", "--no-lake")
    with serving(home):
        yield home


@pytest.fixture(scope="module")
def codes(province: Path) -> list[str]:
    """Codes of some subjects, firms and persons."""
    found = [one["code"] for one in objects("search", "福州", "--home", province, "--json")]
    return [code for code in found if not code.startswith("S")]


@pytest.fixture(scope="module")
def report(province: Path, codes: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report as a file."""
    file = tmp_path_factory.mktemp("files") / "报告.pdf"
    said = run("report", codes[0], "--home", province, "--out", file).stdout
    assert re.search(r"第\d+号", said) and file.read_bytes().startswith(b"%PDF-1.7")
    return file


@pytest.mark.parametrize("name", ["report make", "report verify"])
def test_the_commands_have_help_with_an_example(name: str) -> None:
    assert f"Example: chengxin {name}" in re.sub(r"[\s│]+", " ", run(*name.split(), "--help").stdout)
    assert "chengxin report" in run("report", "--help").stdout


def test_a_report_holds_and_says_so_whichever_way_it_is_asked(province: Path, report: Path) -> None:
    assert "报告真实完整" in run("report", "verify", report, "--home", province).stdout
    assert "报告真实完整" in run("report", "--home", province, "verify", report).stdout
    (said,) = objects("report", "verify", report, "--home", province, "--json")
    assert said["holds"] and said["version"] == "public" and not said["problems"]


def test_damage_is_named_in_one_line(province: Path, report: Path, tmp_path: Path) -> None:
    whole = report.read_bytes()
    middle = len(whole) // 3
    damaged = {
        "不是PDF": b"no report\n",
        "被改动": whole[:middle] + bytes([whole[middle] ^ 4]) + whole[middle + 1 :],
    }
    for words, content in damaged.items():
        file = tmp_path / "damaged.pdf"
        file.write_bytes(content)
        said = run("report", "verify", file, "--home", province, code=1).stdout
        assert words in said and " / " in said and said.count("\n") == 1, (words, said)
    assert "没有这个文件" in run("report", "verify", tmp_path / "none.pdf", "--home", province, code=1).stderr
    assert "读取" in run("report", "verify", tmp_path, "--home", province, code=1).stderr


def test_another_home_did_not_sign_it(report: Path, tmp_path: Path) -> None:
    said = run("report", "verify", report, "--home", tmp_path / "other", code=1).stdout
    assert "由他人签名" in said


def test_an_unknown_code_a_person_and_bad_options_are_told(
    province: Path, codes: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "a.pdf"
    assert "没有可以出具" in run("report", "9135", "--home", province, "--out", file, code=1).stderr
    assert "--out" in run("report", codes[0], "--home", province, code=2).stderr
    assert "事由" in run("report", codes[0], "--full", "--home", province, "--out", file, code=2).stderr
    assert not file.exists()


def test_the_full_version_is_logged(province: Path, codes: list[str], tmp_path: Path) -> None:
    file = tmp_path / "full.pdf"
    run("report", codes[0], *WHY, "--home", province, "--out", file, "--lang", "en")
    (said,) = objects("report", "verify", file, "--home", province, "--json")
    assert said["holds"] and said["version"] == "full"


def test_as_json_and_html_it_is_printed_or_written_and_the_json_can_be_verified(
    province: Path, codes: list[str], tmp_path: Path
) -> None:
    content = json.loads(run("report", codes[0], "--home", province, "--json").stdout)
    assert content["subject"]["code"] == codes[0] and content["format"] == "chengxin-report/1"
    data, page = tmp_path / "r.json", tmp_path / "new" / "r.html"
    run("report", codes[0], "--home", province, "--out", data)
    assert json.loads(data.read_bytes())["number"] == content["number"]
    (said,) = objects("report", "verify", data, "--home", province, "--json")
    assert said["holds"] and said["number"] == content["number"]
    run("report", codes[0], "--home", province, "--format", "html", "--out", page)
    shown = page.read_text(encoding="utf-8")
    assert content["subject"]["name"] in shown and f"/reports/{content['number']}?code=" in shown
    assert "演示数据" in shown and not re.search(r'(?:src|href)="(?!http|#)', shown)
    assert [one.name for one in page.parent.iterdir()] == ["r.html"]


def test_what_cannot_be_written_or_read_is_told_before_anything_is_sealed(
    province: Path, codes: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    size = objects("ledger", "head", "--home", province)[-1]["size"]
    under = run("report", codes[1], "--home", province, "--out", file / "r.pdf", "--lang", "en", code=2)
    assert "不能使用" in under.stderr and "can't be used" in under.stderr
    none = run(
        "report", "--codes", tmp_path / "none.txt", "--home", province, "--out", tmp_path / "m", code=2
    )
    assert "none.txt" in none.stderr and not (tmp_path / "m").exists()
    assert "xml" in run("report", codes[1], "--home", province, "--format", "xml", code=2).stderr
    assert objects("ledger", "head", "--home", province)[-1]["size"] == size


def test_a_batch_goes_on_past_a_broken_code_and_sums_up(
    province: Path, codes: list[str], tmp_path: Path
) -> None:
    listed, folder = tmp_path / "codes.txt", tmp_path / "reports"
    listed.write_text(f"{codes[0]}\n=1+1\n\n{codes[1]},name\n", encoding="utf-8")
    run("report", "--codes", listed, "--out", folder, "--home", province, code=1)
    with (folder / "reports.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["code"] for row in rows] == [codes[0], "'=1+1", codes[1]]
    assert rows[1]["problem"] and not rows[0]["problem"]
    for row in (rows[0], rows[2]):
        assert run("report", "verify", folder / row["file"], "--home", province).returncode == 0
    several = tmp_path / "several"
    run("report", codes[0], codes[1], "--out", several, "--home", province)
    assert len(list(several.glob("*.pdf"))) == 2


def test_the_ledger_holds_with_reports_in_it(province: Path, report: Path) -> None:
    assert run("ledger", "verify", "--home", province).returncode == 0
