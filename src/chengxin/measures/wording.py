"""Consequences in words, in both languages at once: they go into JSON as well as onto pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chengxin.rulebook import laws

STATES: Mapping[str, tuple[str, str]] = {
    "in_force": ("有效", "in force"),
    "contested": ("异议处理中", "contested"),
    "published": ("公示中", "published"),
    "questioned": ("依据存疑，复核中", "in question, under review"),
}


def law_words(law: str, article: str) -> tuple[str, str]:
    """A law with its article in Chinese and in English; its id where the rulebook doesn't know it."""
    try:
        known = laws.law(law)
    except LookupError:
        return law, law
    return (
        f"《{known.name_zh}》第{article}条" if article else f"《{known.name_zh}》",
        f"{known.name_en}, art. {article}" if article else known.name_en,
    )


def in_words(one: Mapping[str, Any]) -> tuple[str, str]:
    """A consequence as a sentence: what, because of which decision, by which law, on which records."""
    zh, en = _what(one)
    because = one["because"]
    zh += f"依据{because['law_zh']}。" if because["law_zh"] else ""
    en += f" Ground: {because['law_en']}." if because["law_en"] else ""
    if records := because["records"]:
        named = [(each["source"], each["id"]) for each in records]
        zh += f"所依据的信息：{'、'.join(f'{source}（存证号{id}）' for source, id in named)}。"
        en += f" Records: {', '.join(f'{source} (leaf {id})' for source, id in named)}."
    if until := one["until"]:
        zh += f"至{until}止。"
        en += f" Until {until}."
    zh += f"{one['ends_when_zh']}"
    ends = str(one["ends_when_en"])
    en += f" {ends[:1].upper()}{ends[1:]}"
    if earliest := one["earliest_end"]:
        zh += f"，最早{earliest}"
        en += f", on {earliest} at the earliest"
    return f"{zh}。", f"{en}."


def _what(one: Mapping[str, Any]) -> tuple[str, str]:
    name_zh, name_en, since = one["name_zh"], one["name_en"], one["since"]
    decision = one["because"]["decision"]
    match one["kind"]:
        case "list":
            return (
                f"自{since}起列入“{name_zh}”，决定文号（案号）{decision}。",
                f"In the list '{name_en}' since {since} by decision {decision}.",
            )
        case "measure":
            return (
                f"因列入“{one['list_name_zh']}”（决定文号或案号{decision}），自{since}起{name_zh}。",
                f"{name_en} since {since}, because of the entry in '{one['list_name_en']}' "
                f"(decision {decision}).",
            )
        case _:
            return (
                f"{name_zh}（{decision}）自{since}起公示。",
                f"{name_en} ({decision}) shown to the public since {since}.",
            )
