"""The rulebook check finds what a slip of a rule-keeper's pen would break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Check, Condition, Field, Item, LawRef, PublicationRule, item
from chengxin.rulebook.check import _version_faults, check_rulebook, item_faults, main


@pytest.mark.obligation("9.1c")
@pytest.mark.obligation("18a")
def test_the_shipped_rulebook_holds_together() -> None:
    assert check_rulebook() == []


def _field(changed_code: str, /, **change: object) -> Callable[[Item], Item]:
    def changed(one: Item) -> Item:
        fields = tuple(replace(f, **change) if f.code == changed_code else f for f in one.fields)  # type: ignore[arg-type]
        return replace(one, fields=fields)

    return changed


def _rules(*rules: PublicationRule) -> Callable[[Item], Item]:
    return lambda one: replace(one, publication=rules)


def _second_name(one: Item) -> Item:
    extra: Field = replace(one.field("BZ"), code="CF_BZ")
    return replace(one, fields=(*one.fields, extra))


SLIPS: list[tuple[Callable[[Item], Item], str]] = [
    (lambda one: replace(one, law="abc"), "law: 未知 / unknown: abc"),
    (lambda one: replace(one, sources=("tax",)), "source: 未知 / unknown: tax"),
    (lambda one: replace(one, due="pooling.never"), "deadline: 未知 / unknown: pooling.never"),
    (lambda one: replace(one, frequency="often"), "frequency: 未知 / unknown: often"),
    (lambda one: replace(one, catalogues=("animals",)), "catalogue: 未知 / unknown: animals"),
    (lambda one: replace(one, key=("CF_NO",)), "field: 未知 / unknown: CF_NO"),
    (lambda one: replace(one, date="CF_NO"), "field: 未知 / unknown: CF_NO"),
    (lambda one: replace(one, date="CF_GSJ"), "CF_GSJ"),
    (lambda one: replace(one, role="king"), "role: 未知 / unknown: king"),
    (
        lambda one: replace(one, subject=replace(one.subject, identifiers={"dna": "CF_WSH"})),
        "identifier scheme: 未知 / unknown: dna",
    ),
    (lambda one: replace(one, subject=replace(one.subject, kinds={})), "each choice needs its meaning"),
    (
        lambda one: replace(one, checks=(Check("one_of", ("CF_NO",), "无", "none"),)),
        "field: 未知 / unknown: CF_NO",
    ),
    (_second_name, "heading: 重复 / stands twice: 备注"),
    (_field("BZ", type="colour"), "type: 未知 / unknown: colour"),
    (_field("CF_NR", code="CF_WSH"), "field code: 重复 / stands twice: CF_WSH"),
    (_field("CF_XDR_ZJHM", disclosure="shared"), "a personal number is never disclosed"),
    (_field("CF_CFLB", separator=None), "a separator belongs to codes fields"),
    (_field("CF_NR_FK", scale=None), "a decimal needs length and scale"),
    (_field("CF_XDR_SHXYM", example="91350102MA2XAB0131"), "not a valid uscc"),
    (_field("CF_JDRQ", example="2026/04/10"), "not an ISO date"),
    (_field("CF_XDR_LB", example="公司"), "no choice"),
    (_field("CF_NR_FK", required_when=(Condition("CF_CFLB", contains="罚金"),)), "unknown: 罚金"),
    (_rules(), "the last publication rule must hold without conditions"),
    (_rules(PublicationRule("public", deadline="penalty.max")), "deadline: 未知 / unknown: penalty.max"),
    (_rules(PublicationRule("public", deadline="platform.identity")), "a publication period needs a length"),
    (_rules(PublicationRule("public")), "a publication rule needs laws or a deadline"),
    (_rules(PublicationRule("public", laws=(LawRef("abc"),))), "law: 未知 / unknown: abc"),
    (
        _rules(PublicationRule("public", until_field="CF_NR", laws=(LawRef("apl"),))),
        "an end must be a date",
    ),
]


@pytest.mark.parametrize(("slip", "message"), SLIPS)
def test_a_slip_in_an_item_is_found(slip: Callable[[Item], Item], message: str) -> None:
    faults = list(item_faults(slip(item("penalty"))))
    assert any(message in fault for fault in faults), faults


def test_an_item_for_departments_may_not_be_published_by_a_rule() -> None:
    wide = PublicationRule("public", laws=(LawRef("ntsm"),))
    faults = list(item_faults(replace(item("identity_report"), publication=(wide,))))
    assert any("may not disclose more" in fault for fault in faults)


def test_versions_may_neither_overlap_nor_leave_a_gap() -> None:
    old, new = (one for one in catalogue.versions() if one.id == "complaint_outcome")
    assert list(_version_faults([old, new])) == []
    assert "overlap" in next(_version_faults([replace(old, until=None), new]))
    assert "overlap" in next(_version_faults([replace(old, until=date(2026, 5, 1)), new]))
    assert "gap" in next(_version_faults([replace(old, until=date(2026, 4, 1)), new]))


def test_the_command_says_what_is_wrong_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "个项目无误" in capsys.readouterr().out
    assert main([str(tmp_path)]) == 1
    assert "no catalogue file" in capsys.readouterr().out
    draft = (catalogue.CATALOGUE_FOLDER / "honour.2025-03-21.toml").read_text(encoding="utf-8")
    slips = {"wrong-law": ('law = "opinion2025"', 'law = "opinion1925"'), "no-toml": ("id =", "id :")}
    for name, (right, wrong) in slips.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "honour.2025-03-21.toml").write_text(draft.replace(right, wrong), encoding="utf-8")
        assert main([str(folder)]) == 1
        assert "honour.2025-03-21" in capsys.readouterr().out
