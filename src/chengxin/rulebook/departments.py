"""The departments of the 2017 plan and who they are since the 2018 reform (data/departments.csv).

A department that the plan doesn't name, but that a law calls upon, stands there without a name of 2017.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from chengxin.rulebook.tables import DATA_FOLDER, read_table


@dataclass(frozen=True)
class Department:
    """A department under today's name. One of today may have taken over several of 2017.

    `role` is a source role of the catalogue: credit_office, department or region. `competence` is in English.
    """

    name_zh: str
    name_en: str
    names_2017: tuple[str, ...]
    role: str
    competence: tuple[str, ...]


@lru_cache(maxsize=1)
def departments() -> tuple[Department, ...]:
    """Every department once, under today's name, in the order of the file."""
    found: dict[str, Department] = {}
    for row in read_table(DATA_FOLDER / "departments.csv"):
        names = row["today_zh"].split(" / ")
        english = _shared_out(row["today_en"], len(names))
        competences = _shared_out(row["competence"], len(names))
        for name, name_en, competence in zip(names, english, competences, strict=True):
            known = found.get(name)
            if known is None:
                role = row["role_here"].replace(" ", "_")
                names_2017 = (row["plan_name_2017"],) if row["plan_name_2017"] else ()
                found[name] = Department(name, name_en, names_2017, role, (competence,))
            else:
                found[name] = replace(
                    known,
                    names_2017=(*known.names_2017, row["plan_name_2017"]),
                    competence=(*known.competence, competence),
                )
    return tuple(found.values())


def _shared_out(text: str, count: int) -> list[str]:
    """The parts of a cell, one for each of today's names; the whole cell for each where it is not divided."""
    parts = text.split(" / ")
    return parts if len(parts) == count else [text] * count


def department(name: str) -> tuple[Department, ...]:
    """The departments of today that a name means, today's or that of 2017 (which may have been divided)."""
    found = tuple(one for one in departments() if name == one.name_zh or name in one.names_2017)
    if not found:
        raise LookupError(f"没有部门“{name}” / there is no department '{name}'")
    return found
