"""What can be asked of the sums: how many subjects there are and how many records are public, by what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from chengxin.archive.counting import counted
from chengxin.database import reading

__all__ = ["Cell", "PlatformFigures", "counted", "platform_figures", "published", "subjects_by"]

SMALLEST = 5
"""Numbers below are not published, so that nobody is recognised by them."""

Dimension = Literal["item", "kind", "city", "month"]


@dataclass(frozen=True)
class Cell:
    """One number of a table; `number` is None where it is not published (too small, or it would give away
    one that is)."""

    of: tuple[str, ...]
    number: int | None


def published(*dimensions: Dimension, since: date | None = None) -> list[Cell]:
    """Records that were public at the newest count, by some of the dimensions; from a month on."""
    columns = ", ".join(f"{one}::text" for one in dimensions)
    found = reading.rows(
        f"SELECT {columns}, sum(records)::bigint FROM archive_publishedcount "
        "WHERE %s::date IS NULL OR month >= %s::date "
        f"GROUP BY {columns} HAVING sum(records) > 0 ORDER BY {columns}",
        [since, since],
    )
    return _published([(tuple(of), number) for *of, number in found])


def subjects_by(dimension: Literal["kind", "city"]) -> list[Cell]:
    """Subjects by kind or city, natural persons only by kind."""
    kept = "" if dimension == "kind" else "WHERE kind <> 'natural_person'"
    found = reading.rows(
        f"SELECT {dimension}::text, sum(subjects)::bigint FROM archive_subjectcount {kept} "
        "GROUP BY 1 ORDER BY 1"
    )
    return _published([((of,), number) for of, number in found])


def _published(found: list[tuple[tuple[str, ...], int]]) -> list[Cell]:
    """The numbers that may be shown. Where one alone is too small, the next smallest is withheld as well:
    else the first would be known by taking the others from a total of another table."""
    small = {of for of, number in found if number < SMALLEST}
    if len(small) == 1 and len(found) > 1:
        small.add(min((number, of) for of, number in found if of not in small)[1])
    return [Cell(of, None if of in small else number) for of, number in found]


@dataclass(frozen=True)
class PlatformFigures:
    """Shops on a platform that run, and how many of them have an operator whose identity is verified."""

    shops: int
    verified: int

    @property
    def share(self) -> float | None:
        """Share of shops whose operator is verified; None without shops."""
        return self.verified / self.shops if self.shops else None


def platform_figures(codes: list[str]) -> PlatformFigures:
    """The sums of the platform that has one of these codes."""
    found = reading.row(
        "SELECT coalesce(sum(shops), 0)::bigint, coalesce(sum(verified), 0)::bigint "
        "FROM archive_platformcount WHERE code = ANY(%s::text[])",
        [codes],
    )
    return PlatformFigures(*(found or (0, 0)))
