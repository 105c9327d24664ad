"""What the documentation says is so."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest

from chengxin.exchange.checks import check
from chengxin.exchange.formats import open_table
from chengxin.rulebook import catalogue
from chengxin.rulebook.check import check_rulebook
from chengxin.rulebook.publication import publish
from chengxin.rulebook.template import example_row, headings, json_schema

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
HOW_TO = ROOT / "docs" / "how-to" / "add-a-catalogue-item.md"
TODAY = date(2026, 6, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue that holds the item of the how-to, and nothing else."""
    text = HOW_TO.read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    names = re.findall(r"data/catalogue/(\w+\.\d{4}-\d{2}-\d{2}\.toml)", text)
    assert (len(blocks), len(set(names))) == (1, 1)
    (tmp_path / names[0]).write_text(blocks[0], encoding="utf-8")
    return tmp_path


@pytest.mark.obligation("9.1c")
def test_the_item_of_the_how_to_is_a_file_and_the_rest_follows(folder: Path, tmp_path: Path) -> None:
    assert check_rulebook(folder=folder) == []
    item = catalogue.item("sampling", TODAY, folder=folder)
    row = example_row(item)
    assert jsonschema_rs.Draft202012Validator(json_schema(item)).is_valid(row)
    sent = tmp_path / "sampling.csv"
    lines = [headings(item), [row.get(field.code, "") for field in item.fields]]
    lines.append(
        [{"CJ_SHXYM": "91350102MA2XAB0131", "CJ_YY": ""}.get(f.code, f.example) for f in item.fields]
    )
    sent.write_text("\n".join(",".join(cells) for cells in lines) + "\n", encoding="utf-8")
    (judged,) = (check(item, chunk.frame, TODAY) for chunk in open_table(sent, item).chunks())
    assert judged.accepted["CJ_BGBH"].to_list() == [row["CJ_BGBH"]]
    (rejected,) = judged.rejected
    assert {problem.field for problem in rejected.problems} == {"CJ_SHXYM", "CJ_YY"}


def test_the_publication_rules_of_the_how_to_do_what_it_says(folder: Path) -> None:
    item = catalogue.item("sampling", TODAY, folder=folder)
    failed = publish(item, example_row(item), date(2026, 3, 5))
    assert (failed.disclosure, failed.until, failed.law) == ("public", date(2026, 9, 5), "gbf2020-49")
    passed = publish(item, example_row(item) | {"CJ_JG": "合格"}, date(2026, 3, 5))
    assert (passed.disclosure, passed.law) == ("shared", "fjpub")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_the_readmes_make_targets_exist() -> None:
    made = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    named = {name for page in PAGES for name in re.findall(r"\bmake ([a-z]+)\b", _code(page))}
    assert named <= made


def _code(page: Path) -> str:
    """What stands as code on a page: indented lines and what is between backticks."""
    text = page.read_text(encoding="utf-8")
    return "\n".join([*re.findall(r"^    .*$", text, flags=re.M), *re.findall(r"`([^`\n]+)`", text)])
