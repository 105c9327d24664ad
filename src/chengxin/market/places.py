"""Where people, shops and depots are: counties of GB/T 2260 with rough positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chengxin.market.numbers import Flags, Floats, Generator, Ints, generator
from chengxin.rulebook.tables import DATA_FOLDER, read_table

# Provinces of the market with the position of their capitals (latitude, longitude, common knowledge) and
# their share.
PROVINCES: dict[str, tuple[float, float, float]] = {
    "35": (26.08, 119.30, 0.46),
    "44": (23.13, 113.26, 0.13),
    "33": (30.27, 120.15, 0.13),
    "36": (28.68, 115.86, 0.05),
    "32": (32.06, 118.80, 0.06),
    "37": (36.65, 117.12, 0.04),
    "42": (30.59, 114.31, 0.04),
    "51": (30.57, 104.07, 0.04),
    "13": (38.04, 114.51, 0.03),
    "21": (41.80, 123.43, 0.02),
}
SCATTER_CITY, SCATTER_COUNTY = 1.3, 0.25  # degrees around the capital, and around the city


@dataclass(frozen=True)
class Places:
    """Counties: code, the numbers of their city and province (hubs), positions in degrees, weight of
    population."""

    codes: pl.Series
    city: Ints
    province: Ints
    latitude: Floats
    longitude: Floats
    cumulated: Floats

    def distance_km(self, one: Ints, other: Ints) -> Floats:
        """Kilometres between counties as the crow flies (equirectangular, good enough below 3,000 km)."""
        middle = np.radians((self.latitude[one] + self.latitude[other]) / 2)
        east = (self.longitude[one] - self.longitude[other]) * np.cos(middle)
        north = self.latitude[one] - self.latitude[other]
        return np.asarray(111.2 * np.hypot(east, north), dtype=np.float64)

    @property
    def count(self) -> int:
        """How many counties there are."""
        return len(self.city)


def places(seed: int) -> Places:
    """The counties of the market's provinces; where exactly cities lie around their capital is drawn."""
    rows = {row["code"]: row for row in read_table(DATA_FOLDER / "regions.csv") if row["level"] == "county"}
    codes = sorted(code for code in rows if code[:2] in PROVINCES)
    random = generator(seed, "places")
    province = np.array([code[:2] for code in codes])
    city = np.array([code[:4] for code in codes])
    kept = _kept(random, province)
    codes = [code for code, keep in zip(codes, kept, strict=True) if keep]
    names, province_of = np.unique(province[kept], return_inverse=True)
    cities, city_of = np.unique(city[kept], return_inverse=True)
    capital = np.array([PROVINCES[name] for name in names])
    first = np.unique(city_of, return_index=True)[1]
    shift = random.normal(0, SCATTER_CITY, (len(cities), 2)) * 0.8
    centre = capital[province_of[first], :2] + shift
    around = random.normal(0, SCATTER_COUNTY, (len(codes), 2))
    people = np.exp(random.normal(0, 0.7, len(codes)))
    for number in range(len(names)):
        here = province_of == number
        people[here] *= capital[number, 2] / people[here].sum()
    return Places(
        codes=pl.Series(codes),
        city=city_of.astype(np.int64),
        province=province_of.astype(np.int64),
        latitude=centre[city_of, 0] + around[:, 0],
        longitude=centre[city_of, 1] + around[:, 1],
        cumulated=np.cumsum(people),
    )


def _kept(random: Generator, province: NDArray[Any]) -> Flags:
    """Most counties of the home province and some of every other's; of each, one at least."""
    kept = random.random(len(province)) < np.where(province == "35", 0.65, 0.1)
    kept[np.unique(province, return_index=True)[1]] = True
    return np.asarray(kept)
