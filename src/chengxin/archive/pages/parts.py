"""From what the archive holds to what its pages show: names in the page's language, badges, records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop

from chengxin.archive.held import Count, Summary
from chengxin.design.charts import Chart
from chengxin.design.showing import Shown, item_of, scheme_name, shown, web_address
from chengxin.design.words import DISCLOSURES, VERIFICATION, say
from chengxin.rulebook.catalogue import OUTLET_KINDS, SUBJECT_KINDS, SUBJECT_ROLES

STATES: Mapping[str, tuple[str, str]] = {
    "in_force": (gettext_noop("有效"), "good"),
    "expired": (gettext_noop("公示期满"), "quiet"),
    "corrected": (gettext_noop("已更正"), "warn"),
    "withdrawn": (gettext_noop("已撤回"), "quiet"),
}
"""States of records: words and badge."""

VERIFIED = {"verified": "good", "mismatch": "bad", "lapsed": "warn", "unverified": "quiet"}
"""Badges of verification states."""


@dataclass(frozen=True)
class HeldRecord:
    """A record with what only those inside see of it."""

    shown: Shown
    state: str
    badge: str
    disclosure: str
    later: int | None
    refers_to: int | None
    batch: int
    sealed: tuple[tuple[str, str], ...]
    withheld: int


def record(one: dict[str, Any]) -> HeldRecord:
    """A record of `archive.held` as its pages show it."""
    name, badge = STATES[one["state"]]
    item = item_of(one["item"])
    names = {field.code: say((field.name_zh, field.name_en)) for field in item.fields} if item else {}
    dated = one | {"publication": one["publication"] | {"from": one["publication"]["from"] or ""}}
    return HeldRecord(
        shown=shown(dated, whole=False),
        state=gettext(name),
        badge=badge,
        disclosure=say(DISCLOSURES[one["disclosure"]]),
        later=one["later"],
        refers_to=one["refers_to"],
        batch=one["batch"],
        sealed=tuple((code, names.get(code, code)) for code in one["sealed"]),
        withheld=one["withheld"],
    )


def subject(held: dict[str, Any]) -> dict[str, Any]:
    """Who a subject is, with the names of kinds, roles, schemes and outlets in the page's language."""
    return {
        "subject": held,
        "kind": say(SUBJECT_KINDS[held["kind"]]),
        "codes": [{"name": scheme_name(one["scheme"]), **one} for one in held["identifiers"]],
        "roles": [
            {"name": say(SUBJECT_ROLES.get(one["role"], (one["role"],) * 2)), "since": one["since"]}
            for one in held["roles"]
        ],
        "outlets": [
            {**one, "kind_name": say(OUTLET_KINDS[one["kind"]]), "link": web_address(one["url"])}
            for one in held["outlets"]
        ],
        "verifications": [_verification(one) for one in held["verifications"]],
    }


def _verification(one: dict[str, Any]) -> dict[str, Any]:
    name, meaning = VERIFICATION[one["state"]]
    reasons = [say((reason.get("zh", ""), reason.get("en", ""))) for reason in one["reasons"]]
    return {
        **one,
        "name": say(name),
        "meaning": say(meaning),
        "badge": VERIFIED[one["state"]],
        "why": [reason for reason in reasons if reason],
    }


def item_name(id: str) -> str:
    """The name of an item in the page's language."""
    item = item_of(id)
    return say((item.name_zh, item.name_en)) if item else id


def by_state(seen: Sequence[Count]) -> list[dict[str, Any]]:
    """How many records are in each state, for the head of a page."""
    numbers: Counter[str] = Counter()
    for one in seen:
        numbers[one.state] += one.number
    return [
        {"id": id, "name": gettext(name), "badge": badge, "number": numbers[id]}
        for id, (name, badge) in STATES.items()
    ]


def by_item(seen: Sequence[Count]) -> list[tuple[str, str, int]]:
    """Items with their names and numbers of records, the fullest first."""
    numbers: Counter[str] = Counter()
    for one in seen:
        numbers[one.item] += one.number
    return [(id, item_name(id), number) for id, number in numbers.most_common()]


def years(summary: Summary) -> Chart | None:
    """Records by year and item; nothing where there is only one year."""
    seen = summary.seen
    span = sorted({one.year for one in seen})
    if len(span) < 2:
        return None
    all_years = range(span[0], span[-1] + 1)
    series = []
    for id, name, _ in by_item(seen):
        numbers: Counter[int] = Counter()
        for one in seen:
            if one.item == id:
                numbers[one.year] += one.number
        series.append((name, [numbers[year] for year in all_years]))
    return Chart(
        "records-by-year", gettext("信用信息，按年份"), "stacked", [str(year) for year in all_years], series,
        gettext("条"),
    )  # fmt: skip


def place(request: HttpRequest) -> tuple[date, int] | None:
    """Behind which record the page begins (`before=2026-01-31.1204`); None for the first page or nonsense."""
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})", request.GET.get("before", ""), re.ASCII)
    if found is None:
        return None
    try:
        return date.fromisoformat(found[1]), int(found[2])
    except ValueError:
        return None


def following(records: Sequence[dict[str, Any]], size: int) -> str | None:
    """The place of the next page, when more was fetched than is shown."""
    if len(records) <= size:
        return None
    last = records[size - 1]
    return f"{last['date']}.{last['id']}"
