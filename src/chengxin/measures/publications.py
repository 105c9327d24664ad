"""Publications as consequences: dishonest information shown to the public, and the lists that warn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import orjson

from chengxin.archive.belonging import OWN, group
from chengxin.archive.models import LISTS
from chengxin.archive.shown import published
from chengxin.database import reading
from chengxin.measures.shape import Consequence, after, consequence, record
from chengxin.rulebook import catalogue, severity
from chengxin.rulebook.catalogue import Item

NUMBERED: Mapping[str, str] = {
    "penalty": "CF_WSH",
    "serious_violation": "YW_WH",
    "abnormal_operation": "JY_LRWH",
    "enforcement": "SX_AH",
    "authority_list": "RD_WH",
    "honour": "RY_WH",
    "licence": "XK_WSH",
    "platform_violation": "PT_BH",
}
"""The field in which a record says the number of the decision that it tells of (文号、案号)."""

_ENDS: Mapping[tuple[bool, bool], tuple[str, str]] = {
    (True, True): (
        "公示期满，或者信用修复后停止公示",
        "shown no longer when its period is over, or after repair",
    ),
    (True, False): ("公示期满时停止公示", "shown no longer when its period is over"),
    (False, True): ("信用修复后停止公示", "shown no longer after repair"),
    (False, False): (
        "来源单位移出、更正或者撤回后停止公示",
        "shown no longer once its source removes, corrects or withdraws it",
    ),
}
"""What ends a publication, by whether it has a last day and whether repair may end it."""

_SHOWN = f"""
WITH {group()}, {OWN}
SELECT r.id, r.item, r.item_version, r.date, r.publish_from, r.publish_until, r.law, r.payload, o.name,
    r.contested
FROM standing s JOIN archive_record r ON r.id = s.id JOIN accounts_organisation o ON o.id = r.source_id
WHERE {published("r", "%s::date")} ORDER BY r.publish_from, r.id""".replace("%(subjects)s", "%s").replace(
    "%(items)s", "%s"
)


def publications(subject: int, today: date) -> list[Consequence]:
    """Records on a subject that warn of it and that the public sees today, the first published first."""
    items = _dishonest()
    rows = reading.rows(_SHOWN, [[subject], items, items, *[today] * 3])
    return [_publication(_Shown(*row), today) for row in rows]


def number_of(item: str, payload: str) -> str:
    """The number of the decision that a record tells of, "" where it says none."""
    code = NUMBERED.get(item)
    return str(orjson.loads(payload).get(code) or "") if code else ""


def _dishonest() -> list[str]:
    """Items whose records are dishonest information, or a list that warns of the subject."""
    graded = [one.id for one in catalogue.items() if severity.regimes(one.id)]
    return sorted({*graded, *LISTS})


@dataclass(frozen=True)
class _Shown:
    """A record that the public sees."""

    id: int
    item: str
    version: date
    on: date
    start: date
    until: date | None
    law: str
    payload: str
    source: str
    contested: bool


def _publication(one: _Shown, today: date) -> Consequence:
    item, row = _item(one.item, one.version), orjson.loads(one.payload)
    graded = severity.assess(item, row, one.on, one.start, today, ends=one.until) if item else None
    repair = graded.earliest_repair if graded else None
    because = {
        "decision": number_of(one.item, one.payload) or str(one.id),
        "rule": one.item,
        "law": one.law,
        "article": item.article if item is not None and item.law == one.law else "",
        "records": [record(one.id, one.source, one.item, number_of(one.item, one.payload), public=True)],
    }
    return consequence(
        "publication",
        {"because": because, "public": True},
        since=one.start,
        until=one.until,
        ends=_ENDS[one.until is not None, repair is not None],
        earliest=repair or after(one.until),
        name_zh=item.name_zh if item else one.item,
        name_en=item.name_en if item else one.item,
        rule_zh=graded.reason_zh if graded else "",
        rule_en=graded.reason_en if graded else "",
        severity=graded.class_ if graded else None,
        state="contested" if one.contested else "in_force",
    )


def _item(id: str, version: date) -> Item | None:
    return next((one for one in catalogue.versions() if (one.id, one.version) == (id, version)), None)
