"""The fictional province: who is in it, and that the same arguments make the same people."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from chengxin.demo import shops, sources, words
from chengxin.demo.draws import Draw
from chengxin.demo.subjects import NATURAL, World, describe
from chengxin.kernel import identifiers
from chengxin.rulebook import catalogue, departments, places

TODAY = date(2026, 6, 30)
WORLD = World(2017, 1.0, TODAY)


@pytest.fixture(scope="module")
def everybody() -> pl.DataFrame:
    return describe(WORLD, WORLD.ids(list(WORLD.segments)))


@pytest.mark.parametrize("scale", [0.1, 1, 7.5, 1700])
def test_the_number_of_subjects_follows_the_scale(scale: float) -> None:
    assert World(1, scale, TODAY).total == pytest.approx(max(100, 600 * scale), rel=0.01)


@pytest.mark.parametrize("scale", [0, -1, 10_000])
def test_a_scale_that_cannot_be_says_what_can(scale: float) -> None:
    with pytest.raises(ValueError, match=r"at most \d+"):
        World(1, scale, TODAY)


def test_every_role_of_the_plan_has_subjects() -> None:
    assert {*catalogue.SUBJECT_ROLES} - {*WORLD.segments} == set()
    assert all(segment.count >= 3 for segment in WORLD.segments.values())


def test_firms_have_valid_codes_of_their_county_and_persons_have_none(everybody: pl.DataFrame) -> None:
    firms = everybody.filter(pl.col("kind") != "natural_person")
    assert all(identifiers.is_valid_uscc(code) for code in firms["uscc"])
    assert (firms["uscc"].str.slice(2, 6) == firms["county"]).all()
    assert firms["uscc"].n_unique() == len(firms)
    persons = everybody.filter(pl.col("role").is_in(NATURAL))
    assert persons["uscc"].null_count() == persons["regno"].null_count() == len(persons)
    assert persons["person_id"].n_unique() == len(persons)


def test_seats_are_real_counties_of_the_province(everybody: pl.DataFrame) -> None:
    assert all(
        places.region(code).level == "county" and code.startswith("35")
        for code in everybody["county"].unique()
    )
    assert everybody["city"].n_unique() == len(places.cities())


def test_a_subject_is_the_same_in_whatever_order_and_chunk_it_is_described(everybody: pl.DataFrame) -> None:
    some = pl.Series([301, 7, 599, 7, 0])
    assert describe(WORLD, some).equals(everybody[some.to_list()])


def test_another_seed_makes_other_people(everybody: pl.DataFrame) -> None:
    other = World(2018, 1.0, TODAY)
    names = describe(other, other.ids(["merchant"]))["name"]
    assert len(set(names) & set(everybody["name"])) < len(names) / 20


def test_draws_are_uniform_enough() -> None:
    ids = pl.DataFrame({"id": pl.int_range(20_000, eager=True)})
    drawn = ids.select(Draw(1).below(pl.col("id"), "die", 6)).to_series().value_counts()["count"]
    assert len(drawn) == 6
    assert drawn.min() > 3_100  # type: ignore[operator]  # expected 3,333, five standard deviations are 264
    assert drawn.max() < 3_600  # type: ignore[operator]


def test_two_shops_of_one_operator_are_on_different_platforms() -> None:
    ids = pl.DataFrame({"id": WORLD.ids(("merchant",))})
    both = ids.select(
        a=shops.platform_of(Draw(3), pl.col("id"), 0), b=shops.platform_of(Draw(3), pl.col("id"), 1)
    )
    assert (both["a"] != both["b"]).all()
    assert both["a"].is_between(0, len(words.PLATFORMS) - 1).all()


def test_sources_are_todays_departments_with_marked_codes() -> None:
    found = sources.sources(WORLD)
    named = {one.name_zh for one in departments.departments()}
    assert {
        sources.MARKET,
        sources.POST,
        sources.COMMERCE,
        sources.CULTURE,
        sources.CIVIL_AFFAIRS,
    } <= named & set(found)
    assert all(identifiers.is_valid_uscc(one.code) and one.code[8:10] == "DM" for one in found.values())
    assert len({one.code for one in found.values()}) == len(found)
    assert {one.role for one in found.values()} <= set(catalogue.SOURCE_ROLES)
