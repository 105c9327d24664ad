"""The words that the fictional province is made of (data/words.toml), all invented or generic."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA_FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Trade:
    """A line of e-commerce.

    company, shop: words of the trade in the names of companies and of shops; goods: what is sold;
    licence: the licence that it is run under; cities: where it is strong.
    """

    id: str
    weight: float
    company: tuple[str, ...]
    shop: tuple[str, ...]
    goods: tuple[str, ...]
    licence: str
    cities: tuple[str, ...]


@dataclass(frozen=True)
class Platform:
    """A fictional platform: registered name, what people call it, its domain and the county of its seat."""

    name: str
    brand: str
    domain: str
    county: str


_words = tomllib.loads((DATA_FOLDER / "words.toml").read_text(encoding="utf-8"))


def _frozen(table: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}


TRADES = tuple(Trade(**_frozen(table)) for table in _words["trade"])
PLATFORMS = tuple(Platform(**table) for table in _words["platform"])
BRAND_FIRST: str = _words["brand_first"]
BRAND_SECOND: str = _words["brand_second"]
BRAND_THIRD: str = _words["brand_third"]
GIVEN_FIRST: str = _words["given_first"]
GIVEN_SECOND: str = _words["given_second"]
ROADS: tuple[str, ...] = tuple(_words["roads"])
PARKS: tuple[str, ...] = tuple(_words["parks"])
SURNAMES: dict[str, float] = _words["surnames"]
CITY_LETTERS: dict[str, str] = _words["city_letters"]
CITY_WEIGHTS: dict[str, float] = _words["city_weights"]
