"""The laws that records, rules and deadlines cite, with their dates in force (data/laws.csv)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from chengxin.rulebook.catalogue import is_verified
from chengxin.rulebook.tables import DATA_FOLDER, day, in_force, read_table


@dataclass(frozen=True)
class Law:
    """A law, regulation, policy or standard. `repealed` is the first day on which it no longer holds."""

    id: str
    name_zh: str
    name_en: str
    number: str
    in_force: date
    repealed: date | None
    replaced_by: str | None
    governs: str
    known_from: str

    @property
    def verified(self) -> bool:
        """Whether somebody who has the text confirmed the entry."""
        return is_verified(self.known_from)

    def holds_on(self, on: date) -> bool:
        """Whether the law is in force on the day."""
        return in_force(self.in_force, self.repealed, on)


@lru_cache(maxsize=1)
def laws() -> tuple[Law, ...]:
    """Every law, in the order of the file."""
    return tuple(
        Law(
            id=row["id"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            number=row["number"],
            in_force=date.fromisoformat(row["in_force"]),
            repealed=day(row["repealed"]),
            replaced_by=row["replaced_by"] or None,
            governs=row["what_it_governs_here"],
            known_from=row["known_from"],
        )
        for row in read_table(DATA_FOLDER / "laws.csv")
    )


@lru_cache(maxsize=1)
def _by_id() -> dict[str, Law]:
    return {one.id: one for one in laws()}


def law(id: str) -> Law:
    """The law with this id; LookupError where there is none."""
    try:
        return _by_id()[id]
    except KeyError:
        raise LookupError(f"法规库中没有“{id}” / the rulebook has no law '{id}'") from None
