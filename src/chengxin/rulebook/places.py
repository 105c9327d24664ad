"""Regions by GB/T 2260 (data/regions.csv; source china-division 2.7, MIT) and zones that act as a city."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from chengxin.rulebook.tables import DATA_FOLDER, read_table

PROVINCE = "350000"  # Fujian, whose plan this is


@dataclass(frozen=True)
class Region:
    """A province, city or county. `acts_as` is the level it works at: a zone may act as a city."""

    code: str
    name: str
    level: str
    parent: str | None
    acts_as: str


@dataclass(frozen=True)
class Zone:
    """A zone that stands under a county's code but acts at another level, under a name of its own."""

    code: str
    acts_as: str
    name_zh: str
    name_en: str
    known_from: str


@lru_cache(maxsize=1)
def zones() -> tuple[Zone, ...]:
    """The zones (data/region_roles.csv)."""
    return tuple(Zone(**row) for row in read_table(DATA_FOLDER / "region_roles.csv"))


@lru_cache(maxsize=1)
def _by_code() -> dict[str, Region]:
    roles = {zone.code: zone.acts_as for zone in zones()}
    rows: dict[str, dict[str, str]] = {}
    for row in read_table(DATA_FOLDER / "regions.csv"):
        rows.setdefault(
            row["code"], row
        )  # cities without counties stand twice, as city and as county of themselves
    return {
        code: Region(
            code=code,
            name=row["name"],
            level=row["level"],
            parent=_parent(row, rows),
            acts_as=roles.get(code, row["level"]),
        )
        for code, row in rows.items()
    }


def _parent(row: dict[str, str], rows: dict[str, dict[str, str]]) -> str | None:
    """The region above that has a row: counties of municipalities, and those governed by the province itself,
    name a city that GB/T 2260 has no name for; the province stands above them."""
    if row["parent"] in rows:
        return row["parent"]
    province = f"{row['code'][:2]}0000"
    return province if row["parent"] and province in rows else None


def region(code: str) -> Region:
    """The region with this six-digit code; LookupError where GB/T 2260 has none."""
    try:
        return _by_code()[code]
    except KeyError:
        raise LookupError(f"没有行政区划代码“{code}” / there is no region code '{code}'") from None


def is_region(code: str) -> bool:
    """Whether the six digits are a region's code."""
    return code in _by_code()


def ancestors(code: str) -> tuple[Region, ...]:
    """The region and those above it, the province first."""
    chain = [region(code)]
    while chain[0].parent is not None:
        chain.insert(0, region(chain[0].parent))
    return tuple(chain)


def full_name(code: str) -> str:
    """The name with those above it: 福建省福州市鼓楼区."""
    return "".join(one.name for one in ancestors(code))


@lru_cache(maxsize=64)
def regions(under: str | None = None) -> tuple[Region, ...]:
    """All regions, or those below one (children and theirs, itself not), by code."""
    if under is None:
        return tuple(_by_code().values())
    above = region(under)
    return tuple(one for one in _by_code().values() if one is not above and _is_under(one, above))


def _is_under(one: Region, above: Region) -> bool:
    return any(step is above for step in ancestors(one.code)[:-1])


def cities(under: str = PROVINCE) -> tuple[Region, ...]:
    """What acts as a city under a province: its cities and zones such as Pingtan."""
    return tuple(one for one in regions(under) if one.acts_as == "city")
