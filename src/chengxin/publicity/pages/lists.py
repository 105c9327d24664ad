"""The lists and their entries of today."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import public
from chengxin.archive.counting import city_names
from chengxin.design import words
from chengxin.design.render import not_found, page, reading
from chengxin.design.tables import Asked, Cell, Column, Filter, Row, Rows, Table, table_page
from chengxin.kernel.numbers import row_number
from chengxin.publicity import entries
from chengxin.registry.queries import region
from chengxin.rulebook import qualifying
from chengxin.rulebook.catalogue import SUBJECT_KINDS
from chengxin.rulebook.lists import KINDS, REMOVAL_STEPS, Listing, listing, lists

ORDER = ("black", "red", "attention")
BADGES = {"black": "bad", "red": "good", "attention": "warn"}


@public
@reading
def listed(request: HttpRequest) -> HttpResponse:
    """Every list in force: who keeps it, who comes onto it, how one leaves, how many stand on it today."""
    today = timezone.localdate()
    known = lists(today)
    counts = entries.counts([one.id for one in known], today)
    groups = [
        {
            "kind": kind,
            "name": words.say(KINDS[kind]),
            "badge": BADGES[kind],
            "lists": [told(one) | _count(counts.get(one.id, 0)) for one in known if one.kind == kind],
        }
        for kind in KINDS
    ]
    groups.sort(key=lambda group: ORDER.index(str(group["kind"])))
    return page(request, "publicity/lists", {"groups": groups, "today": today})


def told(one: Listing) -> dict[str, Any]:
    """A list in words."""
    today = timezone.localdate()
    qualifies = one.qualifies and qualifying.words(one.qualifies, "en" if words.english() else "zh")
    return {
        "id": one.id,
        "kind": one.kind,
        "kind_name": words.say(KINDS[one.kind]),
        "badge": BADGES[one.kind],
        "name": words.say((one.name_zh, one.name_en)),
        "about": words.say((one.about_zh, one.about_en)),
        "keeper": words.say((one.keeper.zh, one.keeper.en)),
        "departments": one.keeper.departments,
        "laws": [words.cited(basis.law, basis.article) for basis in one.grounds(today) or one.laws[:1]],
        "qualifies": qualifies or words.say((one.imported_from_zh, one.imported_from_en)),
        "ends_when": words.say((one.ends_when_zh, one.ends_when_en)),
        "conditions": [words.say((each.zh, each.en)) for each in one.removal.conditions],
        "steps": [words.say(REMOVAL_STEPS[step]) for step in one.removal.steps],
        "verified": one.verified,
    }


def _count(number: int) -> dict[str, Any]:
    return {"number": min(number, entries.COUNTED), "more": number > entries.COUNTED}


def table(one: Listing) -> Table:
    """The table of a list's entries."""
    cities = tuple((code, words.say((zh, en or zh))) for code, (zh, en) in city_names().items())
    return Table(
        one.id.replace("_", "-"),
        words.say((one.name_zh, one.name_en)),
        (
            Column("name", gettext_noop("信用主体")),
            Column("code", gettext_noop("代码"), "code"),
            Column("kind", gettext_noop("主体类别"), hidden=True),
            Column("region", gettext_noop("地区")),
            Column("decision", gettext_noop("决定")),
            Column("law", gettext_noop("法律依据")),
            Column("since", gettext_noop("公示起"), "date"),
            Column("until", gettext_noop("公示至"), "date"),
        ),
        (
            Filter("q", gettext_noop("名称或代码")),
            Filter("region", gettext_noop("地区"), "choice", cities),
        ),
    )


@public
@reading
def one(request: HttpRequest, list_id: str) -> HttpResponse:
    """The entries of one list that are public today."""
    today = timezone.localdate()
    try:
        rule = listing(list_id)
    except LookupError:
        return no_list(request)

    def fetch(asked: Asked, limit: int) -> Rows:
        after = None if asked.after is None else row_number(asked.after)
        if asked.after is not None and after is None:
            raise ValueError(asked.after)
        found = entries.page(
            list_id,
            today,
            after,
            limit,
            q=asked.filters.get("q", ""),
            region=_prefix(asked.filters.get("region", "")),
        )
        return Rows([_row(each) for each in found.entries], None if found.next is None else str(found.next))

    values = {"list": told(rule), "today": today}
    return table_page(request, "publicity/list", table(rule), fetch, values)


def no_list(request: HttpRequest) -> HttpResponse:
    """404 for a list that there isn't."""
    return not_found(request, gettext("没有这个名单"), gettext("请从名单目录中选择。"))


def _prefix(region_code: str) -> str:
    """The beginning that the codes of regions within one have in common: 350100 → 3501."""
    return region_code.removesuffix("00").removesuffix("00")


def _row(one: entries.Shown) -> Row:
    area = region(one.region)
    return {
        "name": Cell(
            one.name, f"/subjects/{one.code}", note=gettext("依据变动，复核中") if one.questioned else None
        ),
        "code": one.code,
        "kind": words.say(SUBJECT_KINDS[one.subject_kind]),
        "region": area["name"] if area else None,
        "decision": Cell(one.decision, one.url),
        "law": words.cited(one.law, one.article),
        "since": one.since,
        "until": one.until if one.until else Cell(gettext("没有固定期限")),
    }
