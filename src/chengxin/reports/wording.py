"""What a report's content reads like in the language of the page: shared by sheet and screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from chengxin.design import words
from chengxin.design.showing import Shown, grouped, item_of, scheme_name
from chengxin.design.words import say
from chengxin.reports.content import STAND
from chengxin.rulebook.catalogue import OUTLET_KINDS, SUBJECT_KINDS, SUBJECT_ROLES

CLASSES: Mapping[str, tuple[str, str]] = {
    "minor": ("轻微失信", "minor dishonesty"),
    "general": ("一般失信", "general dishonesty"),
    "serious": ("严重失信", "serious dishonesty"),
}
_SHORT: Mapping[str, tuple[str, str]] = {
    "serious": ("严重", "serious"),
    "general": ("一般", "general"),
    "minor": ("轻微", "minor"),
}
VERSIONS: Mapping[str, tuple[str, str]] = {
    "public": ("公开版", "public version"),
    "full": ("授权版", "full version"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "in_force": ("", ""),
    "contested": ("异议处理中", "under objection"),
    "suspended": ("暂停公示和使用", "suspended"),
    "expired": ("公示期满", "publication over"),
    "repaired": ("已修复", "repaired"),
    "ended": ("已终止公示", "ended"),
    "corrected": ("已更正", "corrected"),
    "withdrawn": ("已撤回", "withdrawn"),
}
_OPEN = frozenset({"contested", "suspended"})
KINDS: Mapping[str, tuple[str, str]] = {
    "list": ("名单", "lists"),
    "measure": ("措施", "measures"),
}
"""Consequences besides a record's own publication, which the records tell themselves."""

GONE: Mapping[str, tuple[str, str]] = {
    "withdrawal": ("已撤回", "withdrawn"),
    "correction": ("已更正", "corrected"),
    "moved": ("已归入其他主体", "moved to another subject"),
    "repaired": ("已修复", "repaired"),
    "ended": ("已终止公示", "ended"),
    "suspended": ("暂停公示和使用", "suspended"),
    "expired": ("公示期已满", "past the last day of publication"),
}
PRAISED = frozenset({"honour", "commitment"})

_MOST_YEARS = 12


@dataclass(frozen=True)
class Line:
    """A record of a report, as a page shows it.

    grade, reason   the class of dishonest information and why; "" where it has none
    repair          from when repair may be asked for, "" where it can't be
    state           "" where it is in force; `open`: it waits for a decision on it
    disclosure      "" where it is public
    """

    shown: Shown
    grade: str
    reason: str
    repair: str
    state: str
    open: bool
    disclosure: str


@dataclass(frozen=True)
class Section:
    """The records of one item."""

    item: str
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Year:
    """A year with its records: dishonest ones and others."""

    year: int
    dishonest: int
    other: int


@dataclass(frozen=True)
class Figure:
    """A number of the summary; `bad`: one that warns when it isn't zero."""

    name: str
    number: int
    note: str
    bad: bool = False


def title(content: Mapping[str, Any]) -> str:
    """信用报告（公开版）."""
    return f"{gettext('信用报告')}{gettext('（')}{version(content)}{gettext('）')}"


def version(content: Mapping[str, Any]) -> str:
    """The version in words."""
    return say(VERSIONS[content["version"]])


def line(known: Mapping[str, Any]) -> str:
    """Kind, region and what verification found, below the name."""
    checked = known["verification"]
    found = (
        say(SUBJECT_KINDS[known["kind"]]),
        known["region"]["name"] if known["region"] else "",
        say(words.VERIFICATION[checked["state"]][0]) if checked else "",
    )
    return "  ·  ".join(filter(None, found))


def facts(known: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who a subject is, as pairs of words."""
    found = [(_capital(scheme_name(one["scheme"])), one["value"]) for one in known["identifiers"]]
    if roles := known["roles"]:
        said = [
            f"{say(SUBJECT_ROLES.get(one['role'], (one['role'],) * 2))}{gettext('（')}"
            f"{gettext('%(day)s 起') % {'day': one['since']}}{gettext('）')}"
            for one in roles
        ]
        found.append((gettext("电子商务角色"), words.joined(said)))
    if len(known["names"]) > 1:
        named = [f"{one['name']} {one['since'] or ''}".strip() for one in known["names"]]
        found.append((gettext("名称沿革"), words.joined(named)))
    outlets = [
        "  ".join(
            filter(
                None,
                (
                    one["name"],
                    say(OUTLET_KINDS[one["kind"]]),
                    one["url"],
                    gettext("已停止经营") if one["closed_on"] else "",
                ),
            )
        )
        for one in known["outlets"]
    ]
    if outlets:
        found.append((gettext("店铺和网站"), "\n".join(dict.fromkeys(outlets))))
    if checked := known["verification"]:
        name, meaning = words.VERIFICATION[checked["state"]]
        found.append((gettext("身份核验"), f"{say(name)}  {say(meaning)}  {checked['checked_on']}"))
    return found


def _capital(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"


def figures(content: Mapping[str, Any]) -> list[Figure]:
    """The numbers that stand on top."""
    counts = content["counts"]
    items, classes = counts["items"], counts["classes"]
    graded = [f"{say(name)} {classes[id]}" for id, name in _SHORT.items() if classes.get(id)]
    lasting = {kind: counts["consequences"].get(kind, 0) for kind in KINDS}
    following = [f"{say(KINDS[kind])} {number}" for kind, number in lasting.items() if number]
    public = content["version"] == "public"
    return [
        Figure(
            gettext("公示中的信息") if public else gettext("有效的信息"),
            counts["records"],
            gettext("共%(n)s类") % {"n": len(items)},
        ),
        Figure(gettext("失信信息"), sum(classes.values()), words.joined(graded), bad=True),
        Figure(
            gettext("名单和措施"),
            sum(lasting.values()),
            words.joined(following),
            bad=any(_warns(one) for one in content["consequences"]),
        ),
        Figure(gettext("荣誉和承诺"), sum(items.get(one, 0) for one in PRAISED), ""),
    ]


def _warns(one: Mapping[str, Any]) -> bool:
    return one["kind"] in KINDS and one.get("list_kind") != "red"


def years(content: Mapping[str, Any]) -> list[Year]:
    """Records in force by year, without gaps, at most the last twelve; none where there is only one year."""
    dishonest: Counter[int] = Counter()
    every: Counter[int] = Counter()
    for one in content["records"]:
        if one["state"] in STAND:
            year = int(one["date"][:4])
            every[year] += 1
            dishonest[year] += one["class"] is not None
    if len(every) < 2:
        return []
    last = int(content["as_of"][:4])
    first = max(min(every), last - _MOST_YEARS + 1)
    return [Year(at, dishonest[at], every[at] - dishonest[at]) for at in range(first, last + 1)]


def years_in_words(years: Iterable[Year]) -> str:
    """The picture of the years for whoever doesn't see it."""
    said = [
        gettext("%(year)s年失信%(bad)s条、其他%(other)s条")
        % {"year": one.year, "bad": one.dishonest, "other": one.other}
        for one in years
    ]
    return f"{gettext('按年份')}{gettext('：')}{'; '.join(said) if words.english() else '；'.join(said)}"


def sections(content: Mapping[str, Any]) -> list[Section]:
    """The records by item, in the order in which people look for them."""
    records = {one["id"]: one for one in content["records"]}
    dated = [
        one | {"publication": one["publication"] | {"from": one["publication"]["from"] or ""}}
        for one in records.values()
    ]
    return [
        Section(group.item, group.name, tuple(_line(one, records[one.id]) for one in group.records))
        for group in grouped(dated)
    ]


def _line(shown: Shown, record: Mapping[str, Any]) -> Line:
    known = record["class"] or {}
    grade = say(CLASSES[known["id"]]) if known else ""
    repair = known.get("earliest_repair")
    disclosure = "" if record["disclosure"] == "public" else say(words.DISCLOSURES[record["disclosure"]])
    return Line(
        shown,
        grade,
        say((known.get("reason_zh", ""), known.get("reason_en", ""))),
        gettext("%(day)s 起可申请修复") % {"day": repair} if repair else "",
        say(STATES[record["state"]]),
        record["state"] in _OPEN,
        disclosure,
    )


def said_of(shown: Shown) -> str:
    """The facts of a record in a row."""
    colon, stop = (": ", "; ") if words.english() else ("：", "；")
    return stop.join(f"{fact.name}{colon}{fact.text}" for fact in shown.facts)


def period(shown: Shown) -> str:
    """From when until when the public may see it."""
    if not shown.start:
        return ""
    start = gettext("%(day)s 起") % {"day": shown.start}
    end = gettext("至 %(day)s") % {"day": shown.until} if shown.until else gettext("无截止日期")
    return f"{start}\n{end}"


@dataclass(frozen=True)
class Following:
    """A consequence in words; `under`: a measure that stands below the list that brought it."""

    kind: str
    under: bool
    since: str
    until: str
    because: str
    law: str
    records: tuple[int, ...]
    ends: str
    earliest: str


def consequences(content: Mapping[str, Any]) -> list[Following]:
    """Lists and measures, each with why and what ends it; a measure below its list doesn't repeat it."""
    told = [one for one in content["consequences"] if one["kind"] in KINDS]
    lists = {one["case"]: one for one in told if one["kind"] == "list"}
    return [_following(one, lists.get(one["case"]) if one["kind"] == "measure" else None) for one in told]


def _following(one: Mapping[str, Any], of: Mapping[str, Any] | None) -> Following:
    because = one["because"]
    name, listed = (_both(one, "name"), _both(one, "list_name"))
    decided = gettext("决定 %(number)s") % {"number": because["decision"]} if because["decision"] else ""
    why = "  ".join(filter(None, ("" if one["kind"] == "list" else listed, decided)))
    earliest = one["earliest_end"] or ""
    return Following(
        kind=name or listed,
        under=of is not None,
        since=one["since"],
        until=one["until"] or "",
        because=why if of is None else "",
        law=words.cited(because["law"], because["article"] or "") if because["law"] else "",
        records=tuple(each["id"] for each in because["records"]) if of is None else (),
        ends=_both(one, "ends_when"),
        earliest=earliest if of is None or earliest != of["earliest_end"] else "",
    )


def _both(one: Mapping[str, Any], name: str) -> str:
    return say((one.get(f"{name}_zh") or "", one.get(f"{name}_en") or ""))


def remedies(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What may be done, with the law."""
    return [
        (one["en"] if words.english() else one["zh"], words.cited(one["law"], one["article"]))
        for one in content["remedies"]
    ]


def gone(found: Mapping[str, Sequence[int]]) -> list[str]:
    """What became of records since: '已撤回 2条（存证号…）'."""
    return [
        gettext("%(n)s条%(why)s（存证号 %(ids)s）")
        % {"n": len(ids), "why": say(GONE[why]), "ids": words.joined([str(one) for one in ids[:20]])}
        for why, ids in found.items()
    ]


def notes(content: Mapping[str, Any]) -> list[str]:
    """What must be known to read it."""
    found = [
        gettext(
            "本报告列出截至%(day)s有关单位报送的信息，只列事实、来源和依据，不评分，不排名，也不是对该主体的总体评价。"
        )
        % {"day": content["as_of"]},
        gettext("没有记录不表示信用好或不好；报送有迟早。以作出决定的机关的原件为准。"),
    ]
    if content["version"] == "public":
        found.append(
            gettext(
                "公开版只含今天依法公示的信息。公示期届满、已撤回的信息不再公示，请勿继续使用本报告中的旧信息。"
            )
        )
    else:
        found.append(
            gettext(
                "授权版含不公示的信息，只能用于所载明的目的，不得转给他人；每次查询都记入账本，主体本人可以查看。"
            )
        )
        if content.get("purpose"):
            found.append(gettext("查询目的：%(purpose)s") % {"purpose": content["purpose"]})
    if content["subject"]["kind"] in ("natural_person", "individual_business"):
        found.append(gettext("对自然人，只处理其作为电子商务经营者、从业人员的信息；证件号码已遮盖。"))
    if content["more_records"]:
        found.append(gettext("信息较多，本报告只列最近的%(n)s条。") % {"n": len(content["records"])})
    if content["records_left_out"]:
        found.append(
            gettext("另有%(n)s条信息不在查询人的权限以内，没有列出。") % {"n": content["records_left_out"]}
        )
    return found


def item_names(ids: Iterable[str]) -> str:
    """Names of items in a row."""
    known = ((one, item_of(one)) for one in ids)
    return words.joined([say((item.name_zh, item.name_en)) if item else id for id, item in known])
