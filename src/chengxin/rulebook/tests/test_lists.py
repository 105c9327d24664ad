"""Red, black and attention lists are rules that hold together, and the rule of the case's date decides."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chengxin.rulebook import laws
from chengxin.rulebook.catalogue import Condition
from chengxin.rulebook.list_checks import check_lists, list_faults, load
from chengxin.rulebook.lists import (
    FOLDER,
    Import,
    Keeper,
    ListError,
    Listing,
    Periods,
    Removal,
    Shown,
    listing,
    lists,
    read_list,
    term,
    versions,
)
from chengxin.rulebook.measures import Basis
from chengxin.rulebook.qualifying import FactValue, Record, evaluate

DAY = date(2026, 11, 25)

SHIPPED = {  # id: kind, procedure, as the field's list of lists has them
    "serious_violation": ("black", "listing"),
    "abnormal_operation": ("attention", "imported"),
    "brushing": ("black", "listing"),
    "judgment_defaulter": ("black", "imported"),
    "food_safety": ("black", "listing"),
    "drug_safety": ("black", "listing"),
    "express_dishonest": ("black", "listing"),
    "personal_info": ("black", "listing"),
    "payment_fraud": ("black", "imported"),
    "tax_serious": ("black", "imported"),
    "tax_a": ("red", "imported"),
    "aeo": ("red", "imported"),
    "contract_keeping": ("red", "red_listing"),
    "ecommerce_demo": ("red", "red_listing"),
    "honest_merchant": ("red", "red_listing"),
}


@pytest.mark.obligation("16.1a")
def test_the_fifteen_lists_ship_and_hold_together() -> None:
    assert {one.id: (one.kind, one.procedure) for one in lists()} == SHIPPED
    assert check_lists() == []


@pytest.mark.obligation("16.1a")
def test_every_list_rests_on_a_law_in_force_on_each_day_that_it_holds() -> None:
    for one in versions():
        for day in (one.in_force, one.until - timedelta(days=1) if one.until else DAY):
            cited = [basis for basis in one.grounds(day) if not basis.supporting]
            assert cited, one.id
            assert all(laws.law(basis.law).holds_on(day) for basis in cited)


@pytest.mark.parametrize(
    ("id", "on", "law"),
    [
        ("tax_a", date(2020, 4, 1), "taxcredit14"),
        ("tax_a", date(2025, 7, 1), "taxcredit25"),
        ("aeo", date(2021, 10, 31), "customs237"),
        ("aeo", date(2021, 11, 1), "customs251"),
        ("aeo", date(2026, 4, 1), "customs282"),
    ],
)
def test_the_law_of_the_day_is_cited(id: str, on: date, law: str) -> None:
    assert [basis.law for basis in listing(id, on).grounds(on)] == [law]


def test_the_rule_of_the_cases_date_decides() -> None:
    before, after = (
        listing("express_dishonest", date(2026, 3, 31)),
        listing("express_dishonest", date(2026, 4, 1)),
    )
    assert (before.publication.shortest, after.publication.shortest) == (None, "penalty.general.min")
    assert listing("express_dishonest") == after
    assert versions("express_dishonest") == (before, after)


def test_a_day_before_any_known_rule_is_refused() -> None:
    with pytest.raises(LookupError, match="已知规定自2021-09-01起"):
        listing("brushing", date(2019, 5, 1))
    with pytest.raises(LookupError, match="choose one of: abnormal_operation, aeo"):
        listing("nobody")
    assert "brushing" not in {one.id for one in lists(date(2019, 5, 1))}
    assert "judgment_defaulter" in {one.id for one in lists(date(2019, 5, 1))}


@pytest.mark.parametrize(
    ("id", "published", "shortest", "until"),
    [
        ("serious_violation", date(2026, 3, 2), date(2027, 3, 2), date(2029, 3, 2)),
        ("serious_violation", date(2024, 2, 29), date(2025, 2, 28), date(2027, 2, 28)),
        ("express_dishonest", date(2026, 6, 30), date(2026, 9, 30), date(2027, 6, 30)),
        ("judgment_defaulter", date(2026, 10, 1), None, date(2031, 10, 1)),
        ("payment_fraud", date(2026, 1, 1), date(2028, 1, 1), date(2031, 1, 1)),
        ("abnormal_operation", date(2026, 1, 1), None, None),
        ("honest_merchant", date(2026, 11, 25), None, date(2027, 11, 25)),
    ],
)
def test_an_entrys_term_is_counted_to_the_day(
    id: str, published: date, shortest: date | None, until: date | None
) -> None:
    found = term(listing(id, published), published)
    assert (found.shortest_until, found.until) == (shortest, until)


def test_natural_persons_are_shared_and_never_published() -> None:
    serious = listing("serious_violation")
    assert "natural_person" in serious.subjects
    assert not serious.publishes("natural_person")
    assert serious.publishes("legal_person")
    assert not listing("aeo").publishes("individual_business")


def _penalty(**payload: str) -> Record:
    held = {"CF_CFLB": "罚款", "CF_NR_FK": "30.000000", "CF_WFXW": "销售未经检验的商品", "CF_SY": "经查"}
    return Record(1, "penalty", date(2026, 9, 1), held | payload)


def _held(item: str, **payload: str) -> Record:
    return Record(1, item, date(2026, 9, 1), payload)


QUALIFIES = [
    ("serious_violation", _penalty(CF_WFXW="对商品的销售状况作虚假的商业宣传"), True),
    ("serious_violation", _penalty(CF_WFXW="组织虚假交易"), False),
    ("serious_violation", _penalty(CF_WFXW="对商品作虚假的商业宣传", CF_NR_FK="3"), False),
    ("brushing", _penalty(CF_WFXW="组织虚假交易、虚假评价"), True),
    ("brushing", _penalty(CF_SY="以寄送空包裹的方式虚增销量"), True),
    ("brushing", _penalty(CF_WFXW="组织刷单", CF_NR_FK="5"), False),
    ("food_safety", _penalty(CF_WFXW="经营超过保质期的食品", CF_CFLB="吊销许可证件", CF_NR_FK=""), True),
    ("drug_safety", _penalty(CF_WFXW="未取得许可销售医疗器械"), True),
    ("express_dishonest", _held("logistics", WL_XXLX="违规行为", WL_XW="泄露用户信息"), True),
    ("express_dishonest", _held("logistics", WL_XXLX="违规行为", WL_XW="虚假签收"), False),
    ("personal_info", _penalty(CF_WFXW="非法出售公民个人信息"), True),
    ("judgment_defaulter", _held("enforcement", SX_JZRQ="2028-09-01"), True),
    ("judgment_defaulter", _held("enforcement", SX_JZRQ="2026-11-24"), False),
    ("abnormal_operation", _held("abnormal_operation"), True),
    ("abnormal_operation", _held("abnormal_operation", JY_YCRQ="2026-11-25"), False),
    ("tax_a", _held("honour", RY_LX="纳税信用A级纳税人", RY_YXQ="2027-04-30"), True),
    ("tax_a", _held("honour", RY_LX="电子商务示范企业", RY_YXQ="2027-04-30"), False),
    ("aeo", _held("honour", RY_LX="海关高级认证企业", RY_YXQ="2099-12-31"), True),
    ("contract_keeping", _penalty(CF_CFLB="警告", CF_NR_FK=""), True),
    ("contract_keeping", _penalty(), False),
    ("ecommerce_demo", _penalty(), False),
    ("honest_merchant", _penalty(), False),
]


@pytest.mark.obligation("16.1a")
@pytest.mark.parametrize(("id", "record", "holds"), QUALIFIES)
def test_who_qualifies(id: str, record: Record, holds: bool) -> None:
    rule = listing(id, DAY).qualifies
    assert rule is not None
    assert evaluate(rule, [record], DAY, listed={}).holds is holds


@pytest.mark.obligation("13j", "16.1d")
def test_the_red_list_of_honest_operators_waits_for_what_is_not_known() -> None:
    rule = listing("honest_merchant").qualifies
    assert rule is not None
    kept = [_held("commitment", CN_LXZT="履行中")]
    facts: dict[str, FactValue] = {"credit_grade": "AA", "dispute_quarter": 1}
    assert evaluate(rule, kept, DAY, facts, {}).holds is True
    assert evaluate(rule, kept, DAY, facts, {"brushing": "black"}).holds is False
    assert evaluate(rule, kept, DAY, {"credit_grade": "AA"}, {}).holds is None
    assert evaluate(rule, kept, DAY, facts).holds is None
    assert evaluate(rule, [], DAY, facts, {}).holds is False


# --- slips of a rule-keeper's pen ---------------------------------------------------------


def _publication(**change: object) -> Callable[[Listing], Listing]:
    return lambda one: replace(one, publication=replace(one.publication, **change))  # type: ignore[arg-type]


def _laws(*bases: Basis) -> Callable[[Listing], Listing]:
    return lambda one: replace(one, laws=bases)


SLIPS: list[tuple[Callable[[Listing], Listing], str]] = [
    (lambda one: replace(one, id="Serious"), "a-z, 0-9 and _"),
    (lambda one: replace(one, until=date(2021, 9, 1)), "ends before it begins"),
    (lambda one: replace(one, name_en=""), "missing: name_en"),
    (lambda one: replace(one, kind="grey"), "kind: 未知 / unknown: grey"),  # type: ignore[arg-type]
    (lambda one: replace(one, kind="red"), "not for lists of this kind"),
    (lambda one: replace(one, subjects=("robot",)), "subject kind: 未知 / unknown: robot"),
    (lambda one: replace(one, subjects=()), "no kind of subject"),
    (lambda one: replace(one, known_from="hearsay"), "known_from: 未知"),
    (lambda one: replace(one, keeper=Keeper("tax", "税务", "tax")), "role: 未知 / unknown: tax"),
    (lambda one: replace(one, keeper=replace(one.keeper, departments=("省工商局",))), "department: 未知"),
    (lambda one: replace(one, procedure="magic"), "procedure: 未知"),  # type: ignore[arg-type]
    (lambda one: replace(one, procedure="imported"), "opened by import"),
    (lambda one: replace(one, qualifies=None), "is missing: qualifies"),
    (lambda one: replace(one, imported_from_en=""), "where imported entries come from"),
    (lambda one: replace(one, imports=(Import("serious"),)), "the catalogue has no item 'serious'"),
    (lambda one: replace(one, imports=(Import("honour", until_field="X"),)), "field: 未知 / unknown: X"),
    (lambda one: replace(one, imports=(Import("honour", until_field="RY_MC"),)), "an end must be a date"),
    (
        lambda one: replace(one, imports=(Import("honour", (Condition("RY_LX", in_=("勋章",)),)),)),
        "choice: 未知 / unknown: 勋章",
    ),
    (_laws(Basis("abc")), "law: 未知 / unknown: abc"),
    (_laws(), "no law in force on 2021-09-01"),
    (_laws(Basis("gbf2020-49", supporting=True)), "no law in force on 2021-09-01"),
    (_laws(Basis("serious44"), Basis("aucl17")), "aucl17: 名单有效期间内该法规无效"),
    (_laws(Basis("aucl19")), "no law in force on 2025-10-15"),
    (_laws(Basis("aucl")), "no law in force on 2021-09-01"),
    (_laws(Basis("serious44", until=date(2026, 1, 1))), "no law in force on 2026-01-01"),
    (_publication(shortest="list.soon"), "deadline: 未知 / unknown: list.soon"),
    (_publication(shortest="list.years", longest="list.early"), "shortest publication longer"),
    (_publication(shortest="penalty.serious.min"), "no rule in force on 2021-09-01"),
    (_publication(longest="objection.source"), "never moved by a holiday"),
    (_publication(longest="platform.identity"), "a period needs a length"),
    (_publication(longest=None, until="mended"), "a black list needs a longest publication"),
    (lambda one: replace(one, publication=Shown()), "when publication ends"),
    (_publication(until="mañana"), "until: 未知"),
    (
        lambda one: replace(one, periods=Periods(objection="objection.source")),
        "periods of notice and objection",
    ),
    (lambda one: replace(one, removal=Removal(("apply",))), "a black list needs conditions of removal"),
    (lambda one: replace(one, removal=replace(one.removal, steps=())), "steps of removal are missing"),
    (lambda one: replace(one, removal=replace(one.removal, steps=("pray",))), "step of removal: 未知"),
    (
        lambda one: replace(one, removal=replace(one.removal, conditions=one.removal.conditions * 2)),
        "stands twice",
    ),
]


@pytest.mark.parametrize(("slip", "said"), SLIPS)
def test_a_slip_of_the_pen_is_found(slip: Callable[[Listing], Listing], said: str) -> None:
    assert any(said in fault for fault in list_faults(slip(listing("serious_violation"))))


def _draft(folder: Path, *changes: tuple[str, str]) -> Path:
    text = (FOLDER / "serious_violation.2021-09-01.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "draft.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_draft_is_read_from_any_file(tmp_path: Path) -> None:
    found = load(_draft(tmp_path, ("不低于 20", "不低于 10")))
    assert found.id == "serious_violation"
    assert found.qualifies != listing("serious_violation").qualifies


def test_a_draft_says_everything_that_is_wrong_with_it(tmp_path: Path) -> None:
    with pytest.raises(ListError) as caught:
        load(
            _draft(
                tmp_path, ('"list.notice"', '"list.note"'), ('"legal_person"', '"firm"'), ("serious44", "s44")
            )
        )
    assert len(caught.value.faults) == 3
    assert "draft.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("罚款金额(万元) 不低于", "罚金 不低于"), "第3行第7字"),
        (('kind = "black"', "kind = black"), "not a valid TOML file"),
        (('kind = "black"\n', ""), "kind"),
        (("[keeper]", "[owner]"), "missing: keeper"),
        (('name_en = "', 'nameen = "'), "did you mean: name_en"),
        (("subjects = [", 'subjects = "x" #['), "subjects: 应为列表"),
        (('zh = "市场监督管理部门"', ""), "Keeper: 缺少 / missing: zh"),
        (('kind = "black"', 'kind = "blak"'), "choose: attention, black, red"),
        (('"list.notice"', '"list.notise"'), "choose: list.notice"),
        (('role = "department"', 'rule = "department"'), "unknown keys: rule"),
    ],
)
def test_a_draft_that_cannot_be_read_says_why(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(ListError, match=r"draft\.toml") as caught:
        load(_draft(tmp_path, change))
    assert said in str(caught.value)


def test_a_file_is_named_by_its_list_and_date(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "aeo.2018-05-01.toml", tmp_path / "aeo.toml")
    assert check_lists(tmp_path) == [
        "aeo.toml: 文件名应为 / the file must be named aeo.2018-05-01.toml",
    ]


def test_versions_that_do_not_join_are_found(tmp_path: Path) -> None:
    for path in FOLDER.glob("express_dishonest.*.toml"):
        shutil.copy(path, tmp_path / path.name)
    first = tmp_path / "express_dishonest.2021-09-01.toml"
    first.write_text(first.read_text("utf-8").replace("until = 2026-04-01", "until = 2026-03-01"), "utf-8")
    assert any("versions do not join: 2026-03-01" in fault for fault in check_lists(tmp_path))


def test_the_rule_is_kept_as_its_keeper_wrote_it() -> None:
    for path in FOLDER.glob("*.toml"):
        written = tomllib.loads(path.read_text(encoding="utf-8")).get("qualifies", "").strip()
        assert read_list(path).qualifies_text == written
