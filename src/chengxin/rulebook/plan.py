"""The plan's obligations: who must have done what by when (data/obligations.csv)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from chengxin.rulebook.tables import DATA_FOLDER, day, read_table


@dataclass(frozen=True)
class Obligation:
    """One obligation of one clause. `departments_2017` are short names; `deadline` None means continuous."""

    id: str
    clause: str
    text_zh: str
    text_en: str
    obliged: str
    departments_2017: tuple[str, ...]
    deadline: date | None
    served_by: str


@lru_cache(maxsize=1)
def obligations() -> tuple[Obligation, ...]:
    """Every obligation, in the order of the plan."""
    return tuple(
        Obligation(
            id=row["id"],
            clause=row["clause"],
            text_zh=row["obligation_zh"],
            text_en=row["obligation_en"],
            obliged=row["obliged"],
            departments_2017=tuple(row["departments_2017"].split()),
            deadline=day(row["deadline"]),
            served_by=row["served_by"],
        )
        for row in read_table(DATA_FOLDER / "obligations.csv")
    )


def obligation(id: str) -> Obligation:
    """The obligation with this id; LookupError where the plan has none."""
    for one in obligations():
        if one.id == id:
            return one
    raise LookupError(f"实施方案中没有义务“{id}” / the plan has no obligation '{id}'")
