"""What the rulebook says of a kept record, as constants for SQL: names, articles, fields for the public."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import orjson

from chengxin.rulebook import catalogue, deadlines, laws, places
from chengxin.rulebook.catalogue import Item


@cache
def withheld(item: str, version: str) -> frozenset[str]:
    """The fields of an item's version that the public never sees.

    Those that the version itself or the newest one does not mark public: a stricter catalogue binds what is
    shown from then on, a laxer one opens nothing that was collected under a promise.
    """
    same = [one for one in catalogue.versions() if one.id == item]
    deciding = [one for one in same if one.version.isoformat() == version] + same[-1:]
    return frozenset(field.code for one in deciding for field in one.fields if field.disclosure != "public")


def article(item: Item, law: str) -> str:
    """The article of `law` that a record of the item rests on; "" where there is none or several."""
    named = {ref.article for rule in item.publication for ref in rule.laws if ref.law == law}
    for rule in item.publication:
        for id in filter(None, (rule.deadline, rule.fallback)):
            named |= {one.article for one in deadlines.history(id) if one.law == law}
    if item.law == law:
        named.add(item.article)
    named.discard("")
    return named.pop() if len(named) == 1 else ""


def items_sql() -> str:
    """A VALUES list (item, version, name_zh, name_en, withheld, articles), every version of every item."""
    entries = []
    for one in catalogue.versions():
        version = one.version.isoformat()
        articles = {law.id: article(one, law.id) for law in laws.laws() if article(one, law.id)}
        hidden = ", ".join(_text(code) for code in sorted(withheld(one.id, version)))
        entries.append(
            f"({_text(one.id)}, DATE '{version}', {_text(one.name_zh)}, {_text(one.name_en)}, "
            f"ARRAY[{hidden}]::text[], {_json(articles)})"
        )
    return f"(VALUES {', '.join(entries)})"


def laws_sql() -> str:
    """A jsonb constant: id of a law → {"zh", "en"}."""
    return _json({one.id: {"zh": one.name_zh, "en": one.name_en} for one in laws.laws()})


def regions_sql() -> str:
    """A jsonb constant: code of a region → its full name."""
    return _json({one.code: places.full_name(one.code) for one in places.regions()})


def names_sql(pairs: Iterable[tuple[str, tuple[str, str]]]) -> str:
    """A jsonb constant: id → {"zh", "en"}."""
    return _json({id: {"zh": zh, "en": en} for id, (zh, en) in pairs})


def _json(value: Any) -> str:
    return f"{_text(orjson.dumps(value).decode())}::jsonb"


def _text(text: str) -> str:
    """A literal (with standard_conforming_strings, PostgreSQL's default, a backslash is a character)."""
    return "'" + text.replace("'", "''") + "'"
