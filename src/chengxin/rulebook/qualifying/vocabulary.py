"""The names that a qualifying rule may use: items and fields of the catalogue, named facts, lists.

Headings are matched as they stand in the catalogue; ids and codes do as well. Lists are known here by name
and kind alone, since their files hold qualifying rules themselves.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Field, FieldType, Item
from chengxin.rulebook.qualifying.tree import ANY_KIND, SEVERITY, Op
from chengxin.rulebook.tables import DATA_FOLDER, read_table

LISTS_FOLDER = DATA_FOLDER / "lists"

KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "black": ("黑名单", "black list"),
        "red": ("红名单", "red list"),
        "attention": ("关注名单", "attention list"),
    }
)
SEVERITIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"minor": ("轻微", "minor"), "general": ("一般", "general"), "serious": ("严重", "serious")}
)
SEVERITY_NAME = ("失信等级", "class of dishonest information")

COMPARE: tuple[Op, ...] = ("at_least", "above", "below", "at_most", "equals")
_PRESENT: tuple[Op, ...] = ("filled", "empty")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that the archive does not hold: a number, a grade (`order`: worst first) or yes and no."""

    id: str
    name_zh: str
    name_en: str
    type: Literal["number", "grade", "boolean"]
    order: tuple[str, ...]
    known_from: str
    note: str


@dataclass(frozen=True, slots=True)
class ListName:
    """A list by name and kind."""

    id: str
    name_zh: str
    name_en: str
    kind: str


@lru_cache(maxsize=1)
def named_facts() -> Mapping[str, Fact]:
    """Every named fact by id (data/lists/facts.csv)."""
    return MappingProxyType(
        {
            row["id"]: Fact(
                id=row["id"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                type=row["type"],  # type: ignore[arg-type]  # list_checks proves it
                order=tuple(row["order"].split()),
                known_from=row["known_from"],
                note=row["note"],
            )
            for row in read_table(LISTS_FOLDER / "facts.csv")
        }
    )


@lru_cache(maxsize=1)
def list_names() -> Mapping[str, ListName]:
    """Every shipped list by id, and the lists of each kind together."""
    found = {
        f"{ANY_KIND}{kind}": ListName(f"{ANY_KIND}{kind}", f"任何{zh}", f"any {en}", kind)
        for kind, (zh, en) in KINDS.items()
    }
    for path in sorted(LISTS_FOLDER.glob("*.toml")):
        head = tomllib.loads(path.read_text(encoding="utf-8"))
        found[head["id"]] = ListName(head["id"], head["name_zh"], head["name_en"], head["kind"])
    return MappingProxyType(found)


def item_of(id: str) -> Item:
    """The newest version of a catalogue item."""
    return catalogue.item(id)


@lru_cache(maxsize=4096)
def field_of(item: str, code: str) -> Field:
    """The field of an item; the class of dishonest information counts as a field of every item."""
    if code == SEVERITY:
        labels = dict(SEVERITIES.values())
        zh, en = SEVERITY_NAME
        return Field(SEVERITY, zh, en, "code", "一般", choices=tuple(labels), labels_en=labels)
    return item_of(item).field(code)


@lru_cache(maxsize=1)
def item_names() -> Mapping[str, str]:
    """Heading or id → item id."""
    found = {one.name_zh: one.id for one in catalogue.items()}
    return MappingProxyType(found | {one.id: one.id for one in catalogue.items()})


@lru_cache(maxsize=64)
def field_names(item: str) -> Mapping[str, str]:
    """Heading or code → code, of the item's newest version."""
    fields = item_of(item).fields
    found = {SEVERITY_NAME[0]: SEVERITY} | {one.name_zh: one.code for one in fields}
    return MappingProxyType(found | {one.code: one.code for one in fields})


@lru_cache(maxsize=1)
def fact_names() -> Mapping[str, str]:
    """Name or id → fact id."""
    found = {one.name_zh: one.id for one in named_facts().values()}
    return MappingProxyType(found | {one: one for one in named_facts()})


@lru_cache(maxsize=1)
def names_of_lists() -> Mapping[str, str]:
    """Name or id → list id."""
    found = {one.name_zh: one.id for one in list_names().values()}
    return MappingProxyType(found | {one: one for one in list_names()})


def choices(field: Field) -> tuple[str, ...]:
    """The values that the field may have; none where it is free."""
    return ("是", "否") if field.type == "boolean" else field.choices


def allowed_ops(field: Field) -> tuple[Op, ...]:
    """The tests that make sense on a field; none on personal numbers, by which nobody may be judged."""
    kinds: dict[FieldType, tuple[Op, ...]] = {
        "code": ("is", *_PRESENT),
        "boolean": ("is", *_PRESENT),
        "codes": ("has", "only", *_PRESENT),
        "decimal": (*COMPARE, *_PRESENT),
        "integer": (*COMPARE, *_PRESENT),
        "date": (*COMPARE, *_PRESENT),
        "personal": (),
    }
    found = kinds.get(field.type, ("is", "mentions", *_PRESENT))
    if field.code == SEVERITY:
        return ("is",)
    return (*found, "mentions") if field.open_choice else found
