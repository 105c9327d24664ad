"""The lists and their entries of today."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import public
from chengxin.archive.counting import city_names
from chengxin.decisions.candidates import untold
from chengxin.design import words
from chengxin.design.render import not_found, page, reading
from chengxin.design.tables import Asked, Cell, Column, Filter, Row, Rows, Table, table_page
from chengxin.kernel.numbers import row_number
from chengxin.publicity import entries
from chengxin.registry.queries import region
from chengxin.rulebook import qualifying
from chengxin.rulebook.catalogue import SUBJECT_KINDS
from chengxin.rulebook.lists import KINDS, REMOVAL_STEPS, Kind, Listing, listing, lists
from chengxin.rulebook.measures import measures

ORDER: tuple[Kind, ...] = ("black", "red", "attention")
BADGES = {"black": "bad", "red": "good", "attention": "warn"}
ABOUT = {
    "black": gettext_noop("严重违法失信的；列入以后，各部门和平台可以依法采取惩戒措施。"),
    "red": gettext_noop("守信的；列入以后，各部门和平台可以给予激励。"),
    "attention": gettext_noop("需要留意、可以自行纠正的；纠正以后移出。"),
}


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
            "about": gettext(ABOUT[kind]),
            "lists": [told(one) | count(counts.get(one.id, 0)) for one in known if one.kind == kind],
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
        "untold": words.joined([words.say((fact.name_zh, fact.name_en)) for fact in untold(one)]),
        "procedure": one.procedure,
        "ends_when": words.say((one.ends_when_zh, one.ends_when_en)),
        "conditions": [words.say((each.zh, each.en)) for each in one.removal.conditions],
        "steps": [words.say(REMOVAL_STEPS[step]) for step in one.removal.steps],
        "unverified": not one.verified,
    }


def _follows(one: Listing) -> list[dict[str, Any]]:
    """What may follow for whoever is listed, in words, each with the law that carries it today."""
    today = timezone.localdate()
    return [
        {
            "id": each.id,
            "name": words.say((each.name_zh, each.name_en)),
            "effect": words.say((each.effect_zh, each.effect_en)),
            "law": words.cited(basis.law, basis.article),
            "ordered": each.ordered,
        }
        for each in measures()
        if one.id in each.lists or one.kind in each.list_kinds
        for basis in each.grounds(today, one.id)[:1]
    ]


def count(*numbers: int, most: int = entries.COUNTED) -> dict[str, Any]:
    """How many entries there are on one list, or on several, as pages say it; of each `most` were counted."""
    return {"number": sum(min(one, most) for one in numbers), "more": any(one > most for one in numbers)}


def listed_on(shown: Iterable[entries.Shown]) -> list[dict[str, Any]]:
    """Entries of a subject in words, those of black lists first."""
    return [
        {
            "entry": one,
            "case": one.case,
            "list": one.list,
            "kind": words.say(KINDS[one.rule.kind]),
            "badge": BADGES[one.kind],
            "name": words.say((one.rule.name_zh, one.rule.name_en)),
        }
        for one in sorted(shown, key=lambda each: ORDER.index(each.kind))
    ]


def table(one: Listing) -> Table:
    """The table of a list's entries."""
    cities = tuple((code, words.say((zh, en or zh))) for code, (zh, en) in city_names().items())
    return Table(
        one.id.replace("_", "-"),
        words.say((one.name_zh, one.name_en)),
        (
            Column("name", gettext_noop("列入的主体")),
            Column("code", gettext_noop("信用代码"), "code"),
            Column("kind", gettext_noop("主体类别"), hidden=True),
            Column("region", gettext_noop("地区")),
            Column("decision", gettext_noop("决定")),
            Column("law", gettext_noop("法律依据")),
            Column("since", gettext_noop("公示自"), "date"),
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

    number = entries.counts([list_id], today).get(list_id, 0)
    values = {
        "list": told(rule) | count(number),
        "follows": _follows(rule),
        "today": today,
        "address": request.build_absolute_uri(request.path),
    }
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
