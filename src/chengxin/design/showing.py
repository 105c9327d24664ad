"""From a public record, as the archive gives it, to what a page shows: the catalogue's headings and order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from chengxin.design.words import WITHOUT_END, Pair, english, joined, label, law_words, say
from chengxin.kernel.identifiers import SCHEMES
from chengxin.rulebook import catalogue, places, severity
from chengxin.rulebook.catalogue import Field, Item, split_values
from chengxin.rulebook.publication import publish

_LOOKS = dict.fromkeys(("uscc", "regno", "orgcode", "gtin"), "code") | {
    "date": "date",
    "decimal": "number",
    "integer": "number",
}
_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_CLASS_LOOKS = {"minor": "quiet", "general": "warn", "serious": "bad"}
_LONG = 60
"""Characters from which a value gets a line of its own."""

_ORDER = (
    "registration",
    "licence",
    "serious_violation",
    "abnormal_operation",
    "enforcement",
    "authority_list",
    "penalty",
    "honour",
    "commitment",
    "third_party_rating",
    "logistics",
)
"""In which order people look for items on a subject's page; others follow by id."""


@dataclass(frozen=True)
class Fact:
    """One field of a record: its heading and its value in words.

    `look`: classes of the stylesheet; `chinese`: the value is Chinese although the page isn't; `url`: where
    the value leads, if it does.
    """

    code: str
    name: str
    text: str
    look: str
    chinese: bool
    url: str | None = None


@dataclass(frozen=True)
class ClassBadge:
    """A class of dishonest information (轻微、一般、严重) in a word; `look`: the badge of the stylesheet."""

    name: str
    look: str


@dataclass(frozen=True)
class Shown:
    """One record on a page. `contested`: somebody objects to it, and that is not decided yet.

    `class_`: the class of dishonest information, None for what is none.
    """

    id: int
    item: str
    item_name: str
    date: str
    title: str
    source: str
    source_code: str | None
    law: str
    start: str
    until: str | None
    facts: tuple[Fact, ...]
    contested: bool = False
    class_: ClassBadge | None = None


@dataclass(frozen=True)
class Group:
    """Records of one item, newest first."""

    item: str
    name: str
    records: tuple[Shown, ...]


def item_of(id: str) -> Item | None:
    """The newest version of an item; None where the catalogue has no such item."""
    return _newest().get(id)


@cache
def _newest() -> dict[str, Item]:
    return {one.id: one for one in catalogue.items()}


@cache
def _fields(id: str) -> dict[str, Field]:
    """Every field that any version of an item has, the newest version's words and order first."""
    found: dict[str, Field] = {}
    for version in reversed([one for one in catalogue.versions() if one.id == id]):
        for field in version.fields:
            found.setdefault(field.code, field)
    return found


def shown(record: Mapping[str, Any], *, whole: bool) -> Shown:
    """A record of the archive's public view as a page shows it.

    whole  every public field; otherwise without what a subject's page says already (who it is, the source,
           the date, the title), and without the codes of authorities
    """
    payload: dict[str, str] = record["payload"]
    item = item_of(record["item"])
    left_out = set() if whole or item is None else _said_elsewhere(item, record)
    title = _title(item, record) if item is not None else None
    if title is not None and not whole:
        left_out.add(title)
    fields = _fields(record["item"])
    order = {code: number for number, code in enumerate(fields)}
    codes = sorted(payload.keys() - left_out, key=lambda code: (order.get(code, len(order)), code))
    return Shown(
        id=record["id"],
        item=record["item"],
        item_name=say(_pair(record, "item_name")) or record["item"],
        date=record["date"],
        title=_words(fields.get(title), payload[title]) if title is not None else _dated(item, record),
        source=record["source"],
        source_code=record["source_code"],
        law=law_words(_pair(record, "law_name"), record["article"])
        if record["law_name_zh"]
        else record["law"],
        start=record["publication"]["from"],
        until=record["publication"]["until"],
        facts=tuple(fact(fields.get(code), code, payload[code]) for code in codes),
        contested=record.get("state") == "contested",
        class_=_class(item, record) if item is not None else None,
    )


def class_badge(id: str) -> ClassBadge:
    """The word for a class of dishonest information."""
    known = severity.classes()[id]
    return ClassBadge(say((f"{known.zh}失信", f"{known.en} dishonesty")), _CLASS_LOOKS[id])


def _class(item: Item, record: Mapping[str, Any]) -> ClassBadge | None:
    """The class that the catalogue gives the record; None where it gives none."""
    if not severity.regimes(item.id):
        return None
    try:
        found = publish(item, record["payload"], date.fromisoformat(record["date"])).class_
    except (LookupError, ValueError):
        return None
    return class_badge(found) if found else None


def grouped(records: Iterable[Mapping[str, Any]]) -> list[Group]:
    """Records by item; each group in the order given (newest first)."""
    held: dict[str, list[Shown]] = {}
    for record in records:
        held.setdefault(record["item"], []).append(shown(record, whole=False))
    place = {id: number for number, id in enumerate(_ORDER)}
    ordered = sorted(held, key=lambda id: (place.get(id, len(place)), id))
    return [Group(id, held[id][0].item_name, tuple(held[id])) for id in ordered]


def _pair(record: Mapping[str, Any], name: str) -> Pair:
    return record[f"{name}_zh"] or "", record[f"{name}_en"] or ""


def _said_elsewhere(item: Item, record: Mapping[str, Any]) -> set[str]:
    """Fields that repeat the subject's head, the record's source or date, and the codes of authorities."""
    who = item.subject
    repeated = {who.name, who.kind, item.date, *who.identifiers.values()}
    repeated |= {field.code for field in item.fields if field.type == "uscc"}
    payload = record["payload"]
    return {code for code in payload if code in repeated or payload[code] == record["source"]}


def _title(item: Item, record: Mapping[str, Any]) -> str | None:
    """The field by which a person recognises the record: the first of its key that tells it apart."""
    elsewhere = _said_elsewhere(item, record)
    for code in item.key:
        kind = item.field(code).type
        if code in record["payload"] and code not in elsewhere and kind in ("text", "code"):
            return code
    return None


def _dated(item: Item | None, record: Mapping[str, Any]) -> str:
    """What stands for the title of a record that has none: which day its date is."""
    if item is None:
        return str(record["date"])
    field = item.field(item.date)
    return f"{say((field.name_zh, field.name_en))} {record['date']}"


def fact(field: Field | None, code: str, value: str) -> Fact:
    """A value under its heading; a field that the catalogue doesn't know stands under its code."""
    if field is None:
        return Fact(code, code, value, _look("text", value), is_foreign(value))
    text = _words(field, value)
    name = say((field.name_zh, field.name_en))
    url = web_address(value) if field.type == "url" else None
    return Fact(code, name, text, _look(_LOOKS.get(field.type, "text"), text), is_foreign(text), url)


def _look(form: str, text: str) -> str:
    return f"{form} long" if len(text) > _LONG else form


def is_foreign(text: str) -> bool:
    """Whether the text is Chinese on a page that isn't."""
    return english() and _CHINESE.search(text) is not None


def _words(field: Field | None, value: str) -> str:
    """A value as people write it."""
    if field is None:
        return value
    if field.type in ("code", "codes"):
        return joined([label(field, one) for one in split_values(field, value)])
    written = _WRITTEN.get(field.type)
    return written(value) if written is not None else value


def _region(code: str) -> str:
    return f"{places.full_name(code)} {code}" if places.is_region(code) else code


def _boolean(value: str) -> str:
    return {"是": "yes", "否": "no"}.get(value, value) if english() else value


_WRITTEN: Mapping[str, Callable[[str], str]] = {
    "date": lambda value: say(("长期", "without end")) if value == WITHOUT_END else value,
    "decimal": lambda value: value.rstrip("0").rstrip(".") if "." in value else value,
    "region": _region,
    "boolean": _boolean,
}


def web_address(text: str | None) -> str | None:
    """The text when it is an address of the web that a page may link to, else None."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None


def scheme_name(scheme: str) -> str:
    """The name of a kind of code."""
    known = SCHEMES.get(scheme)
    return say((known.name_zh, known.name_en)) if known else scheme
