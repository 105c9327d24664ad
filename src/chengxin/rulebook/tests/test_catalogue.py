"""The collection catalogue says what may be collected, and adding an item is adding a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from chengxin.rulebook import catalogue, template
from chengxin.rulebook.catalogue import CatalogueError, Condition, holds, item, items, split_values
from chengxin.rulebook.check import check_rulebook
from chengxin.rulebook.tables import read_table

THIRTEEN = {
    "licence", "penalty", "registration", "abnormal_operation", "serious_violation", "identity_report",
    "commitment", "platform_violation", "complaint_outcome", "logistics", "honour", "enforcement",
    "third_party_rating",
}  # fmt: skip

COLUMNS = read_table(Path(__file__).parent / "two_publicity_fields.csv")

NEW_ITEM = """
id = "inspection"
in_force = 2024-01-01
name_zh = "双随机抽查结果"
name_en = "Double-random inspection result"
about_zh = "抽查结果。"
about_en = "Results of inspections."
catalogues = ["legal"]
law = "gbf2020-49"
article = ""
known_from = "design"
sources = ["department"]
frequency = "event"
due = "inspection.publish"
disclosure = "public"
key = ["CC_BH"]
date = "CC_RQ"

[subject]
name = "CC_MC"
default_kinds = ["legal_person"]
identifiers = { uscc = "CC_DM" }

[[publication]]
disclosure = "public"
laws = [{ law = "gbf2020-49" }]

[[field]]
code = "CC_MC"
name_zh = "被抽查主体"
name_en = "inspected subject"
type = "text"
length = 200
required = true
example = "福州示例电子商务有限公司"

[[field]]
code = "CC_DM"
name_zh = "统一社会信用代码"
name_en = "unified social credit code"
type = "uscc"
length = 18
required = true
example = "91350102MA2XAB0130"

[[field]]
code = "CC_BH"
name_zh = "抽查编号"
name_en = "number"
type = "text"
length = 64
required = true
example = "CC1"

[[field]]
code = "CC_RQ"
name_zh = "抽查日期"
name_en = "date"
type = "date"
required = true
not_future = true
example = "2024-03-05"
"""


@pytest.mark.obligation("9.1c")
def test_the_catalogue_holds_the_thirteen_items_for_legal_and_natural_persons() -> None:
    assert {one.id for one in items()} >= THIRTEEN
    for side in ("legal", "natural"):
        assert any(side in one.catalogues for one in items())


@pytest.mark.obligation("9.1a")
def test_records_cover_platforms_service_firms_and_their_staff() -> None:
    roles = {role for one in items() for role in one.roles.values()}
    assert roles == set(catalogue.SUBJECT_ROLES)


@pytest.mark.obligation("9.2c")
def test_platforms_report_each_kind_of_conduct_that_the_plan_names() -> None:
    conduct = item("platform_violation").field("PT_XW")
    assert conduct.choices == ("恶意评价", "恶意刷单", "虚假流量", "图物不符", "假冒伪劣", "价格欺诈")
    assert conduct.open_choice == "其他-"


def test_the_identity_report_verifies_and_registration_data_reopen_the_verification() -> None:
    assert {one.id for one in items() if one.verifies} == {"identity_report"}
    assert {one.id for one in items() if one.rechecks} == {"licence", "registration", "abnormal_operation"}
    outlet = item("identity_report").outlet
    assert outlet is not None
    assert set(outlet.kinds.values()) == set(catalogue.OUTLET_KINDS)


@pytest.mark.parametrize("row", COLUMNS, ids=lambda row: f"{row['file']}.{row['code']}")
def test_two_publicity_columns_are_those_that_departments_send(row: dict[str, str]) -> None:
    field = item(row["file"]).field(row["code"])
    several = row["rule"].endswith("several joined by ;")
    length = (
        {"": None, "18.6": 18}.get(row["length"]) if row["length"] in {"", "18.6"} else int(row["length"])
    )
    assert field.name_zh == row["name_zh"]
    assert field.type == ("codes" if several else row["type"])
    assert field.length == length
    assert field.required == (row["required"] == "yes")
    assert field.not_future == ("not in the future" in row["rule"])
    assert (field.disclosure == "never") == ("never published" in row["rule"])


def test_two_publicity_columns_stand_in_the_departments_order_and_no_other_stands() -> None:
    for id in ("licence", "penalty"):
        assert list(template.codes(item(id))) == [row["code"] for row in COLUMNS if row["file"] == id]


def test_choices_are_those_of_the_two_publicity_files() -> None:
    for row in COLUMNS:
        field = item(row["file"]).field(row["code"])
        if field.type in {"code", "codes"} and row["rule"] != "as above":
            words = row["rule"].split("; ")[0].split("|")
            opening = "其他-" if words[-1] == "其他-…" else None
            assert field.open_choice == opening
            assert list(field.choices) == [word.split(" ")[0] for word in words if word != "其他-…"]


@pytest.mark.obligation("9.1c")
def test_adding_an_item_is_adding_a_file(tmp_path: Path) -> None:
    (tmp_path / "inspection.2024-01-01.toml").write_text(NEW_ITEM, encoding="utf-8")
    found = item("inspection", folder=tmp_path)
    assert template.headings(found) == ("被抽查主体", "统一社会信用代码", "抽查编号", "抽查日期")
    assert template.json_schema(found)["required"] == ["CC_MC", "CC_DM", "CC_BH", "CC_RQ"]
    assert template.example_row(found)["CC_RQ"] == "2024-03-05"
    assert check_rulebook(folder=tmp_path) == []


def test_the_version_in_force_on_the_day_is_taken() -> None:
    assert item("complaint_outcome", date(2026, 4, 14)).law == "complaint20"
    assert item("complaint_outcome", date(2026, 4, 15)).law == "complaint121"
    assert item("complaint_outcome").law == "complaint121"


def test_before_the_first_version_the_item_does_not_exist() -> None:
    with pytest.raises(LookupError, match="penalty"):
        item("penalty", date(2015, 1, 1))


def test_an_unknown_item_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        LookupError, match=r"征集目录中没有项目“fine”.*abnormal_operation.*third_party_rating"
    ):
        item("fine")


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("inspection.2024-01-01.toml", ("frequency", "frequenzy"), "unknown keys: frequenzy"),
        ("inspection.2024-01-01.toml", ("due =", "due"), "not a valid TOML file"),
        ("inspection.2024-01-01.toml", ("in_force", "since"), "in_force"),
        ("other.2024-01-01.toml", ("", ""), "must be named inspection.2024-01-01.toml"),
        (
            "inspection.2024-01-01.toml",
            ("not_future = true", 'required_when = [{ field = "CC_BH", contains = "a", present = true }]'),
            "exactly one test",
        ),
    ],
)
def test_a_broken_file_is_named_with_its_fault(
    tmp_path: Path, name: str, change: tuple[str, str], message: str
) -> None:
    (tmp_path / name).write_text(NEW_ITEM.replace(*change, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=message) as caught:
        items(folder=tmp_path)
    assert str(caught.value).startswith(name)


@pytest.mark.parametrize(
    ("condition", "kinds", "expected"),
    [
        (Condition("CF_CFLB", contains="罚款"), "警告;罚款", True),
        (Condition("CF_CFLB", contains="罚款"), "警告;其他-罚款以外", False),
        (Condition("CF_CFLB", contains="罚款"), None, False),
        (Condition("CF_CFLB", any_of=("没收违法所得", "没收非法财物")), "罚款; 没收非法财物", True),
        (Condition("CF_CFLB", any_of=("没收违法所得", "没收非法财物")), "罚款", False),
        (Condition("CF_CFLB", only=("警告", "通报批评")), "警告;通报批评", True),
        (Condition("CF_CFLB", only=("警告", "通报批评")), "警告;罚款", False),
        (Condition("CF_CFLB", only=("警告", "通报批评")), "", False),
        (Condition("CF_CFLB", in_=("警告",)), "警告", True),
        (Condition("CF_CFLB", in_=("警告",)), None, False),
        (Condition("CF_CFLB", present=True), " ", False),
        (Condition("CF_CFLB", present=False), None, True),
    ],
)
def test_a_condition_judges_the_joined_values_of_a_cell(
    condition: Condition, kinds: str | None, expected: bool
) -> None:
    assert holds(item("penalty"), (condition,), {"CF_CFLB": kinds}) is expected


def test_several_conditions_mean_all_of_them_and_none_means_always() -> None:
    fine = Condition("CF_CFLB", contains="罚款")
    person = Condition("CF_XDR_LB", in_=("自然人",))
    row = {"CF_CFLB": "罚款", "CF_XDR_LB": "个体工商户"}
    assert not holds(item("penalty"), (fine, person), row)
    assert holds(item("penalty"), (), row)


def test_a_cell_without_separator_is_one_value() -> None:
    assert split_values(item("penalty").field("CF_NR"), "一;二") == ("一;二",)


@pytest.mark.obligation("13d")
def test_no_personal_number_may_be_disclosed() -> None:
    personal = [(one, field) for one in items() for field in one.fields if field.type == "personal"]
    assert personal
    for one, field in personal:
        assert field.disclosure == "never"
        assert field.code not in one.key


def test_nothing_is_called_verified_until_somebody_had_the_text() -> None:
    for one in catalogue.versions():
        assert one.verified == (one.known_from == "checked")
        assert not catalogue.is_verified("memory+search")
