"""From what the archive holds to what its pages show: names in the page's language, badges, records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop

from chengxin.archive.held import Count, Summary
from chengxin.archive.marking import BECAUSE
from chengxin.design.charts import Chart
from chengxin.design.classed import Classed, classed
from chengxin.design.showing import Shown, item_of, scheme_name, shown, web_address
from chengxin.design.words import DISCLOSURES, VERIFICATION, say
from chengxin.rulebook.catalogue import OUTLET_KINDS, SUBJECT_KINDS, SUBJECT_ROLES

STATES: Mapping[str, tuple[str, str]] = {
    "in_force": (gettext_noop("有效"), "good"),
    "contested": (gettext_noop("异议处理中"), "warn"),
    "suspended": (gettext_noop("暂停公示和使用"), "warn"),
    "expired": (gettext_noop("公示期满"), "quiet"),
    "repaired": (gettext_noop("已修复，不得使用"), "quiet"),
    "ended": (gettext_noop("已终止，不得使用"), "quiet"),
    "corrected": (gettext_noop("已更正"), "warn"),
    "withdrawn": (gettext_noop("已撤回"), "quiet"),
}
"""States of records: words and badge."""

_ALWAYS = frozenset({"in_force", "expired", "corrected", "withdrawn"})
"""States that the head of a page counts even where there is none; the others only where there is one."""

_SERIES = 6
"""Colours of a chart; the rarest items share the last one."""

PERSONS = frozenset({"natural_person", "individual_business"})
"""Kinds of subject whose information is personal information (PIPL art. 4)."""

VERIFIED = {"verified": "good", "mismatch": "bad", "lapsed": "warn", "unverified": "quiet"}
"""Badges of verification states."""


@dataclass(frozen=True)
class HeldRecord:
    """A record with what only those inside see of it; `stands`: no later one says otherwise."""

    shown: Shown
    state: str
    badge: str
    disclosure: str
    later: int | None
    refers_to: int | None
    batch: int
    sealed: tuple[tuple[str, str], ...]
    withheld: int
    stands: bool = True
    since: str | None = None
    because: str = ""
    reason: str = ""
    classed: Classed | None = None

    @property
    def year(self) -> str:
        """Under which year it stands."""
        return self.shown.date[:4]


@dataclass(frozen=True)
class Choice:
    """A part of the records that a link leads to: those of an item, those in a state."""

    name: str
    url: str
    number: int | None
    current: bool
    badge: str = ""


def record(one: dict[str, Any], today: date) -> HeldRecord:
    """A record of `archive.held` as its pages show it today."""
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
        stands=one["later"] is None and one["operation"] != "withdrawal",
        since=one["since"],
        because=say(BECAUSE.get(one["because"] or "", (one["because"] or "",) * 2)),
        reason=one["reason"] or "",
        classed=classed(one, today),
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


def sealed_name(what: str, item: str | None) -> str:
    """The name of a kind of code, or of an item's field."""
    of = item_of(item) if item else None
    if of is None:
        return scheme_name(what)
    return next((say((field.name_zh, field.name_en)) for field in of.fields if field.code == what), what)


def by_state(seen: Sequence[Count], kept: Mapping[str, str]) -> list[Choice]:
    """How many records are in each state, for the head of a page; chosen again, a state is let go."""
    numbers: Counter[str] = Counter()
    for one in seen:
        numbers[one.state] += one.number
    chosen = kept.get("state")
    return [
        Choice(
            gettext(name),
            query({**kept, "state": "" if chosen == id else id}),
            numbers[id],
            chosen == id,
            badge,
        )
        for id, (name, badge) in STATES.items()
        if id in _ALWAYS or numbers[id] or chosen == id
    ]


def items(seen: Sequence[Count], kept: Mapping[str, str]) -> list[Choice]:
    """All records, and those of each item."""
    chosen = kept.get("item")
    every = Choice(gettext("全部"), query({**kept, "item": ""}), None, not chosen)
    return [
        every,
        *(
            Choice(name, query({**kept, "item": id}), number, chosen == id)
            for id, name, number in by_item(seen)
        ),
    ]


def query(values: Mapping[str, str]) -> str:
    """A query string of what isn't empty."""
    return f"?{urlencode({key: value for key, value in values.items() if value})}"


def listed(
    request: HttpRequest, kept: Mapping[str, str], found: Sequence[dict[str, Any]], size: int, today: date
) -> dict[str, Any]:
    """A page of records with the links to the first one and the next; `found` may hold one too many."""
    following_place = following(found, size)
    return {
        "records": [record(one, today) for one in found[:size]],
        "first_page": query(kept) if request.GET.get("before") else None,
        "next_page": query({**kept, "before": following_place}) if following_place else None,
    }


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
    ranked = by_item(seen)
    apart = ranked if len(ranked) <= _SERIES else ranked[: _SERIES - 1]
    groups = [(name, {id}) for id, name, _ in apart]
    if rest := {id for id, _, _ in ranked[len(apart) :]}:
        groups.append((gettext("其他信息"), rest))
    series = []
    for name, ids in groups:
        numbers: Counter[int] = Counter()
        for one in seen:
            if one.item in ids:
                numbers[one.year] += one.number
        series.append((name, [numbers[year] for year in all_years]))
    return Chart(
        "records-by-year", gettext("信用信息，按年份"), "stacked", [str(year) for year in all_years], series,
        gettext("条"),
    )  # fmt: skip


def chosen(request: HttpRequest) -> tuple[str | None, str | None]:
    """The item and the state to which the address narrows the records."""
    item, state = request.GET.get("item", ""), request.GET.get("state")
    return item if item_of(item) else None, state if state in STATES else None


def place(request: HttpRequest) -> tuple[date, int] | None:
    """Behind which record the page begins (`before=2026-01-31.1204`); None for the first page or nonsense."""
    return place_of(request.GET.get("before", ""))


def place_of(text: str) -> tuple[date, int] | None:
    """The place that a text names, None for nonsense."""
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})", text, re.ASCII)
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
