"""Laws, deadlines, places, departments, hotlines and the plan as data."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from chengxin.rulebook import deadlines, departments, hotlines, laws, places, plan
from chengxin.rulebook.tables import read_table


def test_a_law_holds_from_its_first_day_until_the_day_of_its_repeal() -> None:
    trial = laws.law("repair58")
    assert trial.replaced_by == "repair36"
    assert [trial.holds_on(date(2023, 4, 30)), trial.holds_on(date(2023, 5, 1))] == [False, True]
    assert [trial.holds_on(date(2026, 3, 31)), trial.holds_on(date(2026, 4, 1))] == [True, False]


def test_an_unknown_law_is_refused() -> None:
    with pytest.raises(LookupError, match="no law 'abc'"):
        laws.law("abc")


@pytest.mark.parametrize(
    ("id", "on", "length", "unit", "law"),
    [
        ("penalty.general.max", date(2023, 5, 1), 3, "year", "repair58"),
        ("penalty.general.max", date(2026, 3, 31), 3, "year", "repair58"),
        ("penalty.general.max", date(2026, 4, 1), 1, "year", "repair36"),
        ("complaint.mediate", date(2026, 4, 14), 45, "working_day", "complaint20"),
        ("complaint.mediate", date(2026, 4, 15), 60, "calendar_day", "complaint121"),
        ("pooling.sevendays", date(2026, 1, 1), 7, "working_day", "gbf2020-49"),
    ],
)
def test_the_law_of_the_cases_date_decides_a_deadline(
    id: str, on: date, length: int, unit: str, law: str
) -> None:
    found = deadlines.deadline(id, on)
    assert (found.length, found.unit, found.law) == (length, unit, law)
    assert (found.period.length, found.period.unit) == (length, unit)


def test_before_the_first_row_a_deadline_says_since_when_it_is_known() -> None:
    with pytest.raises(LookupError, match="2023-05-01"):
        deadlines.deadline("penalty.general.max", date(2023, 4, 30))


def test_an_unknown_deadline_is_refused() -> None:
    with pytest.raises(LookupError, match="no deadline 'abc'"):
        deadlines.deadline("abc", date(2026, 1, 1))


def test_a_deadline_without_length_cannot_be_counted() -> None:
    with pytest.raises(ValueError, match="no length to count"):
        _ = deadlines.deadline("platform.identity", date(2026, 1, 1)).period


def test_fujian_has_nine_cities_and_pingtan() -> None:
    cities = places.cities()
    assert len(cities) == 10
    assert [one.code for one in cities if one.level != "city"] == ["350128"]


def test_a_region_is_named_with_those_above_it() -> None:
    assert places.full_name("350102") == "福建省福州市鼓楼区"
    assert places.full_name("110101") == "北京市东城区"
    assert places.full_name("441900") == "广东省东莞市"


def test_regions_under_a_region_leave_it_and_others_out() -> None:
    fuzhou = places.regions("350100")
    assert {one.code[:4] for one in fuzhou} == {"3501"}
    assert "350100" not in {one.code for one in fuzhou}
    assert not places.is_region("350199")
    with pytest.raises(LookupError, match="350199"):
        places.region("350199")


def test_every_department_of_2017_has_a_successor() -> None:
    market = departments.department("省质监局")
    assert [one.name_zh for one in market] == ["福建省市场监督管理局"]
    divided = departments.department("省食药监局")
    assert {one.name_zh for one in divided} == {"福建省药品监督管理局", "福建省市场监督管理局"}
    assert [one.role for one in departments.department("省发改委")] == ["credit_office"]
    names = [one.name_zh for one in departments.departments()]
    assert len(names) == len(set(names))
    with pytest.raises(LookupError):
        departments.department("户部")


def test_hotlines_say_what_became_of_them() -> None:
    by_number = {one.number: one for one in hotlines.hotlines()}
    assert by_number["12358"].today == "merged into 12315"


def test_the_plan_names_every_obligation_with_its_deadline() -> None:
    assert plan.obligation("9.1c").deadline == date(2017, 12, 31)
    assert plan.obligation("11a").deadline is None
    assert "工商局" in plan.obligation("4.1a").departments_2017
    with pytest.raises(LookupError, match="99"):
        plan.obligation("99")


def test_a_table_whose_row_lacks_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"t\.csv.*line 3"):
        read_table(path)
