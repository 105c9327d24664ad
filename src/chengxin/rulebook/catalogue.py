"""The collection catalogue (征集目录): what may be collected, on whom, with which fields, for whose eyes.

Policy clause 9.1. One TOML file a version, `data/catalogue/<item>.<in_force>.toml`; adding an item is
adding a file. This module holds the shapes and the loader; `check.py` proves the files, `publication.py`
applies the publication rules, `template.py` derives templates and schemas.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from dataclasses import fields as attributes
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

Disclosure = Literal["public", "shared", "authorised"]
FieldDisclosure = Literal["public", "shared", "authorised", "never"]
FieldType = Literal[
    "text", "code", "codes", "uscc", "regno", "orgcode", "personal", "date",
    "decimal", "integer", "url", "phone", "region", "gtin", "boolean",
]  # fmt: skip
SubjectKind = Literal["legal_person", "organisation", "individual_business", "natural_person"]
Severity = Literal["minor", "general", "serious"]

FIELD_TYPES: tuple[str, ...] = get_args(FieldType)
KNOWN_FROM = ("checked", "search", "memory", "memory+search", "design")
SUBJECT_KINDS: Mapping[str, tuple[str, str]] = {
    "legal_person": ("法人", "legal person"),
    "organisation": ("非法人组织", "organisation without legal personality"),
    "individual_business": ("个体工商户", "individually-owned business"),
    "natural_person": ("自然人", "natural person"),
}
SUBJECT_ROLES: Mapping[str, tuple[str, str]] = {
    "platform": ("电子商务平台", "platform"),
    "merchant": ("入驻商家", "merchant"),
    "individual_seller": ("个人卖家", "individual seller"),
    "logistics_firm": ("寄递物流企业", "logistics firm"),
    "courier": ("快递从业人员", "courier"),
    "agency_operation": ("代运营机构", "agency operation"),
    "consulting": ("咨询机构", "consulting"),
    "credit_agency": ("信用服务机构", "credit service agency"),
    "payment_institution": ("支付机构", "payment institution"),
    "association": ("行业协会", "trade association"),
}
SOURCE_ROLES: Mapping[str, tuple[str, str]] = {
    "credit_office": ("信用牵头部门", "credit office"),
    "department": ("主管、监管部门", "department"),
    "region": ("设区市、平潭", "city or zone"),
    "court": ("人民法院", "court"),
    "hotline": ("投诉举报热线", "hotline"),
    "platform": ("电子商务平台", "platform"),
    "carrier": ("寄递物流企业", "carrier"),
    "institution": ("支付机构", "payment institution"),
    "agency": ("信用服务机构", "credit service agency"),
    "association": ("行业协会", "trade association"),
}
OUTLET_KINDS: Mapping[str, tuple[str, str]] = {
    "shop": ("网店", "shop"),
    "website": ("网站", "website"),
    "app": ("应用程序", "app"),
    "live_room": ("直播间", "live room"),
}
FREQUENCIES: Mapping[str, tuple[str, str]] = {
    "event": ("发生时报送", "when it happens"),
    "daily": ("每日", "daily"),
    "monthly": ("每月", "monthly"),
    "half_yearly": ("每半年", "half-yearly"),
    "yearly": ("每年", "yearly"),
}


class CatalogueError(ValueError):
    """A catalogue file that cannot be read as an item; the message names file, entry and mend."""


@dataclass(frozen=True)
class Condition:
    """One condition on one field of a row; several together mean `and`. Exactly one test is set.

    in_       the value is one of these
    contains  this value is among the (joined) values
    any_of    at least one of these is among the (joined) values
    only      there are values, and none but these
    present   the field is filled (True) or empty (False)
    """

    field: str
    in_: tuple[str, ...] | None = None
    contains: str | None = None
    any_of: tuple[str, ...] | None = None
    only: tuple[str, ...] | None = None
    present: bool | None = None


@dataclass(frozen=True)
class Field:
    """One column. `required_when` and `forbidden_when` act when all their conditions hold (never when empty).

    `length` is the most characters, for decimals the most digits, `scale` of them after the point.
    A `codes` field joins several choices by `separator`. A value that begins with `open_choice` ("其他-")
    and goes on is allowed besides `choices`. `labels_*` give the words for coded choices ("1" → "有效").
    """

    code: str
    name_zh: str
    name_en: str
    type: FieldType
    example: str
    disclosure: FieldDisclosure = "public"
    length: int | None = None
    scale: int | None = None
    required: bool = False
    required_when: tuple[Condition, ...] = ()
    forbidden_when: tuple[Condition, ...] = ()
    choices: tuple[str, ...] = ()
    labels_zh: Mapping[str, str] = attribute(default_factory=dict, hash=False)
    labels_en: Mapping[str, str] = attribute(default_factory=dict, hash=False)
    open_choice: str | None = None
    separator: str | None = None
    not_future: bool = False
    not_before: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Check:
    """A check over several fields: `one_of`: at least one of `fields` is filled when `when` holds."""

    kind: Literal["one_of"]
    fields: tuple[str, ...]
    message_zh: str
    message_en: str
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class LawRef:
    """A law (id of laws.csv) and its article ("" where the article is not known)."""

    law: str
    article: str = ""


@dataclass(frozen=True)
class PublicationRule:
    """One rule of publication; the first whose `when` holds decides. Applied by `publication.publish`.

    The public sees the record from the item's date to the earlier of `deadline` (a longest period, id of
    deadlines.csv, or of `fallback` on dates where `deadline` has no row) and `until_field`. `laws` are cited
    where no deadline is: the one in force on the record's date.
    """

    disclosure: Disclosure
    when: tuple[Condition, ...] = ()
    deadline: str | None = None
    fallback: str | None = None
    until_field: str | None = None
    class_: Severity | None = None
    laws: tuple[LawRef, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class SubjectFields:
    """Which columns say whose record it is.

    identifiers: scheme id (kernel.identifiers) → field code; a personal number stands under `resident_id`,
    and `person_id_type` names the column that says which document it is (`person_id_schemes`: its value →
    scheme). It identifies the subject only where the subject is a natural person.
    kinds: value of the `kind` column → registry kinds it may mean, the first for a new subject.
    default_kinds: the same where there is no kind column.
    """

    name: str
    kind: str | None = None
    kinds: Mapping[str, tuple[str, ...]] = attribute(default_factory=dict, hash=False)
    default_kinds: tuple[str, ...] = ()
    identifiers: Mapping[str, str] = attribute(default_factory=dict, hash=False)
    legal_person: str | None = None
    phone: str | None = None
    address: str | None = None
    region: str | None = None
    person_id_type: str | None = None
    person_id_schemes: Mapping[str, str] = attribute(default_factory=dict, hash=False)


@dataclass(frozen=True)
class OutletFields:
    """Which columns describe a shop, website, app or live room that the subject runs."""

    kind: str
    name: str
    url: str
    platform: str  # column with the platform's USCC
    platform_name: str | None = None
    opened: str | None = None
    closed: str | None = None
    kinds: Mapping[str, str] = attribute(default_factory=dict, hash=False)  # value of `kind` → outlet kind


@dataclass(frozen=True)
class Item:
    """One item of the catalogue in one version. `until`: the first day on which it no longer holds."""

    id: str
    version: date
    until: date | None
    name_zh: str
    name_en: str
    about_zh: str
    about_en: str
    catalogues: tuple[str, ...]
    law: str
    article: str
    known_from: str
    sources: tuple[str, ...]
    frequency: str
    due: str | None  # deadline (deadlines.csv) for sending it, counted from the item's date
    disclosure: Disclosure
    key: tuple[str, ...]
    date: str
    subject: SubjectFields
    role: str | None
    role_field: str | None
    outlet: OutletFields | None
    verifies: bool
    rechecks: bool
    names: bool  # the name in a row is the one registered: a change of it goes into the subject's history
    publication: tuple[PublicationRule, ...]
    fields: tuple[Field, ...]
    checks: tuple[Check, ...]
    roles: Mapping[str, str] = attribute(default_factory=dict, hash=False)  # value of `role_field` → role

    @property
    def verified(self) -> bool:
        """Whether somebody who has the text confirmed the entry."""
        return is_verified(self.known_from)

    def field(self, code: str) -> Field:
        """The field with this code; KeyError names the item and the code."""
        for one in self.fields:
            if one.code == code:
                return one
        raise KeyError(f"征集目录项目{self.id}没有字段{code} / item {self.id} has no field {code}")


def is_verified(known_from: str) -> bool:
    """Only a text that was checked counts; `search`, `memory` and `design` do not."""
    return known_from == "checked"


def holds(item: Item, conditions: tuple[Condition, ...], row: Mapping[str, str | None]) -> bool:
    """Whether all conditions hold on a row (field code → text or None). No conditions: True."""
    return all(_holds(item, condition, row) for condition in conditions)


def _holds(item: Item, condition: Condition, row: Mapping[str, str | None]) -> bool:
    values = split_values(item.field(condition.field), row.get(condition.field))
    if condition.present is not None:
        return bool(values) == condition.present
    if condition.in_ is not None:
        return len(values) == 1 and values[0] in condition.in_
    if condition.contains is not None:
        return condition.contains in values
    if condition.any_of is not None:
        return any(value in condition.any_of for value in values)
    return bool(values) and all(value in (condition.only or ()) for value in values)


def split_values(field: Field, text: str | None) -> tuple[str, ...]:
    """The values of one cell: none when empty, several where the field joins them by its separator."""
    if text is None or not text.strip():
        return ()
    parts = text.split(field.separator) if field.separator else [text]
    return tuple(part.strip() for part in parts if part.strip())


CATALOGUE_FOLDER = Path(__file__).parent / "data" / "catalogue"


def items(on: date | None = None, *, folder: Path | None = None) -> tuple[Item, ...]:
    """Every item once, by id: the version in force on the day, without a day the newest one."""
    newest: dict[str, Item] = {}
    for one in versions(folder=folder):  # ordered by id and version, so that the newest stays
        if on is None or (one.version <= on and (one.until is None or on < one.until)):
            newest[one.id] = one
    return tuple(newest.values())


def item(id: str, on: date | None = None, *, folder: Path | None = None) -> Item:
    """The item's version in force on the day, without a day the newest; LookupError lists the known ids."""
    found = items(on, folder=folder)
    for one in found:
        if one.id == id:
            return one
    known = ", ".join(one.id for one in found)
    day = f" ({on.isoformat()})" if on else ""
    raise LookupError(
        f"征集目录中没有项目“{id}”{day}，请从下列项目中选择：{known} / "
        f"the catalogue has no item '{id}'{day}; choose one of: {known}"
    )


def versions(*, folder: Path | None = None) -> tuple[Item, ...]:
    """Every version of every item, by id and date in force; read once a folder."""
    return _read_folder(folder or CATALOGUE_FOLDER)


@lru_cache(maxsize=8)
def _read_folder(folder: Path) -> tuple[Item, ...]:
    found = [read_item(path) for path in sorted(folder.glob("*.toml"))]
    return tuple(sorted(found, key=lambda one: (one.id, one.version)))


def read_item(path: Path) -> Item:
    """Read one catalogue file, named `<item>.<in_force>.toml`; CatalogueError says what to mend."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}: 不是有效的TOML文件 / not a valid TOML file: {error}") from error
    try:
        found = _item(table)
    except (TypeError, KeyError, AttributeError, CatalogueError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error
    expected = f"{found.id}.{found.version.isoformat()}.toml"
    if path.name != expected:
        raise CatalogueError(f"{path.name}: 文件名应为 / the file must be named {expected}")
    return found


def _item(table: dict[str, Any]) -> Item:
    rest = dict(table)
    rest["version"] = rest.pop("in_force")
    rest.setdefault("until", None)
    for optional in ("due", "role", "role_field"):
        rest.setdefault(optional, None)
    for flag in ("verifies", "rechecks", "names"):
        rest.setdefault(flag, False)
    rest["subject"] = _make(SubjectFields, rest["subject"])
    outlet = rest.pop("outlet", None)
    rest["outlet"] = _make(OutletFields, outlet) if outlet is not None else None
    rest["fields"] = tuple(_field(one) for one in rest.pop("field"))
    rest["checks"] = tuple(_make(Check, _with_conditions(one, "when")) for one in rest.pop("check", []))
    rest["publication"] = tuple(_publication(one) for one in rest["publication"])
    return _make(Item, rest)


def _field(table: dict[str, Any]) -> Field:
    rest = _with_conditions(table, "required_when", "forbidden_when")
    choices = rest.pop("choices", [])
    rest["choices"] = tuple(choice["value"] for choice in choices)
    rest["labels_zh"] = {choice["value"]: choice.get("zh", choice["value"]) for choice in choices}
    rest["labels_en"] = {choice["value"]: choice["en"] for choice in choices}
    return _make(Field, rest)


def _publication(table: dict[str, Any]) -> PublicationRule:
    rest = _with_conditions(table, "when")
    rest["laws"] = tuple(_make(LawRef, one) for one in rest.get("laws", []))
    return _make(PublicationRule, rest)


def _with_conditions(table: dict[str, Any], *names: str) -> dict[str, Any]:
    return table | {name: tuple(_condition(one) for one in table.get(name, [])) for name in names}


def _condition(table: dict[str, Any]) -> Condition:
    if len(table) != 2:
        raise CatalogueError(
            f"条件须有field和一项判断 / a condition needs field and exactly one test: {table}"
        )
    return _make(Condition, table)


Shape = TypeVar("Shape")


def _make(shape: type[Shape], table: dict[str, Any]) -> Shape:
    """The dataclass from its TOML table; `in` and `class`, words of Python, stand as `in_` and `class_`."""
    known = {one.name for one in attributes(shape)}  # type: ignore[arg-type]
    values = {(name if name in known else f"{name}_"): _frozen(value) for name, value in table.items()}
    unknown = sorted(name.removesuffix("_") for name in values if name not in known)
    if unknown:
        words = ", ".join(unknown)
        raise CatalogueError(
            f"{shape.__name__}: 未知的键 / unknown keys: {words}; 可用 / known: {sorted(known)}"
        )
    return shape(**values)


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(one) for one in value)
    if isinstance(value, dict):
        return {name: _frozen(one) for name, one in value.items()}
    return value
