"""What a steward sees of a pair: both sides field by field, and what the matching made of each comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from chengxin.archive.describing import details
from chengxin.database import reading
from chengxin.design import words
from chengxin.design.showing import item_of, scheme_name
from chengxin.kernel.identifiers import mask
from chengxin.ledger.actions import raw_cursor
from chengxin.registry.names import normalise_name
from chengxin.registry.stewarding import Candidate, Side
from chengxin.rulebook.catalogue import SUBJECT_KINDS
from chengxin.workbench.differing import Compared, compared

RECORDS = 6
"""Records of each side that are shown."""

_STRONG = 12.0
"""Bits of evidence at which the bar of a comparison is full."""


@dataclass(frozen=True)
class Weighed:
    """One comparison of the matching in words, with how much it speaks for (or against) one subject.

    `share` is its weight as a share of the strongest evidence, in percent.
    """

    name: str
    level: str
    weight: float
    share: int
    side: str


@dataclass(frozen=True)
class Brief:
    """A record in one line."""

    item: str
    date: str
    source: str


def fields(candidate: Candidate) -> list[Compared]:
    """Every field of both sides, beside each other."""
    one, other = candidate.one, candidate.other
    told = {row["id"]: row for row in details(raw_cursor(), [one.id, other.id]).to_dicts()}
    lines = [
        compared(
            gettext("名称"), one.name, other.name, same=normalise_name(one.name) == normalise_name(other.name)
        ),
        compared(gettext("曾用及其他名称"), _further(one), _further(other)),
        compared(gettext("主体类别"), _kind(one), _kind(other)),
        compared(gettext("区划"), _region(one), _region(other)),
        *_codes(one, other),
    ]
    for key, name in (
        ("legal_person", gettext("法定代表人")),
        ("phone", gettext("电话")),
        ("address", gettext("地址")),
    ):
        mine, theirs = told[one.id][key], told[other.id][key]
        lines.append(compared(name, _told(one, key, mine), _told(other, key, theirs), same=mine == theirs))
    return lines


def _told(side: Side, key: str, value: str | None) -> str | None:
    """What records last said; of persons masked."""
    if value is None:
        return None
    if key == "phone":
        return mask("phone", value)
    if side.kind in ("natural_person", "individual_business") and key == "address":
        return mask("address", value)
    return mask("person", value) if side.kind == "natural_person" else value


def _further(side: Side) -> str:
    return "、".join(sorted(name for name in side.names if name != side.name))


def _kind(side: Side) -> str:
    return words.say(SUBJECT_KINDS[side.kind])


def _region(side: Side) -> str | None:
    return f"{side.region['name']} {side.region['code']}" if side.region else None


def _codes(one: Side, other: Side) -> list[Compared]:
    first, second = _by_scheme(one), _by_scheme(other)
    return [
        compared(scheme_name(scheme), first.get(scheme), second.get(scheme))
        for scheme in dict.fromkeys([*first, *second])
        if scheme != "phone"
    ]


def _by_scheme(side: Side) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for scheme, value in side.identifiers:
        found[scheme] = f"{found[scheme]}、{value}" if scheme in found else value
    return found


def evidence(candidate: Candidate) -> list[Weighed]:
    """What each comparison came to, in words, the strongest first."""
    found = [_weighed(one) for one in candidate.evidence]
    return sorted(found, key=lambda one: -abs(one.weight))


def _weighed(one: Mapping[str, Any]) -> Weighed:
    weight = float(one.get("weight", 0.0))
    level = words.say((one.get("level_zh", one.get("level", "")), one.get("level_en", one.get("level", ""))))
    side = "for" if weight > 0 else "against" if weight < 0 else "neutral"
    share = min(100, round(abs(weight) / _STRONG * 100))
    return Weighed(words.say((one.get("zh", ""), one.get("en", ""))), level, weight, share, side)


_BRIEF = f"""
SELECT r.item, r.date::text, o.name FROM (
    SELECT r.id FROM registry_subject s JOIN archive_record r ON r.subject_id = s.id
    WHERE s.id = %s::bigint OR s.merged_into_id = %s::bigint ORDER BY r.id DESC LIMIT {RECORDS}
) k JOIN archive_record r ON r.id = k.id JOIN accounts_organisation o ON o.id = r.source_id
ORDER BY r.date DESC, r.id DESC"""


def records(side: Side) -> list[Brief]:
    """The last records of a side, a line each."""
    return [Brief(_item(item), on, source) for item, on, source in reading.rows(_BRIEF, [side.id, side.id])]


def _item(id: str) -> str:
    item = item_of(id)
    return words.say((item.name_zh, item.name_en)) if item else id
