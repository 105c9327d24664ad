"""Who sends the demonstration's files: today's departments, the cities' bureaus, courts, hotline, firms.

Departments bear their real names and demonstration codes: the organisation part begins with the mark.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from chengxin.demo import codes, words
from chengxin.demo.subjects import World, describe
from chengxin.rulebook import departments, places

_FIRST_SERIAL = 800_000_000  # above every subject's number, below codes.SERIALS
_CITY_BUREAU = 1_000
_COURT = 2_000
PROVINCE_COURT = "福建省高级人民法院"
TAX = "国家税务总局福建省税务局"
HOTLINE = "福建省12345政务服务便民热线平台"
MARKET = "福建省市场监督管理局"
POST = "福建省邮政管理局"
COMMERCE = "福建省商务厅"
CIVIL_AFFAIRS = "福建省民政厅"
CULTURE = "福建省文化和旅游厅"
CREDIT_OFFICE = "福建省发展和改革委员会"


@dataclass(frozen=True)
class Source:
    """A source: its name, code, role (catalogue.SOURCE_ROLES), region and the character in its numbers."""

    name: str
    code: str
    role: str
    region: str

    @property
    def letter(self) -> str:
        """The character that stands for its region in the numbers of its decisions."""
        return words.CITY_LETTERS[self.region]


def sources(world: World) -> dict[str, Source]:
    """Every source of the demonstration by its name."""
    found = [*_public_bodies(), *_firms(world)]
    return {one.name: one for one in found}


def city_bureau(city: str) -> str:
    """The name of a city's bureau for market regulation (city: region code)."""
    zones = {zone.code: zone.name_zh for zone in places.zones()}
    return f"{zones.get(city, places.region(city).name)}市场监督管理局"


def public_code(region: str, number: int) -> str:
    """The demonstration code of a public body; `number` tells those of one region apart."""
    return str(public_codes(pl.Series([int(region)]), pl.Series([number]))[0])


def public_codes(region: pl.Series, number: pl.Series) -> pl.Series:
    """The demonstration codes of public bodies (department 1, kind 1)."""
    one = region.cast(pl.Int64) * 0 + 1
    return codes.uscc(one, one, region, number.cast(pl.Int64) + _FIRST_SERIAL)


def county_courts(county: pl.Series) -> pl.Series:
    """The demonstration codes of the counties' courts."""
    return public_codes(county, _COURT + county.cast(pl.Int64) % 10_000)


def _public_bodies() -> list[Source]:
    province = places.PROVINCE
    names = {one.name_zh: one.role for one in departments.departments() if "人民政府" not in one.name_zh}
    names |= {PROVINCE_COURT: "court", HOTLINE: "hotline", TAX: "department"}
    found = [
        Source(name, public_code(province, number), role, province)
        for number, (name, role) in enumerate(names.items())
        if name != "平潭综合实验区管委会"
    ]
    for number, city in enumerate(places.cities(province)):
        code = public_code(city.code, _CITY_BUREAU + number)
        found.append(Source(city_bureau(city.code), code, "region", city.code))
    return found


def _firms(world: World) -> list[Source]:
    """Platforms, and the first carriers, credit agencies, associations and payment institutions."""
    found = []
    for role, sends_as, most in (
        ("platform", "platform", len(words.PLATFORMS)),
        ("logistics_firm", "carrier", 2),
        ("credit_agency", "agency", 2),
        ("association", "association", 2),
        ("payment_institution", "institution", 2),
    ):
        firms = describe(world, world.segments[role].ids().head(most))
        found += [
            Source(row["name"], row["uscc"], sends_as, row["city"]) for row in firms.iter_rows(named=True)
        ]
    return found
