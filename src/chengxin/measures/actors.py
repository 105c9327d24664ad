"""Who must carry a measure out on a subject: pure, from the catalogue and the organisations that there are.

A department that has a bureau in the subject's city acts through it. Actors that this installation doesn't
know are not invented: there is nobody to tell, and the figures say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from chengxin.measures.subjects import Known
from chengxin.rulebook import places
from chengxin.rulebook.measures import Measure

_PROVINCE_NAME = "福建省"


@dataclass(frozen=True)
class Organisation:
    """An organisation as far as it may have to act."""

    id: int
    code: str | None
    name: str
    role: str


@dataclass(frozen=True)
class Directory:
    """The organisations of an installation, to be asked by name, by code and by role."""

    by_name: dict[str, int]
    platforms: dict[str, int]
    everywhere: tuple[int, ...]
    institutions: tuple[int, ...]

    @classmethod
    def of(cls, organisations: Iterable[Organisation]) -> Directory:
        """From the organisations that there are."""
        every = list(organisations)
        platforms = [one for one in every if one.role == "platform"]
        return cls(
            {one.name: one.id for one in every},
            {one.code: one.id for one in platforms if one.code},
            tuple(one.id for one in platforms),
            tuple(one.id for one in every if one.role == "institution"),
        )


def actors(measure: Measure, subject: Known, directory: Directory) -> tuple[int, ...]:
    """The organisations that must act, each once; none where no actor is known here.

    Of a natural person only platforms learn on which it sells, even where a measure is for every platform: no
    other needs to know (E-Commerce Law art. 27); the admission check tells it once the person sells there.
    """
    found = [] if measure.actor == "platform" else _departments(measure, subject, directory)
    if measure.actor == "platform":
        found += (
            directory.everywhere
            if measure.where == "everywhere" and subject.kind != "natural_person"
            else [directory.platforms[code] for code in sorted(subject.platforms & set(directory.platforms))]
        )
    if measure.actor == "institution":
        found += directory.institutions
    return tuple(dict.fromkeys(found))


def _departments(measure: Measure, subject: Known, directory: Directory) -> list[int]:
    known = []
    for name in measure.departments:
        names = (*_local(name, subject.region), name)
        acting = next((directory.by_name[one] for one in names if one in directory.by_name), None)
        if acting is not None:
            known.append(acting)
    return known


def _local(name: str, region: str | None) -> Sequence[str]:
    """The name of a department's bureau in the city: 福建省财政厅 → 福州市财政局."""
    city = _city(region) if region and name.startswith(_PROVINCE_NAME) else None
    if city is None:
        return ()
    bureau = name.removeprefix(_PROVINCE_NAME)
    return (f"{city}{bureau.removesuffix('厅')}局" if bureau.endswith("厅") else f"{city}{bureau}",)


@cache
def _city(region: str) -> str | None:
    zones = {one.code: one.name_zh for one in places.zones()}
    try:
        above = places.ancestors(region)
    except LookupError:
        return None
    found = next((one for one in above if one.acts_as == "city"), None)
    return None if found is None else zones.get(found.code, found.name)
