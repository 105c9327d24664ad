"""The complaint hotlines of the plan (clause 12.1) and what became of them (data/hotlines.csv)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from chengxin.rulebook.tables import DATA_FOLDER, read_table


@dataclass(frozen=True)
class Hotline:
    """A hotline, who kept it in 2017, what it is today and what it is for."""

    number: str
    name_zh: str
    name_en: str
    keeper_2017: str
    today: str
    subjects: str


@lru_cache(maxsize=1)
def hotlines() -> tuple[Hotline, ...]:
    """Every hotline, in the order of the file."""
    return tuple(Hotline(**row) for row in read_table(DATA_FOLDER / "hotlines.csv"))
